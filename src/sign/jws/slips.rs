//! Why a JSON Web Signature does not verify: tries the mistakes that people make, and names the one
//! with which this signature does verify.

use super::ECDSA;
use super::judge::Carried;
use super::payload::{Parts, signing_input};
use super::settings::{Payload, Settings};
use crate::sign::algorithm::{Algorithm, EcdsaForm};
use crate::sign::cavage::variations::{other_bodies, other_orders};
use crate::sign::digest::Hash;
use crate::sign::jose;
use crate::sign::judge::{Candidate, Refusal};
use crate::sign::verify::{verify_any_salt, verify_in};

/// A signature that does not verify, with everything that it may have been made of.
pub(super) struct Question<'a> {
    pub(super) carried: &'a Carried,
    pub(super) settings: &'a Settings,
    pub(super) parts: &'a Parts<'a>,
    pub(super) components: &'a [(String, String)],
    pub(super) keys: &'a [Candidate<'a>],
}

/// The mistake that explains the signature, with the signing input that verifies.
pub(super) fn explain(question: &Question<'_>) -> Option<Refusal> {
    let encodes = question.carried.encodes();
    let payload = question.payload(question.components)?;
    let built = question.input(&payload, encodes);
    if let Some(reason) = same_text(question, &built) {
        return Some(Refusal::new(reason));
    }
    let mut found = None;
    // Each is tried as it comes and dropped: with a large body they would fill the memory together.
    texts(question, &payload, &mut |reason, payload, encodes| {
        if found.is_none() {
            let input = question.input(payload, encodes);
            let verifies = || Some(String::from_utf8_lossy(&input).into_owned());
            found = question.verifies(&input).then(|| Refusal { reason, verifies: verifies() });
        }
    });
    found
}

impl Question<'_> {
    fn algorithm(&self) -> Algorithm {
        self.settings.algorithm.algorithm()
    }

    fn payload(&self, components: &[(String, String)]) -> Option<Vec<u8>> {
        self.parts.payload(self.settings.payload, components).ok()
    }

    fn input(&self, payload: &[u8], encodes: bool) -> Vec<u8> {
        signing_input(&self.carried.encoded, payload, encodes)
    }

    fn verifies(&self, input: &[u8]) -> bool {
        let key = self.keys.first();
        key.is_some_and(|key| verify_in(ECDSA, key.key, self.algorithm(), input, &self.carried.signature))
    }
}

/// The right text, signed otherwise.
fn same_text(question: &Question<'_>, input: &[u8]) -> Option<String> {
    let signature = &question.carried.signature;
    let (key, others) = question.keys.split_first()?;
    let algorithm = question.algorithm();
    if verify_in(EcdsaForm::Der, key.key, algorithm, input, signature) {
        return Some("the ECDSA signature is written in DER; it must be r and s side by side".into());
    }
    if verify_any_salt(key.key, algorithm, input, signature) {
        let name = question.settings.algorithm.name();
        let length = if algorithm == Algorithm::RsaPssSha256 { 32 } else { 64 };
        return Some(format!("the salt has another length; that of `{name}` is {length} bytes long"));
    }
    let other =
        Algorithm::ALL.iter().copied().filter(|other| *other != algorithm && *other != Algorithm::Hs2019);
    let other = other.into_iter().find(|other| verify_in(ECDSA, key.key, *other, input, signature));
    if let Some(other) = other {
        let name = jose::name(other).unwrap_or(other.name());
        return Some(format!(
            "it was signed with `{name}`, and `alg` says `{}`",
            question.settings.algorithm.name()
        ));
    }
    let used = others.iter().find(|other| verify_in(ECDSA, other.key, algorithm, input, signature))?;
    Some(format!("it was signed with {}; sign with the signing key", used.name))
}

/// Signing inputs with a mistake in them, the likeliest first.
fn texts(question: &Question<'_>, payload: &[u8], attempt: &mut impl FnMut(String, &[u8], bool)) {
    let encodes = question.carried.encodes();
    let encoding = if encodes {
        "the payload was signed as it is; without `b64: false` it is encoded in base64url first"
    } else {
        "the payload was encoded before it was signed; `b64: false` means that it is not"
    };
    attempt(encoding.into(), payload, !encodes);
    let mut push = |reason: String, payload: &[u8]| attempt(reason, payload, encodes);
    push("a newline stands at the end of the payload".into(), &[payload, b"\n"].concat());
    if question.settings.payload != Payload::Headers {
        bodies(question, payload, &mut push);
    }
    if question.settings.payload == Payload::Request {
        first_lines(question, payload, &mut push);
    }
    lines(question, &mut push);
}

