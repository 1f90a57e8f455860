//! Published signatures, and what a profile's settings put on the wire.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::keys::{Certificate, PrivateKey, PublicKey};
use crate::message::{Headers, Message, Received, Start};
use crate::sign::{
    Candidate, Filled, Judgement, Moment, Profile, SignError, SignedMessage, Signer, SigningKey,
    VerifyingKey, jose, sign,
};

pub(super) const VECTORS: &str = include_str!("../../../tests/vectors/jws.json");

/// A key of the fixtures.
#[allow(clippy::disallowed_methods, reason = "a fixture of this repository")]
pub(super) fn key(name: &str) -> PrivateKey {
    let path = format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    PrivateKey::read(&std::fs::read(path).unwrap()).unwrap()
}

pub(super) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_554_145, 0).unwrap()
}

pub(super) fn moment(later: i64) -> Moment {
    Moment { now: at() + TimeDelta::seconds(later), skew: TimeDelta::seconds(60) }
}

pub(super) fn payment() -> Message {
    Message {
        method: "POST".into(),
        url: "https://bank.example/pay?to=a%20b".parse().unwrap(),
        headers: [("Content-Type", "application/json"), ("Idempotency-Key", "idem-1"), ("X-Other", "8")]
            .into_iter()
            .collect(),
        body: Bytes::from_static(br#"{"amount": 1}"#),
    }
}

pub(super) fn profile(settings: &Value) -> Profile {
    Profile::read("own", &json!({ "jws": settings })).unwrap()
}

/// The values of the templates of Open Banking UK.
pub(super) fn filled() -> Filled {
    let mut filled = Filled::key_id("me");
    filled.values.insert("protected.http://openbanking.org.uk/iss".into(), "0015800/abc".into());
    filled.values.insert("protected.http://openbanking.org.uk/tan".into(), "openbanking.org.uk".into());
    filled.values.insert("protected.typ".into(), "JOSE".into());
    filled.values.insert("protected.cty".into(), "application/json".into());
    filled.values.insert("protected.tl_version".into(), "2".into());
    filled
}

pub(super) fn certificate() -> Certificate {
    let file = include_bytes!("../../../tests/fixtures/keys/rsa.v1.crt.pem");
    Certificate::read_all(file).unwrap().remove(0)
}

pub(super) fn signer(profile: Profile, key: impl Into<SigningKey>) -> Signer {
    Signer::new(profile, key.into(), Some(certificate())).unwrap()
}

pub(super) fn signed(message: Message, profile: Profile, name: &str) -> Result<SignedMessage, SignError> {
    sign(message, &signer(profile, key(name)), &filled(), at())
}

pub(super) fn judge(received: &Received, profile: &Profile, key: &PublicKey) -> Judgement {
    let keys = [Candidate::new("the signing key", VerifyingKey::Public(key))];
    profile.scheme().judge(received, &keys, moment(0))
}

fn read_header(value: &str) -> Value {
    serde_json::from_slice(&jose::decode(value.split('.').next().unwrap()).unwrap()).unwrap()
}

#[test]
fn the_examples_of_rfc_7797_are_made_byte_for_byte_and_verified() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let examples = vectors["rfc7797"].as_array().unwrap();
    let secret = jose::decode(examples[0]["key_jwk"]["k"].as_str().unwrap()).unwrap();
    for (example, protected) in examples.iter().zip([json!({}), json!({"b64": false, "crit": ["b64"]})]) {
        let message = Message {
            method: "POST".into(),
            url: "https://bank.example/".parse().unwrap(),
            headers: Headers::new(),
            body: Bytes::from(example["payload"].as_str().unwrap().to_owned()),
        };
        let profile = profile(&json!({"algorithm": "HS256", "header": "Sig", "protected": protected}));
        let signer = Signer::new(profile.clone(), SigningKey::secret(&secret), None).unwrap();
        let sent = sign(message, &signer, &filled(), at()).unwrap();
        let value = sent.message().headers.get("Sig").unwrap();
        assert_eq!(value, example["detached"].as_str().unwrap(), "{}", example["id"]);
        let keys = [Candidate::new("the secret", VerifyingKey::Secret(&secret))];
        let judged = profile.scheme().judge(&Received::from(sent.message()), &keys, moment(0));
        assert_eq!(judged.refusal, None, "{}", example["id"]);
    }
}

