//! `countersign snapshots`: what waits for review, and what becomes of it.

use std::collections::HashMap;

use countersign::load::Suite;
use countersign::plan::{matches, matches_id};
use countersign::snapshot::{SnapshotError, Store};
use countersign::spec::Request;
use serde_json::json;

use super::args::Snapshots;
use super::context::Context;
use super::exit::Exit;

const NOTHING_WAITS: &str = "no snapshot waits for review";

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
    context.output.refuse(error.code(), error.to_string(), error.help());
    error.code().class().into()
}

fn list(context: &Context<'_>, as_json: bool) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let (store, pending) = open(context, &suite)?;
    if pending.is_empty() {
        context.output.tell(NOTHING_WAITS);
    }
    let known = known(&suite);
    let name_of = |id: &String| known.get(id).map(|known| known.name.clone());
    let called = pending.iter().map(|id| name_of(id).as_ref().unwrap_or(id).chars().count());
    let width = called.max().unwrap_or_default();
    let mut lines = Vec::new();
    for id in pending {
        let review = store.review(&id).map_err(|error| failed(context, &error))?;
        let state = if review.old.is_none() { "new" } else { "changed" };
        let (name, file) = (name_of(&id), Store::file(&id));
        lines.push(if as_json {
            json!({"name": name, "id": id, "file": file, "state": state}).to_string()
        } else {
            format!("{state:8} {:width$}  {file}", name.unwrap_or(id))
        });
    }
    let text: String = lines.into_iter().map(|line| line + "\n").collect();
    if as_json {
        context.output.print_json(&text);
    } else {
        context.output.print(&text);
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
    let known = known(&suite);
    let means = |pattern: &String, id: &String| is_meant(known.get(id), pattern, id);
    if let Some(name) = names.iter().find(|name| !pending.iter().any(|id| means(name, id))) {
        return Err(failed(context, &SnapshotError::NothingPending(name.clone())));
    }
    if pending.is_empty() {
        context.output.tell(NOTHING_WAITS);
        return Ok(Exit::Nothing);
    }
    for id in pending.iter().filter(|id| names.is_empty() || names.iter().any(|name| means(name, id))) {
        decision(&store, id).map_err(|error| failed(context, &error))?;
        context.output.print(&format!("{decided} {}\n", Store::file(id)));
    }
    Ok(Exit::Ok)
}

/// A snapshot that some request may have.
struct Known<'s> {
    request: &'s Request,
    name: String,
}

/// Every snapshot that the suite may have, by its id.
fn known(suite: &Suite) -> HashMap<String, Known<'_>> {
    let mut known = HashMap::new();
    for request in suite.requests.values() {
        let rows = request.rows().len();
        let cases = if rows == 0 { vec![None] } else { (0..rows).map(Some).collect() };
        let environments = if request.has_snapshots_per_environment() {
            suite.environments.keys().map(String::as_str).collect()
        } else {
            vec!["any"]
        };
        for (environment, case) in
            environments.iter().flat_map(|it| cases.iter().map(move |case| (it, *case)))
        {
            let name = request.snapshot_name(case, environment);
            known.insert(request.snapshot_id(case, environment), Known { request, name });
        }
    }
    known
}

/// A pattern means the snapshots of the requests that it means in `run`, all of them or those of one
/// case or environment, and one by its file.
fn is_meant(known: Option<&Known<'_>>, pattern: &str, id: &str) -> bool {
    let path = pattern.trim_start_matches("./");
    let path = path.strip_suffix(".new").unwrap_or(path);
    let begins = |name: &str| name.strip_prefix(pattern).is_some_and(|rest| rest.starts_with('@'));
    let by_request =
        |known: &Known<'_>| matches(pattern, known.request) || known.name == pattern || begins(&known.name);
    path == Store::file(id) || matches_id(pattern, id) || begins(id) || known.is_some_and(by_request)
}
