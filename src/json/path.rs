//! JSONPath (RFC 9535), guarded: its parser is exponential in nested filters and recursive in
//! brackets, so a path is measured before the parser sees it.

use std::ops::Range;

use serde_json::Value;
use serde_json_path::{JsonPath, NormalizedPath};

use crate::diag::{did_you_mean, literal};
use crate::limits;

/// A path such as `$.items[0].id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    source: String,
    query: JsonPath,
}

/// Why a text is no JSONPath.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PathError {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// Where, in bytes of the source.
    pub range: Range<usize>,
    /// What to do.
    pub help: Option<String>,
}

impl Path {
    /// Reads a path.
    pub fn parse(source: &str) -> Result<Self, PathError> {
        guard(source)?;
        let query =
            JsonPath::parse(source).map_err(|error| explain(source, error.position(), error.message()))?;
        Ok(Self { source: source.to_owned(), query })
    }

    /// The path as written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Everything that the path finds, in its order.
    pub fn find<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        self.query.query(value).all()
    }

    /// Where everything is that the path finds, as JSON pointers, in its order.
    pub fn locate(&self, value: &Value) -> Vec<String> {
        self.query.query_located(value).locations().map(NormalizedPath::to_json_pointer).collect()
    }
}

/// What the path would cost, counted outside its quoted names.
#[derive(Default)]
struct Cost {
    /// For every open bracket, how many selections it multiplies to.
    open: Vec<usize>,
    filters: usize,
    descents: usize,
    product: usize,
}

fn guard(source: &str) -> Result<(), PathError> {
    let refuse = |message: String| {
        let help = Some("select a larger part of the answer and match that".to_owned());
        Err(PathError { message, range: 0..source.len(), help })
    };
    if source.len() > limits::JSONPATH_SOURCE {
        return refuse(format!("a JSONPath has at most {} bytes", limits::JSONPATH_SOURCE));
    }
    let mut cost = Cost { product: 1, ..Cost::default() };
    let mut quote = None;
    let mut characters = source.chars().peekable();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(_), '\\') => drop(characters.next()),
            (Some(open), _) => quote = (open != character).then_some(open),
            (None, '"' | '\'') => quote = Some(character),
            (None, '.') if characters.peek() == Some(&'.') => {
                characters.next();
                cost.descents += 1;
            }
            (None, _) => cost.count(character),
        }
        if cost.open.len() > limits::JSONPATH_BRACKETS {
            return refuse(format!("a JSONPath has at most {} nested brackets", limits::JSONPATH_BRACKETS));
        }
    }
    if cost.filters > limits::JSONPATH_FILTERS {
        return refuse(format!("a JSONPath has at most {} filters", limits::JSONPATH_FILTERS));
    }
    if cost.descents > limits::JSONPATH_DESCENTS {
        return refuse(format!("a JSONPath has at most {} `..`", limits::JSONPATH_DESCENTS));
    }
    if cost.product > limits::JSONPATH_PRODUCT {
        return refuse("the brackets of this JSONPath multiply to too many selections".into());
    }
    Ok(())
}

impl Cost {
    fn count(&mut self, character: char) {
        match character {
            '[' | '(' => self.open.push(1),
            ']' | ')' => {
                let selections = self.open.pop().unwrap_or(1);
                self.product = self.product.saturating_mul(selections);
            }
            ',' => {
                if let Some(selections) = self.open.last_mut() {
                    *selections += 1;
                }
            }
            '?' => self.filters += 1,
            _ => {}
        }
    }
}

/// The parser's finding in our words: where it stopped, what stands there, and what is usual.
fn explain(source: &str, position: usize, reason: &str) -> PathError {
    let start = (0..=position).rev().find(|&byte| source.is_char_boundary(byte)).unwrap_or_default();
    let rest = &source[start..];
    let here = rest.chars().next();
    let (what, help) = if reason.contains("function name") {
        unknown_function(reason)
    } else if !source.starts_with('$') {
        ("it begins with `$`".into(), None)
    } else if reason.contains("ending quote") {
        ("a quote is not closed".into(), None)
    } else {
        (stopped_at(rest), usual(rest))
    };
    let end = start + here.map_or(0, char::len_utf8);
    PathError { message: format!("not a JSONPath: {what}"), range: start..end, help }
}