#[test]
fn the_signatures_that_truelayer_publishes_verify() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let truelayer = &vectors["truelayer"];
    let key = PublicKey::read(truelayer["public_pem"].as_str().unwrap().as_bytes()).unwrap();
    for (request, components) in
        truelayer["requests"].as_array().unwrap().iter().zip([json!(["Idempotency-Key"]), json!([])])
    {
        let text = |name: &str| request[name].as_str().unwrap().to_owned();
        let pairs = request["headers"].as_array().unwrap().iter();
        let mut headers: Headers =
            pairs.map(|pair| (pair[0].as_str().unwrap(), pair[1].as_str().unwrap())).collect();
        headers.append("Tl-Signature", text("signature"));
        let start = Start::Request {
            method: text("method"),
            target: text("target"),
            scheme: "https".into(),
            authority: None,
        };
        let received = Received { start, headers, body: text("body").into() };
        let settings = json!({
            "algorithm": "ES512", "header": "Tl-Signature", "payload": "request", "components": components,
            "protected": {"kid": "{key_id}", "tl_version": "2", "tl_headers": "{components}"},
        });
        let judged = judge(&received, &profile(&settings), &key);
        assert_eq!(judged.refusal, None);
        assert_eq!(judged.key_id.as_deref(), Some("45fc75cf-5649-4134-84b3-192c2c78e990"));
        let changed = Received { body: [&received.body[..], b" "].concat().into(), ..received };
        let refusal = judge(&changed, &profile(&settings), &key).refusal.unwrap();
        assert_eq!(
            refusal.reason,
            "what was signed is the body without the blanks around it, not the body that was sent"
        );
    }
}

#[test]
fn ing_jws_signs_header_fields_with_the_payload_as_it_is() {
    let sent = signed(payment(), Profile::shipped("ing-jws").unwrap(), "rsa.pkcs8.pem").unwrap();
    let value = sent.message().headers.get("x-jws-signature").unwrap();
    let thumbprint = jose::encode(<sha2::Sha256 as sha2::Digest>::digest(certificate().der()));
    assert_eq!(
        read_header(value).to_string(),
        json!({
            "alg": "PS256", "b64": false, "x5t#S256": thumbprint, "crit": ["sigT", "sigD", "b64"],
            "sigT": "2023-11-21T08:09:05Z",
            "sigD": {
                "pars": ["(request-target)", "content-type", "digest"],
                "mId": "http://uri.etsi.org/19182/HttpHeaders",
            },
        })
        .to_string()
    );
    let signature = sent.signature().unwrap();
    let digest = crate::sign::digest::value(crate::sign::digest::Hash::Sha256, &payment().body);
    assert_eq!(
        signature.signing_string.split_once('.').unwrap().1,
        format!("(request-target): post /pay?to=a%20b\ncontent-type: application/json\ndigest: {digest}")
    );
    assert_eq!(sent.message().headers.get("digest"), Some(digest.as_str()));
    assert!(value.contains(".."), "the payload is detached");
}

#[test]
fn open_banking_uk_signs_the_body_and_never_says_b64() {
    let sent = signed(payment(), Profile::shipped("openbanking-uk").unwrap(), "rsa.pkcs8.pem").unwrap();
    let value = sent.message().headers.get("x-jws-signature").unwrap();
    assert_eq!(
        read_header(value),
        json!({
            "alg": "PS256", "typ": "JOSE", "cty": "application/json", "kid": "me",
            "http://openbanking.org.uk/iat": 1_700_554_145,
            "http://openbanking.org.uk/iss": "0015800/abc",
            "http://openbanking.org.uk/tan": "openbanking.org.uk",
            "crit": [
                "http://openbanking.org.uk/iat", "http://openbanking.org.uk/iss", "http://openbanking.org.uk/tan",
            ],
        })
    );
    let input = &sent.signature().unwrap().signing_string;
    assert!(input.ends_with(&format!(".{}", jose::encode(&payment().body))), "{input}");
}

