//! A loaded suite: what is put together when every file has been read.
//!
//! Defaults of the suite are applied here, where request, environment and suite file meet:
//! `headers`, `timeout` and `retry` go to the environments, because an environment's own come before
//! the suite's; `snapshot` and `redirects` go to the requests, as do those that `defaults` puts into
//! their documents.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use indexmap::IndexMap;

use super::locate::{Locations, Owner};
use super::names::{Loaded, folded};
use super::yaml::{Node, Value};
use crate::contract::Contract;
use crate::diag::pointer::{item, join};
use crate::diag::{Code, Diagnostic, Sources, did_you_mean, literal};
use crate::files::Root;
use crate::limits;
use crate::sign::Profile;
use crate::spec::{Environment, ProfileChoice, Request, Sign, SuiteFile};

/// Every file of a suite, read and checked.
#[derive(Debug, Clone)]
pub struct Suite {
    /// The folder that holds `requests/`.
    pub root: Root,
    /// `requests/suite.yaml`, or its defaults.
    pub file: SuiteFile,
    /// By name, in the order of their files.
    pub requests: IndexMap<String, Request>,
    /// By name, sorted; each is followed by its identities, as `ENVIRONMENT/IDENTITY`.
    pub environments: IndexMap<String, Environment>,
    /// The OpenAPI documents that answers are held against, by file.
    pub contracts: IndexMap<String, Arc<Contract>>,
    /// Where everything stands.
    pub locations: Locations,
    /// The texts of all files.
    pub sources: Sources,
    /// The fingerprints of the request files as they were read, by path.
    pub fingerprints: HashMap<PathBuf, String>,
    /// What is worth knowing, and keeps nothing from running.
    pub warnings: Vec<Diagnostic>,
}

/// Why a suite can't be loaded: everything that is wrong with it.
#[derive(Debug, Clone)]
pub struct Problems {
    /// The mistakes, in the order of the files.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that they point into.
    pub sources: Sources,
}

impl Suite {
    /// The suite's own signing profile of that name, else the shipped one.
    pub fn profile(&self, name: &str) -> Option<Profile> {
        self.file.signing_profiles.get(name).cloned().or_else(|| Profile::shipped(name))
    }

    /// The profile that is meant. That named ones exist was checked when the suite was loaded.
    pub fn chosen(&self, choice: &ProfileChoice) -> Option<Profile> {
        match choice {
            ProfileChoice::Named(name) => self.profile(name),
            ProfileChoice::Inline(profile) => Some(Profile::clone(profile)),
        }
    }
}

impl Problems {
    /// As text, in rustc's look.
    pub fn render(&self, color: bool) -> String {
        crate::diag::render(&self.diagnostics, &self.sources, color)
    }
}

