//! What a snapshot shows of an answer, and what it must never show.

use super::*;

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
    let own = |(selector, replacement): &(&str, &str)| ((*selector).to_owned(), (*replacement).to_owned());
    Settings { redact: rules.iter().map(own).collect(), ..Settings::default() }
}

#[test]
fn an_answer_reads_as_an_http_message() {
    let body = br#"{"messageTimestamp":"2026-11-23T14:02:00Z","id":"e77d776b","message":"Welcome to ING!","n":1.10}"#;
    let answer = answer(&[("date", "x"), ("content-type", "application/json")], body);
    let settings = redacting(&[("$.id", "[uuid]"), ("$.messageTimestamp", "[timestamp]")]);
    let expected = "HTTP 200\ncontent-type: application/json\n\n{\n  \"id\": \"[uuid]\",\n  \"message\": \"Welcome to ING!\",\n  \"messageTimestamp\": \"[timestamp]\",\n  \"n\": 1.10\n}";
    let made = content(&settings, &[], &answer, &Redactor::default()).unwrap();
    assert_eq!(made, Content { text: expected.into(), unused: vec![] });
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
    settings.filters = vec![(r"\d{4}".into(), "[year]".into()), ("none".into(), "x".into())];
    let answer = answer(&[("content-type", "text/x"), ("etag", "1")], b"in 2026 and 2027");
    let made = content(&settings, &[], &answer, &Redactor::default()).unwrap();
    assert_eq!(made.text, "HTTP 200\ncontent-type: [type]\n\nin [year] and [year]");
    assert_eq!(made.unused, ["$.acess_token", "header.etag", "none"]);
}

#[test]
fn a_secret_never_gets_into_a_snapshot() {
    let redactor = Redactor::default();
    redactor.remember("access_token", "s3cr3t-T0ken-0123");
    let body = br#"{"access_token":"s3cr3t-T0ken-0123","pin":"1234","echo":"Bearer s3cr3t-T0ken-0123"}"#;
    let answer = answer(&[("content-type", "s3cr3t-T0ken-0123")], body);
    let filters = vec![("T0ken".into(), "TOKEN".into()), ("(x)?$".into(), String::new())];
    let mut settings = Settings { filters, ..Settings::default() };
    let masks = [("$.pin".to_owned(), "[pin]".to_owned()), ("$.none".to_owned(), "[none]".to_owned())];
    let made = content(&settings, &masks, &answer, &redactor).unwrap();
    let expected = "HTTP 200\ncontent-type: [access_token]\n\n{\n  \"access_token\": \"[access_token]\",\n  \"echo\": \"Bearer [access_token]\",\n  \"pin\": \"[pin]\"\n}";
    assert_eq!(made.text, expected);
    assert_eq!(made.unused, ["T0ken"]);
    // A filter that puts a secret together again is masked behind it.
    settings.filters = vec![("abcd".into(), "s3cr3t-T0ken-0123".into())];
    let forged = content(&settings, &[], &answer_with("abcd"), &redactor).unwrap();
    assert!(!forged.text.contains("s3cr3t"));
}

fn answer_with(body: &str) -> Answer {
    answer(&[], body.as_bytes())
}

#[test]
fn a_filter_cannot_grow_a_snapshot_without_bound() {
    let settings = Settings { filters: vec![("a".into(), "b".repeat(100_000))], ..Settings::default() };
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
