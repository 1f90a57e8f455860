//! `expect`: status, header fields, parts of the body, and what is known of the exchange.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::Value;

use super::Outcome;
use crate::diag::{Code, pointer};
use crate::json::excerpt;
use crate::secret::Redactor;
use crate::select::{Matcher, Selector, Subject, Test, Unreadable, got};
use crate::spec::StatusPattern;

/// `/expect/status`; nothing when it is not given.
pub(super) fn status(patterns: &[StatusPattern], status: u16) -> Option<Outcome> {
    if patterns.is_empty() {
        return None;
    }
    Some(Outcome {
        pointer: pointer(["expect", "status"]),
        code: Code::ExpectStatus,
        held: patterns.iter().any(|pattern| pattern.matches(status)),
        selector: "status".into(),
        wanted: any_of(patterns),
        got: status.to_string(),
    })
}

/// `200, 201 or 4xx`
fn any_of(patterns: &[StatusPattern]) -> String {
    let shown: Vec<String> = patterns.iter().map(ToString::to_string).collect();
    match shown.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => shown.concat(),
    }
}

/// `/expect/within`; nothing when it is not given.
pub(super) fn within(limit: Option<Duration>, subject: &Subject<'_>) -> Option<Outcome> {
    let limit = limit?;
    let took = subject.facts().duration;
    Some(Outcome {
        pointer: pointer(["expect", "within"]),
        code: Code::ExpectDuration,
        held: took.is_some_and(|took| took <= limit),
        selector: "duration".into(),
        wanted: format!("at most {} ms", limit.as_millis()),
        got: took.map_or_else(|| "not known".into(), |took| format!("{} ms", took.as_millis())),
    })
}

/// `/expect/headers/NAME`
pub(super) fn headers(
    expected: &[(String, Matcher)],
    subject: &Subject<'_>,
    redactor: &Redactor,
) -> Vec<Outcome> {
    let judge = |(name, matcher): &(String, Matcher)| {
        let place = Place { pointer: pointer(["expect", "headers", name]), source: format!("header.{name}") };
        place.judge(matcher, subject, redactor)
    };
    expected.iter().flat_map(judge).collect()
}

/// `/expect/body/SELECTOR`
pub(super) fn body(
    expected: &[(String, Matcher)],
    subject: &Subject<'_>,
    redactor: &Redactor,
) -> Vec<Outcome> {
    let judge = |(source, matcher): &(String, Matcher)| {
        let place = Place { pointer: pointer(["expect", "body", source]), source: source.clone() };
        place.judge(matcher, subject, redactor)
    };
    expected.iter().flat_map(judge).collect()
}

/// Where an expectation stands, and what it looks at.
struct Place {
    pointer: String,
    source: String,
}

impl Place {
    fn judge(&self, matcher: &Matcher, subject: &Subject<'_>, redactor: &Redactor) -> Vec<Outcome> {
        let selector = match Selector::parse(&self.source) {
            Ok(selector) => selector,
            // Selectors are read when the suite is loaded, so this is for callers who did not.
            Err(error) => return vec![self.outcome(Code::Selector, false, "a selector", error.to_string())],
        };
        let code = code(&selector);
        let found = subject.find(&selector);
        let judge = |test: &Test| {
            let test =
                if matches!(selector, Selector::Header(_)) { as_text(test) } else { Cow::Borrowed(test) };
            let wanted = test.wanted(redactor);
            match &found {
                Ok(found) => {
                    let number = as_number(&test, &selector, found.as_deref());
                    let found = number.as_ref().or(found.as_deref());
                    let culprit = test.culprit(found).map_or_else(String::new, |(place, element)| {
                        format!("; its element {place} is {}", got(Some(element), redactor))
                    });
                    let unfit =
                        test.incomparable(found).map_or_else(String::new, |why| format!(", which {why}"));
                    let got = got(found, redactor) + &unfit + &culprit;
                    self.outcome(code, test.holds(found), &wanted, got)
                }
                Err(error) => {
                    let (code, got) = unreadable(error, code, redactor);
                    self.outcome(code, false, &wanted, got)
                }
            }
        };
        matcher.0.iter().map(judge).collect()
    }

    fn outcome(&self, code: Code, held: bool, wanted: &str, got: String) -> Outcome {
        Outcome {
            pointer: self.pointer.clone(),
            code,
            held,
            selector: self.source.clone(),
            wanted: wanted.to_owned(),
            got,
        }
    }
}

fn code(selector: &Selector) -> Code {
    match selector {
        Selector::Status => Code::ExpectStatus,
        Selector::Header(_) | Selector::Cookie(_) => Code::ExpectHeader,
        Selector::Body | Selector::Json(_) | Selector::Size | Selector::Regex(_) | Selector::XPath(_) => {
            Code::ExpectBody
        }
        Selector::Duration => Code::ExpectDuration,
        Selector::Url => Code::ExpectUrl,
        Selector::Certificate(_) => Code::ExpectCertificate,
        Selector::Signature => Code::ExpectSignature,
    }
}

/// A header field is text: a number or boolean in YAML means its spelling.
fn as_text(test: &Test) -> Cow<'_, Test> {
    let spelling = match &test.operand {
        Value::Number(number) if !test.operator.compares_numbers() => number.to_string(),
        Value::Bool(flag) if test.operator != crate::select::Operator::Exists => flag.to_string(),
        _ => return Cow::Borrowed(test),
    };
    Cow::Owned(Test { operator: test.operator, operand: Value::String(spelling) })
}

/// A header field that is compared by size is read as a number, where it is one.
fn as_number(test: &Test, selector: &Selector, found: Option<&Value>) -> Option<Value> {
    let text = found.filter(|_| matches!(selector, Selector::Header(_)) && test.operator.compares_numbers());
    let number: serde_json::Number = text?.as_str()?.trim().parse().ok()?;
    Some(Value::Number(number))
}

/// The code and the words for an answer that a selector can't look into.
pub(super) fn unreadable(error: &Unreadable, otherwise: Code, redactor: &Redactor) -> (Code, String) {
    match error {
        Unreadable::NotJson(error) => {
            (Code::AnswerNotJson, format!("no JSON: {}", excerpt(error.to_string().as_bytes(), redactor)))
        }
        Unreadable::NotXml(error) => (otherwise, format!("no XML: {}", excerpt(error.as_bytes(), redactor))),
        Unreadable::NotText(offset) => (otherwise, format!("bytes that are not UTF-8 text (byte {offset})")),
    }
}
