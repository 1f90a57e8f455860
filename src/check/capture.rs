//! `capture`: what is kept of an answer for the requests that need it.

use indexmap::IndexMap;
use serde_json::Value;

use super::expect::unreadable;
use super::{Captured, Outcome};
use crate::diag::{Code, pointer};
use crate::secret::Redactor;
use crate::select::{Selector, Subject, got};
use crate::spec::Capture;

/// Names of OAuth 2.0 (RFC 6749) and `OpenID` Connect whose values are always secrets.
pub const SECRET_NAMES: &[&str] = &["access_token", "refresh_token", "id_token", "client_secret"];

/// Whether the capture of this name is a secret: it is marked as one (by hand, or because some
/// `token:` sends it), or its name says so.
pub fn is_secret(name: &str, capture: &Capture) -> bool {
    capture.secret || is_secret_name(name)
}

/// Whether whatever has this name is a secret, in a capture or in an answer.
pub fn is_secret_name(name: &str) -> bool {
    SECRET_NAMES.contains(&name)
}

/// Where in an answer its secret captures lie and what a snapshot shows there instead: selector
/// and `[name]`. This masks secrets that are too short to be searched for.
pub fn masks(captures: &IndexMap<String, Capture>) -> Vec<(String, String)> {
    let secrets = captures.iter().filter(|(name, capture)| is_secret(name, capture));
    secrets.map(|(name, capture)| (capture.select.clone(), format!("[{name}]"))).collect()
}

/// What was captured, and an outcome for each.
pub(super) fn captures(
    captures: &IndexMap<String, Capture>,
    subject: &Subject<'_>,
    redactor: &Redactor,
) -> (IndexMap<String, Captured>, Vec<Outcome>) {
    let taken: Vec<_> = captures.iter().map(|(name, capture)| (name, take(name, capture, subject))).collect();
    // All are remembered before the first is quoted: one may be part of another's words.
    for (name, result) in &taken {
        if let Ok(Captured { value, secret: true }) = result {
            redactor.remember_all(name, value);
        }
    }
    let mut kept = IndexMap::new();
    let mut outcomes = Vec::new();
    for ((name, result), capture) in taken.into_iter().zip(captures.values()) {
        outcomes.push(outcome(name, capture, &result, redactor));
        if let Ok(captured) = result {
            kept.insert(name.clone(), captured);
        }
    }
    (kept, outcomes)
}

/// Why nothing was captured.
enum Missing {
    /// The selector found this, or nothing.
    Found(Option<Value>),
    /// The selector could not look.
    Unreadable(crate::select::Unreadable),
    /// It is no selector.
    Selector(String),
}

fn take(name: &str, capture: &Capture, subject: &Subject<'_>) -> Result<Captured, Missing> {
    let secret = is_secret(name, capture);
    let selector = Selector::parse(&capture.select).map_err(|error| Missing::Selector(error.to_string()))?;
    let found = subject.find(&selector).map_err(Missing::Unreadable)?;
    let value = match (found, &capture.default) {
        (Some(value), _) if !secret || is_usable(name, &value) => value.into_owned(),
        (_, Some(default)) => default.clone(),
        (found, None) => return Err(Missing::Found(found.map(std::borrow::Cow::into_owned))),
    };
    Ok(Captured { value, secret })
}

/// Whether a secret can be sent: `null` or an empty text under `access_token` is as good as
/// nothing, and so is a map or a list.
fn is_usable(name: &str, value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Number(_) => true,
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => !SECRET_NAMES.contains(&name),
    }
}

fn outcome(
    name: &str,
    capture: &Capture,
    result: &Result<Captured, Missing>,
    redactor: &Redactor,
) -> Outcome {
    let (code, got) = match result {
        Ok(Captured { secret: true, .. }) => (Code::CaptureMissing, format!("[{name}]")),
        Ok(Captured { value, .. }) => (Code::CaptureMissing, got(Some(value), redactor)),
        Err(Missing::Found(found)) => (Code::CaptureMissing, got(found.as_ref(), redactor)),
        Err(Missing::Unreadable(error)) => unreadable(error, Code::CaptureMissing, redactor),
        Err(Missing::Selector(error)) => (Code::Selector, error.clone()),
    };
    let what = if is_secret(name, capture) { "a text to keep as" } else { "something to keep as" };
    Outcome {
        pointer: pointer(["capture", name]),
        code,
        held: result.is_ok(),
        selector: capture.select.clone(),
        wanted: format!("{what} `{name}`"),
        got,
    }
}
