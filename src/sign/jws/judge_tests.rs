//! Each usual mistake made once: judging must name that mistake and no other.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::jose;
use super::tests::{certificate, judge, key, moment, payment, profile, signed, signer};
use crate::message::{Answer, Message, Received};
use crate::sign::algorithm::EcdsaForm;
use crate::sign::digest::{self, Hash};
use crate::sign::key::Ready;
use crate::sign::{Algorithm, Candidate, Filled, Profile, VerifyingKey, sign_answer};

fn ing() -> Profile {
    Profile::shipped("ing-jws").unwrap()
}

/// The payment as the bank receives it.
fn received(profile: Profile, name: &str) -> Received {
    Received::from(signed(payment(), profile, name).unwrap().message())
}

/// The same, with a signature over another payload.
fn resigned(
    profile: Profile,
    name: &str,
    payload: impl Fn(&str, &[u8]) -> Vec<u8>,
    with: (Algorithm, EcdsaForm),
) -> Received {
    let sent = signed(payment(), profile, name).unwrap();
    let mut received = Received::from(sent.message());
    let signature = sent.signature().unwrap();
    let header = signature.carried_in[0].clone();
    let value = received.headers.get(&header).unwrap().to_owned();
    let encoded = value.split('.').next().unwrap();
    let right = signature.signing_string.split_once('.').unwrap().1;
    let text = [encoded.as_bytes(), b".", &payload(right, &received.body)].concat();
    let ready = Ready::new(&key(name).into(), with.0, with.1).unwrap();
    let made = jose::encode(ready.sign(&text).unwrap());
    received.headers.set(&header, format!("{encoded}..{made}"));
    received
}

const PS256: (Algorithm, EcdsaForm) = (Algorithm::RsaPssSha256, EcdsaForm::Raw);

#[test]
fn each_usual_mistake_of_header_signatures_is_named() {
    let reason = |change: &dyn Fn(&str) -> String| {
        let made = resigned(ing(), "rsa.pkcs8.pem", |right, _| change(right).into_bytes(), PS256);
        let refusal = judge(&made, &ing(), key("rsa.pkcs8.pem").public()).refusal.unwrap();
        assert!(refusal.verifies.is_some(), "{}", refusal.reason);
        refusal.reason
    };
    let other_digest = digest::value(Hash::Sha256, b"");
    let right_digest = digest::value(Hash::Sha256, &payment().body);
    for (change, sentence) in [
        (
            &(|text: &str| format!("{text}\n")) as &dyn Fn(&str) -> String,
            "a newline stands at the end of the payload",
        ),
        (&|text| jose::encode(text), "the payload was encoded before it was signed"),
        (&|text| text.replace("?to=a%20b", ""), "the query is missing from `(request-target)`"),
        (&|text| text.replace("post", "POST"), "the method is in upper case"),
        (&|text| text.replace('\n', "\r\n"), "the lines are joined by CR LF"),
        (&|text| text.replace(&right_digest, &other_digest), "is that of an empty body"),
        (&|text| text.replace("application/json", "application/json;charset=utf-8"), "has a `charset`"),
        (
            &|text| text.replace("content-type: application/json\n", ""),
            "`content-type` is listed and was not signed",
        ),
        (
            &|text| text.split('\n').rev().collect::<Vec<_>>().join("\n"),
            "in another order than listed: `digest content-type (request-target)`",
        ),
    ] {
        let reason = reason(change);
        assert!(reason.contains(sentence), "{sentence}: {reason}");
    }
}

