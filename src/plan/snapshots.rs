//! Which snapshots the requests of a suite may have, and which of them a pattern means.
//!
//! A request that is skipped today keeps its snapshots, and so does one that others run with
//! variables of their own: a run of the whole suite runs it by itself too.

use std::collections::BTreeMap;

use super::selection::{is_glob_of, matches, matches_id};
use crate::load::Suite;
use crate::spec::{Request, parted};

/// A snapshot that a request may have.
#[derive(Debug, Clone, Copy)]
pub struct KnownSnapshot<'s> {
    /// Whose it is.
    pub request: &'s Request,
    /// The place of its row, where the request has cases.
    case: Option<usize>,
    /// `ENVIRONMENT` or `ENVIRONMENT/IDENTITY`.
    whose: &'s str,
}

impl<'s> KnownSnapshot<'s> {
    /// What it is called for people.
    pub fn name(&self) -> String {
        self.request.snapshot_name(self.case, self.whose)
    }

    /// The name of its row, where the request has cases.
    pub fn case(&self) -> Option<&'s str> {
        self.request.row(self.case).map(|row| row.name.as_str())
    }

    /// Its environment, where each has a snapshot of its own.
    pub fn environment(&self) -> Option<&'s str> {
        self.request.has_snapshots_per_environment().then(|| parted(self.whose).0)
    }

    /// Its identity, where each has a snapshot of its own.
    pub fn identity(&self) -> Option<&'s str> {
        let identity = parted(self.whose).1;
        identity.filter(|_| self.request.has_snapshots_per_environment())
    }

    /// What its name says behind the request's.
    fn parts(&self) -> Vec<&'s str> {
        [self.case(), self.environment(), self.identity()].into_iter().flatten().collect()
    }
}

/// Every snapshot that the suite may have, by its id.
pub fn known_snapshots(suite: &Suite) -> BTreeMap<String, KnownSnapshot<'_>> {
    let mut known = BTreeMap::new();
    for request in suite.requests.values().filter(|request| request.snapshot.is_some()) {
        let everywhere = suite.environments.keys().map(String::as_str);
        let anywhere = std::iter::once("");
        let environments: Vec<&str> =
            if request.has_snapshots_per_environment() { everywhere.collect() } else { anywhere.collect() };
        for case in request.row_places() {
            for whose in &environments {
                known.insert(request.snapshot_id(case, whose), KnownSnapshot { request, case, whose });
            }
        }
    }
    known
}

/// Whether a pattern means a snapshot: by its file or a folder or glob of such, or as it means the
/// request in a run; `pay@small` and `pay@test` mean its snapshots of that case and environment.
/// `known` is `None` for a file that no request has.
pub fn means_snapshot(pattern: &str, id: &str, known: Option<&KnownSnapshot<'_>>) -> bool {
    let file = pattern.trim_start_matches("./").trim_end_matches('/');
    let stem = file.strip_suffix(".new").unwrap_or(file);
    let stem = stem.strip_suffix(".snap").unwrap_or(stem);
    if file == "snapshots" || stem.strip_prefix("snapshots/").is_some_and(|path| matches_id(path, id)) {
        return true;
    }
    let has_parts = |at: usize| {
        let (of, part) = (&pattern[..at], &pattern[at + 1..]);
        match known {
            Some(known) => matches(of, known.request) && is_part(part, &known.parts()),
            None => id.match_indices('@').any(|(end, _)| {
                let parts: Vec<&str> = id[end + 1..].split('@').collect();
                matches_id(of, &id[..end]) && is_part(part, &parts)
            }),
        }
    };
    let is_before_part = |(end, _): (usize, &str)| matches_id(pattern, &id[..end]);
    matches_id(pattern, id)
        || known.is_none() && id.match_indices('@').any(is_before_part)
        || known.is_some_and(|known| matches(pattern, known.request))
        || pattern.match_indices('@').any(|(at, _)| has_parts(at))
}

/// Whether a pattern is one of the parts, or several that stand side by side.
fn is_part(pattern: &str, parts: &[&str]) -> bool {
    let runs = (0..parts.len()).flat_map(|from| (from + 1..=parts.len()).map(move |to| from..to));
    runs.map(|run| parts[run].join("@")).any(|named| pattern == named || is_glob_of(pattern, &named))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_without_a_request_is_meant_by_its_file_and_its_parts() {
        let id = "pay/old@small@test@partner";
        for pattern in [
            "snapshots",
            "snapshots/pay",
            "snapshots/pay/",
            "./snapshots/pay/old@small@test@partner.snap",
            "snapshots/pay/old@small@test@partner.snap.new",
            "snapshots/pay/*.snap",
            "pay/old@small@test@partner",
            "pay/old",
            "requests/pay/old.yaml",
            "requests/pay/old.yaml@small",
            "pay/old@test",
            "pay/old@partner",
            "pay/old@test@partner",
            "pay/old@t*",
            "pay@small",
            "pay/*@test",
        ] {
            assert!(means_snapshot(pattern, id, None), "{pattern}");
        }
        for pattern in ["old", "snapshots/p", "pay/old@smal", "pay/old@", "@test", ""] {
            assert!(!means_snapshot(pattern, id, None), "{pattern}");
        }
    }
}
