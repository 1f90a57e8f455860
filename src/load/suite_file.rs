//! `requests/suite.yaml` → [`SuiteFile`].

use indexmap::IndexMap;

use super::connecting::connecting;
use super::contract::contract;
use super::cookies::{self, cookies, redirects};
use super::duration::duration;
use super::expect::expect;
use super::headers::headers;
use super::needs;
use super::profile;
use super::reader::{Fields, Reader, Shape};
use super::request;
use super::retry::retry;
use super::run_profile::run_profiles;
use super::snapshot::snapshot;
use super::values::{pairs, variables};
use super::yaml::Node;
use crate::diag::{Code, Diagnostic, literal};
use crate::sign::Profile;
use crate::spec::{Defaults, SuiteFile};

const SUITE: Shape = Shape {
    what: "`suite.yaml`",
    keys: &[
        "environment",
        "variables",
        "defaults",
        "concurrency",
        "contract",
        "profiles",
        "signing_profiles",
    ],
};
const DEFAULTS: Shape = Shape {
    what: "`defaults`",
    keys: &[
        "token",
        "tags",
        "query",
        "headers",
        "cookies",
        "sign",
        "timeout",
        "connect_timeout",
        "http_version",
        "proxy",
        "redirects",
        "retry",
        "expect",
        "snapshot",
    ],
};

/// Reads the suite file.
pub(super) fn suite_file(reader: &mut Reader, node: &Node) -> Option<SuiteFile> {
    let fields = reader.fields(node, &SUITE)?;
    Some(SuiteFile {
        environment: fields.get("environment").and_then(|node| reader.fixed(node, "`environment`")),
        variables: fields
            .get("variables")
            .map(|node| variables(reader, node, "`variables`"))
            .unwrap_or_default(),
        defaults: fields.get("defaults").and_then(|node| defaults(reader, node)).unwrap_or_default(),
        concurrency: fields.get("concurrency").map(|node| concurrency(reader, node)).unwrap_or_default(),
        contract: fields.get("contract").map(|node| contract(reader, node)).unwrap_or_default(),
        profiles: fields.get("profiles").map(|node| run_profiles(reader, node)).unwrap_or_default(),
        signing_profiles: fields
            .get("signing_profiles")
            .map(|node| profiles(reader, node))
            .unwrap_or_default(),
    })
}

fn defaults(reader: &mut Reader, node: &Node) -> Option<Defaults> {
    let fields = reader.fields(node, &DEFAULTS)?;
    check_of_requests(reader, &fields);
    let headers = fields.get("headers").map(|node| headers(reader, node, "`headers`")).unwrap_or_default();
    cookies::check_header(reader, &fields, &headers);
    Some(Defaults {
        headers,
        timeout: fields.get("timeout").and_then(|node| duration(reader, node, "`timeout`")),
        redirects: fields.get("redirects").and_then(|node| redirects(reader, node)),
        retry: fields.get("retry").and_then(|node| retry(reader, node)),
        connecting: connecting(reader, &fields),
        snapshot: fields.get("snapshot").map(|node| snapshot(reader, node).of_suite()),
    })
}

/// Tags, and how many requests with each may be on their way at once.
fn concurrency(reader: &mut Reader, node: &Node) -> IndexMap<String, usize> {
    let mut bounds = IndexMap::new();
    for entry in reader.map(node, "`concurrency`", "write `TAG: 1`").unwrap_or_default() {
        match entry.value.as_whole().filter(|bound| *bound > 0) {
            Some(bound) => drop(bounds.insert(entry.key.text.clone(), bound)),
            None => reader.wrong(&entry.value, "the bound of a tag", "a number from 1", ""),
        }
    }
    bounds
}

/// Tells what is wrong with the defaults that are put into each request (see `defaults`): once, and
/// not with each of them.
fn check_of_requests(reader: &mut Reader, fields: &Fields<'_>) {
    if let Some(node) = fields.get("token") {
        needs::token(reader, node);
    }
    if let Some(node) = fields.get("tags") {
        reader.texts(node, "`tags`");
    }
    if let Some(node) = fields.get("query")
        && reader.map(node, "`query`", "write `name: value`").is_some()
    {
        pairs(reader, node, "`query`");
    }
    if let Some(node) = fields.get("cookies") {
        cookies(reader, node);
    }
    if let Some(node) = fields.get("sign") {
        request::sign(reader, node);
    }
    if let Some(node) = fields.get("expect") {
        expect(reader, node);
    }
}

fn profiles(reader: &mut Reader, node: &Node) -> IndexMap<String, Profile> {
    let mut profiles = IndexMap::new();
    for entry in reader.map(node, "`signing_profiles`", "").unwrap_or_default() {
        let name = &entry.key.text;
        if Profile::shipped(name).is_some() {
            let message = format!("{} is the name of a shipped profile", literal(name));
            reader.problems.push(
                Diagnostic::error(Code::DuplicateName, message)
                    .at(entry.key.span, "it would mean two things")
                    .help("give yours another name"),
            );
        } else if let Some(profile) = profile::inline(reader, &entry.value, name) {
            profiles.insert(name.clone(), profile);
        }
    }
    profiles
}
