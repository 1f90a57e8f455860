//! The HTML report, read by html5lib and shown by Chromium. Skipped, with a line that says so,
//! where one of them is missing, unless `COUNTERSIGN_TEST_REQUIRE_TOOLS` is set.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Canned, Project, missing, python, scripted};

/// A run in which something passed, failed, was skipped and got no answer.
fn run(project: &Project, code: i32) -> Value {
    project.run(&["run", "--report", "html=out/report.html", "--report", "json=report.json"]).ends_with(code);
    let lines = project.read("report.json");
    serde_json::from_str(lines.lines().last().unwrap()).unwrap()
}

fn mixed() -> Project {
    let request = |rest: &str| format!("token: token\nmethod: GET\nendpoint: /greetings/single\n{rest}");
    let project = Project::shipped()
        .with("requests/wrong.yaml", &request("expect: {body: {$.message: Goodbye!}}\nsnapshot: false\n"))
        .with("requests/behind.yaml", &request("needs: [wrong]\nsnapshot: false\n"))
        .with("requests/changed.yaml", &request("headers: {Accept: application/json}\nsnapshot: {redact: {$.id: '[uuid]', $.messageTimestamp: '[timestamp]'}}\n"))
        .with("requests/nobody.yaml", "method: GET\nendpoint: https://127.0.0.1:1/\nsign: false\nsnapshot: false\n");
    let stored = project.read("snapshots/greeting.snap").replace("greeting.yaml", "changed.yaml");
    project.with("snapshots/changed.snap", &stored.replace("Welcome to ING!", "Welcome!"))
}

/// A server whose every text is markup.
fn markup(word: &str) -> (Project, Canned) {
    let body = format!("{{\"message\": \"{word}\"}}");
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-word: {word}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let server = Canned::start(answer.leak(), Duration::ZERO);
    let request = format!(
        "name: '{word}'\nmethod: GET\nendpoint: /\nexpect: {{body: {{$.message: '{word}!', $.other: 1}}}}\n"
    );
    let project = Project::empty()
        .with("requests/environments/test.yaml", &format!("host: {}\n", server.url()))
        .with("requests/word.yaml", &request)
        .with("requests/behind.yaml", &format!("needs: ['{word}']\nmethod: GET\nendpoint: /\n"));
    (project, server)
}

fn asked(action: &str, project: &Project) -> Option<Value> {
    let python = python()?;
    let package = if action == "parse" { "html5lib" } else { "playwright" };
    let found = Command::new(&python).args(["-c", &format!("import {package}")]).status();
    if !found.is_ok_and(|status| status.success()) && !missing(package) {
        return None;
    }
    let mut given = json!({"page": project.path().join("out/report.html")});
    if action == "show" {
        given["browser"] = browser()?.display().to_string().into();
    }
    Some(scripted(&python, "report_page.py", action, &given).unwrap_or_else(|said| panic!("{said}")))
}

/// Chromium, under one of its names.
fn browser() -> Option<PathBuf> {
    let names = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|program| program.is_file());
    if found.is_none() {
        missing("Chromium");
    }
    found
}

#[test]
fn the_page_has_the_counts_of_the_json_report_and_failures_first() {
    let project = mixed();
    let finished = run(&project, 5);
    let Some(page) = asked("parse", &project) else { return };
    assert_eq!(page["errors"], json!([]));
    let steps = page["steps"].as_array().unwrap();
    let count = |verdict: &str| steps.iter().filter(|step| step["verdict"] == verdict).count();
    for (verdict, field) in
        [("passed", "passed"), ("failed", "failed"), ("error", "errors"), ("skipped", "skipped")]
    {
        assert_eq!(finished[field], count(verdict), "{verdict}");
    }
    assert_eq!((steps.len(), &page["rows"]), (6, &json!(6)));
    let names: Vec<&str> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["nobody", "changed", "wrong", "token", "greeting", "behind"]);
    assert!(
        steps.iter().all(|step| step["open"] == (step["verdict"] == "failed" || step["verdict"] == "error"))
    );
    let told = |name: &str, part: &str| {
        let step = steps.iter().find(|step| step["name"] == name).unwrap();
        assert!(step["text"].as_str().unwrap().contains(part), "{part} is not in {step:#}");
    };
    told("wrong", "`$.message` is \"Welcome to ING!\"");
    told("wrong", "requests/wrong.yaml:4:");
    told("wrong", "(request-target): get /greetings/single");
    told("wrong", "Bearer [access_token]");
    told("changed", "$.message \"Welcome!\" →became \"Welcome to ING!\"");
    told("changed", "waits for review");
    told("nobody", "`127.0.0.1:1` refused the connection");
    told("behind", "`wrong` did not pass");
}

