//! What goes into the form and into `Authorization`, taken apart again by the rules of the RFCs.

use chrono::DateTime;
use serde_json::json;

use super::*;
use crate::keys::PrivateKey;
use crate::message::Headers;
use crate::sign::{VerifyingKey, verify_in};

const MAKING: Making =
    Making { at: DateTime::from_timestamp_nanos(1_700_554_145_000_000_000), rehearsal: false };

fn filled() -> ClientFilled {
    ClientFilled {
        client_id: "me".into(),
        secret: Some("s3cret".into()),
        audience: None,
        key_id: None,
        id: "an-id".into(),
        lifetime: Duration::from_mins(1),
        header: Map::new(),
        claims: Map::new(),
    }
}

fn message(form: &str) -> Message {
    Message {
        method: "POST".into(),
        url: "https://bank.example/oauth2/token?trace=1".parse().unwrap(),
        headers: Headers::new(),
        body: form.to_owned().into(),
    }
}

fn key(name: &str) -> PrivateKey {
    let path = format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    PrivateKey::read(&crate::files::read(std::path::Path::new(&path), 1 << 20).unwrap()).unwrap()
}

fn form(message: &Message) -> Vec<(String, String)> {
    parse(&message.body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

#[test]
fn the_assertion_that_stands_in_the_form_verifies_with_every_kind_of_key() {
    for (file, algorithm, name) in [
        ("rsa.pkcs8.pem", Algorithm::RsaPssSha256, "PS256"),
        ("p256.pkcs8.pem", Algorithm::EcdsaSha256, "ES256"),
        ("p384.sec1.pem", Algorithm::EcdsaSha384, "ES384"),
        ("p521.pkcs8.pem", Algorithm::EcdsaSha512, "ES512"),
        ("ed25519.pem", Algorithm::Ed25519, "EdDSA"),
    ] {
        let key = key(file);
        let public = key.public().clone();
        let with = Authenticator::new(ClientMethod::PrivateKeyJwt, None, Some(key.into())).unwrap();
        let mut message = message("grant_type=client_credentials");
        let made = authenticate(&mut message, &with, &filled(), MAKING).unwrap().unwrap();
        assert_eq!(made.header, json!({"alg": name, "typ": "JWT"}));
        let wanted = json!({
            "iss": "me", "sub": "me", "aud": "https://bank.example/oauth2/token", "jti": "an-id",
            "iat": 1_700_554_145, "exp": 1_700_554_205,
        });
        assert_eq!(made.claims, wanted, "{file}");
        let form = form(&message);
        assert_eq!(form[0], ("grant_type".into(), "client_credentials".into()));
        assert_eq!(form[1], ("client_assertion_type".into(), ASSERTION_TYPE.into()));
        assert_eq!(form[2], ("client_assertion".into(), made.value.clone()));
        let (signed, signature) = made.value.rsplit_once('.').unwrap();
        let signature = jose::decode(signature).unwrap();
        let verifies = |text: &str| {
            verify_in(EcdsaForm::Raw, VerifyingKey::Public(&public), algorithm, text.as_bytes(), &signature)
        };
        assert!(verifies(signed), "{file}");
        assert!(!verifies("something.else"), "{file}");
    }
}

#[test]
fn an_assertion_says_what_its_settings_say_right_or_wrong() {
    let with = Authenticator::new(ClientMethod::ClientSecretJwt, None, None).unwrap();
    let filled = ClientFilled {
        audience: Some("https://issuer.example".into()),
        key_id: Some("kid-1".into()),
        lifetime: Duration::from_secs(10),
        header: Map::from_iter([("typ".into(), json!("client-authentication+jwt"))]),
        claims: Map::from_iter([("exp".into(), json!(1)), ("nbf".into(), json!(2))]),
        ..filled()
    };
    let made = authenticate(&mut message("a=b"), &with, &filled, MAKING).unwrap().unwrap();
    assert_eq!(made.header, json!({"alg": "HS256", "typ": "client-authentication+jwt", "kid": "kid-1"}));
    assert_eq!((&made.claims["aud"], &made.claims["exp"]), (&json!("https://issuer.example"), &json!(1)));
    assert_eq!(made.claims["nbf"], 2);
    let (signed, signature) = made.value.rsplit_once('.').unwrap();
    let secret = VerifyingKey::Secret(b"s3cret");
    assert!(crate::sign::verify(
        secret,
        Algorithm::HmacSha256,
        signed.as_bytes(),
        &jose::decode(signature).unwrap()
    ));
}

#[test]
fn id_and_secret_stand_in_authorization_form_encoded_and_in_the_form_as_fields() {
    // The example of RFC 6749, section 2.3.1; a blank becomes `+`, a colon `%3A`.
    assert_eq!(basic("s6BhdRkqt3", "7Fjfp0ZBr1KtDRbnfVdmIw"), "czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
    assert_eq!(STANDARD.decode(basic("a:b", "p w%é")).unwrap(), b"a%3Ab:p+w%25%C3%A9");

    let mut sent = message("a=b");
    let with = Authenticator::new(ClientMethod::Body, None, None).unwrap();
    let filled = ClientFilled { client_id: "a&b".into(), secret: Some("=?".into()), ..filled() };
    authenticate(&mut sent, &with, &filled, MAKING).unwrap();
    assert_eq!(sent.body, "a=b&client_id=a%26b&client_secret=%3D%3F");

    let with = Authenticator::new(ClientMethod::Tls, None, None).unwrap();
    let mut empty = message("");
    authenticate(&mut empty, &with, &filled, MAKING).unwrap();
    assert_eq!(empty.body, "client_id=a%26b");
}

#[test]
fn a_client_id_that_the_request_sets_itself_is_kept() {
    let with = Authenticator::new(ClientMethod::Tls, None, None).unwrap();
    let mut sent = message("client_id=somebody+else");
    authenticate(&mut sent, &with, &filled(), MAKING).unwrap();
    assert_eq!(sent.body, "client_id=somebody+else");
}

#[test]
fn a_key_of_the_wrong_kind_is_refused_before_anything_is_made() {
    let algorithm = Some(Algorithm::RsaPssSha256);
    let made = Authenticator::new(ClientMethod::PrivateKeyJwt, algorithm, Some(key("p256.pkcs8.pem").into()));
    assert!(matches!(made.map(drop), Err(SignError::WrongKey { .. })));
}

#[test]
fn nobody_who_prints_what_was_filled_prints_a_secret_or_a_token() {
    let mut client = filled();
    client.claims.insert("pin".into(), "s3cret".into());
    let proof = crate::sign::Proof { id: "an-id".into(), token: Some("s3cret".into()), nonce: None };
    let mut profile = crate::sign::Filled::key_id("me");
    profile.values.insert("nonce".into(), "s3cret".into());
    for shown in [format!("{client:?}"), format!("{proof:?}"), format!("{profile:?}")] {
        assert!(!shown.contains("s3cret"), "{shown}");
    }
    assert_eq!(format!("{profile:?}"), r#"Filled { key_id: "me", values: ["nonce"] }"#);
}
