//! What a verdict must not miss, and what it must not show.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::*;
use crate::diag::Code;
use crate::select::{Facts, Matcher, Operator, Test};
use crate::spec::StatusPattern;

fn answer(status: u16, body: &[u8]) -> Answer {
    Answer {
        status,
        version: "HTTP/1.1".into(),
        headers: [("etag", "12"), ("vary", "a"), ("vary", "b")].into_iter().collect(),
        body: body.to_vec().into(),
    }
}

fn equals(value: Value) -> Matcher {
    Matcher(vec![Test { operator: Operator::Equals, operand: value }])
}

fn expect_body(selector: &str, matcher: Matcher) -> Expect {
    Expect { body: vec![(selector.to_owned(), matcher)], ..Expect::default() }
}

fn capture(name: &str, select: &str) -> IndexMap<String, Capture> {
    let capture = Capture { select: select.into(), secret: false, default: None };
    [(name.to_owned(), capture)].into_iter().collect()
}

fn judge(expect: &Expect, answer: &Answer) -> Verdict {
    check(expect, &IndexMap::new(), &Subject::new(answer), &Redactor::default())
}

#[test]
fn every_failing_expectation_is_reported_with_its_place() {
    let expect = Expect {
        status: vec![StatusPattern::Code(200), StatusPattern::Code(201), StatusPattern::Class(3)],
        headers: vec![("ETag".into(), equals(json!("x"))), ("x-none".into(), equals(json!("y")))],
        body: vec![
            ("$.message".into(), equals(json!("Welcome to ING!"))),
            ("$['a/b~c']".into(), equals(json!(1))),
            ("$.message".into(), equals(json!("Hello"))),
        ],
        ..Expect::default()
    };
    let verdict = judge(&expect, &answer(404, br#"{"message":"Hello"}"#));
    let failing: Vec<_> = verdict.outcomes.iter().filter(|outcome| !outcome.held).collect();
    let shown: Vec<String> = failing
        .iter()
        .map(|outcome| {
            format!(
                "{} {} {} | {} | {}",
                outcome.pointer, outcome.code, outcome.selector, outcome.wanted, outcome.got
            )
        })
        .collect();
    let expected = [
        "/expect/status expect.status status | 200, 201 or 3xx | 404",
        r#"/expect/headers/ETag expect.header header.ETag | equals "x" | "12""#,
        r#"/expect/headers/x-none expect.header header.x-none | equals "y" | nothing"#,
        r#"/expect/body/$.message expect.body $.message | equals "Welcome to ING!" | "Hello""#,
        "/expect/body/$['a~1b~0c'] expect.body $['a/b~c'] | equals 1 | nothing",
    ];
    assert_eq!(shown, expected);
    assert_eq!(verdict.outcomes.len(), 6);
    assert!(!verdict.held());
}

#[test]
fn an_answer_that_is_as_expected_holds() {
    let expect = Expect {
        status: vec![StatusPattern::Class(2)],
        headers: vec![("etag".into(), equals(json!(12))), ("Vary".into(), equals(json!("a, b")))],
        body: vec![
            ("$.amount".into(), equals(json!(10))),
            ("status".into(), equals(json!(200))),
            ("header.etag".into(), equals(json!(12))),
            ("body".into(), equals(json!(r#"{"amount":10.00}"#))),
        ],
        ..Expect::default()
    };
    let verdict = judge(&expect, &answer(200, br#"{"amount":10.00}"#));
    assert!(verdict.held(), "{verdict:#?}");
    assert_eq!(verdict.outcomes.len(), 7);
}

#[test]
fn a_body_that_is_not_json_is_shown_once_and_escaped() {
    let mut expect = expect_body("$.a", equals(json!(1)));
    expect
        .body
        .push(("$.b".into(), Matcher(vec![Test { operator: Operator::Exists, operand: json!(false) }])));
    let verdict = judge(&expect, &answer(200, b"<html>\x1b[31m::error::"));
    let [first, second] = verdict.outcomes.as_slice() else { panic!("{verdict:?}") };
    assert_eq!(first.code, Code::AnswerNotJson);
    assert_eq!(
        first.got,
        r"no JSON: line 1, column 1: expected a value, found `<`; the body begins `<html>\u{1b}[31m::error::`"
    );
    assert_eq!((second.code, second.got.as_str(), second.held), (Code::AnswerNotJson, "no JSON", false));

    let empty = judge(&expect_body("$.a", equals(json!(1))), &answer(204, b""));
    assert_eq!(empty.outcomes[0].got, "no JSON: line 1, column 1: the body is empty");
    let twice = judge(&expect_body("$.ok", equals(json!(2))), &answer(200, br#"{"ok":1,"ok":2}"#));
    assert!(!twice.held() && twice.outcomes[0].got.contains("key `ok` twice"));
}

#[test]
fn a_token_that_is_null_empty_or_no_text_counts_as_missing() {
    for body in
        ["{}", r#"{"t":null}"#, r#"{"t":""}"#, r#"{"t":"  "}"#, r#"{"t":{}}"#, r#"{"t":[]}"#, r#"{"t":true}"#]
    {
        let verdict = check(
            &Expect::default(),
            &capture("access_token", "$.t"),
            &Subject::new(&answer(200, body.as_bytes())),
            &Redactor::default(),
        );
        assert!(verdict.captures.is_empty(), "{body}");
        let outcome = &verdict.outcomes[0];
        assert_eq!((outcome.code, outcome.held), (Code::CaptureMissing, false), "{body}");
        assert_eq!((outcome.pointer.as_str(), outcome.selector.as_str()), ("/capture/access_token", "$.t"));
    }
    let plain = check(
        &Expect::default(),
        &capture("next", "$.t"),
        &Subject::new(&answer(200, br#"{"t":null}"#)),
        &Redactor::default(),
    );
    assert_eq!(plain.captures["next"], Captured { value: Value::Null, secret: false });
}

#[test]
fn a_capture_of_a_body_that_is_not_json_says_so() {
    let verdict = check(
        &Expect::default(),
        &capture("id", "$.id"),
        &Subject::new(&answer(200, b"oops")),
        &Redactor::default(),
    );
    assert_eq!(verdict.outcomes[0].code, Code::AnswerNotJson);
    assert!(verdict.outcomes[0].got.ends_with("the body begins `oops`"), "{}", verdict.outcomes[0].got);
}

#[test]
fn a_default_stands_in_for_what_is_missing() {
    let mut captures = capture("page", "$.next");
    captures["page"].default = Some(json!(1));
    let missing =
        check(&Expect::default(), &captures, &Subject::new(&answer(200, b"{}")), &Redactor::default());
    assert_eq!(missing.captures["page"].value, json!(1));
    let there = check(
        &Expect::default(),
        &captures,
        &Subject::new(&answer(200, br#"{"next":2}"#)),
        &Redactor::default(),
    );
    assert_eq!(there.captures["page"].value, json!(2));
    assert!(missing.held() && there.held());
}

#[test]
fn a_token_is_masked_in_every_sentence_about_the_answer_it_came_in() {
    let redactor = Redactor::default();
    let token = "s3cr3t-T0ken-0123456789";
    let body = format!(r#"{{"access_token":"{token}","echo":["{token}"],"parts":{{"a":"{token}"}}}}"#);
    let mut captures = capture("access_token", "$.access_token");
    captures.insert("copy".into(), Capture { select: "$.echo".into(), secret: false, default: None });
    let mut expect = expect_body("$.access_token", equals(json!("other")));
    expect.body.push(("body".into(), equals(json!(""))));
    expect.body.push(("$.parts".into(), equals(json!({"a": token, "b": 1}))));
    let verdict = check(&expect, &captures, &Subject::new(&answer(200, body.as_bytes())), &redactor);
    assert!(verdict.captures["access_token"].secret);
    for outcome in &verdict.outcomes {
        assert!(!outcome.got.contains("s3cr3t") && !outcome.wanted.contains("s3cr3t"), "{outcome:?}");
    }
    assert_eq!(redactor.redact(token), "[access_token]");
}

#[test]
fn a_marked_capture_is_secret_in_all_its_parts() {
    let redactor = Redactor::default();
    let mut captures = capture("account", "$.account");
    captures["account"].secret = true;
    let body = br#"{"account":{"iban":"NL69INGB0123456789","codes":[1234567890123]}}"#;
    let verdict = check(&Expect::default(), &captures, &Subject::new(&answer(200, body)), &redactor);
    assert_eq!(verdict.outcomes[0].got, "[account]");
    assert_eq!(redactor.redact("NL69INGB0123456789 1234567890123"), "[account] [account]");
}

#[test]
fn how_long_an_answer_took_is_judged_by_what_the_exchange_says() {
    let limit = Duration::from_secs(2);
    let expect = Expect { within: Some(limit), ..expect_body("duration", equals(json!(2000))) };
    let answer = answer(200, b"");
    let took = |duration| {
        let facts = Facts { duration: Some(duration), ..Facts::default() };
        check(&expect, &IndexMap::new(), &Subject::new(&answer).knowing(facts), &Redactor::default())
    };
    assert!(took(limit).held());
    let late = took(limit + Duration::from_millis(345));
    let [duration, within] = late.outcomes.as_slice() else { panic!("{late:?}") };
    assert_eq!((duration.code, duration.got.as_str()), (Code::ExpectDuration, "2345"));
    assert_eq!((within.code, within.pointer.as_str()), (Code::ExpectDuration, "/expect/within"));
    assert_eq!((within.wanted.as_str(), within.got.as_str()), ("at most 2000 ms", "2345 ms"));
    assert!(!judge(&expect, &answer).held(), "what is not known was taken for quick");
}

#[test]
fn what_is_quoted_of_a_large_answer_is_bounded() {
    let body = format!(r#"{{"a":"{}"}}"#, "x".repeat(5_000_000));
    let verdict = judge(&expect_body("$.a", equals(json!("y"))), &answer(200, body.as_bytes()));
    assert!(verdict.outcomes[0].got.len() < 1000);
}
