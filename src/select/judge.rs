//! Whether a value is as wanted, and how that is said.

use std::cmp::Ordering;

use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};

use super::format::format;
use super::measure::{compared, moment, near};
use super::{Matcher, Operator, Test};
use crate::json::{equal, excerpt, is_integer, phrase};
use crate::pattern;
use crate::secret::Redactor;

impl Matcher {
    /// In words: `type string and starts_with "NL"`.
    fn wanted(&self, redactor: &Redactor) -> String {
        self.0.iter().map(|test| test.wanted(redactor)).collect::<Vec<_>>().join(" and ")
    }

    /// Whether every test holds for what was found.
    pub fn holds(&self, found: Option<&Value>) -> bool {
        self.0.iter().all(|test| test.holds(found))
    }
}

impl Test {
    /// Whether it holds for what was found. An operand that can't be used never holds.
    pub fn holds(&self, found: Option<&Value>) -> bool {
        let Some(value) = found else { return self.holds_for_nothing() };
        match self.operator {
            Operator::Not => !Matcher::read(&self.operand).holds(found),
            Operator::Includes => includes(value, &self.operand),
            Operator::Unordered => unordered(value, &self.operand),
            Operator::In => self.elements().iter().any(|element| equal(value, element)),
            Operator::Length => {
                length(value).is_some_and(|length| Matcher::read(&self.operand).holds(Some(&length)))
            }
            Operator::Each => self.on_list(value, |list, each| list.iter().all(|it| each.holds(Some(it)))),
            Operator::Any => self.on_list(value, |list, any| list.iter().any(|it| any.holds(Some(it)))),
            Operator::Above => compared(value, &self.operand) == Some(Ordering::Greater),
            Operator::AtLeast => compared(value, &self.operand).is_some_and(Ordering::is_ge),
            Operator::Below => compared(value, &self.operand) == Some(Ordering::Less),
            Operator::AtMost => compared(value, &self.operand).is_some_and(Ordering::is_le),
            Operator::Near => near(value, &self.operand["value"], &self.operand["by"]),
            Operator::StartsWith => self.on_text(value, |text, start| text.starts_with(start)),
            Operator::EndsWith => self.on_text(value, |text, end| text.ends_with(end)),
            Operator::Before => self.on_text(value, |text, other| dated(text, other, Ordering::is_lt)),
            Operator::After => self.on_text(value, |text, other| dated(text, other, Ordering::is_gt)),
            Operator::Sha256 => self.on_text(value, |text, digest| sha256(text).eq_ignore_ascii_case(digest)),
            Operator::Equals => equal(value, &self.operand),
            Operator::Contains => contains(value, &self.operand),
            Operator::Exists => self.operand == Value::Bool(true),
            Operator::Matches => self.on_text(value, |text, operand| {
                pattern::parse(operand).is_ok_and(|pattern| pattern.is_match(text))
            }),
            Operator::Format => self
                .on_text(value, |text, operand| format(operand).is_some_and(|format| (format.holds)(text))),
            Operator::Type => self.operand.as_str().is_some_and(|name| is_of_type(value, name)),
        }
    }

    /// Nothing is nothing in particular, so only what denies holds.
    fn holds_for_nothing(&self) -> bool {
        match self.operator {
            Operator::Exists => self.operand == Value::Bool(false),
            Operator::Not => !Matcher::read(&self.operand).holds(None),
            _ => false,
        }
    }

    fn elements(&self) -> &[Value] {
        self.operand.as_array().map(Vec::as_slice).unwrap_or_default()
    }

    fn on_list(&self, value: &Value, holds: fn(&[Value], &Matcher) -> bool) -> bool {
        value.as_array().is_some_and(|list| holds(list, &Matcher::read(&self.operand)))
    }

    /// The first element that is not what each must be: its place and what it is.
    pub fn culprit<'v>(&self, found: Option<&'v Value>) -> Option<(usize, &'v Value)> {
        let list = found?.as_array().filter(|_| self.operator == Operator::Each)?;
        let each = Matcher::read(&self.operand);
        list.iter().enumerate().find(|(_, element)| !each.holds(Some(element)))
    }

    fn on_text(&self, value: &Value, holds: fn(&str, &str) -> bool) -> bool {
        value.as_str().zip(self.operand.as_str()).is_some_and(|(text, operand)| holds(text, operand))
    }

    /// What is wanted, in words: `equals "Welcome to ING!"`.
    pub fn wanted(&self, redactor: &Redactor) -> String {
        let unusable = self.validate().err().map(|error| format!(" ({error})")).unwrap_or_default();
        let wanted = match (self.operator, &self.operand) {
            (Operator::Exists, Value::Bool(true)) => "something".to_owned(),
            (Operator::Exists, Value::Bool(false)) => "nothing".to_owned(),
            (Operator::Type | Operator::Format, Value::String(name)) => {
                format!("{} {}", self.operator.name(), excerpt(name.as_bytes(), redactor))
            }
            (Operator::Matches, Value::String(pattern)) => {
                format!("matches `{}`", excerpt(pattern.as_bytes(), redactor))
            }
            (operator, operand) if operator.is_nested() => {
                format!("{} {}", operator.name(), Matcher::read(operand).wanted(redactor))
            }
            (Operator::Near, Value::Object(near)) => {
                let said = |key: &str| near.get(key).map(|value| phrase(value, redactor)).unwrap_or_default();
                format!("near {}, by at most {}", said("value"), said("by"))
            }
            (operator, operand) => format!("{} {}", operator.name(), phrase(operand, redactor)),
        };
        format!("{wanted}{unusable}")
    }
}

