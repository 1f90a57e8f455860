//! Each usual mistake is made, and named.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::tests::{at, parse, settings_of, signed, signer};
use super::*;
use crate::message::Start;
use crate::sign::encoding::percent;
use crate::sign::{Candidate, Judgement, Moment, VerifyingKey};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const REQUEST: &str =
    "POST /a%20b//c?b=2&a=x%20y HTTP/1.1\nHost:api.example\nX-B:  two   blanks \nA:1\n\n{\"n\": 1}";

fn settings() -> Value {
    json!({"region": "eu-central-1", "service": "execute-api"})
}

fn judged(request: &Received, secret: &str) -> Judgement {
    let signer = signer(&settings(), SECRET);
    let keys = [
        Candidate::new("the secret", VerifyingKey::Secret(secret.as_bytes())),
        Candidate::new("the old secret", VerifyingKey::Secret(b"old")),
    ];
    let moment = Moment { now: at(), skew: TimeDelta::seconds(300) };
    judge(request, settings_of(&signer), &keys, moment)
}

fn good() -> (Received, Canonical) {
    let signer = signer(&settings(), SECRET);
    let values = [("region", "eu-central-1"), ("service", "execute-api")];
    let (sent, signature) = signed(&parse(REQUEST), &signer, &values);
    let seen = Seen::of(&sent).unwrap();
    let names = signed_names(&seen, settings_of(&signer), &[]);
    let canonical = Canonical::of(&seen, settings_of(&signer), &names, &[], hash(&sent.body));
    assert_eq!(canonical.components(), signature.components);
    (sent, canonical)
}

/// The good request with a signature that was made over another text, or with another secret.
fn forged(text: &str, secret: &str) -> Received {
    let (mut sent, _) = good();
    let scope =
        Scope { day: "20150830".into(), region: "eu-central-1".into(), service: "execute-api".into() };
    let string = scope.string_to_sign("20150830T123600Z", text.as_bytes());
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &scope.key(secret.as_bytes()));
    let signature = hex(aws_lc_rs::hmac::sign(&key, string.as_bytes()).as_ref());
    let value = sent.headers.get("authorization").unwrap();
    let value = format!("{}Signature={signature}", value.split("Signature=").next().unwrap());
    sent.headers.set("Authorization", value);
    sent
}

fn reason(request: &Received) -> String {
    judged(request, SECRET).refusal.map(|refusal| refusal.reason).unwrap_or_default()
}

#[test]
fn what_was_done_differently_is_said_with_the_string_that_verifies() {
    let (_, right) = good();
    let text = right.text();
    assert_eq!(reason(&forged(&text, SECRET)), "");
    for (wrong, sentence) in [
        (text.replace("POST", "post"), "the method is in lower case"),
        (text.replace("/a%2520b/c", "/a%20b/c"), "the path is encoded once"),
        (text.replace("/a%2520b/c", "/a%2520b//c"), "the path keeps its `.`, `..` or doubled slashes"),
        (text.replace("a=x%20y&b=2", "b=2&a=x%20y"), "the query is not sorted"),
        (text.replace("a=x%20y&b=2", "a=x+y&b=2"), "spaces in the query are written as `+`"),
        (text.replace("a=x%20y&b=2", ""), "the query is missing"),
        (text.replace("two blanks", "  two   blanks "), "header values are signed as they are"),
        (text.replace(&hash(b"{\"n\": 1}"), &hash(b"")), "the hash that was signed is that of an empty body"),
        (text.replace(&hash(b"{\"n\": 1}"), &hash(b"{\"n\":1}")), "is that of the same JSON without blanks"),
        (text.replace(&hash(b"{\"n\": 1}"), UNSIGNED), "`UNSIGNED-PAYLOAD` stands in place of its hash"),
        (text.replace("\n\na;host", "\na;host"), "the empty line between the headers"),
        (format!("{text}\n"), "a newline stands at the end of the canonical request"),
        (text.replace("host:api.example", "host:api.example:443"), "`host` is signed with `:443`"),
    ] {
        assert_ne!(wrong, text, "{sentence}");
        let refusal = judged(&forged(&wrong, SECRET), SECRET).refusal.unwrap();
        assert!(refusal.reason.contains(sentence), "{sentence}: {}", refusal.reason);
        let verifies = refusal.verifies.unwrap();
        assert!(verifies.ends_with(&hash(wrong.as_bytes())), "{sentence}: {verifies}");
    }
    assert!(reason(&forged("something else", SECRET)).contains("no usual mistake explains it"));
}

