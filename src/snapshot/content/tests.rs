//! What a snapshot shows of an answer, and what it must never show.

use super::*;
use crate::snapshot::{Filter, Like};

fn answer(headers: &[(&str, &str)], body: &[u8]) -> Answer {
    Answer {
        status: 200,
        version: "HTTP/1.1".into(),
        headers: headers.iter().copied().collect(),
        body: body.to_vec().into(),
    }
}

fn text_of(settings: &Settings, answer: &Answer) -> String {
    content(settings, &[], answer, &Redactor::default()).unwrap().text
}

fn redacting(rules: &[(&str, &str)]) -> Settings {
    let rules = rules.iter().map(|(selector, text)| (*selector, Rule::Replace((*text).to_owned())));
    ruled(rules.collect())
}

fn ruled(rules: Vec<(&str, Rule)>) -> Settings {
    let own = |(selector, rule): (&str, Rule)| Redaction { selector: selector.to_owned(), rule, own: true };
    Settings { redact: rules.into_iter().map(own).collect(), ..Settings::default() }
}

fn filters(pairs: &[(&str, &str)]) -> Vec<Filter> {
    let own = |(pattern, replacement): &(&str, &str)| Filter {
        pattern: (*pattern).to_owned(),
        replacement: (*replacement).to_owned(),
        own: true,
    };
    pairs.iter().map(own).collect()
}

#[test]
fn an_answer_reads_as_an_http_message() {
    let body = br#"{"messageTimestamp":"2026-11-23T14:02:00Z","id":"e77d776b","message":"Welcome to ING!","n":1.10}"#;
    let answer = answer(&[("date", "x"), ("content-type", "application/json")], body);
    let settings = redacting(&[("$.id", "[uuid]"), ("$.messageTimestamp", "[timestamp]")]);
    let expected = "HTTP 200\ncontent-type: application/json\n\n{\n  \"id\": \"[uuid]\",\n  \"message\": \"Welcome to ING!\",\n  \"messageTimestamp\": \"[timestamp]\",\n  \"n\": 1.10\n}";
    let made = content(&settings, &[], &answer, &Redactor::default()).unwrap();
    assert_eq!((made.text.as_str(), made.unused.len()), (expected, 0));
}

/// Header fields, body, text.
type Kind<'a> = (&'a [(&'a str, &'a str)], &'a [u8], &'a str);

#[test]
fn every_kind_of_body_is_kept_in_its_form() {
    let json = [("content-type", "application/problem+json; charset=utf-8")];
    let table: &[Kind<'_>] = &[
        (&[], b"", "HTTP 200"),
        (&[], b"hello", "HTTP 200\n\nhello"),
        (&[], b"hello\n", "HTTP 200\n\nhello\n\\"),
        (&[], b"a\r\nb", "HTTP 200\n\n\\a\\r\nb"),
        (&[], b"12", "HTTP 200\n\n12"),
        (&[], b"1.0 ", "HTTP 200\n\n\\1.0\\u{20}"),
        (&[], b"[1.0 ]", "HTTP 200\n\n[\n  1.0\n]"),
        (&json, b"1.0 ", "HTTP 200\ncontent-type: application/problem+json; charset=utf-8\n\n1.0"),
        (&[], b"{\"a\":1,\"a\":2}", "HTTP 200\n\n{\"a\":1,\"a\":2}"),
        (&[], b"\0\x1b", "HTTP 200\n\n\\\\u{0}\\u{1b}"),
        (
            &[],
            b"\xff\xfe\x00",
            "HTTP 200\n\n<binary: 3 bytes, sha256 ba778c0261008c8f71ae4061ad0162ffcbe63b52c91f89f236738131d1217ec7>",
        ),
        (&[("content-type", "")], b"", "HTTP 200\ncontent-type:"),
    ];
    for (headers, body, expected) in table {
        assert_eq!(text_of(&Settings::default(), &answer(headers, body)), *expected);
    }
}

