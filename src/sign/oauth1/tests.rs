//! The published examples, and what the settings do.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::*;
use crate::keys::{PrivateKey, PublicKey};
use crate::message::Message;
use crate::sign::{
    Candidate, Filled, Moment, Profile, SignedMessage, Signer, SigningKey, VerifyingKey, sign,
};

const VECTORS: &str = include_str!("../../../tests/vectors/oauth1.json");
const MASTERCARD: &[u8] = include_bytes!("../../../tests/vectors/mastercard_test_public.pem");

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

pub(super) fn message(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Message {
    Message {
        method: method.into(),
        url: url.parse().unwrap(),
        headers: headers.iter().copied().collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

pub(super) fn signer(settings: &Value, secret: &str) -> Signer {
    let profile = Profile::read("own", &json!({ "oauth1": settings })).unwrap();
    Signer::new(profile, SigningKey::secret(secret.as_bytes()), None).unwrap()
}

pub(super) fn signed(
    message: Message,
    signer: &Signer,
    key_id: &str,
    values: &[(&str, &str)],
    at: i64,
) -> SignedMessage {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let filled = Filled { key_id: key_id.to_owned(), values };
    sign(message, signer, &filled, moment(at)).unwrap()
}

pub(super) fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// A key of the fixtures.
#[allow(clippy::disallowed_methods, reason = "a fixture of this repository")]
fn key() -> PrivateKey {
    let path = format!("{}/tests/fixtures/keys/rsa.pkcs8.pem", env!("CARGO_MANIFEST_DIR"));
    PrivateKey::read(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn the_published_examples_are_signed_as_printed_and_verify() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    for case in vectors["cases"].as_array().unwrap() {
        let parameters = case["parameters"].as_object().cloned().unwrap_or_default();
        let mut settings = json!({
            "algorithm": "hmac-sha1", "version": case["version"] == json!(true), "realm": "Photos",
            "token": "{{ token }}", "parameters": parameters,
        });
        if !text(case, "token_secret").is_empty() {
            settings["token_secret"] = case["token_secret"].clone();
        }
        let own: Vec<(String, &str)> = parameters
            .iter()
            .map(|(name, value)| (format!("parameters.{name}"), value.as_str().unwrap()))
            .collect();
        let mut values = vec![
            ("realm", "Photos"),
            ("token", text(case, "token")),
            ("token_secret", text(case, "token_secret")),
            ("nonce", text(case, "nonce")),
        ];
        values.extend(own.iter().map(|(name, value)| (name.as_str(), *value)));
        let kind: &[(&str, &str)] = match case["content_type"].as_str() {
            Some(kind) => &[("Content-Type", kind)],
            None => &[],
        };
        let request = message(text(case, "method"), text(case, "url"), kind, text(case, "body"));
        let signer = signer(&settings, text(case, "consumer_secret"));
        let at = case["timestamp"].as_i64().unwrap();
        let sent = signed(request, &signer, text(case, "consumer_key"), &values, at);
        let signature = sent.signature().unwrap();
        assert_eq!(signature.value, text(case, "signature"), "{}", case["name"]);
        if let Some(base) = case["base_string"].as_str() {
            assert_eq!(signature.signing_string, base, "{}", case["name"]);
        }
        let keys =
            [Candidate::new("the secret", VerifyingKey::Secret(text(case, "consumer_secret").as_bytes()))];
        let now = Moment { now: moment(at + 10), skew: TimeDelta::seconds(300) };
        let judgement = signer.profile().scheme().judge(&Received::from(sent.message()), &keys, now);
        assert_eq!(judgement.refusal, None, "{}", case["name"]);
        assert_eq!(judgement.key_id.as_deref(), case["consumer_key"].as_str());
    }
}

/// The whole header of the request in Mastercard's own tests: signed by us it is the same up to the
/// signature, for which we do not have the key; theirs verifies.
#[test]
fn the_request_that_mastercard_publishes_is_written_as_printed_and_its_signature_verifies() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let published = &vectors["mastercard"];
    let profile = Profile::shipped("mastercard").unwrap();
    let signer = Signer::new(profile, key().into(), None).unwrap();
    let at = published["timestamp"].as_i64().unwrap();
    let request = message("GET", text(published, "url"), &[], "");
    let sent =
        signed(request, &signer, text(published, "consumer_key"), &[("nonce", text(published, "nonce"))], at);
    let (ours, theirs) =
        (sent.message().headers.get("authorization").unwrap(), text(published, "authorization"));
    let unsigned = |value: &str| value.split("oauth_signature=").next().unwrap().to_owned();
    assert_eq!(unsigned(ours), unsigned(theirs));

    let public = PublicKey::read(MASTERCARD).unwrap();
    let keys = [Candidate::new("Mastercard's test key", VerifyingKey::Public(&public))];
    let now = Moment { now: moment(at), skew: TimeDelta::seconds(300) };
    let mut received = Received::from(sent.message());
    received.headers.set("Authorization", theirs);
    let judgement = signer.profile().scheme().judge(&received, &keys, now);
    assert_eq!(judgement.refusal, None);
    assert_eq!(judgement.signing_string, sent.signature().unwrap().signing_string);
}

/// The hash is the one of `test_body_hash3` in Mastercard's tests.
#[test]
fn the_base_string_that_mastercard_publishes_has_the_hash_of_the_body_once_encoded() {
    let profile = Profile::shipped("mastercard").unwrap();
    let signer = Signer::new(profile, key().into(), None).unwrap();
    let request = message("POST", "https://api.mastercard.com/a?b=1", &[], "{\"foõ\":\"bar\"}");
    let sent = signed(request, &signer, "k", &[("nonce", "n")], 1_111_111_111);
    assert_eq!(
        sent.signature().unwrap().signing_string,
        "POST&https%3A%2F%2Fapi.mastercard.com%2Fa&b%3D1\
         %26oauth_body_hash%3D%2BZ%2BPWW2TJDnPvRcTgol%2BnKO3LT7xm8smnsg%2B%2F%2FXMIyI%3D\
         %26oauth_consumer_key%3Dk%26oauth_nonce%3Dn%26oauth_signature_method%3DRSA-SHA256\
         %26oauth_timestamp%3D1111111111%26oauth_version%3D1.0"
    );
}

/// The examples of RFC 5849, section 3.4.1.2, and those of Mastercard's tests.
#[test]
fn the_base_string_uri_is_the_one_that_every_server_builds() {
    for (scheme, host, target, uri) in [
        ("http", "EXAMPLE.COM:80", "/r%20v/X?id=123", "http://example.com/r%20v/X"),
        ("https", "www.example.net:8080", "/?q=1", "https://www.example.net:8080/"),
        ("HTTPS", "API.MASTERCARD.COM", "/TEST", "https://api.mastercard.com/TEST"),
        ("https", "api.mastercard.com:443", "", "https://api.mastercard.com/"),
        ("http", "h:443", "/", "http://h:443/"),
    ] {
        let headers = crate::message::Headers::new();
        let seen = Seen { method: "GET", target, scheme, host, headers: &headers, body: b"" };
        assert_eq!(base::uri(&seen), uri);
    }
}

#[test]
fn the_header_has_what_the_settings_say_and_every_value_encoded() {
    let settings = json!({
        "algorithm": "hmac-sha256", "body_hash": "not_forms", "realm": "{{ r }}", "token": "{{ t }}",
        "parameters": {"oauth_verifier": "{{ v }}"}
    });
    let signer = signer(&settings, "secret");
    let values =
        [("realm", r#"a "b""#), ("token", ""), ("nonce", "n/1"), ("parameters.oauth_verifier", "v v")];
    let sent = signed(message("POST", "https://h/", &[], "{}"), &signer, "key=1", &values, 1);
    let header = sent.message().headers.get("authorization").unwrap();
    assert!(
        header.starts_with(
            r#"OAuth realm="a \"b\"",oauth_consumer_key="key%3D1",oauth_nonce="n%2F1",oauth_timestamp="1","#
        ),
        "{header}"
    );
    assert!(
        header.contains(r#"oauth_body_hash="RBNvo1WzZ4oRRq0W9%2BhknpT7T8If536DEMBg9hyq%2F4o%3D""#),
        "{header}"
    );
    assert!(header.contains(r#"oauth_verifier="v%20v""#) && !header.contains("oauth_token"), "{header}");

    let form = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")];
    let sent = signed(message("POST", "https://h/", &form, "a=b"), &signer, "k", &values, 1);
    assert!(!sent.message().headers.get("authorization").unwrap().contains("oauth_body_hash"));
    assert!(sent.signature().unwrap().signing_string.contains("&a%3Db%26oauth_"));

    let taken = message("GET", "https://h/", &[("Authorization", "Bearer x")], "");
    let refused = sign(taken, &signer, &Filled::key_id("k"), moment(1)).unwrap_err();
    assert_eq!(refused, SignError::Taken { header: "Authorization".into() });
}

#[test]
fn settings_that_oauth_does_not_have_are_refused_at_their_place() {
    for (settings, pointer, message) in [
        (json!({"algorithm": "ed25519"}), "/oauth1/algorithm", "OAuth has no `ed25519`"),
        (json!({"token_secret": "x"}), "/oauth1/token_secret", "is never used: `rsa-sha256`"),
        (json!({"parameters": {"oauth_nonce": "x"}}), "/oauth1/parameters/oauth_nonce", "made by the scheme"),
        (json!({"parameters": {"scope": "x"}}), "/oauth1/parameters/scope", "does not begin with `oauth_`"),
    ] {
        let refused = Profile::read("own", &json!({ "oauth1": settings })).unwrap_err();
        assert_eq!(refused.pointer, pointer);
        assert!(refused.message.contains(message), "{refused}");
    }
}
