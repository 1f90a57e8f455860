//! A report that goes to a file: written whole, in one step, readable by its owner only; or added
//! to the end of one that others write to as well.
//!
//! It is kept in memory until the end, because a report that is half there would be read as the
//! whole by whoever collects it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Event, Reporter};
use crate::diag::{Code, Diagnostic};
use crate::files::{self, Existing, FileError, Mode};

/// A reporter whose output becomes a file when it finishes.
pub struct File {
    path: PathBuf,
    reporter: Box<dyn Reporter + Send>,
    buffer: Buffer,
    write: fn(&Path, &[u8]) -> Result<(), FileError>,
}

/// Where the reporter writes to.
#[derive(Debug, Clone, Default)]
pub struct Buffer(Arc<Mutex<Vec<u8>>>);

impl File {
    /// The file at `path`; `make` makes the reporter that writes to a buffer.
    pub fn new<R: Reporter + Send + 'static>(path: &Path, make: impl FnOnce(Buffer) -> R) -> Self {
        let buffer = Buffer::default();
        Self { path: path.to_owned(), reporter: Box::new(make(buffer.clone())), buffer, write: replace }
    }

    /// [`File::new`], added to what is in the file.
    pub fn added<R: Reporter + Send + 'static>(path: &Path, make: impl FnOnce(Buffer) -> R) -> Self {
        Self { write: files::append, ..Self::new(path, make) }
    }
}

impl Buffer {
    /// What was written so far; it is empty afterwards.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().expect("nothing panics while it holds the lock"))
    }
}

impl Reporter for File {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.reporter.event(event)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.reporter.finish()?;
        let bytes =
            std::mem::take(&mut *self.buffer.0.lock().expect("nothing panics while it holds the lock"));
        (self.write)(&self.path, &bytes).map_err(io::Error::other)
    }
}

fn replace(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    files::write(path, bytes, Mode::Private, Existing::Replace)
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nothing panics while it holds the lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What to tell about a report that could not be written; nothing about a reader that has seen
/// enough and closed the pipe.
pub fn write_failure(report: &str, error: &io::Error) -> Option<Diagnostic> {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return None;
    }
    let file = error.get_ref().and_then(|inner| inner.downcast_ref::<FileError>());
    let why = file.map_or_else(|| error.kind().to_string(), FileError::to_string);
    let message = format!("the {report} report can't be written: {why}");
    Some(Diagnostic::error(Code::ReportIo, message).help("name another path: `--report FORMAT=PATH`"))
}
