//! Snapshots in insta's format: read, redact, compare, write, accept.

/// `snapshot:` of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which header fields are kept.
    pub headers: HeaderChoice,
    /// Selector (`$…` or `header.NAME`) and the text that replaces what it finds.
    pub redact: Vec<(String, String)>,
    /// Regular expression and replacement, applied to the text in order.
    pub filters: Vec<(String, String)>,
}

/// Which header fields a snapshot keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderChoice {
    /// These, in this order.
    Named(Vec<String>),
    /// All but those that change with every answer.
    All,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            headers: HeaderChoice::Named(vec!["content-type".into()]),
            redact: Vec::new(),
            filters: Vec::new(),
        }
    }
}

/// What comparing an answer with its snapshot came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// They are equal.
    Match,
    /// There was none, and this one was accepted (`--snapshots always` or `unseen`).
    Added,
    /// They differed, and the new one was accepted (`--snapshots always`).
    Updated,
    /// There is none yet.
    New {
        /// What would be stored.
        content: String,
        /// Whether a pending file was written for review.
        pending: bool,
    },
    /// They differ.
    Mismatch {
        /// What is stored.
        old: String,
        /// What came.
        new: String,
        /// Whether a pending file was written for review.
        pending: bool,
    },
}
