//! What every report asks of the tree: all steps, when something was, and where a file lies.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Status, Step, StepFinished, Tree};

/// What is said of a step that has no result: it may have been carried out.
pub(in crate::report) const CUT_SHORT: &str = "no result: the run was cut short";

impl Tree {
    /// The steps that ended so.
    pub(in crate::report) fn count(&self, status: Status) -> usize {
        self.steps.iter().filter(|step| step.status == status).count()
    }

    /// The steps that did not end as they should.
    pub(in crate::report) fn wrong(&self) -> impl Iterator<Item = &StepFinished> {
        self.steps.iter().filter(|step| step.status.is_wrong())
    }

    /// Every step in plan order, with how it ended; `None` where the run was cut short before.
    pub(in crate::report) fn all(&self) -> Vec<(&Step, Option<&StepFinished>)> {
        if self.finished.is_some() {
            return self.steps.iter().map(|ended| (&ended.step, Some(ended))).collect();
        }
        let ended = |index| self.steps.iter().find(|ended| ended.index == index);
        self.started.steps.iter().enumerate().map(|(index, step)| (step, ended(index))).collect()
    }

    /// How many steps have no result, because the run was cut short.
    pub(in crate::report) fn without_result(&self) -> usize {
        self.all().iter().filter(|(_, ended)| ended.is_none()).count()
    }

    /// What is said of a run that is not whole; `None` of any other.
    pub(in crate::report) fn gap(&self) -> Option<String> {
        if let Some(finished) = &self.finished {
            return finished.cut_short.clone();
        }
        Some(match (self.without_result(), self.started.steps.len()) {
            (0, _) => "the run was cut short".to_owned(),
            (missing, steps) => {
                format!("the run was cut short: {missing} of {steps} requests without a result")
            }
        })
    }

    /// A file of the suite as its repository names it.
    pub(in crate::report) fn in_repository(&self, file: &str) -> String {
        match self.started.folder.as_str() {
            "" => file.to_owned(),
            folder => format!("{folder}/{file}"),
        }
    }

    /// The moment so many milliseconds after the beginning; `None` when that is not told as a date.
    pub(in crate::report) fn moment(&self, after_ms: f64) -> Option<DateTime<Utc>> {
        let began = DateTime::parse_from_rfc3339(&self.started.at).ok()?.to_utc();
        began.checked_add_signed(TimeDelta::from_std(duration(after_ms)).ok()?)
    }
}

/// Milliseconds as a duration; none of what is no duration.
pub(in crate::report) fn duration(ms: f64) -> Duration {
    Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default()
}
