//! The bytes that a JSON Web Signature is over, built alike by the signer and by the verifier.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::settings::{Payload, Settings};
use crate::message::{Received, Start};
use crate::sign::cavage::{Component, Covered, Only, to_bytes};

/// A message, as far as it can be signed.
pub(super) struct Parts<'a> {
    pub(super) covered: Covered<'a>,
    /// An answer has no method and no target.
    pub(super) is_request: bool,
}

/// Why there is nothing to sign: a header that is not sent, characters that no header holds, or an
/// answer where a request is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Gap {
    Absent(String),
    Unsendable(String),
    NoRequest,
}

/// What [`Gap::NoRequest`] means.
pub(super) const NO_REQUEST: &str = "the profile signs method and target, and an answer has neither";

impl<'a> Parts<'a> {
    /// Of a message as it was received, or as its receiver will see it.
    pub(super) fn of(received: &'a Received) -> Self {
        let (method, target, host, is_request) = match &received.start {
            Start::Request { method, target, authority, .. } => {
                (method.as_str(), target.as_str(), authority.as_deref(), true)
            }
            Start::Answer { .. } => ("", "", None, false),
        };
        let covered = Covered { method, target, headers: &received.headers, host, body: &received.body };
        Self { covered, is_request }
    }

    /// Whether a component is signed of this message.
    pub(super) fn applies(&self, component: &Component) -> bool {
        let has_body = !self.covered.body.is_empty();
        match component.only() {
            Only::Always => true,
            Only::IfBody => has_body,
            Only::IfSent if component.is("(request-target)") => self.is_request,
            Only::IfSent => self.covered.field(component.name()).is_some(),
        }
    }

    /// The value of a component.
    pub(super) fn value(&self, name: &str) -> Result<String, Gap> {
        let found = match name {
            "(request-target)" => self.is_request.then(|| self.covered.request_target()),
            field => self.covered.field(field),
        };
        found.ok_or_else(|| Gap::Absent(name.to_owned()))
    }

    /// Components by name, as the payload has them.
    pub(super) fn named(&self, names: &[&str]) -> Result<Vec<(String, String)>, Gap> {
        names.iter().map(|name| Ok(((*name).to_owned(), self.value(name)?))).collect()
    }

    /// The components that the settings sign of this message.
    pub(super) fn signed(&self, settings: &Settings) -> Result<Vec<(String, String)>, Gap> {
        let names: Vec<&str> =
            settings.components.iter().filter(|it| self.applies(it)).map(Component::name).collect();
        let lower: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        match settings.payload {
            // The names stand in `pars`, where ETSI wants them in lower case.
            Payload::Headers => self.named(&lower.iter().map(String::as_str).collect::<Vec<_>>()),
            Payload::Request => self.named(&names),
            Payload::Body => Ok(Vec::new()),
        }
    }

    /// The payload, before it is encoded.
    pub(super) fn payload(&self, kind: Payload, components: &[(String, String)]) -> Result<Vec<u8>, Gap> {
        let lines = |joint: &str| {
            components.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join(joint)
        };
        let text = match kind {
            Payload::Body => return Ok(self.covered.body.to_vec()),
            Payload::Headers => lines("\n"),
            Payload::Request if !self.is_request => return Err(Gap::NoRequest),
            Payload::Request => {
                let mut text =
                    format!("{} {}\n", self.covered.method.to_ascii_uppercase(), self.covered.target);
                for (name, value) in components {
                    text.extend([name.as_str(), ": ", value, "\n"]);
                }
                text
            }
        };
        let mut bytes = to_bytes(&text).ok_or_else(|| {
            let wrong = components.iter().find(|(_, value)| to_bytes(value).is_none());
            Gap::Unsendable(wrong.map_or_else(|| "(request-target)".to_owned(), |(name, _)| name.clone()))
        })?;
        if kind == Payload::Request {
            bytes.extend(self.covered.body);
        }
        Ok(bytes)
    }
}

/// The signing input (RFC 7515, section 5.1; RFC 7797, section 5.2).
pub(super) fn signing_input(protected: &str, payload: &[u8], encodes: bool) -> Vec<u8> {
    let mut input = protected.as_bytes().to_vec();
    input.push(b'.');
    if encodes {
        input.extend(URL_SAFE_NO_PAD.encode(payload).into_bytes());
    } else {
        input.extend(payload);
    }
    input
}
