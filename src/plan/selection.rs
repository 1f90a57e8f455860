//! Which requests the command line asks for.

use std::collections::BTreeSet;

use globset::Glob;

use crate::diag::did_you_mean;
use crate::load::Suite;
use crate::spec::Request;

/// What the command line selects; empty selects everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Names, ids, paths of files or folders, or globs over ids.
    pub patterns: Vec<String>,
    /// Only requests with one of these tags; empty for any.
    pub tags: Vec<String>,
    /// No requests with one of these tags.
    pub skip_tags: Vec<String>,
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
        let chosen: BTreeSet<&str> = suite
            .requests
            .values()
            .filter(|request| {
                self.patterns.is_empty() || self.patterns.iter().any(|pattern| matches(pattern, request))
            })
            .filter(|request| self.has_tags(request))
            .map(|request| request.name.as_str())
            .collect();
        if chosen.is_empty() {
            return Err("no request has the tags that were asked for".into());
        }
        Ok(chosen)
    }

    fn has_tags(&self, request: &Request) -> bool {
        let has = |tags: &[String]| request.tags.iter().any(|tag| tags.contains(tag));
        (self.tags.is_empty() || has(&self.tags)) && !has(&self.skip_tags)
    }
}

fn matches_any(pattern: &str, suite: &Suite) -> bool {
    suite.requests.values().any(|request| matches(pattern, request))
}

/// A pattern is a name, an id, the path of a request file or of a folder of them, or a glob.
fn matches(pattern: &str, request: &Request) -> bool {
    let path = pattern.trim_start_matches("./").trim_end_matches('/');
    let path = path.strip_prefix("requests/").unwrap_or(path);
    let file = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml")).unwrap_or(path);
    let below = |folder: &str| request.id.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    pattern == request.name
        || file == request.id
        || path == "requests"
        || below(file)
        || Glob::new(path).is_ok_and(|glob| {
            let glob = glob.compile_matcher();
            glob.is_match(&request.id) || glob.is_match(&request.name)
        })
}

fn no_match(pattern: &str, suite: &Suite) -> String {
    let names = || suite.requests.keys().map(String::as_str);
    match did_you_mean(pattern, names()) {
        Some(near) => format!("no request matches `{pattern}`; did you mean `{near}`?"),
        None if suite.requests.len() <= 10 => {
            let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
            format!("no request matches `{pattern}`; there are {}", known.join(", "))
        }
        None => {
            format!("no request matches `{pattern}`; `countersign list` shows all {}", suite.requests.len())
        }
    }
}
