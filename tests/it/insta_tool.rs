//! Our snapshot files in the hands of the real `cargo insta` (1.49): what it lists, accepts and
//! rejects is what our own store then has. Skipped, with a line that says so, where the tool is
//! not installed (`tests/interop/cargo-insta-version` names the version), unless
//! `COUNTERSIGN_TEST_REQUIRE_TOOLS` is set.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "helpers of tests are tests; what is skipped is said"
)]

use std::fs;
use std::process::Command;

use countersign::files::Root;
use countersign::message::Answer;
use countersign::secret::Redactor;
use countersign::snapshot::{Comparison, Content, Metadata, Mode, Settings, Store, content};
use tempfile::TempDir;

use crate::support::Pty;

/// Bodies that a careless file format would change.
const BODIES: &[&[u8]] = &[
    b"",
    b"plain",
    b"final newline\n",
    b"\n\n",
    b"  blanks around  ",
    b"carriage\r\nreturns\r\n",
    b"---\nsource: x\n---\n",
    b"<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n",
    b"content-type: forged\n\nbody",
    b"\\escaped\\",
    b"\x1b[31m\0 \xe2\x80\xae \xc2\xa0",
    b"\xff\xfe\x00binary",
    br#"{"b":1.10,"a":["x\ny"]}"#,
];

fn is_installed() -> bool {
    let version = Command::new("cargo-insta").arg("--version").output();
    is_there("cargo-insta", version.is_ok_and(|output| output.status.success()))
}

/// A tool that is missing where it has to be fails the test instead of skipping it.
fn is_there(tool: &str, found: bool) -> bool {
    let required = std::env::var_os("COUNTERSIGN_TEST_REQUIRE_TOOLS").is_some();
    assert!(found || !required, "`{tool}` is not installed");
    if !found {
        println!("skipped: `{tool}` is not installed");
    }
    found
}

/// A cargo project, since `cargo insta` works in one only, with a suite in it.
struct Project {
    folder: TempDir,
    store: Store,
}

impl Project {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/lib.rs"), "").unwrap();
        // A workspace of its own: no manifest in a folder above has a say.
        let manifest =
            "[package]\nname = \"suite\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n";
        fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
        let store = Store::open(&Root::open(folder.path()).unwrap()).unwrap();
        Self { folder, store }
    }

    fn insta(&self, arguments: &[&str]) -> String {
        let output = Command::new("cargo")
            .arg("insta")
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("CI")
            .output()
            .unwrap();
        let said = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
        assert!(output.status.success(), "{arguments:?}: {}", said.concat());
        String::from_utf8(output.stdout).unwrap()
    }

    fn compare(&self, number: usize, text: &str, mode: Mode) -> Comparison {
        let content = Content { text: text.into(), ..Content::default() };
        self.store.compare(&id(number), &metadata(number), &content, mode).unwrap()
    }

    fn file(&self, file: &str) -> Option<Vec<u8>> {
        fs::read(self.folder.path().join(file)).ok()
    }
}

fn id(number: usize) -> String {
    format!("group/case-{number}")
}

fn metadata(number: usize) -> Metadata {
    let source = format!("requests/group/case-{number}.yaml");
    let endpoints = ["/plain", "/x?y={{ z }}", "/quote\"d", "https://host: 1/#x"];
    let expression = format!("GET {}", endpoints[number % endpoints.len()]);
    Metadata { source, expression, request: None }
}

fn text(body: &[u8]) -> String {
    let answer = Answer {
        status: 200,
        version: "HTTP/1.1".into(),
        headers: [("content-type", "text/plain")].into_iter().collect(),
        body: body.to_vec().into(),
    };
    content(&Settings::default(), &[], &answer, &Redactor::default()).unwrap().text
}

