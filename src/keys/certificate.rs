//! Certificates. X.509 v1 is accepted like v3: `openssl x509 -req -signkey` makes v1, banks take
//! it, and the library that checks the *server's* certificates never sees ours.

use chrono::{DateTime, Utc};
use data_encoding::{HEXLOWER, HEXUPPER};
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{ExtendedKeyUsage, GeneralName, KeyUsage};
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;
use x509_parser::x509::X509Version;

use super::error::{KeyError, Wanted};
use super::form::{Form, Item, items};
use super::name::{Name, organization_identifier};
use super::public::Fault;
use super::qualified::Qualified;
use super::{PublicKey, pem};

/// A certificate, parsed; its signature is not checked here.
#[derive(Debug, Clone)]
pub struct Certificate {
    der: Vec<u8>,
    public: PublicKey,
    subject: Name,
    issuer: Name,
    serial: Vec<u8>,
    serial_decimal: String,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
    is_v1: bool,
    is_ca: bool,
    names: Vec<String>,
    key_usage: Option<Vec<&'static str>>,
    extended_key_usage: Option<Vec<String>>,
    qualified: Option<Qualified>,
    signature_algorithm: String,
    organization: Option<String>,
}

/// Two are equal when their bytes are.
impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for Certificate {}

impl Certificate {
    /// Every certificate of a PEM file in the order of the file, or the one of a DER file; at
    /// least one. Private keys beside certificates are passed over.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>, KeyError> {
        let items = items(bytes)?;
        let certificates: Vec<&Item> = items.iter().filter(|item| item.form == Form::Certificate).collect();
        if certificates.is_empty() {
            let wanted = Wanted::Certificate;
            return Err(KeyError::Wrong { found: items[0].form, wanted });
        }
        certificates.into_iter().map(Self::from_item).collect()
    }

    /// The certificate of an item that is one.
    pub fn from_item(item: &Item) -> Result<Self, KeyError> {
        match item.form {
            Form::Certificate => {
                Self::parse(item.der()).map_err(|fault| fault.at(Wanted::Certificate, item.line))
            }
            found => Err(KeyError::Wrong { found, wanted: Wanted::Certificate }),
        }
    }

    fn parse(der: &[u8]) -> Result<Self, Fault> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| Fault::Broken)?;
        if !rest.is_empty() {
            return Err(Fault::Broken);
        }
        let tbs = &parsed.tbs_certificate;
        let key_usage = tbs.key_usage().map_err(|_| Fault::Broken)?;
        let extended = tbs.extended_key_usage().map_err(|_| Fault::Broken)?;
        Ok(Self {
            der: der.to_vec(),
            public: PublicKey::from_spki(tbs.public_key().raw)?,
            subject: Name::new(tbs.subject()),
            issuer: Name::new(tbs.issuer()),
            serial: tbs.serial.to_bytes_be(),
            serial_decimal: tbs.serial.to_string(),
            not_before: moment(tbs.validity().not_before)?,
            not_after: moment(tbs.validity().not_after)?,
            is_v1: tbs.version() == X509Version::V1,
            is_ca: tbs.is_ca(),
            names: alternative_names(&parsed),
            key_usage: key_usage.map(|usage| key_usages(*usage.value)),
            extended_key_usage: extended.map(|usage| extended_key_usages(usage.value)),
            qualified: qualified(&parsed),
            organization: organization_identifier(tbs.subject()),
            signature_algorithm: parsed.signature_algorithm.algorithm.to_id_string(),
        })
    }

    /// The certificate as DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The certificate as PEM.
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der).to_string()
    }

    /// The SHA-256 of its DER.
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// [`Certificate::sha256`] as people compare it: `sha256:` and 64 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        format!("sha256:{}", HEXLOWER.encode(&self.sha256()))
    }

    /// The key that it certifies.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// Whom it is for, as RFC 4514 writes names: `CN=ing_http,O=Example,C=NL`.
    pub fn subject(&self) -> &str {
        self.subject.readable()
    }

    /// [`Certificate::subject`] in every spelling.
    pub fn subject_name(&self) -> &Name {
        &self.subject
    }

    /// Who signed it, as RFC 4514 writes names.
    pub fn issuer(&self) -> &str {
        self.issuer.readable()
    }

    /// [`Certificate::issuer`] in every spelling.
    pub fn issuer_name(&self) -> &Name {
        &self.issuer
    }

    /// The serial number, big-endian without leading zeros.
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }

    /// The serial number as `openssl x509 -serial` prints it and ING wants it in `SN=`: upper-case
    /// hexadecimal, two digits for each byte.
    pub fn serial_hex(&self) -> String {
        HEXUPPER.encode(&self.serial)
    }

    /// The serial number in decimal.
    pub fn serial_decimal(&self) -> &str {
        &self.serial_decimal
    }

    /// The moment from which it is valid.
    pub fn not_before(&self) -> DateTime<Utc> {
        self.not_before
    }

    /// The last moment at which it is valid.
    pub fn not_after(&self) -> DateTime<Utc> {
        self.not_after
    }

    /// Whether it is X.509 v1, which has no extensions.
    pub fn is_v1(&self) -> bool {
        self.is_v1
    }

    /// Whether it says that it may sign other certificates.
    pub fn is_ca(&self) -> bool {
        self.is_ca
    }

    /// Whether subject and issuer are the same.
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// The DNS names and addresses that it is for besides its subject.
    pub fn alternative_names(&self) -> &[String] {
        &self.names
    }

    /// What its key may do, in RFC 5280's words; none when it does not say.
    pub fn key_usage(&self) -> Option<&[&'static str]> {
        self.key_usage.as_deref()
    }

    /// What it is for, in RFC 5280's words or as OID; none when it does not say.
    pub fn extended_key_usage(&self) -> Option<&[String]> {
        self.extended_key_usage.as_deref()
    }

    /// Whether it may identify a client in TLS: it says so, or does not say what it is for.
    pub fn allows_client_authentication(&self) -> bool {
        self.extended_key_usage.as_ref().is_none_or(|usages| {
            usages.iter().any(|usage| usage == "clientAuth" || usage == "anyExtendedKeyUsage")
        })
    }
}

