//! JSON Web Signatures over HTTP messages: detached (RFC 7515, appendix F), with the payload as it
//! is (RFC 7797), and over header fields as `JAdES` does (ETSI TS 119 182-1).
//!
//! One scheme serves banks that sign the body, those that sign headers with a digest of it, and
//! those that sign the whole request: what differs is the payload, and the protected header is
//! written out in the profile.

mod certificate;
mod critical;
mod judge;
mod listed;
mod payload;
mod placeholder;
mod settings;
mod slips;
#[cfg(test)]
mod judge_tests;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod vector_tests;

use serde_json::{Map, Value};

pub use settings::{JoseAlgorithm, Payload, Settings};

pub(super) use judge::judge;

use super::algorithm::EcdsaForm;
use super::cavage::add_digest;
use super::{SignError, Signature, With, jose};
use crate::message::Received;
use payload::{Gap, NO_REQUEST, Parts, signing_input};
use placeholder::Placeholder;

/// The name of the scheme.
pub const NAME: &str = "jws";

/// How ECDSA signatures are written (RFC 7518, section 3.4).
pub(super) const ECDSA: EcdsaForm = EcdsaForm::Raw;

/// Signs the message.
pub(super) fn sign(
    message: &mut Received,
    settings: &Settings,
    with: &With<'_>,
) -> Result<Signature, SignError> {
    if message.headers.contains(&settings.header) {
        return Err(SignError::Taken { header: settings.header.clone() });
    }
    add_digest(&mut message.headers, &message.body, &settings.digest);
    let (signature, value) = made(message, settings, with)?;
    message.headers.append(&settings.header, value);
    Ok(signature)
}

/// The signature of a message, and the value of the header that carries it.
fn made(received: &Received, settings: &Settings, with: &With<'_>) -> Result<(Signature, String), SignError> {
    let parts = Parts::of(received);
    let components = parts.signed(settings)?;
    let payload = parts.payload(settings.payload, &components)?;
    let protected = protected(settings, &components, with)?.to_string();
    let encoded = jose::encode(&protected);
    let input = signing_input(&encoded, &payload, settings.encodes());
    let value = jose::encode(with.key.sign(&input)?);
    let between = match (settings.detached, settings.encodes()) {
        (true, _) => String::new(),
        (false, true) => jose::encode(&payload),
        (false, false) => String::from_utf8_lossy(&payload).into_owned(),
    };
    let carried = format!("{}{encoded}.{between}.{value}", settings.prefix);
    let signature = Signature {
        profile: String::new(),
        scheme: NAME,
        key_id: with.key_id.to_owned(),
        algorithm: settings.algorithm.name().to_owned(),
        components: shown(&protected, components, &parts, settings),
        signing_string: String::from_utf8_lossy(&input).into_owned(),
        value,
        carried_in: vec![settings.header.clone()],
    };
    Ok((signature, carried))
}

/// What is signed, for showing: the protected header as it reads, then the payload.
fn shown(
    protected: &str,
    components: Vec<(String, String)>,
    parts: &Parts<'_>,
    settings: &Settings,
) -> Vec<(String, String)> {
    let mut shown = vec![("protected header".to_owned(), protected.to_owned())];
    if settings.payload == Payload::Request {
        let line = format!("{} {}", parts.covered.method.to_ascii_uppercase(), parts.covered.target);
        shown.push(("(request-target)".to_owned(), line));
    }
    shown.extend(components);
    if settings.payload != Payload::Headers {
        shown.push(("body".to_owned(), String::from_utf8_lossy(parts.covered.body).into_owned()));
    }
    shown
}

/// The protected header, `alg` first unless the settings put it elsewhere.
fn protected(
    settings: &Settings,
    components: &[(String, String)],
    with: &With<'_>,
) -> Result<Value, SignError> {
    let mut members = Map::new();
    if !settings.protected.contains_key("alg") {
        members.insert("alg".into(), settings.algorithm.name().into());
    }
    for (name, written) in &settings.protected {
        let value = match written.as_str().map(Placeholder::read) {
            Some(Some(placeholder)) => placeholder.fill(components, with)?,
            Some(None) => with
                .values
                .get(&format!("protected.{name}"))
                .map_or_else(|| written.clone(), |filled| Value::String(filled.clone())),
            None => written.clone(),
        };
        members.insert(name.clone(), value);
    }
    Ok(Value::Object(members))
}

impl From<Gap> for SignError {
    fn from(gap: Gap) -> Self {
        match gap {
            Gap::Absent(header) => Self::Absent { header },
            Gap::Unsendable(header) => Self::Unsendable { header },
            Gap::NoRequest => Self::Unsignable { message: NO_REQUEST.into(), help: None },
        }
    }
}
