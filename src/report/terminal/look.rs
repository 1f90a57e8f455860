//! How the terminal report looks: decided once by whoever knows the terminal, never asked of the
//! process environment here.

use anstyle::{AnsiColor, Style};

/// How much is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verbosity {
    /// Only what did not pass, and the summary.
    Quiet,
    /// A line for every request.
    #[default]
    Normal,
    /// Also every request and answer, masked, and how long each part took.
    Verbose,
}

/// How it looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Whether there are colours.
    pub color: bool,
    /// Whether there is more than ASCII.
    pub unicode: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// How much is told.
    pub verbosity: Verbosity,
}

impl Default for Look {
    fn default() -> Self {
        Self { color: false, unicode: true, width: 80, verbosity: Verbosity::Normal }
    }
}

pub(in crate::report) const GOOD: Style = AnsiColor::Green.on_default();
pub(in crate::report) const BAD: Style = AnsiColor::Red.on_default();
pub(in crate::report) const LOUD: Style = AnsiColor::Red.on_default().bold();
pub(in crate::report) const WARN: Style = AnsiColor::Yellow.on_default();
pub(in crate::report) const QUIET: Style = Style::new().dimmed();
pub(in crate::report) const BOLD: Style = Style::new().bold();

impl Look {
    pub(in crate::report) fn passed(&self) -> &'static str {
        if self.unicode { "✓" } else { "+" }
    }

    pub(in crate::report) fn failed(&self) -> &'static str {
        if self.unicode { "✗" } else { "x" }
    }

    pub(in crate::report) fn between(&self) -> &'static str {
        if self.unicode { " · " } else { " | " }
    }

    pub(in crate::report) fn arrow(&self) -> &'static str {
        if self.unicode { "→" } else { "->" }
    }

    pub(in crate::report) fn ellipsis(&self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }
}