/// What was found, in words: `"Welcome!"`, or `nothing`.
pub fn got(found: Option<&Value>, redactor: &Redactor) -> String {
    found.map_or_else(|| "nothing".to_owned(), |value| phrase(value, redactor))
}

fn contains(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::Array(list), part) => list.iter().any(|element| equal(element, part)),
        (Value::Object(map), Value::String(key)) => map.contains_key(key),
        _ => false,
    }
}

/// Whether JSON has everything that `part` has: each of its keys, each of its elements somewhere.
fn includes(value: &Value, part: &Value) -> bool {
    match (value, part) {
        (Value::Object(map), Value::Object(part)) => {
            part.iter().all(|(key, part)| map.get(key).is_some_and(|value| includes(value, part)))
        }
        (Value::Array(list), Value::Array(part)) => {
            part.iter().all(|part| list.iter().any(|element| includes(element, part)))
        }
        _ => equal(value, part),
    }
}

/// Whether two lists have equal elements, each as often.
fn unordered(value: &Value, wanted: &Value) -> bool {
    let (Value::Array(list), Value::Array(wanted)) = (value, wanted) else { return false };
    let mut left: Vec<&Value> = list.iter().collect();
    let all = wanted.iter().all(|wanted| match left.iter().position(|element| equal(element, wanted)) {
        Some(place) => {
            left.swap_remove(place);
            true
        }
        None => false,
    });
    all && left.is_empty()
}

/// Characters of a text, elements of a list, keys of a map.
fn length(value: &Value) -> Option<Value> {
    let length = match value {
        Value::String(text) => text.chars().count(),
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        Value::Null | Value::Bool(_) | Value::Number(_) => return None,
    };
    Some(Value::Number(Number::from(length)))
}

