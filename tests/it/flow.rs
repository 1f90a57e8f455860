//! How a run goes about its plan: what a failure, a deadline or a signal means for the rest, what is
//! tried again, and in which order.

use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Project, Scripted, answer, said};

/// A suite without snapshots; each file is a name and its lines.
fn suite(server: &Scripted, requests: &[(&str, &str)]) -> Project {
    let environment = format!("host: {}\n", server.host());
    let project = Project::empty()
        .with("requests/environments/bank.yaml", &environment)
        .with("requests/suite.yaml", "defaults: {snapshot: false}\n");
    requests.iter().fold(project, |project, (name, lines)| {
        project.with(&format!("requests/{name}.yaml"), &format!("endpoint: /{name}\n{lines}"))
    })
}

/// A server that answers with these statuses to each path in turn, then with the last of them.
fn statuses(statuses: &'static [(&'static str, &'static [u16])]) -> Scripted {
    let counts = std::sync::Mutex::new(std::collections::HashMap::<String, usize>::new());
    Scripted::start(move |_, asked| {
        let path = asked.target.clone();
        let wanted =
            statuses.iter().find(|(known, _)| path == *known).map_or([200].as_slice(), |(_, wanted)| wanted);
        let mut counts = counts.lock().unwrap();
        let before = counts.entry(path).or_default();
        *before += 1;
        answer(wanted[(*before - 1).min(wanted.len() - 1)], "", "")
    })
}

fn targets(server: &Scripted) -> Vec<String> {
    server.heard().into_iter().map(|heard| heard.target).collect()
}

fn finished(report: &str) -> Vec<Value> {
    let lines = report.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.filter(|line| line["type"] == "step_finished").collect()
}

fn codes(step: &Value) -> Vec<&str> {
    step["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect()
}

const GET: &str = "method: GET\nexpect: {status: 200}\n";

#[test]
fn fail_fast_starts_nothing_more_but_what_cleans_up() {
    let server = statuses(&[("/b", &[500])]);
    let cleaning = format!("{GET}needs: [a]\nalways: true\n");
    let project = suite(&server, &[("a", GET), ("b", GET), ("c", GET), ("d", &cleaning)]);
    let said = project.run(&["run", "--fail-fast", "--jobs", "1", "--report", "json"]);
    said.ends_with(1);
    assert_eq!(targets(&server), ["/a", "/b", "/d"]);
    let steps = finished(&said.out);
    let told: Vec<&str> = steps.iter().map(|step| step["status"].as_str().unwrap()).collect();
    assert_eq!(told, ["passed", "failed", "skipped", "passed"]);
    assert_eq!(codes(&steps[2]), ["skipped.fail_fast"]);
}

#[test]
fn what_passes_only_when_it_is_tried_again_is_flaky_and_fails_where_that_is_asked_for() {
    for (verdict, ends) in [("pass", 0), ("fail", 1)] {
        let server = statuses(&[("/a", &[500, 503, 200])]);
        let project = suite(&server, &[("a", GET), ("b", "method: GET\nneeds: [a]\n")]);
        let said = project.run(&["run", "--retries", "2", "--flaky", verdict, "--report", "json=r.json"]);
        said.ends_with(ends);
        assert_eq!(targets(&server), ["/a", "/a", "/a", "/b"], "what needs it runs either way");
        assert!(said.out.contains("sent 3 times · flaky"), "{}", said.out);
        let report = project.read("r.json");
        let steps = finished(&report);
        assert_eq!((&steps[0]["flaky"], &steps[1]["flaky"]), (&Value::Bool(true), &Value::Bool(false)));
        assert_eq!(steps[0]["earlier_attempts"][0]["why"], "it did not pass: `status` is 500");
        assert!(report.contains("\"flaky\":1"), "{report}");
        assert_eq!(codes(&steps[0]).contains(&"run.flaky"), ends == 1);
    }
    let server = statuses(&[("/a", &[500, 500, 200])]);
    suite(&server, &[("a", GET)]).run(&["run", "--retries", "1"]).ends_with(1);
    assert_eq!(targets(&server).len(), 2);
}

#[test]
fn a_payment_is_not_tried_again_unless_its_file_says_so() {
    let post = "method: POST\nexpect: {status: 200}\n";
    let server = statuses(&[("/pay", &[500, 200]), ("/own", &[500, 200])]);
    let own = format!("{post}retry: {{attempts: 1, on: [5xx]}}\n");
    let project = suite(&server, &[("pay", post), ("own", &own)]);
    project.run(&["run", "--retries", "3", "--jobs", "1"]).ends_with(1);
    let mut targets = targets(&server);
    targets.sort();
    assert_eq!(targets, ["/own", "/own", "/pay"]);
}

#[test]
fn a_run_past_its_deadline_lists_what_it_did_not_do_and_still_reports() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = format!("host: http://{}\n", silent.local_addr().unwrap());
    let server = statuses(&[]);
    let project = suite(&server, &[("slow", "method: POST\n"), ("after", "method: GET\nneeds: [slow]\n")]);
    project.write("requests/environments/bank.yaml", &host);
    let said = project.run(&["run", "--deadline", "300ms", "--report", "json=r.json"]);
    said.ends_with(5);
    assert!(said.out.contains("the server may have acted on it"), "{}", said.out);
    let steps = finished(&project.read("r.json"));
    let told: Vec<_> = steps.iter().map(|step| (step["status"].as_str().unwrap(), codes(step))).collect();
    assert_eq!(told, [("error", vec!["run.deadline"]), ("skipped", vec!["run.deadline"])]);
    assert_eq!(steps[0]["no_answer"]["fate"], "maybe_executed");
    assert_eq!((&steps[0]["request"], &steps[0]["attempts"]), (&Value::Null, &Value::from(1)));
    assert!(steps[0]["duration_ms"].as_f64().unwrap() >= 250.0, "{}", steps[0]);
    project.run(&["run", "--deadline", "soon"]).ends_with(2);
}

