//! Real APIs as profiles: each reproduces the example that its documentation prints, or the
//! documented text.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::*;
use crate::message::Message;
use crate::sign::{
    Candidate, Filled, Moment, Profile, SignedMessage, Signer, SigningKey, VerifyingKey, sign,
};

pub(super) fn message(method: &str, url: &str, headers: &[(&str, &str)], body: &str) -> Message {
    Message {
        method: method.into(),
        url: url.parse().unwrap(),
        headers: headers.iter().copied().collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

pub(super) fn signer(settings: &Value, secret: &str) -> Signer {
    let profile = Profile::read("own", &json!({ "hmac": settings })).unwrap();
    Signer::new(profile, SigningKey::secret(secret.as_bytes()), None).unwrap()
}

pub(super) fn at(milliseconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds).unwrap()
}

/// Signs, and has our own verifier accept what was signed.
pub(super) fn signed(
    message: Message,
    settings: &Value,
    secret: &str,
    moment: DateTime<Utc>,
) -> SignedMessage {
    let signer = signer(settings, secret);
    let filled = Filled { key_id: "key".into(), values: [("nonce".to_owned(), "n-1".to_owned())].into() };
    let sent = sign(message, &signer, &filled, moment).unwrap();
    let keys = [Candidate::new("the secret", VerifyingKey::Secret(secret.as_bytes()))];
    let now = Moment { now: moment, skew: TimeDelta::seconds(300) };
    let judgement = signer.profile().scheme().judge(&Received::from(sent.message()), &keys, now);
    assert_eq!(judgement.refusal, None);
    assert_eq!(judgement.signing_string, sent.signature().unwrap().signing_string);
    sent
}

/// "Validating webhook deliveries" in GitHub's documentation.
#[test]
fn githubs_webhook_is_signed_as_its_documentation_prints_it() {
    let settings = json!({
        "string": "{body}", "encoding": "hex",
        "carried_in": [{"header": "X-Hub-Signature-256", "value": "sha256={signature}"}]
    });
    let request = message("POST", "https://hook.example/", &[], "Hello, World!");
    let sent = signed(request, &settings, "It's a Secret to Everybody", at(0));
    assert_eq!(
        sent.message().headers.get("x-hub-signature-256"),
        Some("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
    );
}

/// Binance, "SIGNED endpoint examples for POST /api/v3/order": example 1 (all in the body), example
/// 2 (all in the query) and example 3 (both).
#[test]
fn binances_orders_are_signed_as_its_documentation_prints_them() {
    const SECRET: &str = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
    let settings = json!({
        "string": "{query}{body}", "encoding": "hex", "timestamp": "unix_ms",
        "carried_in": [
            {"header": "X-MBX-APIKEY", "value": "{key_id}"},
            {"query": "signature", "value": "{signature}"}
        ]
    });
    let all = "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559";
    let (query, body) =
        all.split_once("&quantity").map(|(query, body)| (query, format!("quantity{body}"))).unwrap();
    for (query, body, signature) in [
        (all, "", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"),
        (query, body.as_str(), "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"),
    ] {
        let url = format!("https://api.binance.com/api/v3/order?{query}");
        let sent = signed(message("POST", &url, &[], body), &settings, SECRET, at(1_499_827_319_559));
        assert_eq!(sent.message().url.as_str(), format!("{url}&signature={signature}"));
        assert_eq!(sent.message().headers.get("x-mbx-apikey"), Some("key"));
    }
    // A GET whose timestamp the profile adds.
    let added = json!({
        "string": "{query}", "encoding": "hex", "timestamp": "unix_ms",
        "carried_in": [
            {"query": "timestamp", "value": "{timestamp}"}, {"query": "signature", "value": "{signature}"}
        ]
    });
    let sent =
        signed(message("GET", "https://api.binance.com/api/v3/account", &[], ""), &added, SECRET, at(1));
    assert_eq!(sent.signature().unwrap().signing_string, "timestamp=1");
    assert!(sent.message().url.query().unwrap().starts_with("timestamp=1&signature="));
}

/// Coinbase Exchange: timestamp, method, path and body; the secret is base64, and so is the
/// signature.
#[test]
fn coinbases_text_is_timestamp_method_target_and_body_with_a_decoded_key() {
    let settings = json!({
        "string": "{timestamp}{method}{target}{body}", "encoding": "base64", "key_encoding": "base64",
        "carried_in": [
            {"header": "CB-ACCESS-KEY", "value": "{key_id}"},
            {"header": "CB-ACCESS-TIMESTAMP", "value": "{timestamp}"},
            {"header": "CB-ACCESS-SIGN", "value": "{signature}"}
        ]
    });
    let request = message("POST", "https://api.exchange.coinbase.com/orders?a=1", &[], "{\"size\":\"1\"}");
    let sent = signed(request, &settings, "c2VjcmV0", at(1_700_554_145_000));
    let signature = sent.signature().unwrap();
    assert_eq!(signature.signing_string, "1700554145POST/orders?a=1{\"size\":\"1\"}");
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"secret");
    let expected = aws_lc_rs::hmac::sign(&key, signature.signing_string.as_bytes());
    assert_eq!(signature.value, crate::sign::Encoding::Base64.write(expected.as_ref()));
    assert_eq!(signature.carried_in, ["CB-ACCESS-SIGN"]);
    assert_eq!(signature.components[1], ("method".into(), "POST".into()));
}

/// Azure Communication Services and App Configuration, "HMAC authentication": the text, and the
/// order of its lines.
#[test]
fn azures_text_has_date_host_and_body_hash_in_one_line() {
    let settings = json!({
        "string": "{method}\n{target}\n{header.x-ms-date};{host};{header.x-ms-content-sha256}",
        "encoding": "base64", "key_encoding": "base64", "timestamp": "http",
        "carried_in": [
            {"header": "x-ms-date", "value": "{timestamp}"},
            {"header": "x-ms-content-sha256", "value": "{body.sha256.base64}"},
            {
                "header": "Authorization",
                "value": "HMAC-SHA256 SignedHeaders=x-ms-date;host;x-ms-content-sha256&Signature={signature}"
            }
        ]
    });
    let request = message("POST", "https://r.communication.azure.com/sms?api-version=1", &[], "");
    let sent = signed(request, &settings, "c2VjcmV0", at(1_700_554_145_000));
    assert_eq!(
        sent.signature().unwrap().signing_string,
        "POST\n/sms?api-version=1\nTue, 21 Nov 2023 08:09:05 GMT;r.communication.azure.com;\
         47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    );
}

/// Stripe's `Stripe-Signature`, and the id, time and body of the Standard Webhooks specification
/// with the example of its libraries.
#[test]
fn webhooks_of_stripe_and_of_the_standard_are_signed() {
    let stripe = json!({
        "string": "{timestamp}.{body}", "encoding": "hex",
        "carried_in": [{"header": "Stripe-Signature", "value": "t={timestamp},v1={signature}"}]
    });
    let sent = signed(message("POST", "https://h/", &[], "{}"), &stripe, "whsec_x", at(1_492_774_577_000));
    assert!(sent.message().headers.get("stripe-signature").unwrap().starts_with("t=1492774577,v1="));

    let standard = json!({
        "string": "{header.webhook-id}.{timestamp}.{body}", "encoding": "base64", "key_encoding": "base64",
        "carried_in": [
            {"header": "webhook-timestamp", "value": "{timestamp}"},
            {"header": "webhook-signature", "value": "v1,{signature}"}
        ]
    });
    let headers = [("webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek")];
    let request = message("POST", "https://h/", &headers, r#"{"test": 2432232314}"#);
    let sent = signed(request, &standard, "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", at(1_614_265_330_000));
    assert_eq!(
        sent.message().headers.get("webhook-signature"),
        Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    );
}

#[test]
fn a_private_key_signs_such_a_text_too() {
    let settings = json!({
        "algorithm": "ed25519", "string": "{timestamp}{method.lower}{nonce}", "encoding": "base64url",
        "carried_in": [{"header": "X-Signature", "value": "{timestamp}:{nonce}:{signature}"}]
    });
    let profile = Profile::read("own", &json!({ "hmac": settings })).unwrap();
    let key =
        crate::keys::PrivateKey::read(include_bytes!("../../../tests/fixtures/keys/ed25519.pem")).unwrap();
    let public = key.public().clone();
    let signer = Signer::new(profile, key.into(), None).unwrap();
    let filled = Filled { key_id: "key".into(), values: [("nonce".to_owned(), "n".to_owned())].into() };
    let sent = sign(message("PUT", "https://h/", &[], ""), &signer, &filled, at(5000)).unwrap();
    assert_eq!(sent.signature().unwrap().signing_string, "5putn");
    let keys = [Candidate::new("the key", VerifyingKey::Public(&public))];
    let now = Moment { now: at(5000), skew: TimeDelta::seconds(1) };
    assert_eq!(signer.profile().scheme().judge(&Received::from(sent.message()), &keys, now).refusal, None);
}

#[test]
fn a_timestamp_that_the_request_sets_is_the_one_that_is_signed() {
    let settings = json!({
        "string": "{timestamp}", "encoding": "hex",
        "carried_in": [
            {"header": "X-Time", "value": "{timestamp}"}, {"header": "X-Signature", "value": "{signature}"}
        ]
    });
    let signer = signer(&settings, "secret");
    let filled = Filled::key_id("key");
    let request = message("GET", "https://h/", &[("X-Time", "7")], "");
    let sent = sign(request, &signer, &filled, at(1000)).unwrap();
    assert_eq!(sent.signature().unwrap().signing_string, "7");
    assert_eq!(sent.message().headers.len(), 2);
    let taken = message("GET", "https://h/", &[("X-Signature", "7")], "");
    let refused = sign(taken, &signer, &filled, at(1000)).unwrap_err();
    assert_eq!(refused, SignError::Taken { header: "X-Signature".into() });
}

#[test]
fn a_secret_that_is_not_in_its_encoding_is_refused_before_anything_is_sent() {
    let settings = json!({
        "string": "{body}", "encoding": "hex", "key_encoding": "base64",
        "carried_in": [{"header": "X-Signature", "value": "{signature}"}]
    });
    let profile = Profile::read("own", &json!({ "hmac": settings })).unwrap();
    let refused = Signer::new(profile, SigningKey::secret(b"not base64!"), None).err().unwrap();
    assert_eq!(refused.to_string(), "the shared secret is not written in base64, as the profile says");
    assert_eq!(refused.code(), crate::diag::Code::Secret);
}

#[test]
fn settings_that_could_not_be_checked_by_anybody_are_refused_at_their_place() {
    let carried = json!([{"header": "X-S", "value": "{signature}"}]);
    for (changes, pointer, message) in [
        (json!({"string": "{signature}"}), "/hmac/string", "can't be part of what is signed"),
        (json!({"string": "fixed"}), "/hmac/string", "has no placeholder"),
        (json!({"string": "{timestamp}{body}"}), "/hmac/string", "`{timestamp}` is signed and not carried"),
        (json!({"string": "{key_id}{body}"}), "/hmac/string", "`{key_id}` is signed and not carried"),
        (json!({"string": "{verb}"}), "/hmac/string", "`{verb}` is not a placeholder"),
        (json!({"carried_in": []}), "/hmac/carried_in", "none of them has the `{signature}`"),
        (
            json!({"carried_in": [{"value": "{signature}"}]}),
            "/hmac/carried_in/0",
            "either `header` or `query`",
        ),
        (
            json!({"carried_in": [{"header": "a b", "value": "{signature}"}]}),
            "/hmac/carried_in/0/header",
            "not a header name",
        ),
        (
            json!({"carried_in": [{"header": "a", "value": "{signature}{body}"}]}),
            "/hmac/carried_in/0/value",
            "`{body}` can be signed, not carried",
        ),
    ] {
        let mut settings = json!({"string": "{body}", "encoding": "hex", "carried_in": carried});
        for (name, value) in changes.as_object().unwrap() {
            settings[name] = value.clone();
        }
        let refused = Profile::read("own", &json!({ "hmac": settings })).unwrap_err();
        assert_eq!(refused.pointer, pointer, "{refused}");
        assert!(refused.message.contains(message), "{refused}");
    }
}
