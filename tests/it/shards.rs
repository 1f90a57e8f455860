//! A run on several machines: its shards are the run, whatever their number, and what did not pass
//! runs again.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Project, Said, Scripted, answer, said};

/// A token, a chain, a request for each of five rows, and some that stand alone; `/bad` fails.
fn suite(server: &Scripted) -> Project {
    let get =
        |path: &str, more: &str| format!("method: GET\nendpoint: /{path}\nexpect: {{status: 200}}\n{more}");
    let rows = "cases: [{case: a}, {case: b}, {case: c}, {case: d}, {case: e}]\ntoken: token\n";
    let project = Project::empty()
        .with("requests/environments/bank.yaml", &format!("host: {}\n", server.host()))
        .with("requests/suite.yaml", "defaults: {snapshot: false}\n")
        .with("requests/token.yaml", &get("token", "capture: {access_token: $.access_token}\n"))
        .with("requests/rows.yaml", &get("rows", rows))
        .with("requests/first.yaml", &get("first", "token: token\n"))
        .with("requests/second.yaml", &get("second", "needs: [first]\n"))
        .with("requests/third.yaml", &get("third", "needs: [second]\n"))
        .with("requests/bad.yaml", &get("bad", ""))
        .with("requests/after.yaml", &get("after", "needs: [bad]\n"));
    (0..6).fold(project, |project, number| {
        project.with(&format!("requests/alone{number}.yaml"), &get("alone", ""))
    })
}

fn bank() -> Scripted {
    Scripted::start(|_, asked| {
        let status = if asked.target == "/bad" { 500 } else { 200 };
        answer(status, "content-type: application/json", "{\"access_token\":\"t0ken-of-the-bank\"}")
    })
}

fn lines(report: &str, kind: &str) -> Vec<Value> {
    let lines = report.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["type"] == kind).collect()
}

/// What does not depend on where and when a step ran.
fn told(report: &str) -> Vec<Value> {
    let verdict = |mut line: Value| {
        let map = line.as_object_mut().unwrap();
        let volatile = ["duration_ms", "started_ms", "request", "answer", "phases", "earlier_attempts"];
        for name in volatile {
            map.shift_remove(name);
        }
        line
    };
    lines(report, "step_finished").into_iter().map(verdict).collect()
}

#[test]
fn the_shards_of_a_run_are_the_run_whatever_their_number() {
    let server = bank();
    let project = suite(&server);
    project.run(&["run", "--report", "json=whole.json"]).ends_with(1);
    let whole = project.read("whole.json");
    for total in 1..=16 {
        let mut files = Vec::new();
        let mut codes = BTreeSet::new();
        for number in 1..=total {
            let file = format!("shard-{number}.json");
            let (shard, report) = (format!("{number}/{total}"), format!("json={file}"));
            codes.insert(project.run(&["run", "--shard", &shard, "--report", &report]).code);
            files.push(file);
        }
        assert!(codes.is_subset(&BTreeSet::from([0, 1])) && codes.contains(&1), "{total}: {codes:?}");
        let mut arguments = vec!["report", "merge", "--report", "json=merged.json"];
        arguments.extend(files.iter().rev().map(String::as_str));
        project.run(&arguments).ends_with(1);
        let merged = project.read("merged.json");
        assert_eq!(told(&merged), told(&whole), "{total} shards");
        assert_eq!(lines(&merged, "run_started")[0]["steps"], lines(&whole, "run_started")[0]["steps"]);
        for name in ["passed", "failed", "errors", "skipped", "class"] {
            assert_eq!(
                lines(&merged, "run_finished")[0][name],
                lines(&whole, "run_finished")[0][name],
                "{name}"
            );
        }
    }
}

#[test]
fn a_selected_request_is_selected_in_one_shard_and_runs_only_where_it_is_needed() {
    let server = bank();
    let project = suite(&server);
    let mut owners = Vec::new();
    for number in 1..=4 {
        let said = project.run(&["run", "--shard", &format!("{number}/4"), "--report", "json"]);
        let steps = lines(&said.out, "run_started")[0]["steps"].clone();
        for step in steps.as_array().unwrap() {
            let name = step["name"].as_str().unwrap().to_owned();
            if step["selected"] == true {
                owners.push(name);
            } else {
                assert!(["token", "first", "second", "bad"].contains(&name.as_str()), "{name}");
            }
        }
    }
    owners.sort();
    let distinct: BTreeSet<&String> = owners.iter().collect();
    assert_eq!((owners.len(), distinct.len()), (17, 17), "{owners:?}");
}

