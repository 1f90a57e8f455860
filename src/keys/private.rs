//! Private keys. RSA goes through the `rsa` crate, since aws-lc refuses what is below 2048 bits
//! and banks' examples are not always that large; everything else through aws-lc. Both check that
//! the parts of a key belong together, so that a key which was read can sign.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use pkcs8::der::Decode;
use pkcs8::{EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef};
use rsa::pkcs1;
use zeroize::Zeroizing;

use super::encrypted::readable;
use super::error::{KeyError, Wanted};
use super::form::{Form, Item, element, items};
use super::public::{self, Fault, PublicKey, curve_kind, explicit_curve, rsa_bits, unsupported};
use super::{KeyKind, pem};

/// A private key. It has no `Debug` and is wiped when dropped.
#[derive(Clone)]
pub struct PrivateKey {
    pkcs8: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

/// Two are equal when their public halves are.
impl PartialEq for PrivateKey {
    fn eq(&self, other: &Self) -> bool {
        self.public == other.public
    }
}

impl Eq for PrivateKey {}

impl PrivateKey {
    /// Reads a private key from PEM or DER: PKCS#1 (RFC 8017), PKCS#8 (RFC 5958), SEC1 (RFC 5915).
    ///
    /// Other blocks in a PEM file (certificates, curve parameters) are passed over, a second
    /// private key is refused: nobody can know which is meant.
    pub fn read(bytes: &[u8]) -> Result<Self, KeyError> {
        let items = items(bytes)?;
        let keys: Vec<&Item> = items.iter().filter(|item| item.form.is_private_key()).collect();
        match keys.as_slice() {
            [key] => Self::from_item(key),
            [] => Err(KeyError::Wrong { found: likeliest(&items), wanted: Wanted::PrivateKey }),
            several => Err(KeyError::Several { wanted: Wanted::PrivateKey, count: several.len() }),
        }
    }

    /// Makes a key pair with the system's random numbers.
    pub fn generate(kind: KeyKind) -> Result<Self, KeyError> {
        let none = |_| KeyError::NoRandomness;
        let pkcs8 = match kind {
            KeyKind::Rsa(bits) => {
                let pair = RsaKeyPair::generate(rsa_size(bits)?).map_err(none)?;
                let der: Pkcs8V1Der<'_> = pair.as_der().map_err(none)?;
                Zeroizing::new(der.as_ref().to_vec())
            }
            KeyKind::P256 => generate_ec(&ECDSA_P256_SHA256_ASN1_SIGNING)?,
            KeyKind::P384 => generate_ec(&ECDSA_P384_SHA384_ASN1_SIGNING)?,
            KeyKind::P521 => generate_ec(&ECDSA_P521_SHA512_ASN1_SIGNING)?,
            KeyKind::Ed25519 => {
                let document = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(none)?;
                Zeroizing::new(document.as_ref().to_vec())
            }
        };
        Self::from_pkcs8(&pkcs8).map_err(|fault| fault.at(Wanted::PrivateKey, None))
    }

    /// What it is.
    pub fn kind(&self) -> KeyKind {
        self.public.kind()
    }

    /// The key as PKCS#8 DER.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key as PEM, in PKCS#8.
    pub fn to_pem(&self) -> Zeroizing<String> {
        pem::encode("PRIVATE KEY", &self.pkcs8)
    }

