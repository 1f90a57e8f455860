//! The RFC's own examples: every signature base byte for byte, every published signature verified,
//! every deterministic one made again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::base::lines;
use super::component::Component;
use super::input::Signed;
use super::*;
use crate::keys::PrivateKey;
use crate::message::{Headers, Message, Start};
use crate::sign::cavage::join;
use crate::sign::{
    Candidate, Filled, Judgement, Moment, Profile, Signer, SigningKey, VerifyingKey, sign as sign_message,
    sign_answer,
};

pub(super) fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/rfc9421.json")).unwrap()
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("no {key} in {value}"))
}

/// A message as it is printed; the scheme is `https`, as in all of the RFC.
pub(super) fn received(raw: &str) -> Received {
    let (head, body) = raw.split_once("\n\n").unwrap_or((raw, ""));
    let mut lines = head.lines();
    let first: Vec<&str> = lines.next().unwrap().split(' ').collect();
    let start = match first[0].strip_prefix("HTTP/") {
        Some(_) => Start::Answer { status: first[1].parse().unwrap(), request: None },
        None => Start::Request {
            method: first[0].into(),
            target: first[1].into(),
            scheme: "https".into(),
            authority: None,
        },
    };
    let headers = lines.map(|line| line.split_once(": ").unwrap()).collect();
    // One example has a line too many before the body.
    Received { start, headers, body: Bytes::copy_from_slice(body.trim_start().as_bytes()) }
}

/// One of the two messages that most examples are made of.
fn shared(vectors: &Value, name: &str) -> Received {
    let message = &vectors["messages"][name];
    let fields = message["headers"].as_array().unwrap();
    let headers: Headers =
        fields.iter().map(|field| (field[0].as_str().unwrap(), field[1].as_str().unwrap())).collect();
    let start = match message["status"].as_u64() {
        Some(status) => Start::Answer { status: status.try_into().unwrap(), request: None },
        None => Start::Request {
            method: text(message, "method").into(),
            target: text(message, "target").into(),
            scheme: text(message, "scheme").into(),
            authority: None,
        },
    };
    Received { start, headers, body: Bytes::copy_from_slice(text(message, "body").as_bytes()) }
}

/// The message of an example with its signature in it.
fn example(vectors: &Value, test: &Value) -> Received {
    let mut message = match text(test, "message") {
        "inline" => match (&test["raw_message"], &test["response_raw"], &test["messages_valid"][0]) {
            (Value::String(raw), _, _) | (_, _, Value::String(raw)) => received(raw),
            (_, Value::String(raw), _) => {
                let mut answer = received(raw);
                let status = match answer.start {
                    Start::Answer { status, .. } => status,
                    Start::Request { .. } => panic!("not an answer"),
                };
                let request = Some(Box::new(received(text(test, "request_raw"))));
                answer.start = Start::Answer { status, request };
                answer
            }
            _ => panic!("no message in {test}"),
        },
        name => shared(vectors, name),
    };
    if !message.headers.contains("signature") {
        let base = text(test, "signature_base");
        let input = base.rsplit_once("\"@signature-params\": ").unwrap().1;
        let label = text(test, "label");
        message.headers.append("Signature-Input", format!("{label}={input}"));
        message.headers.append("Signature", format!("{label}=:{}:", text(test, "signature_b64")));
    }
    message
}

/// The keys of the RFC, both halves.
pub(super) struct Keys {
    private: Option<PrivateKey>,
    secret: Vec<u8>,
}

impl Keys {
    pub fn of(vectors: &Value, name: &str) -> Self {
        let key = &vectors["keys"][name];
        let pem = ["private_pem_pkcs1", "private_pem_pkcs8", "private_pem_sec1"];
        let pem = pem.iter().find_map(|form| key[*form].as_str());
        let secret = key["base64"].as_str().map(|text| STANDARD.decode(text).unwrap()).unwrap_or_default();
        Self { private: pem.map(|pem| PrivateKey::read(pem.as_bytes()).unwrap()), secret }
    }

