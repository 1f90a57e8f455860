//! What came of a run. Printed, it is the terminal's report, masked.

use std::fmt;
use std::time::Duration;

use super::{Answer, Problem};
use crate::report::{Status, StepLabel, Summary};

/// What came of a run. Printed, it is what `countersign run` would print.
#[derive(Clone)]
pub struct Outcome {
    pub(super) head: String,
    pub(super) requests: Vec<RequestOutcome>,
    pub(super) foot: String,
    pub(super) summary: Summary,
    pub(super) warnings: Vec<Problem>,
}

/// What came of one request.
#[derive(Clone)]
pub struct RequestOutcome {
    pub(super) label: StepLabel,
    pub(super) status: Status,
    pub(super) duration: Duration,
    pub(super) answer: Option<Answer>,
    pub(super) problems: Vec<Problem>,
    pub(super) text: String,
}

impl Outcome {
    /// Whether everything held, and anything ran at all.
    pub fn passed(&self) -> bool {
        self.summary.class.is_none() && self.summary.passed > 0
    }

    /// Every request in the order of the plan, the needed ones too.
    pub fn requests(&self) -> &[RequestOutcome] {
        &self.requests
    }

    /// The request of that name; a selected one before one that was only needed.
    pub fn request(&self, name: &str) -> Option<&RequestOutcome> {
        let named = || self.requests.iter().filter(|request| request.name() == name);
        named().find(|request| request.label.selected).or_else(|| named().next())
    }

    /// How many passed, failed and so on, and how long it took.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// What is worth knowing, and kept nothing from running.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// Everything about each request that did not pass, and the last line of the report.
    pub fn failure(&self) -> String {
        let wrong = self.requests.iter().filter(|request| request.status != Status::Passed);
        let texts: Vec<&str> = wrong.map(|request| request.text.trim_end()).collect();
        format!("{}\n\n{}", texts.join("\n"), self.foot.trim())
    }

    /// Panics unless everything held, with [`Outcome::failure`] as its message.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.passed(), "the suite did not pass\n\n{}", self.failure());
    }
}

impl RequestOutcome {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.label.name
    }

    /// The environment that it ran in.
    pub fn environment(&self) -> &str {
        &self.label.environment
    }

    /// The identity that it acted as, where that is not the environment itself.
    pub fn identity(&self) -> Option<&str> {
        self.label.identity.as_deref()
    }

    /// Whether it was selected, and not only needed by one that was.
    pub fn is_selected(&self) -> bool {
        self.label.selected
    }

    /// How it ended.
    pub fn status(&self) -> Status {
        self.status
    }

    /// Whether everything held.
    pub fn passed(&self) -> bool {
        self.status == Status::Passed
    }

    /// From its first byte of work to the verdict.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// What was answered in the end; `None` when no answer came.
    pub fn answer(&self) -> Option<&Answer> {
        self.answer.as_ref()
    }

    /// Everything that is wrong, in order.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Panics unless everything held, with everything about it as its message.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.passed(), "`{}` did not pass\n\n{self}", self.label.name);
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: String = self.requests.iter().map(|request| request.text.as_str()).collect();
        formatter.write_str((self.head.clone() + &texts + &self.foot).trim_end())
    }
}

impl fmt::Display for RequestOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text.trim_end())
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl fmt::Debug for RequestOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
