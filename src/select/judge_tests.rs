//! Each operator with what it holds for and what it does not.

use serde_json::json;

use super::*;

fn test(operator: &str, operand: Value) -> Test {
    Test { operator: Operator::parse(operator).unwrap(), operand }
}

#[test]
#[allow(clippy::too_many_lines, reason = "one line for each case")]
fn every_operator_tells_right_from_wrong() {
    let one_and_a_half: Value = serde_json::from_str("1.50").unwrap();
    let table = [
        ("equals", json!("a"), Some(json!("a")), true),
        ("equals", json!("1"), Some(json!(1)), false),
        ("equals", json!(1.5), Some(one_and_a_half.clone()), true),
        ("equals", json!({"a": [1]}), Some(json!({"a": [1]})), true),
        ("equals", json!({"a": [1]}), Some(json!({"a": [1], "b": 2})), false),
        ("equals", Value::Null, Some(Value::Null), true),
        ("equals", Value::Null, None, false),
        ("contains", json!("ell"), Some(json!("hello")), true),
        ("contains", json!("x"), Some(json!("hello")), false),
        ("contains", json!(1), Some(json!([2, 1])), true),
        ("contains", json!([1]), Some(json!([2, 1])), false),
        ("contains", json!("k"), Some(json!({"k": null})), true),
        ("contains", json!(1), Some(json!("1")), false),
        ("contains", json!(1), None, false),
        ("matches", json!("^h.l+o$"), Some(json!("hello")), true),
        ("matches", json!("l"), Some(json!("hello")), true),
        ("matches", json!("1"), Some(json!(1)), false),
        ("matches", json!("("), Some(json!("(")), false),
        ("type", json!("integer"), Some(json!(1)), true),
        ("type", json!("integer"), Some(one_and_a_half.clone()), false),
        ("type", json!("number"), Some(one_and_a_half), true),
        ("type", json!("null"), Some(Value::Null), true),
        ("type", json!("null"), None, false),
        ("type", json!("array"), Some(json!([])), true),
        ("type", json!("object"), Some(json!([])), false),
        ("type", json!("boolean"), Some(json!(true)), true),
        ("exists", json!(true), Some(Value::Null), true),
        ("exists", json!(true), None, false),
        ("exists", json!(false), None, true),
        ("exists", json!(false), Some(json!(1)), false),
        ("format", json!("date"), Some(json!("2026-11-23")), true),
        ("format", json!("date"), Some(json!(20_261_123)), false),
        ("not", json!("a"), Some(json!("b")), true),
        ("not", json!("a"), None, true),
        ("not", json!({"contains": "a"}), Some(json!("abc")), false),
        ("not", json!({"exists": true}), None, true),
        ("includes", json!({"a": {"b": 1.0}}), Some(json!({"a": {"b": 1, "c": 2}, "d": 3})), true),
        ("includes", json!({"a": {"b": 2}}), Some(json!({"a": {"b": 1}})), false),
        ("includes", json!([{"id": 2}]), Some(json!([{"id": 1}, {"id": 2, "x": 0}])), true),
        ("includes", json!([3]), Some(json!([1, 2])), false),
        ("unordered", json!([1, 2, 2]), Some(json!([2, 1, 2])), true),
        ("unordered", json!([1, 2, 2]), Some(json!([2, 1, 1])), false),
        ("unordered", json!([1]), Some(json!([1, 1])), false),
        ("starts_with", json!("NL"), Some(json!("NL69")), true),
        ("starts_with", json!("NL"), Some(json!("DE69")), false),
        ("ends_with", json!("69"), Some(json!("NL69")), true),
        ("ends_with", json!("70"), Some(json!("NL69")), false),
        ("in", json!(["a", 1]), Some(json!(1)), true),
        ("in", json!(["a", 1]), Some(json!("1")), false),
        ("length", json!(2), Some(json!("né")), true),
        ("length", json!({"at_least": 1}), Some(json!([0])), true),
        ("length", json!({"at_least": 1}), Some(json!({})), false),
        ("length", json!(1), Some(json!(1)), false),
        ("above", json!(10), Some(json!(10)), false),
        ("above", json!(10), Some(json!(11)), true),
        ("at_least", json!(10), Some(json!(10)), true),
        ("at_least", json!(10), Some(json!(9)), false),
        ("below", json!(10), Some(json!(9)), true),
        ("below", json!(10), Some(json!(10)), false),
        ("at_most", json!(10), Some(json!(10)), true),
        ("at_most", json!(10), Some(json!("9")), false),
        ("near", json!({"value": 10, "by": 1}), Some(json!(11)), true),
        ("near", json!({"value": 10, "by": 1}), Some(json!(12)), false),
        ("each", json!({"type": "integer"}), Some(json!([1, 2])), true),
        ("each", json!({"type": "integer"}), Some(json!([1, "2"])), false),
        ("each", json!({"type": "integer"}), Some(json!([])), true),
        ("any", json!(2), Some(json!([1, 2])), true),
        ("any", json!(2), Some(json!([])), false),
        ("each", json!({"any": {"above": 1}}), Some(json!([[0, 2], [3]])), true),
        ("before", json!("2026-01-01"), Some(json!("2025-12-31T23:59:59Z")), true),
        ("before", json!("2026-01-01"), Some(json!("2026-01-01T00:00:00+00:00")), false),
        ("after", json!("2026-01-01T00:00:00+02:00"), Some(json!("2025-12-31T22:00:01Z")), true),
        ("after", json!("2026-01-01"), Some(json!("soon")), false),
        (
            "sha256",
            json!("2CF24DBA5FB0A30E26E83B2AC5B9E29E1B161E5C1FA7425E73043362938B9824"),
            Some(json!("hello")),
            true,
        ),
        ("sha256", json!("00"), Some(json!("hello")), false),
    ];
    for (operator, operand, found, held) in table {
        let test = test(operator, operand);
        assert_eq!(test.holds(found.as_ref()), held, "{test:?} of {found:?}");
    }
}

#[test]
fn a_matcher_holds_when_each_of_its_tests_does() {
    let matcher = Matcher(vec![test("type", json!("string")), test("contains", json!("a"))]);
    assert!(matcher.holds(Some(&json!("abc"))));
    assert!(!matcher.holds(Some(&json!("xyz"))));
}

#[test]
fn what_was_wanted_is_said_as_a_person_would() {
    let table = [
        (test("equals", json!("Welcome to ING!")), r#"equals "Welcome to ING!""#),
        (test("exists", json!(true)), "something"),
        (test("exists", json!(false)), "nothing"),
        (test("type", json!("string")), "type string"),
        (test("format", json!("uuid")), "format uuid"),
        (test("matches", json!("^a\u{1b}")), r"matches `^a\u{1b}`"),
        (test("matches", json!("(")), "matches `(` (not a regular expression: unclosed group)"),
        (test("contains", json!([1])), "contains [1]"),
        (test("not", json!("a")), r#"not equals "a""#),
        (
            test("each", json!({"type": "string", "length": {"at_most": 3}})),
            "each type string and length at_most 3",
        ),
        (test("near", json!({"value": 1.5, "by": 0.1})), "near 1.5, by at most 0.1"),
    ];
    for (test, said) in table {
        assert_eq!(test.wanted(&Redactor::default()), said);
    }
    assert_eq!(got(None, &Redactor::default()), "nothing");
    assert_eq!(got(Some(&json!({"a": 1})), &Redactor::default()), r#"{"a":1}"#);
}
