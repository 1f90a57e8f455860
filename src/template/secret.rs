//! Where `secret()` finds its values: in the environment, in a file, or with a program that knows
//! them.
//!
//! A program is run once in a run, however often it is named: behind it may be a person who has to
//! say yes, or a vault that counts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use super::arguments::Arguments;
use super::error::{Failure, THIS};
use super::functions::Functions;
use crate::diag::Code;
use crate::files;
use crate::keys::{Program, ProgramError, ProgramFault};
use crate::limits;

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Origin {
    /// In a variable of the process environment.
    Variable(String),
    /// In a file, which may lie anywhere.
    File(String),
    /// With a program: it and its arguments, at least one word.
    Command(Vec<String>),
}

/// The programs that were asked for secrets, and what they answered. Clones share it.
#[derive(Debug, Clone)]
pub struct Programs {
    asked: Arc<Mutex<BTreeMap<Vec<String>, Arc<Asked>>>>,
    stands_in: bool,
    timeout: Duration,
}

impl Default for Programs {
    fn default() -> Self {
        Self::within(limits::SECRET_TIMEOUT)
    }
}

/// One program: several threads that want its answer wait for one run of it.
#[derive(Default)]
struct Asked(OnceLock<Result<String, Failure>>);

impl Programs {
    /// None asked yet; each may take so long.
    pub(super) fn within(timeout: Duration) -> Self {
        Self { asked: Arc::default(), stands_in: false, timeout }
    }

    /// The same, with each program's words in place of its secret; no program is run.
    #[must_use]
    pub fn not_run(&self) -> Self {
        Self { stands_in: true, ..self.clone() }
    }

    /// The same, with programs run.
    #[must_use]
    pub fn run(&self) -> Self {
        Self { stands_in: false, ..self.clone() }
    }

    /// The programs with their arguments, as one would type them, that were named and not run.
    pub fn waiting(&self) -> Vec<String> {
        let asked = self.asked.lock().expect("nothing panics while it holds the lock");
        let waiting = asked.iter().filter(|(_, asked)| asked.0.get().is_none());
        waiting.map(|(words, _)| typed(words)).collect()
    }

    fn asked(&self, words: &[String]) -> Arc<Asked> {
        let mut asked = self.asked.lock().expect("nothing panics while it holds the lock");
        Arc::clone(asked.entry(words.to_vec()).or_default())
    }
}

/// Answers are secret.
impl std::fmt::Debug for Asked {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("…")
    }
}

/// Whether the arguments of `secret()` that are given name one source.
pub(super) fn one_source<'n>(given: impl IntoIterator<Item = &'n str>) -> Result<(), Failure> {
    let (mut sources, mut has_default) = (Vec::new(), false);
    for name in given {
        if name == "default" { has_default = true } else { sources.push(name) }
    }
    let fail = |message: String, help: &str| Err(Failure::new(message).help(help));
    match sources.as_slice() {
        [] => fail(
            format!("`{THIS}` names no secret"),
            "name a variable, `file=\"…\"`, or `command=[\"…\", \"…\"]`",
        ),
        [first, second, ..] => {
            fail(format!("`{THIS}` names two secrets, `{first}` and `{second}`"), "leave one of them out")
        }
        [source @ ("file" | "command")] if has_default => fail(
            format!("`{THIS}` has a `default` beside `{source}`"),
            "leave it out: a `default` is for a variable that is not set",
        ),
        [_] => Ok(()),
    }
}

impl Functions {
    /// What `secret()` gives.
    pub(super) fn secret(&self, given: &Arguments) -> Result<String, Failure> {
        one_source(["name", "default", "file", "command"].into_iter().filter(|name| given.has(name)))?;
        if let Some(path) = given.text("file")? {
            return self.obtain(&Origin::File(path.to_owned()));
        }
        if given.has("command") {
            let words = given.texts("command").map_err(|failure| failure.help(AS_A_LIST))?;
            let words = words.filter(|words| words.first().is_some_and(|program| !program.is_empty()));
            let words = words.ok_or_else(|| {
                Failure::new(format!("`{THIS}`: `command` names no program")).help(AS_A_LIST)
            })?;
            return self.obtain(&Origin::Command(words));
        }
        let secret = self.variable(given)?.ok_or_else(|| self.not_set(given, Code::Secret))?;
        self.redactor.remember(given.required_text("name")?, &secret);
        Ok(secret)
    }