#[test]
fn the_page_loads_nothing_and_runs_nothing_but_what_its_policy_names_by_hash() {
    let project = mixed();
    run(&project, 5);
    let Some(page) = asked("parse", &project) else { return };
    let policies = page["policies"].as_array().unwrap();
    assert_eq!(policies.len(), 1);
    assert!(policies[0].as_str().unwrap().starts_with("default-src 'none'; style-src 'sha256-"));
    assert!(!policies[0].as_str().unwrap().contains("unsafe"));
    assert_eq!(page["allowed"], json!([true, true]));
    assert_eq!(page["handlers"], json!([]));
    let ids: Vec<&str> = page["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    for link in page["links"].as_array().unwrap() {
        let id = link.as_str().unwrap().strip_prefix('#').expect("a link within the page");
        assert!(ids.contains(&id), "{link} leads nowhere");
    }
    let styled = page["elements"]
        .as_array()
        .unwrap()
        .iter()
        .any(|element| element[1].as_array().unwrap().iter().any(|attribute| attribute == "style"));
    assert!(!styled, "an inline style is against the policy");
}

#[test]
fn markup_in_names_and_answers_makes_no_element() {
    let elements = |word: &str| {
        let (project, _server) = markup(word);
        run(&project, 1);
        asked("parse", &project).map(|page| (page["errors"].clone(), page["elements"].clone()))
    };
    let Some(harmless) = elements("word") else { return };
    assert_eq!(harmless.0, json!([]));
    for word in [
        "</script><img src=x onerror=alert(1)>",
        "</style></details></main><svg onload=alert(1)>",
        "<!--",
        "]]>",
        "javascript:alert(1)",
    ] {
        assert_eq!(elements(word).unwrap(), harmless, "{word}");
    }
}

#[test]
fn a_reader_filters_searches_links_and_prints_the_page_in_a_browser() {
    let project = mixed();
    run(&project, 5);
    let Some(seen) = asked("show", &project) else { return };
    let all = json!(["nobody", "changed", "wrong", "token", "greeting", "behind"]);
    let wanted = json!({
        "complaints": [], "asked": [], "too wide": [],
        "title": "3 of 6 steps did not pass · countersign",
        "at first": all,
        "failed only": ["changed", "wrong"], "pressed": "true", "told": "2 of 6 shown",
        "fragment": "#show=failed",
        "found": ["token"], "rows found": 1, "fragment of the search": "#find=token.yaml",
        "cleared": all,
        "reached by keys": "changed", "key when off": null,
        "closed after expanding": 0,
        "theme": "dark",
        "followed": "token", "followed again": "token",
        "linked is open": true,
        "strange link": ["changed", "wrong"],
        "without script": all, "tools without script": 0, "printed, not visible": 0,
    });
    for (what, wanted) in wanted.as_object().unwrap() {
        assert_eq!(&seen[what], wanted, "{what}");
    }
}

#[test]
fn markup_in_an_answer_stays_text_in_a_browser() {
    let word = "</script><img src=x onerror=alert(1)>";
    let (project, _server) = markup(word);
    run(&project, 1);
    let Some(seen) = asked("show", &project) else { return };
    assert_eq!((&seen["complaints"], &seen["asked"]), (&json!([]), &json!([])));
    assert_eq!(seen["at first"], json!([word, "behind"]));
}
