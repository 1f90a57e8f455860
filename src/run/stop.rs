//! Why a step did not pass, as problems that can be shown: the only place where an outcome, an
//! exchange error or a snapshot that differs becomes a `Diagnostic`.

use std::path::Path;
use std::time::Duration;

use super::attempts::seconds;
use super::conduct::Halt;
use super::redirect::Refused;
use crate::check::Outcome;
use crate::diag::pointer::{item, join};
use crate::diag::{self, Code, Diagnostic, Label, Sources, Span, literal};
use crate::json::excerpt;
use crate::load::{self, Owner, Suite};
use crate::message::Answer;
use crate::report::{Excerpt, Place, Problem, SnapshotResult, quoted};
use crate::secret::Redactor;
use crate::send::{ExchangeError, Fate};
use crate::sign::SignError;
use crate::snapshot::{Comparison, SnapshotError};
use crate::spec::Request;

/// A diagnostic as a problem of a step.
pub(super) fn problem(diagnostic: Diagnostic, sources: &Sources) -> Problem {
    Problem {
        code: diagnostic.code,
        message: diagnostic.message.clone(),
        place: diagnostic.labels.first().map(|label| place(label.span, sources)),
        help: diagnostic.help.clone(),
        excerpt: excerpt_of(&diagnostic, sources),
        diagnostic: Some(diagnostic),
    }
}

/// The lines that a diagnostic points at, without what it says beside them.
fn excerpt_of(diagnostic: &Diagnostic, sources: &Sources) -> Option<Excerpt> {
    diagnostic.labels.first()?;
    let alone = Diagnostic { help: Vec::new(), ..diagnostic.clone() };
    let shown = diag::render(&[alone], sources, false);
    let (_, shown) = shown.split_once('\n')?;
    let line = |label: &Label| {
        let text = sources.text(label.span.source);
        text.lines().nth(sources.position(label.span).line - 1).unwrap_or_default().to_owned()
    };
    let lines: Vec<String> = diagnostic.labels.iter().map(line).collect();
    Some(Excerpt { shown: shown.trim_end().to_owned(), lines: lines.join("\n") })
}

fn place(span: Span, sources: &Sources) -> Place {
    let position = sources.position(span);
    Place { file: sources.path(span.source).to_owned(), line: position.line, column: position.column }
}

/// How long `until` has waited.
pub(super) struct Polled {
    pub(super) attempts: usize,
    pub(super) within: Duration,
}

/// What makes the problems of one request.
pub(super) struct Stop<'a> {
    pub(super) suite: &'a Suite,
    pub(super) request: &'a Request,
    /// What the step is called on the command line.
    pub(super) name: &'a str,
}

/// Why a run ended before its plan did; `None` when a failure is reason enough.
pub(super) fn cut_short(halt: Halt) -> Option<String> {
    match halt {
        Halt::Interrupted => Some("the run was interrupted".to_owned()),
        Halt::Deadline(within) => Some(format!("the run was not done within {}", seconds(within))),
        Halt::FailFast => None,
    }
}

