//! A program that is run for its answer: it gets bytes on standard input, and what it writes to
//! standard output is the answer.
//!
//! No shell takes part, so that nothing in an argument means more than it says. The program gets
//! the process environment, where cloud tools keep their login, without every variable that the
//! suite has used as a secret.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use crate::secret::Redactor;

/// Longest part of its messages that is shown, in characters.
const LONGEST_MESSAGE: usize = 400;
/// Most bytes of its messages that are read.
const MOST_MESSAGES: u64 = 16 * 1024;
/// How often is looked whether it has ended, once it has closed its output.
const LOOK: Duration = Duration::from_millis(2);

/// A program with its arguments, and what it is run with.
pub struct Program {
    /// The program and its arguments; never empty.
    pub words: Vec<String>,
    /// How long it may take.
    pub timeout: Duration,
    /// Longest answer, in bytes.
    pub longest: u64,
    /// Where it runs.
    pub folder: PathBuf,
    /// Its environment, from which secrets are left out.
    pub environment: Arc<BTreeMap<String, String>>,
    /// Knows the secrets.
    pub redactor: Redactor,
}

/// Why a program gave no answer: its text is a whole sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramError {
    /// What was run.
    pub program: String,
    /// What happened.
    pub fault: ProgramFault,
    /// What it wrote to standard error: masked, escaped and cut.
    pub said: String,
}

/// What happened instead of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramFault {
    /// It is not there.
    Missing,
    /// It can't be started.
    Unstartable,
    /// It ended with this exit code.
    Failed(i32),
    /// It was ended by a signal.
    Killed(i32),
    /// It was not done in time.
    Late(Duration),
    /// It wrote nothing.
    Silent,
    /// It wrote more than this many bytes, which no answer is long.
    Endless(u64),
}

impl Program {
    /// What messages call it.
    pub fn name(&self) -> &str {
        self.words.first().map(String::as_str).unwrap_or_default()
    }

    /// Whether there is such a program, as far as that can be told without running it.
    pub fn is_there(&self) -> bool {
        let name = self.name();
        if name.contains('/') {
            return is_executable(&self.folder.join(name));
        }
        // Without `PATH` the system has folders of its own.
        self.environment.get("PATH").is_none_or(|path| {
            std::env::split_paths(path).any(|folder| is_executable(&self.folder.join(folder).join(name)))
        })
    }

    /// Runs it, and gives what it wrote. `told` are variables for this run.
    pub fn run(&self, input: &[u8], told: &[(&str, &str)]) -> Result<Vec<u8>, ProgramError> {
        let deadline = Instant::now() + self.timeout;
        let mut child =
            self.command(told).spawn().map_err(|error| self.error(unstarted(error.kind()), &[]))?;
        feed(&mut child, input.to_vec());
        let output = gather(child.stdout.take(), self.longest.saturating_add(1));
        let messages = gather(child.stderr.take(), MOST_MESSAGES);
        let ended = self.watch(&mut child, &output, deadline);
        if ended.is_err() {
            kill(&mut child);
        }
        // Whoever inherited its standard error may keep it open for longer than it lives.
        let said = messages.recv_timeout(Duration::from_millis(100)).unwrap_or_default();
        let (status, answer) = ended.map_err(|fault| self.error(fault, &said))?;
        match (status.code(), answer.is_empty()) {
            (Some(0), false) => Ok(answer),
            (Some(0), true) => Err(self.error(ProgramFault::Silent, &said)),
            (Some(code), _) => {
                self.remember(&answer);
                Err(self.error(ProgramFault::Failed(code), &said))
            }
            (None, _) => {
                self.remember(&answer);
                Err(self.error(ProgramFault::Killed(status.signal().unwrap_or_default()), &said))
            }
        }
    }

