//! The stage that decides what runs, where, and in which order.
//!
//! A step is a request in an environment, or as an identity of one; for each row of its cases, and
//! for each set of variables that others give it. What a step needs runs in the
//! step's own environment and as its own identity, whatever environment the needed request names
//! for itself: a token never crosses from one to another, unless `tamper` says so.

mod build;
mod environment;
mod graph;
mod identity;
mod mentions;
mod names;
mod needs;
mod node;
mod reading;
mod part;
mod repeat;
mod selection;
mod shard;
mod snapshots;
mod unused;
mod with;

pub use build::plan;
pub use environment::{embedded_environment, environment_of};
pub use needs::{Why, lent};
pub use node::{Node, With};
pub use selection::{Selection, matches, matches_id};
pub use shard::{Durations, Shard, step_key};
pub use snapshots::{KnownSnapshot, known_snapshots, means_snapshot};
pub use unused::unused;

use std::sync::Arc;

use crate::diag::Diagnostic;

/// What runs, needed steps first; ties follow the order of the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps in order.
    pub steps: Vec<Step>,
    /// Which part of a whole it is, where it is one.
    pub shard: Option<Shard>,
}

/// A request in an environment, for a row of its cases and with variables that are set for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its place in the plan of everything that was selected, of which this may be a part.
    pub place: usize,
    /// What it is called: the request's name, `pay@small` for a case, `token (scope: payments)`
    /// with variables.
    pub name: String,
    /// What selects it on the command line: its name, but for what `--repeat` adds.
    pub selector: String,
    /// The request's name.
    pub request: String,
    /// The environment's name, `ENVIRONMENT/IDENTITY` where it acts as an identity.
    pub environment: String,
    /// The row of its cases, from 0.
    pub case: Option<usize>,
    /// What the request that needs it sets for it.
    pub with: Option<Arc<With>>,
    /// What runs before it, in the order that the file shows.
    pub needs: Vec<Edge>,
    /// Whether the selection names it, or it is only needed by a step that was selected.
    pub selected: bool,
}

/// A step that another needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// Its place in the plan.
    pub step: usize,
    /// What the need comes from.
    pub why: Why,
    /// Whether a template uses what it leaves behind: the message can't be made before it ran.
    pub mentioned: bool,
    /// The name that the request has for what it needs.
    pub name: String,
}

impl Edge {
    /// What the step's scope calls what the needed step leaves behind; `None` when only the variables
    /// need it that are set for the step.
    pub fn called(&self) -> Option<String> {
        match self.why {
            Why::TokenOf => Some(lent(&self.name)),
            Why::ForWith(_) => None,
            Why::Token | Why::Listed | Why::Mentioned => Some(self.name.clone()),
        }
    }

    /// How far off the request is that sets the variables which need it; `None` when the step itself
    /// needs it.
    pub fn depth(&self) -> Option<usize> {
        match self.why {
            Why::ForWith(depth) => Some(depth),
            Why::Token | Why::TokenOf | Why::Listed | Why::Mentioned => None,
        }
    }
}

impl Plan {
    /// The names of the environments that the plan uses, each once, in order of first use.
    pub fn environments(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for step in &self.steps {
            if !names.contains(&step.environment.as_str()) {
                names.push(&step.environment);
            }
        }
        names
    }
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The suite is wrong.
    Problems(Vec<Diagnostic>),
    /// The selection matches nothing; the sentence says what there is.
    Nothing(String),
}