/// Every report of a run, by its form.
const ALL: [&str; 14] = [
    "--report",
    "json=r.json",
    "--report",
    "junit=r.xml",
    "--report",
    "tap=r.tap",
    "--report",
    "html=r.html",
    "--report",
    "har=r.har",
    "--report",
    "gitlab=r.gitlab",
    "--report",
    "github=r.github",
];

#[test]
fn a_run_that_ended_before_its_plan_is_whole_in_no_report() {
    let server = slow(Duration::from_millis(300));
    let project = suite(&server, &[("a", GET), ("b", GET)]);
    let mut run = project.command(&[&["run", "--jobs", "1"][..], &ALL].concat());
    let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while server.heard().is_empty() {
        thread::sleep(Duration::from_millis(2));
    }
    signal("TERM", run.id());
    let said = said(&run.wait_with_output().unwrap());
    said.ends_with(143);
    let told = "the run was interrupted";
    assert!(
        said.out.ends_with(&format!("1 passed, 1 skipped in {}\n{told}\n", took(&said.out))),
        "{}",
        said.out
    );
    for (file, part) in [
        ("r.json", format!("\"cut_short\":\"{told}\"")),
        ("r.xml", format!("<error message=\"{told}\" type=\"run.interrupted\"/>")),
        ("r.tap", format!("Bail out! {told}\n")),
        ("r.html", "<h1>The run was interrupted</h1>".to_owned()),
        ("r.har", format!("\"comment\": \"{told}\"")),
        ("r.github", format!("::error title=countersign::{told}\n")),
    ] {
        let report = project.read(file);
        assert!(report.contains(&part), "{part} is not in {report}");
    }
    let merged = project.run(&["report", "merge", "r.json"]);
    merged.ends_with(6);
    assert!(merged.err.contains(told), "{}", merged.err);
}

