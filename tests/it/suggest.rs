//! `snapshots suggest`, from the command line: what is sent, what is suggested, what is written.

use serde_json::{Value, json};

use crate::support::{Asked, Project, Scripted, answer, said};

const JSON: &str = "content-type: application/json";

/// A bank that answers the paths of a test, each time with other ids.
fn bank(body: impl Fn(usize, &Asked) -> Value + Send + Sync + 'static) -> Scripted {
    Scripted::start(move |before, asked| answer(200, JSON, &body(before, asked).to_string()))
}

fn suite(bank: &Scripted, request: &str) -> Project {
    Project::empty()
        .with("requests/environments/bank.yaml", &format!("host: {}\n", bank.host()))
        .with("requests/suite.yaml", "environment: bank\n")
        .with("requests/a.yaml", request)
}

fn id(number: usize) -> String {
    format!("e77d776b-90af-4684-bebc-5200000000{number:02x}")
}

/// The shipped request without its rules.
fn unmasked() -> (Project, String) {
    let project = Project::shipped();
    let whole = project.read("requests/greeting.yaml");
    let (bare, _) = whole.split_once("snapshot:").unwrap();
    project.write("requests/greeting.yaml", bare);
    (project, bare.to_owned())
}

#[test]
fn the_rules_of_the_shipped_request_are_found_written_and_good_for_the_next_answers() {
    let (project, bare) = unmasked();
    let before = project.read("snapshots/greeting.snap");
    let said = project.run(&["snapshots", "suggest", "greeting"]);
    said.ends_with(0);
    let rules: String =
        said.out.lines().map(|line| line.split("  #").next().unwrap().to_owned() + "\n").collect();
    let wanted = r#"snapshot:
  redact:
    $.id: {as: "[uuid]", matches: uuid}
    $.messageTimestamp: {as: "[timestamp]", matches: '/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT$/'}
"#;
    assert_eq!(rules, wanted);
    assert_eq!(said.err, "`greeting` was sent twice: with these rules both answers are equal\n");
    assert_eq!(project.read("requests/greeting.yaml"), bare);

    let said = project.run(&["snapshots", "suggest", "greeting", "--write"]);
    said.ends_with(0);
    assert!(said.err.ends_with("wrote 2 rules to requests/greeting.yaml\n"), "{}", said.err);
    assert_eq!(project.read("requests/greeting.yaml"), format!("{bare}{wanted}"));
    assert_eq!(project.read("snapshots/greeting.snap"), before, "no snapshot is written");
    // They come to the same as those that are shipped.
    project.run(&["run", "greeting"]).ends_with(0);
    std::fs::remove_file(project.path().join("snapshots/greeting.snap")).unwrap();
    project.run(&["run", "greeting"]).ends_with(1);
    project.run(&["snapshots", "accept", "greeting"]).ends_with(0);
    project.run(&["run", "greeting"]).ends_with(0);
    let said = project.run(&["snapshots", "suggest", "greeting"]);
    said.ends_with(0);
    assert_eq!(said.out, "");
    assert_eq!(said.err, "`greeting` was sent twice, and nothing differs that is not masked already\n");
}

#[test]
fn what_a_request_needs_is_sent_once_and_the_request_twice_each_time_anew() {
    for seed in [&[][..], &["--seed", "7"]] {
        let bank = bank(|before, asked| match asked.target.as_str() {
            "/token" => json!({"access_token": "s3cr3t-T0ken-of-the-bank"}),
            _ => json!({"n": before, "token": "s3cr3t-T0ken-of-the-bank", "sent": asked.header("x-id")}),
        });
        let project =
            suite(&bank, "token: token\nmethod: GET\nendpoint: /a\nheaders: {X-Id: '{{ uuid() }}'}\n").with(
                "requests/token.yaml",
                "method: POST\nendpoint: /token\ncapture: {access_token: $.access_token}\n",
            );
        let said = project.run(&[&["snapshots", "suggest", "a"], seed].concat());
        said.ends_with(0);
        let heard = bank.heard();
        let targets: Vec<&str> = heard.iter().map(|asked| asked.target.as_str()).collect();
        assert_eq!(targets, ["/token", "/a", "/a"]);
        assert_ne!(heard[1].header("x-id"), heard[2].header("x-id"), "a replay is no second answer");
        assert_eq!(heard[1].header("authorization"), "Bearer s3cr3t-T0ken-of-the-bank");
        assert!(!said.all().contains("s3cr3t"), "{}", said.all());
        assert!(
            said.out.contains("$.n: {as: \"[number]\", matches: '/^\\d+$/'}  # counter: 1 → 2\n"),
            "{}",
            said.out
        );
        assert!(said.out.contains("$.sent: {as: \"[uuid]\", matches: uuid}"), "{}", said.out);
        assert!(!project.has("snapshots"));
    }
}

