//! What a file is, for `certs inspect`: every private key, certificate and request in it, told
//! without showing any secret. A block that can't be read is told as well; the others still are.

use std::fmt;

use serde::Serialize;

use crate::keys::{Certificate, Form, Item, KeyError, PrivateKey, PublicKey, Request, StoreContents, items};

/// One thing in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Thing {
    /// A private key.
    PrivateKey {
        /// Its form in the file: `PKCS#1`, `PKCS#8` or `SEC1`.
        form: &'static str,
        /// Whether a passphrase had to open it.
        encrypted: bool,
        /// Its public half.
        #[serde(flatten)]
        key: KeyFacts,
    },
    /// A public key.
    PublicKey(KeyFacts),
    /// A certificate.
    Certificate(Box<CertificateFacts>),
    /// A certificate signing request.
    Request {
        /// For whom a certificate is asked.
        subject: String,
        /// The key that is to be certified.
        #[serde(flatten)]
        key: KeyFacts,
    },
    /// Something that is not used here, or that can't be read.
    Unusable {
        /// What it is taken for.
        what: &'static str,
        /// Why it can't be used, as the rest of a sentence that begins with the file's name.
        problem: Option<String>,
        /// What to do about it.
        help: Option<String>,
    },
}

/// A key, as both halves and certificates have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeyFacts {
    /// Its kind, such as `RSA-2048`.
    pub key: String,
    /// The SHA-256 of its public half: the same for a key and the certificate that belongs to it.
    pub public_key: String,
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateFacts {
    /// Whom it is for.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// Whether both are the same.
    pub self_issued: bool,
    /// The serial number in hexadecimal.
    pub serial_hex: String,
    /// The serial number in decimal.
    pub serial_decimal: String,
    /// The moment from which it is valid (RFC 3339).
    pub not_before: String,
    /// The last moment at which it is valid (RFC 3339).
    pub not_after: String,
    /// The version of X.509, 1 or 3.
    pub version: u8,
    /// Whether it may sign other certificates.
    pub authority: bool,
    /// What its key may do; none when it does not say.
    pub key_usage: Option<Vec<&'static str>>,
    /// What it is for; none when it does not say.
    pub extended_key_usage: Option<Vec<String>>,
    /// The DNS names and addresses that it is for.
    pub alternative_names: Vec<String>,
    /// What it says of itself as a qualified certificate; none when it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub qualified: Option<QualifiedFacts>,
    /// The SHA-256 of the whole certificate.
    pub fingerprint: String,
    /// The key that it certifies.
    #[serde(flatten)]
    pub key: KeyFacts,
}

/// What a certificate says of itself as a qualified one: claims, which its issuer answers for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QualifiedFacts {
    /// Whether it claims to be qualified under eIDAS.
    pub compliant: bool,
    /// What it is for: `QWAC (web)`, `QSealC (eseal)`.
    pub kinds: Vec<String>,
    /// The identifier of its owner, such as `PSDES-BDE-3DFD21`.
    pub organization_identifier: Option<String>,
    /// What its owner may do under PSD2: `PSP_AS`, `PSP_PI`, `PSP_AI`, `PSP_IC`.
    pub roles: Vec<&'static str>,
    /// The authority that lets it: name and identifier.
    pub authority: Option<(String, String)>,
}

/// Everything in a file, in order; what is encrypted is opened with the passphrase.
pub fn inspect(bytes: &[u8], passphrase: Option<&str>) -> Result<Vec<Thing>, KeyError> {
    let items = items(bytes)?;
    let things = items.iter().map(|item| match item.form {
        Form::Pkcs12 => stored(item, passphrase),
        _ => vec![thing(item, passphrase)],
    });
    Ok(things.flatten().collect())
}

