//! Private keys, public keys and certificates as they lie in files: what the file is, and what
//! is in it. Signing and TLS both start from here.
//!
//! Every private key becomes PKCS#8 and every public key an uncompressed `SubjectPublicKeyInfo`
//! the moment it is read, whatever the file's form, so that two keys are the same exactly when
//! their bytes are.

mod kind;
mod error;
mod form;
mod pem;
mod public;
mod private;
mod encrypted;
mod name;
mod qualified;
mod certificate;
mod request;
mod store;
mod command;
mod pin;
mod jwk;
mod verifying;

pub use certificate::Certificate;
pub use command::{Program, ProgramError, ProgramFault};
pub use encrypted::{Encryption, is_encrypted};
pub use error::{Armour, Damage, KeyError, Wanted};
pub use form::{Form, Item, items};
pub use kind::KeyKind;
pub use name::Name;
pub use pin::Pin;
pub use private::PrivateKey;
pub use public::{Numbers, PublicKey};
pub use qualified::{Psd2, Qualified, QualifiedKind, Role};
pub use request::Request;
pub use store::{KeyStore, StoreContents};
pub use verifying::{VerifyingFile, certificate_of};

/// The sizes of RSA moduli that can be used, in bits: what both libraries beneath compute with.
/// A larger one would only cost time, and a smaller one is a mistake.
pub const RSA_BITS: std::ops::RangeInclusive<usize> = 1024..=8192;

/// `contents` as a PEM block: for what is not secret.
pub fn to_pem(label: &str, contents: &[u8]) -> String {
    pem::encode(label, contents).to_string()
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod encrypted_tests;
