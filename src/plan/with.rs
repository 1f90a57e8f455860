//! What the variables depend on that a request sets for one that it needs.
//!
//! Steps are shared by meaning and not by name: two requests that ask for a token of the same
//! scope get one, and a request whose rows ask for two scopes gets two. The values themselves are
//! not known yet, so their meaning is told by everything that they are made of.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

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
    let mut parts = BTreeMap::new();
    let mut waiting = mentions(values);
    while let Some(name) = waiting.pop() {
        if parts.contains_key(&name) {
            continue;
        }
        let (meaning, further) = definition(reading, asker, &name, needs);
        parts.insert(name, meaning);
        waiting.extend(further);
    }
    let written = serde_json::to_string(values).unwrap_or_default();
    let meaning = format!("{written} {parts:?}");
    Some(Arc::new(With { values: values.clone(), asker: asker.clone(), pointer, meaning }))
}

/// What a name means to the request that writes it, as far as requests differ in it, and the names
/// that this mentions.
fn definition(reading: &Reading<'_>, asker: &Node, name: &str, needs: &[Need]) -> (String, Vec<String>) {
    let request = reading.request(asker);
    if let Some(need) = needs.iter().find(|need| need.called == name) {
        let with = need.with.as_ref().map_or("", |with| &with.meaning);
        return (format!("need {} {with}", need.request), Vec::new());
    }
    if let Some(with) = asker.with.as_ref().filter(|with| with.values.contains_key(name)) {
        return (format!("with {}", with.meaning), Vec::new());
    }
    if let Some(value) = request.row(asker.case).and_then(|row| row.values.get(name)) {
        let written = request.cases.as_ref().is_some_and(spec::Cases::are_written);
        let further = if written { in_value(name, value) } else { Vec::new() };
        return (format!("case {value}"), further);
    }
    if let Some(value) = request.variables.get(name) {
        return (format!("variable {value}"), in_value(name, value));
    }
    let shared = reading.shared_variable(&asker.environment, name);
    (String::new(), shared.map(|value| in_value(name, value)).unwrap_or_default())
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