    /// The secret from where it is, which is known to every sink from then on.
    pub(super) fn obtain(&self, origin: &Origin) -> Result<String, Failure> {
        let (name, secret) = match origin {
            Origin::Variable(name) => match self.value(name) {
                Some(value) => (name.clone(), value.to_owned()),
                None => return Err(self.unset(name, Code::Secret).expect("it is not set")),
            },
            Origin::File(path) => (path.clone(), self.in_file(path)?),
            Origin::Command(words) => {
                let asked = self.programs.asked(words);
                if self.programs.stands_in && asked.0.get().is_none() {
                    return Ok(stand_in(words));
                }
                (words.join(" "), asked.0.get_or_init(|| self.ask(words)).clone()?)
            }
        };
        self.redactor.remember(&name, &secret);
        Ok(secret)
    }

    fn in_file(&self, path: &str) -> Result<String, Failure> {
        let file = files::read_private(&self.root.join(path), limits::SECRET).map_err(|error| {
            Failure::new(format!("the secret `{path}` {}", error.fault))
                .code(Code::Secret)
                .help("a path is absolute, or relative to the folder that holds `requests/`")
        })?;
        let what = format!("the secret `{path}`");
        text(&file.bytes, &what)
    }

    fn ask(&self, words: &[String]) -> Result<String, Failure> {
        let program = Program {
            words: words.to_vec(),
            timeout: self.programs.timeout,
            longest: limits::SECRET,
            folder: self.root.path().to_owned(),
            environment: Arc::clone(&self.environment),
            redactor: self.redactor.clone(),
        };
        let answer = program.run(&[], &[]).map_err(|error| failed(&error, words))?;
        text(&answer, &format!("what `{}` answers", program.name()))
    }
}

const AS_A_LIST: &str = "write the program and its arguments as a list: `command=[\"vault\", \"kv\", \"get\", …]`; \
                         no shell takes part";

fn failed(error: &ProgramError, words: &[String]) -> Failure {
    let help = match error.fault {
        ProgramFault::Missing => {
            "a bare name is looked for in `PATH`, a path with a `/` in the folder that holds `requests/`"
                .to_owned()
        }
        ProgramFault::Late(_) => "it must not wait for anybody to type: log in before the run".to_owned(),
        ProgramFault::Silent => "it must write the secret to its standard output".to_owned(),
        ProgramFault::Endless(_) => "it must write the secret, and nothing else".to_owned(),
        ProgramFault::Unstartable | ProgramFault::Failed(_) | ProgramFault::Killed(_) => {
            format!("run it yourself, in the folder that holds `requests/`: `{}`", typed(words))
        }
    };
    Failure::new(format!("no secret from `{}`: {error}", typed(words))).code(Code::Secret).help(help)
}

/// A secret as text, without the line break that editors and programs put behind it.
fn text(bytes: &[u8], what: &str) -> Result<String, Failure> {
    let fail = |message: String| Failure::new(message).code(Code::Secret);
    let text = std::str::from_utf8(bytes)
        .map_err(|_| fail(format!("{what} is not UTF-8 text")).help("keep it in base64"))?;
    let text = text.strip_suffix('\n').map_or(text, |line| line.strip_suffix('\r').unwrap_or(line));
    if text.is_empty() { Err(fail(format!("{what} is empty"))) } else { Ok(text.to_owned()) }
}

/// Words as one would type them: in quotes where a shell would look into them.
fn typed(words: &[String]) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=@%+,".contains(c);
    let quoted = words.iter().map(|word| {
        let is_plain = !word.is_empty() && word.chars().all(plain);
        if is_plain { word.clone() } else { format!("'{}'", word.replace('\'', r"'\''")) }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// What stands for a secret that was not asked for: its program, in characters that go anywhere.
fn stand_in(words: &[String]) -> String {
    let name = words.join(" ");
    name.chars()
        .map(|character| if character == ' ' || character.is_ascii_graphic() { character } else { '-' })
        .collect()
}
