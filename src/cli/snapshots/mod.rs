//! `countersign snapshots`: what waits for review, and what becomes of it.

pub(super) mod args;
mod card;
mod decide;
mod list;
mod pending;
pub(super) mod prune;
mod review;
mod session;
mod terminal;
mod suggest;
pub(super) mod suggest_args;

use countersign::snapshot::{Decision, SnapshotError};

use super::context::Context;
use super::exit::Exit;
use args::Snapshots;

pub(super) fn snapshots(context: &Context<'_>, command: &Snapshots) -> Exit {
    let done = match command {
        Snapshots::Suggest(arguments) => suggest::suggest(context, arguments),
        Snapshots::List { names, json } => list::list(context, names, *json),
        Snapshots::Accept { names } => decide::decide(context, names, Decision::Accept),
        Snapshots::Reject { names } => decide::decide(context, names, Decision::Reject),
        Snapshots::Prune { names, unreferenced } => prune::prune(context, names, *unreferenced),
        Snapshots::Review { names } => review::review(context, names),
    };
    done.unwrap_or_else(|exit| exit)
}

fn failed(context: &Context<'_>, error: &SnapshotError) -> Exit {
    context.output.refuse(error.code(), error.to_string(), error.help());
    error.code().class().into()
}
