//! The draft's own vectors, and what real profiles put on the wire.

use bytes::Bytes;
use serde_json::{Value, json};
use url::Url;

use super::*;
use crate::keys::{PrivateKey, PublicKey};
use crate::message::{Headers, Message};
use crate::sign::{
    Algorithm, Filled, Profile, SignedMessage, Signer, SigningKey, VerifyingKey, sign, verify,
};

/// A key of the fixtures.
#[allow(clippy::disallowed_methods, reason = "a fixture of this repository")]
pub(super) fn key(name: &str) -> PrivateKey {
    let path = format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    PrivateKey::read(&std::fs::read(path).unwrap()).unwrap()
}

pub(super) fn message(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Message {
    Message {
        method: method.into(),
        url: Url::parse(&format!("https://example.com{target}")).unwrap(),
        headers: headers.iter().copied().collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/cavage.json")).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

fn fields(request: &Value) -> Headers {
    let fields = request["headers"].as_array().unwrap();
    fields.iter().map(|field| (field[0].as_str().unwrap(), field[1].as_str().unwrap())).collect()
}

/// The message of the draft's appendix C; older drafts have another date.
fn draft_message(vectors: &Value, date: Option<&str>) -> Message {
    let request = &vectors["request"];
    let mut made = message(text(request, "method"), text(request, "target"), &[], text(request, "body"));
    made.headers = fields(request);
    if let Some(date) = date {
        made.headers.set("Date", date);
    }
    made
}

/// What a signature covers of a message, of which target and host are at hand.
pub(super) fn covered<'a>(message: &'a Message, target: &'a str, host: &'a str) -> Covered<'a> {
    let Message { method, headers, body, .. } = message;
    Covered { method, target, headers, host: Some(host), body }
}

pub(super) fn received(message: &Message, value: &str) -> Result<String, StringError> {
    let (target, host) = (message.target(), message.host());
    signing_string(&covered(message, &target, &host), &Parameters::parse(value).unwrap())
}

pub(super) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_554_145, 0).unwrap()
}

fn signed(message: Message, profile: Profile, key: SigningKey) -> SignedMessage {
    sign(message, &Signer::new(profile, key, None).unwrap(), &Filled::key_id("Test"), at()).unwrap()
}

pub(super) fn profile(settings: &Value) -> Profile {
    Profile::read("own", &json!({ "cavage": settings })).unwrap()
}