impl Stop<'_> {
    /// The request could not be rendered.
    pub(super) fn rendering(&self, diagnostics: Vec<Diagnostic>) -> Vec<Problem> {
        diagnostics.into_iter().map(|diagnostic| problem(diagnostic, &self.suite.sources)).collect()
    }

    /// The request could not be signed with the profile at this index.
    pub(super) fn signing(&self, error: &SignError, index: usize) -> Problem {
        let mut diagnostic =
            Diagnostic::error(error.code(), format!("`{}` can't be signed: {error}", self.request.name));
        if let SignError::Tamper { .. } = error {
            diagnostic.message = format!("`{}` can't be tampered with: {error}", self.request.name);
            return self.pointing(diagnostic, self.value("/tamper"));
        }
        diagnostic.help.extend(error.help());
        let header = match error {
            SignError::Taken { header } | SignError::Unsendable { header } => self.header(header),
            _ => None,
        };
        let span = header
            .or_else(|| self.value(&item("/sign", index)))
            .or_else(|| self.value("/sign"))
            .or_else(|| self.value("/endpoint"));
        self.pointing(diagnostic, span)
    }

    /// The request could not say who its client is, or prove a key.
    pub(super) fn client(&self, error: &SignError) -> Problem {
        let message = format!("`{}` can't say who its client is: {error}", self.request.name);
        let mut diagnostic = Diagnostic::error(error.code(), message);
        diagnostic.help.extend(error.help());
        let places = ["/client_authentication", "/dpop", "/endpoint"];
        self.pointing(diagnostic, places.iter().find_map(|place| self.value(place)))
    }

    /// No usable answer came.
    pub(super) fn exchange(&self, error: &ExchangeError) -> Problem {
        let mut diagnostic = Diagnostic::error(error.code, error.message.clone());
        diagnostic.help.extend(error.help.clone());
        if error.fate == Fate::MaybeExecuted && !is_safe(&self.request.method) {
            diagnostic.help.push("the request was sent: the server may have acted on it".into());
        }
        self.at(diagnostic, "/endpoint", "")
    }

    /// A redirect that is not followed.
    pub(super) fn redirect(&self, refused: &Refused) -> Problem {
        let diagnostic = Diagnostic::error(refused.code, refused.message.clone()).help(refused.help.clone());
        let places = ["/redirects", "/endpoint"];
        self.pointing(diagnostic, places.iter().find_map(|place| self.value(place)))
    }

    /// An expectation that did not hold, or a capture that found nothing.
    pub(super) fn outcome(&self, outcome: &Outcome, answer: &Answer, redactor: &Redactor) -> Problem {
        let message = format!("`{}` is {}", outcome.selector, outcome.got);
        let wanted = format!("wanted {}", outcome.wanted);
        let diagnostic = Diagnostic::error(outcome.code, message);
        let told = match outcome.code {
            Code::ExpectStatus => unexpected_status(answer, redactor),
            Code::ExpectToken => Some(not_bound(&outcome.selector).to_owned()),
            _ => None,
        };
        self.at(told.into_iter().fold(diagnostic, Diagnostic::help), &outcome.pointer, &wanted)
    }

    /// Something that `until` waits for and that did not come.
    pub(super) fn not_reached(&self, outcome: &Outcome, polled: &Polled) -> Problem {
        let within = seconds(polled.within);
        let message = format!("`{}` is still {} after {within}", outcome.selector, outcome.got);
        let times =
            if polled.attempts == 1 { "once".to_owned() } else { format!("{} times", polled.attempts) };
        let diagnostic = Diagnostic::error(outcome.code, message).help(format!(
            "it was asked {times}; `until: {{within: …, every: …}}` says how long and how often"
        ));
        self.at(diagnostic, &outcome.pointer, &format!("wanted {}", outcome.wanted))
    }

    /// A snapshot that differs or is not there yet, by what it is called; nothing when all is well.
    pub(super) fn snapshot(&self, result: &SnapshotResult, name: &str) -> Option<Problem> {
        let file = result.file.display();
        let (code, message, pending) = match &result.comparison {
            Comparison::Match | Comparison::Added | Comparison::Updated => return None,
            Comparison::New { pending, .. } => {
                (Code::SnapshotNew, format!("there is no snapshot `{file}` yet"), *pending)
            }
            Comparison::Mismatch { pending, .. } => {
                (Code::SnapshotChanged, format!("the answer differs from `{file}`"), *pending)
            }
        };
        let help = if pending {
            format!("if this is right: `countersign snapshots accept {}`", quoted(name))
        } else {
            let name = quoted(self.name);
            format!("at your desk, run `countersign run {name} --snapshots new` and review what it writes")
        };
        let unused = result.unused.iter().map(|rule| format!("{} matches nothing here", literal(rule)));
        let diagnostic = Diagnostic::error(code, message).help(help);
        Some(self.at_snapshot(unused.fold(diagnostic, Diagnostic::help)))
    }

    /// The snapshot could not be read or written.
    pub(super) fn snapshot_error(&self, error: &SnapshotError) -> Problem {
        let mut diagnostic = Diagnostic::error(error.code(), error.to_string());
        diagnostic.help.extend(error.help());
        self.at_snapshot(diagnostic)
    }

    /// A step that this one needs did not pass.
    pub(super) fn skipped(because: &str) -> Problem {
        Problem {
            code: Code::SkippedDependency,
            message: format!("`{because}` did not pass"),
            place: None,
            help: Vec::new(),
            excerpt: None,
            diagnostic: None,
        }
    }

    /// Its token expired and could not be fetched again.
    pub(super) fn without_token(&self, from: &str, why: Option<&Problem>) -> Problem {
        let message = format!("`{from}` could not fetch a token in place of one that expired");
        let mut diagnostic = Diagnostic::error(Code::TokenRefresh, message);
        diagnostic.help.extend(why.map(|problem| problem.message.clone()));
        self.at(diagnostic, "/token", "")
    }

    /// The request itself says that it does not run.
    pub(super) fn skipped_by_request(&self, reason: &str) -> Problem {
        let message = if reason.is_empty() { "`skip: true`" } else { reason }.to_owned();
        let mut problem = self.at(Diagnostic::error(Code::SkippedRequest, message), "/skip", "");
        problem.diagnostic = None;
        problem
    }

    /// A step that this one needs was skipped by itself.
    pub(super) fn skipped_with(because: &str) -> Problem {
        let message = format!("`{because}` was skipped");
        Problem { code: Code::SkippedRequest, message, ..Self::skipped(because) }
    }

    /// The run ended before the step did; `sent` says whether the request was on its way.
    pub(super) fn halted(&self, halt: Halt, sent: bool) -> Problem {
        let (code, message) = match (halt, sent) {
            (Halt::Interrupted, true) => (Code::Interrupted, "interrupted before its answer came".to_owned()),
            (Halt::Interrupted, false) => (Code::Interrupted, "the run was interrupted before it".to_owned()),
            (Halt::Deadline(within), true) => {
                (Code::RunDeadline, format!("the run took {}: its answer had not come", seconds(within)))
            }
            (Halt::Deadline(within), false) => {
                (Code::RunDeadline, format!("the run took {}: it was not sent any more", seconds(within)))
            }
            (Halt::FailFast, _) => {
                (Code::SkippedFailFast, "another step did not pass before it (`--fail-fast`)".to_owned())
            }
        };
        let acted = sent && !is_safe(&self.request.method);
        let help = acted.then(|| "the server may have acted on it".to_owned());
        Problem {
            code,
            message,
            place: None,
            help: help.into_iter().collect(),
            excerpt: None,
            diagnostic: None,
        }
    }

    /// It passed only when it was tried again.
    pub(super) fn flaky(&self, tries: usize, before: &str) -> Problem {
        let message = format!("it passed only at the {tries}. try; before, {before}");
        let diagnostic = Diagnostic::error(Code::Flaky, message).help("`--flaky pass` lets it pass");
        self.pointing(diagnostic, self.value("/endpoint"))
    }

    /// countersign broke.
    pub(super) fn panicked(&self) -> Problem {
        let message = format!("countersign broke while it carried out `{}`", self.request.name);
        let help = "this is a bug: please report it with the message above".to_owned();
        Problem { code: Code::Panic, message, place: None, help: vec![help], excerpt: None, diagnostic: None }
    }

    /// The problem at the key `snapshot`; a request whose snapshot is settled elsewhere is shown
    /// by its endpoint.
    fn at_snapshot(&self, diagnostic: Diagnostic) -> Problem {
        let key = self.place("/snapshot").and_then(|place| place.key);
        self.pointing(diagnostic, key.or_else(|| self.value("/endpoint")))
    }

    /// The name of a header, as the request writes it.
    fn header(&self, name: &str) -> Option<Span> {
        let (written, _) =
            self.request.headers.iter().find(|(written, _)| written.eq_ignore_ascii_case(name))?;
        let place = self.place(&join("/headers", written))?;
        place.key.or(Some(place.value))
    }

    fn place(&self, pointer: &str) -> Option<load::Place> {
        self.suite.locations.find(&Owner::Request(self.request.name.clone()), pointer)
    }

    fn value(&self, pointer: &str) -> Option<Span> {
        self.place(pointer).map(|place| place.value)
    }

    fn pointing(&self, diagnostic: Diagnostic, span: Option<Span>) -> Problem {
        let diagnostic = diagnostic.at(span, "");
        problem(diagnostic, &self.suite.sources)
    }

    /// The problem at the value of `pointer`, where the file has one.
    fn at(&self, diagnostic: Diagnostic, pointer: &str, text: &str) -> Problem {
        let diagnostic = match self.place(pointer) {
            Some(place) => diagnostic.at(place.value, text),
            None => diagnostic,
        };
        problem(diagnostic, &self.suite.sources)
    }
}

