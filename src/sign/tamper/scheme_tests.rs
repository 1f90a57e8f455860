//! A word that leaves a message as good as it was is no test: on every profile of the schemes that
//! sign one text, each word breaks the signature, or is an error before anything is sent.

use bytes::Bytes;
use indexmap::IndexMap;

use super::*;
use crate::keys::{Certificate, PrivateKey, PublicKey};
use crate::message::Received;
use crate::sign::{
    Candidate, Filled, Moment, Profile, SignedMessage, Signer, SigningKey, VerifyingKey, sign,
};

const SECRET: &[u8] = b"shared secret";

/// Profiles that are written out, as nothing like them is shipped.
const OWN: &[&str] = &[
    "hmac: {string: '{timestamp}{method}{target}{body}', encoding: hex, carried_in: \
     [{header: X-Time, value: '{timestamp}'}, {header: X-Sign, value: 'v1={signature}'}]}",
    "hmac: {string: '{timestamp}{path}', encoding: base64, carried_in: \
     [{query: time, value: '{timestamp}'}, {query: sign, value: '{signature}'}]}",
    "hmac: {string: '{target}{body.sha256.hex}', encoding: base64, carried_in: \
     [{query: 'the sign', value: '{signature}'}]}",
    "aws-sigv4: {region: r, service: s, carried_in: query}",
    "aws-sigv4: {region: r, service: s, content_sha256: true}",
    "aws-sigv4: {region: r, service: s, payload: unsigned}",
    "oauth1: {algorithm: hmac-sha256, body_hash: not_forms}",
    "oauth1: {algorithm: hmac-sha256}",
    "jws: {algorithm: HS256, header: X-Sign, payload: body}",
];

/// What can't be broken, as it is not signed.
const NOT_SIGNED: &[(&str, &str)] = &[
    ("openbanking-uk", "target"),
    ("own 1", "body"),
    ("own 1", "target"),
    ("own 5", "body"),
    ("own 7", "body"),
    ("own 8", "target"),
];

fn profiles() -> Vec<(String, Profile)> {
    let text = ["jws", "hmac", "aws-sigv4", "oauth1"];
    let shipped = Profile::shipped_names().map(|name| (name.to_owned(), Profile::shipped(name).unwrap()));
    let own = OWN.iter().enumerate();
    let own = own.map(|(at, source)| (format!("own {at}"), serde_yaml::from_str::<Profile>(source).unwrap()));
    shipped.chain(own).filter(|(_, profile)| text.contains(&profile.scheme().name())).collect()
}

fn message() -> Message {
    Message {
        method: "POST".into(),
        url: "https://bank.example/pay?to=a%20b".parse().unwrap(),
        headers: [("Content-Type", "application/json")].into_iter().collect(),
        body: Bytes::from_static(br#"{"amount": 1}"#),
    }
}

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_554_145, 0).unwrap()
}

#[allow(clippy::disallowed_methods, reason = "a fixture of this repository")]
fn key(name: &str) -> PrivateKey {
    let path = format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    PrivateKey::read(&std::fs::read(path).unwrap()).unwrap()
}

/// The first key that fits; its public half unless it is the secret.
fn signer(profile: &Profile) -> (Signer, Option<PublicKey>) {
    let pairs = ["rsa.pkcs8.pem", "p521.pkcs8.pem"];
    let pair = |name| {
        let (key, public) = (key(name), key(name).public().clone());
        let file = include_bytes!("../../../tests/fixtures/keys/rsa.v1.crt.pem");
        let certificate = Certificate::read_all(file).unwrap().remove(0);
        Some((Signer::new(profile.clone(), key.into(), Some(certificate)).ok()?, Some(public)))
    };
    let secret = || Some((Signer::new(profile.clone(), SigningKey::secret(SECRET), None).ok()?, None));
    pairs.into_iter().find_map(pair).or_else(secret).unwrap()
}

fn filled(profile: &Profile) -> Filled {
    let value = |source: &str| if source.contains("{{") { "x".to_owned() } else { source.to_owned() };
    let values: IndexMap<String, String> =
        profile.scheme().templates().into_iter().map(|(name, source)| (name, value(source))).collect();
    Filled { key_id: "k".into(), values }
}

/// The words, and the headers that the signature brought with it.
fn words(signed: &SignedMessage) -> Vec<String> {
    let own = message();
    let brought = signed.message().headers.iter().filter(|(name, _)| !own.headers.contains(name));
    let headers = brought.flat_map(|(name, _)| [format!("drop({name})"), format!("duplicate({name})")]);
    ["signature", "body", "target"].into_iter().map(str::to_owned).chain(headers).collect()
}

#[test]
fn each_word_makes_a_good_message_one_that_is_refused_or_is_an_error_before_it_is_sent() {
    let mut not_signed = Vec::new();
    for (name, profile) in profiles() {
        let ((signer, public), filled) = (signer(&profile), filled(&profile));
        let key = public.as_ref().map_or(VerifyingKey::Secret(SECRET), VerifyingKey::Public);
        let refusal = |signed: &SignedMessage| {
            let now = Moment { now: at(), skew: TimeDelta::seconds(60) };
            let received = Received::from(signed.message());
            profile
                .scheme()
                .judge(&received, &[Candidate { name: "the key", key, certificate: None }], now)
                .refusal
        };
        let unsigned = message();
        let before = Before { message: &unsigned, signing: Some((&signer, &filled)), at: at() };
        let whole = sign(message(), &signer, &filled, at()).unwrap();
        let rehearsed = SignedMessage::unsigned(message())
            .and_signed(&signer, &filled, Making { at: at(), rehearsal: true })
            .unwrap();
        assert_eq!(refusal(&whole), None, "{name}");
        for word in words(&whole) {
            let tamper = [Tamper::parse(&word).unwrap()];
            let broken = apply(whole.clone(), &tamper, before);
            assert_eq!(apply(rehearsed.clone(), &tamper, before).err(), broken.as_ref().err().cloned());
            match broken {
                Ok(broken) => assert!(refusal(&broken).is_some(), "{name}: {word} is not refused"),
                Err(_) => not_signed.push((name.clone(), word)),
            }
        }
    }
    let found: Vec<_> = not_signed.iter().map(|(name, word)| (name.as_str(), word.as_str())).collect();
    assert_eq!(found, NOT_SIGNED);
}