impl Certificate {
    /// What it says of itself as a qualified certificate; none when it says nothing.
    pub fn qualified(&self) -> Option<&Qualified> {
        self.qualified.as_ref()
    }

    /// The identifier of the organization that it is for, such as `PSDES-BDE-3DFD21`.
    pub fn organization_identifier(&self) -> Option<&str> {
        self.organization.as_deref()
    }

    /// The hash that it was signed over, where that can be forged: `SHA-1` or `MD5`.
    pub fn weak_hash(&self) -> Option<&'static str> {
        match self.signature_algorithm.as_str() {
            "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.3.14.3.2.29" => Some("SHA-1"),
            "1.2.840.113549.1.1.4" => Some("MD5"),
            _ => None,
        }
    }
}

fn qualified(certificate: &X509Certificate<'_>) -> Option<Qualified> {
    let statements = certificate.extensions().iter().find(|extension| {
        let oid = extension.oid.iter();
        oid.is_some_and(|parts| parts.eq(Qualified::OID.iter().copied()))
    });
    Qualified::read(statements?.value)
}

fn moment(time: ASN1Time) -> Result<DateTime<Utc>, Fault> {
    DateTime::from_timestamp(time.timestamp(), 0).ok_or(Fault::Broken)
}

fn key_usages(usage: KeyUsage) -> Vec<&'static str> {
    let all = [
        (usage.digital_signature(), "digitalSignature"),
        (usage.non_repudiation(), "nonRepudiation"),
        (usage.key_encipherment(), "keyEncipherment"),
        (usage.data_encipherment(), "dataEncipherment"),
        (usage.key_agreement(), "keyAgreement"),
        (usage.key_cert_sign(), "keyCertSign"),
        (usage.crl_sign(), "cRLSign"),
        (usage.encipher_only(), "encipherOnly"),
        (usage.decipher_only(), "decipherOnly"),
    ];
    all.into_iter().filter_map(|(set, name)| set.then_some(name)).collect()
}

fn extended_key_usages(usage: &ExtendedKeyUsage<'_>) -> Vec<String> {
    let known = [
        (usage.any, "anyExtendedKeyUsage"),
        (usage.server_auth, "serverAuth"),
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let known = known.into_iter().filter(|(set, _)| *set).map(|(_, name)| name.to_owned());
    known.chain(usage.other.iter().map(x509_parser::oid_registry::Oid::to_id_string)).collect()
}

fn alternative_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    let shown = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) | GeneralName::URI(name) | GeneralName::RFC822Name(name) => {
            Some(name.escape_default().to_string())
        }
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    };
    names.value.general_names.iter().filter_map(shown).collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    let four = <[u8; 4]>::try_from(bytes).map(|octets| std::net::Ipv4Addr::from(octets).to_string());
    let sixteen = <[u8; 16]>::try_from(bytes).map(|octets| std::net::Ipv6Addr::from(octets).to_string());
    four.or(sixteen).ok()
}
