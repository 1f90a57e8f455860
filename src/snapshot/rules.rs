//! The rules of `snapshot:`, read: what is masked by selector, what by pattern.

use regex::Regex;
use serde_json::Value;

use super::Like;
use crate::diag::{Code, literal};
use crate::format::{self, Format};
use crate::json::Path;
use crate::pattern;

/// Why a rule can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleError {
    /// The code of a diagnostic about it.
    pub code: Code,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// What a rule masks.
#[derive(Debug)]
pub(super) enum Target {
    /// What a JSONPath finds in the body.
    Json(Path),
    /// The values of a header field; its name in lower case.
    Header(String),
}

/// Reads the selector of a redaction.
pub(super) fn target(selector: &str) -> Result<Target, RuleError> {
    let fail = |message: String, help: Option<String>| Err(RuleError { code: Code::Selector, message, help });
    if selector.starts_with('$') {
        return match Path::parse(selector) {
            Ok(path) => Ok(Target::Json(path)),
            Err(error) => fail(error.message, error.help),
        };
    }
    let name = selector.strip_prefix("header.").unwrap_or_default();
    if is_field_name(name) {
        return Ok(Target::Header(name.to_ascii_lowercase()));
    }
    let help = if let Some(name) = selector.strip_prefix("headers.") {
        format!("did you mean `header.{name}`?")
    } else {
        "a redaction names a part of the body, as in `$.id`, or `header.NAME`".into()
    };
    fail(format!("{} can't be redacted", literal(selector)), Some(help))
}

/// What a value must look like to be replaced.
#[derive(Debug)]
pub(super) enum Looks {
    /// Anything is replaced.
    Anyhow,
    /// A text, or the spelling of a number, has this format.
    Format(&'static Format),
    /// This matches somewhere in it.
    Pattern(Regex),
}

impl Looks {
    /// Whether a value looks right.
    pub(super) fn hold(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.hold_for(text),
            Value::Number(number) => self.hold_for(number.as_str()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => matches!(self, Self::Anyhow),
        }
    }

    /// Whether a text looks right.
    pub(super) fn hold_for(&self, text: &str) -> bool {
        match self {
            Self::Anyhow => true,
            Self::Format(format) => (format.holds)(text),
            Self::Pattern(pattern) => pattern.is_match(text),
        }
    }
}

/// Reads what a value must look like.
pub(super) fn looks(like: &Like) -> Result<Looks, RuleError> {
    let fail = |message: String| RuleError { code: Code::WrongValue, message, help: None };
    match like {
        Like::Format(name) => match format::named(name) {
            Some(format) => Ok(Looks::Format(format)),
            None => Err(fail(format!("there is no format {}", literal(name)))),
        },
        Like::Pattern(source) => match pattern::parse(source) {
            Ok(pattern) => Ok(Looks::Pattern(pattern)),
            Err(error) => Err(fail(format!("{} is {error}", literal(source)))),
        },
    }
}

/// Reads the pattern of a filter.
pub(super) fn filter(source: &str) -> Result<Regex, RuleError> {
    pattern::parse(source).map_err(|error| RuleError {
        code: Code::WrongValue,
        message: format!("the filter {} is {error}", literal(source)),
        help: None,
    })
}

/// A token of RFC 9110, section 5.6.2.
fn is_field_name(name: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(is_token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_cannot_be_used_says_why() {
        let table = [
            (target("$.a b").unwrap_err(), "not a JSONPath: ` ` can't stand here"),
            (target("headers.date").unwrap_err(), "`headers.date` can't be redacted"),
            (target("header.a b").unwrap_err(), "`header.a b` can't be redacted"),
            (target("status").unwrap_err(), "`status` can't be redacted"),
            (filter("(").unwrap_err(), "the filter `(` is not a regular expression: unclosed group"),
        ];
        for (error, message) in table {
            assert_eq!(error.to_string(), message);
        }
        assert_eq!(target("headers.date").unwrap_err().help.as_deref(), Some("did you mean `header.date`?"));
        assert!(matches!(target("header.Date"), Ok(Target::Header(name)) if name == "date"));
        assert!(matches!(target("$..id"), Ok(Target::Json(_))));
    }
}
