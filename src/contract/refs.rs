//! What the references of a document lead to: another place in it, and nothing else.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Mistake;
use super::at::local;
use super::walk::{references, schema_roots};
use crate::diag::pointer::{item, join};

/// Everything that is wrong with the references of a document.
pub(super) fn check(document: &Value) -> Vec<Mistake> {
    let named = names(document);
    let mut mistakes: Vec<Mistake> = references(document)
        .into_iter()
        .filter(|(_, reference)| !named.iter().any(|name| name == reference))
        .filter_map(|(pointer, reference)| leads_nowhere(document, pointer, &reference))
        .collect();
    if mistakes.is_empty() {
        mistakes.extend(circles(document));
    }
    if mistakes.is_empty() {
        let chains = references(document).into_iter();
        mistakes.extend(chains.filter_map(|(pointer, reference)| is_endless(document, pointer, &reference)));
    }
    mistakes
}

fn leads_nowhere(document: &Value, pointer: String, reference: &str) -> Option<Mistake> {
    let shown = crate::diag::literal(reference);
    if reference.contains("://") {
        let help = "put a copy of it into this document: nothing is fetched";
        return Some(Mistake::new(pointer, format!("{shown} is on the network")).help(help));
    }
    if !reference.starts_with('#') {
        let help = "join the files into one: `npx @redocly/cli bundle openapi.yaml -o bundled.yaml`";
        return Some(Mistake::new(pointer, format!("{shown} is another file, which is not read")).help(help));
    }
    if local(document, reference).is_some() {
        return None;
    }
    Some(Mistake::new(pointer, format!("{shown} refers to what is not there")))
}

/// References that only lead to each other.
fn is_endless(document: &Value, pointer: String, reference: &str) -> Option<Mistake> {
    let mut seen: Vec<String> = Vec::new();
    let mut reference = reference;
    while let Some((target, value)) = local(document, reference) {
        if seen.contains(&target) {
            return Some(Mistake::new(pointer, "this reference leads back to itself".to_owned()));
        }
        seen.push(target);
        reference = value.get("$ref").and_then(Value::as_str)?;
    }
    None
}

/// The names that schemas of OpenAPI 3.1 give themselves.
fn names(document: &Value) -> Vec<String> {
    let mut names = Vec::new();
    gather(document, &mut names);
    names
}

fn gather(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match (key.as_str(), value) {
                    ("$anchor" | "$dynamicAnchor", Value::String(name)) => names.push(format!("#{name}")),
                    ("$id", Value::String(name)) => names.push(name.clone()),
                    _ => gather(value, names),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, names)),
        _ => {}
    }
}

/// Schemas that ask of a value that it satisfies themselves: no value could be judged.
fn circles(document: &Value) -> Vec<Mistake> {
    let mut search = Search { document, known: BTreeMap::new(), mistakes: Vec::new() };
    for root in schema_roots(document) {
        search.visit(root, 0);
    }
    search.mistakes
}

struct Search<'d> {
    document: &'d Value,
    /// Whether all below a schema has been seen.
    known: BTreeMap<String, bool>,
    mistakes: Vec<Mistake>,
}

/// Longest chain of schemas of one value.
const DEPTH: usize = 256;

impl Search<'_> {
    fn visit(&mut self, pointer: String, depth: usize) {
        match self.known.get(&pointer) {
            Some(true) => return,
            None if depth < DEPTH => {}
            Some(false) | None => {
                let message = "this schema leads back to itself, and no value could satisfy it";
                self.mistakes.push(Mistake::new(pointer, message));
                return;
            }
        }
        self.known.insert(pointer.clone(), false);
        for next in self.same_value(&pointer) {
            self.visit(next, depth + 1);
        }
        self.known.insert(pointer, true);
    }

    /// The schemas that judge the same value as this one.
    fn same_value(&self, pointer: &str) -> Vec<String> {
        let Some(schema) = self.document.pointer(pointer) else { return Vec::new() };
        let mut next = Vec::new();
        let reference = schema.get("$ref").and_then(Value::as_str);
        next.extend(
            reference.and_then(|reference| local(self.document, reference)).map(|(pointer, _)| pointer),
        );
        for key in ["allOf", "anyOf", "oneOf"] {
            let items = schema.get(key).and_then(Value::as_array).map_or(0, Vec::len);
            next.extend((0..items).map(|index| item(&join(pointer, key), index)));
        }
        for key in ["not", "if", "then", "else"] {
            next.extend(schema.get(key).map(|_| join(pointer, key)));
        }
        next
    }
}
