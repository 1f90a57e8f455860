//! What went wrong in the user's files, where, and what to do about it.
//!
//! Whoever knows the place and the cause makes a [`Diagnostic`]; only [`render`] turns it into
//! text. Several are collected and shown at once.

mod class;
mod code;
mod code_names;
mod source;
pub mod pointer;
mod shown;
mod render;

pub use class::Class;
pub use code::Code;
pub use pointer::pointer;
pub use render::render;
pub use shown::{escape, is_invisible, literal};
pub(crate) use source::floor;
pub use source::{Position, SourceId, Sources, Span};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; the run goes on.
    Warning,
    /// Nothing is sent.
    Error,
}

/// One problem, with the places in the user's files that show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong: a lower-case fragment, literals in backticks.
    pub message: String,
    /// Where; the first is the place itself, the others explain it.
    pub labels: Vec<Label>,
    /// What to do.
    pub help: Vec<String>,
}

/// A place, and what is to be seen there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen; may be empty.
    pub text: String,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self { code, severity, message: message.into(), labels: Vec::new(), help: Vec::new() }
    }

    /// Adds a place, where it is known, with what is to be seen there.
    #[must_use]
    pub fn at(mut self, span: impl Into<Option<Span>>, text: impl Into<String>) -> Self {
        self.labels.extend(span.into().map(|span| Label { span, text: text.into() }));
        self
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help.push(text.into());
        self
    }
}

/// The problems without those that say the same again, in their order.
pub fn distinct(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut distinct: Vec<Diagnostic> = Vec::new();
    for problem in problems {
        if !distinct.contains(&problem) {
            distinct.push(problem);
        }
    }
    distinct
}

/// The candidate that was probably meant, if one is near enough.
pub fn did_you_mean<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let near = |candidate: &&str| strsim::damerau_levenshtein(written, candidate);
    let allowed = (written.chars().count() / 3).max(1);
    candidates.into_iter().min_by_key(near).filter(|best| near(best) <= allowed)
}
