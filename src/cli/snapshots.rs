//! `countersign snapshots`: what waits for review, and what becomes of it.

use countersign::load::Suite;
use countersign::snapshot::{Pending, SnapshotError, Store};
use serde_json::json;

use super::args::Snapshots;
use super::context::Context;
use super::exit::Exit;

pub(super) fn snapshots(context: &Context<'_>, command: &Snapshots) -> Exit {
    let done = match command {
        Snapshots::List { json } => list(context, *json),
        Snapshots::Accept { names } => decide(context, names, "accepted", Store::accept),
        Snapshots::Reject { names } => decide(context, names, "rejected", Store::reject),
    };
    done.unwrap_or_else(|exit| exit)
}

fn list(context: &Context<'_>, as_json: bool) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let store = Store::open(&suite.root);
    for pending in waiting(context, &store)? {
        let state = if pending.is_new { "new" } else { "changed" };
        let file = store.file(&pending.id);
        let line = if as_json {
            json!({"name": name_of(&suite, &pending.id), "id": pending.id, "file": file, "state": state}).to_string()
        } else {
            format!("{:8} {}", state, file.display())
        };
        context.output.print(&format!("{line}\n"));
    }
    Ok(Exit::Ok)
}

fn waiting(context: &Context<'_>, store: &Store) -> Result<Vec<Pending>, Exit> {
    store.pending().map_err(|error| failed(context, &error))
}

fn failed(context: &Context<'_>, error: &SnapshotError) -> Exit {
    context.output.fail(&error.to_string(), error.help().as_deref());
    Exit::Io
}

fn decide(
    context: &Context<'_>,
    names: &[String],
    decided: &str,
    decision: impl Fn(&Store, &str) -> Result<(), SnapshotError>,
) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let store = Store::open(&suite.root);
    let pending = waiting(context, &store)?;
    let meant = |pending: &&Pending| {
        names.is_empty() || names.iter().any(|name| *name == pending.id || Some(name.as_str()) == name_of(&suite, &pending.id))
    };
    let chosen: Vec<&Pending> = pending.iter().filter(meant).collect();
    let unknown = names.iter().find(|name| {
        !chosen.iter().any(|pending| **name == pending.id || Some(name.as_str()) == name_of(&suite, &pending.id))
    });
    if let Some(name) = unknown {
        context.output.fail(&format!("no snapshot of `{name}` waits for review"), Some("`countersign snapshots list` shows those that do"));
        return Err(Exit::Nothing);
    }
    for pending in &chosen {
        decision(&store, &pending.id).map_err(|error| failed(context, &error))?;
        context.output.print(&format!("{decided} {}\n", store.file(&pending.id).display()));
    }
    if chosen.is_empty() {
        context.output.print("no snapshot waits for review\n");
    }
    Ok(Exit::Ok)
}

fn name_of<'a>(suite: &'a Suite, id: &str) -> Option<&'a str> {
    suite.requests.values().find(|request| request.id == id).map(|request| request.name.as_str())
}
