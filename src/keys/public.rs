//! Public keys. All are kept in one form (RSA without PSS parameters, curve points uncompressed),
//! because whether a key and a certificate belong together is asked by comparing these bytes.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::{self, ParsedPublicKey, VerificationAlgorithm};
use data_encoding::HEXLOWER;
use pkcs8::ObjectIdentifier;
use pkcs8::der::asn1::{AnyRef, BitStringRef};
use pkcs8::der::{Decode, Encode};
use pkcs8::spki::{AlgorithmIdentifier, SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};
use rsa::pkcs1;
use sha2::{Digest, Sha256};

use super::certificate::Certificate;
use super::error::{KeyError, Wanted};
use super::form::{Form, Item, items};
use super::{KeyKind, RSA_BITS, pem};

pub(super) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(super) const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
pub(super) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: KeyKind,
    spki: Vec<u8>,
}

/// What a public key is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Numbers {
    /// Modulus and exponent, big-endian without leading zeros.
    Rsa {
        /// The modulus.
        modulus: Vec<u8>,
        /// The public exponent.
        exponent: Vec<u8>,
    },
    /// A point: of Ed25519 as RFC 8032 writes it, else uncompressed (SEC 1, section 2.3.3).
    Point(Vec<u8>),
}

impl PublicKey {
    /// Reads a public key from PEM or DER: `SubjectPublicKeyInfo`, PKCS#1, or the one of a
    /// certificate; of several certificates, the first.
    pub fn read(bytes: &[u8]) -> Result<Self, KeyError> {
        let items = items(bytes)?;
        let keys: Vec<&Item> = items.iter().filter(|item| item.form.is_public_key()).collect();
        let certificate = || items.iter().find(|item| item.form == Form::Certificate);
        match keys.as_slice() {
            [key] => Self::from_item(key),
            [] => match certificate() {
                Some(certificate) => Ok(Certificate::from_item(certificate)?.public_key().clone()),
                None => Err(KeyError::Wrong { found: items[0].form, wanted: Wanted::PublicKey }),
            },
            several => Err(KeyError::Several { wanted: Wanted::PublicKey, count: several.len() }),
        }
    }

    /// What it is.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key as `SubjectPublicKeyInfo` DER (RFC 5280, section 4.1).
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// What it is made of.
    pub fn numbers(&self) -> Numbers {
        let info = SubjectPublicKeyInfoRef::from_der(&self.spki).expect("it was written by us");
        let key = info.subject_public_key.raw_bytes();
        let Ok(rsa) = pkcs1::RsaPublicKeyRef::from_der(key) else { return Numbers::Point(key.to_vec()) };
        let [modulus, exponent] = [rsa.modulus, rsa.public_exponent].map(|number| number.as_bytes().to_vec());
        Numbers::Rsa { modulus, exponent }
    }

