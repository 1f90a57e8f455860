//! The main job, from the command line: token, then greeting, against the embedded bank.

use std::thread;

use crate::support::{Project, said};

#[test]
fn a_fresh_checkout_gets_its_greeting_and_stays_as_it_was() {
    let project = Project::shipped();
    let before = (project.read("snapshots/token.snap"), project.read("snapshots/greeting.snap"));
    let cold = project.run(&["run"]);
    cold.ends_with(0);
    insta::assert_snapshot!(cold.settled(), @r"
    countersign 0.1.0  embedded  2 requests

      ✓ token      POST /oauth2/token       200 [time]  signed ing · snapshot
      ✓ greeting   GET  /greetings/single   200 [time]  signed ing · snapshot

    2 passed in [time]
    ");
    let warm = project.run(&["run"]);
    warm.ends_with(0);
    assert_eq!(cold.settled(), warm.settled());
    assert_eq!(before, (project.read("snapshots/token.snap"), project.read("snapshots/greeting.snap")));
    assert!(!project.has("snapshots/token.snap.new"));
}

#[test]
fn two_shells_may_start_on_a_cold_checkout_at_once() {
    let project = Project::shipped();
    thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| project.run(&["run"]))).collect();
        for run in runs {
            run.join().unwrap().ends_with(0);
        }
    });
}

#[test]
fn the_same_seed_and_moment_give_the_same_request_byte_for_byte() {
    let project = Project::shipped();
    project.run(&["run"]).ends_with(0);
    let explain = || {
        let said =
            project.run(&["explain", "token", "--json", "--seed", "7", "--now", "2026-11-23T09:00:00Z"]);
        said.ends_with(0);
        let mut request: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        request["url"].take();
        request
    };
    let first = explain();
    assert_eq!(first, explain());
    assert!(first["signing_string"].as_str().unwrap().contains("date: Mon, 23 Nov 2026 09:00:00 GMT"));
}

#[test]
fn what_a_request_needs_runs_though_only_the_request_was_selected() {
    let project = Project::shipped();
    let said = project.run(&["run", "greeting"]);
    said.ends_with(0);
    assert!(said.out.contains("✓ token"), "{}", said.out);
    let alone = project.run(&["run", "requests/token.yaml"]);
    alone.ends_with(0);
    assert!(!alone.out.contains("greeting"), "{}", alone.out);
}

#[test]
fn a_failed_token_skips_everything_that_needs_it() {
    let project = Project::shipped();
    let token = project.read("requests/token.yaml").replace("status: 200", "status: 201");
    project.write("requests/token.yaml", &token);
    let said = project.run(&["run"]);
    said.ends_with(1);
    assert!(said.all().contains("skipped"), "{}", said.all());
    assert!(said.all().contains("expect.status"), "{}", said.all());
    assert!(said.out.contains("1 failed, 1 skipped"), "{}", said.out);
}

#[test]
fn every_class_of_failure_has_its_exit_code() {
    let greeting = "method: GET\nendpoint: /greetings/single\n";
    let host = |host: &str| format!("host: {host}\n");
    let table: [(i32, Project, &[&str]); 8] = [
        (0, Project::shipped(), &["check"]),
        (
            1,
            Project::embedded()
                .with("requests/a.yaml", &format!("{greeting}expect: {{status: 200}}\nsnapshot: false\n")),
            &["run"],
        ),
        (2, Project::shipped(), &["run", "--jobs", "0"]),
        (3, Project::shipped().with("requests/a.yaml", "metod: GET\nendpoint: /\n"), &["run"]),
        (4, Project::shipped().with("certificates/embedded_tls.key", "no key\n"), &["run"]),
        (
            5,
            Project::empty()
                .with("requests/a.yaml", greeting)
                .with("requests/environments/e.yaml", &host("https://127.0.0.1:1")),
            &["run"],
        ),
        (6, Project::shipped().with("blocked", ""), &["run", "--report", "json=blocked/report.json"]),
        (7, Project::shipped(), &["run", "greetng"]),
    ];
    for (code, project, arguments) in table {
        let said = project.run(arguments);
        assert_eq!(said.code, code, "{arguments:?}\n{}", said.all());
        // What became of requests is the report, on stdout; why there was no run is on stderr.
        let refused = !matches!(code, 0 | 1 | 5);
        assert_eq!(refused, said.err.contains("error"), "{arguments:?} ended with {code}:\n{}", said.err);
    }
}

