//! The forms of `snapshot`, from the command line: what is masked where it looks right, sorted,
//! rounded, shown by its types; and a snapshot for each environment.

use serde_json::Value;

use crate::support::{Project, Scripted, answer, key_path};

fn environment(server: &Scripted) -> String {
    format!(
        "host: {}\nsigning: {{profile: ing, key: {}, key_id: me}}\n",
        server.host(),
        key_path("rsa.pkcs8.pem")
    )
}

/// A suite with one request, `a`, with these lines in it.
fn suite(server: &Scripted, lines: &str) -> Project {
    Project::empty()
        .with("requests/environments/bank.yaml", &environment(server))
        .with("requests/a.yaml", &format!("method: GET\nendpoint: /a\n{lines}"))
}

/// A bank that answers with these bodies in turn, then with the last of them.
fn bank(bodies: &[&str]) -> Scripted {
    let bodies: Vec<String> = bodies.iter().map(|body| (*body).to_owned()).collect();
    Scripted::start(move |before, _| {
        answer(200, "content-type: application/json", &bodies[before.min(bodies.len() - 1)])
    })
}

fn snapshot_of(report: &str) -> Value {
    let lines = report.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.into_iter().find(|line| line["type"] == "step_finished").unwrap()["snapshot"].clone()
}

const UUIDS: [&str; 2] = ["e77d776b-90af-4684-bebc-521e5b2614dd", "0ddba11e-c0de-4bad-8c0d-0123456789ab"];

#[test]
fn an_id_that_is_no_longer_a_uuid_is_a_difference_though_it_is_masked() {
    let bodies = [UUIDS[0], UUIDS[1], "7"].map(|id| format!("{{\"id\":\"{id}\"}}"));
    let server = bank(&bodies.each_ref().map(String::as_str));
    let project = suite(&server, "snapshot: {redact: {$.id: {as: \"[uuid]\", matches: uuid}}}\n");
    project.run(&["run", "--update"]).ends_with(0);
    assert!(project.read("snapshots/a.snap").contains("\"id\": \"[uuid]\""));
    project.run(&["run"]).ends_with(0);
    let said = project.run(&["run"]);
    said.ends_with(1);
    assert!(said.out.contains("-   \"id\": \"[uuid]\""), "{}", said.out);
    assert!(said.out.contains("+   \"id\": \"7\""), "{}", said.out);
    assert!(said.out.contains("`$.id` matches nothing here"), "{}", said.out);
}

#[test]
fn neither_the_order_of_a_list_nor_the_last_digits_of_a_number_make_a_difference() {
    let server = bank(&[
        r#"{"items":[{"id":"x","rate":1.23456},{"id":"y","rate":2}]}"#,
        r#"{"items":[{"rate":2.0000001,"id":"p"},{"id":"q","rate":1.234999}]}"#,
    ]);
    let lines = "snapshot:\n  redact:\n    $.items: {sort: true}\n    $.items[*].id: \"[id]\"\n    $.items[*].rate: {round: 2}\n";
    let project = suite(&server, lines);
    project.run(&["run", "--update"]).ends_with(0);
    let stored = project.read("snapshots/a.snap");
    assert!(stored.find("1.23").unwrap() < stored.find("2.00").unwrap(), "{stored}");
    project.run(&["run"]).ends_with(0);
}

