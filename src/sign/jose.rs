//! What JSON Web Signatures, client assertions and DPoP proofs share: algorithm names (RFC 7518),
//! public keys as JWK (RFC 7517), their thumbprints (RFC 7638), and the compact form (RFC 7515).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::SignError;
use super::algorithm::{Algorithm, Material};
use super::key::Ready;
use crate::keys::{KeyKind, Numbers, PublicKey};

/// The algorithms by their names in JOSE (RFC 7518, section 3.1; RFC 8037).
const NAMES: &[(&str, Algorithm)] = &[
    ("PS256", Algorithm::RsaPssSha256),
    ("PS512", Algorithm::RsaPssSha512),
    ("RS256", Algorithm::RsaSha256),
    ("RS512", Algorithm::RsaSha512),
    ("ES256", Algorithm::EcdsaSha256),
    ("ES384", Algorithm::EcdsaSha384),
    ("ES512", Algorithm::EcdsaSha512),
    ("EdDSA", Algorithm::Ed25519),
    ("HS256", Algorithm::HmacSha256),
    ("HS512", Algorithm::HmacSha512),
];

/// The names that can be asked for.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(name, _)| *name)
}

/// The algorithm of that name; JOSE's names are case-sensitive.
pub(super) fn algorithm(name: &str) -> Option<Algorithm> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
}

/// What JOSE calls the algorithm.
pub(super) fn name(algorithm: Algorithm) -> Option<&'static str> {
    NAMES.iter().find(|(_, known)| *known == algorithm).map(|(name, _)| *name)
}

/// The algorithm that belongs to a key where nothing else is asked for.
pub(super) fn by_key(material: Material) -> Algorithm {
    match material {
        Material::Secret => Algorithm::HmacSha256,
        // For an unknown one, what most keys are: a client assertion always has its key at hand.
        Material::Unknown | Material::Pair(KeyKind::Rsa(_)) => Algorithm::RsaPssSha256,
        Material::Pair(KeyKind::P256) => Algorithm::EcdsaSha256,
        Material::Pair(KeyKind::P384) => Algorithm::EcdsaSha384,
        Material::Pair(KeyKind::P521) => Algorithm::EcdsaSha512,
        Material::Pair(KeyKind::Ed25519) => Algorithm::Ed25519,
    }
}

/// Base64url without padding (RFC 7515, section 2).
pub(super) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// What [`encode`] wrote.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// A public key as JWK: the members that make up its thumbprint, in order (RFC 7638, section 3.2).
pub(super) fn jwk(key: &PublicKey) -> Value {
    let curve = |name: &str, point: &[u8]| {
        let (x, y) = point[1..].split_at(point.len() / 2);
        json!({"crv": name, "kty": "EC", "x": encode(x), "y": encode(y)})
    };
    match (key.kind(), key.numbers()) {
        (_, Numbers::Rsa { modulus, exponent }) => {
            json!({"e": encode(exponent), "kty": "RSA", "n": encode(modulus)})
        }
        (KeyKind::P384, Numbers::Point(point)) => curve("P-384", &point),
        (KeyKind::P521, Numbers::Point(point)) => curve("P-521", &point),
        (KeyKind::Ed25519, Numbers::Point(point)) => {
            json!({"crv": "Ed25519", "kty": "OKP", "x": encode(point)})
        }
        (_, Numbers::Point(point)) => curve("P-256", &point),
    }
}

/// The SHA-256 thumbprint of a public key (RFC 7638), in base64url.
pub(super) fn thumbprint(key: &PublicKey) -> String {
    encode(Sha256::digest(jwk(key).to_string()))
}

/// Signs claims in the compact form (RFC 7515, section 7.1): the header without `alg`, which is
/// put first.
pub(super) fn compact(header: &Value, claims: &Value, key: &Ready) -> Result<String, SignError> {
    let mut whole = serde_json::Map::new();
    whole.insert("alg".into(), name(key.algorithm()).into());
    whole.extend(header.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
    let input = format!("{}.{}", encode(Value::Object(whole).to_string()), encode(claims.to_string()));
    let signature = key.sign(input.as_bytes())?;
    Ok(format!("{input}.{}", encode(signature)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From its numbers, by way of `RSAPublicKey` in PEM.
    fn rsa_key(modulus: &[u8], exponent: &[u8]) -> PublicKey {
        use rsa::pkcs8::der::{Encode as _, asn1::UintRef};
        let [modulus, public_exponent] = [modulus, exponent].map(|number| UintRef::new(number).unwrap());
        let der = rsa::pkcs1::RsaPublicKey { modulus, public_exponent }.to_der().unwrap();
        PublicKey::read(pem::encode(&pem::Pem::new("RSA PUBLIC KEY", der)).as_bytes()).unwrap()
    }

    #[test]
    fn the_thumbprint_of_rfc_7638_is_reproduced() {
        let vectors: Value =
            serde_json::from_str(include_str!("../../tests/vectors/jws.json")).expect("it is JSON");
        let vector = &vectors["rfc7638_thumbprint"];
        let modulus = decode(vector["jwk"]["n"].as_str().unwrap()).unwrap();
        let key = rsa_key(&modulus, &[1, 0, 1]);
        assert_eq!(jwk(&key), json!({"e": "AQAB", "kty": "RSA", "n": vector["jwk"]["n"]}));
        assert_eq!(thumbprint(&key), vector["sha256"].as_str().unwrap());
    }
}