fn dated(text: &str, other: &str, holds: fn(Ordering) -> bool) -> bool {
    moment(text).zip(moment(other)).is_some_and(|(found, other)| holds(found.cmp(&other)))
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match value {
        Value::Null => name == "null",
        Value::Bool(_) => name == "boolean",
        Value::Number(number) => name == "number" || name == "integer" && is_integer(number),
        Value::String(_) => name == "string",
        Value::Array(_) => name == "array",
        Value::Object(_) => name == "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn test(operator: &str, operand: Value) -> Test {
        Test { operator: Operator::parse(operator).unwrap(), operand }
    }

    #[test]
    fn every_operator_tells_right_from_wrong() {
        let one_and_a_half: Value = serde_json::from_str("1.50").unwrap();
        let table = [
            ("equals", json!("a"), Some(json!("a")), true),
            ("equals", json!("1"), Some(json!(1)), false),
            ("equals", json!(1.5), Some(one_and_a_half.clone()), true),
            ("equals", json!({"a": [1]}), Some(json!({"a": [1]})), true),
            ("equals", json!({"a": [1]}), Some(json!({"a": [1], "b": 2})), false),
            ("equals", Value::Null, Some(Value::Null), true),
            ("equals", Value::Null, None, false),
            ("contains", json!("ell"), Some(json!("hello")), true),
            ("contains", json!("x"), Some(json!("hello")), false),
            ("contains", json!(1), Some(json!([2, 1])), true),
            ("contains", json!([1]), Some(json!([2, 1])), false),
            ("contains", json!("k"), Some(json!({"k": null})), true),
            ("contains", json!(1), Some(json!("1")), false),
            ("contains", json!(1), None, false),
            ("matches", json!("^h.l+o$"), Some(json!("hello")), true),
            ("matches", json!("l"), Some(json!("hello")), true),
            ("matches", json!("1"), Some(json!(1)), false),
            ("matches", json!("("), Some(json!("(")), false),
            ("type", json!("integer"), Some(json!(1)), true),
            ("type", json!("integer"), Some(one_and_a_half.clone()), false),
            ("type", json!("number"), Some(one_and_a_half), true),
            ("type", json!("null"), Some(Value::Null), true),
            ("type", json!("null"), None, false),
            ("type", json!("array"), Some(json!([])), true),
            ("type", json!("object"), Some(json!([])), false),
            ("type", json!("boolean"), Some(json!(true)), true),
            ("exists", json!(true), Some(Value::Null), true),
            ("exists", json!(true), None, false),
            ("exists", json!(false), None, true),
            ("exists", json!(false), Some(json!(1)), false),
            ("format", json!("date"), Some(json!("2026-11-23")), true),
            ("format", json!("date"), Some(json!(20_261_123)), false),
            ("not", json!("a"), Some(json!("b")), true),
            ("not", json!("a"), None, true),
            ("not", json!({"contains": "a"}), Some(json!("abc")), false),
            ("not", json!({"exists": true}), None, true),
            ("includes", json!({"a": {"b": 1.0}}), Some(json!({"a": {"b": 1, "c": 2}, "d": 3})), true),
            ("includes", json!({"a": {"b": 2}}), Some(json!({"a": {"b": 1}})), false),
            ("includes", json!([{"id": 2}]), Some(json!([{"id": 1}, {"id": 2, "x": 0}])), true),
            ("includes", json!([3]), Some(json!([1, 2])), false),
            ("unordered", json!([1, 2, 2]), Some(json!([2, 1, 2])), true),
            ("unordered", json!([1, 2, 2]), Some(json!([2, 1, 1])), false),
            ("unordered", json!([1]), Some(json!([1, 1])), false),
            ("starts_with", json!("NL"), Some(json!("NL69")), true),
            ("starts_with", json!("NL"), Some(json!("DE69")), false),
            ("ends_with", json!("69"), Some(json!("NL69")), true),
            ("ends_with", json!("70"), Some(json!("NL69")), false),
            ("in", json!(["a", 1]), Some(json!(1)), true),
            ("in", json!(["a", 1]), Some(json!("1")), false),
            ("length", json!(2), Some(json!("né")), true),
            ("length", json!({"at_least": 1}), Some(json!([0])), true),
            ("length", json!({"at_least": 1}), Some(json!({})), false),
            ("length", json!(1), Some(json!(1)), false),
            ("above", json!(10), Some(json!(10)), false),
            ("above", json!(10), Some(json!(11)), true),
            ("at_least", json!(10), Some(json!(10)), true),
            ("at_least", json!(10), Some(json!(9)), false),
            ("below", json!(10), Some(json!(9)), true),
            ("below", json!(10), Some(json!(10)), false),
            ("at_most", json!(10), Some(json!(10)), true),
            ("at_most", json!(10), Some(json!("9")), false),
            ("near", json!({"value": 10, "by": 1}), Some(json!(11)), true),
            ("near", json!({"value": 10, "by": 1}), Some(json!(12)), false),
            ("each", json!({"type": "integer"}), Some(json!([1, 2])), true),
            ("each", json!({"type": "integer"}), Some(json!([1, "2"])), false),
            ("each", json!({"type": "integer"}), Some(json!([])), true),
            ("any", json!(2), Some(json!([1, 2])), true),
            ("any", json!(2), Some(json!([])), false),
            ("each", json!({"any": {"above": 1}}), Some(json!([[0, 2], [3]])), true),
            ("before", json!("2026-01-01"), Some(json!("2025-12-31T23:59:59Z")), true),
            ("before", json!("2026-01-01"), Some(json!("2026-01-01T00:00:00+00:00")), false),
            ("after", json!("2026-01-01T00:00:00+02:00"), Some(json!("2025-12-31T22:00:01Z")), true),
            ("after", json!("2026-01-01"), Some(json!("soon")), false),
            (
                "sha256",
                json!("2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824"),
                Some(json!("hello")),
                true,
            ),
            ("sha256", json!("00"), Some(json!("hello")), false),
        ];
        for (operator, operand, found, held) in table {
            let test = test(operator, operand);
            assert_eq!(test.holds(found.as_ref()), held, "{test:?} of {found:?}");
        }
    }

    #[test]
    fn a_matcher_holds_when_each_of_its_tests_does() {
        let matcher = Matcher(vec![test("type", json!("string")), test("contains", json!("a"))]);
        assert!(matcher.holds(Some(&json!("abc"))));
        assert!(!matcher.holds(Some(&json!("xyz"))));
    }

    #[test]
    fn what_was_wanted_is_said_as_a_person_would() {
        let table = [
            (test("equals", json!("Welcome to ING!")), r#"equals "Welcome to ING!""#),
            (test("exists", json!(true)), "something"),
            (test("exists", json!(false)), "nothing"),
            (test("type", json!("string")), "type string"),
            (test("format", json!("uuid")), "format uuid"),
            (test("matches", json!("^a\u{1b}")), r"matches `^a\u{1b}`"),
            (test("matches", json!("(")), "matches `(` (not a regular expression: unclosed group)"),
            (test("contains", json!([1])), "contains [1]"),
            (test("not", json!("a")), r#"not equals "a""#),
            (
                test("each", json!({"type": "string", "length": {"at_most": 3}})),
                "each type string and length at_most 3",
            ),
            (test("near", json!({"value": 1.5, "by": 0.1})), "near 1.5, by at most 0.1"),
        ];
        for (test, said) in table {
            assert_eq!(test.wanted(&Redactor::default()), said);
        }
        assert_eq!(got(None, &Redactor::default()), "nothing");
        assert_eq!(got(Some(&json!({"a": 1})), &Redactor::default()), r#"{"a":1}"#);
    }
}
