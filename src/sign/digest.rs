//! The `Digest` field (RFC 3230): the hash of the body's bytes, made and checked.
//!
//! Checking is as tolerant as the RFC (several values, names in any case) and as strict as a bank:
//! one wrong value refuses the field, even beside a right one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256, Sha512};

/// The hash of a digest.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Hash {
    /// SHA-256 (FIPS 180-4).
    #[default]
    #[serde(rename = "sha-256")]
    Sha256,
    /// SHA-512 (FIPS 180-4).
    #[serde(rename = "sha-512")]
    Sha512,
}

/// Why a `Digest` field does not vouch for the body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DigestError {
    /// It is not `ALGORITHM=base64`.
    #[error("`{0}` is not `SHA-256=` or `SHA-512=` and base64")]
    Malformed(String),
    /// No value has an algorithm that is known.
    #[error("none of the algorithms of `{0}` is SHA-256 or SHA-512")]
    Unknown(String),
    /// The body has another digest.
    #[error("the body's digest is `{computed}`, not `{sent}`")]
    Different {
        /// The value in the message.
        sent: String,
        /// The body's.
        computed: String,
    },
}

impl Hash {
    /// The name in the IANA registry, as most APIs write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512",
        }
    }

    /// The hash of the bytes.
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// The hash of the bytes in padded base64.
    pub fn base64_of(self, bytes: &[u8]) -> String {
        STANDARD.encode(self.of(bytes))
    }

    /// The algorithm with this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sha512].into_iter().find(|hash| hash.name().eq_ignore_ascii_case(name))
    }
}

/// The value of a `Digest` field: `SHA-256=` and the body's hash in base64.
pub fn value(hash: Hash, body: &[u8]) -> String {
    format!("{}={}", hash.name(), hash.base64_of(body))
}

/// Whether the value of a `Digest` field vouches for the body: at least one value with SHA-256 or
/// SHA-512, and every such value is the body's.
pub fn check(value: &str, body: &[u8]) -> Result<(), DigestError> {
    let mut known = false;
    for part in value.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((name, encoded)) = part.split_once('=') else {
            return Err(DigestError::Malformed(part.to_owned()));
        };
        let Some(hash) = Hash::named(name.trim()) else { continue };
        let sent = STANDARD.decode(encoded).map_err(|_| DigestError::Malformed(part.to_owned()))?;
        let computed = hash.of(body);
        if sent != computed {
            let computed = format!("{}={}", name.trim(), STANDARD.encode(computed));
            return Err(DigestError::Different { sent: part.to_owned(), computed });
        }
        known = true;
    }
    if known { Ok(()) } else { Err(DigestError::Unknown(value.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &str = "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    #[test]
    fn the_digest_of_an_empty_body_is_the_one_that_banks_expect() {
        assert_eq!(value(Hash::Sha256, b""), EMPTY);
        assert_eq!(
            value(Hash::Sha256, b"grant_type=client_credentials"),
            "SHA-256=w0mymuL8aCrbJmmabs1pytZhon8lQucTuJMUtuKr+uw="
        );
    }

    #[test]
    fn a_digest_vouches_only_for_the_bytes_it_was_made_of() {
        let both = format!("{EMPTY}, sha-512={}", Hash::Sha512.base64_of(b""));
        for good in
            [EMPTY, &EMPTY.replace("SHA", "sha"), &both, &format!("md5=1B2M2Y8AsgTpgAmY7PhCfg==,{EMPTY}")]
        {
            assert_eq!(check(good, b""), Ok(()), "{good}");
        }
        assert!(matches!(check(EMPTY, b"\n"), Err(DigestError::Different { .. })));
        assert!(matches!(check(&both, b"x"), Err(DigestError::Different { .. })));
        for wrong in ["SHA-256", "SHA-256=*", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"] {
            assert!(matches!(check(wrong, b""), Err(DigestError::Malformed(_))), "{wrong}");
        }
        for unknown in ["", "md5=1B2M2Y8AsgTpgAmY7PhCfg==", ","] {
            assert!(matches!(check(unknown, b""), Err(DigestError::Unknown(_))), "{unknown}");
        }
    }
}
