//! Private keys and shared secrets made ready to sign: parsed once, used for every request.
//!
//! RSA keys of 2048 bits and more sign in aws-lc, three times faster; smaller ones, which it
//! refuses, sign in `rsa`. Both give the same bytes, and a test says so.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};
use aws_lc_rs::{error::Unspecified, hmac};
use rsa::pkcs8::DecodePrivateKey;
use rsa::signature::{SignatureEncoding, Signer as _};
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use super::SignError;
use super::algorithm::{Algorithm, EcdsaForm, Material};
use super::external::{Call, External};
use crate::keys::{KeyKind, PrivateKey};
use crate::limits;

/// What signs: a private key, or a secret that both sides know. It has no `Debug`.
pub struct SigningKey(Kept);

enum Kept {
    Pair(PrivateKey),
    Secret(Zeroizing<Vec<u8>>),
    Elsewhere(Arc<External>),
}

/// A key parsed for one algorithm.
pub(super) struct Ready {
    algorithm: Algorithm,
    key: Parsed,
}

enum Parsed {
    Rsa(Box<RsaKeyPair>, &'static dyn RsaEncoding),
    SmallRsa(Box<rsa::PrivateKey>),
    Ecdsa(Box<EcdsaKeyPair>),
    Ed25519(Box<Ed25519KeyPair>),
    /// The key, and the secret that it is made of: some schemes derive others from it.
    Hmac(Box<hmac::Key>, Zeroizing<Vec<u8>>),
    /// A program signs; it is told the key id.
    Elsewhere {
        signer: Arc<External>,
        form: EcdsaForm,
        key_id: String,
    },
    /// Signs nothing.
    Rehearsal,
}

impl SigningKey {
    /// A secret that both sides know, for HMAC.
    pub fn secret(bytes: &[u8]) -> Self {
        Self(Kept::Secret(Zeroizing::new(bytes.to_vec())))
    }

    /// The same with its secret decoded; a key pair is what it is. `None` when that can't be done.
    pub(super) fn decoded(self, decode: impl FnOnce(&[u8]) -> Option<Zeroizing<Vec<u8>>>) -> Option<Self> {
        match self.0 {
            Kept::Secret(secret) => decode(&secret).map(|secret| Self(Kept::Secret(secret))),
            pair @ (Kept::Pair(_) | Kept::Elsewhere(_)) => Some(Self(pair)),
        }
    }

    /// What it is, as far as algorithms care.
    pub fn material(&self) -> Material {
        match &self.0 {
            Kept::Pair(key) => Material::Pair(key.kind()),
            Kept::Secret(_) => Material::Secret,
            Kept::Elsewhere(signer) => signer.material(),
        }
    }
}

impl From<PrivateKey> for SigningKey {
    fn from(key: PrivateKey) -> Self {
        Self(Kept::Pair(key))
    }
}

impl From<External> for SigningKey {
    fn from(signer: External) -> Self {
        Self(Kept::Elsewhere(Arc::new(signer)))
    }
}

impl Ready {
    /// Parses the key; refuses one that does not fit the algorithm.
    pub fn new(key: &SigningKey, algorithm: Algorithm, form: EcdsaForm) -> Result<Self, SignError> {
        let material = key.material();
        let algorithm = algorithm.with(material).ok_or(SignError::WrongKey { algorithm, material })?;
        let key = match &key.0 {
            Kept::Secret(secret) if secret.is_empty() => return Err(SignError::EmptySecret),
            Kept::Secret(secret) => of_secret(algorithm, secret.clone()),
            Kept::Elsewhere(signer) => {
                signer.check(algorithm)?;
                Parsed::Elsewhere { signer: Arc::clone(signer), form, key_id: String::new() }
            }
            Kept::Pair(key) => parse(key, algorithm, form).ok_or(SignError::DamagedKey { material })?,
        };
        Ok(Self { algorithm, key })
    }

    /// How it signs.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The same without the key: its signatures are zeros, so that what is done with a signature can be
    /// rehearsed too.
    pub fn rehearsal(&self) -> Self {
        Self { algorithm: self.algorithm, key: Parsed::Rehearsal }
    }

    /// Whether a program signs.
    pub fn is_elsewhere(&self) -> bool {
        matches!(self.key, Parsed::Elsewhere { .. })
    }

    /// The same with the key id of one message, where whoever signs wants to know it.
    pub fn told(&self, key_id: &str) -> Option<Self> {
        let Parsed::Elsewhere { signer, form, .. } = &self.key else { return None };
        let key = Parsed::Elsewhere { signer: Arc::clone(signer), form: *form, key_id: key_id.to_owned() };
        Some(Self { algorithm: self.algorithm, key })
    }

    /// The key that a scheme derives from the shared secret. A rehearsal has none and stays one; of
    /// a key pair nothing is derived.
    pub fn derive(&self, make: impl FnOnce(&[u8]) -> Zeroizing<Vec<u8>>) -> Self {
        let key = match &self.key {
            Parsed::Hmac(_, secret) => of_secret(self.algorithm, make(secret)),
            _ => Parsed::Rehearsal,
        };
        Self { algorithm: self.algorithm, key }
    }

