//! Each usual mistake is made, and named.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::carried::Carried;
use super::tests::{message, moment, signed, signer};
use super::variations::variations;
use super::*;
use crate::limits;
use crate::sign::{Candidate, Judgement, Moment, VerifyingKey};

const AT: i64 = 1_700_554_145;
const SECRET: &str = "kd94hf93k423kf44";

fn settings() -> Value {
    json!({"algorithm": "hmac-sha256", "realm": "R", "token": "t", "token_secret": "ts", "body_hash": "not_forms"})
}

fn good() -> (Received, String) {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let request = message("POST", "https://Api.example/a?z=1&b=x%20y", &form, "f=1+2");
    let values = [("realm", "R"), ("token", "t"), ("token_secret", "ts"), ("nonce", "n")];
    let sent = signed(request, &signer(&settings(), SECRET), "key", &values, AT);
    (Received::from(sent.message()), sent.signature().unwrap().signing_string.clone())
}

fn judged(request: &Received) -> Judgement {
    let keys = [
        Candidate::new("the secret", VerifyingKey::Secret(SECRET.as_bytes())),
        Candidate::new("the secret of the other project", VerifyingKey::Secret(b"other")),
    ];
    let now = Moment { now: moment(AT), skew: TimeDelta::seconds(300) };
    signer(&settings(), SECRET).profile().scheme().judge(request, &keys, now)
}

fn reason(request: &Received) -> String {
    judged(request).refusal.map(|refusal| refusal.reason).unwrap_or_default()
}

/// The good request, its signature made over another text or with another key.
fn forged(text: &str, key: &[u8]) -> Received {
    let (mut request, _) = good();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key);
    let signature = Encoding::Base64.write(aws_lc_rs::hmac::sign(&key, text.as_bytes()).as_ref());
    let value = request.headers.get("authorization").unwrap();
    let value = format!(
        "{}oauth_signature=\"{}\"",
        value.split("oauth_signature=").next().unwrap(),
        percent(&signature)
    );
    request.headers.set("Authorization", value);
    request
}

#[test]
fn what_was_done_differently_is_said_with_the_base_string_that_verifies() {
    let (request, right) = good();
    assert_eq!(reason(&request), "");
    let key = key(SECRET.as_bytes(), "ts");
    for (wrong, sentence) in [
        (right.replace("f%3D1%25202%26", ""), "the parameters of the form in the body are left out"),
        (
            right.replace("b%3Dx%2520y%26", "").replace("%26z%3D1", ""),
            "the parameters of the query are left out",
        ),
        (right.replacen("POST", "post", 1), "the method is in lower case"),
        (
            right.replace("x%2520y", "x%2By").replace("1%25202", "1%2B2"),
            "blanks in values are written as `+`",
        ),
        (right.replace("example%2Fa", "example%3A443%2Fa"), "the port that goes without saying"),
        (right.replacen("https", "http", 1), "another scheme"),
        (right.replace("%26z%3D1", "%26realm%3DR%26z%3D1"), "`realm` is in the base string"),
        (right.replace("%26oauth_version%3D1.0", ""), "`oauth_version` is sent and was not signed"),
        (format!("{right}\n"), "a newline stands at the end"),
        (percent(&right), "percent-encoded once too often"),
    ] {
        assert_ne!(wrong, right, "{sentence}");
        let refusal = judged(&forged(&wrong, &key)).refusal.unwrap();
        assert!(refusal.reason.contains(sentence), "{sentence}: {}", refusal.reason);
        assert_eq!(refusal.verifies.as_ref(), Some(&wrong), "{sentence}");
    }
    assert!(reason(&forged("something else", &key)).contains("no usual mistake"));
}

