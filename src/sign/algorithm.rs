//! Signature algorithms by the names that HTTP signatures give them, and which keys fit them.
//!
//! `hs2019` leaves the algorithm to the key. draft-cavage-12 (appendix E.2) means RSASSA-PSS with
//! SHA-512, HMAC-SHA-512 and Ed25519, which is what we do; for ECDSA we take the hash that belongs
//! to the curve, since that is what its users send. An API that writes `hs2019` and means
//! `rsa-sha256` is a profile with `algorithm: rsa-sha256` and `label: hs2019`.

use std::fmt;

use crate::keys::KeyKind;

/// How a text is signed.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017).
    #[default]
    RsaSha256,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaSha512,
    /// RSASSA-PSS with SHA-256, salt of 32 bytes.
    RsaPssSha256,
    /// RSASSA-PSS with SHA-512, salt of 64 bytes.
    RsaPssSha512,
    /// HMAC with SHA-1 (RFC 2104); OAuth 1.0a still asks for it.
    HmacSha1,
    /// HMAC with SHA-256.
    HmacSha256,
    /// HMAC with SHA-512.
    HmacSha512,
    /// ECDSA on P-256 with SHA-256; the signature is DER, as users of the draft send it.
    EcdsaSha256,
    /// ECDSA on P-384 with SHA-384; DER.
    EcdsaSha384,
    /// ECDSA on P-521 with SHA-512; DER.
    EcdsaSha512,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// What the key asks for.
    Hs2019,
}

/// How an ECDSA signature is written; every scheme knows which it wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum EcdsaForm {
    /// `ECDSA-Sig-Value` in DER (RFC 3279), as OpenSSL writes it.
    #[default]
    Der,
    /// r and s side by side, each as long as the curve's order (RFC 7518, section 3.4).
    Raw,
}

/// What a key is, as far as algorithms care: a kind of key pair, or a shared secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Material {
    /// One half of a key pair of this kind.
    Pair(KeyKind),
    /// A shared secret.
    Secret,
    /// A key pair that somebody else keeps, of which not even the public half is known.
    Unknown,
}

impl Algorithm {
    /// Every algorithm, in the order of the documentation.
    pub const ALL: &[Self] = &[
        Self::RsaSha256,
        Self::RsaSha512,
        Self::RsaPssSha256,
        Self::RsaPssSha512,
        Self::HmacSha1,
        Self::HmacSha256,
        Self::HmacSha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
        Self::EcdsaSha512,
        Self::Ed25519,
        Self::Hs2019,
    ];