    pub fn public(&self) -> VerifyingKey<'_> {
        match &self.private {
            Some(key) => VerifyingKey::Public(key.public()),
            None => VerifyingKey::Secret(&self.secret),
        }
    }

    pub fn signing(self) -> SigningKey {
        match self.private {
            Some(key) => key.into(),
            None => SigningKey::secret(&self.secret),
        }
    }
}

/// A profile that signs as an example was signed.
pub(super) fn profile(test: &Value, signed: &Signed) -> Profile {
    let parameters: Vec<&str> = signed.list.params.keys().map(|key| key.as_str()).collect();
    let expires = signed.seconds(ParameterName::Expires);
    let created = signed.seconds(ParameterName::Created).unwrap();
    let mut settings = json!({
        "algorithm": test["alg"],
        "label": test["label"],
        "components": signed.identifiers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "parameters": parameters,
        "digest": {"when": "never"},
    });
    let optional = [
        ("expires_after", expires.map(|expires| json!(expires - created))),
        ("nonce", signed.text(ParameterName::Nonce).map(Value::from)),
        ("tag", signed.text(ParameterName::Tag).map(Value::from)),
    ];
    for (key, value) in optional {
        if let Some(value) = value {
            settings[key] = value;
        }
    }
    Profile::read("rfc", &json!({ "rfc9421": settings })).unwrap()
}

pub(super) fn at(signed: &Signed) -> DateTime<Utc> {
    DateTime::from_timestamp(signed.seconds(ParameterName::Created).unwrap(), 0).unwrap()
}

/// A good signature, judged by the example's profile and key at the moment it was made.
pub(super) fn judged(
    message: &Received,
    profile: &Profile,
    key: VerifyingKey<'_>,
    at: DateTime<Utc>,
) -> Judgement {
    let keys = [Candidate::new("the key of the example", key)];
    profile.scheme().judge(message, &keys, Moment { now: at, skew: TimeDelta::zero() })
}

pub(super) fn sign_again(
    unsigned: &mut Received,
    profile: &Profile,
    signed: &Signed,
    keys: Keys,
) -> (String, String, String) {
    let key_id = signed.text(ParameterName::Keyid).unwrap();
    let mut filled = Filled::key_id(key_id);
    let nonce = signed.text(ParameterName::Nonce).unwrap_or_default();
    filled.values.insert("nonce".into(), nonce.into());
    let signer = Signer::new(profile.clone(), keys.signing(), None).unwrap();
    let signature = match &unsigned.start {
        Start::Answer { .. } => sign_answer(unsigned, &signer, &filled, at(signed)).unwrap(),
        Start::Request { method, target, .. } => {
            let host = unsigned.headers.get("host").unwrap();
            let message = Message {
                method: method.clone(),
                url: url::Url::parse(&format!("https://{host}{target}")).unwrap(),
                headers: unsigned.headers.clone(),
                body: unsigned.body.clone(),
            };
            let made = sign_message(message, &signer, &filled, at(signed)).unwrap();
            unsigned.headers = made.message().headers.clone();
            made.signature().unwrap().clone()
        }
    };
    let input = unsigned.headers.get("signature-input").unwrap().to_owned();
    (signature.signing_string, signature.value, input)
}

