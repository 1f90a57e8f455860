//! `until`, from the command line: against a server that needs its time.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Project, Said, Scripted, answer, key_path};

fn suite(server: &Scripted, lines: &str) -> Project {
    let environment = format!(
        "host: {}\nsigning: {{profile: ing, key: {}, key_id: me}}\n",
        server.host(),
        key_path("rsa.pkcs8.pem")
    );
    Project::empty()
        .with("requests/suite.yaml", "defaults: {snapshot: false}\n")
        .with("requests/environments/bank.yaml", &environment)
        .with("requests/a.yaml", &format!("method: GET\nendpoint: /a\n{lines}"))
}

/// Settled after so many answers.
fn settling(after: usize) -> Scripted {
    Scripted::start(move |before, _| {
        let status = if before < after { "PDNG" } else { "ACSC" };
        answer(200, "content-type: application/json", &format!("{{\"status\":\"{status}\",\"n\":{before}}}"))
    })
}

fn step(said: &Said) -> Value {
    let lines = said.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.rev().find(|line| line["type"] == "step_finished").unwrap()
}

#[test]
fn a_payment_is_asked_about_until_it_is_settled_and_the_last_answer_is_what_counts() {
    let server = settling(7);
    let lines = "until: {body: {$.status: \"{{ done }}\"}, every: 1ms, within: 5m}\nvariables: {done: ACSC}\n\
                 expect: {body: {$.n: 7}}\ncapture: {n: $.n}\n";
    let project = suite(&server, lines).with("requests/b.yaml", "method: GET\nendpoint: \"/{{ a.n }}\"\n");
    let said = project.run(&["run"]);
    said.ends_with(0);
    assert!(said.out.contains("sent 8 times"), "{}", said.out);
    let heard = server.heard();
    assert_eq!(heard.last().unwrap().target, "/7");
    let ids: BTreeSet<&str> = heard.iter().map(|heard| heard.header("x-ing-reqid")).collect();
    assert_eq!(ids.len(), 9, "every request has an id of its own");
}

#[test]
fn the_last_few_answers_are_kept_however_often_it_is_asked() {
    let server = settling(40);
    let project = suite(&server, "until: {body: {$.status: ACSC}, every: 1ms, within: 5m}\n");
    let said = project.run(&["run", "--report", "json"]);
    said.ends_with(0);
    let step = step(&said);
    assert_eq!(step["attempts"], 41);
    let earlier = step["earlier_attempts"].as_array().unwrap();
    assert_eq!(earlier.len(), 3);
    assert!(earlier[2]["answer"]["body"]["text"].as_str().unwrap().contains("\"n\":39"), "{earlier:?}");
    assert_eq!(earlier[0]["why"], "`until` did not hold and waited 0.001 s");
}

#[test]
fn what_never_comes_is_shown_at_its_line_and_nothing_else_is_judged() {
    let server = settling(usize::MAX);
    let lines = "until:\n  status: 200\n  body:\n    $.status: ACSC\n  every: 500ms\n  within: 800ms\nexpect: {status: 418}\n";
    let said = suite(&server, lines).run(&["run"]);
    said.ends_with(1);
    insta::assert_snapshot!(said.settled());
    assert_eq!(server.heard().len(), 2);
}

#[test]
fn each_time_it_is_asked_has_its_own_attempts() {
    let server = Scripted::start(|before, _| match before {
        0 | 1 | 3 | 4 => answer(503, "", ""),
        2 => answer(200, "", "{\"done\":false}"),
        _ => answer(200, "", "{\"done\":true}"),
    });
    let lines = "until: {body: {$.done: true}, every: 1ms, within: 5m}\nretry: {attempts: 3, delay: 1ms}\n";
    let project = suite(&server, lines);
    project.run(&["run"]).ends_with(0);
    assert_eq!(server.heard().len(), 6);
}

#[test]
fn a_name_that_until_uses_is_planned_and_checked_as_any_other() {
    let server = settling(0);
    let project = suite(&server, "until: {body: {$.status: \"{{ token.state }}\"}}\n")
        .with("requests/token.yaml", "method: GET\nendpoint: /t\ncapture: {state: $.status}\n");
    let said = project.run(&["run", "a"]);
    said.ends_with(0);
    assert_eq!(server.heard().len(), 2, "the request that it names runs before it");
    project
        .write("requests/a.yaml", "method: GET\nendpoint: /a\nuntil: {headers: {etag: \"{{ unknown }}\"}}\n");
    let said = project.run(&["check"]);
    said.ends_with(3);
    assert!(said.err.contains("requests/a.yaml:3:") && said.err.contains("`unknown`"), "{}", said.err);
}
