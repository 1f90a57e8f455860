//! An answer as the text of its snapshot.
//!
//! The order matters: what is masked by its place comes first, while the body still has a
//! structure; secrets go before the filters, so that no filter can change one beyond recognition,
//! and once more behind them; lines are escaped last.

use data_encoding::HEXLOWER;
use regex::Regex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::rules::{Target, filter, target};
use super::{HeaderChoice, Settings, SnapshotError, lines};
use crate::json;
use crate::limits;
use crate::message::Answer;
use crate::secret::Redactor;

/// Header fields that `headers: all` leaves out, since they change with every answer or say how it
/// was carried rather than what it is.
const VOLATILE: &[&str] = &[
    "age",
    "alt-svc",
    "cf-ray",
    "connection",
    "content-length",
    "date",
    "expires",
    "keep-alive",
    "last-modified",
    "nel",
    "report-to",
    "server-timing",
    "set-cookie",
    "signature",
    "signature-input",
    "traceparent",
    "tracestate",
    "transfer-encoding",
    "via",
    "x-amz-cf-id",
    "x-amzn-requestid",
    "x-amzn-trace-id",
    "x-correlation-id",
    "x-ing-reqid",
    "x-request-id",
    "x-response-time",
    "x-runtime",
    "x-trace-id",
];

/// The text of a snapshot, and the rules that had no part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// What is compared and stored.
    pub text: String,
    /// Selectors and patterns that matched nothing: probably misspelled.
    pub unused: Vec<String>,
}

/// Makes the text of a snapshot. `masks` are selectors of secrets, with what is shown instead;
/// they need not match.
pub fn content(
    settings: &Settings,
    masks: &[(String, String)],
    answer: &Answer,
    redactor: &Redactor,
) -> Result<Content, SnapshotError> {
    let mut draft = Draft::new(settings, answer);
    for (selector, replacement) in masks {
        if let Ok(target) = target(selector) {
            draft.redact(&target, replacement);
        }
    }
    let mut unused = Vec::new();
    for (selector, replacement) in &settings.redact {
        if draft.redact(&target(selector)?, replacement) == 0 {
            unused.push(selector.clone());
        }
    }
    let (text, form) = draft.text()?;
    let mut text = redactor.redact(&text).into_owned();
    for (source, replacement) in &settings.filters {
        match replace(&filter(source)?, &text, replacement)? {
            Some(filtered) => text = filtered,
            None => unused.push(source.clone()),
        }
    }
    let text = lines::write(&redactor.redact(&text), form);
    if text.len() > limit() {
        return Err(SnapshotError::TooLarge);
    }
    Ok(Content { text, unused })
}

/// The parts of an answer, while they can still be told apart.
struct Draft {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
}

enum Body {
    Empty,
    Json(Value),
    Text(String),
    Binary(String),
}

impl Draft {
    fn new(settings: &Settings, answer: &Answer) -> Self {
        Self { status: answer.status, headers: headers(&settings.headers, answer), body: Body::of(answer) }
    }

    /// How many places were masked.
    fn redact(&mut self, target: &Target, replacement: &str) -> usize {
        match (target, &mut self.body) {
            (Target::Json(path), Body::Json(value)) => {
                path.replace(value, &Value::String(replacement.to_owned()))
            }
            (Target::Json(_), _) => 0,
            (Target::Header(name), _) => {
                let named = self.headers.iter_mut().filter(|(field, _)| field == name);
                named.map(|(_, value)| replacement.clone_into(value)).count()
            }
        }
    }

    fn text(self) -> Result<(String, lines::Form), SnapshotError> {
        let mut text = format!("HTTP {}", self.status);
        for (name, value) in &self.headers {
            let blank = if value.is_empty() { "" } else { " " };
            text.extend(["\n", name, ":", blank, value]);
        }
        let form = if matches!(self.body, Body::Binary(_)) { lines::Form::Binary } else { lines::Form::Text };
        let body = match self.body {
            Body::Empty => return Ok((text, form)),
            Body::Json(value) => json::pretty(&value, limit()).map_err(|_| SnapshotError::TooLarge)?,
            Body::Text(body) | Body::Binary(body) => body,
        };
        text.push_str("\n\n");
        text.push_str(&body);
        Ok((text, form))
    }
}

impl Body {
    /// A body that is JSON is shown as JSON: a list or map whatever its type is said to be, other
    /// values where they are said to be JSON.
    fn of(answer: &Answer) -> Self {
        let bytes = &answer.body;
        if bytes.is_empty() {
            return Self::Empty;
        }
        match json::parse(bytes) {
            Ok(value) if value.is_array() || value.is_object() || is_json_type(answer) => Self::Json(value),
            _ => match std::str::from_utf8(bytes) {
                Ok(text) => Self::Text(text.to_owned()),
                Err(_) => Self::Binary(binary(bytes)),
            },
        }
    }
}

fn is_json_type(answer: &Answer) -> bool {
    let media_type = answer.headers.get("content-type").unwrap_or_default();
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.ends_with("/json") || essence.ends_with("+json")
}

fn binary(bytes: &[u8]) -> String {
    format!("{}{} bytes, sha256 {}>", lines::BINARY, bytes.len(), HEXLOWER.encode(&Sha256::digest(bytes)))
}

fn headers(choice: &HeaderChoice, answer: &Answer) -> Vec<(String, String)> {
    let field = |(name, value): (&str, &str)| (name.to_ascii_lowercase(), value.to_owned());
    match choice {
        HeaderChoice::Named(names) => names
            .iter()
            .flat_map(|name| answer.headers.all(name).map(move |value| field((name, value))))
            .collect(),
        HeaderChoice::All => {
            let kept =
                answer.headers.iter().map(field).filter(|(name, _)| !VOLATILE.contains(&name.as_str()));
            let mut kept: Vec<_> = kept.collect();
            // Proxies reorder fields; the values of one field keep their order.
            kept.sort_by(|(left, _), (right, _)| left.cmp(right));
            kept
        }
    }
}

/// Every match replaced, in at most as many bytes as a snapshot may have; `None` without a match.
fn replace(pattern: &Regex, text: &str, replacement: &str) -> Result<Option<String>, SnapshotError> {
    let mut replaced = String::new();
    let mut behind = 0;
    let mut matched = false;
    for captures in pattern.captures_iter(text) {
        let whole = captures.get_match();
        replaced.push_str(&text[behind..whole.start()]);
        captures.expand(replacement, &mut replaced);
        behind = whole.end();
        matched = true;
        if replaced.len() > limit() {
            return Err(SnapshotError::TooLarge);
        }
    }
    replaced.push_str(&text[behind..]);
    Ok(matched.then_some(replaced))
}

fn limit() -> usize {
    usize::try_from(limits::SNAPSHOT_FILE).unwrap_or(usize::MAX) - limits::SNAPSHOT_HEAD
}

#[cfg(test)]
mod tests;
