//! A JSON report, read again.

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use super::line::FORMAT;
use super::{Growing, Line, RunStarted, Tree};

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
            if let Line::RunStarted(RunStarted { format, .. }) = &line {
                if *format != FORMAT {
                    return Err(fail(format!(
                        "it has format {format}, and this version of countersign reads format {FORMAT}"
                    )));
                }
                if growing.started.is_some() {
                    return Err(fail("a second run begins here: name each report by itself".into()));
                }
            }
            growing.add(line);
        }
        if growing.started.as_ref().is_some_and(|started| growing.steps.len() < started.steps.len()) {
            // Whatever its last line says: what is not there may not have passed.
            growing.finished = None;
        }
        growing.grown().ok_or_else(|| ReadError {
            line: number.max(1),
            reason: "it does not tell of a run: there is no line `run_started`".into(),
        })
    }
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

/// Reads a line as it comes when its `type` stands first, as we write it. serde's own reader of tagged
/// enums loses numbers whose spelling is kept.
struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Line;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a line of a report")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Line, M::Error> {
        let mut before = serde_json::Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key != "type" {
                before.insert(key, map.next_value()?);
                continue;
            }
            let kind: String = map.next_value()?;
            if before.is_empty() {
                return line(&kind, MapAccessDeserializer::new(map));
            }
            while let Some((key, value)) = map.next_entry()? {
                before.insert(key, value);
            }
            return line(&kind, Value::Object(before)).map_err(de::Error::custom);
        }
        Err(de::Error::missing_field("type"))
    }
}

fn line<'de, D: Deserializer<'de>>(kind: &str, rest: D) -> Result<Line, D::Error> {
    Ok(match kind {
        "run_started" => Line::RunStarted(Deserialize::deserialize(rest)?),
        "step_started" => Line::StepStarted(Deserialize::deserialize(rest)?),
        "step_finished" => Line::StepFinished(Deserialize::deserialize(rest)?),
        "run_finished" => Line::RunFinished(Deserialize::deserialize(rest)?),
        _ => return Err(de::Error::custom("no line of a report")),
    })
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
