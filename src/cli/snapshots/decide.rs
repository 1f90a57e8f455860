//! `snapshots accept` and `snapshots reject`.

use countersign::snapshot::{Held, SnapshotError, Store};

use super::failed;
use super::pending::Chosen;
use crate::cli::context::Context;
use crate::cli::exit::Exit;

/// What is decided about a snapshot that waits.
#[derive(Debug, Clone, Copy)]
pub(super) enum Decision {
    Accepted,
    Rejected,
}

impl Decision {
    fn word(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Rejected => "rejected",
        }
    }

    fn carry_out(self, held: &Held<'_>, id: &str) -> Result<(), SnapshotError> {
        match self {
            Self::Accepted => held.accept(id),
            Self::Rejected => held.reject(id),
        }
    }
}

pub(super) fn decide(context: &Context<'_>, names: &[String], decision: Decision) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let chosen = Chosen::of(context, &suite, names)?;
    if chosen.ids.is_empty() {
        return Ok(Exit::Nothing);
    }
    let held = chosen.store.hold().map_err(|error| failed(context, &error))?;
    let mut ended = Exit::Ok;
    for id in &chosen.ids {
        match decision.carry_out(&held, id) {
            Ok(()) => context.output.print(&format!("{} {}\n", decision.word(), Store::file(id))),
            // Another process decided meanwhile.
            Err(SnapshotError::NothingPending(_)) => {}
            // What is wrong with one keeps none of the others from being decided.
            Err(error) => ended = ended.max(failed(context, &error)),
        }
    }
    Ok(ended)
}
