//! What the variables depend on that a request sets for one that it needs.
//!
//! Steps are shared by meaning and not by name: two requests that ask for a token of the same
//! scope get one, and a request whose rows ask for two scopes gets two. The values themselves are
//! not known yet, so their meaning is told by everything that they are made of.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use data_encoding::HEXLOWER;
use indexmap::IndexMap;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::needs::Need;
use super::node::{Node, With};
use super::reading::Reading;
use crate::spec;
use crate::template::Mention;

/// The variables that `asker` sets at `pointer`, where it needs what is in `needs`; nothing when it sets none.
pub(super) fn with(
    reading: &Reading<'_>,
    (asker, pointer): (&Node, String),
    values: &IndexMap<String, Value>,
    needs: &[Need],
) -> Option<Arc<With>> {
    if values.is_empty() {
        return None;
    }
    let reached = reached(reading, asker, values, needs);
    let written = serde_json::to_string(values).unwrap_or_default();
    let parts: BTreeMap<&String, &str> = reached.iter().map(|(name, part)| (name, part.meaning())).collect();
    let requests = reached.iter().filter(|(_, part)| matches!(part, Part::Request(_)));
    let requests = requests.map(|(name, _)| name.clone()).collect();
    let meaning = HEXLOWER.encode(&Sha256::digest(format!("{written} {parts:?}")));
    Some(Arc::new(With { values: values.clone(), asker: asker.clone(), pointer, requests, meaning }))
}

/// Whether the values take something of the need that is called so.
pub(super) fn reaches(
    reading: &Reading<'_>,
    asker: &Node,
    values: &IndexMap<String, Value>,
    called: &str,
) -> bool {
    matches!(reached(reading, asker, values, &[]).get(called), Some(Part::Request(_) | Part::Unknown))
}

/// What a name stands for to the request that writes it, as far as requests differ in it.
enum Part {
    /// What a request leaves behind.
    Request(String),
    /// What the request itself says.
    Own(String),
    /// The same for every request of the environment.
    Shared,
    /// Nothing that is known here.
    Unknown,
}

impl Part {
    fn meaning(&self) -> &str {
        match self {
            Self::Request(meaning) | Self::Own(meaning) => meaning,
            Self::Shared | Self::Unknown => "",
        }
    }
}

/// Every name that the values depend on, at any distance.
fn reached(
    reading: &Reading<'_>,
    asker: &Node,
    values: &IndexMap<String, Value>,
    needs: &[Need],
) -> BTreeMap<String, Part> {
    let mut parts = BTreeMap::new();
    let mut waiting = mentions(values);
    while let Some(name) = waiting.pop() {
        if let Entry::Vacant(place) = parts.entry(name) {
            let (part, further) = definition(reading, asker, place.key(), needs);
            place.insert(part);
            waiting.extend(further);
        }
    }
    parts
}

/// What a name stands for, and the names that this mentions.
fn definition(reading: &Reading<'_>, asker: &Node, name: &str, needs: &[Need]) -> (Part, Vec<String>) {
    let request = reading.request(asker);
    if let Some(need) = needs.iter().find(|need| need.called == name) {
        let with = need.with.as_ref().map_or("", |with| &with.meaning);
        return (Part::Request(format!("need {} {with}", need.request)), Vec::new());
    }
    if let Some(with) = asker.with.as_ref().filter(|with| with.values.contains_key(name)) {
        return (Part::Own(format!("with {}", with.meaning)), Vec::new());
    }
    if let Some(value) = request.row(asker.case).and_then(|row| row.values.get(name)) {
        let written = request.cases.as_ref().is_some_and(spec::Cases::are_written);
        let further = if written { in_value(name, value) } else { Vec::new() };
        return (Part::Own(format!("case {value}")), further);
    }
    if let Some(value) = request.variables.get(name) {
        return (Part::Own(format!("variable {value}")), in_value(name, value));
    }
    if let Some(value) = reading.shared_variable(&asker.environment, name) {
        return (Part::Shared, in_value(name, value));
    }
    if reading.suite.requests.contains_key(name) && !reading.is_variable(asker, name) {
        return (Part::Request(format!("need {name}")), Vec::new());
    }
    (Part::Unknown, Vec::new())
}

fn in_value(name: &str, value: &Value) -> Vec<String> {
    mentions(&IndexMap::from([(name.to_owned(), value.clone())]))
}

fn mentions(values: &IndexMap<String, Value>) -> Vec<String> {
    spec::mentions_of_variables(values).into_iter().map(|(_, mention)| named(&mention)).collect()
}

/// The request or variable that is meant.
fn named(mention: &Mention) -> String {
    match mention.path.first() {
        Some(request) if mention.name == "requests" => request.clone(),
        _ => mention.name.clone(),
    }
}
