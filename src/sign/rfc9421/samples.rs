//! A payment, and the keys that sign it in the tests of this scheme.

use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use url::Url;

use super::Settings;
use crate::keys::PrivateKey;
use crate::message::{Message, Received};
use crate::sign::{
    Candidate, Filled, Judgement, Moment, Profile, Scheme, SignError, SignedMessage, Signer, SigningKey,
    VerifyingKey, sign,
};

pub(super) const BODY: &str = r#"{"amount": 1}"#;

/// A key of the fixtures.
#[allow(clippy::disallowed_methods, reason = "a fixture of this repository")]
pub(super) fn key(name: &str) -> PrivateKey {
    let path = format!("{}/tests/fixtures/keys/{name}", env!("CARGO_MANIFEST_DIR"));
    PrivateKey::read(&std::fs::read(path).unwrap()).unwrap()
}

pub(super) fn message(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Message {
    Message {
        method: method.into(),
        url: Url::parse(&format!("https://bank.example{target}")).unwrap(),
        headers: headers.iter().copied().collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

/// A payment with a token.
pub(super) fn payment() -> Message {
    let headers = [("Authorization", "Bearer abc"), ("Content-Type", "application/json"), ("X-Other", "8")];
    message("POST", "/pay?to=a%20b", &headers, BODY)
}

pub(super) fn profile(settings: &Value) -> Profile {
    Profile::read("own", &json!({ "rfc9421": settings })).unwrap()
}

pub(super) fn settings(profile: &Profile) -> &Settings {
    match profile.scheme() {
        Scheme::Rfc9421(settings) => settings,
        other => panic!("{other:?}"),
    }
}

pub(super) fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_554_145, 0).unwrap()
}

pub(super) fn signer(profile: &Profile, key: impl Into<SigningKey>) -> Signer {
    Signer::new(profile.clone(), key.into(), None).unwrap()
}

pub(super) fn filled() -> Filled {
    let mut filled = Filled::key_id("me");
    filled.values.insert("nonce".into(), "once".into());
    filled
}

pub(super) fn attempt(message: Message, settings: &Value) -> Result<SignedMessage, SignError> {
    sign(message, &signer(&profile(settings), key("ed25519.pem")), &filled(), at())
}

/// Judges by one key, at the moment of signing, with a minute to spare.
pub(super) fn judge(received: &Received, profile: &Profile, key: &PrivateKey) -> Judgement {
    let keys = [Candidate::new("the signing key", VerifyingKey::Public(key.public()))];
    profile.scheme().judge(received, &keys, moment(0))
}

pub(super) fn moment(later: i64) -> Moment {
    Moment { now: at() + TimeDelta::seconds(later), skew: TimeDelta::seconds(60) }
}
