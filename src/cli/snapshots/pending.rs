//! The snapshots that wait for review and that the command line means.

use std::collections::BTreeMap;

use countersign::load::Suite;
use countersign::plan::{KnownSnapshot, known_snapshots, means_snapshot};
use countersign::snapshot::{SnapshotError, Store};

use super::failed;
use crate::cli::context::Context;
use crate::cli::exit::Exit;

/// What was chosen.
pub(super) struct Chosen<'s> {
    pub(super) store: Store,
    /// Sorted.
    pub(super) ids: Vec<String>,
    /// Every snapshot that the suite may have.
    pub(super) known: BTreeMap<String, KnownSnapshot<'s>>,
}

impl<'s> Chosen<'s> {
    /// The pending snapshots that `names` mean, all of them without any. A name that means none is
    /// refused.
    pub(super) fn of(context: &Context<'_>, suite: &'s Suite, names: &[String]) -> Result<Self, Exit> {
        let store = Store::open(&suite.root).map_err(|error| failed(context, &error))?;
        let pending = store.pending().map_err(|error| failed(context, &error))?;
        let known = known_snapshots(suite);
        let means = |name: &String, id: &String| means_snapshot(name, id, known.get(id));
        if let Some(name) = names.iter().find(|name| !pending.iter().any(|id| means(name, id))) {
            return Err(failed(context, &SnapshotError::NothingPending(name.clone())));
        }
        let is_meant = |id: &String| names.is_empty() || names.iter().any(|name| means(name, id));
        let ids: Vec<String> = pending.into_iter().filter(is_meant).collect();
        if ids.is_empty() {
            context.output.tell("no snapshot waits for review");
        }
        Ok(Self { store, ids, known })
    }

    /// What a snapshot is called for people: by its request, or by its id when no request has it.
    pub(super) fn name(&self, id: &str) -> String {
        self.known.get(id).map_or_else(|| id.to_owned(), KnownSnapshot::name)
    }
}
