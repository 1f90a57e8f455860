//! Values on their way into the engine and out of it.
//!
//! The engine knows 64-bit floats; amounts of money have more digits than these keep (`1.10`).
//! So a number that a float would spell otherwise travels as [`Digits`], which only prints, and
//! a template that calculates or compares gets floats instead.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use minijinja::Value as Inner;
use minijinja::value::{Object, ObjectRepr, ValueKind};
use serde_json::{Map, Number, Value};

use super::error::{Failure, THIS};
use super::unknown::Unknown;
use crate::diag::Code;
use crate::limits::TEMPLATE_OUTPUT;

/// How numbers are handed to the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbers {
    /// With all their digits; they can be inserted, not calculated with.
    Exact,
    /// As integers and 64-bit floats.
    Calculable,
}

/// A number whose digits a float would lose.
#[derive(Debug)]
pub(super) struct Digits(Number);

impl Object for Digits {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        self.0.as_f64() != Some(0.0)
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

pub(super) fn to_engine(value: &Value, numbers: Numbers) -> Inner {
    match value {
        Value::Null => Inner::from(()),
        Value::Bool(bool) => Inner::from(*bool),
        Value::Number(number) => number_to_engine(number, numbers),
        Value::String(text) => Inner::from(text.as_str()),
        Value::Array(list) => list.iter().map(|item| to_engine(item, numbers)).collect(),
        Value::Object(map) => {
            Inner::from_pairs(map.iter().map(|(key, value)| (key.as_str(), to_engine(value, numbers))))
        }
    }
}

fn number_to_engine(number: &Number, numbers: Numbers) -> Inner {
    if let Some(integer) = number.as_i128().filter(|integer| integer.to_string() == number.as_str()) {
        return Inner::from(integer);
    }
    match number.as_f64().filter(|float| float.is_finite()) {
        Some(float) if numbers == Numbers::Calculable || spelled(float) == number.as_str() => {
            Inner::from(float)
        }
        _ => Inner::from_object(Digits(number.clone())),
    }
}

/// A float as JSON spells it.
pub(super) fn spelled(float: f64) -> String {
    Number::from_f64(float).map_or_else(|| float.to_string(), |number| number.to_string())
}

/// A value of the engine as JSON, with the same type; bounded, since the engine's lists can be
/// endless without taking room.
pub(super) fn from_engine(value: &Inner) -> Result<Value, Failure> {
    Budget(TEMPLATE_OUTPUT).convert(value, 0)
}

/// How large a value is in bytes, each part as often as it is held; an error where that is too
/// much.
pub(super) fn measure(value: &Inner) -> Result<usize, Failure> {
    let mut budget = Budget(TEMPLATE_OUTPUT);
    budget.measure(value, 0)?;
    Ok(TEMPLATE_OUTPUT - budget.0)
}

/// Bytes that may still be made.
struct Budget(usize);

/// What a value costs beside its text.
const COST: usize = 16;

/// Deepest nesting that a template may build.
const DEPTH: usize = crate::limits::JSON_DEPTH;

impl Budget {
    fn spend(&mut self, bytes: usize) -> Result<(), Failure> {
        self.0 = self.0.checked_sub(bytes).ok_or_else(too_large)?;
        Ok(())
    }

    fn enter(&mut self, depth: usize) -> Result<(), Failure> {
        if depth > DEPTH {
            return Err(Failure::new(format!("`{THIS}` is nested too deeply")).code(Code::TemplateLimit));
        }
        self.spend(COST)
    }

    fn measure(&mut self, value: &Inner, depth: usize) -> Result<(), Failure> {
        self.enter(depth)?;
        match value.kind() {
            ValueKind::String => self.spend(value.as_str().unwrap_or_default().len()),
            ValueKind::Seq | ValueKind::Iterable => {
                let mut items = value.try_iter().map_err(|_| unusable(value))?;
                items.try_for_each(|item| self.measure(&item, depth + 1))
            }
            ValueKind::Map => {
                let mut keys = value.try_iter().map_err(|_| unusable(value))?;
                keys.try_for_each(|key| {
                    self.measure(&key, depth + 1)?;
                    self.measure(&value.get_item(&key).map_err(|_| unusable(value))?, depth + 1)
                })
            }
            _ => Ok(()),
        }
    }

