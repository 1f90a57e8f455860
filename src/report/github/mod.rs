//! The report for GitHub Actions: annotations at the lines of YAML, and a summary of the job beside.
//!
//! A runner takes lines `::error …::…` of a job's output for commands. These are the only ones that
//! this program writes on purpose; whatever others wrote is data in them, with every character
//! escaped that could end it.

mod summary;

pub(super) use summary::summary;

use super::record::{Problem, Status, StepFinished, Tree, duration};
use super::{escape, words};

/// The commands, one a line.
pub(super) fn annotations(tree: &Tree) -> String {
    let ended = || tree.steps.iter();
    let mut lines: Vec<String> = tree.wrong().flat_map(|step| problems(tree, step)).collect();
    lines.extend(cut_short(tree));
    lines.extend(ended().filter_map(|step| flaky(tree, step)));
    lines.extend(ended().filter_map(|step| slow(tree, step)));
    lines.extend(ended().flat_map(|step| unused(tree, step)));
    lines.extend(pending(tree));
    lines.iter().fold(String::new(), |text, line| text + line + "\n")
}

fn problems(tree: &Tree, step: &StepFinished) -> Vec<String> {
    step.problems.iter().map(|problem| error(tree, step, problem)).collect()
}

fn error(tree: &Tree, step: &StepFinished, problem: &Problem) -> String {
    let mut properties = Vec::new();
    match &problem.place {
        Some(place) => {
            properties.push(("file", tree.in_repository(&place.file)));
            properties.push(("line", place.line.to_string()));
            properties.push(("col", place.column.to_string()));
        }
        None => properties.push(("file", tree.in_repository(&step.step.file))),
    }
    properties.push(("title", format!("{}: {}", step.step.name, problem.code)));
    let help = problem.help.iter().map(|help| format!("help: {help}"));
    let parts = std::iter::once(problem.message.clone()).chain(problem.excerpt.clone()).chain(help);
    command("error", &properties, &parts.collect::<Vec<_>>().join("\n"))
}

fn warning(tree: &Tree, step: &StepFinished, message: &str) -> String {
    let properties = [("file", tree.in_repository(&step.step.file)), ("title", step.step.name.clone())];
    command("warning", &properties, message)
}

/// One that failed for it is among the errors.
fn flaky(tree: &Tree, step: &StepFinished) -> Option<String> {
    let passed = step.flaky && step.status == Status::Passed;
    let why = step.earlier_attempts.last().map(|attempt| format!(": {}", attempt.why)).unwrap_or_default();
    let message = format!("flaky: it passed only when it was tried again{why}");
    passed.then(|| warning(tree, step, &message))
}

fn slow(tree: &Tree, step: &StepFinished) -> Option<String> {
    let message = format!("slow: it took {}", words::time(duration(step.duration_ms)));
    step.slow.then(|| warning(tree, step, &message))
}

fn unused(tree: &Tree, step: &StepFinished) -> Vec<String> {
    let rules = step.snapshot.iter().flat_map(|snapshot| &snapshot.unused);
    rules.map(|rule| warning(tree, step, &format!("`{rule}` of `snapshot` matches nothing here"))).collect()
}

fn pending(tree: &Tree) -> Option<String> {
    let waiting = tree.finished.as_ref().map_or(0, |finished| finished.pending_snapshots);
    let message = format!("{waiting} waiting: `countersign snapshots review`");
    (waiting > 0).then(|| command("notice", &[("title", "pending snapshots".into())], &message))
}

fn cut_short(tree: &Tree) -> Option<String> {
    Some(command("error", &[("title", "countersign".into())], &tree.gap()?))
}

/// As GitHub documents it: `%`, carriage return and newline are escaped in what is said, in
/// properties `:` and `,` too.
fn command(name: &str, properties: &[(&str, String)], said: &str) -> String {
    let properties: Vec<String> = properties
        .iter()
        .map(|(key, value)| {
            let value = data(&escape::line(value)).replace(':', "%3A").replace(',', "%2C");
            format!("{key}={value}")
        })
        .collect();
    format!("::{name} {}::{}", properties.join(","), data(&escape::lines(said)))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}