impl std::fmt::Display for Problems {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

/// Gives the environments the suite's headers, timeout and retry where they have none of their own.
pub(super) fn apply_defaults(
    environments: &mut IndexMap<String, Environment>,
    file: &SuiteFile,
    locations: &mut Locations,
) {
    for environment in environments.values_mut() {
        let owner = Owner::Environment(environment.name.clone());
        for (name, values) in &file.defaults.headers {
            if environment.headers.iter().any(|(own, _)| own.eq_ignore_ascii_case(name)) {
                continue;
            }
            environment.headers.push((name.clone(), values.clone()));
            let (to, from) = (join("/headers", name), join("/defaults/headers", name));
            locations.note_as(&owner, to.clone(), &Owner::SuiteFile, &from);
            for index in 0..values.len() {
                locations.note_as(&owner, item(&to, index), &Owner::SuiteFile, &item(&from, index));
            }
        }
        if environment.timeout.is_none() {
            environment.timeout = file.defaults.timeout;
            locations.note_as(&owner, "/timeout".into(), &Owner::SuiteFile, "/defaults/timeout");
        }
        if environment.retry.is_none() {
            environment.retry.clone_from(&file.defaults.retry);
        }
        let (own, common) = (&environment.connecting, &file.defaults.connecting);
        for (key, is_own) in [
            ("connect_timeout", own.timeout.is_some()),
            ("http_version", own.http_version.is_some()),
            ("proxy", own.proxy.is_some()),
        ] {
            if !is_own {
                let from = format!("/defaults/{key}");
                locations.note_as(&owner, format!("/{key}"), &Owner::SuiteFile, &from);
            }
        }
        environment.connecting = own.or(common);
    }
}

/// Marks the captures that are sent as tokens as secret.
pub(super) fn mark_tokens(requests: &mut IndexMap<String, Request>) {
    let tokens = requests.values().filter_map(|request| request.token.clone()).collect::<Vec<_>>();
    for token in tokens {
        let capture = requests.get_mut(&token.from).and_then(|request| request.capture.get_mut(&token.value));
        if let Some(capture) = capture {
            capture.secret = true;
        }
    }
}

/// Notes where a request's values stand; the pairs of a list under their names too.
pub(super) fn note(locations: &mut Locations, loaded: &Loaded) {
    let owner = Owner::Request(loaded.written.request.name.clone());
    locations.note(owner.clone(), &loaded.document);
    for path in [["query"].as_slice(), &["body", "form"], &["body", "multipart"]] {
        let mut node = Some(&loaded.document);
        for key in path {
            node = node.and_then(|node| super::names::field(node, key));
        }
        let pointer = crate::diag::pointer(path);
        if let Some(Node { value: Value::List(items), .. }) = node {
            for (index, pair) in items.iter().enumerate() {
                let (name, value) = match &pair.value {
                    Value::List(pair) if pair.len() == 2 => (pair[0].as_text(), "1"),
                    Value::Map(entries) if entries.len() == 1 => {
                        (Some(entries[0].key.text.as_str()), entries[0].key.text.as_str())
                    }
                    _ => continue,
                };
                let at = join(&item(&pointer, index), value);
                locations.note_as(&owner, join(&pointer, name.unwrap_or_default()), &owner, &at);
            }
        }
    }
}

/// Refuses a request whose snapshots no disk would take, for the length of their names.
pub(super) fn check_lengths(suite: &Suite) -> Vec<Diagnostic> {
    let environments: Vec<&str> = suite.environments.keys().map(String::as_str).collect();
    let too_long =
        suite.requests.values().filter(|request| request.snapshot.is_some()).filter_map(|request| {
            let longest = request.longest_snapshot_name(&environments);
            (longest > limits::SNAPSHOT_NAME).then(|| {
                let message =
                    format!("a snapshot of {} would have a name of {longest} bytes", literal(&request.id));
                let place = suite.locations.find(&Owner::Request(request.name.clone()), "/endpoint");
                Diagnostic::error(Code::WrongValue, message)
                    .at(place.map(|place| place.value), "of this request")
                    .help(format!(
                        "give its file a shorter name: there may be {} bytes",
                        limits::SNAPSHOT_NAME
                    ))
            })
        });
    too_long.collect()
}

/// Refuses a request whose id is what a snapshot of another may be called, for a case or an
/// environment.
pub(super) fn check_snapshots(suite: &Suite) -> Vec<Diagnostic> {
    let requests = suite.requests.values();
    let ids: HashMap<String, &Request> = requests.map(|request| (folded(&request.id), request)).collect();
    let mut problems = Vec::new();
    for request in suite.requests.values() {
        let id = &request.id;
        let ends = id.match_indices('@').filter(|(at, _)| !id[*at..].contains('/'));
        let before = ends.map(|(at, _)| folded(&id[..at]));
        let has_parts = |other: &&&Request| other.cases.is_some() || other.has_snapshots_per_environment();
        let Some(other) = before.filter_map(|id| ids.get(&id)).find(has_parts) else { continue };
        let message =
            format!("the snapshot of {} could be one of {}", literal(&request.id), literal(&other.id));
        let problem = Diagnostic::error(Code::DuplicateName, message)
            .help("rename its file: behind `@` stands the case or the environment of a snapshot");
        let place = suite.locations.find(&Owner::Request(request.name.clone()), "/endpoint");
        problems.push(problem.at(place.map(|place| place.value), "of this request"));
    }
    problems
}

/// Refuses bounds of tags that no request has: misspelt ones would bound nothing.
pub(super) fn check_concurrency(suite: &Suite) -> Vec<Diagnostic> {
    let known: BTreeSet<&str> =
        suite.requests.values().flat_map(|request| &request.tags).map(String::as_str).collect();
    let unknown = suite.file.concurrency.keys().filter(|tag| !known.contains(tag.as_str()));
    let problem = |tag: &String| {
        let problem = Diagnostic::error(Code::WrongValue, format!("no request has the tag {}", literal(tag)));
        let place = suite.locations.find(&Owner::SuiteFile, &join("/concurrency", tag));
        let label = "it would bound nothing";
        let problem = problem.at(place.map(|place| place.key.unwrap_or(place.value)), label);
        match did_you_mean(tag, known.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("add it to the `tags` of the requests that must not run at once"),
        }
    };
    unknown.map(problem).collect()
}

/// Refuses the names of signing profiles that do not exist.
pub(super) fn check_profiles(suite: &Suite) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for request in suite.requests.values() {
        if let Sign::Profiles(choices) = &request.sign {
            let owner = Owner::Request(request.name.clone());
            problems.extend(check_choices(suite, choices, &owner, "/sign"));
        }
    }
    for request in suite.requests.values() {
        let asked = request.expect.signature.as_ref().map(|signature| &signature.profile);
        if let Some(ProfileChoice::Named(name)) = asked {
            let owner = Owner::Request(request.name.clone());
            problems.extend(check_profile(suite, name, &owner, "/expect/signature/profile"));
        }
    }
    for environment in suite.environments.values() {
        if let Some(signing) = &environment.signing {
            let owner = Owner::Environment(environment.name.clone());
            problems.extend(check_choices(suite, &signing.profiles, &owner, "/signing/profile"));
        }
    }
    problems
}

/// A profile that stands alone stands where its list would.
fn check_choices(suite: &Suite, choices: &[ProfileChoice], owner: &Owner, pointer: &str) -> Vec<Diagnostic> {
    let named = choices.iter().enumerate().filter_map(|(index, choice)| match choice {
        ProfileChoice::Named(name) => Some((index, name)),
        ProfileChoice::Inline(_) => None,
    });
    named.filter_map(|(index, name)| check_profile(suite, name, owner, &item(pointer, index))).collect()
}

fn check_profile(suite: &Suite, name: &str, owner: &Owner, pointer: &str) -> Option<Diagnostic> {
    if suite.file.signing_profiles.contains_key(name) || Profile::shipped(name).is_some() {
        return None;
    }
    let mut names: Vec<&str> = suite.file.signing_profiles.keys().map(String::as_str).collect();
    for shipped in Profile::shipped_names() {
        names.push(shipped);
    }
    let message = format!("there is no signing profile {}", literal(name));
    let mut diagnostic = Diagnostic::error(Code::UnknownProfile, message);
    let meant = did_you_mean(name, names.iter().copied());
    if let Some(place) = suite.locations.nearest(owner, pointer) {
        let label = meant.map_or_else(String::new, |meant| format!("did you mean `{meant}`?"));
        diagnostic = diagnostic.at(place.value, label);
    }
    let names = names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
    Some(diagnostic.help(format!("there are {names}; `signing_profiles` in `requests/suite.yaml` adds more")))
}
