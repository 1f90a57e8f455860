//! Values, and the rules that their looks give.

use serde_json::json;

use super::*;

/// 2026-11-28T12:00:00Z
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_867_200, 0).unwrap()
}

/// The kind, what stands in the place of the values, and what they must look like.
fn told(values: &[Value]) -> (Kind, String, String) {
    let values: Vec<&Value> = values.iter().collect();
    let (kind, rule) = rule(&values, Some("cursor"), now());
    for value in &values {
        assert!(fits(&rule, value), "{rule:?} does not take {value}");
    }
    match rule {
        Rule::Replace(text) => (kind, text, String::new()),
        Rule::ReplaceLike { text, like: Like::Format(name) } => (kind, text, name),
        Rule::ReplaceLike { text, like: Like::Pattern(pattern) } => (kind, text, format!("/{pattern}/")),
        Rule::Sort => (kind, "sort".into(), String::new()),
        Rule::Round(decimals) => (kind, format!("round {decimals}"), String::new()),
    }
}

/// Values, their kind, what stands in their place, and what they must look like.
type Row = (Value, (Kind, &'static str, &'static str));

fn hold(table: impl IntoIterator<Item = Row>) {
    for (values, (kind, text, like)) in table {
        let values: Vec<Value> = values.as_array().unwrap().clone();
        assert_eq!(told(&values), (kind, text.to_owned(), like.to_owned()), "{values:?}");
    }
}

#[test]
fn ids_and_times_are_recognised_by_their_look() {
    hold([
        (
            json!(["e77d776b-90af-4684-bebc-521e5b2614dd", "E77D776B-90AF-4684-BEBC-521E5B2614DE"]),
            (Kind::Uuid, "[uuid]", "uuid"),
        ),
        (
            json!(["2026-11-28T12:00:00Z", "2026-11-28T12:00:01.5+01:00"]),
            (Kind::Timestamp, "[timestamp]", "date-time"),
        ),
        (
            json!(["2026-11-28 12:00:00 GMT", "2026-11-28 12:00:01 GMT"]),
            (Kind::Timestamp, "[timestamp]", r"/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT$/"),
        ),
        (
            json!(["2026-11-28T12:00:00.120+0100", "2026-11-28T12:00:01.45+0100"]),
            (Kind::Timestamp, "[timestamp]", r"/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+\+\d{4}$/"),
        ),
        (
            json!(["2026-11-28T12:00", "2026-11-28T12:00:01"]),
            (
                Kind::Timestamp,
                "[timestamp]",
                r"/^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d([.,]\d+)?)?( ?([Zz]|GMT|UTC|[+-]\d\d(:?\d\d)?))?$/",
            ),
        ),
        (
            json!(["Sat, 28 Nov 2026 12:00:00 GMT", "Sat, 28 Nov 2026 12:00:01 GMT"]),
            (
                Kind::Timestamp,
                "[timestamp]",
                r"/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/",
            ),
        ),
        (
            json!(["20261128T120000Z", "20261128T120001Z"]),
            (Kind::Timestamp, "[timestamp]", r"/^\d{8}T\d{6}Z$/"),
        ),
        (json!(["2026-11-28", "2026-11-29"]), (Kind::Date, "[date]", "date")),
        (json!(["12:00:00Z", "12:00:01Z"]), (Kind::Time, "[time]", "time")),
        (json!([1_795_867_200, 1_795_867_201]), (Kind::Timestamp, "[timestamp]", r"/^\d{10}$/")),
        (json!(["1795867200123", "1795867201123"]), (Kind::Timestamp, "[timestamp]", r"/^\d{13}$/")),
        (json!([1_795_867_200.25, 1_795_867_201.5]), (Kind::Timestamp, "[timestamp]", r"/^\d{10}(\.\d+)?$/")),
    ]);
}