    /// The signature of the text.
    pub fn sign(&self, text: &[u8]) -> Result<Vec<u8>, SignError> {
        let signed = match &self.key {
            Parsed::Rsa(key, padding) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(*padding, &SystemRandom::new(), text, &mut signature).map(|()| signature)
            }
            Parsed::SmallRsa(key) => small_rsa(key, self.algorithm, text).ok_or(Unspecified),
            Parsed::Ecdsa(key) => key.sign(&SystemRandom::new(), text).map(|made| made.as_ref().to_vec()),
            Parsed::Ed25519(key) => key.try_sign(text).map(|made| made.as_ref().to_vec()),
            Parsed::Hmac(key, _) => Ok(hmac::sign(key, text).as_ref().to_vec()),
            Parsed::Elsewhere { signer, form, key_id } => {
                return signer.sign(&Call { algorithm: self.algorithm, form: *form, key_id }, text);
            }
            Parsed::Rehearsal => Ok(vec![0; 32]),
        };
        signed.map_err(|_| SignError::Refused { algorithm: self.algorithm })
    }
}

fn of_secret(algorithm: Algorithm, secret: Zeroizing<Vec<u8>>) -> Parsed {
    Parsed::Hmac(Box::new(hmac::Key::new(hmac_of(algorithm), &secret)), secret)
}

fn parse(key: &PrivateKey, algorithm: Algorithm, form: EcdsaForm) -> Option<Parsed> {
    Some(match key.kind() {
        KeyKind::Rsa(bits) if bits >= limits::RSA_BITS => {
            Parsed::Rsa(Box::new(RsaKeyPair::from_pkcs8(key.pkcs8()).ok()?), padding(algorithm)?)
        }
        KeyKind::Rsa(_) => Parsed::SmallRsa(Box::new(rsa::PrivateKey::from_pkcs8_der(key.pkcs8()).ok()?)),
        KeyKind::P256 => {
            ecdsa([&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P256_SHA256_FIXED_SIGNING], form, key)?
        }
        KeyKind::P384 => {
            ecdsa([&ECDSA_P384_SHA384_ASN1_SIGNING, &ECDSA_P384_SHA384_FIXED_SIGNING], form, key)?
        }
        KeyKind::P521 => {
            ecdsa([&ECDSA_P521_SHA512_ASN1_SIGNING, &ECDSA_P521_SHA512_FIXED_SIGNING], form, key)?
        }
        KeyKind::Ed25519 => {
            Parsed::Ed25519(Box::new(Ed25519KeyPair::from_pkcs8_maybe_unchecked(key.pkcs8()).ok()?))
        }
    })
}

fn ecdsa(
    [der, raw]: [&'static EcdsaSigningAlgorithm; 2],
    form: EcdsaForm,
    key: &PrivateKey,
) -> Option<Parsed> {
    let algorithm = match form {
        EcdsaForm::Der => der,
        EcdsaForm::Raw => raw,
    };
    Some(Parsed::Ecdsa(Box::new(EcdsaKeyPair::from_pkcs8(algorithm, key.pkcs8()).ok()?)))
}

fn padding(algorithm: Algorithm) -> Option<&'static dyn RsaEncoding> {
    match algorithm {
        Algorithm::RsaSha256 => Some(&RSA_PKCS1_SHA256),
        Algorithm::RsaSha512 => Some(&RSA_PKCS1_SHA512),
        Algorithm::RsaPssSha256 => Some(&RSA_PSS_SHA256),
        Algorithm::RsaPssSha512 => Some(&RSA_PSS_SHA512),
        Algorithm::HmacSha1
        | Algorithm::HmacSha256
        | Algorithm::HmacSha512
        | Algorithm::EcdsaSha256
        | Algorithm::EcdsaSha384
        | Algorithm::EcdsaSha512
        | Algorithm::Ed25519
        | Algorithm::Hs2019 => None,
    }
}

pub(super) fn hmac_of(algorithm: Algorithm) -> hmac::Algorithm {
    match algorithm {
        Algorithm::HmacSha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::HmacSha256 => hmac::HMAC_SHA256,
        _ => hmac::HMAC_SHA512,
    }
}

/// Signs with a key that aws-lc finds too small; `None` when it is too small for the padding.
fn small_rsa(key: &rsa::PrivateKey, algorithm: Algorithm, text: &[u8]) -> Option<Vec<u8>> {
    let key = key.clone();
    // `new`, never `new_unprefixed`: that one leaves the name of the hash out of the padding.
    Some(match algorithm {
        Algorithm::RsaSha256 => rsa::pkcs1v15::SigningKey::<Sha256>::new(key).try_sign(text).ok()?.to_vec(),
        Algorithm::RsaSha512 => rsa::pkcs1v15::SigningKey::<Sha512>::new(key).try_sign(text).ok()?.to_vec(),
        Algorithm::RsaPssSha256 => rsa::pss::SigningKey::<Sha256>::new(key).try_sign(text).ok()?.to_vec(),
        Algorithm::RsaPssSha512 => rsa::pss::SigningKey::<Sha512>::new(key).try_sign(text).ok()?.to_vec(),
        Algorithm::HmacSha1
        | Algorithm::HmacSha256
        | Algorithm::HmacSha512
        | Algorithm::EcdsaSha256
        | Algorithm::EcdsaSha384
        | Algorithm::EcdsaSha512
        | Algorithm::Ed25519
        | Algorithm::Hs2019 => return None,
    })
}
