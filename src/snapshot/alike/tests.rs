//! What may differ unseen, and what must not.

use proptest::prelude::*;

use super::*;

fn likeness(unordered: Unordered) -> Likeness {
    Likeness::Json(unordered)
}

fn in_order() -> Likeness {
    likeness(Unordered::At(Vec::new()))
}

fn at(path: &str) -> Likeness {
    likeness(Unordered::At(vec![Path::parse(path).unwrap()]))
}

fn compared(likeness: &Likeness, old: &str, new: &str) -> Option<Value> {
    let arranged = likeness.against(&format!("HTTP 200\n\n{old}"), &format!("HTTP 200\n\n{new}"))?;
    Some(body(arranged.strip_prefix("HTTP 200\n\n").unwrap()).unwrap())
}

#[test]
fn only_what_matters_makes_two_answers_differ() {
    let same = [
        (in_order(), r#"{"a":1,"b":[1,2]}"#, r#"{"b":[1.0,2],"a":10e-1}"#),
        (in_order(), r#"{"a":"\u0041"}"#, "{\"a\":\n \"A\"}"),
        (in_order(), "-0", "0.0"),
        (at("$.a"), r#"{"a":[1,2,2],"b":[1,2]}"#, r#"{"a":[2.0,1,2],"b":[1,2]}"#),
        (at("$.a[*].b"), r#"{"a":[{"b":[1,2]},{"b":[3,4]}]}"#, r#"{"a":[{"b":[2,1]},{"b":[4,3]}]}"#),
        (likeness(Unordered::All), "[[1,2],[3]]", "[[3],[2,1]]"),
    ];
    for (likeness, old, new) in same {
        assert_eq!(compared(&likeness, old, new), None, "{old} {new}");
        assert_eq!(compared(&likeness, new, old), None, "{new} {old}");
    }
    let different = [
        (in_order(), "[1,2]", "[2,1]"),
        (in_order(), r#"{"a":1}"#, r#"{"a":1,"b":null}"#),
        (in_order(), "1", "\"1\""),
        (in_order(), "9007199254740992", "9007199254740993"),
        (in_order(), "null", "false"),
        (in_order(), "[]", "{}"),
        (at("$.a"), r#"{"a":[1,2,2]}"#, r#"{"a":[1,1,2]}"#),
        (at("$.a"), r#"{"b":[1,2]}"#, r#"{"b":[2,1]}"#),
        (at("$.a[*].b"), r#"{"a":[{"b":[1,2]},{"b":[3]}]}"#, r#"{"a":[{"b":[3]},{"b":[1,2]}]}"#),
        (likeness(Unordered::All), "[[1,2],[3]]", "[[1],[2,3]]"),
        // Texts that would be one if the pieces of their canonical form were not kept apart.
        (in_order(), r#"["a","b"]"#, r#"["a\",\"b"]"#),
        (in_order(), r#"{"a":"1,\"b\":2"}"#, r#"{"a":"1","b":2}"#),
        (in_order(), "1e0", "\"1e0\""),
    ];
    for (likeness, old, new) in different {
        assert!(compared(&likeness, old, new).is_some(), "{old} {new}");
        assert!(compared(&likeness, new, old).is_some(), "{new} {old}");
    }
}

#[test]
fn text_and_what_was_asked_to_be_exact_is_compared_byte_by_byte() {
    let (old, new) = ("HTTP 200\n\n{\"a\": 1}", "HTTP 200\n\n{\"a\": 1.0}");
    assert_eq!(Likeness::Text.against(old, new).as_deref(), Some(new));
    assert_eq!(Likeness::Text.against(old, old), None);
    assert_eq!(in_order().against(old, new), None);
    for (old, new) in [
        ("HTTP 200\n\n1", "HTTP 201\n\n1.0"),
        ("HTTP 200", "HTTP 200\n\n1"),
        ("HTTP 200\n\nx", "HTTP 200\n\n1"),
    ] {
        assert!(in_order().against(old, new).is_some(), "{old:?} {new:?}");
    }
}

#[test]
fn what_does_not_matter_is_shown_as_it_was() {
    let table = [
        (in_order(), r#"{"a":1.00,"b":2}"#, r#"{"b":3,"a":1}"#, r#"{"a":1.00,"b":3}"#),
        (in_order(), "[1.0,2.0,3.0]", "[0,1,3]", "[0,1.0,3.0]"),
        (in_order(), r#"[{"id":1.0,"x":1}]"#, r#"[{"id":1,"x":2}]"#, r#"[{"id":1.0,"x":2}]"#),
        (at("$"), "[3,1,2]", "[1,2,4,3]", "[3,1,2,4]"),
        (at("$"), "[3,1,2]", "[2,9,3]", "[3,9,2]"),
        (at("$"), "[3,1,2]", "[2]", "[2]"),
        (
            at("$"),
            r#"[{"id":1.0,"x":1},{"id":2}]"#,
            r#"[{"id":2.0},{"id":1,"x":3}]"#,
            r#"[{"id":1.0,"x":3},{"id":2}]"#,
        ),
    ];
    for (likeness, old, new, expected) in table {
        let arranged = compared(&likeness, old, new).unwrap();
        let expected: Value = json::parse(expected.as_bytes()).unwrap();
        assert_eq!(arranged.to_string(), expected.to_string(), "{old} {new}");
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        proptest::sample::select(&["0", "-0", "1", "1.0", "10e-1", "2"][..])
            .prop_map(|text| Value::Number(text.parse().unwrap())),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map("[a-c]", inner, 0..3)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// The arranged text is alike what came, and nothing is alike what was stored that is not equal.
    #[test]
    fn what_is_stored_in_place_of_an_answer_means_the_same(old in value(), new in value(), all in any::<bool>()) {
        let likeness = if all { likeness(Unordered::All) } else { in_order() };
        let [old_text, new_text] = [&old, &new].map(|value| format!("HTTP 200\n\n{value}"));
        match likeness.against(&old_text, &new_text) {
            Some(arranged) => {
                prop_assert!(all || !json::equal(&old, &new));
                prop_assert_eq!(likeness.against(&new_text, &arranged), None);
                prop_assert!(likeness.against(&old_text, &arranged).is_some());
            }
            None => prop_assert!(all || json::equal(&old, &new)),
        }
    }
}
