//! The proofs of RFC 9449: the published ones are read as the RFC says, ours are made of the same
//! parts. Their private key is not published, so theirs are verified and ours compared claim by
//! claim.

use chrono::DateTime;
use serde_json::json;

use super::*;
use crate::message::Headers;
use crate::sign::{EcdsaForm, VerifyingKey, unverified_claims, verify_in};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../tests/vectors/jws.json")).expect("it is JSON")
}

fn key() -> PrivateKey {
    PrivateKey::read(include_bytes!("../../tests/fixtures/keys/p256.pkcs8.pem")).unwrap()
}

fn header(jwt: &str) -> Value {
    serde_json::from_slice(&jose::decode(jwt.split('.').next().unwrap()).unwrap()).unwrap()
}

/// The public key of a JWK on P-256.
fn public(jwk: &Value) -> crate::keys::PublicKey {
    let point = [
        vec![4],
        jose::decode(jwk["x"].as_str().unwrap()).unwrap(),
        jose::decode(jwk["y"].as_str().unwrap()).unwrap(),
    ];
    let prefix = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];
    let der = [prefix.to_vec(), point.concat()].concat();
    crate::keys::PublicKey::read(pem::encode(&pem::Pem::new("PUBLIC KEY", der)).as_bytes()).unwrap()
}

fn verifies(jwt: &str) -> bool {
    let (signed, signature) = jwt.rsplit_once('.').unwrap();
    let key = public(&header(jwt)["jwk"]);
    let signature = jose::decode(signature).unwrap();
    verify_in(
        EcdsaForm::Raw,
        VerifyingKey::Public(&key),
        Algorithm::EcdsaSha256,
        signed.as_bytes(),
        &signature,
    )
}

fn made(vector: &Value, prover: &Prover, nonce: Option<&str>) -> (Message, Jwt) {
    let text = |name: &str| vector[name].as_str().map(str::to_owned);
    let mut message = Message {
        method: text("method").unwrap(),
        url: text("url").unwrap().parse().unwrap(),
        headers: Headers::new(),
        body: bytes::Bytes::new(),
    };
    message.url.set_query(Some("page=2"));
    let proof =
        Proof { id: text("jti").unwrap(), token: text("access_token"), nonce: nonce.map(str::to_owned) };
    let at = DateTime::from_timestamp(vector["iat"].as_i64().unwrap(), 0).unwrap();
    let made = prove(&mut message, prover, &proof, Making { at, rehearsal: false }).unwrap();
    (message, made)
}

#[test]
fn our_proofs_have_the_header_and_the_claims_of_the_published_ones() {
    let vectors = vectors();
    let prover = Prover::new(key(), None).unwrap();
    for vector in vectors["rfc9449_proofs"].as_array().unwrap() {
        let published = vector["proof"].as_str().unwrap();
        assert!(verifies(published), "{vector}");
        assert_eq!(
            jose::thumbprint(&public(&header(published)["jwk"])),
            vectors["rfc9449_jkt"].as_str().unwrap()
        );

        let (message, made) = made(vector, &prover, None);
        assert_eq!(made.claims, unverified_claims(published).unwrap(), "{vector}");
        assert_eq!(message.headers.get("dpop"), Some(made.value.as_str()));
        assert!(verifies(&made.value));
        let [ours, theirs] = [&made.header, &header(published)].map(|header| {
            let mut names: Vec<String> = header.as_object().unwrap().keys().cloned().collect();
            names.sort_unstable();
            (names, header["typ"].clone(), header["alg"].clone(), header["jwk"]["crv"].clone())
        });
        assert_eq!(ours, theirs);
        assert_eq!(jose::thumbprint(&public(&made.header["jwk"])), prover.thumbprint());
        assert!(made.header["jwk"].get("d").is_none(), "the private half stays at home");
    }
}

#[test]
fn a_nonce_that_the_server_gave_stands_in_the_proof() {
    let prover = Prover::new(key(), None).unwrap();
    let (_, made) = made(&vectors()["rfc9449_proofs"][0], &prover, Some("eyJ7S_zG.eyJH0-Z.HX4w-7v"));
    assert_eq!(made.claims["nonce"], "eyJ7S_zG.eyJH0-Z.HX4w-7v");
}

#[test]
fn a_nonce_is_asked_for_by_those_who_say_so_and_give_one() {
    let answer = |status: u16, headers: &[(&str, &str)], body: Value| Answer {
        status,
        version: "HTTP/1.1".into(),
        headers: headers.iter().copied().collect(),
        body: body.to_string().into(),
    };
    let asked = |status, headers: &[(&str, &str)], body| {
        asked_nonce(&answer(status, headers, body)).map(str::to_owned)
    };
    let nonce = ("dpop-nonce", "n1");
    let error = json!({"error": "use_dpop_nonce", "error_description": "…"});
    let challenge = ("www-authenticate", r#"DPoP error="use_dpop_nonce", error_description="…""#);
    assert_eq!(asked(400, &[nonce], error.clone()), Some("n1".into()));
    assert_eq!(asked(401, &[nonce, challenge], json!(null)), Some("n1".into()));
    let second = ("www-authenticate", r#"Bearer realm="a", dpop algs="ES256", error = use_dpop_nonce"#);
    assert_eq!(asked(401, &[nonce, second], json!(null)), Some("n1".into()));

    for (status, headers, body) in [
        (400, &[][..], error.clone()),
        (400, &[nonce, ("dpop-nonce", "n2")], error.clone()),
        (400, &[("dpop-nonce", "")], error.clone()),
        (400, &[nonce], json!({"error": "invalid_dpop_proof"})),
        (400, &[nonce, challenge], json!(null)),
        (200, &[nonce], error.clone()),
        (500, &[nonce], error),
        (401, &[nonce, ("www-authenticate", r#"DPoP error="invalid_token""#)], json!(null)),
        (401, &[nonce, ("www-authenticate", r#"Bearer error="use_dpop_nonce""#)], json!(null)),
        (401, &[nonce, ("www-authenticate", r#"Bearer realm="the dpop error=use_dpop_nonce""#)], json!(null)),
    ] {
        assert_eq!(asked(status, headers, body), None, "{status} {headers:?}");
    }
}
