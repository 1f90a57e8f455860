//! `profiles` of `suite.yaml`: options of a run that have a name.

use indexmap::IndexMap;

use super::duration::parse;
use super::reader::{Reader, Shape};
use super::yaml::Node;
use crate::spec::{Flaky, RunProfile};

const PROFILE: Shape = Shape {
    what: "a profile",
    keys: &["jobs", "fail_fast", "retries", "flaky", "slow", "deadline", "reports"],
};

/// Reads `profiles`.
pub(super) fn run_profiles(reader: &mut Reader, node: &Node) -> IndexMap<String, RunProfile> {
    let mut profiles = IndexMap::new();
    for entry in reader.map(node, "`profiles`", "write `ci: {retries: 2}`").unwrap_or_default() {
        if let Some(profile) = profile(reader, &entry.value) {
            profiles.insert(entry.key.text.clone(), profile);
        }
    }
    profiles
}

fn profile(reader: &mut Reader, node: &Node) -> Option<RunProfile> {
    let fields = reader.fields(node, &PROFILE)?;
    let number = |reader: &mut Reader, key: &str, least: usize| {
        let node = fields.get(key)?;
        let found = node.as_whole().filter(|number| *number >= least);
        if found.is_none() {
            reader.wrong(node, &format!("`{key}`"), &format!("a number from {least}"), "");
        }
        found
    };
    let long = |reader: &mut Reader, key: &str| {
        let node = fields.get(key)?;
        let found = node.as_text().and_then(parse).filter(|duration| !duration.is_zero());
        if found.is_none() {
            reader.wrong(node, &format!("`{key}`"), "a duration like `90s` or `10m`", "");
        }
        found
    };
    Some(RunProfile {
        jobs: number(reader, "jobs", 1),
        retries: number(reader, "retries", 0),
        fail_fast: fields
            .get("fail_fast")
            .and_then(|node| reader.boolean(node, "`fail_fast`"))
            .unwrap_or_default(),
        flaky: fields.get("flaky").and_then(|node| flaky(reader, node)),
        slow: long(reader, "slow"),
        deadline: long(reader, "deadline"),
        reports: fields.get("reports").map(|node| reader.texts(node, "`reports`")).unwrap_or_default(),
    })
}

fn flaky(reader: &mut Reader, node: &Node) -> Option<Flaky> {
    match node.as_text() {
        Some("pass") => Some(Flaky::Pass),
        Some("fail") => Some(Flaky::Fail),
        _ => {
            reader.wrong(node, "`flaky`", "`pass` or `fail`", "");
            None
        }
    }
}