/// The time in the last line but one.
fn took(out: &str) -> String {
    let tally = out.lines().rev().nth(1).unwrap_or_default();
    tally.rsplit_once(" in ").map(|(_, took)| took.to_owned()).unwrap_or_default()
}

#[test]
fn what_was_sent_before_a_deadline_is_kept_and_a_step_takes_as_long_as_all_its_attempts() {
    let server = Scripted::start(|_, _| {
        thread::sleep(Duration::from_millis(120));
        answer(500, "", "")
    });
    let project = suite(&server, &[("a", GET)]);
    project.run(&["run", "--retries", "1", "--report", "json=r.json"]).ends_with(1);
    let step = finished(&project.read("r.json")).remove(0);
    assert!(step["duration_ms"].as_f64().unwrap() >= 240.0, "{step}");
    project.run(&["run", "--retries", "100", "--deadline", "500ms", "--report", "json=r.json"]).ends_with(5);
    let step = finished(&project.read("r.json")).remove(0);
    assert!(!step["earlier_attempts"].as_array().unwrap().is_empty(), "{step}");
    assert_eq!(step["no_answer"]["code"], "run.deadline");
}

#[test]
fn what_is_flaky_or_slow_is_told_with_the_reason_in_every_report() {
    let server = statuses(&[("/a", &[500, 200, 500, 200])]);
    let project = suite(&server, &[("a", GET)]);
    let said = project.run(&[&["run", "--retries", "1", "--slow", "1ms"][..], &ALL].concat());
    said.ends_with(0);
    assert!(said.out.contains("1 passed (1 flaky) in "), "{}", said.out);
    let why = "it did not pass: `status` is 500";
    for (file, part) in [
        ("r.json", why),
        ("r.xml", why),
        ("r.xml", "[[PROPERTY|slow=true]]"),
        ("r.tap", "ok 1 - a (flaky) (slow)\n"),
        ("r.html", why),
        ("r.html", "data-also=\"flaky slow \""),
        ("r.github", &format!("flaky: it passed only when it was tried again: {why}")),
        ("r.github", "slow: it took "),
    ] {
        let report = project.read(file);
        assert!(report.contains(part), "{part} is not in {report}");
    }
    let said = project.run(&["run", "--retries", "1", "--flaky", "fail"]);
    said.ends_with(1);
    assert!(said.out.contains(&format!("it passed only at the 2. try; before, {why}")), "{}", said.out);
}

#[test]
fn a_failure_of_one_of_several_times_is_remembered_and_its_commands_can_be_typed() {
    let server = statuses(&[("/a", &[500, 200])]);
    let project = suite(&server, &[("a", GET)]);
    let state = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        said(&project.command(arguments).env("XDG_STATE_HOME", state.path()).output().unwrap())
    };
    let first = run(&["run", "--repeat", "2", "--jobs", "1"]);
    first.ends_with(1);
    assert!(first.out.contains("`countersign explain a`"), "{}", first.out);
    run(&["run", "--rerun", "failed"]).ends_with(0);
    assert_eq!(targets(&server).len(), 3);
}

#[test]
fn a_report_of_a_profile_that_there_is_not_is_found_where_it_stands() {
    let server = statuses(&[]);
    let project = suite(&server, &[("a", GET)]);
    let file = "defaults: {snapshot: false}\nprofiles:\n  ci: {reports: [json=r.json, xml]}\n";
    project.write("requests/suite.yaml", file);
    for command in ["check", "run"] {
        let said = project.run(&[command]);
        said.ends_with(3);
        assert!(said.err.contains("requests/suite.yaml:3:31"), "{}", said.err);
        assert!(said.err.contains("no report is called `xml`"), "{}", said.err);
    }
}

