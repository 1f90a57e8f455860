//! `snapshots accept` and `snapshots reject`.

use countersign::snapshot::{SnapshotError, Store};

use super::failed;
use super::pending::Chosen;
use crate::cli::context::Context;
use crate::cli::exit::Exit;

pub(super) fn decide(
    context: &Context<'_>,
    names: &[String],
    decided: &str,
    decision: impl Fn(&Store, &str) -> Result<(), SnapshotError>,
) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let chosen = Chosen::of(context, &suite, names)?;
    for id in &chosen.ids {
        decision(&chosen.store, id).map_err(|error| failed(context, &error))?;
        context.output.print(&format!("{decided} {}\n", Store::file(id)));
    }
    Ok(if chosen.ids.is_empty() { Exit::Nothing } else { Exit::Ok })
}