#[test]
fn neither_the_order_of_keys_nor_the_spelling_of_a_number_makes_a_difference_unless_it_is_asked_for() {
    let bodies = [r#"{"a":1.0,"b":[{"x":1,"y":20}]}"#, r#"{"b":[{"y":2e1,"x":1.00}],"a":1}"#];
    for (lines, ends) in [("", 0), ("snapshot: {exact: true}\n", 1), ("snapshot: {unordered: true}\n", 0)] {
        let server = bank(&bodies);
        let project = suite(&server, lines);
        project.run(&["run", "--update"]).ends_with(0);
        let stored = project.read("snapshots/a.snap");
        project.run(&["run"]).ends_with(ends);
        project.run(&["run", "--update"]).ends_with(0);
        assert_eq!(project.read("snapshots/a.snap") == stored, ends == 0, "{lines}");
    }
}

#[test]
fn the_order_of_lists_matters_unless_it_is_said_that_it_does_not() {
    let bodies = [r#"{"a":[1,2,[3,4]]}"#, r#"{"a":[[4,3],2,1]}"#, r#"{"a":[[4,3],2,9]}"#];
    let server = bank(&bodies);
    let project = suite(&server, "snapshot: {unordered: true}\n");
    project.run(&["run", "--update"]).ends_with(0);
    project.run(&["run"]).ends_with(0);
    let said = project.run(&["run"]);
    said.ends_with(1);
    assert!(said.out.contains("$.a[0]: 1 → 9\n"), "{}", said.out);
    // What waits for review, and so the commit, has the order that was stored.
    let pending = project.read("snapshots/a.snap.new");
    assert!(
        pending.find("    9,\n    2,\n").unwrap() < pending.find("      3,\n      4").unwrap(),
        "{pending}"
    );
    let server = bank(&bodies);
    let project = suite(&server, "");
    project.run(&["run", "--update"]).ends_with(0);
    project.run(&["run"]).ends_with(1);
}

#[test]
fn a_difference_names_the_places_that_changed_before_it_shows_the_lines() {
    let server = bank(&[
        r#"{"balance":{"amount":10.00,"currency":"EUR"},"owner":"A","items":[{"id":1},{"id":2}]}"#,
        r#"{"balance":{"amount":12.50,"currency":"EUR"},"items":[{"id":2}],"note":"new"}"#,
    ]);
    let project = suite(&server, "");
    project.run(&["run", "--update"]).ends_with(0);
    let said = project.run(&["run"]);
    said.ends_with(1);
    let changes = [
        "$.balance.amount: 10.00 → 12.50\n",
        "$.items[0]: {\"id\":1} is gone\n",
        "$.note: \"new\" is new\n",
        "$.owner: \"A\" is gone\n",
    ];
    for change in changes {
        assert!(
            said.out.find(change).unwrap() < said.out.find("-     \"amount\": 10.00").unwrap(),
            "{}",
            said.out
        );
    }
    let report = project.run(&["run", "--snapshots", "no", "--report", "json"]);
    let snapshot = snapshot_of(&report.out);
    assert_eq!(
        snapshot["changes"][0],
        serde_json::json!({"place": "$.balance.amount", "old": "10.00", "new": "12.50"})
    );
    assert_eq!(
        (snapshot["changes"].as_array().unwrap().len(), &snapshot["more_changes"]),
        (4, &serde_json::json!(0))
    );
}

#[test]
fn the_shape_of_an_answer_is_the_same_whatever_its_values() {
    let server = bank(&[
        r#"{"open":true,"accounts":[{"iban":"NL1","balance":10.00},{"iban":"NL2","balance":7.5,"note":"x"}]}"#,
        r#"{"accounts":[{"note":"y","iban":"NL3","balance":0.10},{"iban":"NL4","balance":1.25}],"open":false}"#,
        r#"{"accounts":[{"iban":"NL3","balance":"0.10"}],"open":false}"#,
    ]);
    let project = suite(&server, "snapshot: {shape: true}\n");
    project.run(&["run", "--update"]).ends_with(0);
    insta::assert_snapshot!(project.read("snapshots/a.snap"), @r#"
    ---
    source: requests/a.yaml
    expression: GET /a
    ---
    HTTP 200
    content-type: application/json

    {
      "accounts": [
        {
          "balance": "number",
          "iban": "string",
          "note": "string"
        },
        {
          "balance": "number",
          "iban": "string"
        }
      ],
      "open": "boolean"
    }
    "#);
    project.run(&["run"]).ends_with(0);
    let said = project.run(&["run"]);
    said.ends_with(1);
    assert!(said.out.contains("\"balance\": \"string\""), "{}", said.out);
}

#[test]
fn a_rule_that_matches_nothing_is_told_and_one_of_the_whole_suite_need_not_match() {
    let server = bank(&[r#"{"id":1}"#]);
    let lines = "snapshot:\n  redact: {$.idd: \"[id]\", $.id: {sort: true}}\n  filters: [['none', 'x']]\n";
    let suite_file = "defaults: {snapshot: {redact: {$.meta: \"[meta]\"}, filters: [['never', 'x']]}}\n";
    let project = suite(&server, lines).with("requests/suite.yaml", suite_file);
    project.run(&["run", "--update"]).ends_with(0);
    let quiet = project.run(&["run"]);
    assert!(!quiet.ends_with(0).out.contains("matches nothing"), "{}", quiet.out);
    let said = project.run(&["run", "--verbose"]);
    for rule in ["`$.idd`", "`$.id`", "`none`"] {
        assert!(said.out.contains(&format!("{rule} of `snapshot` matches nothing here")), "{}", said.out);
    }
    assert!(!said.out.contains("meta") && !said.out.contains("never"), "{}", said.out);
    let report = project.run(&["run", "--report", "json"]);
    assert_eq!(snapshot_of(&report.out)["unused"], serde_json::json!(["$.idd", "$.id", "none"]));
}

#[test]
fn each_environment_and_identity_has_a_snapshot_of_its_own() {
    let here = bank(&[r#"{"bank":"here"}"#]);
    let there = bank(&[r#"{"bank":"there"}"#]);
    let identities = "identities:\n  other:\n    variables: {a: 1}\n";
    let project = suite(&here, "name: Accounts\nsnapshot: {per_environment: true}\n")
        .with("requests/environments/bank.yaml", &(environment(&here) + identities))
        .with("requests/environments/far.away.yaml", &environment(&there))
        .with(
            "requests/cases.yaml",
            "environment: far.away\nmethod: GET\nendpoint: /c\ncases: [{case: a/b}]\n",
        )
        .with("requests/suite.yaml", "environment: bank\ndefaults: {snapshot: {per_environment: true}}\n");
    for environment in ["bank", "bank/other", "far.away"] {
        project.run(&["run", "Accounts", "--env", environment, "--snapshots", "new"]).ends_with(1);
    }
    project.run(&["run", "cases", "--snapshots", "new"]).ends_with(1);
    let listed = project.run(&["snapshots", "list"]);
    insta::assert_snapshot!(listed.ends_with(0).out, @r"
    new      Accounts@bank        snapshots/a@bank.snap
    new      Accounts@bank@other  snapshots/a@bank@other.snap
    new      Accounts@far.away    snapshots/a@far.away.snap
    new      cases@a/b@far.away   snapshots/cases@a%2Fb@far.away.snap
    ");
    let line = project.run(&["snapshots", "list", "--json"]).out;
    assert!(line.contains(r#""name":"Accounts@bank@other","id":"a@bank@other""#), "{line}");
    insta::assert_snapshot!(project.run(&["snapshots", "list", "cases", "--json"]).out, @r#"
    {"name":"cases@a/b@far.away","id":"cases@a%2Fb@far.away","file":"snapshots/cases@a%2Fb@far.away.snap","state":"new","request":"cases","case":"a/b","environment":"far.away","identity":null,"stored":false}
    "#);
    for (pattern, count) in [
        ("Accounts@other", 1),
        ("Accounts@bank@other", 1),
        ("Accounts@bank", 2),
        ("*@far.away", 2),
        ("cases@far.away", 1),
        ("cases@a/b", 1),
        ("snapshots/a@bank.snap", 1),
        ("snapshots/a@*", 3),
        ("snapshots", 4),
    ] {
        let said = project.run(&["snapshots", "list", pattern]);
        assert_eq!(said.ends_with(0).out.lines().count(), count, "{pattern}: {}", said.out);
    }
    project.run(&["snapshots", "list", "Accounts@a/b"]).ends_with(7);

    project.run(&["snapshots", "accept", "Accounts@far.away"]).ends_with(0);
    project.run(&["snapshots", "accept", "Accounts@far.away"]).ends_with(7);
    project.run(&["run", "Accounts", "--env", "far.away"]).ends_with(0);
    project.run(&["snapshots", "reject", "snapshots/a@bank.snap"]).ends_with(0);
    assert!(!project.has("snapshots/a@bank.snap.new") && project.has("snapshots/a@bank@other.snap.new"));
    project.run(&["snapshots", "accept", "cases@a/b"]).ends_with(0);
    project.run(&["snapshots", "accept", "Accounts"]).ends_with(0);
    project.run(&["run", "Accounts", "--env", "bank/other"]).ends_with(0);
    project.run(&["run", "cases"]).ends_with(0);
    let said = project.run(&["run", "Accounts", "--env", "bank", "--snapshots", "new"]);
    assert!(said.out.contains("countersign snapshots accept Accounts@bank`"), "{}", said.out);
}

#[test]
fn one_run_over_two_environments_updates_the_snapshot_of_each() {
    let here = bank(&[r#"{"n":1}"#, r#"{"n":2}"#]);
    let there = bank(&[r#"{"n":3}"#, r#"{"n":4}"#]);
    let project = suite(&here, "snapshot: {per_environment: true}\n")
        .with("requests/suite.yaml", "environment: bank\n")
        .with("requests/environments/far.yaml", &environment(&there))
        .with(
            "requests/both.yaml",
            "environment: far\nneeds: [a]\nmethod: GET\nendpoint: /b\nsnapshot: false\n",
        );
    for numbers in [[1, 3], [2, 4]] {
        project.run(&["run", "a", "both", "--update"]).ends_with(0);
        for (name, number) in ["bank", "far"].iter().zip(numbers) {
            let stored = project.read(&format!("snapshots/a@{name}.snap"));
            assert!(stored.contains(&format!("\"n\": {number}")), "{stored}");
        }
    }
}

#[test]
fn what_should_be_masked_and_can_not_be_is_not_stored() {
    for body in
        ["{\"iban\":\"NL69INGB0123456789\",\"x\":1,\"x\":2}", "{\"iban\":\"NL69INGB0123456789\"} more"]
    {
        for defaults in [false, true] {
            let server = bank(&[body]);
            let rules = "snapshot: {redact: {$.iban: \"[iban]\"}}\n";
            let project = suite(&server, if defaults { "" } else { rules });
            if defaults {
                project.write("requests/suite.yaml", &format!("defaults:\n  {rules}"));
            }
            let said = project.run(&["run", "--update"]);
            said.ends_with(1);
            assert!(said.out.contains("error[snapshot.unmasked]"), "{}", said.out);
            assert!(!project.has("snapshots/a.snap") && !project.has("snapshots/a.snap.new"));
        }
    }
}

#[test]
fn a_filter_that_takes_the_status_away_is_refused_where_it_would_be_written() {
    let server = bank(&["{}"]);
    let project = suite(&server, "snapshot: {filters: [['(?s).*content', 'content']]}\n");
    let said = project.run(&["run", "--update"]);
    said.ends_with(1);
    assert!(said.out.contains("error[snapshot.filter]"), "{}", said.out);
    assert!(!project.has("snapshots/a.snap"));
}