#[test]
fn what_cargo_insta_accepts_is_what_we_stored_ourselves() {
    if !is_installed() {
        return;
    }
    let (theirs, ours) = (Project::new(), Project::new());
    for (number, body) in BODIES.iter().enumerate() {
        if number % 2 == 0 {
            theirs.compare(number, "HTTP 200\n\nolder", Mode::Always);
        }
        let found = theirs.compare(number, &text(body), Mode::New);
        assert!(matches!(
            found,
            Comparison::New { pending: true, .. } | Comparison::Mismatch { pending: true, .. }
        ));
        ours.compare(number, &text(body), Mode::Always);
    }
    let listed = theirs.insta(&["pending-snapshots", "--as-json"]);
    assert_eq!(listed.lines().count(), BODIES.len(), "{listed}");

    theirs.insta(&["accept"]);
    assert_eq!(theirs.store.pending().unwrap(), [] as [&str; 0]);
    for (number, body) in BODIES.iter().enumerate() {
        assert_eq!(theirs.compare(number, &text(body), Mode::New), Comparison::Match, "{body:?}");
        let file = Store::file(&id(number));
        assert_eq!(theirs.file(&file), ours.file(&file), "{file} was spelled differently");
    }
}

#[test]
fn what_cargo_insta_rejects_leaves_the_stored_snapshot() {
    if !is_installed() {
        return;
    }
    let project = Project::new();
    project.compare(0, "HTTP 200\n\nold", Mode::Always);
    project.compare(0, "HTTP 500", Mode::New);
    project.insta(&["reject"]);
    assert_eq!(project.store.pending().unwrap(), [] as [&str; 0]);
    assert_eq!(project.compare(0, "HTTP 200\n\nold", Mode::No), Comparison::Match);
}

#[test]
fn the_keys_of_cargo_insta_review_decide_about_our_pending_files() {
    if !is_installed() {
        return;
    }
    let project = Project::new();
    for number in 0..3 {
        project.compare(number, "HTTP 200\n\nold", Mode::Always);
        project.compare(number, "HTTP 200\n\nnew\n\\", Mode::New);
    }
    let mut review = Pty::program(project.folder.path(), &["cargo", "insta", "review"], (100, 60));
    for (place, key) in [("[1/3]", "a"), ("[2/3]", "r"), ("[3/3]", "s")] {
        review.see(place);
        let screen = review.see("keep both");
        assert!(screen.contains("-old") && screen.contains("+new"), "{screen}");
        review.press(key);
    }
    let (code, screen) = review.end();
    assert_eq!(code, 0, "{screen}");
    assert_eq!(project.compare(0, "HTTP 200\n\nnew\n\\", Mode::No), Comparison::Match);
    assert_eq!(project.compare(1, "HTTP 200\n\nold", Mode::No), Comparison::Match);
    assert_eq!(project.store.pending().unwrap(), [id(2)]);
}

/// What `cargo insta` says waits is what `countersign snapshots list` says waits, and what it
/// leaves is decided by us.
#[test]
fn cargo_insta_and_our_list_name_the_same_pending_files() {
    if !is_installed() {
        return;
    }
    let project = Project::new();
    let request = "method: GET\nendpoint: /\n";
    let write = |file: &str, text: &str| {
        let path = project.folder.path().join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("requests/environments/bank.yaml", "host: https://bank.example\n");
    for number in 0..4 {
        write(&format!("requests/{}.yaml", id(number)), request);
        project.compare(number, "HTTP 200\n\nnew", Mode::New);
    }
    let ours = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        let output =
            command.args(["snapshots", "list", "--json"]).current_dir(project.folder.path()).output();
        let text = String::from_utf8(output.unwrap().stdout).unwrap();
        files(&text, |line| project.folder.path().join(line["file"].as_str().unwrap()).display().to_string())
    };
    let theirs = || {
        let text = project.insta(&["pending-snapshots", "--as-json"]);
        files(&text, |line| line["path"].as_str().unwrap().trim_end_matches(".new").to_owned())
    };
    assert_eq!(ours().len(), 4);
    assert_eq!(theirs(), ours());
    project.store.accept(&id(0)).unwrap();
    let second = project.folder.path().join(Store::file(&id(1)));
    project.insta(&["accept", "--snapshot", second.to_str().unwrap()]);
    assert_eq!((ours().len(), theirs()), (2, ours()));
}

/// One path of each line of JSON, sorted.
fn files(text: &str, path: impl Fn(&serde_json::Value) -> String) -> Vec<String> {
    let mut files: Vec<String> =
        text.lines().map(|line| path(&serde_json::from_str(line).expect("a line of JSON"))).collect();
    files.sort();
    files
}
