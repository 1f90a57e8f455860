//! Every request of a suite as a test of its own under `cargo test`.
//!
//! The run is the one that the command line makes: tests only wait for what it tells. So whatever
//! several tests need, such as a token, is fetched once in a process, and requests that need each
//! other run in order while the others run beside them. A process that is asked for one test, as
//! cargo-nextest does, runs that request and what it needs.
//!
//! ```toml
//! # Cargo.toml
//! [[test]]
//! name = "bank"
//! harness = false
//! ```
//!
//! ```no_run
//! // tests/bank.rs
//! fn main() -> std::process::ExitCode {
//!     countersign::harness::main("requests")
//! }
//! ```
//!
//! (It is not run here, because it would take this test's arguments for its own.)

mod results;

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::{future, thread};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::diag::Code;
use crate::plan::Plan;
use crate::report::{Event, Status};
use crate::suite::{Error, RequestOutcome, Started, Suite};
use results::Results;

/// What libtest ends with when a test failed.
const FAILED: u8 = 101;

/// [`run`] for a suite as it lies in the folder `path`: what a test's `main` returns.
pub fn main(path: impl AsRef<Path>) -> ExitCode {
    match Suite::open(path) {
        Ok(suite) => run(&suite),
        Err(error) => refuse(&error),
    }
}

/// Makes each request that the suite selects a test, and does what the arguments of this process
/// ask for: libtest's `--list`, filters, `--exact`, `--skip`, `--ignored` and the like, with
/// `--test-threads` for [`Suite::jobs`]. A request that the suite skips is an ignored test.
///
/// Prints as libtest does. A suite that can't run prints why on standard error and ends with 101.
pub fn run(suite: &Suite) -> ExitCode {
    try_run(&Arguments::from_args(), suite).unwrap_or_else(|error| refuse(&error))
}

fn refuse(error: &Error) -> ExitCode {
    tell(error);
    ExitCode::from(FAILED)
}

/// Where standard error is gone, there is no other place to say so.
fn tell(what: &dyn std::fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{what}\n");
}

fn try_run(arguments: &Arguments, suite: &Suite) -> Result<ExitCode, Error> {
    let jobs = |suite: Suite| arguments.test_threads.map_or(suite.clone(), |threads| suite.jobs(threads));
    let mut job = jobs(suite.clone()).job()?;
    let results = Arc::new(Results::default());
    let plan = Arc::new(job.plan.clone());
    let selected = (0..plan.steps.len()).filter(|&step| plan.steps[step].selected);
    let test = |step: usize| {
        let test = test(step, Arc::clone(&plan), Arc::clone(&results));
        (step, test.with_ignored_flag(job.suite.requests[&plan.steps[step].request].is_always_skipped()))
    };
    let tests: Vec<(usize, Trial)> = selected.map(test).collect();
    let runs = |test: &&(usize, Trial)| !arguments.is_filtered_out(&test.1) && !arguments.is_ignored(&test.1);
    let wanted: BTreeSet<usize> = tests.iter().filter(runs).map(|(step, _)| *step).collect();
    let tests = tests.into_iter().map(|(_, test)| test).collect();
    if arguments.list || wanted.is_empty() {
        return Ok(libtest_mimic::run(arguments, tests).exit_code());
    }
    let kept = plan.with_needs(&wanted);
    job.plan = plan.only(&kept);
    let started = job.start()?;
    started.warnings.iter().for_each(|warning| tell(warning));
    results.expect(wanted);
    let running = thread::spawn({
        let results = Arc::clone(&results);
        move || follow(started, &kept.into_iter().collect::<Vec<_>>(), &results)
    });
    let conclusion = libtest_mimic::run(arguments, tests);
    // It has told of every step, or a test has failed because it has not.
    drop(running.join());
    Ok(conclusion.exit_code())
}

/// Carries the run out and hands over what comes of its steps, which are `places` of the whole
/// plan.
fn follow(started: Started, places: &[usize], results: &Arc<Results>) {
    let _over = results.over_at_the_end();
    let mut told = started.listener();
    let ended = started.run(future::pending(), &mut |event: Event<'_>| {
        told.event(&event);
        if let (Event::StepFinished(result), Some(outcome)) = (event, told.last()) {
            results.put(places[result.index], outcome.clone());
        }
    });
    if let Err(error) = ended {
        tell(&error);
    }
}

/// The test of a step: it waits until the run tells of it.
fn test(step: usize, plan: Arc<Plan>, results: Arc<Results>) -> Trial {
    let name = plan.steps[step].name.clone();
    Trial::ignorable_test(name, move || match results.wait(step) {
        Some(outcome) => judge(step, &outcome, &plan, &results),
        None => Err("the run ended before this request did".into()),
    })
}

fn judge(
    step: usize,
    outcome: &RequestOutcome,
    plan: &Plan,
    results: &Results,
) -> Result<Completion, Failed> {
    let on_purpose = || outcome.problems().iter().all(|it| it.code() == Code::SkippedRequest);
    match outcome.status() {
        Status::Passed => Ok(Completion::Completed),
        Status::Skipped if on_purpose() => {
            let reasons = outcome.problems().iter().map(ToString::to_string);
            Ok(Completion::ignored_with(reasons.collect::<Vec<_>>().join("; ")))
        }
        Status::Skipped | Status::Failed | Status::Error => {
            let causes = results.untested(&plan.with_needs(&BTreeSet::from([step])));
            let causes = causes.iter().map(ToString::to_string);
            Err(causes.chain([outcome.to_string()]).collect::<Vec<_>>().join("\n\n").into())
        }
    }
}
