//! The mirror of signing: whether a signature is of a text and a key.
//!
//! Verifying accepts RSA keys that are too small to be safe: a sandbox and a test vector must be
//! able to say whether the signature fits; whether the key is good is said elsewhere.

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED,
    ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_FIXED, ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, UnparsedPublicKey, VerificationAlgorithm,
};
use rsa::pkcs8::DecodePublicKey;
use rsa::signature::Verifier as _;
use sha2::{Sha256, Sha512};

use super::algorithm::{Algorithm, EcdsaForm, Material};
use super::key::hmac_of;
use crate::keys::PublicKey;

/// What verifies: a public key, or the secret that both sides know.
#[derive(Clone, Copy)]
pub enum VerifyingKey<'a> {
    /// The public half of the signer's key pair.
    Public(&'a PublicKey),
    /// The shared secret.
    Secret(&'a [u8]),
}

impl VerifyingKey<'_> {
    /// What it is, as far as algorithms care.
    pub fn material(&self) -> Material {
        match self {
            Self::Public(key) => Material::Pair(key.kind()),
            Self::Secret(_) => Material::Secret,
        }
    }
}

/// Whether `signature` is of `text` and this key. A key of the wrong kind for the algorithm
/// verifies nothing; secrets are compared in constant time.
pub fn verify(key: VerifyingKey<'_>, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
    verify_in(EcdsaForm::Der, key, algorithm, text, signature)
}

/// [`verify`] where ECDSA signatures are written in this form.
pub fn verify_in(
    form: EcdsaForm,
    key: VerifyingKey<'_>,
    algorithm: Algorithm,
    text: &[u8],
    signature: &[u8],
) -> bool {
    let Some(algorithm) = algorithm.with(key.material()) else { return false };
    match key {
        VerifyingKey::Secret(secret) => verify_hmac(secret, algorithm, text, signature),
        VerifyingKey::Public(key) => verify_public(key, (algorithm, form), text, signature),
    }
}

fn verify_hmac(secret: &[u8], algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
    let key = |secret| hmac::Key::new(hmac_of(algorithm), secret);
    !secret.is_empty() && hmac::verify(&key(secret), text, signature).is_ok()
}

fn verify_public(
    key: &PublicKey,
    (algorithm, form): (Algorithm, EcdsaForm),
    text: &[u8],
    signature: &[u8],
) -> bool {
    let with = |how: &'static dyn VerificationAlgorithm| {
        UnparsedPublicKey::new(how, key.spki()).verify(text, signature).is_ok()
    };
    match algorithm {
        Algorithm::RsaSha256 => with(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
        Algorithm::RsaSha512 => with(&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
        Algorithm::RsaPssSha256 | Algorithm::RsaPssSha512 => {
            verify_pss(key, (algorithm, Salt::OfHash), text, signature).is_some()
        }
        Algorithm::EcdsaSha256 => with(in_form(form, &ECDSA_P256_SHA256_ASN1, &ECDSA_P256_SHA256_FIXED)),
        Algorithm::EcdsaSha384 => with(in_form(form, &ECDSA_P384_SHA384_ASN1, &ECDSA_P384_SHA384_FIXED)),
        Algorithm::EcdsaSha512 => with(in_form(form, &ECDSA_P521_SHA512_ASN1, &ECDSA_P521_SHA512_FIXED)),
        Algorithm::Ed25519 => with(&ED25519),
        Algorithm::HmacSha1 | Algorithm::HmacSha256 | Algorithm::HmacSha512 | Algorithm::Hs2019 => false,
    }
}

fn in_form<T>(form: EcdsaForm, der: T, raw: T) -> T {
    match form {
        EcdsaForm::Der => der,
        EcdsaForm::Raw => raw,
    }
}

/// Whether it is an RSASSA-PSS signature of `text` whatever the length of its salt: some libraries
/// take the longest one that fits unless told otherwise.
pub(super) fn verify_any_salt(
    key: VerifyingKey<'_>,
    algorithm: Algorithm,
    text: &[u8],
    signature: &[u8],
) -> bool {
    let VerifyingKey::Public(key) = key else { return false };
    verify_pss(key, (algorithm, Salt::Any), text, signature).is_some()
}

/// How long the salt of RSASSA-PSS must be.
#[derive(Clone, Copy)]
enum Salt {
    /// As long as the hash.
    OfHash,
    /// Of any length.
    Any,
}

/// PSS in `rsa`, which has no lower bound for the key.
fn verify_pss(
    key: &PublicKey,
    (algorithm, salt): (Algorithm, Salt),
    text: &[u8],
    signature: &[u8],
) -> Option<()> {
    let key = rsa::PublicKey::from_public_key_der(key.spki()).ok()?;
    let signature = rsa::pss::Signature::try_from(signature).ok()?;
    let verified = match (algorithm, salt) {
        (Algorithm::RsaPssSha256, Salt::OfHash) => {
            rsa::pss::VerifyingKey::<Sha256>::new(key).verify(text, &signature)
        }
        (Algorithm::RsaPssSha256, Salt::Any) => {
            rsa::pss::VerifyingKey::<Sha256>::new_with_auto_salt_len(key).verify(text, &signature)
        }
        (Algorithm::RsaPssSha512, Salt::OfHash) => {
            rsa::pss::VerifyingKey::<Sha512>::new(key).verify(text, &signature)
        }
        (Algorithm::RsaPssSha512, Salt::Any) => {
            rsa::pss::VerifyingKey::<Sha512>::new_with_auto_salt_len(key).verify(text, &signature)
        }
        _ => return None,
    };
    verified.ok()
}
