//! `snapshots accept` and `snapshots reject`.

use countersign::snapshot::{Decision, SnapshotError, Store};

use super::failed;
use super::pending::Chosen;
use crate::cli::context::Context;
use crate::cli::exit::Exit;

pub(super) fn decide(context: &Context<'_>, names: &[String], decision: Decision) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let chosen = Chosen::of(context, &suite, names)?;
    if chosen.ids.is_empty() {
        return Ok(Exit::Nothing);
    }
    let held = chosen.store.hold().map_err(|error| failed(context, &error))?;
    let mut ended = Exit::Ok;
    for id in &chosen.ids {
        match held.decide(id, decision) {
            Ok(()) => context.output.print(&format!("{} {}\n", decision.word(), Store::file(id))),
            // Another process decided meanwhile.
            Err(SnapshotError::NothingPending(_)) => {}
            // What is wrong with one keeps none of the others from being decided.
            Err(error) => ended = ended.max(failed(context, &error)),
        }
    }
    Ok(ended)
}