#[test]
fn a_shard_that_is_missing_or_was_cut_short_is_told_and_never_passes() {
    let server = bank();
    let project = suite(&server);
    for number in 1..=3 {
        let shard = format!("{number}/3");
        project.run(&[
            "run",
            "--skip-tag",
            "x",
            "--shard",
            &shard,
            "--report",
            &format!("json={number}.json"),
        ]);
    }
    let merge = |files: &[&str]| project.run(&[&["report", "merge"], files].concat());
    merge(&["1.json", "2.json", "3.json"]).ends_with(1);
    let same = merge(&["1.json", "2.json", "3.json", "--report", "tap=x", "--report", "json=./x"]);
    same.ends_with(2);
    assert!(same.err.contains("two reports can't both go to `./x`"), "{}", same.err);
    let missing = merge(&["1.json", "3.json"]);
    missing.ends_with(6);
    assert!(missing.err.contains("shard 2 of 3 is missing"), "{}", missing.err);
    merge(&["1.json", "3.json", "--report", "junit=part.xml", "--report", "json=part.json"]).ends_with(6);
    assert!(project.read("part.xml").contains("<error message=\"shard 2 of 3 is missing\""));
    merge(&["part.json"]).ends_with(6);
    let text = project.read("2.json");
    let (cut, _) = text.trim_end().rsplit_once('\n').unwrap();
    project.write("cut.json", cut);
    let cut = merge(&["1.json", "cut.json", "3.json"]);
    cut.ends_with(6);
    assert!(cut.err.contains("shard 2 of 3: the run was cut short"), "{}", cut.err);
    let lost: Vec<&str> = text.lines().filter(|line| !line.contains("step_finished")).collect();
    project.write("lost.json", &(lost.join("\n") + "\n"));
    let lost = merge(&["1.json", "lost.json", "3.json"]);
    lost.ends_with(6);
    assert!(lost.err.contains("shard 2 of 3: the run was cut short"), "{}", lost.err);
    project.write("two.json", &(project.read("1.json") + &text));
    let two = merge(&["two.json", "3.json"]);
    two.ends_with(6);
    assert!(two.err.contains("a second run begins here"), "{}", two.err);
    let whole = project.run(&["run", "--report", "json=whole.json"]);
    whole.ends_with(1);
    let wrong: [(&[&str], &str); 6] = [
        (&["1.json", "1.json", "3.json"], "shard 1 is there twice"),
        (&["1.json", "whole.json"], "no shard can't be joined"),
        (&["none.json"], "`none.json` does not exist"),
        (&["half.json"], "line 1: it ends in the middle of a line"),
        (&["other.json"], "line 1: it is no line of a countersign report"),
        (&["empty.json"], "there is no line `run_started`"),
    ];
    project.write("half.json", &text[..200]);
    project.write("other.json", "{\"a\":1}\n");
    project.write("empty.json", "");
    for (files, message) in wrong {
        let said = merge(files);
        said.ends_with(6);
        assert!(said.err.contains(message), "{files:?}: {}", said.err);
    }
}

#[test]
fn a_merged_run_can_be_any_report_and_says_what_did_not_pass() {
    let server = bank();
    let project = suite(&server);
    for number in 1..=2 {
        project.run(&["run", "--shard", &format!("{number}/2"), "--report", &format!("json={number}.json")]);
    }
    let said = project.run(&["report", "merge", "1.json", "2.json"]);
    said.ends_with(1);
    let (told, tally) = said.out.trim_end().rsplit_once("\n\n").unwrap();
    assert_eq!(told, "bad  requests/bad.yaml:3:18  `status` is 500, wanted 200");
    assert!(tally.starts_with("15 passed, 1 failed, 1 skipped in "), "{tally}");
    let tap = project.run(&["report", "merge", "1.json", "2.json", "--report", "tap"]);
    tap.ends_with(1);
    assert!(tap.out.starts_with("TAP version 14\n1..17\n"), "{}", tap.out);
    for wrong in [&["terminal"][..], &["tap", "json"], &["json="], &["json=-"], &["json=a", "tap=a"]] {
        let reports = wrong.iter().flat_map(|report| ["--report", report]);
        let arguments: Vec<&str> =
            ["report", "merge", "1.json", "2.json"].into_iter().chain(reports).collect();
        project.run(&arguments).ends_with(2);
    }
}

