//! The report for machines: one event a line, each an object with a `type`.

#[cfg(test)]
mod tests;

use std::io::{self, Write};

use serde_json::Value;

use super::event::Event;
use super::record::{Line, Record, Tree};
use super::{Reporter, escape};

/// The report for machines.
pub struct Json<W: Write> {
    writer: W,
    record: Record,
}

impl<W: Write> Json<W> {
    /// The lines go to `writer`.
    pub fn new(writer: W, record: Record) -> Self {
        Self { writer, record }
    }
}

impl<W: Write> Reporter for Json<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        let Some(line) = self.record.line(event).map_err(io::Error::other)? else { return Ok(()) };
        writeln!(self.writer, "{}", escape::json(&line))?;
        if matches!(event, Event::RunFinished(_)) { self.writer.flush() } else { Ok(()) }
    }

    fn finish(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// The lines of a run that is known as a whole.
pub(super) fn lines(tree: &Tree) -> String {
    let steps = tree.steps.iter().map(|step| Line::StepFinished(Box::new(step.clone())));
    let finished = tree.finished.iter().map(|finished| Line::RunFinished(finished.clone()));
    let lines = std::iter::once(Line::RunStarted(tree.started.clone())).chain(steps).chain(finished);
    let written = lines.filter_map(|line| serde_json::to_value(line).ok());
    written.map(|line| escape::json(&line.to_string()).into_owned() + "\n").collect()
}

/// The JSON Schema of a line of the report.
pub fn json_schema() -> Value {
    let mut schema = schemars::schema_for!(Line).to_value();
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("title".into(), "a line of countersign's JSON report".into());
    }
    schema
}
