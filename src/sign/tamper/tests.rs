//! Each way to tamper changes its one thing, in schemes that write their signatures differently.

use bytes::Bytes;
use url::Url;

use super::word::WORDS;
use super::*;
use crate::message::{Headers, Message};
use crate::sign::{Filled, Profile, Signer, SigningKey, sign};

const PROFILES: &[(&str, &str)] = &[
    ("cavage", "cavage: {algorithm: hmac-sha256, components: [(request-target), date, digest]}"),
    (
        "rfc9421",
        "rfc9421: {algorithm: hmac-sha256, components: ['@method', '@target-uri', content-digest], parameters: [created, keyid, alg]}",
    ),
];

fn message() -> Message {
    Message {
        method: "POST".into(),
        url: Url::parse("https://bank.example/payments?x=1").unwrap(),
        headers: [("Content-Type", "application/json")].into_iter().collect::<Headers>(),
        body: Bytes::from_static(br#"{"amount": "19.99"}"#),
    }
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn signer(profile: &str) -> Signer {
    let profile = serde_yaml::from_str::<Profile>(profile).unwrap();
    Signer::new(profile, SigningKey::secret(b"secret"), None).unwrap()
}

fn signed(signer: &Signer) -> SignedMessage {
    sign(message(), signer, &Filled::key_id("k"), at()).unwrap()
}

fn broken_by(signed: &SignedMessage, word: &str) -> Result<SignedMessage, SignError> {
    let before = Before { message: &message(), signing: None, at: at() };
    apply(signed.clone(), &[Tamper::parse(word).unwrap()], before)
}

#[test]
fn every_word_is_read_back_as_it_is_shown_and_its_example_is_one() {
    for (word, example) in WORDS {
        let written = if example.is_empty() { (*word).to_owned() } else { format!("{word}({example})") };
        let read = Tamper::parse(&written).unwrap();
        assert_eq!(read.to_string(), written);
        assert_eq!(Tamper::new(word, example).unwrap(), read);
    }
    assert_eq!(Tamper::parse("date(60m)").unwrap().to_string(), "date(+1h)");
    for wrong in
        ["", "digests", "drop", "drop()", "body(x)", "date(1)", "date(0s)", "date(9999999999999d)", "drop(a"]
    {
        assert!(Tamper::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn each_word_changes_one_thing_and_nothing_beside_it_in_every_scheme() {
    for (name, profile) in PROFILES {
        let whole = signed(&signer(profile));
        let before = whole.message();
        let body = broken_by(&whole, "body").unwrap();
        assert_eq!(body.message().body, Bytes::from_static(br#"{"amount": "19.98"}"#), "{name}");
        assert_eq!(body.message().headers, before.headers, "{name}");
        let target = broken_by(&whole, "target").unwrap();
        assert_eq!(target.message().target(), "/payments?x=1&tampered=1", "{name}");
        for (word, header) in
            [("digest", "digest"), ("signature", "signature"), ("algorithm(rsa-sha512)", "signature")]
        {
            let after = broken_by(&whole, word).unwrap();
            let changed: Vec<String> = before
                .headers
                .iter()
                .zip(after.message().headers.iter())
                .filter(|(one, other)| one != other)
                .map(|((name, _), _)| name.to_ascii_lowercase())
                .collect();
            assert_eq!(changed.len(), 1, "{name}: {word}: {changed:?}");
            assert!(changed[0].contains(header), "{name}: {word}: {changed:?}");
            assert_eq!(after.message().body, before.body);
            assert_eq!(after.tampered(), [Tamper::parse(word).unwrap()]);
        }
        assert!(!broken_by(&whole, "drop(content-type)").unwrap().message().headers.contains("content-type"));
        let twice = broken_by(&whole, "duplicate(Content-Type)").unwrap();
        assert_eq!(twice.message().headers.all("content-type").count(), 2);
    }
}

#[test]
fn a_changed_signature_is_the_one_that_is_masked() {
    let broken = broken_by(&signed(&signer(PROFILES[0].1)), "signature").unwrap();
    let value = &broken.signature().unwrap().value;
    assert!(broken.message().headers.get("signature").unwrap().contains(value.as_str()));
}

#[test]
fn a_component_is_left_out_of_what_is_signed_and_is_sent_all_the_same() {
    for ((name, profile), component) in PROFILES.iter().zip(["digest", "content-digest"]) {
        let less = signer(profile).leaving_out(component).unwrap();
        let signed = signed(&less);
        assert!(signed.message().headers.contains(component), "{name}");
        let names = &signed.signature().unwrap().components;
        assert!(names.iter().all(|(known, _)| !known.contains(component)), "{name}: {names:?}");
        assert!(signer(profile).leaving_out("x-other").is_err_and(|why| why.contains("does not sign it")));
    }
}

#[test]
fn what_would_change_nothing_is_refused() {
    let plain = SignedMessage::unsigned(Message { body: Bytes::new(), ..message() });
    for (word, reason) in [
        ("body", "no body"),
        ("digest", "no digest"),
        ("drop(digest)", "sends no `digest`, only `Content-Type`"),
        ("duplicate(digest)", "sends no `digest`"),
        ("signature", "not signed"),
        ("date(-1h)", "not signed"),
        ("algorithm(x)", "not signed"),
        ("key(other)", "not signed"),
        ("unsigned(date)", "not signed"),
    ] {
        let refused = broken_by(&plain, word).unwrap_err().to_string();
        assert!(refused.contains(reason), "{word}: {refused}");
    }
    let same = broken_by(&signed(&signer(PROFILES[0].1)), "algorithm(hmac-sha256)").unwrap_err();
    assert!(same.to_string().contains("signed with this algorithm"), "{same}");
}