    fn command(&self, told: &[(&str, &str)]) -> Command {
        let name = self.name();
        // A path is one within the suite, a bare name is looked for in `PATH`.
        let program = if name.contains('/') { self.folder.join(name) } else { PathBuf::from(name) };
        let mut command = Command::new(program);
        let harmless = self.environment.iter().filter(|(_, value)| !self.redactor.contains_secret(value));
        command
            .args(self.words.iter().skip(1))
            .current_dir(&self.folder)
            .env_clear()
            .envs(harmless)
            .envs(told.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        command
    }

    /// Waits for its end and its whole answer.
    fn watch(
        &self,
        child: &mut Child,
        output: &Receiver<Vec<u8>>,
        deadline: Instant,
    ) -> Result<(ExitStatus, Vec<u8>), ProgramFault> {
        let late = ProgramFault::Late(self.timeout);
        let remaining = deadline.saturating_duration_since(Instant::now());
        let answer = match output.recv_timeout(remaining) {
            Ok(answer) => answer,
            Err(RecvTimeoutError::Timeout) => return Err(late),
            Err(RecvTimeoutError::Disconnected) => Vec::new(),
        };
        if answer.len() as u64 > self.longest {
            return Err(ProgramFault::Endless(self.longest));
        }
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok((status, answer)),
                Ok(None) if Instant::now() < deadline => thread::sleep(LOOK),
                _ => return Err(late),
            }
        }
    }

    /// What a program wrote before it failed may be the secret, and its messages may quote it.
    fn remember(&self, answer: &[u8]) {
        let text = String::from_utf8_lossy(answer);
        self.redactor.remember(self.name(), text.trim());
        text.lines().for_each(|line| self.redactor.remember(self.name(), line.trim()));
    }

    fn error(&self, fault: ProgramFault, said: &[u8]) -> ProgramError {
        let said = String::from_utf8_lossy(said);
        let said = self.redactor.redact(&said);
        ProgramError { program: self.name().to_owned(), fault, said: one_line(&said) }
    }
}

fn is_executable(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

/// Lines joined, control characters spelled out, cut to a readable length.
fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let joined = lines.join("; ");
    let mut shown: String = joined.chars().take(LONGEST_MESSAGE).flat_map(visible).collect();
    if joined.chars().count() > LONGEST_MESSAGE {
        shown.push('…');
    }
    shown
}

fn visible(letter: char) -> Vec<char> {
    // Direction marks draw on the terminal as control characters do.
    let draws = letter.is_control()
        || matches!(letter, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if draws { letter.escape_unicode().collect() } else { vec![letter] }
}

/// A program that ends without reading its input has still answered.
fn feed(child: &mut Child, input: Vec<u8>) {
    if let Some(mut stdin) = child.stdin.take() {
        thread::spawn(move || drop(stdin.write_all(&input)));
    }
}

fn gather(source: Option<impl Read + Send + 'static>, most: u64) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    if let Some(mut source) = source {
        thread::spawn(move || {
            let mut gathered = Vec::new();
            let _ = source.by_ref().take(most).read_to_end(&mut gathered);
            let _ = sender.send(gathered);
            // It must not wait for somebody to read the rest.
            let _ = std::io::copy(&mut source, &mut std::io::sink());
        });
    }
    receiver
}

/// Ends it with everything that it has started.
fn kill(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}

fn unstarted(kind: ErrorKind) -> ProgramFault {
    if kind == ErrorKind::NotFound { ProgramFault::Missing } else { ProgramFault::Unstartable }
}

impl fmt::Display for ProgramError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let program = &self.program;
        match self.fault {
            ProgramFault::Missing => write!(formatter, "the program `{program}` is not there"),
            ProgramFault::Unstartable => write!(formatter, "the program `{program}` can't be started"),
            ProgramFault::Failed(code) => write!(formatter, "`{program}` ended with exit code {code}"),
            ProgramFault::Killed(signal) => write!(formatter, "`{program}` was ended by signal {signal}"),
            ProgramFault::Late(limit) => {
                write!(formatter, "`{program}` was not done within {} ms", limit.as_millis())
            }
            ProgramFault::Silent => write!(formatter, "`{program}` wrote nothing to its standard output"),
            ProgramFault::Endless(most) => write!(formatter, "`{program}` wrote more than {most} bytes"),
        }?;
        if self.said.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.said) }
    }
}

impl std::error::Error for ProgramError {}
