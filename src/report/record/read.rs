//! A JSON report, read again.

use serde_json::Value;

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
            let line =
                serde_json::from_str(line).and_then(Line::of).map_err(|error| fail(reason(line, &error)))?;
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

impl Line {
    /// The line that a JSON value is. serde's own reader of tagged enums loses numbers whose spelling
    /// is kept.
    pub(super) fn of(mut value: Value) -> Result<Self, serde_json::Error> {
        let kind = value.as_object_mut().and_then(|map| map.shift_remove("type"));
        Ok(match kind.as_ref().and_then(Value::as_str) {
            Some("run_started") => Self::RunStarted(serde_json::from_value(value)?),
            Some("step_started") => Self::StepStarted(serde_json::from_value(value)?),
            Some("step_finished") => Self::StepFinished(serde_json::from_value(value)?),
            Some("run_finished") => Self::RunFinished(serde_json::from_value(value)?),
            _ => return Err(serde::de::Error::custom("no line of a report")),
        })
    }
}

/// What is wrong, without the library's words about types of ours.
fn reason(line: &str, error: &serde_json::Error) -> String {
    match serde_json::from_str::<Value>(line) {
        Err(_) if error.is_eof() => "it ends in the middle of a line".into(),
        Err(_) => "it is not JSON".into(),
        Ok(value) => match value.get("type").and_then(Value::as_str) {
            None => "it is no line of a countersign report".into(),
            Some(kind) => format!(
                "it is no `{kind}` as this version of countersign ({}) writes it",
                env!("CARGO_PKG_VERSION")
            ),
        },
    }
}
