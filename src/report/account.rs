//! What is told of a step, as plain text: for reports that have one text for all of it. Every line
//! may be shown as it is.

use std::fmt::Write as _;

use super::escape;
use super::record::{Answer, Body, Comparison, Problem, Request, Snapshot, StepFinished};

/// Why a step has the verdict that it has: each problem with its place, what it is about and what
/// to do; what changed in the snapshot; what was sent before.
pub(super) fn account(step: &StepFinished) -> String {
    let diff = step.snapshot.as_ref().and_then(|snapshot| snapshot.diff.as_deref());
    let diff = diff.map(|diff| format!("\n\n{}", escape::lines(diff.trim_end()))).unwrap_or_default();
    problems(step) + &diff
}

/// [`account`] without the difference from the snapshot.
pub(super) fn problems(step: &StepFinished) -> String {
    let mut parts: Vec<String> = step.problems.iter().map(problem).collect();
    parts.extend(step.snapshot.as_ref().and_then(changes));
    parts.extend(attempts(step));
    escape::lines(parts.join("\n\n").trim_end())
}

/// What was sent and what came, in one line.
pub(super) fn summary(step: &StepFinished) -> Option<String> {
    let request = step.request.as_ref()?;
    let outcome = match (&step.answer, &step.no_answer) {
        (Some(answer), _) => answer.status.to_string(),
        (None, Some(why)) => format!("no answer ({}: {})", why.code, why.message),
        (None, None) => "no answer".to_owned(),
    };
    let taken = step.phases.as_ref().map(|phases| format!(" in {} ms", phases.total_ms)).unwrap_or_default();
    Some(escape::line(&format!("{} {} -> {outcome}{taken}", request.method, request.url)).into_owned())
}

/// The last request and its answer as HTTP writes them, bodies cut.
pub(super) fn exchange(step: &StepFinished) -> Option<String> {
    let request = sent(step.request.as_ref()?);
    let answer = step.answer.as_ref().map(came).unwrap_or_default();
    Some(escape::lines(format!("{request}{answer}").trim_end()))
}

fn problem(problem: &Problem) -> String {
    let Problem { code, class: _, message, wanted: _, place, excerpt, help } = problem;
    let message = if excerpt.is_some() { message.clone() } else { problem.told() };
    let mut text = format!("{code}: {message}");
    // Writing to a string does not fail.
    let _ = match (excerpt, place) {
        (Some(excerpt), _) => write!(text, "\n{excerpt}"),
        (None, Some(place)) => write!(text, "\n --> {}:{}:{}", place.file, place.line, place.column),
        (None, None) => Ok(()),
    };
    for help in help {
        let _ = write!(text, "\n  help: {help}");
    }
    text
}

fn changes(snapshot: &Snapshot) -> Option<String> {
    if !matches!(snapshot.comparison, Comparison::New | Comparison::Mismatch) {
        return None;
    }
    let none = || "nothing".to_owned();
    let mut lines = vec![format!("{}:", snapshot.file)];
    lines.extend(snapshot.changes.iter().map(|change| {
        let (old, new) = (change.old.clone().unwrap_or_else(none), change.new.clone().unwrap_or_else(none));
        format!("  {}: {old} -> {new}", change.place)
    }));
    if snapshot.more_changes > 0 {
        lines.push(format!("  and {} more places", snapshot.more_changes));
    }
    (lines.len() > 1).then(|| lines.join("\n"))
}

/// How often it was sent, and why again.
pub(super) fn attempts(step: &StepFinished) -> Option<String> {
    let why = step.earlier_attempts.iter().map(|attempt| format!("  sent again: {}", attempt.why));
    let lines: Vec<String> = std::iter::once(format!("sent {} times", step.attempts)).chain(why).collect();
    (!step.earlier_attempts.is_empty()).then(|| lines.join("\n"))
}

fn sent(request: &Request) -> String {
    message("> ", &format!("{} {}", request.method, request.url), &request.headers, &request.body)
}

fn came(answer: &Answer) -> String {
    message("< ", &format!("{} {}", answer.version, answer.status), &answer.headers, &answer.body)
}

fn message(prefix: &str, first: &str, headers: &[(String, String)], body: &Body) -> String {
    let mut lines = vec![first.to_owned()];
    lines.extend(headers.iter().map(|(name, value)| format!("{name}: {value}")));
    let shown = match &body.text {
        Some(text) if body.cut => format!("{text}\n(cut: {} bytes in all)", body.bytes),
        Some(text) => text.clone(),
        None => format!("({} bytes that are no text)", body.bytes),
    };
    if body.bytes > 0 {
        lines.push(String::new());
        lines.extend(shown.split('\n').map(str::to_owned));
    }
    lines.iter().fold(String::new(), |text, line| text + format!("{prefix}{line}").trim_end() + "\n")
}
