//! The report for machines: one event a line, each an object with a `type`.

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use serde_json::Value;

use super::event::Event;
use super::record::{Line, Recorder};
use super::{Reporter, escape};
use crate::secret::Redactor;

/// The report for machines.
pub struct Json<W: Write> {
    writer: W,
    recorder: Recorder,
}

impl<W: Write> Json<W> {
    /// The lines go to `writer`.
    pub fn new(writer: W, redactor: Redactor) -> Self {
        Self { writer, recorder: Recorder::new(redactor) }
    }
}

impl<W: Write> Reporter for Json<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let line = self.recorder.json(event).map_err(io::Error::other)?;
        writeln!(self.writer, "{}", escape::json(&line.to_string()))?;
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
