//! Why nothing ran. `Debug` is the same text as `Display`: a test that ends with an error prints
//! the one and should look like the other.

use std::{fmt, io};

use super::Problem;
use crate::diag::{Diagnostic, Sources};
use crate::secret::Redactor;

/// Why nothing ran.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The suite, the selection, a key or a certificate is wrong. Nothing was sent.
    #[error("{0}")]
    Refused(Refused),
    /// [`run`](super::Suite::run) was called where async code runs.
    #[error("`run` would block the async runtime that it is called in; await `run_async` in its place")]
    InsideRuntime,
    /// The system gives no thread or no event queue.
    #[error("the system lets nothing run: {0}")]
    System(#[source] io::Error),
}

/// Everything that is wrong, at once.
#[derive(Clone, PartialEq, Eq)]
pub struct Refused(Vec<Problem>);

impl Error {
    pub(super) fn refused(problems: &[Diagnostic], sources: &Sources, redactor: &Redactor) -> Self {
        let problems = problems.iter().map(|problem| Problem::new(problem, sources, redactor));
        Self::Refused(Refused(problems.collect()))
    }

    /// What is wrong with the suite; empty when it is something else.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Refused(refused) => refused.problems(),
            Self::InsideRuntime | Self::System(_) => &[],
        }
    }
}

impl Refused {
    /// What is wrong, in the order of the files.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<String> = self.0.iter().map(Problem::to_string).collect();
        formatter.write_str(&texts.join("\n\n"))
    }
}

impl fmt::Debug for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
