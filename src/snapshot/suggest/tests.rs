//! Two answers, and what is suggested for them.

use serde_json::{Value, json};

use super::super::{Compared, HeaderChoice, Like};
use super::*;

fn answer(status: u16, content_type: &str, body: &str) -> Answer {
    Answer {
        status,
        version: "HTTP/1.1".into(),
        headers: [("content-type", content_type)].into_iter().collect(),
        body: body.to_owned().into(),
    }
}

fn of_json(body: &Value) -> Answer {
    answer(200, "application/json", &body.to_string())
}

fn compare(both: [&Answer; 2], settings: &Settings, redactor: &Redactor) -> Suggested {
    let now = DateTime::from_timestamp(1_795_867_200, 0).unwrap();
    suggest(&Answers { both, settings, masks: &[], redactor, now }).unwrap()
}

/// The rules as YAML has them.
fn rules(suggested: &Suggested) -> Vec<String> {
    let shown = |suggestion: &Suggestion| match &suggestion.advice {
        Advice::Redact { selector, rule } => {
            let (key, value) = redact_entry(selector, rule, Written::Block);
            format!("{key}: {value}")
        }
        Advice::Filter { pattern, replacement } => filter_entry(pattern, replacement),
    };
    suggested.suggestions.iter().map(shown).collect()
}

fn of(left: &Value, right: &Value) -> Suggested {
    compare([&of_json(left), &of_json(right)], &Settings::default(), &Redactor::default())
}

fn uuid(number: u8) -> String {
    format!("e77d776b-90af-4684-bebc-5200000000{number:02x}")
}

