//! The table in `tests/cases/diagnostics/README.md` says truly what covers each kind of mistake.
//! The tests below it are of kinds that have no message to show.

use std::fs;
use std::path::Path;

use countersign::files::Root;
use countersign::load::load;
use countersign::plan::{Selection, plan};
use regex::Regex;
use sha2::{Digest, Sha256};

use crate::support::{Project, repository, said};

/// The groups and their sizes.
const GROUPS: [(char, usize); 6] = [('Y', 44), ('T', 24), ('G', 16), ('S', 19), ('O', 13), ('Q', 10)];

/// Kinds that nothing covers yet. The number only ever goes down.
const OPEN: usize = 5;

#[test]
fn every_kind_of_mistake_has_a_case_or_a_test_that_exists() {
    let folder = repository().join("tests/cases/diagnostics");
    let table = fs::read_to_string(folder.join("README.md")).unwrap();
    let mut tests = String::new();
    for sources in ["src", "tests/it"] {
        read_all(&repository().join(sources), &mut tests);
    }
    let exists = |name: &str| {
        let case = folder.join(name).is_dir() || folder.join(format!("{name}.yaml")).is_file();
        case || tests.contains(&format!("fn {name}("))
    };
    let (quoted, mut open) = (Regex::new("`([a-z0-9_]+)`").unwrap(), Vec::new());
    for (group, size) in GROUPS {
        for number in 1..=size {
            let number = format!("{group}-{number:02}");
            let rows: Vec<&str> =
                table.lines().filter(|line| line.starts_with(&format!("| {number} |"))).collect();
            let [row] = rows.as_slice() else { panic!("{} rows for {number}", rows.len()) };
            let covered = row.trim_end_matches('|').rsplit('|').next().unwrap().trim();
            if covered.starts_with("open:") {
                open.push(*row);
                continue;
            }
            let names: Vec<_> = quoted.captures_iter(covered).map(|found| found[1].to_owned()).collect();
            assert!(!names.is_empty(), "{number} names no case: {covered}");
            let missing: Vec<_> = names.iter().filter(|name| !exists(name)).collect();
            assert!(missing.is_empty(), "{number}: there is no case or test {missing:?}");
        }
    }
    eprintln!("open:\n{}", open.join("\n"));
    assert!(open.len() <= OPEN, "{open:#?}");
}

/// All Rust below `folder`.
fn read_all(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// The suite of one request `a`.
fn of(request: &str) -> Project {
    Project::empty()
        .with("requests/environments/test.yaml", "host: https://api.bank.example\n")
        .with("requests/a.yaml", request)
}

/// What `explain` shows of a request.
fn explained(request: &str) -> String {
    let said = of(request).run(&["explain", "a"]);
    said.ends_with(0);
    said.out
}

#[test]
fn words_that_yaml_once_read_as_booleans_stay_text() {
    let words = ["no", "on", "yes", "off", "y", "n", "NO", "Off"];
    let headers: Vec<_> = words.iter().enumerate().map(|(at, word)| format!("  x-{at}: {word}\n")).collect();
    let out = explained(&format!("method: GET\nendpoint: /\nheaders:\n{}", headers.concat()));
    for word in words {
        assert!(out.lines().any(|line| line.ends_with(&format!(": {word}"))), "{word}: {out}");
    }
}

#[test]
fn a_byte_order_mark_at_the_beginning_is_passed_over() {
    of("\u{feff}method: GET\nendpoint: /\n").run(&["check"]).ends_with(0);
}

#[test]
fn directives_that_change_nothing_are_passed_over() {
    for directive in ["%YAML 1.1", "%YAML 1.2", "%TAG ! tag:example.com,2026:"] {
        of(&format!("{directive}\n---\nmethod: GET\nendpoint: /\n")).run(&["check"]).ends_with(0);
    }
}

#[test]
fn every_kind_of_block_is_sent_byte_for_byte() {
    let block = "    one\n\n      two\n    three\n\n";
    for (mark, wanted) in [
        ("|", "one\n\n  two\nthree\n"),
        ("|-", "one\n\n  two\nthree"),
        ("|+", "one\n\n  two\nthree\n\n"),
        (">", "one\n\n  two\nthree\n"),
        (">-", "one\n\n  two\nthree"),
        (">+", "one\n\n  two\nthree\n\n"),
        ("|1", " one\n\n   two\n three\n"),
    ] {
        let request =
            format!("method: POST\nendpoint: /\nbody:\n  text: {mark}\n{block}headers: {{x-a: b}}\n");
        let said = of(&request).run(&["explain", "a", "--json"]);
        said.ends_with(0);
        let sent = crate::support::raw(&serde_json::from_str(&said.out).unwrap());
        let (_, body) = sent.split_once("\n\n").unwrap();
        assert_eq!(Sha256::digest(body), Sha256::digest(wanted), "{mark}: {body:?}");
    }
}

/// A suite is read once: what happens to its files afterwards is for the next run.
#[test]
fn a_file_that_changes_after_it_was_read_changes_nothing() {
    let project = of("method: GET\nendpoint: /accounts\n");
    let suite = load(Root::open(project.path()).unwrap())
        .unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    project.write("requests/a.yaml", "method: [");
    fs::remove_file(project.path().join("requests/environments/test.yaml")).unwrap();
    let Ok(plan) = plan(&suite, &Selection::default(), None, &[]) else { panic!("it was read before") };
    assert_eq!(plan.steps.len(), 1);
}

/// An unset secret of a CI system arrives as an empty text.
#[test]
fn an_empty_variable_of_the_environment_is_not_taken_for_a_value() {
    let project = of(
        "method: GET\nendpoint: /\nheaders:\n  x-a: \"{{ env('ZONE') }}\"\n  x-b: \"{{ secret('API_KEY') }}\"\n",
    );
    let run = |project: &Project| {
        said(&project.command(&["check"]).envs([("ZONE", ""), ("API_KEY", "")]).output().unwrap())
    };
    let refused = run(&project);
    refused.ends_with(3);
    insta::assert_snapshot!(refused.err.trim_end());
    project.write(
        "requests/a.yaml",
        "method: GET\nendpoint: /\nheaders: {x-a: \"{{ env('ZONE', 'eu') }}\", x-b: \"{{ secret('API_KEY', '') }}\"}\n",
    );
    run(&project).ends_with(0);
}

#[test]
fn a_captured_name_is_a_need_without_being_listed() {
    let project = of("method: GET\nendpoint: /{{ first.id }}\n")
        .with("requests/first.yaml", "method: GET\nendpoint: /\ncapture: {id: $.id}\n");
    let said = project.run(&["list", "a", "--json"]);
    said.ends_with(0);
    let lines: Vec<serde_json::Value> =
        said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[1]["needs"], serde_json::json!([{"name": "first", "why": "template"}]), "{}", said.out);
}

#[test]
fn two_requests_may_capture_the_same_name() {
    let other = |name: &str| format!("method: GET\nendpoint: /{name}\ncapture: {{id: $.id}}\n");
    let project = of("method: GET\nendpoint: /{{ one.id }}/{{ two.id }}\n")
        .with("requests/one.yaml", &other("one"))
        .with("requests/two.yaml", &other("two"));
    let said = project.run(&["explain", "a"]);
    said.ends_with(0);
    assert!(
        said.out.contains("/[one.id]/[two.id]") || said.out.contains("/%5Bone.id%5D/%5Btwo.id%5D"),
        "{}",
        said.out
    );
}
