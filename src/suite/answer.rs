//! An answer in the hands of a program: the program gets what came, whoever prints it gets it
//! masked.

use std::fmt;

use crate::message::{self, Headers};
use crate::report::answer_text;
use crate::secret::Redactor;

/// What a server answered, completely read and decoded. Printed, its secrets are masked and a long
/// body is cut; the methods give what came.
#[derive(Clone, PartialEq, Eq)]
pub struct Answer {
    answer: message::Answer,
    shown: String,
}

impl Answer {
    pub(super) fn new(answer: &message::Answer, redactor: &Redactor) -> Self {
        Self { answer: answer.clone(), shown: answer_text(answer, redactor) }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.answer.status
    }

    /// The header fields, in the order they came.
    pub fn headers(&self) -> &Headers {
        &self.answer.headers
    }

    /// The first value of a header field, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answer.headers.get(name)
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.answer.body
    }

    /// The body, when it is UTF-8.
    pub fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.answer.body).ok()
    }

    /// The body as JSON, every digit of its numbers kept.
    pub fn json(&self) -> Result<serde_json::Value, serde_json::Error> {
        serde_json::from_slice(&self.answer.body)
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.shown)
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
