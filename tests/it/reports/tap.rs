//! TAP, from the command line.

use crate::support::Project;

#[test]
fn a_tap_harness_gets_a_point_for_every_step_and_why_one_failed() {
    let project = Project::shipped();
    project.write(
        "requests/wrong.yaml",
        "token: token\nmethod: GET\nendpoint: /greetings/single\nexpect: {status: 201}\nsnapshot: false\n",
    );
    project.write("requests/off.yaml", "method: GET\nendpoint: /a\nskip: \"not # now\"\n");
    let said = project.run(&["run", "--report", "tap"]);
    said.ends_with(1);
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines[..2], ["TAP version 14", "1..4"]);
    let points: Vec<&str> = lines.iter().copied().filter(|line| line.contains("ok ")).collect();
    assert_eq!(
        points,
        ["ok 1 - off # SKIP not \\# now", "ok 2 - token", "ok 3 - greeting", "not ok 4 - wrong"]
    );
    let block: Vec<&str> = lines.iter().copied().filter(|line| line.starts_with("  ")).collect();
    let entries: serde_json::Map<String, serde_json::Value> = block[1..block.len() - 1]
        .iter()
        .map(|line| line.trim().split_once(": ").unwrap())
        .map(|(key, value)| (key.to_owned(), serde_json::from_str(value).unwrap()))
        .collect();
    assert_eq!((block[0], block[block.len() - 1]), ("  ---", "  ..."));
    assert_eq!(entries["message"], "`status` is 200, wanted 201");
    assert_eq!(entries["at"], serde_json::json!({"file": "requests/wrong.yaml", "line": 4, "column": 18}));
}
