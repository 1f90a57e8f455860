//! The report as TAP 14 (testanything.org): a test point for every step, in plan order.

use std::fmt::Write as _;

use serde_json::Value;

use super::escape;
use super::record::{Problem, Status, StepFinished, Tree};

/// The whole report.
pub(super) fn tap(tree: &Tree) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", tree.started.steps.len());
    for step in &tree.steps {
        point(step, &mut text);
    }
    if let Some(gap) = tree.gap() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "Bail out! {gap}");
    }
    text
}

fn point(step: &StepFinished, text: &mut String) {
    let name = description(&step.step.name);
    let number = step.index + 1;
    // Writing to a string does not fail.
    let _ = match step.status {
        Status::Passed => {
            let notes = [(step.flaky, " (flaky)"), (step.slow, " (slow)")];
            let notes: String = notes.iter().filter(|(is, _)| *is).map(|(_, note)| *note).collect();
            writeln!(text, "ok {number} - {name}{notes}")
        }
        Status::Failed | Status::Error => writeln!(text, "not ok {number} - {name}"),
        Status::Skipped => {
            let because = step.problems.first().map(|problem| problem.message.as_str());
            writeln!(text, "ok {number} - {name} # SKIP {}", description(because.unwrap_or_default()))
        }
    };
    if step.status.is_wrong() {
        diagnostics(step, text);
    }
}

/// A YAML block of JSON values, which every YAML reader takes.
fn diagnostics(step: &StepFinished, text: &mut String) {
    text.push_str("  ---\n");
    let problem = step.problems.first();
    let mut entry = |key: &str, value: Value| {
        let _ = writeln!(text, "  {key}: {}", escape::json(&value.to_string()));
    };
    entry("message", problem.map(Problem::told).into());
    entry("severity", "fail".into());
    entry("duration_ms", step.duration_ms.into());
    if let Some(place) = problem.and_then(|problem| problem.place.as_ref()) {
        entry("at", serde_json::json!({"file": place.file, "line": place.line, "column": place.column}));
    }
    entry("problems", step.problems.iter().map(told).collect());
    text.push_str("  ...\n");
}

fn told(problem: &Problem) -> Value {
    serde_json::json!({"code": problem.code, "message": problem.told(), "help": problem.help})
}

/// On one line, and without what ends a description.
fn description(text: &str) -> String {
    let one_line: String = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    escape::line(&one_line.replace('\\', "\\\\").replace('#', "\\#")).into_owned()
}
