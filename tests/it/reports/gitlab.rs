//! Code quality of GitLab, from the command line.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{every_way_to_end, run};
use crate::support::Project;

/// What GitLab's documentation says of the format.
pub(super) fn schema() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["description", "check_name", "fingerprint", "severity", "location"],
            "properties": {
                "description": {"type": "string", "minLength": 1},
                "check_name": {"type": "string", "minLength": 1},
                "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
                "location": {
                    "type": "object",
                    "required": ["path", "lines"],
                    "properties": {
                        "path": {"type": "string", "pattern": "^[^/.]"},
                        "lines": {
                            "type": "object",
                            "required": ["begin"],
                            "properties": {"begin": {"type": "integer", "minimum": 1}},
                        },
                    },
                },
            },
        },
    })
}

fn findings(project: &Project) -> Vec<Value> {
    let said = run(project, &["gitlab"]);
    let report: Value = serde_json::from_str(&said.out).unwrap();
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    report.as_array().unwrap().clone()
}

fn fingerprints(findings: &[Value]) -> BTreeSet<String> {
    findings.iter().map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_merge_request_shows_a_problem_once_wherever_its_line_moves() {
    let project = every_way_to_end();
    let before = findings(&project);
    assert_eq!(fingerprints(&before).len(), before.len(), "no two are taken for one");
    let bad = before.iter().find(|finding| finding["check_name"] == "expect.body").unwrap();
    let told = "payments/pay@bad: `$.message` is \"Welcome to ING!\", wanted equals \"Goodbye\"";
    assert_eq!(bad["description"], told);
    assert_eq!(bad["severity"], "major");
    assert_eq!(bad["location"], json!({"path": "requests/payments/pay.yaml", "lines": {"begin": 7}}));

    let pay = project.read("requests/payments/pay.yaml");
    project.write("requests/payments/pay.yaml", &format!("# moved\n{pay}"));
    let after = findings(&project);
    assert!(after.iter().any(|finding| finding["location"]["lines"]["begin"] == 8), "{after:?}");
    assert_eq!(fingerprints(&after), fingerprints(&before));
}

#[test]
fn a_run_in_which_all_is_well_has_no_findings() {
    let project = Project::shipped();
    assert_eq!(findings(&project), Vec::<Value>::new());
}
