//! The lines of the report, and that the published schema tells the truth about them.

use serde::de::DeserializeOwned;

use super::super::record::{RunFinished, RunStarted, StepFinished, StepStarted};
use super::*;
use crate::report::event::StepResult;
use crate::report::sample;
use crate::secret::Redactor;
use crate::snapshot::Comparison;

fn lines(results: &[StepResult]) -> Vec<Value> {
    let redactor = Redactor::default();
    redactor.remember("access_token", "t0ken-from-the-bank");
    let mut output = Vec::new();
    sample::tell(&mut Json::new(&mut output, Record::new(redactor, "")), results);
    String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn every_way_to_end() -> Vec<StepResult> {
    let new = Comparison::New { content: "HTTP 200".into(), pending: true };
    let mismatch = Comparison::Mismatch { old: "HTTP 200".into(), new: "HTTP 201".into(), pending: false };
    vec![
        sample::passed(0),
        sample::sent_again(),
        sample::wrong_message(),
        sample::unanswered(),
        sample::skipped(),
        sample::compared(Comparison::Match),
        sample::compared(Comparison::Added),
        sample::compared(Comparison::Updated),
        sample::compared(new),
        sample::compared(mismatch),
    ]
}

#[test]
fn a_step_that_failed_is_told_with_everything_about_it() {
    let mut line = lines(&[sample::wrong_message()]).remove(2);
    line["step"]["file"] = "requests/greeting.yaml".into();
    line["request"]["headers"] = "…".into();
    insta::assert_snapshot!(serde_json::to_string_pretty(&line).unwrap());
}

#[test]
fn every_line_reads_back_and_has_no_field_that_is_not_published() {
    fn reads<T: DeserializeOwned + serde::Serialize>(mut line: Value) {
        line.as_object_mut().unwrap().shift_remove("type");
        let read: T = serde_json::from_value(line.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), line);
    }
    for line in lines(&every_way_to_end()) {
        match line["type"].as_str().unwrap() {
            "run_started" => reads::<RunStarted>(line),
            "step_started" => reads::<StepStarted>(line),
            "step_finished" => reads::<StepFinished>(line),
            "run_finished" => reads::<RunFinished>(line),
            other => panic!("{other}"),
        }
    }
}

#[test]
fn every_line_is_as_the_schema_says() {
    let schema = json_schema();
    for line in lines(&every_way_to_end()) {
        assert!(holds(&line, &schema, &schema), "{line}");
    }
    let strange = serde_json::json!({"type": "step_started", "index": 0, "name": "x", "more": 1});
    assert!(!holds(&strange, &schema, &schema));
    assert!(!holds(
        &serde_json::json!({"type": "step_started", "index": "0", "name": "x"}),
        &schema,
        &schema
    ));
}

/// The part of JSON Schema that ours is made of; anything else in it is a failure of this test.
fn holds(value: &Value, schema: &Value, root: &Value) -> bool {
    let Some(schema) = schema.as_object() else { return schema == &Value::Bool(true) };
    schema.iter().all(|(key, rule)| match key.as_str() {
        "$schema" | "$defs" | "title" | "description" | "format" | "properties" | "minimum" | "maximum" => {
            true
        }
        "additionalProperties" => value.as_object().is_none_or(|map| {
            let known = schema.get("properties").and_then(Value::as_object);
            rule != &Value::Bool(false)
                || map.keys().all(|key| known.is_some_and(|known| known.contains_key(key)))
        }),
        "$ref" => {
            let target = root.pointer(rule.as_str().unwrap().trim_start_matches('#')).unwrap();
            holds(value, target, root)
        }
        "oneOf" | "anyOf" => rule.as_array().unwrap().iter().any(|option| holds(value, option, root)),
        "const" => value == rule,
        "enum" => rule.as_array().unwrap().contains(value),
        "required" => rule.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some()),
        "items" => value.as_array().is_none_or(|list| list.iter().all(|item| holds(item, rule, root))),
        "prefixItems" => value.as_array().is_none_or(|list| {
            list.iter().zip(rule.as_array().unwrap()).all(|(item, rule)| holds(item, rule, root))
        }),
        "minItems" => value.as_array().is_none_or(|list| list.len() as u64 >= rule.as_u64().unwrap()),
        "maxItems" => value.as_array().is_none_or(|list| list.len() as u64 <= rule.as_u64().unwrap()),
        "type" => match rule {
            Value::Array(types) => types.iter().any(|kind| is_a(value, kind)),
            kind => is_a(value, kind),
        },
        other => panic!("`{other}` is new in the schema"),
    }) && properties_hold(value, schema, root)
}

fn properties_hold(value: &Value, schema: &serde_json::Map<String, Value>, root: &Value) -> bool {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .all(|(name, rule)| value.get(name).is_none_or(|value| holds(value, rule, root)))
}

fn is_a(value: &Value, kind: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.as_u64().is_some(),
        "number" => value.is_number(),
        other => panic!("`{other}`"),
    }
}

#[test]
fn what_of_a_contract_was_not_reached_is_told_as_the_schema_says() {
    let coverage = crate::contract::Coverage {
        file: "openapi.yaml".into(),
        operations: vec![crate::contract::CoveredOperation {
            method: "GET".into(),
            path: "/a".into(),
            id: None,
            reached: true,
            answers: vec![crate::contract::CoveredAnswer { status: "4XX".into(), reached: false }],
        }],
    };
    let summary = crate::report::Summary { contracts: vec![coverage], ..Default::default() };
    let mut output = Vec::new();
    Json::new(&mut output, Record::new(Redactor::default(), ""))
        .event(&Event::RunFinished(&summary))
        .unwrap();
    let line: Value = serde_json::from_slice(&output).unwrap();
    assert!(holds(&line, &json_schema(), &json_schema()), "{line}");
    assert_eq!(line["contracts"][0]["answers_declared"], 1);
    assert_eq!(line["contracts"][0]["operations"][0]["answers"][0]["reached"], false);
}