#[test]
fn numbers_and_tokens_are_recognised_and_all_else_is_replaced_by_its_name() {
    hold([
        (json!([1_500_000_000, 1_500_000_001]), (Kind::Counter, "[number]", r"/^\d+$/")),
        (json!([7, 8]), (Kind::Counter, "[number]", r"/^\d+$/")),
        (json!(["0007", "-8"]), (Kind::Counter, "[number]", r"/^-?\d+$/")),
        (json!([10.5, 12.25]), (Kind::Number, "[number]", r"/^\d+\.\d+$/")),
        (json!([-10.5, 12]), (Kind::Number, "[number]", r"/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/")),
        (
            json!(["eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln", "eyJhbGciOiJub25lIn0.eyJhIjoyfQ.c2lo"]),
            (Kind::Token, "[token]", r"/^ey[A-Za-z0-9_-]{10,}(\.[A-Za-z0-9_-]*){2,4}$/"),
        ),
        (
            json!(["9b2c1d0e8f7a6b5c4d3e2f1a0b9c8d7e", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"]),
            (Kind::Token, "[token]", "/^[0-9a-f]{32}$/"),
        ),
        (
            json!(["01HXYZ9A8B7C6D5E4F3G2H1J0K", "01HXYZ9A8B7C6D5E4F3G2H1J0M"]),
            (Kind::Token, "[token]", "/^[0-9A-Z]{26}$/"),
        ),
        (
            json!(["aB3_xY9-kL2mN4pQ7rS", "zZ1_yX8-wV6uT5sR4qP0"]),
            (Kind::Token, "[token]", "/^[0-9A-Za-z_-]{16,}$/"),
        ),
        (json!(["after:abc", "after:abd"]), (Kind::Other, "[cursor]", "")),
        (json!(["payment-was-accepted-2", "payment-was-rejected-1"]), (Kind::Other, "[cursor]", "")),
        (json!(["x", null]), (Kind::Other, "[cursor]", "")),
        (json!([1, "1"]), (Kind::Other, "[cursor]", "")),
        (json!([[1], {"a": 1}]), (Kind::Other, "[cursor]", "")),
        (json!([true, false]), (Kind::Other, "[cursor]", "")),
    ]);
}

#[test]
fn what_is_recognised_in_a_longer_text_leaves_the_rest_of_it_to_be_compared() {
    let table = [
        (
            [
                "/payments/e77d776b-90af-4684-bebc-521e5b2614dd/status",
                "/payments/0e7d776b-90af-4684-bebc-521e5b2614dd/status",
            ],
            (Kind::Uuid, "/payments/[uuid]/status"),
        ),
        (["/v1/payments/1001", "/v1/payments/1002"], (Kind::Counter, "/v1/payments/[number]")),
        (["PAY-000123", "PAY-000124"], (Kind::Counter, "PAY-[number]")),
        (["valid until 2026-11-28", "valid until 2026-11-29"], (Kind::Date, "valid until [date]")),
        (["127.0.0.1", "127.0.0.2"], (Kind::Other, "[cursor]")),
        (["EUR 10.50", "EUR 10.75"], (Kind::Number, "EUR [number]")),
        (["INV-2026-0001", "INV-2026-0002"], (Kind::Other, "[cursor]")),
        (["a{{x}}-1", "a{{x}}-2"], (Kind::Other, "[cursor]")),
        (["aa-1", "aa-"], (Kind::Other, "[cursor]")),
    ];
    for (values, (kind, text)) in table {
        let (told, stands, _) = told(&values.map(Value::from));
        assert_eq!((told, stands.as_str()), (kind, text), "{values:?}");
    }
}

#[test]
fn numbers_are_rounded_only_where_what_differs_is_noise() {
    assert_eq!(told(&[json!(0.123_456_789), json!(0.123_456_788)]).1, "round 7");
    assert_eq!(told(&[json!(1.05), json!(1.06)]).0, Kind::Number);
    assert_eq!(told(&[json!(100.000_1), json!(100.000_2)]).0, Kind::Number);
}

#[test]
fn what_may_be_a_secret_is_not_shown_as_an_example() {
    let shown = |kind, left: &str, right: &str| example(kind, [&json!(left), &json!(right)]);
    assert_eq!(shown(Kind::Token, "9b2c1d0e8f7a6b5c", "0a1b2c3d4e5f6071"), None);
    assert_eq!(shown(Kind::Other, "after:1", "after:2"), None);
    let uuid = "e77d776b-90af-4684-bebc-521e5b2614dd";
    assert_eq!(shown(Kind::Uuid, uuid, uuid), Some(("e77d776b…".into(), "e77d776b…".into())));
    assert_eq!(shown(Kind::Counter, "1\n2", "3"), None);
}