#[test]
fn a_new_snapshot_waits_for_review_at_a_desk_and_is_never_written_in_ci() {
    let project = Project::shipped();
    std::fs::remove_file(project.path().join("snapshots/greeting.snap")).unwrap();
    let in_ci = said(&project.command(&["run"]).env("CI", "true").output().unwrap());
    in_ci.ends_with(1);
    assert!(!project.has("snapshots/greeting.snap.new"), "{}", in_ci.all());
    assert!(in_ci.all().contains("--snapshots new"), "{}", in_ci.all());
    let at_desk = project.run(&["run"]);
    at_desk.ends_with(1);
    assert!(project.has("snapshots/greeting.snap.new"));
    assert!(at_desk.all().contains("countersign snapshots accept greeting"), "{}", at_desk.all());
    assert_eq!(project.run(&["snapshots", "list"]).out, "new      greeting  snapshots/greeting.snap\n");
    project.run(&["snapshots", "accept", "greeting"]).ends_with(0);
    for (decision, exit) in [("list", 0), ("accept", 7), ("reject", 7)] {
        let said = project.run(&["snapshots", decision]);
        said.ends_with(exit);
        assert_eq!(said.all(), "no snapshot waits for review\n");
    }
    project.run(&["run"]).ends_with(0);
}

#[test]
fn a_changed_answer_fails_with_the_difference() {
    let project = Project::shipped();
    let stored = project.read("snapshots/greeting.snap").replace("Welcome to ING!", "Welcome to the bank!");
    project.write("snapshots/greeting.snap", &stored);
    let said = project.run(&["run"]);
    said.ends_with(1);
    let all = said.all();
    for part in [
        "snapshot.changed",
        "-   \"message\": \"Welcome to the bank!\"",
        "+   \"message\": \"Welcome to ING!\"",
    ] {
        assert!(all.contains(part), "{part} is not in:\n{all}");
    }
    project.run(&["snapshots", "reject"]).ends_with(0);
    assert_eq!(project.read("snapshots/greeting.snap"), stored);
    project.run(&["run", "--update"]).ends_with(0);
    project.run(&["run"]).ends_with(0);
}

#[test]
fn independent_requests_pass_whatever_the_number_of_jobs() {
    let project = Project::shipped();
    for number in 0..20 {
        let request = project.read("requests/greeting.yaml");
        project.write(&format!("requests/many/greeting_{number:02}.yaml"), &request);
    }
    for jobs in ["1", "3", "64"] {
        let said = project.run(&["run", "--jobs", jobs, "--update"]);
        said.ends_with(0);
        let lines: Vec<&str> = said.out.lines().filter(|line| line.contains("✓ many/")).collect();
        assert_eq!(lines.len(), 20);
        assert!(lines.is_sorted(), "the order is the plan's: {lines:#?}");
        assert_eq!(said.out.matches("/oauth2/token").count(), 1, "one token serves all");
    }
}

#[test]
fn values_of_the_env_file_are_seen_unless_the_process_environment_says_otherwise() {
    let request = "method: GET\nendpoint: /{{ env('ZONE') }}\n";
    let project = Project::embedded().with("requests/a.yaml", request).with(".env", "# mine\nZONE='north'\n");
    let explained = project.run(&["explain", "a"]);
    assert!(explained.out.contains("/north"), "{}", explained.all());
    let exported = said(&project.command(&["explain", "a"]).env("ZONE", "south").output().unwrap());
    assert!(exported.out.contains("/south"), "{}", exported.all());
    project.write(".env", "ZONE=north\nno line of a .env file: s3cr3t\n");
    let refused = project.run(&["explain", "a"]);
    refused.ends_with(3);
    assert!(refused.err.contains("entry 2") && !refused.err.contains("s3cr3t"), "{}", refused.err);
}

#[test]
fn an_interrupted_run_says_what_may_have_been_executed() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let project = Project::empty()
        .with("requests/environments/e.yaml", &format!("host: http://127.0.0.1:{port}\n"))
        .with("requests/pay.yaml", "method: POST\nendpoint: /pay\nsnapshot: false\n")
        .with("requests/receipt.yaml", "needs: [pay]\nmethod: GET\nendpoint: /receipt\nsnapshot: false\n");
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let mut command = project.command(&["run", "--report", "json=report.json"]);
        let child = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        // The request is on its way when the server has its connection.
        let connection = silent.accept().unwrap();
        let status = std::process::Command::new("kill").args(["-s", name, &child.id().to_string()]).status();
        assert!(status.unwrap().success());
        let said = said(&child.wait_with_output().unwrap());
        said.ends_with(code);
        for part in ["✗ pay", "interrupted", "the server may have acted on it", "- receipt"] {
            assert!(said.out.contains(part), "{part} is not in:\n{}", said.out);
        }
        let report = project.read("report.json");
        assert!(report.contains("run.interrupted") && report.contains("run_finished"), "{report}");
        drop(connection);
    }
}

#[test]
fn a_private_key_is_never_a_body() {
    let project = Project::shipped();
    project.run(&["run"]).ends_with(0);
    let key = "certificates/embedded_signing.key";
    for body in [format!("file: {key}"), format!("text: \"{{{{ file('{key}') }}}}\"")] {
        project.write("requests/leak.yaml", &format!("method: POST\nendpoint: /x\nbody: {{{body}}}\n"));
        let said = project.run(&["run", "leak", "-v"]);
        said.ends_with(3);
        assert!(said.err.contains("is not for requests to read"), "{}", said.all());
    }
}

