//! What came of a run that is known as a whole, for people: what did not pass, and the tally.

use super::event::Summary;
use super::record::{Problem, Status, StepFinished, Tree, duration};
use super::words;

/// A few lines.
pub fn summary(tree: &Tree) -> String {
    let mut text: String = tree.wrong().map(line).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    let counted = Summary {
        passed: tree.count(Status::Passed),
        failed: tree.count(Status::Failed),
        errors: tree.count(Status::Error),
        skipped: tree.count(Status::Skipped),
        flaky: tree.steps.iter().filter(|step| step.flaky).count(),
        ..Summary::default()
    };
    let took = tree.finished.as_ref().map(|finished| words::time(duration(finished.duration_ms)));
    let took = took.map(|took| format!(" in {took}")).unwrap_or_default();
    format!("{text}{}{took}\n", words::tally(&counted))
}

fn line(step: &StepFinished) -> String {
    let problem = step.problems.first();
    let place = problem.and_then(|problem| problem.place.as_ref());
    let place = place
        .map_or(step.step.file.clone(), |place| format!("{}:{}:{}", place.file, place.line, place.column));
    let message = problem.map(Problem::told).unwrap_or_default();
    format!("{}  {place}  {message}\n", step.step.name)
}
