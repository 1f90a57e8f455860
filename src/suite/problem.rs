//! One thing that is wrong, as it is told: a code for programs, a text for people.

use std::fmt;

use crate::diag::{self, Code, Diagnostic, Sources};
use crate::report::shown_lines;
use crate::secret::Redactor;

/// One thing that is wrong. Shown, it looks as at the terminal, with the line of the file that it
/// is about; secrets are masked.
#[derive(Clone, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    text: String,
}

impl Problem {
    pub(super) fn new(diagnostic: &Diagnostic, sources: &Sources, redactor: &Redactor) -> Self {
        let text = diag::render(std::slice::from_ref(diagnostic), sources, false);
        Self::told(diagnostic.code, &shown_lines(&text, redactor))
    }

    /// With a text that is masked already.
    pub(super) fn told(code: Code, text: &str) -> Self {
        Self { code, text: text.trim_end().to_owned() }
    }

    /// The stable code, such as `expect.status`: see `docs/errors.md`.
    pub fn code(&self) -> Code {
        self.code
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl fmt::Debug for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