#[test]
fn chosen_headers_come_in_the_order_chosen_and_all_of_them_without_the_volatile() {
    let answer = answer(
        &[
            ("vary", "b"),
            ("date", "x"),
            ("ETag", "1"),
            ("vary", "a"),
            ("x-request-id", "7"),
            ("allow", "GET"),
        ],
        b"",
    );
    let named = HeaderChoice::Named(vec!["ETag".into(), "vary".into(), "none".into()]);
    assert_eq!(
        text_of(&Settings { headers: named, ..Settings::default() }, &answer),
        "HTTP 200\netag: 1\nvary: b\nvary: a"
    );
    let all = Settings { headers: HeaderChoice::All, ..Settings::default() };
    assert_eq!(text_of(&all, &answer), "HTTP 200\nallow: GET\netag: 1\nvary: b\nvary: a");
}

#[test]
fn a_rule_that_matches_nothing_is_reported() {
    let mut settings =
        redacting(&[("$.acess_token", "x"), ("header.etag", "x"), ("header.Content-Type", "[type]")]);
    settings.filters = filters(&[(r"\d{4}", "[year]"), ("none", "x")]);
    let answer = answer(&[("content-type", "text/x"), ("etag", "1")], b"in 2026 and 2027");
    let made = content(&settings, &[], &answer, &Redactor::default()).unwrap();
    assert_eq!(made.text, "HTTP 200\ncontent-type: [type]\n\nin [year] and [year]");
    assert_eq!(made.unused, ["$.acess_token", "header.etag", "none"]);
    // What the whole suite says need not match everywhere.
    settings.redact.iter_mut().for_each(|redaction| redaction.own = false);
    settings.filters.iter_mut().for_each(|filter| filter.own = false);
    assert!(content(&settings, &[], &answer, &Redactor::default()).unwrap().unused.is_empty());
}

fn like(text: &str, like: Like) -> Rule {
    Rule::ReplaceLike { text: text.into(), like }
}

#[test]
fn a_value_that_does_not_look_right_stays_and_shows() {
    let settings = ruled(vec![
        ("$.items[*].id", like("[uuid]", Like::Format("uuid".into()))),
        ("$.at", like("[seconds]", Like::Pattern("^[0-9]{10}$".into()))),
        ("$.none", like("[none]", Like::Format("date".into()))),
        ("header.content-type", like("[json]", Like::Pattern("json".into()))),
    ]);
    let body = br#"{"at":1732370520,"items":[{"id":"e77d776b-90af-4684-bebc-521e5b2614dd"},{"id":null},{"id":"7"}],"none":"soon"}"#;
    let answer = answer(&[("content-type", "application/json; v=7")], body);
    let made = content(&settings, &[], &answer, &Redactor::default()).unwrap();
    let expected = "HTTP 200\ncontent-type: [json]\n\n{\n  \"at\": \"[seconds]\",\n  \"items\": [\n    {\n      \"id\": \"[uuid]\"\n    },\n    {\n      \"id\": null\n    },\n    {\n      \"id\": \"7\"\n    }\n  ],\n  \"none\": \"soon\"\n}";
    assert_eq!(made.text, expected);
    assert_eq!(made.unused, ["$.none"]);
}

