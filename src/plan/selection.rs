//! Which requests the command line asks for.

use std::collections::BTreeSet;

use globset::Glob;

use crate::diag::did_you_mean;
use crate::load::Suite;
use crate::spec::Request;

/// What the command line selects; empty selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names, ids, paths of files or folders, or globs over any of these.
    pub patterns: Vec<String>,
    /// Only requests with one of these tags; empty for any.
    pub tags: Vec<String>,
    /// No requests with one of these tags.
    pub skip_tags: Vec<String>,
    /// Whether a pattern that is a request's name or id means that request alone, and not also a
    /// folder that is called so.
    pub exact: bool,
}

impl Selection {
    /// The names of the requests that are meant, or a sentence that says why there are none.
    pub(super) fn names<'a>(&self, suite: &'a Suite) -> Result<BTreeSet<&'a str>, String> {
        if suite.requests.is_empty() {
            return Err("the suite has no requests; write one to `requests/NAME.yaml`".into());
        }
        if let Some(pattern) = self.patterns.iter().find(|pattern| !matches_any(pattern, suite)) {
            return Err(no_match(pattern, suite));
        }
        let named: Vec<&Request> = suite
            .requests
            .values()
            .filter(|request| {
                self.patterns.is_empty()
                    || self.patterns.iter().any(|pattern| self.means(pattern, request, suite))
            })
            .collect();
        let tagged: Vec<&Request> =
            named.into_iter().filter(|request| self.tags.is_empty() || has(request, &self.tags)).collect();
        if tagged.is_empty() {
            return Err(self.no_tag(suite));
        }
        let chosen: BTreeSet<&str> = tagged
            .into_iter()
            .filter(|request| !has(request, &self.skip_tags))
            .map(|request| request.name.as_str())
            .collect();
        if chosen.is_empty() {
            let skipped = listed(&self.skip_tags);
            return Err(format!("every request that was asked for has a tag to skip: {skipped}"));
        }
        Ok(chosen)
    }

    /// Whether a row of a request is meant, which itself is.
    pub(super) fn means_case(&self, request: &Request, case: Option<usize>) -> bool {
        let Some(row) = request.row(case) else { return true };
        self.patterns.is_empty()
            || self
                .patterns
                .iter()
                .any(|pattern| matches(pattern, request) || is_case(pattern, request, &row.name))
    }

    fn means(&self, pattern: &str, request: &Request, suite: &Suite) -> bool {
        match suite.requests.get(pattern) {
            Some(named) if self.exact => named.id == request.id,
            _ => matches(pattern, request) || has_case(pattern, request),
        }
    }

    /// Why `--tag` left nothing.
    fn no_tag(&self, suite: &Suite) -> String {
        let known: BTreeSet<&str> =
            suite.requests.values().flat_map(|request| &request.tags).map(String::as_str).collect();
        let unknown = self.tags.iter().find(|tag| !known.contains(tag.as_str()));
        let Some(unknown) = unknown else {
            let asked = listed(&self.tags);
            return format!("no request that was asked for has the tag {asked}");
        };
        match did_you_mean(unknown, known.iter().copied()) {
            Some(near) => format!("no request has the tag `{unknown}`; did you mean `{near}`?"),
            None if known.is_empty() => format!("no request has the tag `{unknown}`; the suite has no tags"),
            None => format!("no request has the tag `{unknown}`; there are {}", listed(&known)),
        }
    }
}

fn has(request: &Request, tags: &[String]) -> bool {
    request.tags.iter().any(|tag| tags.contains(tag))
}

fn listed(names: impl IntoIterator<Item = impl std::fmt::Display>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn matches_any(pattern: &str, suite: &Suite) -> bool {
    suite.requests.values().any(|request| matches(pattern, request) || has_case(pattern, request))
}

/// Whether a pattern means rows of a request: `pay@small`, or a glob over either.
fn has_case(pattern: &str, request: &Request) -> bool {
    request.rows().iter().any(|row| is_case(pattern, request, &row.name))
}

fn is_case(pattern: &str, request: &Request, case: &str) -> bool {
    pattern.match_indices('@').any(|(at, _)| {
        let (of, named) = (&pattern[..at], &pattern[at + 1..]);
        matches(of, request) && (named == case || is_glob_of(named, case))
    })
}

/// Whether a pattern means a request: it is a name, an id, the path of the request's file or of a
/// folder that holds it, or a glob over any of these.
pub fn matches(pattern: &str, request: &Request) -> bool {
    pattern == request.name || matches_id(pattern, &request.id) || is_glob_of(pattern, &request.name)
}

/// [`matches()`] for an id alone, of a request that may not be there any more.
pub fn matches_id(pattern: &str, id: &str) -> bool {
    let path = pattern.trim_start_matches("./").trim_end_matches('/');
    let path = path.strip_prefix("requests/").unwrap_or(path);
    let file = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml")).unwrap_or(path);
    let below = |folder: &str| id.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    file == id || path == "requests" || below(file) || is_glob_of(file, id)
}

/// `*` stands for anything, `/` included: `hello/*` is `hello/a/b` too.
pub(super) fn is_glob_of(pattern: &str, text: &str) -> bool {
    pattern.contains(['*', '?', '[', '{'])
        && Glob::new(pattern).is_ok_and(|glob| glob.compile_matcher().is_match(text))
}

/// How many cases are named where none is meant.
const CASES_SHOWN: usize = 10;

fn no_match(pattern: &str, suite: &Suite) -> String {
    let names = || suite.requests.keys().map(String::as_str);
    let having = pattern.rsplit_once('@').and_then(|(of, case)| Some((suite.requests.get(of)?, case)));
    if let Some((request, case)) = having.filter(|(request, _)| !request.rows().is_empty()) {
        let cases = || request.rows().iter().map(|row| row.name.as_str());
        let shown = listed(cases().take(CASES_SHOWN));
        let more = if request.rows().len() > CASES_SHOWN { ", …" } else { "" };
        return match did_you_mean(case, cases()) {
            Some(near) => format!("`{}` has no case `{case}`; did you mean `{near}`?", request.name),
            None => format!("`{}` has no case `{case}`; there are {shown}{more}", request.name),
        };
    }
    match did_you_mean(pattern, names()) {
        Some(near) => format!("no request matches `{pattern}`; did you mean `{near}`?"),
        None if suite.requests.len() <= 10 => {
            format!("no request matches `{pattern}`; there are {}", listed(names()))
        }
        None => {
            format!("no request matches `{pattern}`; `countersign list` shows all {}", suite.requests.len())
        }
    }
}
