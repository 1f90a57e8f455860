//! `shape`: JSON by the types of its values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Number, Value};

use super::masking::canonical;
use crate::diag::pointer::{item, join};

/// The value with its types in place of its values: of a list each form that its elements have,
/// once, sorted. What was masked, by its pointer, keeps its text.
pub(super) fn shape(value: &Value, masked: &BTreeSet<String>) -> Value {
    below("", value, masked)
}

fn below(pointer: &str, value: &Value, masked: &BTreeSet<String>) -> Value {
    let name = match value {
        Value::Null => return Value::Null,
        Value::String(text) if masked.contains(pointer) => text.as_str(),
        Value::String(_) => "string",
        Value::Bool(_) => "boolean",
        Value::Number(number) => kind(number),
        Value::Array(list) => {
            let elements = list.iter().enumerate();
            let shapes = elements.map(|(place, element)| below(&item(pointer, place), element, masked));
            let distinct: BTreeMap<String, Value> = shapes.map(|shape| (canonical(&shape), shape)).collect();
            return Value::Array(distinct.into_values().collect());
        }
        Value::Object(map) => {
            let entries = map.iter();
            let entries =
                entries.map(|(key, value)| (key.clone(), below(&join(pointer, key), value, masked)));
            return Value::Object(entries.collect());
        }
    };
    Value::String(name.to_owned())
}

/// By its spelling, not its value: an amount that is `10.00` today and `10.50` tomorrow is of one
/// type.
fn kind(number: &Number) -> &'static str {
    if number.as_str().contains(['.', 'e', 'E']) { "number" } else { "integer" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape_of(text: &str, masked: &[&str]) -> String {
        let value: Value = serde_json::from_str(text).unwrap();
        shape(&value, &masked.iter().map(|pointer| (*pointer).to_owned()).collect()).to_string()
    }

    #[test]
    fn values_give_way_to_their_types() {
        let table = [
            (
                r#"{"a":"x","b":1,"c":10.00,"d":true,"e":null,"f":1e3}"#,
                r#"{"a":"string","b":"integer","c":"number","d":"boolean","e":null,"f":"number"}"#,
            ),
            ("[]", "[]"),
            ("{}", "{}"),
            ("[[1,2],[],[3]]", r#"[["integer"],[]]"#),
            ("-0", "\"integer\""),
        ];
        for (text, expected) in table {
            assert_eq!(shape_of(text, &[]), expected, "{text}");
        }
    }

    #[test]
    fn a_list_shows_each_form_once_whatever_order_its_elements_come_in() {
        let one = shape_of(r#"[{"id":1,"note":"x"},{"id":2},{"note":"y","id":3}]"#, &[]);
        let other = shape_of(r#"[{"id":7},{"note":"z","id":3}]"#, &[]);
        let sorted = |text: &str| canonical(&serde_json::from_str(text).unwrap());
        assert_eq!(sorted(&one), r#"[{"id":"integer","note":"string"},{"id":"integer"}]"#);
        assert_eq!(sorted(&one), sorted(&other));
    }

    #[test]
    fn what_was_masked_keeps_its_text() {
        let text = r#"{"a/b~c":"[id]","items":[{"id":"[id]"},{"id":"x"}]}"#;
        let shown = shape_of(text, &["/a~1b~0c", "/items/0/id"]);
        assert_eq!(shown, r#"{"a/b~c":"[id]","items":[{"id":"[id]"},{"id":"string"}]}"#);
    }
}
