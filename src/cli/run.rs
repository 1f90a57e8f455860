//! `countersign run`: the main job.

use std::io;
use std::sync::Arc;

use countersign::diag::{Diagnostic, did_you_mean};
use countersign::launch;
use countersign::load::Suite;
use countersign::report::{Event, Summary};
use countersign::run::{self, Prepared, Surroundings};
use countersign::spec::Given;
use tokio::runtime::Runtime;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::args::Run;
use super::context::Context;
use super::exit::Exit;
use super::part::part;
use super::reports::Reports;
use super::snapshots::prune;

pub(super) fn run(context: &Context<'_>, arguments: Run) -> Exit {
    try_run(context, arguments).unwrap_or_else(|exit| exit)
}

fn try_run(context: &Context<'_>, mut arguments: Run) -> Result<Exit, Exit> {
    let suite = context.load()?;
    complete(context, &suite, &mut arguments)?;
    let arguments = &arguments;
    let mut reports = Reports::of_run(context, arguments, &suite)?;
    let given = context.given(&arguments.choice.variables)?;
    let plan = context.plan(&suite, &arguments.choice, &given)?;
    let plan = part(context, &suite, &arguments.flow, plan)?;
    let is_empty_shard = plan.shard.is_some() && plan.steps.is_empty();
    let surroundings = surroundings(context, arguments, given);
    let refuse = |problems: Vec<Diagnostic>| context.refuse(&problems, &suite.sources);
    let checked = launch::check(&suite, &plan, &surroundings).map_err(refuse)?;
    context.output.show(&checked.warnings, &suite.sources);
    let (prepared, banks) = launch::start(Arc::clone(&suite), plan, surroundings, checked).map_err(refuse)?;
    let (summary, asked) = carry_out(context, prepared, &mut reports)?;
    drop(banks);
    let reported = reports.finish(context);
    if !arguments.quiet && arguments.choice.is_everything() {
        prune::note(context, &suite);
    }
    if is_empty_shard {
        context.output.tell("this shard has no request");
        return Ok(reported.max(asked));
    }
    Ok(verdict(&summary).max(reported).max(asked))
}

/// Takes over what the profile says that the command line names.
fn complete(context: &Context<'_>, suite: &Suite, arguments: &mut Run) -> Result<(), Exit> {
    let Some(name) = &arguments.flow.profile else { return Ok(()) };
    let profiles = &suite.file.profiles;
    let Some(profile) = profiles.get(name) else {
        let names: Vec<&str> = profiles.keys().map(String::as_str).collect();
        let help = match did_you_mean(name, names.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if names.is_empty() => {
                "write `profiles: {ci: {retries: 2}}` into `requests/suite.yaml`".into()
            }
            None => format!("there are `{}`", names.join("`, `")),
        };
        context.output.fail(&format!("the suite has no profile `{name}`"), Some(&help));
        return Err(Exit::Usage);
    };
    arguments.flow.complete(profile);
    if arguments.reports.is_empty() {
        arguments.reports.clone_from(&profile.reports);
    }
    Ok(())
}

fn surroundings(context: &Context<'_>, arguments: &Run, given: Vec<Given>) -> Surroundings {
    let determinism = &arguments.determinism;
    Surroundings {
        conduct: arguments.flow.conduct(),
        snapshots: context.settings.snapshots(arguments),
        snapshot_references: context.settings.process.snapshot_references(),
        ..context.surroundings(given, determinism.clock(), determinism.ids())
    }
}

/// Everything on this thread: one is enough for the wire, and starting more takes longer than two
/// requests do.
pub(super) fn runtime(context: &Context<'_>) -> Result<Runtime, Exit> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| no_resources(context, &error))
}

fn no_resources(context: &Context<'_>, error: &io::Error) -> Exit {
    let message = format!("the system gives this process no event queue: {error}");
    context.output.fail(&message, Some("too many files may be open: raise `ulimit -n`, or lower `--jobs`"));
    Exit::Io
}

/// SIGINT, SIGTERM and SIGHUP, as they come.
pub(super) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Signals {
    /// Must be called inside a runtime.
    pub(super) fn listen(context: &Context<'_>) -> Result<Self, Exit> {
        let listen = |kind| signal(kind).map_err(|error| no_resources(context, &error));
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    /// Waits for the first of them.
    pub(super) async fn come(&mut self) -> Exit {
        tokio::select! {
            _ = self.interrupt.recv() => Exit::Interrupted,
            _ = self.terminate.recv() => Exit::Terminated,
            _ = self.hangup.recv() => Exit::HungUp,
        }
    }
}

/// The summary, and the exit that a signal asked for.
fn carry_out(
    context: &Context<'_>,
    prepared: Prepared,
    reports: &mut Reports,
) -> Result<(Summary, Exit), Exit> {
    let runtime = runtime(context)?;
    let carried = runtime.block_on(async {
        let mut signals = Signals::listen(context)?;
        let mut asked = Exit::Ok;
        let mut tell = |event: Event<'_>| reports.event(&event);
        let stop = async {
            asked = signals.come().await;
            // Whoever asks twice does not want to wait.
            tokio::spawn(async move { signals.come().await.now() });
        };
        let summary = run::run(Arc::new(prepared), stop, &mut tell).await;
        Ok((summary, asked))
    });
    // A name lookup that hangs must not keep the process.
    runtime.shutdown_background();
    carried
}

fn verdict(summary: &Summary) -> Exit {
    match summary.class {
        Some(class) => class.into(),
        None if summary.passed == 0 => Exit::Nothing,
        None => Exit::Ok,
    }
}
