//! What an answer's JSON may be, and what is said when it is not.

use proptest::prelude::*;

use super::*;

#[test]
fn a_body_that_is_not_json_is_refused_with_place_and_reason() {
    let table: &[(&[u8], &str)] = &[
        (b"", "line 1, column 1: the body is empty"),
        (b" \n ", "line 2, column 2: there is no value"),
        (b"<html>", "line 1, column 1: expected a value, found `<`"),
        (b"{\"a\": 1", "line 1, column 8: expected `,` or `}`, found the end"),
        (b"{\"a\": \"b", "line 1, column 9: the text ends inside a string"),
        (b"{} {}", "line 1, column 4: expected nothing more after the value, found `{`"),
        (b"[1,]", "line 1, column 4: expected a value, found `]`"),
        (b"{\n  'a': 1}", "line 2, column 3: expected a key in double quotes, found `'`"),
        (b"{\"a\" 1}", "line 1, column 6: expected `:` after the key, found `1`"),
        (b"NaN", "line 1, column 1: expected a value, found `N`"),
        (b"nul", "line 1, column 1: expected a value, found `n`"),
        (b"01", "line 1, column 2: expected the end of the number, found `1`"),
        (b"1.", "line 1, column 3: expected a digit, found the end"),
        (b"-", "line 1, column 2: expected a digit, found the end"),
        (b"1e+", "line 1, column 4: expected a digit, found the end"),
        (b"+1", "line 1, column 1: expected a value, found `+`"),
        (b"\"a\nb\"", "line 1, column 3: a control character in a string must be written as an escape"),
        (b"\"\\x\"", "line 1, column 2: there is no such escape in JSON"),
        (b"\"\\u12\xc3\xa9\"", "line 1, column 2: `\\u` needs four hexadecimal digits"),
        (b"\"\\ud800\"", "line 1, column 2: half of a surrogate pair, which is no character"),
        (b"\"\\udc00\\ud800\"", "line 1, column 2: half of a surrogate pair, which is no character"),
        (b"{\"a\":{\"ok\":1,\n\"ok\":2}}", "line 2, column 1: key `ok` twice"),
        (b"{\"a\":1,\"\\u0061\":2}", "line 1, column 8: key `a` twice"),
        (b"{\"\xc3\xa9\":\"\xff\"}", "line 1, column 7: byte 0xFF at 7 is not UTF-8"),
        (b"\xff\xfe{\0}\0", "line 1, column 1: UTF-16 or UTF-32, and JSON is UTF-8"),
        (b"{\0}\0", "line 1, column 1: UTF-16 or UTF-32, and JSON is UTF-8"),
        (b"\x1b[31m", "line 1, column 1: expected a value, found `\\u{1b}`"),
    ];
    for (body, said) in table {
        let error = parse(body).expect_err(&String::from_utf8_lossy(body));
        assert_eq!(error.to_string(), *said, "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn every_digit_of_a_number_is_kept() {
    for text in
        ["9007199254740993", "1e400", "1.10", "-0", "18446744073709551616", "0.1000000000000000055511"]
    {
        let Ok(Value::Number(number)) = parse(text.as_bytes()) else { panic!("{text}") };
        assert_eq!(number.as_str(), text);
    }
    let million = "7".repeat(1_000_000);
    assert!(matches!(parse(million.as_bytes()), Ok(Value::Number(number)) if number.as_str() == million));
}

#[test]
fn a_byte_order_mark_and_every_escape_are_read() {
    assert_eq!(parse(b"\xef\xbb\xbf{}").unwrap(), serde_json::json!({}));
    let text = r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#;
    assert_eq!(parse(text.as_bytes()).unwrap(), serde_json::json!("\"\\/\u{8}\u{c}\n\r\té😀"));
}

#[test]
fn an_object_cannot_pose_as_a_number() {
    let posing = br#"{"$serde_json::private::Number":"12"}"#;
    assert!(parse(posing).unwrap().is_object());
}

#[test]
fn nesting_is_bounded_without_using_the_stack_up() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(parse(nested(limits::JSON_DEPTH).as_bytes()).is_ok());
    for depth in [limits::JSON_DEPTH + 1, 100_000] {
        let error = parse(nested(depth).as_bytes()).unwrap_err();
        assert_eq!(error.reason, "nested deeper than 128 levels");
    }
    let objects = "{\"a\":".repeat(100_000);
    assert_eq!(parse(objects.as_bytes()).unwrap_err().reason, "nested deeper than 128 levels");
}

proptest! {
    /// A second reader agrees with ours about what is JSON and what it says, wherever it has no
    /// reason not to: equal keys and its own way with numbers aside.
    #[test]
    fn another_reader_says_the_same(text in r#"[\[\]{}:,"ab\\u01.eE+\- \n]{0,24}|(\[|\{"a":|,|1|"b"|\]|\}|true|null){0,12}"#) {
        let ours = parse(text.as_bytes());
        let theirs = serde_json::from_str::<Value>(&text);
        match (&ours, &theirs) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs),
            (Err(error), Ok(_)) => prop_assert!(error.reason.ends_with("twice"), "{text}: {error}"),
            (Ok(_), Err(error)) => prop_assert!(false, "{text}: {error}"),
            (Err(_), Err(_)) => {}
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let _ = parse(&bytes);
    }
}
