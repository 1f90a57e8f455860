//! What came of a run that is known as a whole, for people: what did not pass, and the tally.

use std::time::Duration;

use super::event::Summary;
use super::record::{Status, StepFinished, Tree};
use super::words;

/// A few lines.
pub fn summary(tree: &Tree) -> String {
    let bad = |step: &&StepFinished| matches!(step.status, Status::Failed | Status::Error);
    let mut text: String = tree.steps.iter().filter(bad).map(line).collect();
    if !text.is_empty() {
        text.push('\n');
    }
    let count = |status| tree.steps.iter().filter(|step| step.status == status).count();
    let took = tree.finished.as_ref().map_or(0.0, |finished| finished.duration_ms);
    let counted = Summary {
        passed: count(Status::Passed),
        failed: count(Status::Failed),
        errors: count(Status::Error),
        skipped: count(Status::Skipped),
        duration: Duration::from_secs_f64(took.max(0.0) / 1000.0),
        ..Summary::default()
    };
    format!("{text}{} in {}\n", words::tally(&counted), words::time(counted.duration))
}

fn line(step: &StepFinished) -> String {
    let problem = step.problems.first();
    let place = problem.and_then(|problem| problem.place.as_ref());
    let place = place
        .map_or(step.step.file.clone(), |place| format!("{}:{}:{}", place.file, place.line, place.column));
    let message = problem.map(|problem| problem.message.as_str()).unwrap_or_default();
    format!("{}  {place}  {message}\n", step.step.name)
}