#[test]
fn nothing_that_a_server_or_a_file_says_is_obeyed_by_a_terminal_or_a_ci_runner() {
    let project = Project::shipped();
    let evil = "description: \"::error::d\\e]0;x\\a##[error]y\"\nmethod: POST\nendpoint: /a\n\
                body: {text: \"a\\n::error::b\\e[31m ##[group]c\"}\nsnapshot: false\n";
    project.write("requests/##[x].yaml", evil);
    for arguments in [
        &["explain", "##[x]"][..],
        &["explain", "##[x]", "--curl"],
        &["explain", "##[x]", "--json"],
        &["list"],
        &["list", "--json"],
        &["graph"],
        &["graph", "--format", "mermaid"],
        &["run", "##[x]", "-v"],
        &["run", "\u{1b}[31m##[error]"],
        &["check", "--env", "\u{1b}]0;x\u{7}"],
    ] {
        let said = project.run(arguments);
        for line in said.all().lines() {
            assert!(!line.contains(['\u{1b}', '\u{7}']), "{arguments:?}: {line:?}");
            assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{arguments:?}: {line:?}");
        }
    }
}

#[test]
fn a_full_disk_behind_standard_output_is_no_success() {
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let project = Project::shipped();
    for arguments in [&["list"][..], &["schema", "request"], &["run"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let status =
            project.command(arguments).stdout(full).stderr(std::process::Stdio::null()).status().unwrap();
        assert_eq!(status.code(), Some(6), "{arguments:?}");
    }
}

#[test]
fn a_redirect_is_named_and_not_followed() {
    use std::io::{Read, Write};
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let serving = thread::spawn(move || {
        let (mut connection, _) = server.accept().unwrap();
        let _ = connection.read(&mut [0; 4096]).unwrap();
        connection
            .write_all(b"HTTP/1.1 302 Found\r\nlocation: https://else.example/\r\ncontent-length: 0\r\n\r\n")
            .unwrap();
        server
    });
    let project = Project::empty()
        .with("requests/environments/e.yaml", &format!("host: http://127.0.0.1:{port}\n"))
        .with("requests/a.yaml", "method: GET\nendpoint: /\nexpect: {status: 200}\nsnapshot: false\n");
    let said = project.run(&["run"]);
    said.ends_with(1);
    assert!(
        said.out.contains("redirects to `https://else.example/`; redirects are not followed"),
        "{}",
        said.out
    );
    drop(serving.join().unwrap());
}

#[test]
fn one_request_in_two_environments_loses_no_snapshot_that_waits_for_review() {
    let project = Project::shipped();
    let other = project
        .read("requests/environments/embedded.yaml")
        .replace("5ca1ab1e-c0de-4bad-8c0d-0123456789ab", "another-client");
    project.write("requests/environments/second.yaml", &other);
    let greeting = project.read("requests/greeting.yaml");
    project.write("requests/elsewhere.yaml", &format!("environment: second\n{greeting}"));
    project.run(&["run", "elsewhere", "--update"]);
    std::fs::remove_file(project.path().join("snapshots/token.snap")).unwrap();
    project.run(&["run", "greeting", "--update"]).ends_with(0);
    for _ in 0..3 {
        let said = project.run(&["run"]);
        said.ends_with(1);
        assert!(said.out.contains("snapshot.changed"), "the two tokens name two clients: {}", said.out);
        assert!(project.has("snapshots/token.snap.new"), "{}", said.out);
        assert!(project.read("snapshots/token.snap.new").contains("another-client"));
    }
    let accepting = project.run(&["run", "--update"]);
    accepting.ends_with(1);
    assert!(project.read("snapshots/token.snap").contains("5ca1ab1e"), "nothing is accepted over another's");
}

#[test]
fn the_key_id_that_the_psd2_profile_recommends_works() {
    let project = Project::shipped().with("certificates/.keep", "");
    project.run(&["certs", "new", "tls", "signing"]).ends_with(0);
    let token =
        project.read("requests/token.yaml").replace("capture:\n", "capture:\n  client_id: $.client_id\n");
    project.write("requests/token.yaml", &token);
    let environment = "host: https://bank.example\n\
        tls: {certificate: certificates/tls.crt, key: certificates/tls.key}\n\
        signing:\n  profile: ing-psd2\n  key: certificates/signing.key\n  certificate: certificates/signing.crt\n  \
        key_id: \"{{ token.client_id }}\"\n";
    project.write("requests/environments/psd2.yaml", environment);
    project.run(&["check", "--env", "psd2"]).ends_with(0);
    let token = project.run(&["explain", "token", "--env", "psd2"]);
    assert!(token.out.contains("key id     SN="), "{}", token.all());
    let greeting = project.run(&["explain", "greeting", "--env", "psd2"]);
    assert!(greeting.out.contains("key id     [client_id]"), "{}", greeting.all());
}
