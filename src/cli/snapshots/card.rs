//! A pending snapshot as a review shows it.

use countersign::plan::KnownSnapshot;
use countersign::report::{ReviewCard, ReviewContents};
use countersign::snapshot::{Pending, Review, SnapshotError, Store};

use super::pending::Chosen;

/// What is to be decided next, as it is now, and why it can't be accepted.
pub(super) fn card(review: &mut Review, chosen: &Chosen<'_>) -> (ReviewCard, Option<String>) {
    let shown = review.show();
    let id = review.id().unwrap_or_default();
    let known = chosen.known.get(id);
    let expression = shown.as_ref().map(|pending| pending.metadata.expression.clone());
    let stale = shown.as_ref().ok().and_then(|pending| pending.stale.as_ref());
    let message = stale.map(|stale| format!("out of date: {stale}; run the request again, or reject this"));
    let card = ReviewCard {
        position: review.position(),
        name: known.map_or_else(|| id.to_owned(), |known| known.request.name.clone()),
        parts: known.map(parts).unwrap_or_default(),
        expression: expression.unwrap_or_default(),
        file: Store::file(id),
        contents: shown.map_or_else(|error| problem(&error), contents),
    };
    (card, message)
}

fn parts(known: &KnownSnapshot<'_>) -> Vec<String> {
    let parts =
        [("case", known.case()), ("environment", known.environment()), ("identity", known.identity())];
    parts.iter().filter_map(|(what, name)| Some(format!("{what} {}", (*name)?))).collect()
}

fn contents(pending: Pending) -> ReviewContents {
    match pending.old {
        None => ReviewContents::New(pending.new),
        Some(old) => ReviewContents::Changed { old, new: pending.new },
    }
}

fn problem(error: &SnapshotError) -> ReviewContents {
    ReviewContents::Problem(std::iter::once(error.to_string()).chain(error.help()).collect())
}
