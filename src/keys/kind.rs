//! The kinds of key pairs that can sign or identify a client.

use std::fmt;
use std::str::FromStr;

use super::error::KeyError;

/// The kind of a key pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA, with the size of its modulus in bits.
    Rsa(usize),
    /// ECDSA on P-256.
    P256,
    /// ECDSA on P-384.
    P384,
    /// ECDSA on P-521.
    P521,
    /// Ed25519 (RFC 8032).
    Ed25519,
}

impl fmt::Display for KeyKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa(bits) => write!(formatter, "RSA-{bits}"),
            Self::P256 => write!(formatter, "P-256"),
            Self::P384 => write!(formatter, "P-384"),
            Self::P521 => write!(formatter, "P-521"),
            Self::Ed25519 => write!(formatter, "Ed25519"),
        }
    }
}

/// As `--kind` takes it: what `Display` writes, in any case; the hyphen may be left out.
impl FromStr for KeyKind {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let plain = text.to_ascii_lowercase().replace('-', "");
        let kind = match plain.as_str() {
            "rsa" => Some(Self::Rsa(2048)),
            "p256" => Some(Self::P256),
            "p384" => Some(Self::P384),
            "p521" => Some(Self::P521),
            "ed25519" => Some(Self::Ed25519),
            other => other.strip_prefix("rsa").and_then(|bits| bits.parse().ok()).map(Self::Rsa),
        };
        kind.ok_or_else(|| KeyError::UnknownKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_can_be_asked_for() {
        for kind in [KeyKind::Rsa(3072), KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Ed25519] {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(kind.to_string().to_lowercase().parse(), Ok(kind));
        }
        assert_eq!("RSA".parse(), Ok(KeyKind::Rsa(2048)));
        assert_eq!("dsa".parse::<KeyKind>(), Err(KeyError::UnknownKind("dsa".into())));
    }
}
