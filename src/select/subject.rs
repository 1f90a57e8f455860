//! An answer and what is known of it, as selectors look at them: its JSON is read at most once, and only when asked for.

use std::borrow::Cow;
use std::cell::OnceCell;

use serde_json::{Number, Value};

use super::{Facts, Selector};
use crate::json::{self, JsonError};
use crate::message::Answer;
use crate::pattern;

/// An answer that is looked into.
#[derive(Debug)]
pub struct Subject<'a> {
    answer: &'a Answer,
    facts: Facts<'a>,
    json: OnceCell<Result<Value, JsonError>>,
}

/// Why a selector can't look into an answer at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The body is not JSON, and the selector is a JSONPath.
    #[error("the body is not JSON: {0}")]
    NotJson(JsonError),
    /// The body is not XML, and the selector is an `XPath`.
    #[error("the body is not XML: {0}")]
    NotXml(String),
    /// The body is not UTF-8 text, from this byte on.
    #[error("the body is not UTF-8 text (byte {0})")]
    NotText(usize),
}

impl<'a> Subject<'a> {
    /// Looks into `answer`, of which nothing else is known.
    pub fn new(answer: &'a Answer) -> Self {
        Self { answer, facts: Facts::default(), json: OnceCell::new() }
    }

    /// The same answer, of which this is known.
    #[must_use]
    pub fn knowing(self, facts: Facts<'a>) -> Self {
        Self { facts, ..self }
    }

    /// What is known of the answer.
    pub fn facts(&self) -> Facts<'a> {
        self.facts
    }

    /// The answer itself.
    pub fn answer(&self) -> &'a Answer {
        self.answer
    }

    /// The JSON of the body, whatever its Content-Type says.
    pub fn json(&self) -> Result<&Value, &JsonError> {
        self.json.get_or_init(|| json::parse(&self.answer.body)).as_ref()
    }

    /// What `selector` finds; `None` for nothing. Several nodes are a list of them.
    pub fn find(&self, selector: &Selector) -> Result<Option<Cow<'_, Value>>, Unreadable> {
        match selector {
            Selector::Status => Ok(Some(Cow::Owned(Value::Number(Number::from(self.answer.status))))),
            Selector::Header(name) => Ok(self.header(name).map(Value::String).map(Cow::Owned)),
            Selector::Size => Ok(Some(Cow::Owned(Value::Number(Number::from(self.answer.body.len()))))),
            Selector::Duration => Ok(self.facts.milliseconds().map(Cow::Owned)),
            Selector::Url => Ok(self.facts.url().map(Cow::Owned)),
            Selector::Certificate(part) => Ok(self.facts.certificate(*part).map(Cow::Owned)),
            Selector::Signature => Ok(self.facts.signed.map(Value::Bool).map(Cow::Owned)),
            Selector::Cookie(name) => Ok(self.cookie(name).map(Value::String).map(Cow::Owned)),
            Selector::Regex(source) => {
                let text = self.text()?;
                // Patterns are read when the suite is loaded.
                let Ok(pattern) = pattern::parse(source) else { return Ok(None) };
                let found = pattern.captures(text).and_then(|groups| groups.get(1).or_else(|| groups.get(0)));
                Ok(found.map(|part| Cow::Owned(Value::String(part.as_str().to_owned()))))
            }
            Selector::XPath(path) => {
                let found = path.find(self.text()?).map_err(Unreadable::NotXml)?;
                let texts: Vec<Value> = found.into_iter().map(Value::String).collect();
                Ok(one_or_all(texts).map(Cow::Owned))
            }
            Selector::Body => self.text().map(|text| Some(Cow::Owned(Value::String(text.to_owned())))),
            Selector::Json(path) => {
                let value = self.json().map_err(|error| Unreadable::NotJson(error.clone()))?;
                let nodes = path.find(value);
                Ok(match nodes.as_slice() {
                    [] => None,
                    [node] => Some(Cow::Borrowed(*node)),
                    several => Some(Cow::Owned(several.iter().map(|node| (*node).clone()).collect())),
                })
            }
        }
    }

    fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self.answer.headers.all(name).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// The value of the last cookie of that name: it is the one that a browser would keep.
    fn cookie(&self, name: &str) -> Option<String> {
        let pairs =
            self.answer.headers.all("set-cookie").filter_map(|set| set.split(';').next()?.split_once('='));
        let values = pairs.filter(|(known, _)| known.trim() == name).map(|(_, value)| value.trim());
        values.last().map(|value| value.trim_matches('"').to_owned())
    }

    fn text(&self) -> Result<&str, Unreadable> {
        std::str::from_utf8(&self.answer.body).map_err(|error| Unreadable::NotText(error.valid_up_to()))
    }
}

