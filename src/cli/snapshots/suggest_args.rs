//! The arguments of `countersign snapshots suggest`.

use clap::Args;

use super::super::args::{Determinism, Trust, Variables};

pub(crate) const EXAMPLES: &str = "Examples:
  countersign snapshots suggest greeting           print rules for what differs between two answers
  countersign snapshots suggest greeting --write   add them to the request's file
  countersign snapshots suggest pay@small --send-twice --env sandbox

What the request needs runs once. The second answer follows a second after the first. No snapshot is written.";

#[derive(Debug, Args)]
pub(crate) struct Suggest {
    /// The request, or a case of one
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The environment
    #[arg(short, long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    #[command(flatten)]
    pub(crate) variables: Variables,
    #[command(flatten)]
    pub(crate) determinism: Determinism,
    #[command(flatten)]
    pub(crate) trust: Trust,
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
