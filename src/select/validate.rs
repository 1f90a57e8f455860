//! Whether an operand can be used at all: known when the file is read, unless it is a template.

use serde_json::Value;

use super::measure::{moment, number};
use super::{Matcher, Operator, Test};
use crate::diag::did_you_mean;
use crate::format::{self, FORMATS};
use crate::pattern;

/// Why an operand can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct OperandError {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// The JSON types that `type` knows.
pub(super) const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object", "null"];

impl Test {
    /// Whether the operand fits the operator. A text with `{{` or `{%` is left for later.
    pub fn validate(&self) -> Result<(), OperandError> {
        if self.operand.as_str().is_some_and(|text| text.contains("{{") || text.contains("{%")) {
            return Ok(());
        }
        match self.operator {
            Operator::Equals | Operator::Contains | Operator::Includes => Ok(()),
            Operator::Not | Operator::Each | Operator::Any | Operator::Length => {
                Matcher::read(&self.operand).0.iter().try_for_each(Self::validate)
            }
            Operator::In | Operator::Unordered if self.operand.is_array() => Ok(()),
            Operator::In | Operator::Unordered => Err(self.misfit("a list")),
            Operator::StartsWith | Operator::EndsWith => self.text().map(drop),
            Operator::Above | Operator::AtLeast | Operator::Below | Operator::AtMost => {
                number(&self.operand).map(drop).ok_or_else(|| self.misfit("a number"))
            }
            Operator::Near => self.near(),
            Operator::Before | Operator::After => match moment(self.text()?) {
                Some(_) => Ok(()),
                None => Err(OperandError {
                    message: format!("`{}` is not a date", self.text()?),
                    help: Some(
                        "write `2026-11-24`, `2026-11-24T10:00:00Z`, or the date of an HTTP header".into(),
                    ),
                }),
            },
            Operator::Sha256 => match self.text()? {
                digest if digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()) => Ok(()),
                _ => Err(self.unfit("64 hexadecimal digits")),
            },
            Operator::Matches => match pattern::parse(self.text()?) {
                Ok(_) => Ok(()),
                Err(error) => Err(OperandError { message: error.to_string(), help: None }),
            },
            Operator::Type => known(self.text()?, "type", TYPES),
            Operator::Format => {
                let name = self.text()?;
                let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
                if format::named(name).is_some() { Ok(()) } else { known(name, "format", &names) }
            }
            Operator::Exists if self.operand.is_boolean() => Ok(()),
            Operator::Exists => Err(self.misfit("`true` or `false`")),
        }
    }

    /// Both parts are there, and nothing else; each may still be a template.
    fn near(&self) -> Result<(), OperandError> {
        let parts = self.operand.as_object().filter(|map| map.len() == 2);
        let fits =
            |part: &Value| part.as_str().is_some_and(|text| text.contains("{{")) || number(part).is_some();
        let usable =
            parts.is_some_and(|map| ["value", "by"].iter().all(|key| map.get(*key).is_some_and(fits)));
        if usable { Ok(()) } else { Err(self.unfit("`{value: NUMBER, by: NUMBER}`")) }
    }

    /// The operand of an operator that takes a text.
    pub(super) fn text(&self) -> Result<&str, OperandError> {
        self.operand.as_str().ok_or_else(|| self.misfit("a text"))
    }

    fn misfit(&self, wanted: &str) -> OperandError {
        let kind = match self.operand {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "a map",
        };
        self.unfit(&format!("{wanted}, not {kind}"))
    }

    fn unfit(&self, wanted: &str) -> OperandError {
        OperandError { message: format!("`{}` takes {wanted}", self.operator.name()), help: None }
    }
}

fn known(name: &str, what: &str, names: &[&str]) -> Result<(), OperandError> {
    if names.contains(&name) {
        return Ok(());
    }
    let help = match did_you_mean(name, names.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("there are {}", names.join(", ")),
    };
    Err(OperandError { message: format!("there is no {what} `{name}`"), help: Some(help) })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn validate(operator: &str, operand: Value) -> Result<(), OperandError> {
        Test { operator: Operator::parse(operator).unwrap(), operand }.validate()
    }

    #[test]
    fn an_operand_that_can_never_hold_is_found_before_anything_is_sent() {
        let table = [
            ("matches", json!("("), "not a regular expression: unclosed group", None),
            ("matches", json!("a{1000000}"), "not a regular expression: it grows too large", None),
            ("matches", json!(1), "`matches` takes a text, not a number", None),
            ("type", json!("strnig"), "there is no type `strnig`", Some("did you mean `string`?")),
            ("type", json!(["string"]), "`type` takes a text, not a list", None),
            ("exists", json!("yes"), "`exists` takes `true` or `false`, not a text", None),
            ("format", json!("uiid"), "there is no format `uiid`", Some("did you mean `uuid`?")),
        ];
        for (operator, operand, message, help) in table {
            let error = validate(operator, operand).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.help.as_deref()), (message, help));
        }
        assert!(validate("format", json!("iban")).unwrap_err().help.unwrap().starts_with("there are uuid"));
    }

    #[test]
    fn an_operand_that_fits_or_is_a_template_is_accepted() {
        for (operator, operand) in [
            ("equals", json!({"a": null})),
            ("contains", json!(1)),
            ("matches", json!("^a+$")),
            ("matches", json!("{{ pattern")),
            ("exists", json!(false)),
            ("exists", json!("{{ there }}")),
            ("type", json!("integer")),
            ("format", json!("ipv6")),
        ] {
            assert_eq!(validate(operator, operand), Ok(()), "{operator}");
        }
    }

    #[test]
    fn the_documentation_names_every_operator_type_and_format() {
        let documentation = include_str!("../../docs/expectations.md");
        let formats = FORMATS.iter().map(|format| format.name);
        for name in Operator::names().chain(TYPES.iter().copied()).chain(formats) {
            assert!(documentation.contains(&format!("`{name}`")), "{name}");
        }
    }
}
