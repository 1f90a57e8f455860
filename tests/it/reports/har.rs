//! HAR 1.2, from the command line: by its schema, and read again by `verify`.

use serde_json::{Value, json};

use super::{ended, every_way_to_end, run};
use crate::support::{Project, Scripted, answer};

/// What the specification of HAR 1.2 asks for, of what is written here.
fn schema() -> Value {
    let text = json!({"type": "string"});
    let number = json!({"type": "number", "minimum": -1});
    let some = json!({"type": "number", "minimum": 0});
    let object = |properties: Value, optional: &[&str]| {
        let names = properties.as_object().unwrap().keys().filter(|name| !optional.contains(&name.as_str()));
        let required: Vec<&String> = names.collect();
        json!({
            "type": "object", "required": required, "properties": properties,
            "patternProperties": {"^_": {}}, "additionalProperties": false,
        })
    };
    let list = |items: &Value| json!({"type": "array", "items": items});
    let pairs = list(&object(json!({"name": text, "value": text}), &[]));
    let post = object(json!({"mimeType": text, "text": text, "comment": text}), &["text", "comment"]);
    let request = json!({
        "method": text, "url": {"type": "string", "pattern": "^https?://"}, "httpVersion": text,
        "cookies": {"type": "array"}, "headers": pairs, "queryString": pairs, "postData": post,
        "headersSize": number, "bodySize": number,
    });
    let content = json!({"size": some, "mimeType": text, "text": text, "comment": text});
    let response = json!({
        "status": {"type": "integer"}, "statusText": text, "httpVersion": text, "cookies": {"type": "array"},
        "headers": pairs, "content": object(content, &["text", "comment"]), "redirectURL": text,
        "headersSize": number, "bodySize": number,
    });
    let timings = json!({
        "blocked": number, "dns": number, "connect": number, "ssl": number, "send": some, "wait": some,
        "receive": some,
    });
    let entry = json!({
        "startedDateTime": {"type": "string", "format": "date-time"}, "time": some,
        "request": object(request, &["postData"]), "response": object(response, &[]),
        "cache": {"type": "object"}, "timings": object(timings, &[]),
    });
    let log = json!({
        "version": {"const": "1.2"}, "creator": object(json!({"name": text, "version": text}), &[]),
        "pages": {"type": "array"}, "entries": list(&object(entry, &[])), "comment": text,
    });
    object(json!({"log": object(log, &["comment"])}), &[])
}

/// Panics where the report is not what HAR 1.2 says; gives its entries.
pub(super) fn entries(text: &str) -> Vec<Value> {
    let har: Value = serde_json::from_str(text).unwrap();
    let validator = jsonschema::options().should_validate_formats(true).build(&schema()).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&har).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}");
    har["log"]["entries"].as_array().unwrap().clone()
}

#[test]
fn every_exchange_is_an_entry_with_its_times_and_no_credential() {
    let project = every_way_to_end();
    run(&project, &["har=run.har"]).ends_with(5);
    let text = project.read("run.har");
    let entries = entries(&text);
    let names: Vec<&str> = entries.iter().map(|entry| entry["_step"]["name"].as_str().unwrap()).collect();
    let sent = ended(&project).into_iter().filter(|step| !step["request"].is_null());
    let wanted: Vec<String> = sent.map(|step| step["step"]["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, wanted);
    for entry in &entries {
        let timings = entry["timings"].as_object().unwrap();
        let parts = timings.iter().filter(|(name, _)| *name != "ssl").map(|(_, ms)| ms.as_f64().unwrap());
        let sum: f64 = parts.filter(|ms| *ms >= 0.0).sum();
        let time = entry["time"].as_f64().unwrap();
        assert!((sum - time).abs() < 0.01, "{sum} is not {time}: {entry}");
    }
    let token = entries.iter().find(|entry| entry["_step"]["name"] == "token").unwrap();
    assert_eq!(token["request"]["postData"]["text"], "grant_type=client_credentials");
    assert_eq!(token["_signatures"][0]["profile"], "ing");
    assert!(token["response"]["content"]["text"].as_str().unwrap().contains("[access_token]"));
    let lost = entries.iter().find(|entry| entry["_step"]["name"] == "payments/lost").unwrap();
    assert_eq!((&lost["response"]["status"], &lost["_error"]["code"]), (&json!(0), &json!("connect.failed")));
    assert_eq!(lost["_error"]["fate"], "not_sent");
}

#[test]
fn attempts_before_the_last_are_entries_in_the_order_they_were_made() {
    let server = Scripted::start(|before, _| answer(if before < 2 { 503 } else { 200 }, "", "{}"));
    let project =
        Project::empty().with("requests/environments/bank.yaml", &format!("host: {}\n", server.host())).with(
            "requests/a.yaml",
            "method: GET\nendpoint: /a?b=c&d=%20e\nsnapshot: false\n\
             retry: {attempts: 3, on: [503], delay: 1ms}\n",
        );
    let said = run(&project, &["har"]);
    said.ends_with(0);
    let entries = entries(&said.out);
    let statuses: Vec<&Value> = entries.iter().map(|entry| &entry["response"]["status"]).collect();
    assert_eq!(statuses, [&json!(503), &json!(503), &json!(200)]);
    let numbers: Vec<&Value> = entries.iter().map(|entry| &entry["_attempt"]).collect();
    assert_eq!(numbers, [&json!(1), &json!(2), &json!(3)]);
    assert!(entries[0]["_sent_again"].is_string() && entries[2].get("_sent_again").is_none());
    let began: Vec<&str> = entries.iter().map(|entry| entry["startedDateTime"].as_str().unwrap()).collect();
    assert!(began.is_sorted(), "{began:?}");
    assert_eq!(
        entries[0]["request"]["queryString"],
        json!([{"name": "b", "value": "c"}, {"name": "d", "value": "%20e"}])
    );
}

/// A signature is masked in every report, so that this is as far as it gets.
#[test]
fn verify_reads_the_file_and_takes_no_masked_signature_for_a_good_one() {
    let project = Project::shipped();
    run(&project, &["har=run.har"]).ends_with(0);
    for (entry, message) in [("1", "POST /oauth2/token"), ("2", "GET /greetings/single")] {
        let key = ["--profile", "ing", "--key", "certificates/embedded_signing.key"];
        let said = project.run(&[&["verify", "run.har", "--entry", entry], &key[..]].concat());
        said.ends_with(1);
        let told = format!("not verified  {message}\n\nthe signature `signature` is not padded base64");
        assert!(said.out.starts_with(&told), "{}", said.out);
    }
}
