//! What a bank would say of a captured request, and why.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::tests::{at, key, message, profile};
use super::*;
use crate::keys::{Certificate, PublicKey};
use crate::message::{Headers, Message, Start};
use crate::sign::{
    Candidate, Filled, Judgement, Moment, Profile, Scheme, SignedMessage, Signer, VerifyingKey, sign,
};

const SKEW: TimeDelta = TimeDelta::seconds(300);

/// What the shipped profiles sign if it is sent.
const OPTIONAL: &[(&str, &str)] = &[
    ("X-Request-ID", "7"),
    ("X-ING-ReqID", "7"),
    ("X-Nordea-Originating-Host", "example.com"),
    ("Content-Type", "application/json"),
    ("Accept", "application/json"),
    ("TPP-Redirect-URI", "https://tpp.example/back"),
];

fn signed(message: Message, profile: &Profile) -> SignedMessage {
    let signer = Signer::new(profile.clone(), key("rsa.pkcs8.pem").into(), None).unwrap();
    sign(message, &signer, &Filled::key_id("client"), at()).unwrap()
}

/// Judged with the signing key, beside which there is that of the connection.
fn judged(received: &Received, profile: &Profile, now: DateTime<Utc>) -> Judgement {
    let (signing, tls) = (key("rsa.pkcs8.pem").public().clone(), key("rsa-1024.pem").public().clone());
    let keys = [
        Candidate::new("the signing key", VerifyingKey::Public(&signing)),
        Candidate::new("the key of the TLS certificate", VerifyingKey::Public(&tls)),
    ];
    profile.scheme().judge(received, &keys, Moment { now, skew: SKEW })
}

fn reason(judgement: &Judgement) -> &str {
    judgement.refusal.as_ref().map(|refusal| refusal.reason.as_str()).unwrap_or_default()
}

/// The shipped profiles of this scheme.
fn shipped() -> impl Iterator<Item = Profile> {
    Profile::shipped_names()
        .filter_map(Profile::shipped)
        .filter(|profile| matches!(profile.scheme(), Scheme::Cavage(_)))
}