    fn convert(&mut self, value: &Inner, depth: usize) -> Result<Value, Failure> {
        self.enter(depth)?;
        if let Some(Digits(number)) = value.downcast_object_ref::<Digits>() {
            return Ok(Value::Number(number.clone()));
        }
        if let Some(unknown) = value.downcast_object_ref::<Unknown>() {
            return Ok(Value::String(unknown.to_string()));
        }
        Ok(match value.kind() {
            ValueKind::None => Value::Null,
            ValueKind::Bool => Value::Bool(value.is_true()),
            ValueKind::Number => Value::Number(number_from_engine(value)?),
            ValueKind::String => {
                let text = value.as_str().unwrap_or_default();
                self.spend(text.len())?;
                Value::String(text.to_owned())
            }
            ValueKind::Seq | ValueKind::Iterable => {
                let items = value.try_iter().map_err(|_| unusable(value))?;
                Value::Array(items.map(|item| self.convert(&item, depth + 1)).collect::<Result<_, _>>()?)
            }
            ValueKind::Map => {
                let mut map = Map::new();
                for key in value.try_iter().map_err(|_| unusable(value))? {
                    let name = key
                        .as_str()
                        .ok_or_else(|| Failure::new(format!("`{THIS}` has a key that is not text")))?;
                    self.spend(name.len())?;
                    let item = value.get_item(&key).map_err(|_| unusable(value))?;
                    map.insert(name.to_owned(), self.convert(&item, depth + 1)?);
                }
                Value::Object(map)
            }
            _ => return Err(unusable(value)),
        })
    }
}

fn number_from_engine(value: &Inner) -> Result<Number, Failure> {
    if value.is_integer() {
        return Number::from_str(&value.to_string()).map_err(|_| unusable(value));
    }
    f64::try_from(value.clone())
        .ok()
        .and_then(Number::from_f64)
        .ok_or_else(|| Failure::new(format!("`{THIS}` is not a finite number")))
}

pub(super) fn too_large() -> Failure {
    Failure::new(format!("`{THIS}` makes a value of more than {TEMPLATE_OUTPUT} bytes"))
        .code(Code::TemplateLimit)
}

/// A value that is neither JSON nor text, in words.
pub(super) fn unusable(value: &Inner) -> Failure {
    match value.kind() {
        ValueKind::Undefined => Failure::new(format!("`{THIS}` is not defined")).code(Code::Undefined),
        ValueKind::Bytes => {
            Failure::new(format!("`{THIS}` is not text")).help("encode it: `| base64` or `| hex`")
        }
        ValueKind::Plain => Failure::new(format!("`{THIS}` is a function, not a value")),
        _ => Failure::new(format!("`{THIS}` can't be used as a value")),
    }
}

/// A scalar as it stands inside text; lists, maps and null have no such form.
pub(super) fn as_text(value: &Inner) -> Result<String, Failure> {
    let this = |what: &str, then: &str| Failure::new(format!("`{THIS}` is {what}")).help(then.to_owned());
    if value.downcast_object_ref::<Digits>().is_some() || value.downcast_object_ref::<Unknown>().is_some() {
        return Ok(value.to_string());
    }
    match value.kind() {
        ValueKind::String => Ok(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Bool => Ok(value.is_true().to_string()),
        ValueKind::Number if value.is_integer() => Ok(value.to_string()),
        ValueKind::Number => number_from_engine(value).map(|number| number.to_string()),
        ValueKind::Seq | ValueKind::Iterable => {
            Err(this("a list; join it", "as in `{{ \u{1} | join(\",\") }}`, or write it as JSON: `| json`"))
        }
        ValueKind::Map => Err(this("a map; take one of its values", "or write it as JSON: `| json`")),
        ValueKind::None => Err(this("null, which has no text", "give it a value: `{{ \u{1} or \"…\" }}`")),
        _ => Err(unusable(value)),
    }
}
