//! Which operation a request is meant for.

use super::Contract;
use super::operation::Operation;
use super::template::{Rank, Template, segments};

/// An operation, by method and path.
pub(super) struct Found<'c> {
    pub(super) index: usize,
    pub(super) operation: &'c Operation,
    /// The parameters of its path.
    pub(super) parameters: Vec<(String, String)>,
}

/// Why there is none.
pub(super) enum Missing<'c> {
    /// The path is one of the document's, with these methods.
    Method(Vec<&'c Operation>),
    /// The document does not have the path.
    Path,
}

struct Candidate<'c> {
    found: Found<'c>,
    rank: Rank,
}

impl Contract {
    /// Finds the operation of a request: the most concrete path wins (OpenAPI 3.1.1, section 4.8.8),
    /// whatever methods it has. `host` is the base path of the environment's host.
    pub(super) fn find(&self, method: &str, path: &str, host: &str) -> Result<Found<'_>, Missing<'_>> {
        let path = segments(path);
        let host = Template::read(host.trim_end_matches('/')).unwrap_or_default();
        let mut candidates: Vec<Candidate<'_>> = Vec::new();
        for (index, operation) in self.operations.iter().enumerate() {
            for whole in operation.paths(&host) {
                if let Some(parameters) = whole.parameters(&path) {
                    let found = Found { index, operation, parameters };
                    candidates.push(Candidate { found, rank: whole.rank() });
                }
            }
        }
        let Some(best) = candidates.iter().map(|candidate| candidate.rank.clone()).min() else {
            return Err(Missing::Path);
        };
        candidates.retain(|candidate| candidate.rank == best);
        // The same path below equal bases.
        candidates.dedup_by_key(|candidate| candidate.found.index);
        match candidates.iter().position(|candidate| candidate.found.operation.method == method) {
            Some(position) => Ok(candidates.swap_remove(position).found),
            None => Err(Missing::Method(candidates.iter().map(|found| found.found.operation).collect())),
        }
    }
}

impl Operation {
    /// Its path below every base that it may have.
    fn paths(&self, host: &Template) -> Vec<Template> {
        let mut bases = vec![host.clone()];
        for base in self.servers.iter().flat_map(|server| &server.bases) {
            bases.push(base.clone());
            bases.push(host.and(base));
        }
        bases.iter().map(|base| base.and(&self.template)).collect()
    }
}