/// What is in a store.
fn stored(item: &Item, passphrase: Option<&str>) -> Vec<Thing> {
    match StoreContents::read(item.der(), passphrase) {
        Ok(StoreContents { keys, certificates }) => {
            let keys = keys.iter().map(|key| Thing::PrivateKey {
                form: "PKCS#12",
                encrypted: true,
                key: facts(key.public()),
            });
            let certificates =
                certificates.iter().map(|it| Thing::Certificate(Box::new(CertificateFacts::from(it))));
            keys.chain(certificates).collect()
        }
        Err(error) => vec![unusable(item, &error)],
    }
}

fn thing(item: &Item, passphrase: Option<&str>) -> Thing {
    let read = match item.form {
        Form::Pkcs1 => private(item, "PKCS#1"),
        Form::Pkcs8 => private(item, "PKCS#8"),
        Form::Sec1 => private(item, "SEC1"),
        Form::Spki | Form::Pkcs1Public => PublicKey::from_item(item).map(|key| Thing::PublicKey(facts(&key))),
        Form::Certificate => {
            Certificate::from_item(item).map(|it| Thing::Certificate(Box::new(CertificateFacts::from(&it))))
        }
        Form::Request => Request::from_item(item).map(|request| Thing::Request {
            subject: request.subject().to_owned(),
            key: facts(request.public_key()),
        }),
        Form::Encrypted => encrypted(item, passphrase),
        Form::RevocationList
        | Form::OpenSsh
        | Form::OpenSshPublic
        | Form::Pkcs12
        | Form::Pkcs7
        | Form::Other => Ok(Thing::Unusable { what: item.form.described(), problem: None, help: None }),
    };
    read.unwrap_or_else(|error| unusable(item, &error))
}

fn unusable(item: &Item, error: &KeyError) -> Thing {
    let locked = matches!(error, KeyError::Encrypted(_) | KeyError::StoreLocked);
    let open = "give it with `--passphrase-env NAME` or `--passphrase-file FILE`";
    Thing::Unusable {
        what: item.form.described(),
        problem: Some(error.to_string()),
        help: error.help().or_else(|| locked.then(|| open.to_owned())),
    }
}

fn encrypted(item: &Item, passphrase: Option<&str>) -> Result<Thing, KeyError> {
    let key = match passphrase {
        Some(passphrase) => PrivateKey::decrypt(item, passphrase)?,
        None => PrivateKey::from_item(item)?,
    };
    Ok(Thing::PrivateKey { form: "PKCS#8", encrypted: true, key: facts(key.public()) })
}

fn private(item: &Item, form: &'static str) -> Result<Thing, KeyError> {
    Ok(Thing::PrivateKey { form, encrypted: false, key: facts(PrivateKey::from_item(item)?.public()) })
}

fn facts(key: &PublicKey) -> KeyFacts {
    KeyFacts { key: key.kind().to_string(), public_key: key.fingerprint() }
}

impl From<&Certificate> for CertificateFacts {
    fn from(certificate: &Certificate) -> Self {
        let moment = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        Self {
            subject: certificate.subject().to_owned(),
            issuer: certificate.issuer().to_owned(),
            self_issued: certificate.is_self_issued(),
            serial_hex: certificate.serial_hex(),
            serial_decimal: certificate.serial_decimal().to_owned(),
            not_before: moment(certificate.not_before()),
            not_after: moment(certificate.not_after()),
            version: if certificate.is_v1() { 1 } else { 3 },
            authority: certificate.is_ca(),
            key_usage: certificate.key_usage().map(<[_]>::to_vec),
            extended_key_usage: certificate.extended_key_usage().map(<[_]>::to_vec),
            alternative_names: certificate.alternative_names().to_vec(),
            qualified: qualified(certificate),
            fingerprint: certificate.fingerprint(),
            key: facts(certificate.public_key()),
        }
    }
}