/// One is itself, several are a list.
fn one_or_all(mut values: Vec<Value>) -> Option<Value> {
    match values.len() {
        0 => None,
        1 => values.pop(),
        _ => Some(Value::Array(values)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(body: &'static [u8]) -> Answer {
        Answer {
            status: 201,
            version: "HTTP/1.1".into(),
            headers: [
                ("vary", "a"),
                ("etag", "\"1\""),
                ("Vary", "b"),
                ("set-cookie", "SID=old"),
                ("set-cookie", "SID=\"31d4\"; Path=/; HttpOnly"),
            ]
            .into_iter()
            .collect(),
            body: body.into(),
        }
    }

    #[test]
    fn every_part_of_an_answer_is_found() {
        let answer = answer(br#"{"items":[{"id":1},{"id":2.50}],"none":null}"#);
        let subject = Subject::new(&answer);
        let table = [
            ("status", Some(json!(201))),
            ("header.VARY", Some(json!("a, b"))),
            ("header.none", None),
            ("cookie.SID", Some(json!("31d4"))),
            ("cookie.sid", None),
            ("size", Some(json!(44))),
            ("regex:\"id\":([0-9.]+)", Some(json!("1"))),
            ("regex:no(ne)?x", None),
            ("regex:it.ms", Some(json!("items"))),
            ("$.items[0].id", Some(json!(1))),
            ("$.items[*].id", serde_json::from_str("[1,2.50]").ok()),
            ("$.items[?@.id > 2].id", serde_json::from_str("2.50").ok()),
            ("$.none", Some(Value::Null)),
            ("$.missing", None),
            ("body", Some(json!(r#"{"items":[{"id":1},{"id":2.50}],"none":null}"#))),
        ];
        for (selector, expected) in table {
            let found = subject.find(&Selector::parse(selector).unwrap()).unwrap();
            assert_eq!(found.map(Cow::into_owned), expected, "{selector}");
        }
    }

    #[test]
    fn what_is_known_of_an_answer_is_found_and_what_is_not_known_is_nothing() {
        let answer = answer(b"");
        let url = "https://bank.example/a?b=1".parse().unwrap();
        let facts = Facts {
            duration: Some(std::time::Duration::from_micros(12_900)),
            url: Some(&url),
            certificate: None,
            signed: Some(false),
        };
        let known = Subject::new(&answer).knowing(facts);
        let unknown = Subject::new(&answer);
        for (selector, expected) in [
            ("duration", Some(json!(12))),
            ("url", Some(json!("https://bank.example/a?b=1"))),
            ("signature", Some(json!(false))),
            ("certificate.subject", None),
        ] {
            let selector = Selector::parse(selector).unwrap();
            assert_eq!(known.find(&selector).unwrap().map(Cow::into_owned), expected, "{selector:?}");
            assert_eq!(unknown.find(&selector).unwrap(), None, "{selector:?}");
        }
    }

    #[test]
    fn a_body_that_cannot_be_read_says_why() {
        let answer = answer(b"a\xff");
        let subject = Subject::new(&answer);
        assert_eq!(subject.find(&Selector::Body), Err(Unreadable::NotText(1)));
        let error = subject.find(&Selector::parse("$.a").unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "the body is not JSON: line 1, column 2: byte 0xFF at 1 is not UTF-8");
        assert!(subject.find(&Selector::Status).is_ok());
    }
}
