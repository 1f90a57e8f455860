//! `retry`, from the command line: against a server that fails as it is told and counts.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Asked, Project, Said, Scripted, answer, key_path};

/// A suite that signs, for a server.
fn suite(host: &str, lines: &str) -> Project {
    let environment = format!(
        "host: {host}\nsigning: {{profile: ing, key: {}, key_id: me}}\n{lines}",
        key_path("rsa.pkcs8.pem")
    );
    Project::empty()
        .with("requests/suite.yaml", "defaults: {snapshot: false}\n")
        .with("requests/environments/bank.yaml", &environment)
}

fn request(method: &str, lines: &str) -> String {
    format!("method: {method}\nendpoint: /a\n{lines}expect: {{status: 200}}\n")
}

/// Fails so often, then answers.
fn failing(times: usize, status: u16, fields: &'static str) -> Scripted {
    Scripted::start(move |before, _| answer(if before < times { status } else { 200 }, fields, "{}"))
}

/// The step of a JSON report.
fn step(said: &Said) -> Value {
    let lines = said.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.rev().find(|line| line["type"] == "step_finished").unwrap()
}

#[test]
fn every_attempt_is_a_new_message_with_an_id_a_digest_and_a_signature_of_its_own() {
    let server = failing(2, 503, "Retry-After: 0");
    let body = "body: {json: {id: \"{{ uuid() }}\"}}\nretry: {on: [503]}\n";
    let project = suite(&server.host(), "").with("requests/a.yaml", &request("POST", body));
    let said = project.run(&["run"]);
    said.ends_with(0);
    assert!(said.out.contains("signed ing · sent 3 times"), "{}", said.out);
    let heard = server.heard();
    let distinct = |of: fn(&Asked) -> &str| heard.iter().map(of).collect::<BTreeSet<_>>().len();
    assert_eq!(heard.len(), 3);
    assert!(heard.iter().all(|heard| heard.method == "POST"));
    assert_eq!(distinct(|heard| heard.header("x-ing-reqid")), 3);
    assert_eq!(distinct(|heard| heard.header("digest")), 3);
    assert_eq!(distinct(|heard| heard.header("authorization")), 3);
}

#[test]
fn the_report_says_of_every_attempt_what_came_of_it() {
    let server = failing(1, 429, "Retry-After: 3600");
    let project = suite(&server.host(), "")
        .with("requests/a.yaml", &request("GET", "retry: {delay: 1ms, max_delay: 5ms}\n"));
    let said = project.run(&["run", "--report", "json"]);
    said.ends_with(0);
    let step = step(&said);
    let earlier = &step["earlier_attempts"];
    assert_eq!((step["attempts"].as_u64(), earlier.as_array().unwrap().len()), (Some(2), 1));
    assert_eq!(earlier[0]["answer"]["status"], 429);
    assert_eq!(earlier[0]["why"], "the server answered 429 and asked to wait 3600 s; `retry` waited 0.005 s");
    let verbose = project.run(&["run", "-v"]);
    assert!(!verbose.out.contains("sent again"), "the server fails once only: {}", verbose.out);
}

#[test]
fn a_payment_is_sent_once_however_the_environment_tries_again() {
    let lines = "retry: {attempts: 4, delay: 1ms, on: [5xx]}\n";
    for (method, own, times) in [
        ("POST", "", 1),
        ("PATCH", "", 1),
        ("POST", "retry: {attempts: 2, delay: 1ms, on: [500]}\n", 2),
        ("PUT", "", 4),
        ("GET", "", 4),
        ("GET", "retry: false\n", 1),
        ("GET", "retry: {attempts: 2, delay: 1ms}\n", 2),
        ("GET", "retry: {delay: 1ms, on: [501, connect]}\n", 1),
    ] {
        let server = failing(9, 500, "");
        let project = suite(&server.host(), lines).with("requests/a.yaml", &request(method, own));
        project.run(&["run"]).ends_with(1);
        assert_eq!(server.heard().len(), times, "{method} {own}");
    }
}