/// What to do about a token that is not bound as asked.
fn not_bound(selector: &str) -> &'static str {
    if selector == "$.token_type" {
        "the server bound the token to no key, so that whoever has it can use it: ask its operator how \
         this client is registered"
    } else {
        "requests with this token will be refused: they show another key or certificate"
    }
}

/// What a status that nobody wanted says about itself.
fn unexpected_status(answer: &Answer, redactor: &Redactor) -> Option<String> {
    match answer.status {
        300..=399 => {
            let target = answer.headers.get("location")?;
            Some(format!("the server redirects to `{target}`; redirects are not followed"))
        }
        401 if reason(answer).is_some() => {
            let reason = excerpt(reason(answer)?.as_bytes(), redactor);
            Some(format!("the server says why: {reason}"))
        }
        401 => Some(format!("the server asks for `{}`", answer.headers.get("www-authenticate")?)),
        _ => None,
    }
}

/// Why a request was refused, from a server that says so under `detail.reason`, as the embedded
/// bank does.
fn reason(answer: &Answer) -> Option<String> {
    let body: serde_json::Value = serde_json::from_slice(&answer.body).ok()?;
    Some(body.pointer("/detail/reason")?.as_str()?.to_owned())
}

/// Safe methods ask for nothing to be done (RFC 9110, section 9.2.1).
fn is_safe(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
}

/// The file of a request, relative to the suite root.
pub(super) fn file_of<'a>(request: &Request, suite: &'a Suite) -> &'a Path {
    let place = suite.locations.find(&Owner::Request(request.name.clone()), "");
    place.map_or(Path::new(""), |place| suite.sources.path(place.value.source))
}
