//! Every step of the plan with what became of it, and who needs whom.

use serde::Serialize;

use super::shown::Shown;
use crate::report::record::{Status, Step, StepFinished, Tree};

/// How a step ended, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Failed,
    Error,
    /// The run was cut short before it ended.
    Unfinished,
    Skipped,
    Passed,
}

impl Verdict {
    pub(super) const ALL: [Self; 5] =
        [Self::Failed, Self::Error, Self::Unfinished, Self::Skipped, Self::Passed];

    /// In markup.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Unfinished => "unfinished",
            Self::Skipped => "skipped",
            Self::Passed => "passed",
        }
    }

    /// For readers.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Unfinished => "no result",
            Self::Failed | Self::Error | Self::Skipped | Self::Passed => self.class(),
        }
    }

    pub(super) const fn mark(self) -> &'static str {
        match self {
            Self::Failed => "✗",
            Self::Error => "!",
            Self::Unfinished => "?",
            Self::Skipped => "–",
            Self::Passed => "✓",
        }
    }

    /// Whether it is a reason to look at the page.
    pub(super) const fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Error)
    }
}

/// A step that another part of the page leads to.
#[derive(Debug, Serialize)]
pub(super) struct Link {
    pub(super) index: usize,
    pub(super) name: Shown,
    pub(super) class: &'static str,
    pub(super) word: &'static str,
    pub(super) mark: &'static str,
}

/// The plan and its outcome.
#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub(super) steps: &'a [Step],
    ends: Vec<Option<&'a StepFinished>>,
    needs: Vec<Vec<usize>>,
    needed_by: Vec<Vec<usize>>,
    /// Whether the steps are of several environments.
    pub(super) is_mixed: bool,
}

impl<'a> Outline<'a> {
    pub(super) fn of(tree: &'a Tree) -> Self {
        let steps = tree.started.steps.as_slice();
        let mut ends = vec![None; steps.len()];
        for end in &tree.steps {
            if let Some(place) = ends.get_mut(end.index) {
                *place = Some(end);
            }
        }
        let mut needed_by = vec![Vec::new(); steps.len()];
        let mut needs = Vec::new();
        for (index, step) in steps.iter().enumerate() {
            // A plan has what is needed first. A report that says otherwise is not of ours, and
            // must not send the drawing round in circles.
            let real: Vec<usize> = step.needs.iter().copied().filter(|needed| *needed < index).collect();
            for &needed in &real {
                needed_by[needed].push(index);
            }
            needs.push(real);
        }
        let is_mixed = steps.windows(2).any(|pair| pair[0].environment != pair[1].environment);
        Self { steps, ends, needs, needed_by, is_mixed }
    }

    pub(super) fn end(&self, index: usize) -> Option<&'a StepFinished> {
        self.ends[index]
    }

    pub(super) fn verdict(&self, index: usize) -> Verdict {
        match self.ends[index].map(|end| end.status) {
            None => Verdict::Unfinished,
            Some(Status::Failed) => Verdict::Failed,
            Some(Status::Error) => Verdict::Error,
            Some(Status::Skipped) => Verdict::Skipped,
            Some(Status::Passed) => Verdict::Passed,
        }
    }

    pub(super) fn needs(&self, index: usize) -> &[usize] {
        &self.needs[index]
    }

    pub(super) fn needed_by(&self, index: usize) -> &[usize] {
        &self.needed_by[index]
    }

    pub(super) fn link(&self, index: usize) -> Link {
        let verdict = self.verdict(index);
        Link {
            index,
            name: Shown::line(&self.steps[index].name),
            class: verdict.class(),
            word: verdict.word(),
            mark: verdict.mark(),
        }
    }
}
