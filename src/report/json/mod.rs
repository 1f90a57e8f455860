//! The report for machines: one event a line, each an object with a `type`.
//!
//! Strings are masked one by one, before and after they are written as JSON, and never the line as
//! a whole: a secret that happens to look like a piece of JSON must not be able to break it.

mod contract;
mod line;
mod mirror;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use serde_json::Value;

use super::event::{Event, StepLabel};
use super::{Reporter, escape};
use crate::secret::Redactor;
use line::Line;

/// The report for machines.
pub struct Json<W: Write> {
    writer: W,
    redactor: Redactor,
    labels: Vec<StepLabel>,
}

impl<W: Write> Json<W> {
    /// The lines go to `writer`.
    pub fn new(writer: W, redactor: Redactor) -> Self {
        Self { writer, redactor, labels: Vec::new() }
    }
}

impl<W: Write> Reporter for Json<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        if let Event::RunStarted { steps, .. } = event {
            self.labels = steps.to_vec();
        }
        let line = mirror::line(event, &self.labels, &self.redactor);
        let value = serde_json::to_value(line).map_err(io::Error::other)?;
        let mut text = String::new();
        write_value(&value, &self.redactor, &mut text);
        writeln!(self.writer, "{}", escape::json(&text))?;
        if matches!(event, Event::RunFinished(_)) { self.writer.flush() } else { Ok(()) }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The JSON Schema of a line of the report.
pub fn json_schema() -> Value {
    let mut schema = schemars::schema_for!(Line).to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".into(), "a line of countersign's JSON report".into());
    }
    schema
}

fn write_value(value: &Value, redactor: &Redactor, text: &mut String) {
    match value {
        Value::String(string) => write_string(string, redactor, text),
        Value::Array(list) => {
            write_list(text, ['[', ']'], list.iter(), |text, value| write_value(value, redactor, text));
        }
        Value::Object(map) => write_list(text, ['{', '}'], map.iter(), |text, (key, value)| {
            // Keys are names of our own.
            text.push_str(&Value::from(key.as_str()).to_string());
            text.push(':');
            write_value(value, redactor, text);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => text.push_str(&value.to_string()),
    }
}

fn write_list<T>(
    text: &mut String,
    brackets: [char; 2],
    items: impl Iterator<Item = T>,
    mut write: impl FnMut(&mut String, T),
) {
    text.push(brackets[0]);
    for (place, item) in items.enumerate() {
        if place > 0 {
            text.push(',');
        }
        write(text, item);
    }
    text.push(brackets[1]);
}

fn write_string(string: &str, redactor: &Redactor, text: &mut String) {
    let written = Value::from(&*redactor.redact(string)).to_string();
    let inside = &written[1..written.len() - 1];
    let masked = redactor.redact(inside);
    let masked = format!("\"{masked}\"");
    if inside.len() + 2 == masked.len() && masked == written
        || serde_json::from_str::<String>(&masked).is_ok()
    {
        text.push_str(&masked);
    } else {
        // The mask took half of an escape with it.
        text.push_str("\"[***]\"");
    }
}
