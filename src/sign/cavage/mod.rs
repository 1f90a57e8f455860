//! draft-cavage-http-signatures-12, the scheme of ING and of most PSD2 APIs: a list of headers,
//! one line each, signed as one text and carried in `Signature` or `Authorization`.
//!
//! Expired as a draft and still what the banks check, so its corners are kept as the banks have
//! them: a signature header that names no headers covers `date`, for example.

mod component;
mod date;
mod carried;
mod diagnose;
mod judge;
mod layout;
mod parameters;
mod settings;
mod string;
pub(super) mod variations;
mod vouched;
#[cfg(test)]
mod judge_tests;
#[cfg(test)]
mod settings_tests;
#[cfg(test)]
mod tests;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

pub use component::{Component, Only};
pub use date::DateFormat;
pub use diagnose::{Explanation, diagnose};
pub use layout::{Layout, Values};
pub use parameters::{ParameterError, Parameters};
pub use settings::{Added, Carrier, Carries, DateField, DigestField, Names, Settings, Target};
pub(super) use string::unfold;
pub use string::{Covered, StringError, components, join, signing_string, to_bytes};

use super::algorithm::EcdsaForm;
use super::seen::Seen;
use super::{SignError, Signature, With};
use crate::message::{Headers, Received};

pub(super) use judge::judge;

/// The name of the scheme.
pub const NAME: &str = "cavage";

/// How ECDSA signatures are written: as users of the draft send them.
pub(super) const ECDSA: EcdsaForm = EcdsaForm::Der;

/// Signs the message: adds date and digest where they are missing, then signs what is there and
/// puts the signature where the profile wants it.
pub(super) fn sign(
    message: &mut Received,
    settings: &Settings,
    with: &With<'_>,
) -> Result<Signature, SignError> {
    let With { key, key_id, at, .. } = *with;
    add_date(message, &settings.date, at);
    add_digest(&mut message.headers, &message.body, &settings.digest);
    let times = Times::new(settings, at);
    let components = signed(message, settings, &times)?;
    let mut signing_string = join(&components);
    if settings.trailing_newline {
        signing_string.push('\n');
    }
    let bytes = to_bytes(&signing_string).ok_or_else(|| unsendable(&components))?;
    let value = STANDARD.encode(key.sign(&bytes)?);
    let headers = components.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(" ");
    let values = Values {
        key_id,
        algorithm: settings.label(),
        headers: &headers,
        signature: &value,
        created: &times.created,
        expires: &times.expires,
    };
    if !settings.escape && key_id.contains('"') {
        return Err(SignError::Unsignable {
            message: format!("the key id `{key_id}` holds a quote, and the profile does not escape it"),
            help: Some("say `escape: true` in the profile, or set another `key_id` under `signing`".into()),
        });
    }
    let written = settings.layout().fill(&values, settings.escape);
    Ok(Signature {
        profile: String::new(),
        scheme: NAME,
        key_id: key_id.to_owned(),
        algorithm: settings.label().to_owned(),
        carried_in: carry(message, settings, &written)?,
        components,
        signing_string,
        value,
    })
}

/// What `(created)` and `(expires)` say.
struct Times {
    created: String,
    expires: String,
}

impl Times {
    fn new(settings: &Settings, at: DateTime<Utc>) -> Self {
        let expires = at.timestamp() + i64::from(settings.expires_after.unwrap_or_default());
        Self { created: at.timestamp().to_string(), expires: expires.to_string() }
    }
}

fn add_date(message: &mut Received, field: &DateField, at: DateTime<Utc>) {
    if field.when.applies(!message.body.is_empty()) && !message.headers.contains(&field.header) {
        message.headers.append(&field.header, field.format.write(at));
    }
}

/// Adds the digest of the body where it is missing.
pub(super) fn add_digest(headers: &mut Headers, body: &[u8], field: &DigestField) {
    if field.when.applies(!body.is_empty()) && !headers.contains(&field.header) {
        headers.append(&field.header, vouched::written(field, body));
    }
}

/// The lines to sign: name as it is written there, and value.
fn signed(
    message: &mut Received,
    settings: &Settings,
    times: &Times,
) -> Result<Vec<(String, String)>, SignError> {
    announce_no_body(message, settings);
    let seen = Seen::of(message).expect("what is signed is a request");
    let target = match settings.target {
        Target::PathAndQuery => seen.target,
        Target::Path => seen.path(),
    };
    let Seen { method, host, headers, body, .. } = seen;
    let covered = Covered { method, target, headers, host: Some(host), body };
    let mut lines = Vec::new();
    for component in settings.components.iter().filter(|component| applies(component, message)) {
        let value = match component.name() {
            "(request-target)" => covered.request_target(),
            "(created)" => times.created.clone(),
            "(expires)" => times.expires.clone(),
            field => covered.field(field).ok_or_else(|| SignError::Absent { header: field.to_owned() })?,
        };
        let name = match settings.names {
            Names::Lower => component.name().to_ascii_lowercase(),
            Names::AsWritten => component.name().to_owned(),
        };
        lines.push((name, value));
    }
    if lines.is_empty() { Err(SignError::NothingToSign) } else { Ok(lines) }
}

fn applies(component: &Component, message: &Received) -> bool {
    match component.only() {
        Only::Always => true,
        Only::IfSent => component.name().starts_with('(') || sends(message, component.name()),
        Only::IfBody => !message.body.is_empty(),
    }
}

/// Whether the message will go out with this header; `host` and, with a body, `content-length` do
/// without being written.
fn sends(message: &Received, name: &str) -> bool {
    message.headers.contains(name)
        || name.eq_ignore_ascii_case("host")
        || (name.eq_ignore_ascii_case("content-length") && !message.body.is_empty())
}

/// A length that must be signed is written out where there is no body, since whether `0` is sent
/// otherwise depends on the method.
fn announce_no_body(message: &mut Received, settings: &Settings) {
    let signed = |component: &Component| component.is("content-length") && component.only() == Only::Always;
    let missing = message.body.is_empty() && !message.headers.contains("content-length");
    if missing && settings.components.iter().any(signed) {
        message.headers.append("Content-Length", "0");
    }
}

/// Puts the value into the headers that carry it; returns their names.
fn carry(message: &mut Received, settings: &Settings, value: &str) -> Result<Vec<String>, SignError> {
    let with_token = super::token_in(&message.headers);
    let mut carried = Vec::new();
    for carrier in settings.carried_in.iter().filter(|carrier| carrier.when.applies(with_token)) {
        let value = format!("{}{value}", carrier.prefix);
        match (message.headers.get(&carrier.header), &carrier.join) {
            (None, _) => message.headers.append(&carrier.header, value),
            (Some(before), Some(join)) => {
                let joined = format!("{before}{join}{value}");
                message.headers.set(&carrier.header, joined);
            }
            (Some(_), None) => return Err(SignError::Taken { header: carrier.header.clone() }),
        }
        carried.push(carrier.header.clone());
    }
    if carried.is_empty() { Err(SignError::NotCarried { with_token }) } else { Ok(carried) }
}

fn unsendable(components: &[(String, String)]) -> SignError {
    let header = components.iter().find(|(_, value)| to_bytes(value).is_none()).map(|(name, _)| name.clone());
    SignError::Unsendable { header: header.unwrap_or_default() }
}

/// Whether this is the name of a header field (RFC 9110, section 5.6.2).
pub(super) fn is_field_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(is_field_name_byte)
}

fn is_field_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
