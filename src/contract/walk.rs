//! Where schemas and references stand in a document. Examples and defaults are data, and may look
//! like anything.

use serde_json::Value;

use crate::diag::pointer::{item, join};

/// Keywords whose value is a schema.
pub(super) const ONE: &[&str] = &[
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
    "contentSchema",
];
/// Keywords whose value is a list of schemas.
pub(super) const SEVERAL: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value is a map of schemas.
pub(super) const NAMED: &[&str] =
    &["properties", "patternProperties", "$defs", "definitions", "dependentSchemas"];

/// Keys whose value is data.
const DATA: &[&str] = &["example", "examples", "default", "enum", "const", "x-examples"];
/// Keys below which the keys are names.
const NAMES: &[&str] = &[
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
    "schemas",
    "responses",
    "parameters",
    "requestBodies",
    "headers",
    "content",
    "callbacks",
    "paths",
    "links",
];

/// The pointers of the schemas that stand in no other schema.
pub(super) fn schema_roots(document: &Value) -> Vec<String> {
    let mut roots = Vec::new();
    let shared = document.pointer("/components/schemas").and_then(Value::as_object);
    roots.extend(shared.into_iter().flatten().map(|(name, _)| join("/components/schemas", name)));
    for (key, value) in document.as_object().into_iter().flatten() {
        match key.as_str() {
            "components" => {
                let parts = value.as_object().into_iter().flatten().filter(|(part, _)| *part != "schemas");
                for (part, value) in parts {
                    below(&join("/components", part), value, true, &mut roots);
                }
            }
            _ => below(&join("", key), value, NAMES.contains(&key.as_str()), &mut roots),
        }
    }
    roots
}

/// `named`: whether the keys of this map are names.
fn below(pointer: &str, value: &Value, named: bool, roots: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                let at = join(pointer, key);
                if !named && key == "schema" {
                    roots.push(at);
                } else if named || !is_data(key) {
                    below(&at, value, !named && NAMES.contains(&key.as_str()), roots);
                }
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                below(&item(pointer, index), value, false, roots);
            }
        }
        _ => {}
    }
}

/// Every reference of a document: where it stands, and what it says.
pub(super) fn references(document: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    within("", document, false, &mut found);
    found
}

fn within(pointer: &str, value: &Value, named: bool, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                match value {
                    Value::String(reference) if !named && key == "$ref" => {
                        found.push((join(pointer, key), reference.clone()));
                    }
                    _ if !named && is_data(key) => {}
                    _ => {
                        let names = !named && NAMES.contains(&key.as_str());
                        within(&join(pointer, key), value, names, found);
                    }
                }
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                within(&item(pointer, index), value, false, found);
            }
        }
        _ => {}
    }
}

fn is_data(key: &str) -> bool {
    DATA.contains(&key) || key.starts_with("x-")
}
