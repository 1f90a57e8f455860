//! A JSON report, read again.

use super::line::FORMAT;
use super::{Growing, Line, Tree};

/// Why a text is no JSON report that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct ReadError {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: String,
}

impl Tree {
    /// The run that a JSON report tells of. One that ends early is of a run that was cut short.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        let mut growing = Growing::default();
        let mut number = 0;
        for line in text.lines() {
            number += 1;
            let fail = |reason: String| ReadError { line: number, reason };
            let line: Line = serde_json::from_str(line).map_err(|error| fail(reason(line, &error)))?;
            if let Line::RunStarted(started) = &line
                && started.format != FORMAT
            {
                return Err(fail(format!(
                    "it has format {}, and this version of countersign reads format {FORMAT}",
                    started.format
                )));
            }
            growing.add(line);
        }
        growing.grown().ok_or_else(|| ReadError {
            line: number.max(1),
            reason: "it does not tell of a run: there is no line `run_started`".into(),
        })
    }
}

/// What is wrong, without the library's words about types of ours.
fn reason(line: &str, error: &serde_json::Error) -> String {
    match serde_json::from_str::<serde_json::Value>(line) {
        Err(_) if error.is_eof() => "it ends in the middle of a line".into(),
        Err(_) => "it is not JSON".into(),
        Ok(value) => match value.get("type").and_then(serde_json::Value::as_str) {
            None => "it is no line of a countersign report".into(),
            Some(kind) => format!(
                "it is no `{kind}` as this version of countersign ({}) writes it",
                env!("CARGO_PKG_VERSION")
            ),
        },
    }
}