fn qualified(certificate: &Certificate) -> Option<QualifiedFacts> {
    let qualified = certificate.qualified()?;
    let psd2 = qualified.psd2.as_ref();
    Some(QualifiedFacts {
        compliant: qualified.compliant,
        kinds: qualified.kinds.iter().map(ToString::to_string).collect(),
        organization_identifier: certificate.organization_identifier().map(str::to_owned),
        roles: psd2.map(|psd2| psd2.roles.iter().map(|role| role.name()).collect()).unwrap_or_default(),
        authority: psd2.map(|psd2| (psd2.authority.clone(), psd2.authority_id.clone())),
    })
}

impl Thing {
    /// What it is, in a few words: the heading above [`Thing::rows`].
    pub fn title(&self) -> String {
        match self {
            Self::PrivateKey { form, encrypted: true, .. } => format!("private key, {form}, encrypted"),
            Self::PrivateKey { form, .. } => format!("private key, {form}"),
            Self::PublicKey(_) => "public key".to_owned(),
            Self::Certificate(facts) => format!("certificate, X.509 v{}", facts.version),
            Self::Request { .. } => "certificate signing request".to_owned(),
            Self::Unusable { what, .. } => {
                let bare = what.strip_prefix("a ").or_else(|| what.strip_prefix("an "));
                bare.unwrap_or(what).to_owned()
            }
        }
    }

    /// The facts to show, name and value.
    pub fn rows(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::PrivateKey { key, .. } | Self::PublicKey(key) => key.rows(),
            Self::Certificate(facts) => facts.rows(),
            Self::Request { subject, key } => [vec![("subject", subject.clone())], key.rows()].concat(),
            Self::Unusable { problem, help, .. } => {
                let told = |name, value: &Option<String>| value.clone().map(|value| (name, value));
                [told("problem", problem), told("help", help)].into_iter().flatten().collect()
            }
        }
    }
}

impl KeyFacts {
    fn rows(&self) -> Vec<(&'static str, String)> {
        vec![("key", self.key.clone()), ("public key", self.public_key.clone())]
    }
}

impl CertificateFacts {
    fn rows(&self) -> Vec<(&'static str, String)> {
        let issuer = if self.self_issued { "itself".to_owned() } else { self.issuer.clone() };
        let mut rows = vec![
            ("subject", self.subject.clone()),
            ("issuer", issuer),
            ("valid", format!("{} to {}", self.not_before, self.not_after)),
            ("serial", format!("{} ({})", self.serial_hex, self.serial_decimal)),
        ];
        if self.authority {
            rows.push(("authority", "yes, it may sign other certificates".to_owned()));
        }
        rows.extend(self.key_usage.iter().map(|usage| ("key usage", usage.join(", "))));
        rows.extend(self.extended_key_usage.iter().map(|usage| ("made for", usage.join(", "))));
        if !self.alternative_names.is_empty() {
            rows.push(("names", self.alternative_names.join(", ")));
        }
        rows.extend(self.qualified.iter().flat_map(QualifiedFacts::rows));
        rows.push(("fingerprint", self.fingerprint.clone()));
        rows.extend(self.key.rows());
        rows
    }
}

impl QualifiedFacts {
    fn rows(&self) -> Vec<(&'static str, String)> {
        let listed = |name, values: Vec<String>| (!values.is_empty()).then(|| (name, values.join(", ")));
        let claim = if self.compliant { "says so" } else { "does not say so" };
        let kinds = [self.kinds.clone(), vec![claim.to_owned()]].concat();
        let authority = self.authority.iter().map(|(name, id)| format!("{name} ({id})")).collect();
        let rows = [
            listed("qualified", kinds),
            listed("provider", self.organization_identifier.clone().into_iter().collect()),
            listed("PSD2 roles", self.roles.iter().map(|role| (*role).to_owned()).collect()),
            listed("PSD2 by", authority),
        ];
        rows.into_iter().flatten().collect()
    }
}

/// The title, and the facts below it in two columns.
impl fmt::Display for Thing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.title())?;
        self.rows().iter().try_for_each(|(name, value)| write!(formatter, "\n  {name:<12} {value}"))
    }
}