/// The functions of RFC 9535, section 2.4.
const FUNCTIONS: [&str; 5] = ["length", "count", "match", "search", "value"];

fn unknown_function(reason: &str) -> (String, Option<String>) {
    let name = reason.split('\'').nth(1).unwrap_or_default();
    let help = match did_you_mean(name, FUNCTIONS) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("there are {}", FUNCTIONS.join(", ")),
    };
    (format!("there is no function `{name}`"), Some(help))
}

fn stopped_at(rest: &str) -> String {
    match rest.chars().next() {
        None => "the path ends too early".into(),
        Some('[') => "what is in these brackets is no name in quotes, index, slice, `*` or filter".into(),
        Some(character) => format!("{} can't stand here", literal(character.encode_utf8(&mut [0; 4]))),
    }
}

fn usual(rest: &str) -> Option<String> {
    Some(match rest.chars().next()? {
        '=' => "two values are compared with `==`".into(),
        '[' | ']' | '(' | ')' => return None,
        '\'' | '"' => "a name in quotes stands in brackets: `$['a']`".into(),
        character if character.is_alphanumeric() => return None,
        _ => "a name with other characters than letters, digits and `_` is written `$['a-b']`".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_path_finds_and_locates_what_it_names() {
        let value = json!({"items": [{"id": 1, "a/b~c": "x"}, {"id": 2}], "id": 3});
        let locate = |path: &str| Path::parse(path).unwrap().locate(&value);
        assert_eq!(Path::parse("$..id").unwrap().find(&value).len(), 3);
        assert_eq!(locate("$..id"), ["/id", "/items/0/id", "/items/1/id"]);
        assert_eq!(locate("$.items[0]['a/b~c']"), ["/items/0/a~1b~0c"]);
        for pointer in locate("$..*") {
            assert!(value.pointer(&pointer).is_some(), "{pointer}");
        }
        assert_eq!(locate("$.none").len(), 0);
    }

    #[test]
    fn a_malformed_path_is_shown_where_it_goes_wrong() {
        let table = [
            ("$.", 2..2, "the path ends too early"),
            ("$..", 3..3, "the path ends too early"),
            ("$.é.", 5..5, "the path ends too early"),
            ("$.a-b", 3..4, "`-` can't stand here"),
            ("$.a b", 3..4, "` ` can't stand here"),
            ("$a", 1..2, "`a` can't stand here"),
            ("a", 0..1, "it begins with `$`"),
            ("$['a", 4..4, "a quote is not closed"),
            ("$[0", 3..3, "the path ends too early"),
            ("$.a[?@.b = 1]", 9..10, "`=` can't stand here"),
            ("$[?lenght(@.a) > 1]", 3..4, "there is no function `lenght`"),
            (
                "$.items[]",
                7..8,
                "what is in these brackets is no name in quotes, index, slice, `*` or filter",
            ),
        ];
        for (source, range, said) in table {
            let error = Path::parse(source).unwrap_err();
            assert_eq!((error.range, error.message), (range, format!("not a JSONPath: {said}")), "{source}");
        }
        let help = |source| Path::parse(source).unwrap_err().help.unwrap_or_default();
        assert_eq!(help("$[?lenght(@.a) > 1]"), "did you mean `length`?");
        assert_eq!(help("$.a[?@.b = 1]"), "two values are compared with `==`");
        assert!(help("$.a-b").contains("$['a-b']"));
    }

    #[test]
    fn a_path_that_would_take_for_ever_is_refused_before_it_is_parsed() {
        let table = [
            format!("$.{}", "a".repeat(2000)),
            format!("${}", "[?@".repeat(100)),
            format!("$[?{}@.a{}]", "(".repeat(300), ")".repeat(300)),
            format!("${}", "[*,*]".repeat(30)),
            "$..*..*..*..*".to_owned(),
        ];
        for source in table {
            let error = Path::parse(&source).unwrap_err();
            assert_eq!(error.range, 0..source.len(), "{source}");
        }
        assert!(Path::parse("$['[?(,..[?(,..[?']").is_ok());
        assert!(Path::parse("$[?@['a,b'] == '[[['][0,1,2]").is_ok());
    }
}