#[test]
fn the_suite_tries_again_where_neither_environment_nor_request_says_otherwise() {
    for (environment, times) in [("", 2), ("retry: {attempts: 3, delay: 1ms}\n", 3), ("retry: false\n", 1)] {
        let server = failing(9, 502, "");
        let project = suite(&server.host(), environment).with("requests/a.yaml", &request("GET", ""));
        let defaults = "defaults: {snapshot: false, retry: {attempts: 2, delay: 1ms}}\n";
        project.write("requests/suite.yaml", defaults);
        project.run(&["run"]).ends_with(1);
        assert_eq!(server.heard().len(), times, "{environment}");
    }
}

#[test]
fn a_connection_that_breaks_is_tried_again_only_where_nothing_can_have_happened() {
    for (method, times) in [("GET", 2), ("POST", 1)] {
        let server =
            Scripted::start(|before, _| if before == 0 { String::new() } else { answer(200, "", "") });
        let own = "retry: {attempts: 3, delay: 1ms, on: [connect]}\n";
        let project = suite(&server.host(), "").with("requests/a.yaml", &request(method, own));
        let said = project.run(&["run"]);
        said.ends_with(if times == 2 { 0 } else { 5 });
        assert_eq!(server.heard().len(), times, "{method}: {}", said.out);
    }
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let own = "retry: {attempts: 3, delay: 1ms, on: [connect]}\n";
    let project = suite(&format!("http://{nobody}"), "").with("requests/a.yaml", &request("POST", own));
    let said = project.run(&["run", "--report", "json"]);
    said.ends_with(5);
    let step = step(&said);
    assert_eq!(step["attempts"], 3);
    assert_eq!(step["earlier_attempts"][0]["no_answer"]["fate"], "not_sent");
}

#[test]
fn an_answer_that_comes_too_late_is_tried_again() {
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let server = Scripted::start(move |before, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        while before == 0 && counted.load(Ordering::SeqCst) < 2 {
            thread::sleep(Duration::from_millis(5));
        }
        answer(200, "", "{}")
    });
    let own = "timeout: 1s\nretry: {delay: 1ms, on: [timeout]}\n";
    let project = suite(&server.host(), "").with("requests/a.yaml", &request("GET", own));
    let said = project.run(&["run"]);
    said.ends_with(0);
    assert!(said.out.contains("sent 2 times"), "{}", said.out);
}

#[test]
fn a_seed_fixes_the_delays_too() {
    let delays = |seed: &str| {
        let server = failing(3, 500, "");
        let own = "retry: {attempts: 4, delay: 20ms, backoff: 1.5}\n";
        let project = suite(&server.host(), "").with("requests/a.yaml", &request("GET", own));
        let said = project.run(&["run", "--report", "json", "--seed", seed]);
        said.ends_with(0);
        let earlier = step(&said)["earlier_attempts"].as_array().unwrap().clone();
        earlier.iter().map(|attempt| attempt["why"].to_string()).collect::<Vec<_>>()
    };
    assert_eq!(delays("7"), delays("7"));
    assert_ne!(delays("7"), delays("8"));
}

#[test]
fn other_requests_run_while_one_waits_to_be_tried_again() {
    let server = Scripted::start(|before, heard| {
        let fails = heard.target == "/a" && before < 2;
        answer(if fails { 503 } else { 200 }, "Retry-After: 1", "{}")
    });
    let project = suite(&server.host(), "")
        .with("requests/a.yaml", &request("GET", "retry: {attempts: 2}\n"))
        .with("requests/b.yaml", "method: GET\nendpoint: /b\n");
    project.run(&["run"]).ends_with(0);
    let targets: Vec<String> = server.heard().into_iter().map(|heard| heard.target).collect();
    assert_eq!(targets.last().map(String::as_str), Some("/a"), "{targets:?}");
    assert_eq!(targets.len(), 3, "{targets:?}");
}

#[test]
fn an_interrupted_run_does_not_wait_for_the_next_attempt() {
    let server = failing(9, 503, "");
    let own = "retry: {delay: 10m, max_delay: 10m}\n";
    let project = suite(&server.host(), "").with("requests/a.yaml", &request("GET", own));
    let mut run = project.command(&["run"]);
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while server.heard().is_empty() {
        thread::sleep(Duration::from_millis(5));
    }
    thread::sleep(Duration::from_millis(100));
    assert!(Command::new("kill").args(["-s", "INT", &run.id().to_string()]).status().unwrap().success());
    let said = run.wait_with_output().unwrap();
    assert_eq!(said.status.code(), Some(130));
    assert_eq!(server.heard().len(), 1);
}
