//! The result tree: everything that is known of a run, without secrets. Each report but the
//! terminal's is made from it, whether the run has just ended or its JSON report was read again.

mod contract;
mod exchange;
mod line;
mod mask;
mod merge;
mod mirror;
mod read;
mod shared;
mod walk;

pub(super) use contract::{Contract, Reached};
#[cfg(test)]
pub(super) use line::StepStarted;
pub(super) use line::{
    Answer, Attempt, Body, Change, Class, Comparison, Expectation, Fate, Line, NoAnswer, Phases, Problem,
    Request, RunFinished, RunStarted, Signature, Snapshot, Status, Step, StepFinished,
};
pub use merge::{MergeError, Merged, merge};
pub use read::ReadError;
pub use shared::Record;
pub(super) use walk::{CUT_SHORT, duration};

use super::event::{Event, StepLabel};
use crate::diag;
use crate::plan::Durations;
use crate::secret::Redactor;

/// Everything that is known of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The plan.
    pub(in crate::report) started: RunStarted,
    /// The steps that ended, in plan order.
    pub(in crate::report) steps: Vec<StepFinished>,
    /// How the run ended; `None` when it was cut short.
    pub(in crate::report) finished: Option<RunFinished>,
}

impl Tree {
    /// How long each step took, by [`Step::key`](crate::plan::Step::key).
    pub fn durations(&self) -> Durations {
        let sent = self.steps.iter().filter(|step| step.request.is_some());
        sent.map(|step| (step.step.key(), duration(step.duration_ms))).collect()
    }

    /// The strongest class among all problems; `None` when all is well, or the run was cut short.
    pub fn class(&self) -> Option<diag::Class> {
        self.finished.as_ref()?.class.map(Into::into)
    }

    /// Whether anything passed.
    pub fn has_passed(&self) -> bool {
        self.steps.iter().any(|step| step.status == Status::Passed)
    }
}

/// Makes the lines of a run, one event after another.
#[derive(Debug)]
struct Recorder {
    redactor: Redactor,
    folder: String,
    labels: Vec<StepLabel>,
}

impl Recorder {
    fn new(redactor: Redactor, folder: String) -> Self {
        Self { redactor, folder, labels: Vec::new() }
    }

    /// The event as a line, as JSON, masked; `None` of one that is no line.
    fn json(&mut self, event: &Event<'_>) -> Result<Option<String>, serde_json::Error> {
        if let Event::RunStarted { steps, .. } = event {
            self.labels = steps.to_vec();
        }
        let Some(mut line) = mirror::line(event, &self.labels, &self.redactor) else { return Ok(None) };
        if let Line::RunStarted(started) = &mut line {
            started.folder.clone_from(&self.folder);
        }
        mask::json(&line, &self.redactor).map(Some)
    }
}

/// A tree that grows line by line.
#[derive(Debug, Default)]
struct Growing {
    started: Option<RunStarted>,
    steps: Vec<StepFinished>,
    finished: Option<RunFinished>,
}

impl Growing {
    /// Takes one line.
    fn add(&mut self, line: Line) {
        match line {
            Line::RunStarted(started) => self.started = Some(started),
            Line::StepStarted(_) => {}
            Line::StepFinished(step) => self.steps.push(*step),
            Line::RunFinished(finished) => self.finished = Some(finished),
        }
    }

    /// The tree; `None` when not even the plan is known.
    fn grown(self) -> Option<Tree> {
        Some(Tree { started: self.started?, steps: self.steps, finished: self.finished })
    }
}
