//! Secrets from files and programs, with the real binary against the embedded bank.

use std::thread;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::support::{Project, Pty};

const FILE: &str = "f1le-secret-f1le";
const TOLD: &str = "t0ld-secret-t0ld";

/// A program that tells a secret, and notes that it was called.
const TELLS: &str = "echo called >> calls\necho t0ld-secret-t0ld\n";

fn hash(secret: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(secret))
}

/// A request that sends a secret of each kind, and what shows that it is the right one.
const SENDS: &str = r#"
token: token
method: GET
endpoint: /greetings/single
headers:
  X-File: '{{ secret(file="secrets/key") }}'
  X-File-Hash: '{{ secret(file="secrets/key") | sha256 }}'
  X-Told: '{{ secret(command=["sh", "tells.sh"]) }}'
  X-Told-Hash: '{{ secret(command=["sh", "tells.sh"]) | sha256 }}'
expect: {status: 200}
"#;

fn project() -> Project {
    Project::shipped()
        .with("requests/suite.yaml", "environment: embedded\ndefaults: {snapshot: false}\n")
        .with("requests/a.yaml", SENDS)
        .with("secrets/key", &format!("{FILE}\n"))
        .with("tells.sh", TELLS)
}

fn calls(project: &Project) -> usize {
    if project.has("calls") { project.read("calls").lines().count() } else { 0 }
}

#[test]
fn a_secret_of_a_file_or_program_is_sent_as_it_is_and_shown_nowhere() {
    let project = project();
    let said = project.run(&["run", "a", "-v", "--report", "json=report.json"]);
    said.ends_with(0);
    let report = project.read("report.json");
    let explained = project.run(&["explain", "a", "--send"]);
    explained.ends_with(0);
    for text in [&said.out, &explained.out, &report] {
        assert!(text.contains(&hash(FILE)) && text.contains(&hash(TOLD)), "{text}");
        assert!(text.contains("[secrets/key]") && text.contains("[sh tells.sh]"), "{text}");
    }
    for text in [said.all(), explained.all(), report] {
        assert!(!text.contains(FILE) && !text.contains(TOLD), "{text}");
    }
    let curl = project.run(&["explain", "a", "--curl"]);
    assert!(curl.err.contains("secrets_key") && curl.err.contains("sh_tells_sh"), "{}", curl.err);
    assert!(!curl.all().contains(FILE) && !curl.all().contains(TOLD), "{}", curl.all());
}

#[test]
fn a_program_is_run_once_however_many_requests_want_its_secret() {
    let project = project().with(
        "requests/environments/embedded.yaml",
        &(project().read("requests/environments/embedded.yaml")
            + "headers: {X-All: '{{ secret(command=[\"sh\", \"tells.sh\"]) }}'}\n"),
    );
    for name in ["b", "c", "d", "e"] {
        // This one can't be made before the token is there.
        let after = SENDS.replace("X-File: '", "X-File: '{{ token.access_token }}");
        project.write(&format!("requests/{name}.yaml"), &after);
    }
    project.run(&["run"]).ends_with(0);
    assert_eq!(calls(&project), 1);
}

#[test]
fn check_runs_no_program_but_one_that_opens_a_key_and_says_what_a_run_would_ask() {
    let project = project();
    let said = project.run(&["check"]);
    said.ends_with(0);
    assert_eq!(calls(&project), 0);
    assert!(said.out.ends_with("not run, a run asks it for a secret: `sh tells.sh`\n"), "{}", said.out);
    assert_eq!(project.run(&["list"]).ends_with(0).out.matches("a ").count(), 1);
    assert_eq!(calls(&project), 0);
    let environment = "host: https://bank.example\nsigning: {profile: ing, key_id: me, key: signing.key, \
                       passphrase: '{{ secret(command=[\"sh\", \"tells.sh\"]) }}'}\n";
    let project = Project::empty()
        .with("requests/environments/bank.yaml", environment)
        .with("requests/a.yaml", "method: GET\nendpoint: /a\n")
        .with("tells.sh", &TELLS.replace(TOLD, "test"));
    project.write(
        "signing.key",
        &std::fs::read_to_string(crate::support::key_path("rsa.encrypted.pem")).unwrap(),
    );
    project.run(&["check"]).ends_with(0);
    assert_eq!(calls(&project), 1);
}

#[test]
fn a_program_that_fails_keeps_everything_from_being_sent_and_what_it_said_is_masked() {
    let script = "echo out0f-secret-out0f; echo \"no luck with $KEY\" >&2; exit 3\n";
    // The request that fails is made last, after its token.
    let after = SENDS.replace("X-Told: '", "X-Told: '{{ token.access_token }}");
    let project = project().with("tells.sh", script).with("requests/a.yaml", &after);
    project.write("requests/b.yaml", "method: GET\nendpoint: /b\nheaders: {X: '{{ secret(\"KEY\") }}'}\n");
    let said = crate::support::said(&project.command(&["run"]).env("KEY", FILE).output().unwrap());
    said.ends_with(4);
    assert_eq!(said.out, "", "nothing was sent");
    assert!(said.err.contains("error[credentials.secret]: no secret from `sh tells.sh`"), "{}", said.err);
    assert!(said.err.contains("`sh` ended with exit code 3: no luck with"), "{}", said.err);
    assert!(said.err.contains("requests/a.yaml:9:"), "{}", said.err);
    assert!(!said.err.contains("out0f") && !said.err.contains(FILE), "{}", said.err);
}

#[test]
fn an_interrupt_while_a_program_is_asked_for_a_secret_ends_the_run_and_leaves_the_terminal_as_it_was() {
    let request = "method: GET
endpoint: http://127.0.0.1:1/
headers:
  X-Pin: '{{ secret(command=[\"sh\", \"-c\", \"echo $$ > asked; exec sleep 60\"]) }}'
snapshot: false
";
    let project = Project::empty()
        .with("requests/environments/test.yaml", "host: http://127.0.0.1:1\n")
        .with("requests/a.yaml", request);
    let line = format!("trap : INT; {} run; echo code $?", env!("CARGO_BIN_EXE_countersign"));
    let mut terminal = Pty::program(project.path(), &["sh", "-c", &line], (80, 24));
    while !project.path().join("asked").exists() || project.read("asked").is_empty() {
        thread::sleep(Duration::from_millis(2));
    }
    let began = Instant::now();
    terminal.press("\x03");
    terminal.see("code 130");
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    assert!(terminal.is_cooked());
    terminal.end();
}
