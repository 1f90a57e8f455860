//! A report that is made when all is known: from the result tree, in one piece.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
            self.form.write(&tree, &mut self.writer)?;
        }
        self.writer.flush()
    }
}

/// Collects a run, and makes a report of it a file when it finishes.
pub struct CollectedFile {
    path: PathBuf,
    record: Record,
    form: Form,
}

impl CollectedFile {
    /// The file at `path`.
    pub fn new(path: &Path, record: Record, form: Form) -> Self {
        Self { path: path.to_owned(), record, form }
    }
}

impl Reporter for CollectedFile {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.record.grow(event).map_err(io::Error::other)
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(tree) = self.record.tree() else { return Ok(()) };
        self.form.write_file(&tree, &self.path).map_err(io::Error::other)
    }
}