    /// Its name in profiles, and what messages call it unless the profile has a `label`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaSha256 => "rsa-sha256",
            Self::RsaSha512 => "rsa-sha512",
            Self::RsaPssSha256 => "rsa-pss-sha256",
            Self::RsaPssSha512 => "rsa-pss-sha512",
            Self::HmacSha1 => "hmac-sha1",
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha512 => "hmac-sha512",
            Self::EcdsaSha256 => "ecdsa-sha256",
            Self::EcdsaSha384 => "ecdsa-sha384",
            Self::EcdsaSha512 => "ecdsa-sha512",
            Self::Ed25519 => "ed25519",
            Self::Hs2019 => "hs2019",
        }
    }

    /// The algorithm that a message names, without regard to case.
    pub fn named(label: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|algorithm| algorithm.name().eq_ignore_ascii_case(label))
    }

    /// The algorithm to carry out with this key; `None` when the key is of the wrong kind.
    pub fn with(self, material: Material) -> Option<Self> {
        let chosen = match self {
            Self::Hs2019 => Self::by_key(material),
            named => named,
        };
        chosen.fits(material).then_some(chosen)
    }

    /// The keys it works with, for messages.
    pub const fn wants(self) -> &'static str {
        match self {
            Self::RsaSha256 | Self::RsaSha512 | Self::RsaPssSha256 | Self::RsaPssSha512 => "an RSA key",
            Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha512 => "a shared secret",
            Self::EcdsaSha256 => "an ECDSA key on P-256",
            Self::EcdsaSha384 => "an ECDSA key on P-384",
            Self::EcdsaSha512 => "an ECDSA key on P-521",
            Self::Ed25519 => "an Ed25519 key",
            Self::Hs2019 => "a key",
        }
    }

    /// What `hs2019` means for a key.
    fn by_key(material: Material) -> Self {
        match material {
            // Nobody can say what `hs2019` means for it, and so it fits nothing.
            Material::Unknown => Self::Hs2019,
            Material::Secret => Self::HmacSha512,
            Material::Pair(KeyKind::Rsa(_)) => Self::RsaPssSha512,
            Material::Pair(KeyKind::P256) => Self::EcdsaSha256,
            Material::Pair(KeyKind::P384) => Self::EcdsaSha384,
            Material::Pair(KeyKind::P521) => Self::EcdsaSha512,
            Material::Pair(KeyKind::Ed25519) => Self::Ed25519,
        }
    }

    fn fits(self, material: Material) -> bool {
        let by_secret = matches!(self, Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha512);
        if material == Material::Unknown {
            return !by_secret && self != Self::Hs2019;
        }
        match self {
            Self::RsaSha256 | Self::RsaSha512 | Self::RsaPssSha256 | Self::RsaPssSha512 => {
                matches!(material, Material::Pair(KeyKind::Rsa(_)))
            }
            Self::HmacSha1 | Self::HmacSha256 | Self::HmacSha512 => material == Material::Secret,
            Self::EcdsaSha256 => material == Material::Pair(KeyKind::P256),
            Self::EcdsaSha384 => material == Material::Pair(KeyKind::P384),
            Self::EcdsaSha512 => material == Material::Pair(KeyKind::P521),
            Self::Ed25519 => material == Material::Pair(KeyKind::Ed25519),
            Self::Hs2019 => true,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Display for Material {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pair(KeyKind::Rsa(bits)) => write!(formatter, "an RSA key of {bits} bits"),
            Self::Pair(KeyKind::P256) => formatter.write_str("an ECDSA key on P-256"),
            Self::Pair(KeyKind::P384) => formatter.write_str("an ECDSA key on P-384"),
            Self::Pair(KeyKind::P521) => formatter.write_str("an ECDSA key on P-521"),
            Self::Pair(KeyKind::Ed25519) => formatter.write_str("an Ed25519 key"),
            Self::Secret => formatter.write_str("a shared secret"),
            Self::Unknown => formatter.write_str("a program whose public key is not given"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_algorithm_is_written_in_profiles_as_messages_name_it() {
        for algorithm in Algorithm::ALL {
            assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.name());
            assert_eq!(Algorithm::named(&algorithm.name().to_ascii_uppercase()), Some(*algorithm));
        }
        assert_eq!(Algorithm::named("rsa-sha1"), None);
    }

    #[test]
    fn hs2019_follows_the_key_and_every_other_name_refuses_a_key_of_the_wrong_kind() {
        let rsa = Material::Pair(KeyKind::Rsa(2048));
        assert_eq!(Algorithm::Hs2019.with(rsa), Some(Algorithm::RsaPssSha512));
        assert_eq!(Algorithm::Hs2019.with(Material::Secret), Some(Algorithm::HmacSha512));
        assert_eq!(Algorithm::Hs2019.with(Material::Pair(KeyKind::P384)), Some(Algorithm::EcdsaSha384));
        assert_eq!(Algorithm::RsaSha256.with(rsa), Some(Algorithm::RsaSha256));
        assert_eq!(Algorithm::RsaSha256.with(Material::Pair(KeyKind::P256)), None);
        assert_eq!(Algorithm::HmacSha256.with(rsa), None);
        assert_eq!(Algorithm::EcdsaSha256.with(Material::Pair(KeyKind::P384)), None);
    }
}
