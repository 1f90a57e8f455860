//! A report that is made when all is known: from the result tree, in one piece.

use std::io::{self, Write};

use super::event::Event;
use super::record::{Growing, Recorder, Tree};
use super::{Form, Reporter};
use crate::secret::Redactor;

/// Collects a run, and writes a report of it when it finishes.
pub struct Collected<W: Write> {
    writer: W,
    recorder: Recorder,
    growing: Growing,
    form: Form,
}

impl<W: Write> Collected<W> {
    /// The report goes to `writer`.
    pub fn new(writer: W, redactor: Redactor, form: Form) -> Self {
        Self { writer, recorder: Recorder::new(redactor), growing: Growing::default(), form }
    }

    /// The suite lies in this folder of its repository: written with `/`, empty for the repository's own.
    #[must_use]
    pub fn in_folder(self, folder: &str) -> Self {
        Self { recorder: self.recorder.in_folder(folder), ..self }
    }
}

impl<W: Write> Reporter for Collected<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.growing.add(self.recorder.line(event).map_err(io::Error::other)?);
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        let tree: Option<Tree> = std::mem::take(&mut self.growing).grown();
        if let Some(tree) = tree {
            self.writer.write_all((self.form)(&tree).as_bytes())?;
        }
        self.writer.flush()
    }
}