#[test]
fn every_signature_of_the_rfc_verifies_and_is_made_again() {
    let vectors = vectors();
    let tests = vectors["tests"].as_array().unwrap();
    assert_eq!(tests.len(), 13);
    for test in tests {
        let id = text(test, "id");
        let message = example(&vectors, test);
        let label = Settings::labelled(text(test, "label"));
        let signed = Signed::read(&message.headers, &label).unwrap();
        let keys = || Keys::of(&vectors, text(test, "keyid"));
        let profile = profile(test, &signed);

        let base = join(&lines(&message, &signed.identifiers, &signed.input).unwrap());
        assert_eq!(base, text(test, "signature_base"), "{id}");
        let judgement = judged(&message, &profile, keys().public(), at(&signed));
        assert_eq!(judgement.refusal, None, "{id}");
        assert_eq!(judgement.signing_string, base, "{id}");

        let mut ours = message.clone();
        let others =
            ["signature", "signature-input"].map(|name| (name, without(&ours.headers, name, &signed.label)));
        for (name, value) in others {
            ours.headers.remove(name);
            if let Some(value) = value {
                ours.headers.append(name, value);
            }
        }
        let (string, value, input) = sign_again(&mut ours, &profile, &signed, keys());
        assert_eq!(string, base, "{id}");
        assert!(input.ends_with(&format!("{}={}", signed.label, signed.input)), "{id}: {input}");
        let judgement = judged(&ours, &profile, keys().public(), at(&signed));
        assert_eq!(judgement.refusal, None, "{id}");
        if test["deterministic"] == true {
            assert_eq!(value, text(test, "signature_b64"), "{id}");
        }
    }
}

/// The other signatures of a message, in a field.
fn without(headers: &Headers, name: &str, label: &str) -> Option<String> {
    let value = headers.get(name)?;
    let end = value.rfind(&format!("{label}="))?;
    let others = value[..end].trim_end_matches(", ");
    (!others.is_empty()).then(|| others.to_owned())
}

#[test]
fn a_message_that_is_passed_on_keeps_its_signature_until_what_is_signed_changes() {
    let vectors = vectors();
    let test = vectors["tests"].as_array().unwrap().iter().find(|test| test["id"] == "B.4").unwrap();
    let keys = Keys::of(&vectors, text(test, "keyid"));
    let judged = |raw: &Value| {
        let message = received(raw.as_str().unwrap());
        let signed = Signed::read(&message.headers, &Settings::labelled("transform")).unwrap();
        judged(&message, &profile(test, &signed), keys.public(), at(&signed)).refusal
    };
    let passed_on = test["messages_valid"].as_array().unwrap();
    assert_eq!(passed_on.len(), 4);
    for raw in passed_on {
        assert_eq!(judged(raw), None, "{raw}");
    }
    for raw in test["messages_invalid"].as_array().unwrap() {
        assert!(judged(raw).is_some(), "{raw}");
    }
}

#[test]
fn what_is_signed_is_written_as_the_rfc_shows() {
    let vectors = vectors();
    let examples = vectors["canonicalisation"].as_array().unwrap();
    assert_eq!(examples.len(), 14);
    for example in examples {
        let first = example["request_line"].as_str().unwrap_or("GET / HTTP/1.1");
        let mut message = received(first);
        let fields = example["headers"].as_array().into_iter().flatten();
        message.headers =
            fields.map(|field| (field[0].as_str().unwrap(), field[1].as_str().unwrap())).collect();
        if let Some(host) = example["host"].as_str() {
            message.headers.append("Host", host);
        }
        for line in example["lines"].as_array().unwrap() {
            let line = line.as_str().unwrap();
            let (name, _) = line.split_once(": ").unwrap();
            let component = Component::try_from(name.to_owned()).unwrap();
            let mut made = lines(&message, &[component.identifier().clone()], "()").unwrap();
            assert_eq!(made.pop().unwrap().1, "()");
            assert_eq!(join(&made), line, "{}", example["src"]);
        }
    }
}

/// The digest that the last draft prints for the answer of appendix B.2 is of another body; the
/// RFC as published has the right one.
#[test]
fn the_digests_in_the_examples_are_of_their_bodies_but_for_the_erratum_of_the_last_draft() {
    let vectors = vectors();
    for name in ["test-request", "test-response"] {
        let message = shared(&vectors, name);
        let digest = message.headers.get("content-digest").unwrap();
        assert_eq!(content_digest::check("Content-Digest", digest, &message.body), Ok(()));
    }
    let note = text(&vectors["messages"]["test-response"], "note");
    assert!(note.contains("prints JlEy2bf"), "{note}");
}
