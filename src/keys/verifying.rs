//! Whatever file can verify a signature: people have the bank's certificate, its JWKS, a public
//! key, or their own private key, whose public half is meant then.

use super::certificate::Certificate;
use super::error::KeyError;
use super::form::items;
use super::jwk;
use super::private::PrivateKey;
use super::public::PublicKey;

/// A public key that verifies, with the name that its file gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingFile {
    /// The `kid` of a JWK.
    pub kid: Option<String>,
    /// The key.
    pub key: PublicKey,
    /// The certificate that it was read of.
    pub certificate: Option<Certificate>,
}

impl VerifyingFile {
    /// Reads the keys of a file, at least one. Of several certificates only the first counts: the
    /// others are its chain.
    pub fn read_all(bytes: &[u8]) -> Result<Vec<Self>, KeyError> {
        if bytes.trim_ascii_start().starts_with(b"{") {
            let keys = jwk::read(bytes)?;
            return Ok(keys.into_iter().map(|(kid, key)| Self { kid, key, certificate: None }).collect());
        }
        let private = items(bytes)?.iter().any(|item| item.form.is_private_key());
        let key = if private { PrivateKey::read(bytes)?.public().clone() } else { PublicKey::read(bytes)? };
        let certificate = certificate_of(bytes, &key);
        Ok(vec![Self { kid: None, key, certificate }])
    }
}

/// The certificate of a key that was read of this file, where it was read of a certificate.
pub fn certificate_of(file: &[u8], key: &PublicKey) -> Option<Certificate> {
    let certificates = Certificate::read_all(file).ok()?;
    certificates.into_iter().find(|certificate| certificate.public_key() == key)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::{Value, json};

    use super::*;
    use crate::keys::{Damage, KeyKind, Numbers, Wanted};

    fn jwk(key: &PublicKey) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let curve = |name: &str, point: &[u8]| {
            let (x, y) = point[1..].split_at(point.len() / 2);
            json!({"kty": "EC", "crv": name, "x": text(x), "y": text(y)})
        };
        match (key.kind(), key.numbers()) {
            (_, Numbers::Rsa { modulus, exponent }) => {
                json!({"kty": "RSA", "n": text(&modulus), "e": text(&exponent)})
            }
            (KeyKind::Ed25519, Numbers::Point(x)) => json!({"kty": "OKP", "crv": "Ed25519", "x": text(&x)}),
            (KeyKind::P384, Numbers::Point(point)) => curve("P-384", &point),
            (KeyKind::P521, Numbers::Point(point)) => curve("P-521", &point),
            (_, Numbers::Point(point)) => curve("P-256", &point),
        }
    }

    fn read(bytes: &[u8]) -> Vec<VerifyingFile> {
        VerifyingFile::read_all(bytes).unwrap()
    }

    #[test]
    fn a_key_is_the_same_whether_private_public_or_jwk() {
        for kind in [KeyKind::Rsa(2048), KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Ed25519] {
            let key = PrivateKey::generate(kind).unwrap();
            let jwk = jwk(key.public());
            let set = json!({"keys": [{"kty": "oct", "k": "AA"}, jwk]});
            let forms = [key.to_pem().to_string(), key.public().to_pem(), jwk.to_string(), set.to_string()];
            for form in forms {
                assert_eq!(read(form.as_bytes())[0].key, *key.public(), "{form}");
            }
        }
    }

    #[test]
    fn the_kid_of_a_jwk_is_kept_and_keys_for_encryption_are_not() {
        let member = |kid: &str, usage: &str| {
            let mut jwk = jwk(PrivateKey::generate(KeyKind::P256).unwrap().public());
            jwk["kid"] = kid.into();
            jwk["use"] = usage.into();
            jwk
        };
        let set = json!({"keys": [member("a", "enc"), member("b", "sig")]}).to_string();
        let kids: Vec<_> = read(set.as_bytes()).into_iter().map(|key| key.kid).collect();
        assert_eq!(kids, [Some("b".to_owned())]);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let broken = KeyError::Broken { wanted: Wanted::PublicKey, line: None };
        for json in [
            "{",
            "{}",
            r#"{"keys": 1}"#,
            r#"{"keys": []}"#,
            r#"{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}"#,
        ] {
            assert_eq!(VerifyingFile::read_all(json.as_bytes()).unwrap_err(), broken, "{json}");
        }
        let secret = VerifyingFile::read_all(br#"{"kty":"oct","k":"AA"}"#).unwrap_err();
        assert_eq!(secret, KeyError::Algorithm("a shared secret".into()));
        let damaged = VerifyingFile::read_all(b"-----BEGIN PUBLIC KEY-----\nAA\n").unwrap_err();
        assert!(matches!(damaged, KeyError::Damaged { damage: Damage::NoEnd, .. }), "{damaged:?}");
    }
}
