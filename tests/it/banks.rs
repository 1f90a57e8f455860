//! What the shipped profiles put on the wire, against requests that a Python script makes from the
//! banks' documentation.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Project, have, python, repository, said};

const NOW: &str = "2026-11-24T09:08:07+00:00";
const HOST: &str = "https://api.bank.example";
const ID: &str = "95126d8f-ae9d-4ac3-ac9e-c357dcd78811";

/// Profiles and the variable that holds their key id, where the API hands one out.
const PROFILES: &[(&str, Option<&str>)] = &[
    ("activitypub", Some("key_url")),
    ("berlin-group", None),
    ("nordea", Some("client_id")),
    ("rabobank", None),
    ("redsys", None),
    ("starling", Some("key_uid")),
    ("stet", Some("certificate_url")),
];

/// A request's method, endpoint, headers and body.
fn requests() -> Vec<Value> {
    let common = json!({"X-Request-ID": ID, "Accept": "application/json"});
    let with = |more: Value| {
        let mut headers = common.as_object().unwrap().clone();
        headers.extend(more.as_object().unwrap().clone());
        headers
    };
    vec![
        json!({"method": "GET", "endpoint": "/v1/accounts?withBalance=true&name=a%20b", "body": "",
            "headers": with(json!({"Authorization": "Bearer abcdefghijklmnop"}))}),
        json!({"method": "POST", "endpoint": "/v1/payments", "body": "{\"amount\": \"1.00\"}\n",
            "headers": with(json!({"Content-Type": "application/json", "TPP-Redirect-URI": "https://tpp.example/back",
                "PSU-ID": "someone"}))}),
    ]
}

fn project() -> Project {
    let fixture =
        |name: &str| std::fs::read_to_string(repository().join("tests/fixtures/keys").join(name)).unwrap();
    let project = Project::empty()
        .with("seal.key", &fixture("rsa.pkcs8.pem"))
        .with("seal.crt", &fixture("rsa.v1.crt.pem"))
        .with("requests/body.json", requests()[1]["body"].as_str().unwrap());
    for (name, request) in ["get", "post"].iter().zip(requests()) {
        let mut written = json!({"method": request["method"], "endpoint": request["endpoint"],
            "headers": request["headers"]});
        if *name == "post" {
            written["body"] = json!({"file": "requests/body.json"});
        }
        project.write(&format!("requests/{name}.yaml"), &serde_yaml::to_string(&written).unwrap());
    }
    for (profile, variable) in PROFILES {
        let mut environment = json!({"host": HOST,
            "signing": {"profile": profile, "key": "seal.key", "certificate": "seal.crt"}});
        if let Some(variable) = variable {
            environment["variables"] = json!({*variable: key_id(profile)});
        }
        let text = serde_yaml::to_string(&environment).unwrap();
        project.write(&format!("requests/environments/{profile}.yaml"), &text);
    }
    project
}

fn key_id(profile: &str) -> String {
    format!("https://tpp.example/{profile}#key")
}

/// What the script makes of the same requests.
fn by_hand(python: &std::path::Path, project: &Project) -> Vec<Value> {
    let mut asked = Vec::new();
    for (profile, _) in PROFILES {
        for request in requests() {
            asked.push(json!({"profile": profile, "method": request["method"], "body": request["body"],
                "url": format!("{HOST}{}", request["endpoint"].as_str().unwrap()),
                "headers": request["headers"], "key_id": key_id(profile)}));
        }
    }
    let mut script = Command::new(python)
        .arg(repository().join("tests/interop/bank_requests.py"))
        .current_dir(project.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let asked = json!({"now": NOW, "key": "seal.key", "certificate": "seal.crt", "requests": asked});
    writeln!(script.stdin.take().unwrap(), "{asked}").unwrap();
    let said = said(&script.wait_with_output().unwrap());
    said.ends_with(0);
    serde_json::from_str(&said.out).unwrap()
}

#[test]
fn every_bank_gets_the_bytes_that_its_documentation_asks_for() {
    let Some(python) = python() else { return };
    if !have("openssl") {
        return;
    }
    let project = project();
    let mut wanted = by_hand(&python, &project).into_iter();
    for (profile, _) in PROFILES {
        for name in ["get", "post"] {
            let wanted = wanted.next().unwrap();
            let said = project.run(&["explain", name, "--env", profile, "--now", NOW, "--json"]);
            said.ends_with(0);
            let ours: Value = serde_json::from_str(&said.out).unwrap();
            assert_eq!(ours["signing_string"], wanted["signing_string"], "{profile} {name}");
            for (header, value) in wanted["headers"].as_object().unwrap() {
                let sent = ours["headers"].as_array().unwrap().iter();
                let sent: Vec<&Value> = sent
                    .filter(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case(header))
                    .map(|pair| &pair[1])
                    .collect();
                assert_eq!(sent, [value], "`{header}` of {profile} {name}");
            }
        }
    }
}