    /// The key of an item that is a private key.
    pub fn from_item(item: &Item) -> Result<Self, KeyError> {
        let read = match item.form {
            Form::Encrypted => {
                readable(item)?;
                return Err(KeyError::Encrypted(item.armour()));
            }
            Form::Pkcs1 => Self::from_pkcs1(item.der()),
            Form::Sec1 => Self::from_sec1(item.der()),
            Form::Pkcs8 => Self::from_pkcs8(item.der()),
            found => return Err(KeyError::Wrong { found, wanted: Wanted::PrivateKey }),
        };
        read.map_err(|fault| fault.at(Wanted::PrivateKey, item.line))
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, Fault> {
        let info = PrivateKeyInfoRef::from_der(der)?;
        match info.algorithm.oid {
            public::RSA | public::RSA_PSS => Self::from_pkcs1(info.private_key.as_bytes()),
            public::EC => {
                let curve = info.algorithm.parameters_oid().map_err(|_| explicit_curve())?;
                Self::from_ec(curve_kind(curve)?, der)
            }
            public::ED25519 => Self::from_ed25519(der),
            other => Err(unsupported(other)),
        }
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, Fault> {
        let parts = pkcs1::RsaPrivateKeyRef::from_der(der)?;
        if parts.version() != pkcs1::Version::TwoPrime {
            return Err(Fault::Algorithm("an RSA key of more than two primes".to_owned()));
        }
        rsa_bits(parts.modulus.as_bytes())?;
        let Ok(key) = rsa::PrivateKey::try_from(parts) else { return Self::from_uneven_primes(der) };
        let pkcs8 = key.to_pkcs8_der().map_err(|_| Fault::Broken)?;
        let spki = key.as_public_key().to_public_key_der().map_err(|_| Fault::Broken)?;
        Ok(Self { pkcs8: pkcs8.to_bytes(), public: PublicKey::from_spki(spki.as_bytes())? })
    }

    /// `rsa` wants two primes of about one length. Few keys have others, but test-key-rsa of
    /// RFC 9421 does, and OpenSSL and aws-lc take it.
    fn from_uneven_primes(der: &[u8]) -> Result<Self, Fault> {
        let pair = RsaKeyPair::from_der(der).map_err(|_| Fault::Broken)?;
        let pkcs8: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| Fault::Broken)?;
        Ok(Self {
            pkcs8: Zeroizing::new(pkcs8.as_ref().to_vec()),
            public: PublicKey::from_pkcs1(pair.public_key().as_ref())?,
        })
    }

    fn from_sec1(der: &[u8]) -> Result<Self, Fault> {
        let curves = [KeyKind::P256, KeyKind::P384, KeyKind::P521];
        let unknown = || Fault::Algorithm("a key on an unknown curve".to_owned());
        let read = curves.into_iter().find_map(|kind| Self::from_ec(kind, der).ok());
        read.ok_or_else(|| {
            sec1_curve(der).map_or_else(unknown, |curve| match curve_kind(curve) {
                Ok(_) => Fault::Broken,
                Err(fault) => fault,
            })
        })
    }

    /// From PKCS#8 or SEC1.
    fn from_ec(kind: KeyKind, der: &[u8]) -> Result<Self, Fault> {
        let algorithm = match kind {
            KeyKind::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
            KeyKind::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
            _ => &ECDSA_P521_SHA512_ASN1_SIGNING,
        };
        let pair = EcdsaKeyPair::from_private_key_der(algorithm, der).map_err(|_| Fault::Broken)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| Fault::Broken)?;
        Ok(Self {
            pkcs8: Zeroizing::new(pkcs8.as_ref().to_vec()),
            public: PublicKey::from_curve(kind, pair.public_key().as_ref())?,
        })
    }

    fn from_ed25519(der: &[u8]) -> Result<Self, Fault> {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map_err(|_| Fault::Broken)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| Fault::Broken)?;
        Ok(Self {
            pkcs8: Zeroizing::new(pkcs8.as_ref().to_vec()),
            public: PublicKey::from_curve(KeyKind::Ed25519, pair.public_key().as_ref())?,
        })
    }
}

fn generate_ec(algorithm: &'static EcdsaSigningAlgorithm) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let pair = EcdsaKeyPair::generate(algorithm).and_then(|pair| pair.to_pkcs8v1());
    let document = pair.map_err(|_| KeyError::NoRandomness)?;
    Ok(Zeroizing::new(document.as_ref().to_vec()))
}

fn rsa_size(bits: usize) -> Result<KeySize, KeyError> {
    match bits {
        2048 => Ok(KeySize::Rsa2048),
        3072 => Ok(KeySize::Rsa3072),
        4096 => Ok(KeySize::Rsa4096),
        _ => Err(KeyError::NotMade(KeyKind::Rsa(bits))),
    }
}

/// What to call a file without a private key: curve parameters before a public key say less
/// than the public key.
fn likeliest(items: &[Item]) -> Form {
    items.iter().map(|item| item.form).find(|form| *form != Form::Other).unwrap_or(Form::Other)
}

/// The curve that a SEC1 key names in its `[0]`.
fn sec1_curve(der: &[u8]) -> Option<pkcs8::ObjectIdentifier> {
    let (_, mut rest, _) = element(der)?;
    while let Some((tag, contents, behind)) = element(rest) {
        if tag == 0xa0 {
            return pkcs8::ObjectIdentifier::from_der(contents).ok();
        }
        rest = behind;
    }
    None
}
