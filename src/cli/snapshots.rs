//! `countersign snapshots`: what waits for review, and what becomes of it.

use countersign::load::Suite;
use countersign::snapshot::{SnapshotError, Store};
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

fn open(context: &Context<'_>, suite: &Suite) -> Result<(Store, Vec<String>), Exit> {
    let store = Store::open(&suite.root).map_err(|error| failed(context, &error))?;
    let pending = store.pending().map_err(|error| failed(context, &error))?;
    Ok((store, pending))
}

fn failed(context: &Context<'_>, error: &SnapshotError) -> Exit {
    context.output.fail(&error.to_string(), error.help().as_deref());
    Exit::Io
}

fn list(context: &Context<'_>, as_json: bool) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let (store, pending) = open(context, &suite)?;
    for id in pending {
        let review = store.review(&id).map_err(|error| failed(context, &error))?;
        let state = if review.old.is_none() { "new" } else { "changed" };
        let (name, file) = (name_of(&suite, &id), Store::file(&id));
        let line = if as_json {
            json!({"name": name, "id": id, "file": file, "state": state}).to_string()
        } else {
            format!("{state:8} {file}")
        };
        context.output.print(&format!("{line}\n"));
    }
    Ok(Exit::Ok)
}

fn decide(
    context: &Context<'_>,
    names: &[String],
    decided: &str,
    decision: impl Fn(&Store, &str) -> Result<(), SnapshotError>,
) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let (store, pending) = open(context, &suite)?;
    let means = |name: &String, id: &String| name == id || Some(name.as_str()) == name_of(&suite, id);
    if let Some(name) = names.iter().find(|name| !pending.iter().any(|id| means(name, id))) {
        let help = "`countersign snapshots list` shows those that do";
        context.output.fail(&format!("no snapshot of `{name}` waits for review"), Some(help));
        return Err(Exit::Nothing);
    }
    if pending.is_empty() {
        context.output.print("no snapshot waits for review\n");
    }
    for id in pending.iter().filter(|id| names.is_empty() || names.iter().any(|name| means(name, id))) {
        decision(&store, id).map_err(|error| failed(context, &error))?;
        context.output.print(&format!("{decided} {}\n", Store::file(id)));
    }
    Ok(Exit::Ok)
}

fn name_of<'a>(suite: &'a Suite, id: &str) -> Option<&'a str> {
    suite.requests.values().find(|request| request.id == id).map(|request| request.name.as_str())
}
