//! A report that is made when all is known: from the result tree, in one piece.

use std::io::{self, Write};

use super::event::Event;
use super::record::Record;
use super::{Form, Reporter};

/// Collects a run, and writes a report of it when it finishes.
pub struct Collected<W: Write> {
    writer: W,
    record: Record,
    form: Form,
}

impl<W: Write> Collected<W> {
    /// The report goes to `writer`.
    pub fn new(writer: W, record: Record, form: Form) -> Self {
        Self { writer, record, form }
    }
}

impl<W: Write> Reporter for Collected<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.record.grow(event).map_err(io::Error::other)
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some(tree) = self.record.tree() {
            self.writer.write_all((self.form)(&tree).as_bytes())?;
        }
        self.writer.flush()
    }
}
