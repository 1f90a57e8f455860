//! Regular expressions of a suite: bounded in size, linear in time, with errors in our words.

use regex::{Error, Regex, RegexBuilder};

use crate::limits;

/// Why a text is no regular expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a regular expression: {0}")]
pub struct PatternError(String);

/// Reads a regular expression; it matches anywhere unless it is anchored.
pub fn parse(source: &str) -> Result<Regex, PatternError> {
    RegexBuilder::new(source).size_limit(limits::REGEX_SIZE).build().map_err(|error| {
        PatternError(match error {
            Error::CompiledTooBig(_) => "it grows too large".into(),
            // The last line of several names the cause; the others draw it, which we do ourselves.
            Error::Syntax(text) => {
                text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
            }
            _ => "it can't be read".into(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_expression_is_explained_in_one_line() {
        assert!(parse(r"^[a-z]+\d$").is_ok_and(|pattern| pattern.is_match("abc1")));
        assert_eq!(parse("(").unwrap_err().to_string(), "not a regular expression: unclosed group");
        assert_eq!(
            parse("a{1000000}").unwrap_err().to_string(),
            "not a regular expression: it grows too large"
        );
    }
}
