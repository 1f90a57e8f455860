//! The summary of a GitHub job, in Markdown.
//!
//! What others wrote stands only where Markdown is not read: escaped inside of HTML elements of a
//! block of HTML, or in a block of code whose fence is longer than any in it.

use std::fmt::Write as _;

use crate::report::record::{Problem, Status, StepFinished, Tree};
use crate::report::{account, escape, words};

/// GitHub takes 1 MiB for each step of a job, and nothing of what is longer.
const MOST: usize = 900_000;
/// How many of the slowest requests are named.
const SLOWEST: usize = 5;
/// Most requests that are named in a line.
const NAMED: usize = 20;

/// The whole summary.
pub(in crate::report) fn summary(tree: &Tree) -> String {
    let mut text = format!("## countersign: {}\n\n", verdict(tree));
    counts(tree, &mut text);
    let wrong: Vec<&StepFinished> = tree.wrong().collect();
    if !wrong.is_empty() {
        failures(tree, &wrong, &mut text);
    }
    slowest(tree, &mut text);
    text
}

fn verdict(tree: &Tree) -> String {
    match (tree.without_result(), tree.wrong().count(), tree.count(Status::Passed)) {
        (0, wrong, passed) if let Some(gap) = tree.gap() => {
            format!("{gap}; {passed} passed, {wrong} did not")
        }
        (missing, _, _) if tree.finished.is_none() => {
            format!("cut short, {} without a result", words::count(missing, "request"))
        }
        (_, 0, passed) => format!("{passed} passed"),
        (_, wrong, _) => format!("{wrong} of {} did not pass", tree.steps.len()),
    }
}

fn counts(tree: &Tree, text: &mut String) {
    let [passed, failed, errors, skipped] =
        [Status::Passed, Status::Failed, Status::Error, Status::Skipped].map(|status| tree.count(status));
    // Writing to a string does not fail.
    let _ = writeln!(text, "| passed | failed | errors | skipped |\n|---:|---:|---:|---:|");
    let _ = writeln!(text, "| {passed} | {failed} | {errors} | {skipped} |\n");
    let environment = code(&tree.started.environment);
    let version = code(&tree.started.countersign);
    let taken = tree.finished.as_ref().map(|finished| format!(", {} ms", finished.duration_ms));
    let taken = taken.unwrap_or_default();
    let _ = writeln!(text, "<p>environment {environment}, countersign {version}{taken}</p>\n");
    let named = |holds: fn(&StepFinished) -> bool, told: &str, text: &mut String| {
        let steps: Vec<&StepFinished> = tree.steps.iter().filter(|step| holds(step)).collect();
        let names: Vec<String> = steps.iter().take(NAMED).map(|step| code(&step.step.name)).collect();
        let more = steps.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        if !steps.is_empty() {
            let _ = writeln!(text, "<p>{told}: {}{more}</p>\n", names.join(", "));
        }
    };
    named(|step| step.flaky, "flaky, passed only when tried again", text);
    named(|step| step.slow, "slow", text);
    if let Some(waiting) = tree.finished.as_ref().map(|it| it.pending_snapshots).filter(|it| *it > 0) {
        let _ = writeln!(
            text,
            "Pending snapshots: {waiting}. Look at them with `countersign snapshots review`.\n"
        );
    }
}

fn failures(tree: &Tree, wrong: &[&StepFinished], text: &mut String) {
    text.push_str("### What did not pass\n\n<table>\n");
    text.push_str("<tr><th>request</th><th>problem</th><th>place</th></tr>\n");
    let rows = wrong.iter().flat_map(|step| step.problems.iter().map(|problem| row(tree, step, problem)));
    add(text, rows, "</table>\n\n");
    add(text, wrong.iter().map(|step| details(step)), "");
}

/// Adds the parts for which there is room, and says how many there was none for.
fn add(text: &mut String, parts: impl Iterator<Item = String>, end: &str) {
    let mut left_out = 0;
    for part in parts {
        if text.len() + part.len() > MOST {
            left_out += 1;
        } else {
            text.push_str(&part);
        }
    }
    text.push_str(end);
    if left_out > 0 {
        let _ = writeln!(text, "GitHub takes no longer summary: {left_out} more are in the other reports.\n");
    }
}

fn row(tree: &Tree, step: &StepFinished, problem: &Problem) -> String {
    let place = problem.place.as_ref().map_or_else(
        || tree.in_repository(&step.step.file),
        |place| format!("{}:{}", tree.in_repository(&place.file), place.line),
    );
    let (name, place) = (code(&step.step.name), code(&place));
    format!(
        "<tr><td>{name}</td><td>{}<br>{}</td><td>{place}</td></tr>\n",
        code(&problem.code),
        code(&problem.told())
    )
}

fn details(step: &StepFinished) -> String {
    let diff = step.snapshot.as_ref().and_then(|snapshot| snapshot.diff.as_deref());
    let diff = diff.map(|diff| fenced("diff", &escape::lines(diff.trim_end()))).unwrap_or_default();
    let account = fenced("text", &account::problems(step));
    let exchange = account::exchange(step).map(|exchange| fenced("http", &exchange)).unwrap_or_default();
    format!(
        "<details><summary>{}</summary>\n\n{account}{diff}{exchange}</details>\n\n",
        code(&step.step.name)
    )
}

fn slowest(tree: &Tree, text: &mut String) {
    let mut steps: Vec<&StepFinished> = tree.steps.iter().filter(|step| step.request.is_some()).collect();
    steps.sort_by(|one, other| other.duration_ms.total_cmp(&one.duration_ms));
    if steps.is_empty() {
        return;
    }
    text.push_str("<details><summary>slowest requests</summary>\n<table>\n");
    for step in steps.into_iter().take(SLOWEST) {
        let _ = writeln!(text, "<tr><td>{}</td><td>{} ms</td></tr>", code(&step.step.name), step.duration_ms);
    }
    text.push_str("</table>\n</details>\n\n");
}

/// One line inside of an element in which nobody looks for mentions and links either.
fn code(text: &str) -> String {
    let line = escape::line(text);
    format!("<code>{}</code>", line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
}

/// A block of code with a fence that is longer than any in it.
fn fenced(language: &str, text: &str) -> String {
    let longest = text.split(|sign| sign != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{text}\n{fence}\n\n")
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

    use super::*;

    #[test]
    fn a_fence_in_what_a_server_sent_closes_no_block() {
        for inside in ["```", " ````\n</details><b>", "`````\n```\n\n# heading", "none"] {
            let markdown = fenced("text", inside);
            let mut text = String::new();
            let others: Vec<Event<'_>> = Parser::new(&markdown)
                .filter(|event| match event {
                    Event::Text(part) => {
                        text.push_str(part);
                        false
                    }
                    _ => true,
                })
                .collect();
            let block = Tag::CodeBlock(CodeBlockKind::Fenced("text".into()));
            assert_eq!(others, [Event::Start(block), Event::End(TagEnd::CodeBlock)], "{markdown}");
            assert_eq!(text, format!("{inside}\n"));
        }
    }

    #[test]
    fn what_stands_in_a_table_is_neither_markup_nor_two_lines() {
        let shown = code("</code><img src=x onerror=alert(1)>\n\n# a & b");
        assert_eq!(shown, "<code>&lt;/code&gt;&lt;img src=x onerror=alert(1)&gt;\\n\\n# a &amp; b</code>");
    }
}
