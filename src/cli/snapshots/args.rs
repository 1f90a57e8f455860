//! `countersign snapshots` as typed.

use clap::{Subcommand, ValueEnum};

const LIST_EXAMPLES: &str = "Examples:
  countersign snapshots list                   new or changed, the request, the file
  countersign snapshots list --json            the same for a program, one snapshot a line";

const REVIEW_EXAMPLES: &str = "Examples:
  countersign snapshots review                 everything that waits, one after another
  countersign snapshots review 'accounts/*'    a selection
  countersign snapshots review --color never   in black and white

`?` shows the keys. `list` and `accept NAME` do the same without a terminal.";

const ACCEPT_EXAMPLES: &str = "Examples:
  countersign snapshots accept                 everything that waits for review
  countersign snapshots accept greeting        all of one request
  countersign snapshots accept pay@small       one case of it; an environment is written in the same way
  countersign snapshots accept 'accounts/*'    a folder, a glob, or the file of a snapshot";

const PRUNE_EXAMPLES: &str = "Examples:
  countersign snapshots prune                        lists the snapshots that no request has
  countersign snapshots prune --unreferenced delete  deletes them, also where `CI` is set
  countersign snapshots prune --unreferenced fail    ends with 1 when there are some, for a CI job
  countersign snapshots prune old --unreferenced delete  a selection";

/// What becomes of snapshots that no request has; the words of `cargo insta test --unreferenced`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnreferencedMode {
    /// Nothing is said
    Ignore,
    /// They are listed
    Warn,
    /// They are listed, and the exit code is 1
    #[value(alias = "reject")]
    Fail,
    /// They are deleted
    Delete,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Snapshots {
    /// Look at what waits for review, and accept or reject it with one key
    #[command(after_help = REVIEW_EXAMPLES)]
    Review {
        /// Requests by name, file, folder or glob, NAME@CASE, NAME@ENVIRONMENT, or snapshot files [default: all]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// List the snapshots that wait for review
    #[command(after_help = LIST_EXAMPLES)]
    List {
        /// Requests by name, file, folder or glob, NAME@CASE, NAME@ENVIRONMENT, or snapshot files [default: all]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// As JSON, one snapshot a line
        #[arg(long)]
        json: bool,
    },
    /// Make pending snapshots the accepted ones
    #[command(after_help = ACCEPT_EXAMPLES)]
    Accept {
        /// Requests by name, file, folder or glob, NAME@CASE, NAME@ENVIRONMENT, or snapshot files [default: all]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// Throw pending snapshots away
    Reject {
        /// Requests by name, file, folder or glob, NAME@CASE, NAME@ENVIRONMENT, or snapshot files [default: all]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
    },
    /// List or delete snapshots that no request has
    #[command(after_help = PRUNE_EXAMPLES)]
    Prune {
        /// Requests by name, file, folder or glob, NAME@CASE, NAME@ENVIRONMENT, or snapshot files [default: all]
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// What becomes of them
        #[arg(long, value_name = "MODE", default_value = "warn")]
        unreferenced: UnreferencedMode,
    },
    /// Send a request twice, and suggest rules for what differs
    #[command(after_help = super::suggest_args::EXAMPLES)]
    Suggest(super::suggest_args::Suggest),
}