#[test]
fn a_key_made_of_the_secrets_in_another_way_is_recognised() {
    let (_, right) = good();
    for (key, sentence) in [
        (&b"kd94hf93k423kf44%0A&ts"[..], "the secret that signed ends in a line break"),
        (b"kd94hf93k423kf44", "the characters of the secret were the key"),
        (b"other&ts", "it was signed with the secret of the other project"),
        (b"kd94hf93k423kf44&", "the secret of the token is left out of the key"),
        (b"kd94hf93k423kf44ts", "the `&` between the two secrets is missing"),
    ] {
        let said = reason(&forged(&right, key));
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
}

#[test]
fn what_is_refused_whatever_was_signed_is_said_first() {
    let change = |from: &str, to: &str| {
        let (mut request, _) = good();
        let value = request.headers.get("authorization").unwrap().to_owned();
        assert!(value.contains(from), "{value}");
        request.headers.set("Authorization", value.replace(from, to));
        reason(&request)
    };
    for (from, to, sentence) in [
        (
            "HMAC-SHA256",
            "HMAC-SHA1",
            "`oauth_signature_method` is `HMAC-SHA1`, and `HMAC-SHA256` is asked for",
        ),
        ("1700554145", "1700554845", "700 s ahead of the clock"),
        ("1700554145", "1700553445", "700 s behind the clock"),
        ("1700554145", "1700554145000", "milliseconds, where seconds are asked for"),
        ("1700554145", "now", "not a number of seconds"),
        ("oauth_nonce", "nonce", "has no `oauth_nonce`"),
        ("oauth_version", "oauth_nonce", "`oauth_nonce` is given twice"),
        ("oauth_version", "oauth_signature", "`oauth_signature` is given twice"),
        ("oauth_version", "realm", "`realm` is given twice"),
        ("\"1.0\"", "\"2.0\"", "`oauth_version` is `2.0`"),
        ("\"1.0\"", "1.0", "is not of the form"),
        ("OAuth ", "Bearer ", "does not begin with `OAuth `"),
    ] {
        let said = change(from, to);
        assert!(said.contains(sentence), "{sentence}: {said}");
    }
}

#[test]
fn a_body_that_was_changed_is_seen_by_its_hash() {
    let values = [("realm", "R"), ("token", "t"), ("token_secret", "ts"), ("nonce", "n")];
    let sent =
        signed(message("POST", "https://h/", &[], "{}"), &signer(&settings(), SECRET), "key", &values, AT);
    let mut request = Received::from(sent.message());
    assert_eq!(reason(&request), "");
    request.body = bytes::Bytes::from_static(b"{ }");
    assert!(
        reason(&request).starts_with("`oauth_body_hash` is `RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=`")
    );
}

#[test]
fn a_body_that_is_not_a_form_is_not_taken_without_its_hash() {
    let values = [("realm", "R"), ("token", "t"), ("token_secret", "ts"), ("nonce", "n")];
    let mut unhashed = settings();
    unhashed["body_hash"] = "never".into();
    let sent = |headers: &[(&str, &str)], body| {
        let request = message("POST", "https://h/", headers, body);
        Received::from(signed(request, &signer(&unhashed, SECRET), "key", &values, AT).message())
    };
    assert_eq!(reason(&sent(&[], "{}")), "`oauth_body_hash` is missing; the body is not signed without it");
    assert_eq!(reason(&sent(&[("Content-Type", "application/x-www-form-urlencoded")], "a=b")), "");
}

#[test]
fn commas_and_quotes_within_a_value_are_part_of_it() {
    let odd = r#"one, "two" \ three="four""#;
    let settings = json!({
        "algorithm": "hmac-sha256", "realm": "R", "values": "raw", "parameters": {"oauth_callback": "c"}
    });
    let values = [("realm", odd), ("parameters.oauth_callback", odd), ("nonce", "n,n")];
    let request = message("GET", "https://h/", &[], "");
    let sent = signed(request, &signer(&settings, SECRET), "key", &values, AT);
    let request = Received::from(sent.message());
    let carried = Carried::read(request.headers.get("authorization").unwrap(), ValueForm::Raw).unwrap();
    assert_eq!(carried.realm.as_deref(), Some(odd));
    assert_eq!(carried.get("oauth_callback"), Some(odd));
    let keys =
        [Candidate { name: "the secret", key: VerifyingKey::Secret(SECRET.as_bytes()), certificate: None }];
    let now = Moment { now: moment(AT), skew: TimeDelta::seconds(300) };
    let judgement = signer(&settings, SECRET).profile().scheme().judge(&request, &keys, now);
    assert_eq!(judgement.refusal, None);
    for damaged in [r#"OAuth realm="a"b""#, r#"OAuth realm="a\""#, r#"OAuth realm=""#] {
        let refused = Carried::read(damaged, ValueForm::Encoded).unwrap_err();
        assert!(refused.contains("is not of the form"), "{damaged}: {refused}");
    }
}

#[test]
fn a_second_authorization_is_not_overlooked() {
    let (mut request, _) = good();
    request.headers.append("Authorization", "OAuth realm=\"other\"");
    assert_eq!(reason(&request), "there are several `Authorization` fields");
}

#[test]
fn a_form_of_very_many_parameters_is_not_tried_without_each_of_them() {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let request = message("POST", "https://h/", &form, &"a=1&".repeat(2000));
    let request = Received::from(&request);
    let seen = Seen::of(&request).unwrap();
    let signer = signer(&settings(), SECRET);
    let crate::sign::Scheme::Oauth1(settings) = signer.profile().scheme() else { panic!("another scheme") };
    let protocol = vec![("oauth_nonce".to_owned(), "n".to_owned())];
    let carried = Carried { protocol, realm: None, signature: String::new() };
    let right = Base::of(&seen, &carried.protocol, settings.values);
    let tried = variations(&seen, settings, &carried, &right);
    assert!(tried.len() < limits::EXPLAINED_PARTS + 30, "{}", tried.len());
    let bare = Base { parameters: vec![("oauth_nonce".into(), "n".into())], ..right };
    assert!(tried.iter().any(|mistake| mistake.text == bare.text().as_bytes()));
}