#[test]
fn a_shuffled_run_sends_in_the_order_of_its_seed_and_reports_in_the_order_of_the_plan() {
    let names: Vec<String> = (0..8).map(|number| format!("r{number}")).collect();
    let requests: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "method: GET\n")).collect();
    let order = |seed: &str| {
        let server = statuses(&[]);
        let project = suite(&server, &requests);
        let said = project.run(&["run", "--shuffle", seed, "--jobs", "1", "--report", "json"]);
        said.ends_with(0);
        let told: Vec<String> = finished(&said.out)
            .iter()
            .map(|step| step["step"]["name"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(told, names);
        targets(&server)
    };
    let orders: std::collections::HashSet<_> = ["1", "2", "3"].map(order).into_iter().collect();
    assert!(orders.len() > 1, "{orders:?}");
    assert_eq!(order("1"), order("1"));
}

/// A server whose answers take this long.
fn slow(pause: Duration) -> Scripted {
    Scripted::start(move |_, _| {
        thread::sleep(pause);
        answer(200, "", "")
    })
}

fn signal(name: &str, process: u32) {
    assert!(Command::new("kill").args(["-s", name, &process.to_string()]).status().unwrap().success());
}

#[test]
fn what_is_in_flight_when_a_run_is_interrupted_may_end_and_nothing_more_is_sent() {
    for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let server = slow(Duration::from_millis(400));
        let project = suite(&server, &[("a", GET), ("b", GET)]);
        let mut run = project.command(&["run", "--jobs", "1", "--report", "json=r.json"]);
        let run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while server.heard().is_empty() {
            thread::sleep(Duration::from_millis(2));
        }
        signal(name, run.id());
        said(&run.wait_with_output().unwrap()).ends_with(code);
        let steps = finished(&project.read("r.json"));
        let told: Vec<_> = steps.iter().map(|step| (step["status"].as_str().unwrap(), codes(step))).collect();
        assert_eq!(told, [("passed", vec![]), ("skipped", vec!["run.interrupted"])]);
        assert_eq!(targets(&server), ["/a"]);
    }
}

#[test]
fn a_second_signal_ends_the_run_at_once() {
    let server = slow(Duration::from_secs(30));
    let project = suite(&server, &[("a", GET)]);
    let mut run = project.command(&["run"]);
    let mut run = run.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while server.heard().is_empty() {
        thread::sleep(Duration::from_millis(2));
    }
    signal("INT", run.id());
    thread::sleep(Duration::from_millis(200));
    assert!(run.try_wait().unwrap().is_none(), "it did not wait for what is in flight");
    let began = std::time::Instant::now();
    signal("INT", run.id());
    assert_eq!(run.wait().unwrap().code(), Some(130));
    assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
}

#[test]
fn a_profile_of_the_suite_gives_the_options_that_the_command_line_does_not() {
    let server = statuses(&[("/a", &[500, 200, 500, 200, 500, 200])]);
    let project = suite(&server, &[("a", GET)]);
    let profile =
        "defaults: {snapshot: false}\nprofiles:\n  ci: {retries: 1, flaky: fail, reports: [json=r.json]}\n";
    project.write("requests/suite.yaml", profile);
    project.run(&["run", "--profile", "ci"]).ends_with(1);
    assert!(project.read("r.json").contains("run.flaky"));
    project.run(&["run", "--profile", "ci", "--flaky", "pass"]).ends_with(0);
    project.run(&["run", "--profile", "ci", "--retries", "0"]).ends_with(1);
    let unknown = project.run(&["run", "--profile", "cj"]);
    unknown.ends_with(2);
    assert!(
        unknown.err.contains("the suite has no profile `cj`") && unknown.err.contains("did you mean `ci`?"),
        "{}",
        unknown.err
    );
}

#[test]
fn what_takes_longer_than_it_should_is_told_to_be_slow_and_passes() {
    let server = slow(Duration::from_millis(120));
    let project = suite(&server, &[("a", GET)]);
    let said = project.run(&["run", "--slow", "100ms", "--report", "json=r.json"]);
    said.ends_with(0);
    assert!(said.out.contains("ms  slow\n"), "{}", said.out);
    assert_eq!(finished(&project.read("r.json"))[0]["slow"], true);
    assert!(!project.run(&["run", "--slow", "10m"]).ends_with(0).out.contains("slow"));
}
