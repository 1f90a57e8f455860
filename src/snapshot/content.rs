//! An answer as the text of its snapshot.
//!
//! The order matters: what is masked by its place comes first, while the body still has a
//! structure; lists are sorted behind that, since what differs every time must not decide their
//! order; secrets go before the filters, so that no filter can change one beyond recognition,
//! and once more behind them; lines are escaped last.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use regex::Regex;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::rules::{Looks, Target, filter, looks, target};
use super::shape::shape;
use super::{
    Compared, HeaderChoice, Likeness, Redaction, Rule, Settings, SnapshotError, Unordered, lines, masking,
};
use crate::json::{self, Keys, Path};
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Content {
    /// What is compared and stored.
    pub text: String,
    /// Selectors and patterns of the request itself that changed nothing: probably misspelled.
    pub unused: Vec<String>,
    /// What it is compared by.
    pub likeness: Likeness,
}

impl Content {
    /// This text as it is compared with what is stored: `None` when they are alike, else the text
    /// with everything that does not matter as it is stored.
    pub fn against(&self, stored: &str) -> Option<String> {
        self.likeness.against(stored, &self.text)
    }
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
            draft.mask(&target, replacement, &Looks::Anyhow);
        }
    }
    draft.can_be_masked(settings, answer)?;
    let mut unused = draft.redact(settings)?;
    if settings.shape {
        draft.shape();
    }
    let likeness = draft.likeness(settings);
    let keys = if settings.compared == Compared::Exactly { Keys::AsGiven } else { Keys::Sorted };
    let (text, form) = draft.text(keys)?;
    let mut text = redactor.redact(&text).into_owned();
    for known in &settings.filters {
        match replace(&filter(&known.pattern)?, &text, &known.replacement)? {
            Some(filtered) => text = filtered,
            None if known.own => unused.push(known.pattern.clone()),
            None => {}
        }
    }
    if !text.starts_with("HTTP ") {
        return Err(SnapshotError::Headless);
    }
    let text = lines::write(&redactor.redact(&text), form);
    if text.len() > limit() {
        return Err(SnapshotError::TooLarge);
    }
    Ok(Content { text, unused, likeness })
}

/// The parts of an answer, while they can still be told apart.
struct Draft {
    status: u16,
    headers: Vec<(String, String)>,
    body: Body,
    /// What was masked in a JSON body, by its pointer.
    masked: BTreeSet<String>,
}

enum Body {
    Empty,
    Json(Value),
    Text(String),
    Binary(String),
}

impl Draft {
    fn new(settings: &Settings, answer: &Answer) -> Self {
        let headers = headers(&settings.headers, answer);
        Self { status: answer.status, headers, body: Body::of(answer), masked: BTreeSet::new() }
    }

    /// A body that is said to be JSON and is not has no places to mask: what rules would have masked
    /// must not be stored.
    fn can_be_masked(&self, settings: &Settings, answer: &Answer) -> Result<(), SnapshotError> {
        let in_body = |redaction: &Redaction| {
            redaction.selector.starts_with('$')
                && matches!(redaction.rule, Rule::Replace(_) | Rule::ReplaceLike { .. })
        };
        if !matches!(self.body, Body::Text(_) | Body::Binary(_))
            || !is_json_type(answer)
            || !settings.redact.iter().any(in_body)
        {
            return Ok(());
        }
        json::parse(&answer.body).map(drop).map_err(|error| SnapshotError::Unmasked(error.to_string()))
    }