#[test]
fn the_drafts_requests_are_signed_byte_for_byte_in_both_header_forms() {
    let vectors = vectors();
    for test in vectors["tests"].as_array().unwrap() {
        let parameters = match test["headers_param"] {
            Value::Null => json!(r#"keyId="{key_id}",algorithm="{algorithm}",signature="{signature}""#),
            _ => serde_json::to_value(Layout::of_the_draft(false, false)).unwrap(),
        };
        for (carrier, expected) in [
            (json!({"header": "Signature"}), "signature_header"),
            (json!({"header": "Authorization", "prefix": "Signature "}), "authorization_header"),
        ] {
            let settings = json!({
                "components": test["effective_headers"], "parameters": parameters, "carried_in": [carrier]
            });
            let key = PrivateKey::read(text(&vectors["key"], "private_pem_pkcs1").as_bytes()).unwrap();
            let signed = signed(draft_message(&vectors, None), profile(&settings), key.into());
            let signature = signed.signature().unwrap();
            assert_eq!(signature.signing_string, text(test, "signing_string"), "{}", test["id"]);
            assert_eq!(signature.value, text(test, "signature"), "{}", test["id"]);
            let sent = signed.message().headers.get(carrier["header"].as_str().unwrap());
            assert_eq!(sent, Some(text(test, expected)), "{}", test["id"]);
        }
    }
}

#[test]
fn the_signatures_of_the_draft_and_of_its_forerunners_verify() {
    let vectors = vectors();
    let key = PublicKey::read(text(&vectors["key"], "public_pem_spki").as_bytes()).unwrap();
    let cases = ["tests", "older_draft_vectors"].map(|group| vectors[group].as_array().unwrap());
    for test in cases.into_iter().flatten() {
        let message = draft_message(&vectors, test["date"].as_str());
        let headers =
            test["headers_param"].as_str().map(|list| format!(r#"headers="{list}","#)).unwrap_or_default();
        let value = format!(
            r#"keyId="Test",algorithm="rsa-sha256",{headers}signature="{}""#,
            text(test, "signature")
        );
        let string = received(&message, &value).unwrap();
        assert_eq!(string, text(test, "signing_string"), "{}", test["id"]);
        let parameters = Parameters::parse(&value).unwrap();
        let good = |text: &str, signature: &[u8]| {
            verify(VerifyingKey::Public(&key), Algorithm::RsaSha256, text.as_bytes(), signature)
        };
        assert!(good(&string, &parameters.signature), "{}", test["id"]);
        assert!(!good(&format!("{string}\n"), &parameters.signature), "{}", test["id"]);
        assert!(!good(&string, &parameters.signature[1..]), "{}", test["id"]);
    }
}

#[test]
fn the_header_that_the_draft_prints_by_mistake_is_refused() {
    let vectors = vectors();
    let test = &vectors["tests"][2];
    let printed = &test["as_printed_in_draft12"];
    let value = format!(
        r#"keyId="Test",algorithm="rsa-sha256",created={},expires={},headers="{}",signature="{}""#,
        printed["created"],
        printed["expires"],
        text(printed, "headers"),
        text(test, "signature")
    );
    let refused = received(&draft_message(&vectors, None), &value).unwrap_err();
    assert_eq!(refused.to_string(), "`(created)` must not be signed with `rsa-sha256`");
}

#[test]
fn values_are_canonical_empty_folded_and_repeated_ones_too() {
    let vectors = vectors();
    let example = &vectors["canonicalisation_example"];
    let request = &example["request"];
    let mut message = message(text(request, "method"), text(request, "target"), &[], "");
    message.headers = fields(request);
    let value = format!(
        r#"keyId="a",algorithm="hs2019",created={},headers="{}",signature="c2ln""#,
        example["created"],
        text(example, "headers_param")
    );
    assert_eq!(received(&message, &value).unwrap(), text(example, "signing_string"));
}

#[test]
fn a_signature_over_what_is_not_there_names_what_is_missing() {
    let message = message("GET", "/", &[], "");
    for (headers, algorithm, reason) in [
        ("x-id", "rsa-sha256", "`x-id` is signed, and the request does not have it"),
        ("content-length", "rsa-sha256", "`content-length` is signed, and the request does not have it"),
        ("(created)", "hs2019", "`(created)` is signed, and its parameter is missing"),
        ("(created)", "ECDSA-sha256", "`(created)` must not be signed with `ECDSA-sha256`"),
        ("(path)", "rsa-sha256", "`(path)` is signed, and means nothing"),
    ] {
        let value = format!(r#"keyId="a",algorithm="{algorithm}",headers="{headers}",signature="c2ln""#);
        assert_eq!(received(&message, &value).unwrap_err().to_string(), reason);
    }
}

#[test]
fn both_rsa_implementations_give_the_same_bytes() {
    use rsa::pkcs8::DecodePrivateKey;
    use rsa::signature::{SignatureEncoding, Signer as _};
    let other = rsa::PrivateKey::from_pkcs8_der(key("rsa.pkcs8.pem").pkcs8()).unwrap();
    for (algorithm, slow) in [
        (
            "rsa-sha256",
            rsa::pkcs1v15::SigningKey::<sha2::Sha256>::new(other.clone())
                .sign(b"(request-target): get /")
                .to_vec(),
        ),
        (
            "rsa-sha512",
            rsa::pkcs1v15::SigningKey::<sha2::Sha512>::new(other).sign(b"(request-target): get /").to_vec(),
        ),
    ] {
        let profile = profile(&json!({"algorithm": algorithm, "components": ["(request-target)"]}));
        let signed = signed(message("GET", "/", &[], ""), profile, key("rsa.pkcs8.pem").into());
        assert_eq!(signed.signature().unwrap().value, STANDARD.encode(slow), "{algorithm}");
    }
}

#[test]
fn an_ing_token_request_carries_what_the_bank_reads() {
    let id = "8ad0c2b1-5a7f-4a3c-9d0e-6f1b2c3d4e5f";
    let body = "grant_type=client_credentials";
    let request = message("POST", "/oauth2/token", &[("X-ING-ReqID", id)], body);
    let signed = signed(request, Profile::shipped("ing").unwrap(), key("rsa.pkcs8.pem").into());
    let signature = signed.signature().unwrap();
    assert_eq!(
        signature.signing_string,
        "(request-target): post /oauth2/token\n\
         date: Tue, 21 Nov 2023 08:09:05 GMT\n\
         digest: SHA-256=w0mymuL8aCrbJmmabs1pytZhon8lQucTuJMUtuKr+uw=\n\
         x-ing-reqid: 8ad0c2b1-5a7f-4a3c-9d0e-6f1b2c3d4e5f"
    );
    let value = &signature.value;
    assert_eq!(
        signed.message().headers.iter().collect::<Vec<_>>(),
        [
            ("X-ING-ReqID", id),
            ("Date", "Tue, 21 Nov 2023 08:09:05 GMT"),
            ("Digest", "SHA-256=w0mymuL8aCrbJmmabs1pytZhon8lQucTuJMUtuKr+uw="),
            (
                "Authorization",
                &format!(
                    r#"Signature keyId="Test",algorithm="rsa-sha256",headers="(request-target) date digest x-ing-reqid",signature="{value}""#
                )
            ),
        ]
    );
    assert_eq!(signature.components[0], ("(request-target)".into(), "post /oauth2/token".into()));
    assert_eq!(
        (signature.profile.as_str(), signature.scheme, signature.key_id.as_str()),
        ("ing", "cavage", "Test")
    );
}

#[test]
fn a_request_with_a_token_carries_its_signature_beside_it_without_a_word_before() {
    let headers = [("Authorization", "Bearer abc"), ("X-ING-ReqID", "1")];
    let request = message("GET", "/greetings/single?a=%20b", &headers, "");
    let signed = signed(request, Profile::shipped("ing").unwrap(), key("rsa.pkcs8.pem").into());
    let headers = &signed.message().headers;
    assert_eq!(headers.get("authorization"), Some("Bearer abc"));
    assert!(headers.get("signature").unwrap().starts_with(r#"keyId="Test","#));
    assert_eq!(headers.get("digest"), Some("SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="));
    assert_eq!(signed.signature().unwrap().carried_in, ["Signature"]);
    assert!(
        signed
            .signature()
            .unwrap()
            .signing_string
            .starts_with("(request-target): get /greetings/single?a=%20b\n")
    );
}