#[test]
fn elements_of_a_list_have_one_rule_where_all_of_them_fit_it() {
    let list = |from: u8| json!({"items": [{"id": uuid(from), "n": "a"}, {"id": uuid(from + 1), "n": "b"}]});
    let suggested = of(&list(0), &list(8));
    assert_eq!(rules(&suggested), [r#"$.items[*].id: {as: "[uuid]", matches: uuid}"#]);
    assert!(suggested.equal && suggested.remains.is_empty());
}

#[test]
fn an_element_that_differs_alone_has_a_rule_of_its_own() {
    let list = |text: &str| json!([{"note": text}, {"note": "same"}]);
    assert_eq!(rules(&of(&list("one"), &list("two"))), [r#"$[0].note: "[note]""#]);
    let mixed = |from: u8| json!([{"id": uuid(from)}, {"id": "main"}]);
    assert_eq!(rules(&of(&mixed(0), &mixed(8))), [r#"$[0].id: {as: "[uuid]", matches: uuid}"#]);
    let pairs = |from: u8| json!({"rows": [[uuid(from), from], [uuid(from + 1), from + 1]]});
    assert_eq!(
        rules(&of(&pairs(0), &pairs(8))),
        [
            r#"$.rows[*][0]: {as: "[uuid]", matches: uuid}"#,
            r#"$.rows[*][1]: {as: "[number]", matches: '/^\d+$/'}"#
        ]
    );
}

#[test]
fn a_list_in_another_order_is_sorted_also_where_its_elements_are_new_each_time() {
    let plain = [json!({"list": [3, 1, 2]}), json!({"list": [1, 2, 3]})];
    assert_eq!(rules(&of(&plain[0], &plain[1])), ["$.list: {sort: true}"]);

    // Behind new ids, nothing tells the elements apart but what they say.
    let fresh = |from: u8, first: &str, second: &str| json!([{"id": uuid(from), "name": first}, {"id": uuid(from + 1), "name": second}]);
    let suggested = of(&fresh(0, "x", "y"), &fresh(8, "y", "x"));
    assert_eq!(rules(&suggested), ["$: {sort: true}", r#"$[*].id: {as: "[uuid]", matches: uuid}"#]);
    assert!(suggested.equal);

    // Ids that stay are no reason to mask them.
    let moved = |swap: bool, at: i64| {
        let mut list = vec![
            json!({"id": uuid(0), "at": 1_795_867_200 + at}),
            json!({"id": uuid(1), "at": 1_795_867_200 + at}),
        ];
        if swap {
            list.reverse();
        }
        json!({ "a": list })
    };
    let suggested = of(&moved(false, 0), &moved(true, 1));
    assert_eq!(
        rules(&suggested),
        ["$.a: {sort: true}", r#"$.a[*].at: {as: "[timestamp]", matches: '/^\d{10}$/'}"#]
    );
    assert!(suggested.equal);
}

#[test]
fn what_no_rule_masks_is_said_and_not_claimed_to_be_equal() {
    let suggested = of(&json!({"a": [1], "b": 1}), &json!({"a": [1, 2], "c": 1}));
    assert!(!suggested.equal && suggested.suggestions.is_empty());
    let what: Vec<&str> = suggested.remains.iter().map(|remainder| remainder.what.as_str()).collect();
    assert_eq!(
        what,
        [
            "`$.a` has 1 and 2 elements",
            "`$.b` is there only in the first answer",
            "`$.c` is there only in the second answer"
        ]
    );
    assert!(suggested.remains[0].help.as_ref().unwrap().contains("shape: true"));

    let (fine, busy) = (answer(200, "text/plain", "x"), answer(202, "text/plain", "x"));
    let suggested = compare([&fine, &busy], &Settings::default(), &Redactor::default());
    assert_eq!(suggested.remains[0].what, "the status differs: `HTTP 200` and `HTTP 202`");
}

#[test]
fn what_is_masked_already_is_not_suggested_again() {
    let settings = Settings {
        redact: vec![
            Redaction { selector: "$..id".into(), rule: Rule::Replace("[id]".into()), own: false },
            Redaction { selector: "$.list".into(), rule: Rule::Sort, own: true },
        ],
        filters: vec![Filter { pattern: r"\d{3}".into(), replacement: "N".into(), own: true }],
        ..Settings::default()
    };
    let body = |id: u8, number: u16, first: &str, second: &str| {
        of_json(&json!({"id": uuid(id), "n": number, "list": [first, second]}))
    };
    let redactor = Redactor::default();
    let suggested = compare([&body(0, 100, "a", "b"), &body(1, 200, "b", "a")], &settings, &redactor);
    assert_eq!(
        suggested,
        Suggested { suggestions: Vec::new(), remains: Vec::new(), equal: true, tomorrow: Vec::new() }
    );
}

#[test]
fn a_rule_that_somebody_wrote_stays_and_one_of_the_whole_suite_gives_way() {
    let mut settings = Settings {
        redact: vec![Redaction {
            selector: "$.id".into(),
            rule: Rule::ReplaceLike { text: "[n]".into(), like: Like::Pattern("^x".into()) },
            own: true,
        }],
        ..Settings::default()
    };
    let both = [of_json(&json!({"id": 1})), of_json(&json!({"id": 2}))];
    let redactor = Redactor::default();
    let suggested = compare([&both[0], &both[1]], &settings, &redactor);
    assert!(!suggested.equal && suggested.suggestions.is_empty());
    assert_eq!(suggested.remains[0].what, "`$.id` differs, though the request has a rule for it");
    settings.redact[0].own = false;
    let suggested = compare([&both[0], &both[1]], &settings, &redactor);
    assert_eq!(rules(&suggested), [r#"$.id: {as: "[number]", matches: '/^\d+$/'}"#]);
    assert!(suggested.equal);
}

#[test]
fn a_secret_is_in_no_suggestion_and_not_looked_at() {
    let redactor = Redactor::default();
    redactor.remember("access_token", "e77d776b-90af-4684-bebc-520000000000");
    redactor.remember("access_token", "e77d776b-90af-4684-bebc-520000000008");
    let body = |id: u8| of_json(&json!({"token": uuid(id), "at": format!("2026-11-28T12:00:0{}Z", id)}));
    let suggested = compare([&body(0), &body(8)], &Settings::default(), &redactor);
    assert_eq!(rules(&suggested), [r#"$.at: {as: "[timestamp]", matches: date-time}"#]);
    assert!(suggested.equal && !format!("{suggested:?}").contains("e77d776b"));
}

#[test]
fn header_fields_that_are_kept_have_rules_too() {
    let settings = Settings { headers: HeaderChoice::All, ..Settings::default() };
    let with = |etag: &str, more: Option<&str>| {
        let mut answer = of_json(&json!({}));
        answer.headers.append("ETag", etag);
        if let Some(value) = more {
            answer.headers.append("X-More", value);
        }
        answer
    };
    let both = [with("\"00ab34cd56ef7890ab\"", None), with("\"ffab34cd56ef7890ab\"", Some("x"))];
    let suggested = compare([&both[0], &both[1]], &settings, &Redactor::default());
    assert_eq!(rules(&suggested), [r#"header.etag: {as: '"[token]"', matches: '/^"[0-9a-f]{18}"$/'}"#]);
    assert_eq!(suggested.remains[0].what, "the field `x-more` is there 0 and 1 times");
    assert!(!suggested.equal);
}

#[test]
fn a_text_is_masked_by_filters_or_its_line_is_named() {
    let page = |id: u8, word: &str| {
        answer(200, "text/html", &format!("<p>\n<a href=\"/{}\">{word}</a>\n</p>\n", uuid(id)))
    };
    let redactor = Redactor::default();
    let suggested = compare([&page(0, "x"), &page(1, "x")], &Settings::default(), &redactor);
    let filter = r#"['\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b', "[uuid]"]"#;
    assert_eq!(rules(&suggested), [filter]);
    assert!(suggested.equal);
    let suggested = compare([&page(0, "x"), &page(1, "y")], &Settings::default(), &redactor);
    assert_eq!(rules(&suggested), [filter]);
    assert_eq!(suggested.remains[0].what, "the body is no JSON, and differs from its line 2 on");
    assert!(!suggested.equal);
}

#[test]
fn types_in_place_of_values_leave_nothing_to_mask() {
    let settings = Settings { shape: true, ..Settings::default() };
    let body = |id: u8| of_json(&json!({"id": uuid(id), "list": [{"n": id}]}));
    let suggested = compare([&body(0), &body(1)], &settings, &Redactor::default());
    assert!(suggested.equal && suggested.suggestions.is_empty());
}

#[test]
fn thousands_of_values_that_differ_are_told_as_a_few_rules() {
    let many = |from: u32| json!({"rows": (0..5000).map(|row| json!({"n": from + row, "s": format!("w{}", from + row)})).collect::<Vec<_>>()});
    let suggested = of(&many(0), &many(10_000));
    assert_eq!(
        rules(&suggested),
        [r#"$.rows[*].n: {as: "[number]", matches: '/^\d+$/'}"#, r#"$.rows[*].s: "[s]""#]
    );
    assert!(suggested.equal);
    let scattered = |from: u32| {
        let row =
            |row: u32| if row.is_multiple_of(2) { json!(format!("w{}", from + row)) } else { json!("same") };
        json!((0..5000).map(row).collect::<Vec<_>>())
    };
    let suggested = of(&scattered(0), &scattered(10_000));
    assert_eq!(suggested.suggestions.len(), limits::SUGGESTIONS);
    assert!(
        !suggested.equal && suggested.remains[0].what.contains("more values differ"),
        "{:?}",
        suggested.remains
    );
}

#[test]
fn what_does_not_matter_where_snapshots_are_compared_is_no_difference_here() {
    let redactor = Redactor::default();
    let both = [r#"{"a": 1.0, "b": [1, 2]}"#, r#"{"b": [2, 1], "a": 1.00}"#];
    let both = both.map(|body| answer(200, "application/json", body));
    let by = |compared| {
        let settings = Settings { compared, ..Settings::default() };
        compare([&both[0], &both[1]], &settings, &redactor)
    };
    assert_eq!(rules(&by(Compared::InOrder)), ["$.b: {sort: true}"]);
    assert!(by(Compared::Unordered).equal && by(Compared::Unordered).suggestions.is_empty());
    let exact = by(Compared::Exactly);
    assert_eq!(rules(&exact)[0], "$.b: {sort: true}");
    assert!(!exact.equal);
    assert_eq!(exact.remains[0].what, "keys are in another order");

    // A number in a list without an order would name another element tomorrow.
    let list = |number: u8| of_json(&json!([{"at": number}, {"at": 0, "x": "a"}]));
    let settings = Settings { compared: Compared::Unordered, ..Settings::default() };
    let suggested = compare([&list(1), &list(2)], &settings, &redactor);
    assert_eq!(rules(&suggested), [r#"$[*].at: {as: "[number]", matches: '/^\d+$/'}"#]);
    assert!(suggested.equal);
}

#[test]
fn a_date_that_is_the_same_today_is_named_before_it_fails_tomorrow() {
    let body = |id: u8| json!({"id": uuid(id), "days": ["2026-11-28", "2026-11-27"], "from": "2026-11-28T00:00:00Z", "at": "2026-11-28T11:00:00Z"});
    let suggested = of(&body(0), &body(1));
    assert!(suggested.equal);
    let what: Vec<&str> = suggested.tomorrow.iter().map(|remainder| remainder.what.as_str()).collect();
    assert_eq!(
        what,
        [
            "`$.days[*]` is today's date in both answers, and will be another one tomorrow",
            "`$.from` is today's date in both answers, and will be another one tomorrow",
        ]
    );
}

#[test]
fn keys_that_are_new_in_every_answer_do_not_fill_the_screen() {
    let body = |from: u32| {
        let entries = (from..from + 500).map(|key| (format!("k{key}"), json!(1)));
        Value::Object(entries.collect())
    };
    let suggested = of(&body(0), &body(1000));
    assert_eq!(suggested.remains.len(), REMAINDERS + 1);
    assert_eq!(suggested.remains[REMAINDERS].what, "there are 980 more differences like these");
}
