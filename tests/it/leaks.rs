//! No secret in any output, at any verbosity, whatever fails.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

use crate::support::{Project, said};

const SECRET: &str = "s3cr3t/T0ken+with=odd&characters\"<>";

/// A suite in which a secret goes everywhere a suite can put it, and everything fails.
fn leaky() -> Project {
    let project = Project::shipped();
    let greeting = r#"
token: token
method: POST
endpoint: /greetings/{{ secret("DEMO_SECRET") | urlencode }}
query: {plain: '{{ secret("DEMO_SECRET") }}'}
headers:
  X-Encoded: '{{ secret("DEMO_SECRET") | base64 }}'
  X-Token: '{{ token.access_token }}'
body:
  json: {secret: '{{ secret("DEMO_SECRET") }}', token: '{{ token.access_token }}'}
expect:
  status: 200
  headers: {x-secret: '{{ secret("DEMO_SECRET") }}'}
  body: {$.token: '{{ token.access_token }}', $.secret: '{{ secret("DEMO_SECRET") }}'}
"#;
    let unreachable = "host: https://127.0.0.1:1\nvariables: {client_id: x}\n";
    project
        .with("requests/leak.yaml", greeting)
        .with(
            "requests/lost.yaml",
            &greeting.replace("token: token\n", "").replace("{{ token.access_token }}", "x"),
        )
        .with("requests/environments/lost.yaml", unreachable)
}

/// What must not be found: the secret in the encodings that people have to expect, and the key.
fn forbidden(project: &Project) -> Vec<String> {
    let hex = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let percent: String =
        SECRET
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
    let json = serde_json::to_string(SECRET).unwrap();
    let mut forbidden = vec![
        SECRET.to_owned(),
        BASE64_STANDARD.encode(SECRET),
        BASE64_URL_SAFE_NO_PAD.encode(SECRET),
        hex.to_uppercase(),
        hex,
        percent,
        json.trim_matches('"').to_owned(),
        SECRET.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
    ];
    for key in ["certificates/embedded_tls.key", "certificates/embedded_signing.key"] {
        let text = project.read(key);
        forbidden.extend(text.lines().filter(|line| !line.starts_with('-')).map(str::to_owned));
    }
    forbidden
}

#[test]
fn no_output_of_a_failing_suite_holds_a_secret() {
    let project = leaky();
    project.run(&["run", "token"]).ends_with(0);
    let forbidden = forbidden(&project);
    let lines: [&[&str]; 9] = [
        &["run", "leak", "--report", "json=report.json"],
        &["run", "leak", "--verbose", "--report", "json=report.json"],
        &["run", "leak", "--quiet", "--report", "json"],
        &["run", "lost", "--env", "lost", "--verbose"],
        &["run", "leak", "--snapshots", "always"],
        &["explain", "leak"],
        &["explain", "leak", "--send"],
        &["explain", "leak", "--send", "--curl"],
        &["explain", "leak", "--send", "--json"],
    ];
    for arguments in lines {
        let output = project.command(arguments).env("DEMO_SECRET", SECRET).output().unwrap();
        let said = said(&output);
        let mut sinks = vec![("output", said.all())];
        for file in ["report.json", "snapshots/leak.snap", "snapshots/leak.snap.new"] {
            if project.has(file) {
                sinks.push((file, project.read(file)));
            }
        }
        for (sink, text) in sinks {
            assert!(!text.is_empty(), "{arguments:?} says nothing to {sink}");
            for secret in &forbidden {
                assert!(!text.contains(secret.as_str()), "{arguments:?} leaks {secret} to {sink}:\n{text}");
            }
            for bearer in text.split("Bearer ").skip(1) {
                assert!(
                    bearer.starts_with(['[', '$', '\'', '"']),
                    "{arguments:?} leaks the token to {sink}:\n{text}"
                );
            }
        }
    }
}

#[test]
fn a_secret_that_is_not_set_is_named_before_anything_is_sent() {
    let project = leaky();
    let said = project.run(&["run", "leak"]);
    said.ends_with(4);
    assert!(said.err.contains("DEMO_SECRET"), "{}", said.err);
    assert!(!said.out.contains("POST /oauth2/token"), "the token was fetched before:\n{}", said.out);
}