    /// The SHA-256 of [`PublicKey::spki`].
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.spki).into()
    }

    /// The SHA-256 of [`PublicKey::spki`] as people compare it: `sha256:` and 64 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        format!("sha256:{}", HEXLOWER.encode(&self.sha256()))
    }

    /// The key as PEM.
    pub fn to_pem(&self) -> String {
        pem::encode("PUBLIC KEY", &self.spki).to_string()
    }

    /// The key of an item that is a public key.
    pub fn from_item(item: &Item) -> Result<Self, KeyError> {
        let read = match item.form {
            Form::Pkcs1Public => Self::from_pkcs1(item.der()),
            Form::Spki => Self::from_spki(item.der()),
            found => return Err(KeyError::Wrong { found, wanted: Wanted::PublicKey }),
        };
        read.map_err(|error| error.at(Wanted::PublicKey, item.line))
    }

    /// From `SubjectPublicKeyInfo` in DER.
    pub(super) fn from_spki(spki: &[u8]) -> Result<Self, Fault> {
        let info = SubjectPublicKeyInfoRef::from_der(spki)?;
        let key = info.subject_public_key.as_bytes().ok_or(Fault::Broken)?;
        match info.algorithm.oid {
            RSA | RSA_PSS => Self::from_pkcs1(key),
            EC => {
                let curve = info.algorithm.parameters_oid().map_err(|_| explicit_curve())?;
                Self::from_curve(curve_kind(curve)?, key)
            }
            ED25519 => Self::from_curve(KeyKind::Ed25519, key),
            other => Err(unsupported(other)),
        }
    }

    /// From `RSAPublicKey` in DER.
    pub(super) fn from_pkcs1(der: &[u8]) -> Result<Self, Fault> {
        let key = pkcs1::RsaPublicKeyRef::from_der(der)?;
        let bits = rsa_bits(key.modulus.as_bytes())?;
        let info = SubjectPublicKeyInfo {
            algorithm: AlgorithmIdentifier { oid: RSA, parameters: Some(AnyRef::NULL) },
            subject_public_key: BitStringRef::from_bytes(der)?,
        };
        Ok(Self { kind: KeyKind::Rsa(bits), spki: info.to_der()? })
    }

    /// From a point on a curve, compressed or not.
    pub(super) fn from_curve(kind: KeyKind, point: &[u8]) -> Result<Self, Fault> {
        let algorithm: &'static dyn VerificationAlgorithm = match kind {
            KeyKind::P256 => &signature::ECDSA_P256_SHA256_ASN1,
            KeyKind::P384 => &signature::ECDSA_P384_SHA384_ASN1,
            KeyKind::P521 => &signature::ECDSA_P521_SHA512_ASN1,
            KeyKind::Ed25519 => &signature::ED25519,
            KeyKind::Rsa(_) => return Err(Fault::Broken),
        };
        let parsed = ParsedPublicKey::new(algorithm, point).map_err(|_| Fault::Broken)?;
        let spki: PublicKeyX509Der<'_> = parsed.as_der().map_err(|_| Fault::Broken)?;
        Ok(Self { kind, spki: spki.as_ref().to_vec() })
    }
}

/// Why DER is not a key: found deep inside, where nobody knows which file or line it is.
#[derive(Debug)]
pub(super) enum Fault {
    Broken,
    Algorithm(String),
    RsaSize(usize),
}

impl Fault {
    pub(super) fn at(self, wanted: Wanted, line: Option<usize>) -> KeyError {
        match self {
            Self::Broken => KeyError::Broken { wanted, line },
            Self::Algorithm(name) => KeyError::Algorithm(name),
            Self::RsaSize(bits) => KeyError::RsaSize(bits),
        }
    }
}

impl From<pkcs8::der::Error> for Fault {
    fn from(_: pkcs8::der::Error) -> Self {
        Self::Broken
    }
}

/// The size of a modulus; checked before any arithmetic, which takes minutes for a huge one.
pub(super) fn rsa_bits(modulus: &[u8]) -> Result<usize, Fault> {
    let unused = modulus.first().map_or(0, |byte| byte.leading_zeros() as usize);
    let bits = modulus.len() * 8 - unused;
    if RSA_BITS.contains(&bits) { Ok(bits) } else { Err(Fault::RsaSize(bits)) }
}

pub(super) fn curve_kind(curve: ObjectIdentifier) -> Result<KeyKind, Fault> {
    match curve {
        P256 => Ok(KeyKind::P256),
        P384 => Ok(KeyKind::P384),
        P521 => Ok(KeyKind::P521),
        other => {
            let name = match other.to_string().as_str() {
                "1.2.840.10045.3.1.1" => "P-192".to_owned(),
                "1.3.132.0.33" => "P-224".to_owned(),
                "1.3.132.0.10" => "secp256k1".to_owned(),
                "1.3.36.3.3.2.8.1.1.7" => "brainpoolP256r1".to_owned(),
                oid => oid.to_owned(),
            };
            Err(Fault::Algorithm(format!("a key on the curve {name}")))
        }
    }
}

pub(super) fn explicit_curve() -> Fault {
    Fault::Algorithm("a key on a curve that is spelled out instead of named".to_owned())
}

pub(super) fn unsupported(algorithm: ObjectIdentifier) -> Fault {
    Fault::Algorithm(match algorithm.to_string().as_str() {
        "1.2.840.10040.4.1" => "a DSA key".to_owned(),
        "1.3.101.113" => "an Ed448 key".to_owned(),
        "1.3.101.110" => "an X25519 key, which can't sign".to_owned(),
        "1.3.101.111" => "an X448 key, which can't sign".to_owned(),
        oid => format!("a key of the algorithm {oid}"),
    })
}