/// Other bodies than the one that was sent.
fn bodies(question: &Question<'_>, payload: &[u8], push: &mut impl FnMut(String, &[u8])) {
    let body = question.parts.covered.body;
    let before = &payload[..payload.len() - body.len()];
    for (which, other) in other_bodies(body) {
        push(format!("what was signed is {which}, not the body that was sent"), &[before, &other].concat());
    }
    if before.ends_with(b"\n") {
        push("the newline before the body is missing".into(), &[before.trim_ascii_end(), body].concat());
    }
}

/// What people write into the first line of a whole request.
fn first_lines(question: &Question<'_>, payload: &[u8], push: &mut impl FnMut(String, &[u8])) {
    let covered = &question.parts.covered;
    let (upper, lower) = (covered.method.to_ascii_uppercase(), covered.method.to_ascii_lowercase());
    let end = payload.iter().position(|byte| *byte == b'\n').unwrap_or(payload.len());
    let rest = &payload[end..];
    let path = covered.target.split('?').next().unwrap_or_default();
    for (reason, line) in [
        (
            "the query is missing from the first line; it belongs to the target as sent",
            format!("{upper} {path}"),
        ),
        (
            "the method is in lower case; the first line has it in upper case",
            format!("{lower} {}", covered.target),
        ),
        ("the method is missing from the first line", covered.target.to_owned()),
        ("a slash stands at the end of the path that was signed", format!("{upper} {}/", covered.target)),
    ] {
        push(reason.to_owned(), &[line.as_bytes(), rest].concat());
    }
}

/// Components with another value, in another order, or left out.
fn lines(question: &Question<'_>, push: &mut impl FnMut(String, &[u8])) {
    let components = question.components;
    let mut push_lines = |reason: String, components: &[(String, String)]| {
        if let Some(payload) = question.payload(components) {
            push(reason, &payload);
        }
    };
    targets(question, &mut push_lines);
    for (at, (name, value)) in components.iter().enumerate() {
        for (reason, other) in other_values(question, name, value) {
            let mut lines = components.to_vec();
            lines[at].1 = other;
            push_lines(reason, &lines);
        }
        let mut fewer = components.to_vec();
        fewer.remove(at);
        push_lines(format!("`{name}` is listed and was not signed"), &fewer);
    }
    let lower: Vec<(String, String)> =
        components.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    push_lines("the names of headers were written in lower case".into(), &lower);
    if components.len() > 1 {
        for order in other_orders(components) {
            let names: Vec<&str> = order.iter().map(|(name, _)| name.as_str()).collect();
            push_lines(
                format!("the lines were signed in another order than listed: `{}`", names.join(" ")),
                &order,
            );
        }
    }
    if let Some(payload) = question.payload(components) {
        let text = String::from_utf8_lossy(&payload).into_owned();
        push(
            "the lines are joined by CR LF; join them by LF alone".into(),
            text.replace('\n', "\r\n").as_bytes(),
        );
    }
}

/// The request line of a payload that begins with it.
fn targets(question: &Question<'_>, push: &mut impl FnMut(String, &[(String, String)])) {
    // In a payload of `headers` the target is a component, and is told with those.
    let at = question.components.iter().position(|(name, _)| name == "(request-target)");
    let Some(at) = at else { return };
    let covered = &question.parts.covered;
    let path = covered.target.split('?').next().unwrap_or_default();
    let method = covered.method.to_ascii_lowercase();
    let upper = covered.method.to_ascii_uppercase();
    for (reason, value) in [
        (
            "the query is missing from `(request-target)`; it belongs to the target as sent",
            format!("{method} {path}"),
        ),
        (
            "the method is in upper case; `(request-target)` has it in lower case",
            format!("{upper} {}", covered.target),
        ),
        ("the method is missing from `(request-target)`", covered.target.to_owned()),
    ] {
        let mut lines = question.components.to_vec();
        lines[at].1 = value;
        push(reason.to_owned(), &lines);
    }
}

/// The value of a header as people get it wrong.
fn other_values(question: &Question<'_>, name: &str, value: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if name.eq_ignore_ascii_case(&question.settings.digest.header)
        && let Some((algorithm, hash)) =
            value.split_once('=').and_then(|(name, _)| Some((name, Hash::named(name)?)))
    {
        for (which, bytes) in other_bodies(question.parts.covered.body) {
            let reason =
                format!("the `{name}` that was signed is that of {which}, not of the body that was sent");
            found.push((reason, format!("{algorithm}={}", hash.base64_of(&bytes))));
        }
    }
    if name.eq_ignore_ascii_case("content-type") {
        let bare = value.split(';').next().unwrap_or_default().trim().to_owned();
        if bare != value {
            found.push((format!("the `{name}` that was signed lacks its parameters"), bare));
        }
        found.push((
            format!("the `{name}` that was signed has a `charset`"),
            format!("{value};charset=utf-8"),
        ));
    }
    found
}
