//! What passed the last time it ran: kept in the user's state directory, never in the suite.

use std::collections::BTreeMap;
use std::path::PathBuf;

use countersign::diag::{Code, Diagnostic, Sources};
use countersign::files::{self, Existing, FileError, Mode};
use countersign::limits;
use countersign::load::Suite;
use countersign::report::{Event, Status, StepResult};
use countersign::snapshot::fingerprint;

use super::context::Context;

/// Steps by their key, and whether they passed.
type Passed = BTreeMap<String, bool>;

/// The file of a suite; `None` where the user has no state directory.
pub(super) struct LastRun(Option<PathBuf>);

impl LastRun {
    pub(super) fn of(context: &Context<'_>, suite: &Suite) -> Self {
        let process = &context.settings.process;
        let named = |name: &str| process.get(name).filter(|path| path.starts_with('/')).map(PathBuf::from);
        let state = named("XDG_STATE_HOME").or_else(|| Some(named("HOME")?.join(".local/state")));
        let root = suite.root.path().to_string_lossy().into_owned();
        Self(state.map(|state| state.join(format!("countersign/{}.json", fingerprint(root.as_bytes())))))
    }

    /// What is known; nothing when nothing can be read.
    pub(super) fn read(&self) -> Passed {
        let text = self.0.as_ref().and_then(|path| files::read_text(path, limits::REPORT_FILE).ok());
        text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default()
    }

    fn write(&self, passed: &Passed) -> Result<(), FileError> {
        let Some(path) = &self.0 else { return Ok(()) };
        let text = serde_json::to_string(passed).unwrap_or_default();
        files::write(path, text.as_bytes(), Mode::Private, Existing::Replace)
    }
}

/// Notes what passes in a run.
pub(super) struct Notes {
    last: LastRun,
    passed: Passed,
}

impl Notes {
    pub(super) fn new(last: LastRun) -> Self {
        Self { last, passed: Passed::new() }
    }

    pub(super) fn event(&mut self, event: &Event<'_>) {
        if let Event::StepFinished(result) = event {
            // Of several times (`--repeat`), all must have.
            *self.passed.entry(result.label.key()).or_insert(true) &= has_passed(result);
        }
    }

    /// Adds what was noted to what was known. That it can't be kept is nothing that a run fails for.
    pub(super) fn keep(mut self, context: &Context<'_>) {
        let mut known = self.last.read();
        known.append(&mut self.passed);
        if let Err(error) = self.last.write(&known) {
            let message = format!("what failed can't be remembered for `--rerun failed`: {error}");
            context.output.show(&[Diagnostic::warning(Code::ReportIo, message)], &Sources::default());
        }
    }
}

/// What was skipped on purpose has not failed.
fn has_passed(result: &StepResult) -> bool {
    let on_purpose = || result.problems.iter().all(|problem| problem.code == Code::SkippedRequest);
    result.status == Status::Passed || result.status == Status::Skipped && on_purpose()
}
