//! The arguments of `countersign snapshots suggest`.

use clap::Args;

use super::super::one::One;

pub(crate) const EXAMPLES: &str = "Examples:
  countersign snapshots suggest greeting           print rules for what differs between two answers
  countersign snapshots suggest greeting --write   add them to the request's file
  countersign snapshots suggest pay@small --send-twice --env sandbox

What the request needs runs once. The second answer follows a second after the first. No snapshot is written.";

#[derive(Debug, Args)]
pub(crate) struct Suggest {
    #[command(flatten)]
    pub(crate) one: One,
    /// Send it twice though its method says that doing so does something twice
    #[arg(long)]
    pub(crate) send_twice: bool,
    /// Add the rules to the request's file, and change nothing else in it
    #[arg(long)]
    pub(crate) write: bool,
    /// Print them as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}
