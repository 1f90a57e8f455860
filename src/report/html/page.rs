//! The page as data: the run at a glance, and which of its steps stand where.

use chrono::DateTime;
use serde::Serialize;

use super::chain::Chain;
use super::exchange::time;
use super::outline::{Outline, Verdict};
use super::shown::Shown;
use super::step;
use super::waterfall::Waterfall;
use crate::diag::Class;
use crate::report::record::{self, StepFinished, Tree};
use crate::report::words;

/// Everything that the template is given of a run.
#[derive(Debug, Serialize)]
pub(super) struct Page {
    /// The run in a sentence.
    headline: String,
    /// As a class of the style.
    mood: &'static str,
    environment: Shown,
    /// `2 of 4`, where it is one.
    shard: Option<String>,
    at: Shown,
    /// The same for readers.
    when: Shown,
    version: Shown,
    duration: Option<String>,
    exit: Exit,
    counts: Vec<Count>,
    total: usize,
    extras: Vec<Extra>,
    /// The places in the plan of the steps that did not pass.
    #[serde(skip)]
    pub(super) bad: Vec<usize>,
    /// Those of all others.
    #[serde(skip)]
    pub(super) others: Vec<usize>,
    chain: Option<Chain>,
    waterfall: Waterfall,
    contracts: Vec<Contract>,
}

/// How the run ended.
#[derive(Debug, Serialize)]
struct Exit {
    code: Option<u8>,
    words: &'static str,
}

#[derive(Debug, Serialize)]
struct Count {
    class: &'static str,
    word: &'static str,
    mark: &'static str,
    number: usize,
    /// Where its part of the whole begins, and how much it is, in percent.
    x: String,
    width: String,
}

/// Steps that are counted among those of a verdict, too.
#[derive(Debug, Serialize)]
struct Extra {
    class: &'static str,
    words: &'static str,
    /// For a button.
    short: &'static str,
    number: usize,
}

#[derive(Debug, Serialize)]
struct Contract {
    file: Shown,
    operations: String,
    answers: String,
    missing: Vec<Shown>,
}

impl Page {
    pub(super) fn of(tree: &Tree, outline: &Outline<'_>) -> Self {
        let (bad, others): (Vec<usize>, Vec<usize>) =
            (0..outline.steps.len()).partition(|&step| outline.verdict(step).is_bad());
        let finished = tree.finished.as_ref();
        Self {
            headline: headline(outline, bad.len(), tree.gap().as_deref()),
            mood: mood(tree, bad.len()),
            environment: Shown::line(&tree.started.environment),
            at: Shown::line(&tree.started.at),
            when: when(&tree.started.at),
            version: Shown::line(&tree.started.countersign),
            duration: finished.map(|finished| time(finished.duration_ms)),
            shard: tree.started.shard.as_ref().map(|shard| format!("{} of {}", shard.number, shard.total)),
            exit: exit(tree),
            counts: counts(outline),
            total: outline.steps.len(),
            extras: extras(tree),
            chain: Chain::of(outline),
            waterfall: Waterfall::of(tree, outline),
            contracts: finished.map(contracts).unwrap_or_default(),
            bad,
            others,
        }
    }
}

fn headline(outline: &Outline<'_>, bad: usize, gap: Option<&str>) -> String {
    let total = outline.steps.len();
    let count = |verdict| (0..total).filter(|&step| outline.verdict(step) == verdict).count();
    let (skipped, unfinished) = (count(Verdict::Skipped), count(Verdict::Unfinished));
    match (bad, gap) {
        (0, Some(_)) if unfinished > 0 => "The run was cut short".into(),
        (0, Some(gap)) => capital(gap),
        (0, None) if total == 0 => "Nothing ran".into(),
        (0, None) if skipped == total => format!("{} skipped", words::count(total, "step")),
        (0, None) => format!("{} passed", words::count(total - skipped, "step")),
        (bad, None) => format!("{bad} of {} did not pass", words::count(total, "step")),
        (bad, Some(gap)) => {
            let end = if unfinished == 0 { gap } else { "the run was cut short" };
            format!("{bad} of {} did not pass, and {end}", words::count(total, "step"))
        }
    }
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Red is only what ends with something else than 0.
fn mood(tree: &Tree, bad: usize) -> &'static str {
    let is_well = tree.gap().is_none() && tree.class().is_none();
    if is_well && bad == 0 { "well" } else { "unwell" }
}

/// `2026-11-28 22:37:01 UTC`
fn when(at: &str) -> Shown {
    match DateTime::parse_from_rfc3339(at) {
        Ok(at) => Shown::line(&at.to_utc().format("%Y-%m-%d %H:%M:%S UTC").to_string()),
        Err(_) => Shown::line(at),
    }
}

fn exit(tree: &Tree) -> Exit {
    if tree.gap().is_some() {
        return Exit { code: None, words: "it did not come to its end" };
    }
    let words = match tree.class() {
        None => "all is well",
        Some(Class::Nothing) => "nothing was selected",
        Some(Class::Failed) => "an expectation or a snapshot did not hold",
        Some(Class::Exchange) => "a request got no usable answer",
        Some(Class::Io) => "a file could not be read or written",
        Some(Class::Credentials) => "a key, certificate or secret can't be used",
        Some(Class::Suite) => "a file of the suite is wrong",
        Some(Class::Bug) => "countersign itself broke",
    };
    Exit { code: Some(tree.class().map_or(0, Class::exit_code)), words }
}

fn counts(outline: &Outline<'_>) -> Vec<Count> {
    #[allow(clippy::cast_precision_loss, reason = "a plan has at most 200,000 steps")]
    let percent = |steps: usize| steps as f64 / outline.steps.len().max(1) as f64 * 100.0;
    let mut before = 0;
    let mut counts = Vec::new();
    for verdict in Verdict::ALL {
        let number = (0..outline.steps.len()).filter(|&step| outline.verdict(step) == verdict).count();
        if number > 0 || verdict != Verdict::Unfinished {
            counts.push(Count {
                class: verdict.class(),
                word: verdict.word(),
                mark: verdict.mark(),
                number,
                x: format!("{:.3}%", percent(before)),
                width: format!("{:.3}%", percent(number)),
            });
        }
        before += number;
    }
    counts
}

/// What steps can be filtered by besides their verdict.
fn extras(tree: &Tree) -> Vec<Extra> {
    let count = |holds: fn(&StepFinished) -> bool| tree.steps.iter().filter(|step| holds(step)).count();
    let pending = count(step::is_pending);
    let words = if pending == 1 { "snapshot to review" } else { "snapshots to review" };
    let pending = Extra { class: "pending", words, short: "to review", number: pending };
    let flaky = Extra { class: "flaky", words: "flaky", short: "flaky", number: count(|step| step.flaky) };
    let slow = Extra { class: "slow", words: "slow", short: "slow", number: count(|step| step.slow) };
    [pending, flaky, slow].into_iter().filter(|extra| extra.number > 0).collect()
}

fn contracts(finished: &record::RunFinished) -> Vec<Contract> {
    let contract = |contract: &record::Contract| Contract {
        file: Shown::line(&contract.file),
        operations: format!(
            "{} of {}",
            contract.operations_reached,
            words::count(contract.operations.len(), "operation")
        ),
        answers: format!(
            "{} of {}",
            contract.answers_reached,
            words::count(contract.answers_declared, "declared answer")
        ),
        missing: contract
            .operations
            .iter()
            .filter(|operation| !operation.reached)
            .map(|operation| Shown::line(&format!("{} {}", operation.method, operation.path)))
            .collect(),
    };
    finished.contracts.iter().map(contract).collect()
}
