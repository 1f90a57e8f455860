//! Snapshots in insta's format: make, mask, compare, write, accept.
//!
//! The text of a snapshot is made so that nothing of an answer gets lost on the way through insta
//! and git, which drop trailing blanks and rewrite line ends (see `lines`). Files are read with
//! insta's own code, after we have looked whether they are whole: insta takes a damaged file for
//! a missing one, and then the next answer would silently become the truth.

mod settings;
mod alike;
mod changes;
mod content;
mod damage;
mod diff;
mod error;
mod head;
mod lines;
mod masking;
mod rules;
mod shape;
mod store;
mod review;
pub mod suggest;

pub use alike::{Likeness, Unordered};
pub use changes::{Change, Changes, changes};
pub use content::{Content, content};
pub use diff::{Diff, DiffLine, DiffTag, diff, whole_diff};
pub use error::{SnapshotError, Stale};
pub use head::Metadata;
pub use review::{Decision, Review, ReviewError, Tally};
pub use rules::RuleError;
pub use settings::{Compared, Filter, HeaderChoice, Like, Redaction, Rule, Settings};
pub use store::{
    Held, Orphan, Pending, SUITE_FILES, SnapshotFiles, Store, Unreferenced, fingerprint, fingerprints,
};

/// What happens to a snapshot that is new or differs: `--snapshots`, after `auto` is resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// It is written beside the stored one, for review.
    New,
    /// It is stored.
    Always,
    /// A new one is stored, a different one is written for review.
    Unseen,
    /// Nothing is written or removed.
    No,
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
