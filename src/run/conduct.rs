//! How a run goes about its plan: in which order, how long, and what a failure means for the rest.

use std::time::Duration;

use crate::limits;
use crate::spec::Flaky;

/// How a run goes about its plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conduct {
    /// Requests in flight at once.
    pub jobs: usize,
    /// Whether nothing more is started once a step did not pass, but for what runs always.
    pub fail_fast: bool,
    /// How often a step that did not pass is tried again.
    pub retries: usize,
    /// What a step is that passed when it was tried again.
    pub flaky: Flaky,
    /// The order of steps that need nothing of each other; without it, that of their files.
    pub shuffle: Option<u64>,
    /// From how long on a step is told to be slow.
    pub slow: Option<Duration>,
    /// How long the whole run may take.
    pub deadline: Option<Duration>,
}

impl Default for Conduct {
    fn default() -> Self {
        Self {
            jobs: limits::JOBS,
            fail_fast: false,
            retries: 0,
            flaky: Flaky::Pass,
            shuffle: None,
            slow: None,
            deadline: None,
        }
    }
}

/// Why a run ends before its plan does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Halt {
    /// Somebody asked for it: what is in flight may end within [`limits::GRACE`].
    Interrupted,
    /// Its deadline came.
    Deadline(Duration),
    /// A step did not pass.
    FailFast,
}
