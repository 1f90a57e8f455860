//! Why a recording can't be read, as data: its text is the rest of a sentence that begins with the
//! name of the file.

use std::fmt;

/// Why a recording can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedError {
    line: Option<usize>,
    message: String,
    help: Option<String>,
}

impl RecordedError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { line: None, message: message.into(), help: None }
    }

    pub(super) fn at(line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::new(message) }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The line where it was noticed, from 1.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// What to do.
    pub fn what_to_do(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for RecordedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(formatter, "line {line}: ")?;
        }
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for RecordedError {}
