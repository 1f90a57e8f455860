//! A schema of a document → a schema of JSON Schema 2020-12 for one way of messages.

use serde_json::{Map, Value, json};

use super::at::At;
use super::walk::{NAMED, ONE, SEVERAL};
use super::{Version, Way};

/// What is asked of a translation.
#[derive(Clone, Copy)]
pub(super) struct Dialect<'d> {
    pub(super) document: &'d Value,
    pub(super) version: Version,
    pub(super) way: Way,
}

impl Dialect<'_> {
    /// Translates a schema with all that stands in it.
    pub(super) fn translated(self, schema: Value) -> Value {
        let Value::Object(mut schema) = schema else { return schema };
        if self.version == Version::V3_0 {
            if let Some(reference) = schema.remove("$ref") {
                // OpenAPI 3.0.4, section 4.7.23.2: whatever stands beside it is ignored.
                return json!({ "$ref": reference });
            }
            bounds(&mut schema);
        }
        self.hide(&mut schema);
        self.parts(&mut schema);
        if self.version == Version::V3_0 { nullable(schema) } else { Value::Object(schema) }
    }

    fn parts(self, schema: &mut Map<String, Value>) {
        for (key, value) in schema.iter_mut() {
            match (key.as_str(), value) {
                (key, value @ Value::Object(_)) if ONE.contains(&key) => {
                    *value = self.translated(value.take());
                }
                (key, Value::Array(list)) if SEVERAL.contains(&key) => {
                    for value in list {
                        *value = self.translated(value.take());
                    }
                }
                (key, Value::Object(map)) if NAMED.contains(&key) => {
                    for value in map.values_mut() {
                        *value = self.translated(value.take());
                    }
                }
                _ => {}
            }
        }
    }

    /// Forbids the properties that do not go this way, and requires none of them.
    fn hide(self, schema: &mut Map<String, Value>) {
        let other = match self.way {
            Way::Request => "readOnly",
            Way::Answer => "writeOnly",
        };
        let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
        let mut hidden = Vec::new();
        for (name, property) in properties.iter() {
            let at = At { document: self.document, pointer: String::new(), value: property };
            if at.is(other) || at.resolved().is(other) {
                hidden.push(name.clone());
            }
        }
        for name in &hidden {
            properties.insert(name.clone(), Value::Bool(false));
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.retain(|name| !hidden.iter().any(|hidden| name == hidden));
        }
    }
}

/// `exclusiveMinimum: true` beside `minimum: 5` is `exclusiveMinimum: 5`.
fn bounds(schema: &mut Map<String, Value>) {
    for (exclusive, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        match schema.get(exclusive) {
            Some(Value::Bool(true)) => {
                schema.remove(exclusive);
                if let Some(number) = schema.remove(bound) {
                    schema.insert(exclusive.to_owned(), number);
                }
            }
            Some(Value::Bool(false)) => {
                schema.remove(exclusive);
            }
            _ => {}
        }
    }
}

/// `nullable: true` lets `null` pass. The specification lets it do so only beside `type`, and where
/// `enum` has `null` too; documents that say `nullable` mean it everywhere.
fn nullable(mut schema: Map<String, Value>) -> Value {
    if schema.remove("nullable") != Some(Value::Bool(true)) {
        return Value::Object(schema);
    }
    let combines = ["allOf", "anyOf", "oneOf", "not"].iter().any(|key| schema.contains_key(*key));
    if combines {
        return json!({"anyOf": [schema, {"type": "null"}]});
    }
    if let Some(Value::String(kind)) = schema.get("type") {
        let both = json!([kind, "null"]);
        schema.insert("type".to_owned(), both);
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    Value::Object(schema)
}
