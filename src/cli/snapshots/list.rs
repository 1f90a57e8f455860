//! `snapshots list`: what waits for review.

use countersign::plan::KnownSnapshot;
use countersign::snapshot::{SnapshotError, Store};
use serde_json::json;

use super::failed;
use super::pending::Chosen;
use crate::cli::context::Context;
use crate::cli::exit::Exit;

pub(super) fn list(context: &Context<'_>, names: &[String], as_json: bool) -> Result<Exit, Exit> {
    let suite = context.load()?;
    let chosen = Chosen::of(context, &suite, names)?;
    let width = chosen.ids.iter().map(|id| chosen.name(id).chars().count()).max().unwrap_or_default();
    let (mut text, mut ended) = (String::new(), Exit::Ok);
    for id in &chosen.ids {
        let pending = match chosen.store.review(id) {
            Ok(pending) => pending,
            // Another process decided meanwhile.
            Err(SnapshotError::NothingPending(_)) => continue,
            // What is wrong with one hides none of the others.
            Err(error) => {
                ended = ended.max(failed(context, &error));
                continue;
            }
        };
        let state = match (&pending.stale, &pending.old) {
            (Some(_), _) => "stale",
            (None, Some(_)) => "changed",
            (None, None) => "new",
        };
        let line = if as_json {
            json_line(id, state, pending.old.is_some(), chosen.known.get(id))
        } else {
            format!("{state:8} {:width$}  {}", chosen.name(id), Store::file(id))
        };
        text += &(line + "\n");
    }
    if as_json {
        context.output.print_json(&text);
    } else {
        context.output.print(&text);
    }
    Ok(ended)
}

fn json_line(id: &str, state: &str, is_stored: bool, known: Option<&KnownSnapshot<'_>>) -> String {
    json!({
        "name": known.map(KnownSnapshot::name),
        "id": id,
        "file": Store::file(id),
        "state": state,
        "request": known.map(|known| &known.request.name),
        "case": known.and_then(KnownSnapshot::case),
        "environment": known.and_then(KnownSnapshot::environment),
        "identity": known.and_then(KnownSnapshot::identity),
        "stored": is_stored,
    })
    .to_string()
}