#[test]
fn a_list_is_sorted_behind_what_is_masked_in_it() {
    let settings = ruled(vec![
        ("$.items", Rule::Sort),
        ("$.total", Rule::Sort),
        ("$.items[*].id", Rule::Replace("[id]".into())),
        ("$.items[*].amount", Rule::Round(1)),
        ("$.total", Rule::Round(0)),
    ]);
    let text_of = |body: &str| content(&settings, &[], &answer_with(body), &Redactor::default()).unwrap();
    let one = text_of(r#"{"items":[{"id":1,"amount":2.04},{"id":2,"amount":1.96}],"total":4.00}"#);
    let other = text_of(r#"{"items":[{"id":9,"amount":1.98},{"amount":2.02,"id":3}],"total":4}"#);
    assert!(one.text.contains("2.0") && one.text.ends_with("\"total\": 4\n}"), "{}", one.text);
    assert_eq!(one, other);
    assert_eq!(one.unused, ["$.total"]);
    let settings = ruled(vec![("$.items", Rule::Sort)]);
    let sorted =
        content(&settings, &[], &answer_with(r#"{"items":["b","a"]}"#), &Redactor::default()).unwrap();
    assert!(sorted.text.ends_with("[\n    \"a\",\n    \"b\"\n  ]\n}"), "{}", sorted.text);
}

#[test]
fn a_shape_shows_types_and_what_was_masked() {
    let mut settings = redacting(&[("$.id", "[id]")]);
    settings.shape = true;
    settings.redact.push(Redaction { selector: "$.items".into(), rule: Rule::Sort, own: false });
    let masks = [("$.pin".to_owned(), "[pin]".to_owned())];
    let body = r#"{"id":7,"pin":1234,"items":[1,"x",2]}"#;
    let made = content(&settings, &masks, &answer_with(body), &Redactor::default()).unwrap();
    let expected = "HTTP 200\n\n{\n  \"id\": \"[id]\",\n  \"items\": [\n    \"integer\",\n    \"string\"\n  ],\n  \"pin\": \"[pin]\"\n}";
    assert_eq!((made.text.as_str(), made.unused.len()), (expected, 0));
    let plain = content(&settings, &[], &answer_with("hello"), &Redactor::default()).unwrap();
    assert_eq!(plain.text, "HTTP 200\n\nhello");
}

#[test]
fn a_secret_never_gets_into_a_snapshot() {
    let redactor = Redactor::default();
    redactor.remember("access_token", "s3cr3t-T0ken-0123");
    let body = br#"{"access_token":"s3cr3t-T0ken-0123","pin":"1234","echo":"Bearer s3cr3t-T0ken-0123"}"#;
    let answer = answer(&[("content-type", "s3cr3t-T0ken-0123")], body);
    let mut settings =
        Settings { filters: filters(&[("T0ken", "TOKEN"), ("(x)?$", "")]), ..Settings::default() };
    let masks = [("$.pin".to_owned(), "[pin]".to_owned()), ("$.none".to_owned(), "[none]".to_owned())];
    let made = content(&settings, &masks, &answer, &redactor).unwrap();
    let expected = "HTTP 200\ncontent-type: [access_token]\n\n{\n  \"access_token\": \"[access_token]\",\n  \"echo\": \"Bearer [access_token]\",\n  \"pin\": \"[pin]\"\n}";
    assert_eq!(made.text, expected);
    assert_eq!(made.unused, ["T0ken"]);
    // A filter that puts a secret together again is masked behind it.
    settings.filters = filters(&[("abcd", "s3cr3t-T0ken-0123")]);
    let forged = content(&settings, &[], &answer_with("abcd"), &redactor).unwrap();
    assert!(!forged.text.contains("s3cr3t"));
}

fn answer_with(body: &str) -> Answer {
    answer(&[], body.as_bytes())
}

#[test]
fn a_filter_cannot_grow_a_snapshot_without_bound() {
    let settings = Settings { filters: filters(&[("a", &"b".repeat(100_000))]), ..Settings::default() };
    let made = content(&settings, &[], &answer_with(&"a".repeat(1_000_000)), &Redactor::default());
    assert!(matches!(made, Err(SnapshotError::TooLarge)));
}

#[test]
fn a_body_cannot_pose_as_another() {
    let binary = text_of(&Settings::default(), &answer(&[], b"\xff\xfe\x00"));
    let posing = binary.strip_prefix("HTTP 200\n\n").unwrap();
    assert_ne!(text_of(&Settings::default(), &answer_with(posing)), binary);
}

#[test]
fn the_documentation_names_every_header_that_is_left_out() {
    let documentation = include_str!("../../../docs/snapshots.md");
    for name in VOLATILE {
        assert!(documentation.contains(&format!("`{name}`")), "{name}");
    }
    assert!(VOLATILE.is_sorted());
}
