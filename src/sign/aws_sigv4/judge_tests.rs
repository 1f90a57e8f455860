//! Each usual mistake is made, and named.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::carried::Carried;
use super::tests::{at, parse, settings_of, signed, signer};
use super::variations::variations;
use super::*;
use crate::limits;
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
    let signature = HEXLOWER.encode(aws_lc_rs::hmac::sign(&key, string.as_bytes()).as_ref());
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
    let signature = HEXLOWER.encode(aws_lc_rs::hmac::sign(&key, string.as_bytes()).as_ref());
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
        ("authorization", "/20150830/", "/2015/", "the credential is of the day `2015`"),
        ("authorization", "/20150830/", "//", "the credential is of the day ``"),
        ("authorization", ";host;", ";host;host;", "`SignedHeaders` has `host` twice"),
        ("authorization", ";x-amz-date", "", "`x-amz-date` is sent and is not in `SignedHeaders`"),
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

/// A request that is signed in the usual way but for these headers, which are taken out of the
/// profile's hands.
fn judged_as(settings: &Value, unsigned: &Value, request: &str) -> Option<String> {
    let mut signing = settings.clone();
    signing.as_object_mut().unwrap().extend(unsigned.as_object().unwrap().clone());
    let values = [("region", "r"), ("service", "s")];
    let (sent, _) = signed(&parse(request), &signer(&signing, SECRET), &values);
    let keys =
        [Candidate { name: "the secret", key: VerifyingKey::Secret(SECRET.as_bytes()), certificate: None }];
    let moment = Moment { now: at(), skew: TimeDelta::seconds(300) };
    judge(&sent, settings_of(&signer(settings, SECRET)), &keys, moment).refusal.map(|refusal| refusal.reason)
}

#[test]
fn a_body_that_is_to_be_signed_cannot_be_called_unsigned() {
    let plain = json!({"region": "r", "service": "s"});
    let unsigned = json!({"region": "r", "service": "s", "payload": "unsigned"});
    let (none, hash) = (json!({}), hash(b"{}"));
    let request = |said: &str| format!("POST / HTTP/1.1\nHost:h\nX-Amz-Content-Sha256:{said}\n\n{{}}");
    for said in [UNSIGNED, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "x", ""] {
        let refused = judged_as(&plain, &none, &request(said)).unwrap();
        assert!(
            refused.starts_with(&format!("`x-amz-content-sha256` is `{said}`, and")),
            "{said}: {refused}"
        );
        assert!(refused.ends_with(&format!("`{hash}`")), "{said}: {refused}");
    }
    assert_eq!(judged_as(&plain, &none, &request(&hash)), None);
    assert_eq!(judged_as(&unsigned, &none, &request(&hash)), None);
    assert_eq!(judged_as(&unsigned, &none, &request(UNSIGNED)), None);
    assert!(judged_as(&unsigned, &none, &request("x")).is_some());
}

#[test]
fn what_the_service_wants_signed_is_not_sent_unsigned() {
    let plain = json!({"region": "r", "service": "s"});
    let without_token = json!({"region": "r", "service": "s", "sign_session_token": false});
    let request = |field: &str| format!("POST / HTTP/1.1\nHost:h\n{field}:v\n\n{{}}");
    let leaving_out = |name: &str| json!({"unsigned_headers": [name]});
    for name in ["x-amz-target", "content-type", "x-amz-security-token"] {
        let refused = judged_as(&plain, &leaving_out(name), &request(name)).unwrap();
        assert!(refused.starts_with(&format!("`{name}` is sent and is not in `SignedHeaders`")), "{refused}");
    }
    assert_eq!(judged_as(&plain, &leaving_out("accept"), &request("accept")), None);
    let token = "x-amz-security-token";
    assert_eq!(judged_as(&without_token, &json!({}), &request(token)), None);
    let told = json!({"region": "r", "service": "s", "unsigned_headers": ["content-type"]});
    assert_eq!(judged_as(&told, &json!({}), &request("content-type")), None);
}

#[test]
fn very_many_headers_are_not_tried_without_each_of_them() {
    let fields = (0..1000).map(|at| format!("X-{at}:v")).collect::<Vec<_>>().join("\n");
    let sent = parse(&format!("GET / HTTP/1.1\nHost:h\n{fields}\n"));
    let (signer, seen) = (signer(&settings(), SECRET), Seen::of(&sent).unwrap());
    let names = signed_names(&seen, settings_of(&signer), &[]);
    let right = Canonical::of(&seen, settings_of(&signer), &names, &[], hash(b""));
    let scope = Scope { day: "20150830".into(), region: "r".into(), service: "s".into() };
    let (signature, date) = (String::new(), "20150830T123600Z".to_owned());
    let carried = Carried { key_id: "k".into(), scope, names, signature, date, expires: None };
    let tried = variations(&seen, settings_of(&signer), &carried, &right);
    assert!(tried.len() < 2 * limits::EXPLAINED_PARTS + 50, "{}", tried.len());
}

#[test]
fn a_second_authorization_is_not_overlooked() {
    let (mut sent, _) = good();
    sent.headers.append("Authorization", "AWS4-HMAC-SHA256 Credential=other");
    assert_eq!(reason(&sent), "there are several `Authorization` fields");
}
