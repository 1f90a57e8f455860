//! What a block of YAML is an example of.
//!
//! Its first line says it, or its keys do: the published schemas tell which keys belong where, so
//! that a new key of the format is known here without a change.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_yaml::Value;

use super::page::Block;
use crate::support::Project;

/// Where an example stands in a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A file of the page's suite, which its first line or the comment above it names.
    File(String),
    /// A request, or some keys of one.
    Request,
    /// An environment, or some keys of one.
    Environment,
    /// Keys of `requests/suite.yaml`.
    Suite,
    /// A signing profile.
    Profile,
    /// Not for countersign; the reason why.
    Other(String),
}

impl Kind {
    /// What `block` is. An error says what its writer can do.
    pub fn of(block: &Block) -> Result<Self, String> {
        if let Some(path) = named(block) {
            return Ok(Self::File(path));
        }
        let documents: Vec<Value> = serde_yaml::Deserializer::from_str(&block.text)
            .map(|document| Value::deserialize(document).map_err(|error| format!("not YAML: {error}")))
            .collect::<Result<_, _>>()?;
        if let Some(reason) = block.comment.strip_prefix("not a suite:") {
            return Ok(Self::Other(reason.trim().to_owned()));
        }
        let keys: Option<BTreeSet<String>> = documents.iter().try_fold(BTreeSet::new(), |mut keys, value| {
            keys.extend(value.as_mapping()?.keys().map(|key| key.as_str().unwrap_or_default().to_owned()));
            Some(keys)
        });
        keys.and_then(|keys| by_keys(&keys)).ok_or_else(|| {
            "these are not the keys of one request, environment, suite file or profile. \
             Begin it with `# requests/NAME.yaml`, `# requests/environments/NAME.yaml` or `# requests/suite.yaml`, \
             or write `<!-- not a suite: WHAT IT IS -->` above it"
                .to_owned()
        })
    }
}

fn by_keys(keys: &BTreeSet<String>) -> Option<Kind> {
    let of = |what: &str| keys.iter().all(|key| schema(what).contains(key));
    if keys.contains("host") {
        return Some(Kind::Environment);
    }
    if keys.contains("method") || keys.contains("endpoint") || of("request") {
        return Some(Kind::Request);
    }
    let kinds = [("environment", Kind::Environment), ("suite", Kind::Suite), ("profile", Kind::Profile)];
    kinds.into_iter().find(|(what, _)| of(what)).map(|(_, kind)| kind)
}

/// The path that the first line of the block, or the comment above it, gives.
pub fn named(block: &Block) -> Option<String> {
    let above = block.comment.strip_prefix("file:").map(str::trim);
    let first = || block.text.lines().next()?.strip_prefix("# ");
    let path = above.or_else(|| first().filter(|path| path.starts_with("requests/")))?;
    let path = path.split_whitespace().next()?;
    std::path::Path::new(path).extension().is_some().then(|| path.to_owned())
}

/// The keys that the binary's own schema lists.
fn schema(what: &str) -> &'static BTreeSet<String> {
    const KINDS: [&str; 4] = ["request", "environment", "suite", "profile"];
    static SCHEMAS: OnceLock<[BTreeSet<String>; 4]> = OnceLock::new();
    let schemas = SCHEMAS.get_or_init(|| {
        KINDS.map(|kind| {
            let said = Project::empty().run(&["schema", kind]);
            said.ends_with(0);
            let schema: serde_json::Value = serde_json::from_str(&said.out).unwrap();
            schema["properties"].as_object().expect("it lists keys").keys().cloned().collect()
        })
    });
    &schemas[KINDS.iter().position(|kind| *kind == what).expect("one of these")]
}
