//! Secrets from files and programs, and what keeps them from being had.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Engine, Functions, Programs, TemplateError, Variables};
use crate::clock::{Clock, Ids};
use crate::diag::Code;
use crate::files::{Existing, Mode, Root, write};
use crate::secret::Redactor;

/// A folder, and an engine that looks for secrets in it.
struct Desk {
    folder: tempfile::TempDir,
    redactor: Redactor,
    engine: Engine,
}

fn desk(programs: &Programs) -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let redactor = Redactor::default();
    let engine = Engine::new(&Functions {
        environment: Arc::default(),
        clock: Clock::System,
        ids: Ids::Random,
        root: Root::open(folder.path()).unwrap(),
        redactor: redactor.clone(),
        programs: programs.clone(),
    });
    Desk { folder, redactor, engine }
}

impl Desk {
    fn with(self, name: &str, bytes: &[u8]) -> Self {
        write(&self.folder.path().join(name), bytes, Mode::Shared, Existing::Replace).unwrap();
        self
    }

    fn filled(&self, source: &str) -> Result<String, TemplateError> {
        self.engine.text(source, &Variables::new())
    }

    #[track_caller]
    fn refused(&self, source: &str, wanted: &str) {
        let error = self.filled(source).unwrap_err();
        let said = format!("{}; {}", error.message, error.help.clone().unwrap_or_default());
        assert_eq!(error.code, Code::Secret, "{said}");
        assert!(said.contains(wanted), "{wanted} is not in: {said}");
        assert_eq!(self.engine.unset(source), [error], "it is known before anything is filled");
    }
}

#[test]
fn one_line_break_at_the_end_is_not_part_of_a_secret_and_everything_else_is() {
    for (written, wanted) in [
        (&b"t0ken-t0ken"[..], "t0ken-t0ken"),
        (b"t0ken-t0ken\n", "t0ken-t0ken"),
        (b"t0ken-t0ken\r\n", "t0ken-t0ken"),
        (b"t0ken-t0ken\n\n", "t0ken-t0ken\n"),
        (b" t0ken-t0ken \n", " t0ken-t0ken "),
        (b"two\nlines of it\n", "two\nlines of it"),
        (b"{{ t0ken-t0ken }}", "{{ t0ken-t0ken }}"),
    ] {
        let desk = desk(&Programs::default()).with("a/token", written);
        assert_eq!(desk.filled("{{ secret(file='a/token') }}").as_deref(), Ok(wanted));
        assert_eq!(desk.filled("{{ secret(command=['cat', 'a/token']) }}").as_deref(), Ok(wanted));
        assert_eq!(desk.redactor.redact(wanted), "[a/token]");
    }
}

#[test]
fn a_secret_may_lie_anywhere_but_must_be_a_file_of_text() {
    let desk = desk(&Programs::default())
        .with("binary", &[0xff, 0xfe])
        .with("empty", b"\n")
        .with("large", &vec![b'a'; 64 * 1024 + 1]);
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("token");
    write(&path, b"t0ken-t0ken\n", Mode::Private, Existing::Replace).unwrap();
    let template = format!("{{{{ secret(file='{}') }}}}", path.display());
    assert_eq!(desk.filled(&template).as_deref(), Ok("t0ken-t0ken"));
    for (name, wanted) in [
        ("nowhere", "the secret `nowhere` does not exist; a path is absolute, or relative"),
        (".", "is a folder, not a regular file"),
        ("/dev/zero", "not a regular file"),
        ("large", "is larger than 65536 bytes"),
        ("empty", "the secret `empty` is empty"),
        ("binary", "is not UTF-8 text"),
    ] {
        desk.refused(&format!("{{{{ secret(file='{name}') }}}}"), wanted);
    }
}

#[test]
fn a_program_that_does_not_tell_its_secret_is_named_with_what_to_do() {
    let programs = Programs::within(Duration::from_millis(300));
    let desk = desk(&programs).with("fails.sh", b"echo t0ken-t0ken; echo locked >&2; exit 3\n");
    let began = Instant::now();
    for (words, wanted) in [
        (
            "'sh', 'fails.sh'",
            "no secret from `sh fails.sh`: `sh` ended with exit code 3: locked; run it yourself",
        ),
        ("'sh', '-c', 'sleep 60'", "`sh` was not done within 300 ms; it must not wait for anybody to type"),
        ("'sh', '-c', 'while :; do echo floods; done'", "wrote more than 65536 bytes"),
        ("'sh', '-c', 'kill -9 $$'", "no secret from `sh -c 'kill -9 $$'`: `sh` was ended by signal 9"),
        ("'true'", "wrote nothing to its standard output"),
        ("'echo'", "what `echo` answers is empty"),
        ("'no-such-program'", "the program `no-such-program` is not there; a bare name"),
    ] {
        desk.refused(&format!("{{{{ secret(command=[{words}]) }}}}"), wanted);
    }
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn a_program_is_asked_once_also_by_many_at_once_and_when_it_fails() {
    let desk = desk(&Programs::default())
        .with("tells.sh", b"echo called >> calls; sleep 0.2; echo t0ken-t0ken\n")
        .with("fails.sh", b"echo failed >> calls; exit 1\n");
    let ask = |script: &str| desk.filled(&format!("{{{{ secret(command=['sh', '{script}']) }}}}"));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert_eq!(ask("tells.sh").as_deref(), Ok("t0ken-t0ken")));
            scope.spawn(|| assert_eq!(ask("fails.sh").unwrap_err().code, Code::Secret));
        }
    });
    let calls = crate::files::read_text(&desk.folder.path().join("calls"), 1024).unwrap();
    let mut calls: Vec<&str> = calls.lines().collect();
    calls.sort_unstable();
    assert_eq!(calls, ["called", "failed"]);
}

#[test]
fn a_program_that_is_not_to_be_run_stands_for_its_secret_until_it_was() {
    let programs = Programs::default();
    let desk = desk(&programs.not_run());
    let template = "{{ secret(command=['echo', 't0ken-t0ken']) }}";
    assert_eq!(desk.filled(template).as_deref(), Ok("echo t0ken-t0ken"));
    assert_eq!(programs.waiting(), ["echo t0ken-t0ken"]);
    assert_eq!(desk.redactor.redact("echo t0ken-t0ken"), "echo t0ken-t0ken", "it is no secret");
    let asking = self::desk(&programs.not_run().run());
    assert_eq!(asking.filled(template).as_deref(), Ok("t0ken-t0ken"));
    assert_eq!(desk.filled(template).as_deref(), Ok("t0ken-t0ken"));
    assert!(programs.waiting().is_empty());
}
