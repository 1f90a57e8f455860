//! `snapshots review`: one pending snapshot after another, one key for each decision.

use std::io::{self, IsTerminal};

use countersign::snapshot::{Review, Store, Tally};

use super::pending::Chosen;
use super::session::Session;
use crate::cli::context::Context;
use crate::cli::exit::Exit;
use crate::cli::run;

pub(super) fn review(context: &Context<'_>, names: &[String]) -> Result<Exit, Exit> {
    let suite = context.load()?;
    refuse_without_terminal(context)?;
    let chosen = Chosen::of(context, &suite, names)?;
    if chosen.ids.is_empty() {
        return Ok(Exit::Nothing);
    }
    let runtime = run::runtime(context)?;
    let ended = runtime.block_on(Session::new(context, &chosen).run());
    // A key that nobody presses any more must not keep the process.
    runtime.shutdown_background();
    ended
}

/// A review asks; in a job nobody would answer.
fn refuse_without_terminal(context: &Context<'_>) -> Result<(), Exit> {
    let is_dumb = context.settings.process.get("TERM") == Some("dumb");
    let why = if context.settings.ci {
        "a review needs somebody who looks, and `CI` is set"
    } else if !io::stdin().is_terminal() || !io::stdout().is_terminal() || is_dumb {
        "a review needs a terminal"
    } else {
        return Ok(());
    };
    let help = "`countersign snapshots list` shows what waits, `countersign snapshots accept NAME` stores it";
    context.output.fail(why, Some(help));
    Err(Exit::Usage)
}

pub(super) fn no_terminal(context: &Context<'_>, error: &io::Error) -> Exit {
    context.output.fail(&format!("the terminal can't be used: {error}"), None);
    Exit::Io
}

/// What became of each, and how many of each.
pub(super) fn tell(context: &Context<'_>, review: &Review) {
    for (id, decision) in review.decisions() {
        context.output.print(&format!("{} {}\n", decision.word(), Store::file(id)));
    }
    context.output.print(&format!("{}\n", summary(review.tally())));
}

/// `accepted 2, rejected 1, skipped 1`
fn summary(tally: Tally) -> String {
    let counts = [
        ("accepted", tally.accepted),
        ("rejected", tally.rejected),
        ("skipped", tally.skipped),
        ("left", tally.left),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{word} {count}"))
        .collect();
    counts.join(", ")
}
