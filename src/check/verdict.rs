//! What was found about an answer.

use indexmap::IndexMap;
use serde_json::Value;

use crate::diag::Code;

/// Every expectation with its outcome, and what was captured.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Verdict {
    /// One for every expectation and every capture, in the order of the file.
    pub outcomes: Vec<Outcome>,
    /// What was captured; a capture that found nothing is a failed outcome instead.
    pub captures: IndexMap<String, Captured>,
}

impl Verdict {
    /// Whether everything held.
    pub fn held(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.held)
    }
}

/// What became of one expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where it stands in the request file, as a JSON pointer: `/expect/body/$.message`.
    pub pointer: String,
    /// What it is when it does not hold.
    pub code: Code,
    /// Whether it held.
    pub held: bool,
    /// What was looked at: `status`, `header.etag`, `$.message`.
    pub selector: String,
    /// What was wanted, in words: `equals "Welcome to ING!"`.
    pub wanted: String,
    /// What came, bounded: `"Welcome!"`, or `nothing`.
    pub got: String,
}

/// A captured value.
#[derive(Debug, Clone, PartialEq)]
pub struct Captured {
    /// The value.
    pub value: Value,
    /// Whether it is masked everywhere.
    pub secret: bool,
}