#[test]
fn a_secret_that_is_not_quite_the_secret_is_recognised() {
    let (_, right) = good();
    for (secret, sentence) in [
        (format!("{SECRET}\n"), "the secret that signed ends in a line break"),
        ("old".to_owned(), "it was signed with the old secret"),
    ] {
        assert!(reason(&forged(&right.text(), &secret)).contains(sentence), "{sentence}");
    }
    let (mut sent, _) = good();
    let scope =
        Scope { day: "20150830".into(), region: "eu-central-1".into(), service: "execute-api".into() };
    let string = scope.string_to_sign("20150830T123600Z", right.text().as_bytes());
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &scope.key_of(SECRET.as_bytes()));
    let value = sent.headers.get("authorization").unwrap().to_owned();
    let signature = hex(aws_lc_rs::hmac::sign(&key, string.as_bytes()).as_ref());
    let head = value.split("Signature=").next().unwrap();
    sent.headers.set("Authorization", format!("{head}Signature={signature}"));
    assert!(reason(&sent).starts_with("`AWS4` is missing"));
}

#[test]
fn a_signature_in_another_encoding_is_recognised() {
    let (mut sent, _) = good();
    let value = sent.headers.get("authorization").unwrap().to_owned();
    let (head, hexadecimal) = value.split_once("Signature=").unwrap();
    let bytes = crate::sign::Encoding::Hex.read(hexadecimal).unwrap();
    let base64 = crate::sign::Encoding::Base64.write(&bytes);
    sent.headers.set("Authorization", format!("{head}Signature={base64}"));
    assert_eq!(reason(&sent), "the signature is written in base64, not in hex");
}

#[test]
fn what_the_service_refuses_whatever_was_signed_is_said_first() {
    let change = |name: &str, from: &str, to: &str| {
        let (mut sent, _) = good();
        let value = sent.headers.get(name).unwrap().replace(from, to);
        sent.headers.set(name, value);
        reason(&sent)
    };
    for (name, from, to, sentence) in [
        ("authorization", "a;host", "host;a", "not in alphabetical order"),
        ("authorization", "a;host;", "A;host;", "`A` in upper case"),
        ("authorization", ";host;", ";", "`host` is not signed"),
        ("authorization", ";x-b", ";x-b;x-c", "`x-c` is signed, and the request does not have it"),
        (
            "authorization",
            "eu-central-1",
            "us-east-1",
            "region of the credential is `us-east-1`, not `eu-central-1`",
        ),
        ("authorization", "/20150830/", "/20150829/", "the credential is of the day `20150829`"),
        ("authorization", "/aws4_request", "", "is not `ID/DAY/REGION/SERVICE/aws4_request`"),
        ("authorization", "Signature=", "Sig=", "has no `Signature`"),
        ("authorization", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA512", "the algorithm is not"),
        ("authorization", "AWS4-HMAC-SHA256", "Bearer", "does not begin with"),
        ("x-amz-date", "T123600Z", "T130000Z", "1440 s ahead of the clock"),
        ("x-amz-date", "T123600Z", "T120000Z", "2160 s behind the clock"),
        ("x-amz-date", "T123600Z", "", "not a moment like"),
    ] {
        let said = change(name, from, to);
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
    assert!(reason(&parse("GET / HTTP/1.1\nHost:h\n")).contains("there is no signature"));
}

#[test]
fn a_presigned_url_is_good_until_it_expires() {
    let signer =
        signer(&json!({"region": "r", "service": "s", "carried_in": "query", "expires_after": 60}), SECRET);
    let (sent, _) =
        signed(&parse("GET /?a=b HTTP/1.1\nHost:h\n"), &signer, &[("region", "r"), ("service", "s")]);
    let keys = [Candidate::new("the secret", VerifyingKey::Secret(SECRET.as_bytes()))];
    let after = |seconds: i64, request: &Received| {
        let moment = Moment { now: at() + TimeDelta::seconds(seconds), skew: TimeDelta::seconds(5) };
        judge(request, settings_of(&signer), &keys, moment).refusal.map(|refusal| refusal.reason)
    };
    assert_eq!(after(60, &sent), None);
    assert_eq!(after(61, &sent).unwrap(), "the signature expired after 60 s, and is 61 s old");
    let mut other = sent.clone();
    if let Start::Request { target, .. } = &mut other.start {
        *target = target.replace("a=b", &format!("a={}", percent("b c")));
    }
    assert!(after(0, &other).unwrap().contains("no usual mistake"));
}
