//! Each usual mistake is made, and named.

use chrono::TimeDelta;
use data_encoding::HEXLOWER;
use serde_json::{Value, json};

use super::tests::{at, message, signed, signer};
use super::*;
use crate::sign::{Candidate, Encoding, Judgement, Moment, VerifyingKey};

const SECRET: &str = "c2VjcmV0IHNlY3JldA==";
const AT: i64 = 1_700_554_145_000;

fn settings() -> Value {
    json!({
        "string": "{method}\n{target}\n{timestamp}\n{body.sha256.hex}", "encoding": "hex", "key_encoding": "base64",
        "carried_in": [
            {"header": "X-Time", "value": "{timestamp}"},
            {"header": "X-Hash", "value": "{body.sha256.hex}"},
            {"header": "X-Signature", "value": "{key_id}:{signature}"}
        ]
    })
}

fn good() -> (Received, String) {
    let request = message("POST", "https://h/a%20b?z=1&b=2", &[], "{\"n\": 1}");
    let sent = signed(request, &settings(), SECRET, at(AT));
    (Received::from(sent.message()), sent.signature().unwrap().signing_string.clone())
}

fn judged(request: &Received) -> Judgement {
    let keys = [
        Candidate::new("the secret", VerifyingKey::Secret(SECRET.as_bytes())),
        Candidate::new("the secret of the sandbox", VerifyingKey::Secret(b"b3RoZXI=")),
    ];
    let now = Moment { now: at(AT), skew: TimeDelta::seconds(300) };
    signer(&settings(), SECRET).profile().scheme().judge(request, &keys, now)
}

fn reason(request: &Received) -> String {
    judged(request).refusal.map(|refusal| refusal.reason).unwrap_or_default()
}

fn mac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    aws_lc_rs::hmac::sign(&key, text).as_ref().to_vec()
}

fn with_signature(signature: &str) -> Received {
    let (mut request, _) = good();
    request.headers.set("X-Signature", format!("key:{signature}"));
    request
}

#[test]
fn what_was_done_differently_is_said_with_the_text_that_verifies() {
    let (request, right) = good();
    assert_eq!(reason(&request), "");
    let hash = |body: &str| HEXLOWER.encode(&crate::sign::digest::Hash::Sha256.of(body.as_bytes()));
    let is = hash("{\"n\": 1}");
    for (wrong, sentence) in [
        (right.replace("POST", "post"), "the method is in lower case"),
        (right.replace("?z=1&b=2", ""), "the query is missing"),
        (right.replace("?z=1&b=2", "?b=2&z=1"), "the parameters of the query are sorted"),
        (right.replace("a%20b", "a b"), "percent-decoded"),
        (right.replace("/a%20b", "https://h/a%20b"), "the whole URL is signed"),
        (right.replace("1700554145", "1700554145000"), "is in milliseconds"),
        (right.replace("1700554145", "1700554146"), "another one than was sent"),
        (right.replace(&is, &hash("{\"n\":1}")), "the same JSON without blanks"),
        (right.replace(&is, &is.to_ascii_uppercase()), "the hash of the body is in upper case"),
        (right.replace(&is, "{\"n\": 1}"), "the body itself is signed"),
        (right.replace(&is, ""), "`{body.sha256.hex}` is left out"),
        (format!("{right}\n"), "a newline stands at the end of the text"),
        (right.replace('\n', ""), "the newlines between the parts are missing"),
        (right.replace('\n', r"\n"), "a backslash and an `n`"),
        (
            HEXLOWER.encode(&crate::sign::digest::Hash::Sha256.of(right.as_bytes())),
            "a hash of the text was signed",
        ),
    ] {
        assert_ne!(wrong, right, "{sentence}");
        let signature = HEXLOWER.encode(&mac(b"secret secret", wrong.as_bytes()));
        let refusal = judged(&with_signature(&signature)).refusal.unwrap();
        assert!(refusal.reason.contains(sentence), "{sentence}: {}", refusal.reason);
        assert_eq!(refusal.verifies.as_ref(), Some(&wrong), "{sentence}");
    }
    let (other, text) = (HEXLOWER.encode(&mac(b"secret secret", b"else")), "no usual mistake");
    assert!(reason(&with_signature(&other)).contains(text));
}

#[test]
fn a_secret_or_signature_in_another_encoding_is_recognised() {
    let (_, right) = good();
    let bytes = mac(b"secret secret", right.as_bytes());
    for (signature, sentence) in [
        (Encoding::Base64.write(&bytes), "the signature is written in base64, not in hex"),
        (HEXLOWER.encode(Encoding::Base64.write(&bytes).as_bytes()), "encoded twice, base64 within hex"),
        ("zz".to_owned(), "the signature is not written in hex"),
        (
            HEXLOWER.encode(&mac(SECRET.as_bytes(), right.as_bytes())),
            "the characters of the secret were the key",
        ),
        (HEXLOWER.encode(&mac(b"other", right.as_bytes())), "it was signed with the secret of the sandbox"),
    ] {
        let said = reason(&with_signature(&signature));
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
}

#[test]
fn what_goes_along_with_the_signature_is_checked_first() {
    let change = |name: &str, value: Option<&str>| {
        let (mut request, _) = good();
        match value {
            Some(value) => request.headers.set(name, value),
            None => request.headers.remove(name),
        }
        reason(&request)
    };
    for (name, value, sentence) in [
        ("X-Time", Some("1700554845"), "the timestamp `1700554845` is 700 s ahead of the clock"),
        ("X-Time", Some("1700553445"), "the timestamp `1700553445` is 700 s behind the clock"),
        ("X-Time", Some("2023-11-21"), "the timestamp `2023-11-21` is not written as `unix`"),
        ("X-Hash", Some("00"), "`X-Hash` says `00`, and `{body.sha256.hex}` is `"),
        ("X-Signature", Some("ab"), "`X-Signature` is not written as `{key_id}:{signature}`"),
        ("X-Signature", None, "there is no header `X-Signature`"),
    ] {
        let said = change(name, value);
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
}

#[test]
fn a_second_field_of_what_carries_is_not_overlooked() {
    for name in ["X-Time", "X-Signature"] {
        let (mut request, _) = good();
        request.headers.append(name, "other");
        assert_eq!(reason(&request), format!("there are several headers `{name}`"));
    }
}
