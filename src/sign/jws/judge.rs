//! Whether a captured message is signed as its `jws` profile says.
//!
//! The signature is checked first and what it covers after that: a protected header that was not
//! signed by the right key says nothing.

use chrono::DateTime;
use serde_json::{Map, Value};

use super::ECDSA;
use super::certificate;
use super::critical;
use super::payload::{Gap, NO_REQUEST, Parts, signing_input};
use super::placeholder::Placeholder;
use super::settings::Settings;
use super::slips::{Question, explain};
use crate::message::Received;
use crate::sign::cavage::Added;
use crate::sign::judge::{Candidate, Judgement, Moment, Refusal};
use crate::sign::verify::verify_in;
use crate::sign::{digest, jose};

/// A signature as the message carries it.
pub(super) struct Carried {
    /// The protected header as it is encoded.
    pub(super) encoded: String,
    /// The protected header.
    pub(super) protected: Map<String, Value>,
    /// What stands between the points, when it is not detached.
    between: String,
    pub(super) signature: Vec<u8>,
}

/// Whether the signature of a captured message verifies, and why not.
pub(in crate::sign) fn judge(
    received: &Received,
    settings: &Settings,
    keys: &[Candidate<'_>],
    moment: Moment,
) -> Judgement {
    let carried = match Carried::read(received, settings) {
        Ok(carried) => carried,
        Err(reason) => return Judgement::refused(reason),
    };
    let text = |name: &str| carried.protected.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut judgement = Judgement {
        key_id: text("kid").or_else(|| text("x5t#S256")),
        algorithm: text("alg"),
        ..Judgement::refused("")
    };
    let parts = Parts::of(received);
    let built = carried.components(settings, &parts).and_then(|components| {
        let payload = parts.payload(settings.payload, &components).map_err(said)?;
        Ok((components, payload))
    });
    let (components, payload) = match built {
        Ok(built) => built,
        Err(reason) => return Judgement { refusal: Some(Refusal::new(reason)), ..judgement },
    };
    let input = signing_input(&carried.encoded, &payload, carried.encodes());
    judgement.signing_string = String::from_utf8_lossy(&input).into_owned();
    let protected = Value::Object(carried.protected.clone()).to_string();
    judgement.components = std::iter::once(("protected header".to_owned(), protected))
        .chain(components.iter().cloned())
        .collect();
    let question = Question { carried: &carried, settings, parts: &parts, components: &components, keys };
    judgement.refusal = check_algorithm(settings, &carried)
        .err()
        .map(Refusal::new)
        .or_else(|| check_signature(&question, &input))
        .or_else(|| check_rest(received, &question, &payload, moment).err().map(Refusal::new));
    judgement
}

impl Carried {
    fn read(received: &Received, settings: &Settings) -> Result<Self, String> {
        let name = &settings.header;
        let mut values = received.headers.all(name);
        let value = values.next().ok_or_else(|| format!("there is no `{name}`"))?;
        if values.next().is_some() {
            return Err(format!("there are several `{name}`"));
        }
        let value = value
            .strip_prefix(settings.prefix.as_str())
            .ok_or_else(|| format!("`{name}` does not begin with `{}`", settings.prefix))?;
        let parts: Vec<&str> = value.trim().split('.').collect();
        let [encoded, between @ .., signature] = parts.as_slice() else {
            return Err(format!("`{name}` has no points in it: it must be `header..signature`"));
        };
        // A payload that is not encoded may hold points itself.
        let between = between.join(".");
        if parts.len() < 3 {
            return Err(format!("`{name}` has one point: it must be `header..signature`"));
        }
        let decoded = jose::decode(encoded).ok_or_else(|| padded(name, "header", encoded))?;
        let signature = jose::decode(signature).ok_or_else(|| padded(name, "signature", signature))?;
        let protected: Map<String, Value> = serde_json::from_slice(&decoded)
            .map_err(|_| format!("the protected header of `{name}` is not a JSON object"))?;
        if settings.detached && !between.is_empty() {
            return Err(format!("`{name}` carries the payload; it must be left out: `header..signature`"));
        }
        Ok(Self { encoded: (*encoded).to_owned(), protected, between, signature })
    }

    /// Whether its payload was encoded before it was signed.
    pub(super) fn encodes(&self) -> bool {
        self.protected.get("b64") != Some(&Value::Bool(false))
    }

    /// Whether a member that would name the certificate is missing because the other one does:
    /// banks sign their answers with the certificate itself where they ask for its thumbprint.
    fn names_certificate_otherwise(&self, written: &Value) -> bool {
        match written.as_str().and_then(Placeholder::read) {
            Some(Placeholder::X5t) => self.protected.contains_key("x5c"),
            Some(Placeholder::X5c) => self.protected.contains_key("x5t#S256"),
            _ => false,
        }
    }

    /// The member that a placeholder of the settings stands for.
    pub(super) fn member(&self, settings: &Settings, placeholder: Placeholder) -> Option<&Value> {
        let is = |value: &Value| value.as_str().and_then(Placeholder::read) == Some(placeholder);
        let (name, _) = settings.protected.iter().find(|(_, value)| is(value))?;
        self.protected.get(name)
    }
}

fn padded(name: &str, which: &str, text: &str) -> String {
    let hint = if text.contains('=') {
        "; base64url has no padding there (RFC 7515, section 2)"
    } else if text.contains(['+', '/']) {
        "; it is base64, with `+` and `/` in place of `-` and `_`"
    } else {
        ""
    };
    format!("the {which} in `{name}` is not base64url{hint}")
}

pub(super) fn said(gap: Gap) -> String {
    match gap {
        Gap::Absent(name) => format!("`{name}` is signed, and the message does not have it"),
        Gap::Unsendable(name) => format!("`{name}` holds characters that no header can hold"),
        Gap::NoRequest => NO_REQUEST.into(),
    }
}

fn check_algorithm(settings: &Settings, carried: &Carried) -> Result<(), String> {
    let wanted = settings.algorithm.name();
    match carried.protected.get("alg") {
        None => Err("the protected header has no `alg`".into()),
        Some(Value::String(name)) if name == wanted => Ok(()),
        Some(other) => Err(format!("`alg` is {other}, and the profile asks for \"{wanted}\"")),
    }
}

fn check_signature(question: &Question<'_>, input: &[u8]) -> Option<Refusal> {
    let Some((key, _)) = question.keys.split_first() else {
        return Some(Refusal::new("there is no key to verify with"));
    };
    let algorithm = question.settings.algorithm.algorithm();
    let material = key.key.material();
    if algorithm.with(material).is_none() {
        let wanted = algorithm.wants();
        return Some(Refusal::new(format!("the profile needs {wanted}, and {} is {material}", key.name)));
    }
    if verify_in(ECDSA, key.key, algorithm, input, &question.carried.signature) {
        return None;
    }
    Some(explain(question).unwrap_or_else(|| {
        Refusal::new(format!(
            "the signature is not of this text and {}, and no usual mistake explains it",
            key.name
        ))
    }))
}

/// What else a receiver looks at when the signature is good.
fn check_rest(
    received: &Received,
    question: &Question<'_>,
    payload: &[u8],
    moment: Moment,
) -> Result<(), String> {
    let Question { carried, settings, parts, components, keys } = question;
    let sent =
        if carried.encodes() { jose::encode(payload) } else { String::from_utf8_lossy(payload).into_owned() };
    if !settings.detached && carried.between != sent {
        return Err(format!("the payload in `{}` is not that of the message", settings.header));
    }
    critical::check(settings, carried)?;
    for wanted in parts.signed(settings).map_err(said)? {
        if !components.iter().any(|(name, _)| name.eq_ignore_ascii_case(&wanted.0)) {
            return Err(format!("`{}` must be signed, and is not", wanted.0));
        }
    }
    check_members(settings, carried)?;
    certificate::check(carried, keys)?;
    check_times(settings, carried, moment)?;
    let field = &settings.digest;
    match received.headers.get(&field.header) {
        Some(value) => {
            digest::check(value, &received.body).map_err(|error| format!("`{}`: {error}", field.header))
        }
        None if field.when == Added::Always => Err(format!("there is no `{}`", field.header)),
        None => Ok(()),
    }
}

/// Every member that the profile writes must be there, and those that it fixes must be the same.
fn check_members(settings: &Settings, carried: &Carried) -> Result<(), String> {
    // It changes what is signed, and Open Banking UK forbids it: never taken on the sender's word.
    if carried.protected.contains_key("b64") && !settings.protected.contains_key("b64") {
        return Err("the protected header says `b64`, and the profile does not".into());
    }
    for (name, written) in &settings.protected {
        let fixed =
            written.as_str().is_none_or(|text| Placeholder::read(text).is_none() && !text.contains("{{"));
        match carried.protected.get(name) {
            None if carried.names_certificate_otherwise(written) => {}
            None => return Err(format!("the protected header has no `{name}`")),
            Some(value) if fixed && name != "crit" && value != written => {
                return Err(format!("`{name}` in the protected header is {value}, not {written}"));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn check_times(settings: &Settings, carried: &Carried, moment: Moment) -> Result<(), String> {
    let iat = carried.member(settings, Placeholder::Iat).map(|value| {
        value
            .as_i64()
            .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
            .ok_or("`iat` is not a time in seconds")
    });
    let sig_t = carried.member(settings, Placeholder::SigT).map(|value| {
        let text = value.as_str().unwrap_or_default();
        DateTime::parse_from_rfc3339(text)
            .map(|time| time.to_utc())
            .map_err(|_| "`sigT` is not a time of RFC 3339")
    });
    for (name, time) in [("iat", iat), ("sigT", sig_t)] {
        let Some(time) = time.transpose()? else { continue };
        let off = moment.now.signed_duration_since(time);
        if off.abs() > moment.skew {
            let side = if off.num_seconds() > 0 { "behind" } else { "ahead of" };
            let (seconds, allowed) = (off.num_seconds().abs(), moment.skew.num_seconds());
            return Err(format!("`{name}` is {seconds} seconds {side} the clock; {allowed} are allowed"));
        }
    }
    Ok(())
}
