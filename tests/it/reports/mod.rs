//! The reports of a run from the command line: each is read by a parser that is not ours, and tells
//! the same as the others.

mod tap;
mod junit;
mod github;
mod gitlab;
mod har;
mod hostile;

use serde_json::Value;

use crate::support::{Project, Said};

/// The shipped suite and a request for every other way to end, in a second environment too.
fn every_way_to_end() -> Project {
    Project::shipped()
        .with("requests/environments/lost.yaml", "host: http://127.0.0.1:1\n")
        .with(
            "requests/payments/pay.yaml",
            "token: token\nmethod: GET\nendpoint: /greetings/{{ what }}\n\
             cases:\n  - {case: good, what: single, wanted: Welcome to ING!}\n  - {case: bad, what: single, wanted: Goodbye}\n\
             expect: {body: {$.message: \"{{ wanted }}\"}}\nsnapshot: false\n",
        )
        .with("requests/payments/lost.yaml", "environment: lost\nmethod: GET\nendpoint: /a\nsnapshot: false\n")
        .with("requests/payments/later.yaml", "environment: lost\nneeds: [payments/lost]\nmethod: GET\nendpoint: /b\nsnapshot: false\n")
        .with("requests/new.yaml", "token: token\nmethod: GET\nendpoint: /greetings/single\n")
        .with("requests/off.yaml", "method: GET\nendpoint: /a\nskip: \"not # now\"\n")
}

/// The lines of the JSON report that a run wrote to `report.json`.
fn lines(project: &Project) -> Vec<Value> {
    project.read("report.json").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every step that ended.
fn ended(project: &Project) -> Vec<Value> {
    lines(project).into_iter().filter(|line| line["type"] == "step_finished").collect()
}

/// Runs a suite with these reports, and JSON to compare with.
fn run(project: &Project, reports: &[&str]) -> Said {
    let asked = reports.iter().flat_map(|report| ["--report", report]);
    project.run(&["run", "--report", "json=report.json"].into_iter().chain(asked).collect::<Vec<_>>())
}

fn xml(text: &str) -> roxmltree::Document<'_> {
    roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn no_report_tells_of_another_run_than_the_others() {
    let project = every_way_to_end();
    let said =
        run(&project, &["junit=j.xml", "tap=t.tap", "gitlab=g.json", "har=h.har", "github=annotations.txt"]);
    said.ends_with(5);
    let steps = ended(&project);
    let last = lines(&project).pop().unwrap();
    let named = |status: &str| -> Vec<String> {
        let of = steps.iter().filter(|step| step["status"] == status);
        of.map(|step| step["step"]["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(named("passed"), ["token", "greeting", "payments/pay@good"]);
    assert_eq!(
        (named("failed").len(), named("error"), named("skipped").len()),
        (2, vec!["payments/lost".to_owned()], 2)
    );

    let text = project.read("j.xml");
    let document = xml(&text);
    let root = document.root_element();
    let cases = || root.descendants().filter(|node| node.has_tag_name("testcase"));
    for (attribute, field) in [("failures", "failed"), ("errors", "errors")] {
        assert_eq!(root.attribute(attribute).unwrap(), last[field].to_string());
    }
    for (element, status) in [("failure", "failed"), ("error", "error"), ("skipped", "skipped")] {
        let of = cases().filter(|case| case.children().any(|child| child.has_tag_name(element)));
        let mut names: Vec<String> = of.map(|case| case.attribute("name").unwrap().to_owned()).collect();
        let mut wanted = named(status);
        names.sort();
        wanted.sort();
        assert_eq!(names, wanted);
    }
    assert_eq!(cases().count(), steps.len());

    let tap = project.read("t.tap");
    let points = |start: &str| tap.lines().filter(|line| line.starts_with(start)).count();
    assert_eq!(points("not ok "), 3);
    assert_eq!(points("ok "), 5);
    assert_eq!(tap.matches(" # SKIP").count(), 2);

    let codes = |list: &[Value], status: &[&str]| -> Vec<String> {
        let of = list.iter().filter(|step| status.contains(&step["status"].as_str().unwrap()));
        let problems = of.flat_map(|step| step["problems"].as_array().unwrap().clone());
        problems.map(|problem| problem["code"].as_str().unwrap().to_owned()).collect()
    };
    let wrong = codes(&steps, &["failed", "error"]);
    let findings: Vec<Value> = serde_json::from_str(&project.read("g.json")).unwrap();
    let checks: Vec<&str> = findings.iter().map(|finding| finding["check_name"].as_str().unwrap()).collect();
    assert_eq!(checks, wrong);
    let annotations = project.read("annotations.txt");
    let errors = annotations.lines().filter(|line| line.starts_with("::error "));
    assert_eq!(errors.count(), wrong.len());

    let har: Value = serde_json::from_str(&project.read("h.har")).unwrap();
    let entries = har["log"]["entries"].as_array().unwrap();
    let sent = steps.iter().filter(|step| !step["request"].is_null());
    for (entry, step) in entries.iter().zip(sent.clone()) {
        assert_eq!(entry["_step"]["name"], step["step"]["name"]);
        assert_eq!(entry["_step"]["status"], step["status"]);
        assert_eq!(entry["response"]["status"], step["answer"].get("status").cloned().unwrap_or(0.into()));
    }
    assert_eq!(entries.len(), sent.count());
}