#[test]
fn what_a_shipped_profile_signs_the_other_side_verifies_with_and_without_token_and_body() {
    let mut profiles = 0;
    for profile in shipped() {
        profiles += 1;
        for (method, body) in [("GET", ""), ("POST", r#"{"amount": 1}"#)] {
            for token in [None, Some(("Authorization", "Bearer abc"))] {
                let headers: Vec<_> = OPTIONAL.iter().copied().chain(token).collect();
                let sent = signed(message(method, "/pay?to=a%20b", &headers, body), &profile);
                let judgement = judged(&Received::from(sent.message()), &profile, at());
                let signature = sent.signature().unwrap();
                assert_eq!(judgement.refusal, None, "{} {method} {token:?}", profile.name());
                assert_eq!(judgement.signing_string, signature.signing_string);
                assert_eq!(judgement.components, signature.components);
                assert_eq!(judgement.key_id.as_deref(), Some("client"));
                assert_eq!(judgement.algorithm.as_deref(), Some(signature.algorithm.as_str()));
            }
        }
    }
    assert_eq!(profiles, 9);
}

#[test]
fn requests_that_others_published_verify() {
    let vectors: Value = serde_json::from_str(include_str!("../../../tests/vectors/banks.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for request in vectors["requests"].as_array().unwrap() {
        let pair = |pair: &Value| (text(&pair[0]), text(&pair[1]));
        let headers: Headers = request["headers"].as_array().unwrap().iter().map(pair).collect();
        let start = Start::Request {
            method: text(&request["method"]),
            target: text(&request["target"]),
            scheme: "https".into(),
            authority: None,
        };
        let received = Received { start, headers, body: text(&request["body"]).into() };
        let key = PublicKey::read(text(&vectors["keys"][text(&request["key"])]).as_bytes()).unwrap();
        let keys = [Candidate::new("the key", VerifyingKey::Public(&key))];
        let now = DateTime::parse_from_rfc3339(&text(&request["now"])).unwrap().to_utc();
        let profile = Profile::shipped(&text(&request["profile"])).unwrap();
        let judgement = profile.scheme().judge(&received, &keys, Moment { now, skew: SKEW });
        assert_eq!(judgement.refusal, None, "{}", request["name"]);
    }
}

#[test]
fn rabobanks_published_request_is_what_its_profile_makes_of_the_same_parts() {
    let vectors: Value = serde_json::from_str(include_str!("../../../tests/vectors/banks.json")).unwrap();
    let request = &vectors["requests"][0];
    let published = |name: &str| {
        let headers = request["headers"].as_array().unwrap();
        headers.iter().find(|pair| pair[0] == name).unwrap()[1].as_str().unwrap()
    };
    let bytes = vectors["keys"]["rabobank"].as_str().unwrap().as_bytes();
    let certificate = Certificate::read_all(bytes).unwrap().remove(0);
    let variables = crate::sign::certificate_variables(&certificate);
    assert_eq!(variables["der_base64"], published("tpp-signature-certificate"));
    let rabobank = Profile::shipped("rabobank").unwrap();
    assert_eq!(rabobank.key_id(true), Some("{{ certificate.serial_decimal }}"));
    let id = ("X-Request-ID", published("x-request-id"));
    let message = message("GET", request["target"].as_str().unwrap(), &[id], "");
    let signer = Signer::new(rabobank, key("rsa.pkcs8.pem").into(), None).unwrap();
    let moment = DateTime::parse_from_rfc3339(request["now"].as_str().unwrap()).unwrap().to_utc();
    let filled = Filled::key_id(variables["serial_decimal"].as_str().unwrap());
    let sent = sign(message, &signer, &filled, moment).unwrap();
    for name in ["date", "digest"] {
        assert_eq!(sent.message().headers.get(name), Some(published(name)));
    }
    let until_the_signature = |value: &str| value.split("signature=").next().unwrap().to_owned();
    let ours = until_the_signature(sent.message().headers.get("signature").unwrap());
    assert_eq!(ours, until_the_signature(published("signature")));
}

/// A mistake made on the way, and what is said of it.
type Mistake<'a> = (&'a str, &'a str, &'a dyn Fn(&mut Received), &'a str);

fn set(received: &mut Received, name: &str, change: impl Fn(&str) -> String) {
    let value = change(received.headers.get(name).unwrap());
    received.headers.set(name, value);
}

fn request_line(received: &mut Received, change: impl Fn(&mut String, &mut String)) {
    if let Start::Request { method, target, .. } = &mut received.start {
        change(method, target);
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn each_mistake_is_named() {
    let mistakes: &[Mistake<'_>] = &[
        (
            "ing",
            "GET",
            &|it| it.headers.remove("signature"),
            "there is no signature; it belongs in `Signature`",
        ),
        (
            "ing",
            "GET",
            &|it| it.headers.remove("authorization"),
            "`Signature` carries the signature of a request with a token; this one belongs in \
             `Authorization: Signature …`",
        ),
        (
            "ing",
            "GET",
            &|it| set(it, "signature", |value| format!("Signature {value}")),
            "`Signature` begins with the word `Signature`, which this profile does not write",
        ),
        ("ing", "GET", &|it| it.headers.append("Signature", "again"), "there are several `Signature` fields"),
        (
            "ing",
            "GET",
            &|it| set(it, "signature", |value| value.replace("keyId", "key-id")),
            "the signature `keyId` is missing",
        ),
        (
            "ing",
            "GET",
            &|it| set(it, "signature", |value| value.replace("rsa-sha256", "hs2019")),
            "the message calls the algorithm `hs2019`; this profile calls it `rsa-sha256`",
        ),
        (
            "ing",
            "GET",
            &|it| set(it, "signature", |value| value.replace(" digest x-ing-reqid", "")),
            "`digest` and `x-ing-reqid` must be signed too",
        ),
        (
            "ing",
            "GET",
            &|it| it.headers.remove("x-ing-reqid"),
            "`x-ing-reqid` is signed, and the request does not have it",
        ),
        (
            "ing",
            "GET",
            &|it| it.headers.set("date", "Tue, 21 Nov 2023 08:00:00 GMT"),
            "`Date` is 545 seconds behind the clock; 300 are allowed",
        ),
        (
            "ing",
            "GET",
            &|it| it.headers.set("date", "2023-11-21T08:09:05Z"),
            "`Date` is `2023-11-21T08:09:05Z`, not written like `Tue, 21 Nov 2023 08:09:05 GMT`",
        ),
        ("ing", "GET", &|it| it.headers.append("date", "x"), "there are several `Date` fields"),
        (
            "ing",
            "POST",
            &|it| it.body = "".into(),
            "`Digest`: the body's digest is `SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=`, not \
             `SHA-256=wrEeZX4S/RdzWWJ8qJQSAY4idNCHPPv88fxQ9oVYLp4=`",
        ),
        (
            "ing",
            "POST",
            &|it| it.headers.set("digest", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
            "`Digest`: the body's digest is `SHA-256=wrEeZX4S/RdzWWJ8qJQSAY4idNCHPPv88fxQ9oVYLp4=`, not \
             `SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=`; that is the digest of an empty body",
        ),
        (
            "ing",
            "GET",
            &|it| request_line(it, |_, target| *target = "/pay".into()),
            "the signature does not verify with the signing key",
        ),
        (
            "ing",
            "GET",
            &|it| request_line(it, |method, _| *method = "PUT".into()),
            "the signature does not verify with the signing key",
        ),
        (
            "rabobank",
            "POST",
            &|it| it.headers.set("TPP-Redirect-URI", "https://thief.example"),
            "the signature does not verify with the signing key",
        ),
        (
            "rabobank",
            "POST",
            &|it| set(it, "signature", |value| value.replace(" tpp-redirect-uri", "")),
            "`tpp-redirect-uri` must be signed too",
        ),
        (
            "redsys",
            "POST",
            &|it| set(it, "signature", |value| value.replace("SHA-256", "rsa-sha256")),
            "the message calls the algorithm `rsa-sha256`; this profile calls it `SHA-256`",
        ),
        (
            "nordea",
            "GET",
            &|it| it.headers.set("X-Nordea-Originating-Date", "Tue, 21 Nov 2023 08:19:05 GMT"),
            "`X-Nordea-Originating-Date` is 600 seconds ahead of the clock; 300 are allowed",
        ),
        (
            "starling",
            "GET",
            &|it| set(it, "authorization", |value| value.replace(";Signature ", "; Signature ")),
            "`Authorization` holds no `;Signature …`",
        ),
        (
            "starling",
            "GET",
            &|it| set(it, "authorization", |value| value.replace("keyid", "keyId")),
            "the signature is not written as the profile's `parameters`: `keyid=\"` should stand where \
             `keyId=\"client\",algorithm=\"rsa-sha512\",he` does",
        ),
        (
            "starling",
            "GET",
            &|it| it.headers.set("Digest", "z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg"),
            "`Digest` of a message without a body is `X`, not `z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg`",
        ),
        (
            "starling",
            "POST",
            &|it| it.body = "{}".into(),
            "`Digest`: the body's digest is \
             `J8dGcK23UHX60FjVzq97IMTneGyDuuijL2Jvl4KvNMmjPCBG72D9Knh403jin+yFGAa72aZ4ePOp8c2kgwdj/Q==`, not \
             `/2hGOTQN00mF2a7J8sgQ9n0XwTkXpoM/YCJleRBnXOEBZZY86gz8m3Sdi2J6i+sx8NLY2V6oZOA1eBVOcYc3+A==`",
        ),
    ];
    for (name, method, make, said) in mistakes {
        let profile = Profile::shipped(name).unwrap();
        let body = if *method == "POST" { r#"{"amount":1}"# } else { "" };
        let headers: Vec<_> = OPTIONAL.iter().copied().chain([("Authorization", "Bearer abc")]).collect();
        let mut received =
            Received::from(signed(message(method, "/pay?to=a", &headers, body), &profile).message());
        make(&mut received);
        assert_eq!(reason(&judged(&received, &profile, at())), *said, "{name}");
    }
}

/// Signs this text in place of the right one.
fn forged(profile: &Profile, with: &str, change: impl Fn(&str) -> String) -> Received {
    let headers: Vec<_> = OPTIONAL.iter().copied().chain([("Authorization", "Bearer abc")]).collect();
    let sent = signed(message("POST", "/pay?to=a", &headers, r#"{"amount":1}"#), profile);
    let signature = sent.signature().unwrap();
    let algorithm = profile.scheme().algorithm();
    let ready = crate::sign::key::Ready::new(&key(with).into(), algorithm, ECDSA).unwrap();
    let made = STANDARD.encode(ready.sign(change(&signature.signing_string).as_bytes()).unwrap());
    let mut received = Received::from(sent.message());
    let carrier = signature.carried_in[0].clone();
    set(&mut received, &carrier, |value| value.replace(&signature.value, &made));
    received
}

#[test]
fn the_text_that_was_signed_by_mistake_is_shown() {
    let mut path =
        json!({"components": ["(request-target)", "Date"], "target": "path", "trailing_newline": true});
    path["names"] = json!("as_written");
    let own = profile(&path);
    let shipped = |name| Profile::shipped(name).unwrap();
    for (profile, change, said) in [
        (
            shipped("ing"),
            &(|text: &str| text.replace("?to=a", "")) as &dyn Fn(&str) -> String,
            "the query is missing",
        ),
        (shipped("ing"), &|text| text.replace("post", "POST"), "the method is in upper case"),
        (shipped("rabobank"), &|text| format!("{text}\n"), "a newline stands at the end"),
        (
            shipped("berlin-group"),
            &|text| {
                let cased = text.replace("digest", "Digest").replace("x-request-id", "X-Request-ID");
                cased.replace("tpp-redirect-uri", "TPP-Redirect-URI")
            },
            "keep their upper case",
        ),
        (
            shipped("starling"),
            &|text| text.replace("Date", "date").replace("Digest", "digest"),
            "in lower case",
        ),
        (own.clone(), &|text| text.trim_end().to_owned(), "no newline stands at the end"),
        (
            own,
            &|text| text.replace("/pay", "/pay?to=a"),
            "holds the query; this profile signs the path alone",
        ),
    ] {
        let judgement = judged(&forged(&profile, "rsa.pkcs8.pem", change), &profile, at());
        let refusal = judgement.refusal.expect(said);
        assert!(refusal.reason.contains(said), "{}: {}", profile.name(), refusal.reason);
        assert_eq!(refusal.verifies, Some(change(&judgement.signing_string)));
    }
    let ing = shipped("ing");
    let other = judged(&forged(&ing, "rsa-1024.pem", str::to_owned), &ing, at());
    assert_eq!(
        reason(&other),
        "the signature does not verify with the signing key: it was signed with the key of the TLS certificate; \
         sign with the signing key"
    );
    assert_eq!(other.refusal.unwrap().verifies, None, "the text was right");
    let nobody = ing.scheme().judge(
        &forged(&ing, "rsa.pkcs8.pem", str::to_owned),
        &[],
        Moment { now: at(), skew: SKEW },
    );
    assert_eq!(reason(&nobody), "there is no key to verify the signature with");
}

#[test]
fn a_signatures_own_times_are_judged_by_the_clock() {
    let timed = json!({"components": ["(created)", "(expires)"], "algorithm": "hs2019", "expires_after": 60});
    let timed = profile(&timed);
    let received = Received::from(signed(message("GET", "/", &[], ""), &timed).message());
    for (seconds, said) in [
        (0, ""),
        (360, ""),
        (361, "the signature expired 301 seconds ago"),
        (-301, "`created` is 301 seconds ahead of the clock; 300 are allowed"),
    ] {
        assert_eq!(reason(&judged(&received, &timed, at() + TimeDelta::seconds(seconds))), said);
    }
}

#[test]
fn an_answer_is_judged_by_its_own_headers_and_the_line_of_its_request() {
    let profile = profile(&json!({"components": ["(request-target)", "digest"], "date": {"when": "never"}}));
    // An answer is signed as its headers and body say; what signs it here is a request of the same.
    let sent = signed(message("GET", "/a?b=c", &[("Content-Type", "text/plain")], "hello"), &profile);
    let answered = |request| Received {
        start: Start::Answer { status: 200, request },
        headers: sent.message().headers.clone(),
        body: "hello".into(),
    };
    let asked = Box::new(Received::from(&message("GET", "/a?b=c", &[], "")));
    assert_eq!(judged(&answered(Some(asked)), &profile, at()).refusal, None);
    assert_eq!(
        reason(&judged(&answered(None), &profile, at())),
        "`(request-target)` is signed, and the request of this answer is not known"
    );
}
