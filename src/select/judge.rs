//! Whether a value is as wanted, and how that is said.

use std::cmp::Ordering;

use data_encoding::HEXLOWER;
use serde_json::{Number, Value};
use sha2::{Digest as _, Sha256};

use super::measure::{compared, moment, near, number};
use super::{Matcher, Operator, Test};
use crate::format;
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
            Operator::Format => self.on_text(value, |text, operand| {
                format::named(operand).is_some_and(|format| (format.holds)(text))
            }),
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

    /// What keeps a value from being compared at all, as the end of a sentence about it.
    pub fn incomparable(&self, found: Option<&Value>) -> Option<&'static str> {
        let value = found?;
        if matches!(self.operator, Operator::Before | Operator::After) {
            return value.as_str().and_then(moment).is_none().then_some("is not a date");
        }
        (self.operator.compares_numbers() && number(value).is_none()).then_some("is not a number")
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
    HEXLOWER.encode(&Sha256::digest(text))
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
#[path = "judge_tests.rs"]
mod tests;
