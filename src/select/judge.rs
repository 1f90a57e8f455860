//! Whether a value is as wanted, and how that is said.

use serde_json::Value;

use super::format::format;
use super::{Matcher, Operator, Test};
use crate::json::{equal, excerpt, is_integer, phrase};
use crate::pattern;
use crate::secret::Redactor;

impl Matcher {
    /// Whether every test holds for what was found.
    pub fn holds(&self, found: Option<&Value>) -> bool {
        self.0.iter().all(|test| test.holds(found))
    }
}

impl Test {
    /// Whether it holds for what was found. An operand that can't be used never holds.
    pub fn holds(&self, found: Option<&Value>) -> bool {
        let Some(value) = found else {
            return self.operator == Operator::Exists && self.operand == Value::Bool(false);
        };
        match self.operator {
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
        ];
        for (test, said) in table {
            assert_eq!(test.wanted(&Redactor::default()), said);
        }
        assert_eq!(got(None, &Redactor::default()), "nothing");
        assert_eq!(got(Some(&json!({"a": 1})), &Redactor::default()), r#"{"a":1}"#);
    }
}
