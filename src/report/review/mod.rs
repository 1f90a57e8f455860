//! What a review of snapshots shows: pure, from a snapshot and the size of a terminal to lines.
//!
//! Everything that comes from a file is masked and escaped before it is broken into lines, so that
//! a line never outgrows the terminal; the sink does both again. Nothing is cut: what is accepted
//! must have been seen.

mod frame;
mod page;
mod sides;
mod text;
mod unified;

pub use frame::{Footing, Scroll, View};
pub use page::{Page, ReviewCard, ReviewContents};

/// From this many columns on both sides are shown beside each other.
const WIDE: usize = 110;

/// How a difference is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffLayout {
    /// One column: what goes above what comes.
    Unified,
    /// Two columns.
    SideBySide,
}

impl DiffLayout {
    /// The one that a terminal has room for.
    pub const fn fitting(columns: usize) -> Self {
        if columns < WIDE { Self::Unified } else { Self::SideBySide }
    }

    /// The other one.
    #[must_use]
    pub const fn toggled(self) -> Self {
        match self {
            Self::Unified => Self::SideBySide,
            Self::SideBySide => Self::Unified,
        }
    }
}

#[cfg(test)]
mod tests;
