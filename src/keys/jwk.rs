//! Public keys as JSON Web Keys (RFC 7517), one or a set of them, as banks publish theirs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::pkcs1::RsaPublicKey;
use rsa::pkcs8::der::{Encode as _, asn1::UintRef};
use serde_json::Value;

use super::KeyKind;
use super::error::{KeyError, Wanted};
use super::public::{Fault, PublicKey};

/// Reads a key or a set of keys; each with its `kid`, if it has one. Members of a set that are for
/// something else than signing, or of a kind that is not supported, are passed over.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<(Option<String>, PublicKey)>, KeyError> {
    let broken = || KeyError::Broken { wanted: Wanted::PublicKey, line: None };
    let json: Value = serde_json::from_slice(bytes).map_err(|_| broken())?;
    let Some(set) = json.get("keys") else { return Ok(vec![(kid(&json), key(&json)?)]) };
    let set = set.as_array().ok_or_else(broken)?;
    let keys: Vec<_> =
        set.iter().filter(|jwk| signs(jwk)).filter_map(|jwk| Some((kid(jwk), key(jwk).ok()?))).collect();
    if keys.is_empty() { Err(broken()) } else { Ok(keys) }
}

fn signs(jwk: &Value) -> bool {
    jwk.get("use").is_none_or(|usage| usage == "sig")
}

fn kid(jwk: &Value) -> Option<String> {
    jwk["kid"].as_str().map(str::to_owned)
}

fn key(jwk: &Value) -> Result<PublicKey, KeyError> {
    read_key(jwk).map_err(|fault| fault.at(Wanted::PublicKey, None))
}

fn read_key(jwk: &Value) -> Result<PublicKey, Fault> {
    let number = |name: &str| {
        jwk[name].as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok()).ok_or(Fault::Broken)
    };
    let kind = match (jwk["kty"].as_str(), jwk["crv"].as_str()) {
        (Some("RSA"), _) => return rsa(&number("n")?, &number("e")?),
        (Some("OKP"), Some("Ed25519")) => return PublicKey::from_curve(KeyKind::Ed25519, &number("x")?),
        (Some("EC"), Some("P-256")) => KeyKind::P256,
        (Some("EC"), Some("P-384")) => KeyKind::P384,
        (Some("EC"), Some("P-521")) => KeyKind::P521,
        (Some("oct"), _) => return Err(Fault::Algorithm("a shared secret".into())),
        (Some(_), Some(curve)) => return Err(Fault::Algorithm(format!("a key on the curve {curve}"))),
        _ => return Err(Fault::Broken),
    };
    // An uncompressed point (SEC 1, section 2.3.3).
    let (x, y) = (number("x")?, number("y")?);
    PublicKey::from_curve(kind, &[&[4], x.as_slice(), &y].concat())
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<PublicKey, Fault> {
    let key = RsaPublicKey { modulus: UintRef::new(modulus)?, public_exponent: UintRef::new(exponent)? };
    PublicKey::from_pkcs1(&key.to_der()?)
}