#[test]
fn what_would_be_done_twice_is_not_sent_unless_somebody_says_so() {
    let bank = bank(|before, _| json!({"id": id(before)}));
    let project = suite(&bank, "# pays\nmethod: POST\nendpoint: /payments\n");
    let said = project.run(&["snapshots", "suggest", "a"]);
    said.ends_with(3);
    assert!(bank.heard().is_empty());
    let shown = "error[snapshot.not_sent_twice]: `a` is a POST: sent twice, it may do twice what it does
 --> requests/a.yaml:2:9
  |
2 | method: POST
  |         ^^^^ not idempotent (RFC 9110, section 9.2.2)
  |
  = help: `--send-twice` sends it all the same; nothing was sent

";
    assert_eq!(said.err, shown);
    let said = project.run(&["snapshots", "suggest", "a", "--send-twice"]);
    said.ends_with(0);
    assert_eq!(bank.heard().len(), 2);
    assert!(said.out.contains("$.id: {as: \"[uuid]\", matches: uuid}"), "{}", said.out);
}

#[test]
fn in_ci_no_file_is_changed_and_nothing_is_sent_for_it() {
    let bank = bank(|before, _| json!({"id": id(before)}));
    let project = suite(&bank, "method: GET\nendpoint: /\n");
    let run = |more: &[&str]| {
        let arguments = [&["snapshots", "suggest", "a"], more].concat();
        said(&project.command(&arguments).env("CI", "true").output().unwrap())
    };
    let refused = run(&["--write"]);
    refused.ends_with(2);
    assert!(refused.err.contains("`--write` changes files of the suite, and `CI` is set"), "{}", refused.err);
    assert!(bank.heard().is_empty());
    run(&[]).ends_with(0);
    assert_eq!(project.read("requests/a.yaml"), "method: GET\nendpoint: /\n");
}

#[test]
fn an_answer_that_is_not_as_expected_is_no_ground_for_rules() {
    for failing in [0, 1] {
        let bank = Scripted::start(move |before, _| {
            let status = if before == failing { 503 } else { 200 };
            answer(status, JSON, &json!({"id": id(before)}).to_string())
        });
        let project = suite(&bank, "method: GET\nendpoint: /\nexpect: {status: 200}\n");
        let said = project.run(&["snapshots", "suggest", "a", "--write"]);
        said.ends_with(1);
        assert_eq!(said.out, "");
        assert!(
            said.err.contains("503")
                && said.err.contains("nothing is suggested: `a` and what it needs have to pass first"),
            "{}",
            said.err
        );
        assert_eq!(bank.heard().len(), failing + 1);
        assert_eq!(project.read("requests/a.yaml"), "method: GET\nendpoint: /\nexpect: {status: 200}\n");
    }
}

#[test]
fn a_request_is_not_sent_where_what_it_needs_failed() {
    let bank = Scripted::start(|_, _| answer(500, JSON, "{}"));
    let project = suite(&bank, "token: token\nmethod: GET\nendpoint: /a\n").with(
        "requests/token.yaml",
        "method: POST\nendpoint: /token\ncapture: {access_token: $.access_token}\n",
    );
    let said = project.run(&["snapshots", "suggest", "a"]);
    said.ends_with(1);
    assert!(said.err.contains("`$.access_token`") && said.err.contains("what it needs"), "{}", said.err);
    assert_eq!((bank.heard().len(), said.out.as_str()), (1, ""));
}

#[test]
fn an_error_page_that_nothing_expects_otherwise_is_told() {
    let bank = Scripted::start(|before, _| answer(404, JSON, &json!({"id": id(before)}).to_string()));
    let said = suite(&bank, "method: GET\nendpoint: /\n").run(&["snapshots", "suggest", "a"]);
    said.ends_with(0);
    assert!(
        said.err.starts_with("note: the answers have the status 404, and the request expects no other\n"),
        "{}",
        said.err
    );
}

#[test]
fn one_request_is_meant_and_one_that_has_a_snapshot() {
    let bank = bank(|before, _| json!({"n": before}));
    let project = suite(&bank, "method: GET\nendpoint: /\ncases: [{case: small}, {case: large}]\n")
        .with("requests/off.yaml", "method: GET\nendpoint: /\nsnapshot: false\n")
        .with("requests/skipped.yaml", "method: GET\nendpoint: /\nskip: not today\n");
    let said = project.run(&["snapshots", "suggest", "a"]);
    said.ends_with(2);
    assert_eq!(
        said.err,
        "error: `a` is more than one request\n  = help: name one of them: `a@small`, `a@large`\n"
    );
    let said = project.run(&["snapshots", "suggest", "off"]);
    said.ends_with(3);
    assert!(
        said.err.contains("requests/off.yaml:3:11") && said.err.contains("write `snapshot: true`"),
        "{}",
        said.err
    );
    assert!(bank.heard().is_empty());
    project.run(&["snapshots", "suggest", "skipped"]).ends_with(7);
    let said = project.run(&["snapshots", "suggest", "a@small"]);
    said.ends_with(0);
    assert_eq!(bank.heard().len(), 2);
    assert!(said.err.contains("`a@small` was sent twice"), "{}", said.err);
}

