//! `snapshots prune`: what becomes of snapshots that no request has.

use countersign::diag::{Code, escape};
use countersign::load::Suite;
use countersign::plan::{known_snapshots, means_snapshot};
use countersign::report::quoted;
use countersign::snapshot::{Orphan, SnapshotError, Store, Unreferenced};

use super::args::UnreferencedMode;
use super::failed;
use crate::cli::context::Context;
use crate::cli::exit::Exit;

pub(super) fn prune(context: &Context<'_>, names: &[String], mode: UnreferencedMode) -> Result<Exit, Exit> {
    let suite = context.load()?;
    if mode == UnreferencedMode::Ignore {
        return Ok(Exit::Ok);
    }
    let store = Store::open(&suite.root).map_err(|error| failed(context, &error))?;
    let found = unreferenced(&store, &suite).map_err(|error| failed(context, &error))?;
    if suite.requests.is_empty() {
        let help = "a suite without any is more likely one of which a part is missing";
        context.output.fail("every snapshot would be without a request: the suite has none", Some(help));
        return Err(Exit::Suite);
    }
    let found = chosen(context, &suite, found, names)?;
    for (other, reason) in &found.others {
        context.output.tell(&format!("left alone: `{}`: {reason}", escape(&other.file)));
    }
    if found.snapshots.is_empty() {
        context.output.tell("every snapshot has its request");
        return Ok(Exit::Ok);
    }
    match mode {
        UnreferencedMode::Ignore => Ok(Exit::Ok),
        UnreferencedMode::Warn => {
            list(context, &found);
            context.output.tell(&format!("{}: {}", counted(&found), deletes(names)));
            Ok(Exit::Ok)
        }
        UnreferencedMode::Fail => {
            list(context, &found);
            let code = Code::SnapshotUnreferenced;
            context.output.refuse(code, counted(&found), Some(deletes(names)));
            Ok(code.class().into())
        }
        UnreferencedMode::Delete => delete(context, &store, &found),
    }
}

/// A line about them behind a run of the whole suite. What goes wrong here is no part of the run.
pub(in crate::cli) fn note(context: &Context<'_>, suite: &Suite) {
    let found = Store::open(&suite.root).and_then(|store| unreferenced(&store, suite));
    if let Some(found) = found.ok().filter(|found| !found.snapshots.is_empty()) {
        context.output.tell(&format!("{}: `countersign snapshots prune`", counted(&found)));
    }
}

fn unreferenced(store: &Store, suite: &Suite) -> Result<Unreferenced, SnapshotError> {
    store.unreferenced(known_snapshots(suite).keys().map(String::as_str))
}

/// Those that `names` mean; a name that means none is refused.
fn chosen(
    context: &Context<'_>,
    suite: &Suite,
    mut found: Unreferenced,
    names: &[String],
) -> Result<Unreferenced, Exit> {
    let means = |name: &String, orphan: &Orphan| means_snapshot(name, &orphan.id, None);
    let all = || found.snapshots.iter().chain(found.others.iter().map(|(orphan, _)| orphan));
    let known = known_snapshots(suite);
    let has_request = |name: &String| known.iter().any(|(id, known)| means_snapshot(name, id, Some(known)));
    let is_strange = |name: &&String| !has_request(name) && !all().any(|orphan| means(name, orphan));
    if let Some(name) = names.iter().find(is_strange) {
        let code = Code::NothingUnreferenced;
        let help = "`countersign snapshots prune` lists the snapshots that no request has";
        context.output.refuse(
            code,
            format!("no snapshot without a request is meant by `{name}`"),
            Some(help.into()),
        );
        return Err(code.class().into());
    }
    let is_meant = |orphan: &Orphan| names.is_empty() || names.iter().any(|name| means(name, orphan));
    found.snapshots.retain(is_meant);
    found.others.retain(|(orphan, _)| is_meant(orphan));
    Ok(found)
}

fn list(context: &Context<'_>, found: &Unreferenced) {
    for orphan in &found.snapshots {
        context.output.print(&format!("{}\n", escape(&orphan.file)));
    }
}

/// `2 snapshots have no request`
fn counted(found: &Unreferenced) -> String {
    // A stored one and its pending file are one snapshot.
    let ids: std::collections::BTreeSet<&str> =
        found.snapshots.iter().map(|orphan| orphan.id.as_str()).collect();
    match ids.len() {
        1 => "1 snapshot has no request".into(),
        count => format!("{count} snapshots have no request"),
    }
}

/// The line that deletes what was asked about.
fn deletes(names: &[String]) -> String {
    let words = names.iter().map(|name| quoted(name)).chain(["--unreferenced delete".to_owned()]);
    let words: Vec<String> = words.collect();
    format!("`countersign snapshots prune {}` deletes what has none", words.join(" "))
}

fn delete(context: &Context<'_>, store: &Store, found: &Unreferenced) -> Result<Exit, Exit> {
    let held = store.hold().map_err(|error| failed(context, &error))?;
    let mut ended = Exit::Ok;
    for orphan in &found.snapshots {
        match held.delete(orphan) {
            Ok(true) => context.output.print(&format!("deleted {}\n", escape(&orphan.file))),
            Ok(false) => context.output.tell(&format!("left alone: `{}` changed meanwhile", orphan.file)),
            Err(error) => ended = ended.max(failed(context, &error)),
        }
    }
    Ok(ended)
}
