//! A suite in a temporary folder, and the real binary run on it.

mod http;
mod canned;
mod scripted;
mod proxy;
mod pty;
mod server;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::{env, fs};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use tempfile::TempDir;

pub use canned::Canned;
pub use http::{Asked, Http, Reply};
pub use proxy::{Policy, Proxy};
pub use pty::Pty;
pub use scripted::{Scripted, answer};
pub use server::Server;

/// A suite in a folder of its own.
pub struct Project {
    folder: TempDir,
}

/// What a command said and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Project {
    /// An empty folder.
    pub fn empty() -> Self {
        Self { folder: TempDir::with_prefix("countersign-test-").expect("a temporary folder") }
    }

    /// The suite that this repository ships, with its snapshots, without any certificates.
    pub fn shipped() -> Self {
        let project = Self::empty();
        for folder in ["requests", "snapshots"] {
            copy(&repository().join(folder), &project.path().join(folder));
        }
        project
    }

    /// A suite that the tests bring along, in a folder of `tests/`.
    pub fn of(folder: &str) -> Self {
        let project = Self::empty();
        copy(&repository().join("tests").join(folder), project.path());
        project
    }

    /// A suite for the embedded bank with nothing in it but its environment.
    pub fn embedded() -> Self {
        let environment = "requests/environments/embedded.yaml";
        let text = fs::read_to_string(repository().join(environment)).expect("the shipped environment");
        Self::empty().with(environment, &text)
    }

    /// Writes a file.
    pub fn with(self, path: &str, text: &str) -> Self {
        self.write(path, text);
        self
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: &str) {
        let path = self.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    /// Reads a file.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Whether there is such a file.
    pub fn has(&self, path: &str) -> bool {
        self.path().join(path).exists()
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The binary with these arguments, in this folder, with hardly any environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        command
    }

    /// Runs the binary.
    pub fn run(&self, arguments: &[&str]) -> Said {
        said(&self.command(arguments).output().expect("the binary runs"))
    }
}

impl Said {
    /// Everything that was said, for looking something up in it.
    pub fn all(&self) -> String {
        format!("{}{}", self.out, self.err)
    }

    /// The output with what differs from run to run replaced.
    pub fn settled(&self) -> String {
        settle(&self.out)
    }

    #[track_caller]
    pub fn ends_with(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }
}

pub fn said(output: &Output) -> Said {
    Said {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout.clone()).expect("UTF-8 on stdout"),
        err: String::from_utf8(output.stderr.clone()).expect("UTF-8 on stderr"),
    }
}

/// What `explain --json` says would be sent, as a raw message.
pub fn raw(message: &Value) -> String {
    let mut url = message["url"].as_str().unwrap().splitn(4, '/').skip(2);
    let (host, target) = (url.next().unwrap(), url.next().unwrap_or_default());
    let mut text = format!("{} /{target} HTTP/1.1\nHost: {host}\n", message["method"].as_str().unwrap());
    for field in message["headers"].as_array().unwrap() {
        writeln!(text, "{}: {}", field[0].as_str().unwrap(), field[1].as_str().unwrap()).unwrap();
    }
    let body = STANDARD.decode(message["body_base64"].as_str().unwrap()).unwrap();
    text + "\n" + std::str::from_utf8(&body).unwrap()
}

/// Replaces durations, ports, UUIDs and dates.
pub fn settle(text: &str) -> String {
    let rules = [
        (r"\b\d+(\.\d+)? (ms|s)\b", "[time]"),
        (r" +\[time\]", " [time]"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "[uuid]"),
        (r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", "[date]"),
    ];
    rules.iter().fold(text.to_owned(), |text, (pattern, with)| {
        regex::Regex::new(pattern).expect("a pattern").replace_all(&text, *with).into_owned()
    })
}

/// The root of this repository.
pub fn repository() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a tool is here. Where tools are required, a missing one fails the test.
pub fn have(tool: &str) -> bool {
    let found = env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(tool).is_file()));
    found || missing(tool)
}

/// The Python that has the packages of `tests/interop/requirements.txt`.
pub fn python() -> Option<PathBuf> {
    let named = env::var_os("COUNTERSIGN_TEST_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| repository().join("target/tools/python/bin/python"));
    (python.is_file() || missing("the Python of target/tools")).then_some(python)
}

/// A key of the fixtures.
pub fn key_path(name: &str) -> String {
    repository().join("tests/fixtures/keys").join(name).display().to_string()
}

/// What a script below `tests/interop/` makes of JSON, or why it refuses it.
pub fn scripted(python: &Path, script: &str, action: &str, given: &Value) -> Result<Value, String> {
    let mut command = Command::new(python)
        .arg(repository().join("tests/interop").join(script))
        .arg(action)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python runs");
    writeln!(command.stdin.take().expect("it is piped"), "{given}").expect("the script reads");
    let said = said(&command.wait_with_output().expect("the script ends"));
    if said.code == 0 { Ok(serde_json::from_str(&said.out).expect("it prints JSON")) } else { Err(said.err) }
}

/// Says that a test is skipped. Where tools are required, it fails instead.
pub fn missing(tool: &str) -> bool {
    assert!(env::var_os("COUNTERSIGN_TEST_REQUIRE_TOOLS").is_none(), "{tool} is not here");
    eprintln!("skipped: {tool} is not here");
    false
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).map(drop).expect("a copy");
        }
    }
}