fn with(project: &Project, arguments: &[&str], variables: &[(&str, &str)]) -> Said {
    said(&project.command(arguments).envs(variables.iter().copied()).output().unwrap())
}

#[test]
fn a_machine_takes_its_shard_from_the_system_that_started_it() {
    let server = bank();
    let project = suite(&server);
    let shard = |said: &Said| lines(&said.out, "run_started")[0]["shard"].clone();
    let gitlab = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "3")];
    let run = ["run", "--shard", "auto", "--report", "json"];
    assert_eq!(shard(&with(&project, &run, &gitlab)), serde_json::json!({"number": 2, "total": 3}));
    let indexed =
        with(&project, &["run", "--shard", "auto/8", "--report", "json"], &[("JOB_COMPLETION_INDEX", "0")]);
    assert_eq!(shard(&indexed), serde_json::json!({"number": 1, "total": 8}));
    let nobody = with(&project, &run, &[]);
    nobody.ends_with(2);
    assert!(nobody.err.contains("none of `CI_NODE_INDEX`"), "{}", nobody.err);
    project.run(&["run", "--shard", "5/4"]).ends_with(2);
}

#[test]
fn durations_of_an_earlier_run_balance_the_shards() {
    let server = bank();
    let project = suite(&server);
    project.run(&["run", "alone*", "--report", "json=before.json"]).ends_with(0);
    let before = project.read("before.json");
    let slow: Vec<String> = before
        .lines()
        .map(|line| {
            let mut line: Value = serde_json::from_str(line).unwrap();
            if line["type"] == "step_finished" {
                let name = line["step"]["name"].as_str().unwrap().to_owned();
                line["duration_ms"] = if name == "alone3" { 60_000.0 } else { 1_000.0 }.into();
            }
            line.to_string()
        })
        .collect();
    project.write("slow.json", &slow.join("\n"));
    let names = |shard: &str| {
        let arguments = ["run", "alone*", "--shard", shard, "--durations", "slow.json", "--report", "json"];
        let said = project.run(&arguments);
        let steps = lines(&said.ends_with(0).out, "step_finished");
        steps.iter().map(|step| step["step"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("1/2"), ["alone3"]);
    assert_eq!(names("2/2").len(), 5);
}

#[test]
fn what_did_not_pass_runs_again_and_nothing_is_written_into_the_suite() {
    let server = bank();
    let project = suite(&server);
    let state = tempfile::tempdir().unwrap();
    let variables = [("XDG_STATE_HOME", state.path().to_str().unwrap())];
    let before: BTreeSet<_> =
        std::fs::read_dir(project.path()).unwrap().map(|it| it.unwrap().path()).collect();
    with(&project, &["run", "--rerun", "failed"], &variables).ends_with(7);
    with(&project, &["run"], &variables).ends_with(1);
    let again = with(&project, &["run", "--rerun", "failed", "--report", "json"], &variables);
    again.ends_with(1);
    let names: Vec<String> = lines(&again.out, "step_finished")
        .iter()
        .map(|step| step["step"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["bad", "after"]);
    // A run of another part forgets nothing.
    with(&project, &["run", "alone1"], &variables).ends_with(0);
    project.write("requests/bad.yaml", "method: GET\nendpoint: /good\n");
    with(&project, &["run", "--rerun", "failed"], &variables).ends_with(0);
    with(&project, &["run", "--rerun", "failed"], &variables).ends_with(7);
    let after: BTreeSet<_> =
        std::fs::read_dir(project.path()).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(before, after);
}

#[test]
fn a_repeated_run_sends_everything_anew_each_time() {
    let server = bank();
    let project = suite(&server);
    let said = project.run(&["run", "first", "--repeat", "3"]);
    said.ends_with(0);
    for name in ["first (1 of 3)", "first (2 of 3)", "first (3 of 3)"] {
        assert!(said.out.contains(name), "{}", said.out);
    }
    let targets: Vec<String> = server.heard().into_iter().map(|heard| heard.target).collect();
    assert_eq!(targets.iter().filter(|target| *target == "/token").count(), 3, "{targets:?}");
    project.run(&["run", "--repeat", "0"]).ends_with(2);
}