#[test]
fn a_body_signed_otherwise_is_told_from_a_wrong_key_and_a_wrong_algorithm() {
    let open_banking = || Profile::shipped("openbanking-uk").unwrap();
    let public = key("rsa.pkcs8.pem").public().clone();
    let reason = |made: &Received| judge(made, &open_banking(), &public).refusal.unwrap().reason;
    let made = resigned(open_banking(), "rsa.pkcs8.pem", |_, body| body.to_vec(), PS256);
    assert!(reason(&made).starts_with("the payload was signed as it is"), "{}", reason(&made));
    let compact = |_: &str, _: &[u8]| jose::encode(br#"{"amount":1}"#).into_bytes();
    let made = resigned(open_banking(), "rsa.pkcs8.pem", compact, PS256);
    assert!(reason(&made).contains("the same JSON without blanks"), "{}", reason(&made));
    let right = |text: &str, _: &[u8]| text.as_bytes().to_vec();
    let made = resigned(open_banking(), "rsa.pkcs8.pem", right, (Algorithm::RsaSha256, EcdsaForm::Raw));
    assert_eq!(reason(&made), "it was signed with `RS256`, and `alg` says `PS256`");
    let truelayer = Profile::shipped("truelayer").unwrap();
    let der = (Algorithm::EcdsaSha512, EcdsaForm::Der);
    let made = resigned(truelayer.clone(), "p521.pkcs8.pem", right, der);
    let refusal = judge(&made, &truelayer, key("p521.pkcs8.pem").public()).refusal.unwrap();
    assert!(refusal.reason.contains("written in DER"), "{}", refusal.reason);
    let lost = |text: &str, _: &[u8]| {
        let payload = String::from_utf8(jose::decode(text).unwrap()).unwrap();
        jose::encode(payload.replace("?to=a%20b", "")).into_bytes()
    };
    let made = resigned(truelayer.clone(), "p521.pkcs8.pem", lost, (Algorithm::EcdsaSha512, EcdsaForm::Raw));
    let refusal = judge(&made, &truelayer, key("p521.pkcs8.pem").public()).refusal.unwrap();
    assert!(refusal.reason.contains("the query is missing from the first line"), "{}", refusal.reason);
}

#[test]
fn another_key_is_named_when_it_is_known() {
    let made = received(ing(), "rsa.pkcs8.pem");
    let (right, other) = (key("rsa-1024.pem"), key("rsa.pkcs8.pem"));
    let keys = [
        Candidate::new("the signing key", VerifyingKey::Public(right.public())),
        Candidate::new("the key of the TLS certificate", VerifyingKey::Public(other.public())),
    ];
    let refusal = ing().scheme().judge(&made, &keys, moment(0)).refusal.unwrap();
    assert_eq!(
        refusal.reason,
        "it was signed with the key of the TLS certificate; sign with the signing key"
    );
}

#[test]
fn a_header_that_is_no_signature_says_what_it_is() {
    for (value, reason) in [
        (None, "there is no `X-JWS-Signature`"),
        (Some("abc"), "has no points in it"),
        (Some("abc.def"), "has one point"),
        (Some("e30=..YQ"), "base64url has no padding"),
        (Some("a+b/..YQ"), "is base64, with `+` and `/`"),
        (Some("YWJj..YQ"), "is not a JSON object"),
        (Some("e30.e30.YQ"), "carries the payload"),
        (Some("e30..YQ"), "the protected header has no `sigD`"),
    ] {
        let mut message = Received::from(&payment());
        if let Some(value) = value {
            message.headers.append("X-JWS-Signature", value);
        }
        let refusal = judge(&message, &ing(), key("rsa.pkcs8.pem").public()).refusal.unwrap();
        assert!(refusal.reason.contains(reason), "{reason}: {}", refusal.reason);
    }
}

/// A message signed with another protected header than the profile's.
fn with_protected(protected: &Value) -> Received {
    let settings = json!({"header": "Sig", "protected": protected});
    received(profile(&settings), "rsa.pkcs8.pem")
}

#[test]
fn what_a_good_signature_does_not_vouch_for_is_refused() {
    let public = key("rsa.pkcs8.pem").public().clone();
    let wanted =
        profile(&json!({"header": "Sig", "protected": {"typ": "JOSE", "iat": "{iat}", "crit": ["iat"]}}));
    let reason = |made: &Received| judge(made, &wanted, &public).refusal.map(|refusal| refusal.reason);
    let good = json!({"typ": "JOSE", "iat": "{iat}", "crit": ["iat"]});
    assert_eq!(reason(&with_protected(&good)), None);
    for (protected, sentence) in [
        (
            json!({"typ": "JOSE", "iat": "{iat}", "exp": 1, "crit": ["exp"]}),
            "`crit` names `exp`, which means nothing here",
        ),
        (json!({"typ": 7, "iat": "{iat}"}), "`typ` in the protected header is 7, not \"JOSE\""),
        (json!({"typ": "JOSE"}), "the protected header has no `iat`"),
        (
            json!({"typ": "JOSE", "iat": 1_700_554_000, "crit": ["iat"]}),
            "`iat` is 145 seconds behind the clock; 60 are allowed",
        ),
        (json!({"typ": "JOSE", "iat": true, "crit": ["iat"]}), "`iat` is not a time in seconds"),
    ] {
        assert_eq!(reason(&with_protected(&protected)).as_deref(), Some(sentence));
    }
    let mut made = received(ing(), "rsa.pkcs8.pem");
    made.body = bytes::Bytes::from_static(b"{}");
    let refusal = judge(&made, &ing(), &public).refusal.unwrap();
    assert!(refusal.reason.starts_with("`Digest`: the body's digest is"), "{}", refusal.reason);
    let late = ing().scheme().judge(
        &received(ing(), "rsa.pkcs8.pem"),
        &[Candidate::new("key", VerifyingKey::Public(&public))],
        moment(3600),
    );
    assert_eq!(late.refusal.unwrap().reason, "`sigT` is 3600 seconds behind the clock; 60 are allowed");
}

#[test]
fn a_certificate_that_travels_along_must_be_the_keys() {
    let settings = json!({"header": "Sig", "protected": {"x5c": "{x5c}", "x5t#S256": "{x5t#S256}"}});
    let made = received(profile(&settings), "rsa.pkcs8.pem");
    let judged = judge(&made, &profile(&settings), key("rsa.pkcs8.pem").public());
    let own = certificate().public_key() == key("rsa.pkcs8.pem").public();
    assert_eq!(judged.verified(), own, "{:?}", judged.refusal);
}

#[test]
fn a_signed_answer_verifies_with_what_it_has_and_nothing_of_the_request() {
    let answer = Answer {
        status: 200,
        version: "HTTP/1.1".into(),
        headers: [("content-type", "application/json")].into_iter().collect(),
        body: bytes::Bytes::from_static(b"{}"),
    };
    let mut signed = Received::answer(&answer, &payment());
    let before = signed.headers.len();
    let signer = signer(ing(), key("rsa.pkcs8.pem"));
    let signature = sign_answer(&mut signed, &signer, &Filled::key_id("bank"), super::tests::at()).unwrap();
    assert_eq!((signature.profile.as_str(), signature.key_id.as_str()), ("ing-jws", "bank"));
    let names: Vec<&str> = signed.headers.iter().skip(before).map(|(name, _)| name).collect();
    assert_eq!(names, ["Digest", "X-JWS-Signature"]);
    let judged = judge(&signed, &ing(), key("rsa.pkcs8.pem").public());
    assert_eq!(judged.refusal, None);
    let names: Vec<&str> = judged.components.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["protected header", "content-type", "digest"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_is_signed_verifies_and_no_covered_byte_can_change(
        target in "/[a-z%20]{0,8}(\\?[a-z=&]{0,8})?",
        body in proptest::collection::vec(any::<u8>(), 0..40),
        content_type in "[a-z]{1,5}/[a-z]{1,5}",
        place in 0..1000_usize,
    ) {
        let message = Message {
            method: "PUT".into(),
            url: format!("https://bank.example{target}").parse().unwrap(),
            headers: [("Content-Type", content_type.as_str())].into_iter().collect(),
            body: body.into(),
        };
        for (name, file) in [("ing-jws", "rsa.pkcs8.pem"), ("truelayer", "p521.pkcs8.pem")] {
            let profile = Profile::shipped(name).unwrap();
            let public = key(file).public().clone();
            let mut received = Received::from(signed(message.clone(), profile.clone(), file).unwrap().message());
            prop_assert!(judge(&received, &profile, &public).verified(), "{}", name);
            let mut bytes = received.body.to_vec();
            if bytes.is_empty() { bytes.push(0) } else { let at = place % bytes.len(); bytes[at] ^= 1 }
            received.body = bytes.into();
            prop_assert!(!judge(&received, &profile, &public).verified(), "{}", name);
        }
    }
}
