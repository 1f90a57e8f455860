//! Pins: the hash of a server's public key, known beforehand. The key is hashed as the certificate
//! has it, which is what `curl --pinnedpubkey` and RFC 7469 compare.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use data_encoding::HEXLOWER_PERMISSIVE;
use sha2::{Digest, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

/// The SHA-256 of a `SubjectPublicKeyInfo`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pin([u8; 32]);

impl Pin {
    /// The pin of a certificate's key; `None` when it is no certificate.
    pub fn of(certificate: &[u8]) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        Some(Self(Sha256::digest(parsed.tbs_certificate.public_key().raw).into()))
    }
}

/// `sha256/BASE64`, as curl's `sha256//BASE64`, or 64 hexadecimal digits with or without colons.
impl FromStr for Pin {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let base64 = text.strip_prefix("sha256//").or_else(|| text.strip_prefix("sha256/"));
        let decoded = match base64 {
            Some(base64) => BASE64_STANDARD.decode(base64).ok(),
            None => HEXLOWER_PERMISSIVE.decode(digits(text).as_bytes()).ok(),
        };
        decoded.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(())
    }
}

/// Without what may stand before and between them.
fn digits(text: &str) -> String {
    text.strip_prefix("sha256:").unwrap_or(text).replace(':', "")
}

impl fmt::Display for Pin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "sha256/{}", BASE64_STANDARD.encode(self.0))
    }
}

#[cfg(test)]
mod tests {
    use data_encoding::HEXLOWER;

    use super::*;

    /// `openssl x509 -in store.crt.pem -pubkey -noout | openssl pkey -pubin -outform DER |
    /// openssl dgst -sha256 -binary | base64`
    const BASE64: &str = "w/DCMjbc0/ZgEpINCPP/pNjPxG1ZVbLlvrThMQksiy8=";

    #[test]
    fn a_pin_is_what_openssl_computes_and_is_read_in_every_spelling() {
        let certificate =
            crate::keys::Certificate::read_all(include_bytes!("../../tests/fixtures/keys/store.crt.pem"))
                .unwrap()
                .remove(0);
        let pin = Pin::of(certificate.der()).unwrap();
        assert_eq!(pin.to_string(), format!("sha256/{BASE64}"));
        let hex = HEXLOWER.encode(&pin.0);
        for text in [
            format!("sha256/{BASE64}"),
            format!("sha256//{BASE64}"),
            format!("sha256:{hex}"),
            hex.to_uppercase(),
        ] {
            assert_eq!(text.parse(), Ok(pin));
        }
        for text in ["", "sha256/", "sha256/AAAA", "sha1/AAAA", &hex[1..], "sha256//*"] {
            assert_eq!(text.parse::<Pin>(), Err(()));
        }
        assert_eq!(Pin::of(b"no certificate"), None);
    }
}
