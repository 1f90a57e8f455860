//! The algorithms by the names of RFC 9421, section 3.3.
//!
//! `by_key` leaves the choice to the key pair, as FAPI does. A shared secret has to be named as
//! `hmac-sha256`: whoever meant a key pair and gave a secret should hear of it.

use serde::{Deserialize, Serialize};

use crate::keys::KeyKind;
use crate::sign::algorithm::{Algorithm, Material};

/// How the signature base is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub enum SignatureAlgorithm {
    /// What the key pair asks for: RSA as `rsa-pss-sha512`, P-256, P-384, Ed25519.
    #[default]
    #[serde(rename = "by_key")]
    ByKey,
    /// RSASSA-PSS with SHA-512, salt of 64 bytes.
    #[serde(rename = "rsa-pss-sha512")]
    RsaPssSha512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    #[serde(rename = "rsa-v1_5-sha256")]
    RsaV15Sha256,
    /// HMAC with SHA-256.
    #[serde(rename = "hmac-sha256")]
    HmacSha256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ecdsa-p256-sha256")]
    EcdsaP256Sha256,
    /// ECDSA on P-384 with SHA-384.
    #[serde(rename = "ecdsa-p384-sha384")]
    EcdsaP384Sha384,
    /// Ed25519.
    #[serde(rename = "ed25519")]
    Ed25519,
}

/// Those that the RFC registers.
const REGISTERED: &[(&str, Algorithm)] = &[
    ("rsa-pss-sha512", Algorithm::RsaPssSha512),
    ("rsa-v1_5-sha256", Algorithm::RsaSha256),
    ("hmac-sha256", Algorithm::HmacSha256),
    ("ecdsa-p256-sha256", Algorithm::EcdsaSha256),
    ("ecdsa-p384-sha384", Algorithm::EcdsaSha384),
    ("ed25519", Algorithm::Ed25519),
];

impl SignatureAlgorithm {
    /// What the key must fit.
    pub(super) fn algorithm(self) -> Algorithm {
        match self {
            Self::ByKey => Algorithm::Hs2019,
            Self::RsaPssSha512 => Algorithm::RsaPssSha512,
            Self::RsaV15Sha256 => Algorithm::RsaSha256,
            Self::HmacSha256 => Algorithm::HmacSha256,
            Self::EcdsaP256Sha256 => Algorithm::EcdsaSha256,
            Self::EcdsaP384Sha384 => Algorithm::EcdsaSha384,
            Self::Ed25519 => Algorithm::Ed25519,
        }
    }

    /// The algorithm to carry out with this key; `None` when the key is of the wrong kind.
    pub(super) fn with(self, material: Material) -> Option<Algorithm> {
        match (self, material) {
            (Self::ByKey, Material::Secret | Material::Pair(KeyKind::P521)) => None,
            _ => self.algorithm().with(material),
        }
    }
}

/// What the RFC calls an algorithm, if it knows it.
pub(super) fn registered_name(algorithm: Algorithm) -> Option<&'static str> {
    REGISTERED.iter().find(|(_, known)| *known == algorithm).map(|(name, _)| *name)
}

/// What to call an algorithm in a sentence.
pub(super) fn spoken_name(algorithm: Algorithm) -> &'static str {
    registered_name(algorithm).unwrap_or(algorithm.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_in_profiles_are_the_names_in_messages() {
        for (name, algorithm) in REGISTERED {
            let read: SignatureAlgorithm = serde_json::from_value((*name).into()).unwrap();
            assert_eq!(read.algorithm(), *algorithm);
            assert_eq!(registered_name(*algorithm), Some(*name));
        }
        assert_eq!(registered_name(Algorithm::EcdsaSha512), None);
    }

    #[test]
    fn by_key_follows_a_key_pair_and_nothing_that_the_rfc_has_no_name_for() {
        let by_key = |kind| SignatureAlgorithm::ByKey.with(Material::Pair(kind)).and_then(registered_name);
        assert_eq!(by_key(KeyKind::Rsa(2048)), Some("rsa-pss-sha512"));
        assert_eq!(by_key(KeyKind::P256), Some("ecdsa-p256-sha256"));
        assert_eq!(by_key(KeyKind::P384), Some("ecdsa-p384-sha384"));
        assert_eq!(by_key(KeyKind::Ed25519), Some("ed25519"));
        assert_eq!(by_key(KeyKind::P521), None);
        assert_eq!(SignatureAlgorithm::ByKey.with(Material::Secret), None);
    }
}
