//! `countersign run`: the main job.

use std::sync::Arc;

use countersign::diag::Diagnostic;
use countersign::launch;
use countersign::report::{Event, Summary};
use countersign::run::{self, Prepared, Surroundings};
use tokio::signal::unix::{SignalKind, signal};

use super::args::Run;
use super::context::Context;
use super::exit::Exit;
use super::reports::Reports;

pub(super) fn run(context: &Context<'_>, arguments: &Run) -> Exit {
    try_run(context, arguments).unwrap_or_else(|exit| exit)
}

fn try_run(context: &Context<'_>, arguments: &Run) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let mut reports = Reports::of_run(context, arguments, &suite)?;
    let plan = context.plan(&suite, &arguments.choice)?;
    let surroundings = surroundings(context, arguments);
    let refuse = |problems: Vec<Diagnostic>| context.refuse(&problems, &suite.sources);
    let checked = launch::check(&suite, &plan, &surroundings).map_err(refuse)?;
    context.output.show(&checked.warnings, &suite.sources);
    let (prepared, banks) = launch::start(Arc::clone(&suite), plan, surroundings, checked).map_err(refuse)?;
    let ended = carry_out(prepared, &mut reports);
    drop(banks);
    let reported = reports.finish(context);
    Ok(match ended {
        Ended::Complete(summary) => verdict(&summary).max(reported),
        Ended::Interrupted(exit) => exit,
    })
}

fn surroundings(context: &Context<'_>, arguments: &Run) -> Surroundings {
    let determinism = &arguments.determinism;
    Surroundings {
        jobs: arguments.jobs,
        snapshots: context.settings.snapshots(arguments),
        snapshot_references: context.settings.snapshot_references(),
        ..context.surroundings(&arguments.choice.variables, determinism.clock(), determinism.ids())
    }
}

enum Ended {
    Complete(Summary),
    Interrupted(Exit),
}

/// Everything on this thread: one is enough for the wire, and starting more takes longer than two
/// requests do.
pub(super) fn runtime() -> tokio::runtime::Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("the system gives a process its own event queue")
}

fn carry_out(prepared: Prepared, reports: &mut Reports) -> Ended {
    runtime().block_on(async {
        let mut tell = |event: Event<'_>| reports.event(&event);
        tokio::select! {
            summary = run::run(Arc::new(prepared), &mut tell) => Ended::Complete(summary),
            exit = stopped() => Ended::Interrupted(exit),
        }
    })
}

async fn stopped() -> Exit {
    let listen = |kind| signal(kind).expect("a process may listen to its signals");
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt()), listen(SignalKind::terminate()));
    tokio::select! {
        _ = interrupt.recv() => Exit::Interrupted,
        _ = terminate.recv() => Exit::Terminated,
    }
}

fn verdict(summary: &Summary) -> Exit {
    match summary.class {
        Some(class) => class.into(),
        None if summary.passed == 0 => Exit::Nothing,
        None => Exit::Ok,
    }
}
