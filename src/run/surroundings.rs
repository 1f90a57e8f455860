//! What a run gets from outside, as values: nothing in the walk asks the machine for the time,
//! for randomness or for an environment variable.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::Proxies;
use super::conduct::Conduct;
use crate::clock::{Clock, Ids};
use crate::files::Root;
use crate::secret::Redactor;
use crate::snapshot::Mode;
use crate::spec::Given;
use crate::template::{Engine, Functions, Programs};

/// What a run gets from outside.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// What the run believes the time is.
    pub clock: Clock,
    /// Where its unique ids come from.
    pub ids: Ids,
    /// The process environment, for `env()` and `secret()`.
    pub environment: Arc<BTreeMap<String, String>>,
    /// The proxies that variables of the process environment name.
    pub proxies: Proxies,
    /// Every secret of the run.
    pub redactor: Redactor,
    /// The programs that tell secrets, and what they told.
    pub programs: Programs,
    /// Variables that the command line sets, over whatever the files say; of one name, the last.
    pub given: Vec<Given>,
    /// How the run goes about its plan.
    pub conduct: Conduct,
    /// What becomes of snapshots that are new or differ.
    pub snapshots: Mode,
    /// Whether an environment with `verify: false` is refused.
    pub refuses_insecure: bool,
    /// Where `cargo insta` wants to be told which snapshots are in use.
    pub snapshot_references: Option<PathBuf>,
}

impl Surroundings {
    /// The template engine of one part of the run. What it draws at random depends on the name
    /// and not on what ran before.
    pub fn engine(&self, root: &Root, name: &str) -> Engine {
        self.engine_with(self.programs.clone(), root, name)
    }

    /// [`Surroundings::engine`] for what keys are read with: a program that tells a passphrase is
    /// run also where others are not.
    pub(super) fn engine_for_keys(&self, root: &Root, name: &str) -> Engine {
        self.engine_with(self.programs.run(), root, name)
    }

    fn engine_with(&self, programs: Programs, root: &Root, name: &str) -> Engine {
        Engine::new(&Functions {
            environment: Arc::clone(&self.environment),
            clock: self.clock,
            ids: self.ids.named(name),
            root: root.clone(),
            redactor: self.redactor.clone(),
            programs,
        })
    }

    /// The names of the given variables.
    pub fn given_names(&self) -> Vec<&str> {
        self.given.iter().map(|given| given.name.as_str()).collect()
    }
}