    /// Carries out the redactions. Returns the selectors of those of the request itself that
    /// changed nothing.
    fn redact(&mut self, settings: &Settings) -> Result<Vec<String>, SnapshotError> {
        let mut unused = Vec::new();
        let is_last = |redaction: &&Redaction| redaction.rule == Rule::Sort;
        let first = settings.redact.iter().filter(|redaction| !is_last(redaction));
        let mut sorted = BTreeSet::new();
        for Redaction { selector, rule, own } in first.chain(settings.redact.iter().filter(is_last)) {
            let target = target(selector)?;
            let changed = match rule {
                Rule::Replace(text) => self.mask(&target, text, &Looks::Anyhow),
                Rule::ReplaceLike { text, like } => self.mask(&target, text, &looks(like)?),
                // Types have neither an order nor decimals.
                Rule::Sort | Rule::Round(_) if settings.shape => continue,
                Rule::Round(decimals) => self.round(&target, *decimals),
                Rule::Sort => {
                    let lists = self.lists(&target);
                    let found = lists.len();
                    sorted.extend(lists);
                    found
                }
            };
            if *own && changed == 0 {
                unused.push(selector.clone());
            }
        }
        if let Body::Json(value) = &mut self.body {
            masking::sort(value, &sorted);
        }
        Ok(unused)
    }

    /// How many places were masked.
    fn mask(&mut self, target: &Target, text: &str, looks: &Looks) -> usize {
        match (target, &mut self.body) {
            (Target::Json(path), Body::Json(value)) => {
                let masked = masking::replace(value, path, text, looks);
                let places = masked.len();
                self.masked.extend(masked);
                places
            }
            (Target::Json(_), _) => 0,
            (Target::Header(name), _) => {
                let named = self.headers.iter_mut().filter(|(field, _)| field == name);
                let fitting = named.filter(|(_, value)| looks.hold_for(value));
                fitting.map(|(_, value)| text.clone_into(value)).count()
            }
        }
    }

    fn round(&mut self, target: &Target, decimals: u16) -> usize {
        match (target, &mut self.body) {
            (Target::Json(path), Body::Json(value)) => masking::round(value, path, decimals),
            (Target::Json(_) | Target::Header(_), _) => 0,
        }
    }

    fn lists(&self, target: &Target) -> Vec<String> {
        match (target, &self.body) {
            (Target::Json(path), Body::Json(value)) => masking::lists(value, path),
            (Target::Json(_) | Target::Header(_), _) => Vec::new(),
        }
    }

    fn shape(&mut self) {
        if let Body::Json(value) = &mut self.body {
            *value = shape(value, &self.masked);
        }
    }

    /// What `sort` put in order is compared without it: the spelling of a number must not decide.
    fn likeness(&self, settings: &Settings) -> Likeness {
        match (settings.compared, &self.body) {
            (Compared::InOrder, Body::Json(_)) => {
                let sorted = settings.redact.iter().filter(|redaction| redaction.rule == Rule::Sort);
                let paths = sorted.filter_map(|redaction| Path::parse(&redaction.selector).ok());
                Likeness::Json(Unordered::At(paths.collect()))
            }
            (Compared::Unordered, Body::Json(_)) => Likeness::Json(Unordered::All),
            (Compared::Exactly, _) | (_, Body::Empty | Body::Text(_) | Body::Binary(_)) => Likeness::Text,
        }
    }

    fn text(self, keys: Keys) -> Result<(String, lines::Form), SnapshotError> {
        let mut text = format!("HTTP {}", self.status);
        for (name, value) in &self.headers {
            let blank = if value.is_empty() { "" } else { " " };
            text.extend(["\n", name, ":", blank, value]);
        }
        let form = if matches!(self.body, Body::Binary(_)) { lines::Form::Binary } else { lines::Form::Text };
        let body = match self.body {
            Body::Empty => return Ok((text, form)),
            Body::Json(value) => json::pretty(&value, keys, limit()).map_err(|_| SnapshotError::TooLarge)?,
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

/// Whether the snapshot of an answer shows JSON.
pub(super) fn is_json(answer: &Answer) -> bool {
    matches!(Body::of(answer), Body::Json(_))
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

pub(super) fn limit() -> usize {
    usize::try_from(limits::SNAPSHOT_FILE).unwrap_or(usize::MAX) - limits::SNAPSHOT_HEAD
}

#[cfg(test)]
mod tests;
