//! The text of a snapshot, taken apart again.
//!
//! It is the text that is compared and not the answer: so whatever masks, secrets and filters do to it
//! has been done.

use serde_json::Value;

use super::super::content;
use crate::json;
use crate::message::Answer;

/// The parts of a snapshot's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document {
    /// All of it.
    pub text: String,
    /// The first line.
    pub status: String,
    /// The header fields; names in lower case.
    pub headers: Vec<(String, String)>,
    /// What follows.
    pub body: Body,
}

/// The body of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Body {
    Empty,
    Json(Value),
    Text(String),
}

impl Document {
    /// What stands below the head, as text.
    pub(super) fn below(&self) -> &str {
        self.text.split_once("\n\n").map_or("", |(_, body)| body)
    }

    /// The parts of the text that was made of an answer.
    pub(super) fn of(text: &str, answer: &Answer) -> Self {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let status = lines.next().unwrap_or_default().to_owned();
        let field = |line: &str| {
            let (name, value) = line.trim_start_matches('\\').split_once(':').unwrap_or((line, ""));
            (name.to_owned(), value.trim_start().to_owned())
        };
        let headers = lines.map(field).collect();
        // A filter may have made something else of it.
        let json = content::is_json(answer).then(|| json::parse(body.as_bytes()).ok()).flatten();
        let body = match json {
            Some(value) => Body::Json(value),
            None if body.is_empty() => Body::Empty,
            None => Body::Text(body.to_owned()),
        };
        Self { text: text.to_owned(), status, headers, body }
    }
}
