//! Why a snapshot can't be made, read or written.

use std::fmt;

use super::RuleError;
use crate::diag::Code;
use crate::files::FileError;
use crate::limits;

/// What changed since an answer came that waits for review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stale {
    /// The snapshot that it was compared with.
    Snapshot,
    /// The request file that it was made by.
    Request(String),
}

impl fmt::Display for Stale {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Snapshot => write!(formatter, "the stored snapshot has changed since"),
            Self::Request(file) => write!(formatter, "`{file}` has changed since"),
        }
    }
}

/// Why a snapshot can't be made, read or written.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The stored file is not whole.
    #[error("the stored snapshot `{file}` is damaged: {reason} (line {line})")]
    Damaged {
        /// Relative to the suite root.
        file: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// A file can't be read or written.
    #[error("{0}")]
    File(#[from] FileError),
    /// The text of the answer is larger than a snapshot may be.
    #[error("the answer makes a snapshot of more than {} bytes", limits::SNAPSHOT_FILE)]
    TooLarge,
    /// The body is said to be JSON and is not, and there are rules that mask parts of it.
    #[error("the answer can't be masked: its body is said to be JSON, and is not ({0})")]
    Unmasked(String),
    /// The filters change the first line beyond recognition.
    #[error("the filters of `snapshot` take away the first line, `HTTP` and the status")]
    Headless,
    /// A rule for masking can't be used.
    #[error("{0}")]
    Rule(#[from] RuleError),
    /// There is nothing to accept or reject.
    #[error("no snapshot of `{0}` waits for review")]
    NothingPending(String),
    /// What waits for review was made from what is no longer there.
    #[error("what waits for review of `{id}` is out of date: {stale}")]
    Stale {
        /// The snapshot.
        id: String,
        /// What changed.
        stale: Stale,
    },
}

impl SnapshotError {
    /// The code of the problem.
    pub const fn code(&self) -> Code {
        match self {
            Self::Damaged { .. } => Code::SnapshotDamaged,
            Self::File(_) | Self::TooLarge => Code::SnapshotIo,
            Self::NothingPending(_) => Code::NothingPending,
            Self::Stale { .. } => Code::SnapshotStale,
            Self::Unmasked(_) => Code::SnapshotUnmasked,
            Self::Headless => Code::SnapshotFilter,
            Self::Rule(error) => error.code,
        }
    }

    /// What to do.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Damaged { file, .. } => {
                Some(format!("restore it from version control, or delete `{file}` to have it written anew"))
            }
            Self::TooLarge => Some("expect single parts of the body, and set `snapshot: false`".into()),
            Self::NothingPending(_) => Some("`countersign snapshots list` shows what does".into()),
            Self::Stale { .. } => Some("run the request again, or reject what waits".into()),
            Self::Unmasked(_) => {
                Some("`redact` can't find its places in it; set `snapshot: false` if it is right".into())
            }
            Self::Headless => Some(
                "a filter is applied to the whole text, status and headers too: let it match less".into(),
            ),
            Self::Rule(error) => error.help.clone(),
            Self::File(_) => None,
        }
    }
}
