//! One step: what became of it, and everything that is known of it.

use serde::Serialize;

use super::difference::Difference;
use super::exchange::{Exchange, Unanswered, time};
use super::outline::{Link, Outline, Verdict};
use super::shown::Shown;
use crate::report::record::{self, Reached, StepFinished};
use crate::report::words;

/// Most steps that are named as needing one: a token is needed by all.
const NEEDED_BY: usize = 12;

/// A step.
#[derive(Debug, Serialize)]
pub(super) struct Step {
    index: usize,
    name: Shown,
    class: &'static str,
    word: &'static str,
    mark: &'static str,
    /// Shown at once, without a click.
    is_open: bool,
    method: Shown,
    endpoint: Shown,
    file: Shown,
    /// With several in the run.
    environment: Option<Shown>,
    identity: Option<Shown>,
    answered: Option<u16>,
    /// Why it was skipped.
    because: Option<Shown>,
    duration: Option<String>,
    started: Option<String>,
    /// What else a reader wants to know at a glance.
    notes: Vec<String>,
    /// By what it can be filtered besides its verdict.
    also: Vec<&'static str>,
    /// What the search looks at.
    sought: Shown,
    needs: Vec<Link>,
    needed_by: Vec<Link>,
    more_needed_by: usize,
    detail: Option<Detail>,
}

/// Everything about a step that ended.
#[derive(Debug, Serialize)]
struct Detail {
    problems: Vec<Problem>,
    expectations: Vec<Expectation>,
    held: String,
    difference: Option<Difference>,
    contract: Option<Contract>,
    exchange: Option<Exchange>,
    /// Of a request that was on its way when the run ended.
    given_up: Option<Unanswered>,
    earlier: Vec<Exchange>,
    unkept: Option<String>,
}

#[derive(Debug, Serialize)]
struct Problem {
    code: Shown,
    message: Shown,
    place: Option<Shown>,
    excerpt: Option<Shown>,
    help: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Expectation {
    selector: Shown,
    wanted: Shown,
    got: Shown,
    held: bool,
}

#[derive(Debug, Serialize)]
struct Contract {
    file: Shown,
    operation: Shown,
    status: Option<Shown>,
}

impl Step {
    pub(super) fn of(index: usize, outline: &Outline<'_>) -> Self {
        let step = &outline.steps[index];
        let end = outline.end(index);
        let verdict = outline.verdict(index);
        let tried = end.filter(|_| verdict != Verdict::Skipped);
        let needed_by = outline.needed_by(index);
        let links = |steps: &[usize]| steps.iter().map(|&step| outline.link(step)).collect();
        Self {
            index,
            name: Shown::line(&step.name),
            class: verdict.class(),
            word: verdict.word(),
            mark: verdict.mark(),
            is_open: verdict.is_bad(),
            method: Shown::line(&step.method),
            endpoint: Shown::line(&step.endpoint),
            file: Shown::line(&step.file),
            environment: outline.is_mixed.then(|| Shown::line(&step.environment)),
            identity: step.identity.as_deref().map(Shown::line),
            answered: end.and_then(|end| end.answer.as_ref()).map(|answer| answer.status),
            because: end.filter(|_| tried.is_none()).and_then(because),
            duration: tried.map(|end| time(end.duration_ms)),
            started: tried.map(|end| time(end.started_ms)),
            notes: notes(step, end),
            also: also(end),
            sought: sought(step, end),
            needs: links(outline.needs(index)),
            needed_by: links(&needed_by[..needed_by.len().min(NEEDED_BY)]),
            more_needed_by: needed_by.len().saturating_sub(NEEDED_BY),
            detail: end.map(Detail::of),
        }
    }
}

fn because(end: &StepFinished) -> Option<Shown> {
    end.problems.first().map(|problem| Shown::line(&problem.message))
}

fn also(end: Option<&StepFinished>) -> Vec<&'static str> {
    let of = |holds: fn(&StepFinished) -> bool, word| end.filter(|end| holds(end)).map(|_| word);
    let all = [of(is_pending, "pending"), of(|end| end.flaky, "flaky"), of(|end| end.slow, "slow")];
    all.into_iter().flatten().collect()
}

/// Whether its snapshot waits for review.
pub(super) fn is_pending(end: &StepFinished) -> bool {
    end.snapshot.as_ref().is_some_and(|snapshot| snapshot.pending)
}

fn notes(step: &record::Step, end: Option<&StepFinished>) -> Vec<String> {
    let mut notes = Vec::new();
    if !step.selected {
        notes.push("needed".to_owned());
    }
    if let Some(end) = end {
        if end.attempts > 1 {
            notes.push(format!("sent {} times", end.attempts));
        }
        if end.flaky {
            notes.push("flaky".to_owned());
        }
        if end.slow {
            notes.push("slow".to_owned());
        }
        if is_pending(end) {
            notes.push("snapshot waits for review".to_owned());
        }
        if end.request.as_ref().is_some_and(|request| !request.tampered.is_empty()) {
            notes.push("tampered".to_owned());
        }
    }
    notes
}

/// Name, file, endpoint, answer and the codes of what is wrong.
fn sought(step: &record::Step, end: Option<&StepFinished>) -> Shown {
    let mut words = vec![step.name.as_str(), &step.file, &step.method, &step.endpoint, &step.environment];
    let problems = || end.iter().flat_map(|end| &end.problems);
    words.extend(problems().map(|problem| problem.code.as_str()));
    words.extend(problems().filter_map(|problem| problem.wanted.as_deref()));
    let status = end.and_then(|end| end.answer.as_ref()).map(|answer| answer.status.to_string());
    words.extend(status.as_deref());
    Shown::line(&words.join(" "))
}

impl Detail {
    fn of(end: &StepFinished) -> Self {
        let held = end.expectations.iter().filter(|expectation| expectation.held).count();
        // The last one, those before it, and those of which no more than their number is known.
        let unkept = end.attempts.saturating_sub(1 + end.earlier_attempts.len());
        Self {
            problems: end.problems.iter().map(Problem::of).collect(),
            expectations: end.expectations.iter().map(Expectation::of).collect(),
            held: format!("{held} of {} held", end.expectations.len()),
            difference: end.snapshot.as_ref().map(Difference::of),
            contract: end.contract.as_ref().map(Contract::of),
            exchange: Exchange::last(end),
            given_up: end.no_answer.as_ref().filter(|_| end.request.is_none()).map(Unanswered::of),
            earlier: end.earlier_attempts.iter().map(Exchange::earlier).collect(),
            unkept: (unkept > 0).then(|| words::count(unkept, "more attempt")),
        }
    }
}

impl Problem {
    fn of(problem: &record::Problem) -> Self {
        let place = problem.place.as_ref();
        Self {
            code: Shown::line(&problem.code),
            message: Shown::line(&problem.told()),
            place: place.map(|place| Shown::line(&format!("{}:{}:{}", place.file, place.line, place.column))),
            excerpt: problem.excerpt.as_deref().map(|lines| Shown::lines(lines.trim_end())),
            help: problem.help.iter().map(|help| Shown::lines(help)).collect(),
        }
    }
}

impl Expectation {
    fn of(expectation: &record::Expectation) -> Self {
        Self {
            selector: Shown::line(&expectation.selector),
            wanted: Shown::line(&expectation.wanted),
            got: Shown::line(&expectation.got),
            held: expectation.held,
        }
    }
}

impl Contract {
    fn of(reached: &Reached) -> Self {
        Self {
            file: Shown::line(&reached.file),
            operation: Shown::line(&reached.operation),
            status: reached.status.as_deref().map(Shown::line),
        }
    }
}
