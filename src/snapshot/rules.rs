//! The rules of `snapshot:`, read: what is masked by selector, what by pattern.

use std::ops::Range;

use regex::Regex;

use super::{HeaderChoice, Settings};
use crate::diag::{Code, pointer};
use crate::json::Path;
use crate::pattern;

/// Why a rule can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RuleError {
    /// Where it stands below `snapshot:`, as a JSON pointer: `/redact/$.id`.
    pub pointer: String,
    /// The code of a diagnostic about it.
    pub code: Code,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// Where, in bytes of the selector or pattern.
    pub range: Range<usize>,
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

impl Settings {
    /// Everything that is wrong with the rules; known when the suite is loaded.
    pub fn validate(&self) -> Vec<RuleError> {
        let targets = self.redact.iter().filter_map(|(selector, _)| target(selector).err());
        let patterns =
            (0..).zip(&self.filters).filter_map(|(place, (source, _))| filter(place, source).err());
        let names = match &self.headers {
            HeaderChoice::Named(names) => names.as_slice(),
            HeaderChoice::All => &[],
        };
        let headers = (0..).zip(names).filter_map(|(place, name)| header_name(place, name).err());
        headers.chain(targets).chain(patterns).collect()
    }
}

/// Reads the selector of a redaction.
pub(super) fn target(selector: &str) -> Result<Target, RuleError> {
    let fail = |message: String, range: Range<usize>, help: Option<String>| {
        Err(RuleError { pointer: pointer(["redact", selector]), code: Code::Selector, message, range, help })
    };
    if selector.starts_with('$') {
        return match Path::parse(selector) {
            Ok(path) => Ok(Target::Json(path)),
            Err(error) => fail(error.message, error.range, error.help),
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
    fail(format!("`{selector}` can't be redacted"), 0..selector.len(), Some(help))
}

/// Reads the pattern of a filter.
pub(super) fn filter(place: usize, source: &str) -> Result<Regex, RuleError> {
    pattern::parse(source).map_err(|error| RuleError {
        pointer: pointer(["filters", &place.to_string(), "0"]),
        code: Code::WrongValue,
        message: error.to_string(),
        range: 0..source.len(),
        help: None,
    })
}

fn header_name(place: usize, name: &str) -> Result<(), RuleError> {
    if is_field_name(name) {
        return Ok(());
    }
    Err(RuleError {
        pointer: pointer(["headers", &place.to_string()]),
        code: Code::WrongValue,
        message: format!("`{name}` is not the name of a header field"),
        range: 0..name.len(),
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
    fn every_wrong_rule_is_found_at_its_place() {
        let settings = Settings {
            headers: HeaderChoice::Named(vec!["etag".into(), "a b".into()]),
            redact: vec![
                ("$.a b".into(), "x".into()),
                ("headers.date".into(), "x".into()),
                ("$.id".into(), "x".into()),
                ("status".into(), "x".into()),
            ],
            filters: vec![("a+".into(), "b".into()), ("(".into(), "b".into())],
        };
        let found: Vec<_> = settings
            .validate()
            .into_iter()
            .map(|error| format!("{} {}: {}", error.pointer, error.code, error.message))
            .collect();
        let expected = [
            "/headers/1 format.wrong_value: `a b` is not the name of a header field",
            "/redact/$.a b select.syntax: not a JSONPath: ` ` can't stand here",
            "/redact/headers.date select.syntax: `headers.date` can't be redacted",
            "/redact/status select.syntax: `status` can't be redacted",
            "/filters/1/0 format.wrong_value: not a regular expression: unclosed group",
        ];
        assert_eq!(found, expected);
        assert_eq!(Settings::default().validate(), []);
    }
}