#[test]
fn rules_that_have_no_sure_place_are_printed_and_the_file_stays() {
    let bank = bank(|before, _| json!({"id": id(before)}));
    let text = "method: GET\nendpoint: /\nvariables: {x: &x {shape: false}}\nsnapshot: *x\n";
    let project = suite(&bank, text);
    let said = project.run(&["snapshots", "suggest", "a", "--write"]);
    said.ends_with(6);
    assert_eq!(project.read("requests/a.yaml"), text);
    assert!(
        said.out.starts_with("snapshot:\n  redact:\n    $.id: {as: \"[uuid]\", matches: uuid}"),
        "{}",
        said.out
    );
    let shown = "error[snapshot.rules_not_written]: the rules are not written into the file of `a`: its `snapshot` is an alias, \
and what it stands for may be used elsewhere
 --> requests/a.yaml:3:19
  |
3 | variables: {x: &x {shape: false}}
  |                   ^^^^^^^^^^^^^^
  |
  = help: paste them yourself: they are printed above

";
    assert!(said.err.ends_with(shown), "{}", said.err);
}

#[test]
fn rules_join_those_that_are_there_line_ends_and_comments_as_they_were() {
    let bank = bank(|before, _| json!({"id": id(before), "n": before, "at": "2026-11-28"}));
    let before = "method: GET\r\nendpoint: /\r\nsnapshot:\r\n    redact:\r\n        $.n: '[n]' # counts\r\n    # not sure\r\n    shape: false\r\n";
    let project = suite(&bank, before);
    let said = project.run(&["snapshots", "suggest", "a"]);
    said.ends_with(0);
    assert!(
        said.err.ends_with("they go into the `snapshot` at requests/a.yaml:3; `--write` puts them there\n"),
        "{}",
        said.err
    );
    project.run(&["snapshots", "suggest", "a", "--write"]).ends_with(0);
    let rule = "        $.id: {as: \"[uuid]\", matches: uuid}\r\n";
    let after = before.replace("# counts\r\n", &format!("# counts\r\n{rule}"));
    assert_eq!(project.read("requests/a.yaml"), after);
    project.run(&["run", "a", "--update"]).ends_with(0);
    project.run(&["run", "a"]).ends_with(0);
}

#[test]
fn a_program_reads_the_rules_as_json_and_what_remains_is_said() {
    let bank = bank(
        |before, _| json!({"day": "2026-11-28", "rows": vec![json!({"id": id(before)}); before + 1], "b": [before % 2, 1 - before % 2]}),
    );
    let said = suite(&bank, "method: GET\nendpoint: /\n").run(&[
        "snapshots",
        "suggest",
        "a",
        "--json",
        "--now",
        "2026-11-28T12:00:00Z",
    ]);
    said.ends_with(0);
    let told: Value = serde_json::from_str(&said.out).unwrap();
    let wanted = json!({
        "name": "a",
        "rules": [
            {"selector": "$.b", "rule": {"sort": true}, "kind": "another order"},
            {"selector": "$.rows[*].id", "rule": {"as": "[uuid]", "matches": "uuid"}, "kind": "uuid"},
        ],
        "equal": false,
        "remains": ["`$.rows` has 1 and 2 elements"],
        "tomorrow": ["`$.day` is today's date in both answers, and will be another one tomorrow"],
    });
    assert_eq!(told, wanted);
    assert!(
        said.err.starts_with("note: `$.rows` has 1 and 2 elements\n  = help: `shape: true`"),
        "{}",
        said.err
    );
    assert!(said.err.ends_with("with these rules the answers still differ\n"), "{}", said.err);
}

#[test]
fn a_value_with_a_secret_in_it_gets_a_rule_that_matches() {
    let server = bank(|before, asked| {
        let secret = asked.header("x-key").to_owned();
        serde_json::json!({"a": format!("{secret}-{before}"), "link": format!("/u/{secret}/{}", id(before))})
    });
    let project = suite(&server, "method: GET\nendpoint: /a\nheaders: {X-Key: \"{{ secret('MYSEC') }}\"}\n");
    let run = |arguments: &[&str]| {
        let mut command = project.command(arguments);
        said(&command.env("MYSEC", "verysecretvalue123").output().unwrap())
    };
    let said = run(&["snapshots", "suggest", "a", "--write"]);
    said.ends_with(0);
    assert!(said.all().contains("with these rules both answers are equal"), "{}", said.all());
    assert!(
        !said.all().contains("verysecret") && !said.all().contains("has a rule for it"),
        "{}",
        said.all()
    );
    run(&["run", "--update"]).ends_with(0);
    run(&["run"]).ends_with(0);
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_permissions_and_one_that_may_only_be_read_stays() {
    use std::os::unix::fs::PermissionsExt;
    for (mode, writes) in [(0o640, true), (0o664, true), (0o444, false)] {
        let (project, file) = unmasked();
        let path = project.path().join("requests/greeting.yaml");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        project.run(&["snapshots", "suggest", "greeting", "--write"]).ends_with(if writes { 0 } else { 6 });
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, mode);
        assert_eq!(project.read("requests/greeting.yaml") != file, writes);
    }
}
