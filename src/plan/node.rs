//! What a step is before its place in the plan is known.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::load::Suite;

/// A request in an environment, for a row of its cases and with variables that are set for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    /// The environment's name, `ENVIRONMENT/IDENTITY` where it acts as an identity.
    pub environment: String,
    /// The request's name.
    pub request: String,
    /// The row of its cases, from 0.
    pub case: Option<usize>,
    /// What the request that needs it sets for it.
    pub with: Option<Arc<With>>,
}

/// Variables that a request sets for one that it needs. Two are the same when they must give the
/// same values: then what needs them shares one step.
#[derive(Debug, Clone)]
pub struct With {
    /// Each variable as written.
    pub values: IndexMap<String, Value>,
    /// The request that sets them, whose names they see.
    pub asker: Node,
    /// Where they stand in it: `/needs/0/with`.
    pub pointer: String,
    /// The requests that the values take something of, by what the asker calls them.
    pub(super) requests: Vec<String>,
    /// A digest of everything that the values depend on.
    pub meaning: String,
}

impl Node {
    /// What it is called: `pay@small`, or `token (scope: payments)`.
    pub fn name(&self, suite: &Suite) -> String {
        let request = &suite.requests[&self.request];
        let case = request.row(self.case).map(|row| format!("@{}", row.name));
        let with = self.with.as_ref().map(|with| {
            let values = with.values.iter().map(|(name, value)| match value {
                Value::String(text) => format!("{name}: {text}"),
                other => format!("{name}: {other}"),
            });
            format!(" ({})", values.collect::<Vec<_>>().join(", "))
        });
        format!("{}{}{}", request.name, case.unwrap_or_default(), with.unwrap_or_default())
    }

    /// The variables that are its own: of its row, and set for it.
    pub(super) fn own_variables<'a>(&'a self, suite: &'a Suite) -> impl Iterator<Item = &'a str> {
        let row = suite.requests[&self.request].row(self.case).map(|row| row.values.keys());
        let with = self.with.as_ref().map(|with| with.values.keys());
        row.into_iter().flatten().chain(with.into_iter().flatten()).map(String::as_str)
    }
}

impl PartialEq for With {
    fn eq(&self, other: &Self) -> bool {
        self.meaning == other.meaning
    }
}

impl Eq for With {}

impl Hash for With {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.meaning.hash(state);
    }
}