#[test]
fn a_header_that_carries_a_signature_already_is_refused() {
    let mut message = payment();
    message.headers.append("X-JWS-Signature", "a..b");
    let refused = signed(message, Profile::shipped("ing-jws").unwrap(), "rsa.pkcs8.pem").unwrap_err();
    assert_eq!(refused, SignError::Taken { header: "X-JWS-Signature".into() });
}

#[test]
fn a_whole_signature_holds_the_payload_too() {
    let settings = json!({"algorithm": "EdDSA", "header": "Sig", "detached": false});
    let sent = signed(payment(), profile(&settings), "ed25519.pem").unwrap();
    let value = sent.message().headers.get("Sig").unwrap().to_owned();
    assert_eq!(value.split('.').nth(1).unwrap(), jose::encode(&payment().body));
    let mut received = Received::from(sent.message());
    assert_eq!(judge(&received, &profile(&settings), key("ed25519.pem").public()).refusal, None);
    received.headers.set("Sig", value.replacen(&jose::encode(&payment().body), &jose::encode("{}"), 1));
    let refusal = judge(&received, &profile(&settings), key("ed25519.pem").public()).refusal.unwrap();
    assert_eq!(refusal.reason, "the payload in `Sig` is not that of the message");
}

#[test]
fn a_mistake_in_the_settings_is_told_at_its_place() {
    for (settings, pointer, message) in [
        (json!({"algorithm": "PS384"}), "/jws/algorithm", "`PS384` is not one of `PS256`"),
        (json!({"header": "a b"}), "/jws/header", "`a b` is not a header name"),
        (json!({"payload": "headers"}), "/jws/components", "nothing is signed"),
        (json!({"components": ["date"]}), "/jws/components", "only a `payload` of `headers` or `request`"),
        (
            json!({"payload": "headers", "components": ["date"]}),
            "/jws/payload",
            "`payload: headers` and a member `sigD",
        ),
        (json!({"protected": {"sigD": "{sigD}"}}), "/jws/protected/sigD", "`payload: headers` and a member"),
        (json!({"protected": {"b64": false}}), "/jws/protected/b64", "must be named in `crit`"),
        (json!({"protected": {"crit": ["exp"]}}), "/jws/protected/crit", "`exp` is critical, and not in"),
        (json!({"protected": {"kid": "{keyid}"}}), "/jws/protected/kid", "`{keyid}` is not a placeholder"),
        (json!({"protected": {"alg": "ES256"}}), "/jws/protected/alg", "is not the `algorithm`"),
        (json!({"protected": {"crit": "iat"}}), "/jws/protected/crit", "must be a list of at least one name"),
        (
            json!({"protected": {"exp": 1, "crit": ["exp", "exp"]}}),
            "/jws/protected/crit",
            "`exp` is named in `crit` twice",
        ),
        (json!({"protected": {"crit": []}}), "/jws/protected/crit", "must be a list of at least one name"),
        (
            json!({"protected": {"kid": "{key_id}", "crit": ["kid"]}}),
            "/jws/protected/crit",
            "`kid` is a member that everybody understands",
        ),
        (
            json!({"detached": false, "protected": {"b64": false, "crit": ["b64"]}}),
            "/jws/detached",
            "`b64: false` needs `detached: true`",
        ),
        (
            json!({"payload": "request", "components": ["(request-target)"]}),
            "/jws/components/0",
            "begins with the target already",
        ),
    ] {
        let error = Profile::read("own", &json!({"jws": settings})).unwrap_err();
        assert_eq!(error.pointer, pointer, "{error}");
        assert!(error.message.contains(message), "{error}");
    }
}
