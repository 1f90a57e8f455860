//! One recording of a run for all reports that are made from it: what is masked for one is masked
//! for all.

use std::sync::{Arc, Mutex, MutexGuard};

use super::{Growing, Line, Recorder, Tree};
use crate::report::event::Event;
use crate::secret::Redactor;

/// A recording. Clones are the same one; each event must be told to all of them before the next.
#[derive(Debug, Clone)]
pub struct Record(Arc<Mutex<Recording>>);

#[derive(Debug)]
struct Recording {
    recorder: Recorder,
    /// What was told last, and its line.
    last: Option<(Told, Option<String>)>,
    growing: Growing,
    /// Whether the last line is in the tree.
    has_grown: bool,
    tree: Option<Arc<Tree>>,
}

/// Tells one event of a run from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    RunStarted,
    StepStarted(usize),
    StepEnded(usize),
    StepFinished(usize),
    RunFinished,
}

impl Record {
    /// Of a suite in this folder of its repository, written with `/` and empty for the repository's own;
    /// without what `redactor` knows.
    pub fn new(redactor: Redactor, folder: &str) -> Self {
        let recorder = Recorder::new(redactor, folder.to_owned());
        let (growing, has_grown) = (Growing::default(), false);
        Self(Arc::new(Mutex::new(Recording { recorder, last: None, growing, has_grown, tree: None })))
    }

    /// From now on without what `redactor` knows.
    pub(in crate::report) fn mask_with(&self, redactor: Redactor) {
        self.recording().recorder.redactor = redactor;
    }

    /// The event as a line of JSON; `None` of one that is no line.
    pub(in crate::report) fn line(&self, event: &Event<'_>) -> Result<Option<String>, serde_json::Error> {
        let mut recording = self.recording();
        recording.take(event)?;
        Ok(recording.last.as_ref().and_then(|(_, line)| line.clone()))
    }

    /// Adds the event to the tree.
    pub(in crate::report) fn grow(&self, event: &Event<'_>) -> Result<(), serde_json::Error> {
        let mut recording = self.recording();
        recording.take(event)?;
        if let (false, Some((_, Some(line)))) = (recording.has_grown, &recording.last) {
            let line: Line = serde_json::from_str(line)?;
            recording.growing.add(line);
            recording.has_grown = true;
        }
        Ok(())
    }

    /// What has grown; `None` when not even the plan is known.
    pub(in crate::report) fn tree(&self) -> Option<Arc<Tree>> {
        let mut recording = self.recording();
        if recording.tree.is_none() {
            recording.tree = std::mem::take(&mut recording.growing).grown().map(Arc::new);
        }
        recording.tree.clone()
    }

    fn recording(&self) -> MutexGuard<'_, Recording> {
        self.0.lock().expect("nothing panics while it holds the lock")
    }
}

impl Recording {
    fn take(&mut self, event: &Event<'_>) -> Result<(), serde_json::Error> {
        let told = Told::of(event);
        if self.last.as_ref().is_none_or(|(last, _)| *last != told) {
            self.last = Some((told, self.recorder.json(event)?));
            self.has_grown = false;
        }
        Ok(())
    }
}

impl Told {
    fn of(event: &Event<'_>) -> Self {
        match event {
            Event::RunStarted { .. } => Self::RunStarted,
            Event::StepStarted { index } => Self::StepStarted(*index),
            Event::StepEnded { index } => Self::StepEnded(*index),
            Event::StepFinished(result) => Self::StepFinished(result.index),
            Event::RunFinished(_) => Self::RunFinished,
        }
    }
}
