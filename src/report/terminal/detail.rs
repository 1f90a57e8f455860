//! Everything about a step that did not pass, in one place: each problem at its line of YAML, the
//! difference from the snapshot, what came, and what to do next.

use std::io::{self, Write};

use super::super::event::{Problem, StepResult};
use super::super::sink::Line;
use super::super::{excerpt, words};
use super::{Terminal, Verbosity, look};
use crate::diag::{self, Class, Code, Diagnostic, Sources};
use crate::limits;
use crate::message::Answer;
use crate::snapshot::{self, Changes, Comparison, DiffTag};

pub(super) const INDENT: &str = "      ";

impl<W: Write> Terminal<W> {
    /// Everything about a step that did not pass.
    pub(super) fn detail(&mut self, result: &StepResult) -> io::Result<()> {
        for problem in &result.problems {
            self.rest()?;
            self.problem(problem, INDENT)?;
            if matches!(problem.code, Code::SnapshotNew | Code::SnapshotChanged) {
                self.difference(result)?;
            }
        }
        let answer = result.exchange.as_ref().and_then(|exchange| exchange.answer.as_ref().ok());
        let judged = result.problems.iter().any(|problem| shows_answer(problem.code));
        if let Some(answer) = answer.filter(|_| judged && self.look.verbosity < Verbosity::Verbose) {
            self.answer(answer)?;
        }
        let was_rendered = result.exchange.is_some();
        if was_rendered && result.problems.iter().any(|problem| is_explained(problem.code)) {
            self.rest()?;
            let command =
                format!("countersign explain {}", words::quoted(&self.sink.mask(&result.label.selector)));
            self.line(
                &Line::new()
                    .text(INDENT)
                    .styled(look::QUIET, "see what would be sent: ")
                    .text(format!("`{command}`")),
            )?;
        }
        self.rest()
    }

    /// One problem with its excerpt of the file, every line behind `indent`.
    pub fn problem(&mut self, problem: &Problem, indent: &str) -> io::Result<()> {
        let (diagnostic, notes) = self.masked(problem);
        let none = Sources::default();
        let rendered = diag::render(&[diagnostic], self.sources.as_ref().unwrap_or(&none), false);
        for (number, text) in rendered.trim_end().lines().enumerate() {
            let line = Line::new().text(indent);
            let line = match text.split_once("]: ").filter(|_| number == 0) {
                Some((code, message)) => {
                    line.styled(look::LOUD, format!("{code}]: ")).styled(look::BOLD, message)
                }
                None => line.text(text),
            };
            self.line(&line)?;
        }
        notes.iter().try_for_each(|note| self.line(&Line::new().text(format!("{indent} {note}"))))
    }

    /// The problem without secrets, and what to say of an excerpt that can't be shown. One that
    /// has a secret in it is left out as a whole: it is cut and underlined by someone who does not
    /// know what must not be cut.
    fn masked(&self, problem: &Problem) -> (Diagnostic, Vec<String>) {
        let mut diagnostic = problem.diagnostic.clone().unwrap_or_else(|| Diagnostic {
            help: problem.help.clone(),
            ..Diagnostic::error(problem.code, problem.message.clone())
        });
        diagnostic.message = self.sink.mask(&diagnostic.message);
        let labels = diagnostic.labels.iter_mut().map(|label| &mut label.text);
        for text in diagnostic.help.iter_mut().chain(labels) {
            *text = self.sink.mask(text);
        }
        if !diagnostic.labels.is_empty()
            && self.sources.as_ref().is_some_and(|sources| self.may_show(&diagnostic, sources))
        {
            return (diagnostic, Vec::new());
        }
        let place = problem.place.as_ref();
        let place =
            place.map(|place| format!("--> {}:{}:{}", place.file.display(), place.line, place.column));
        let seen = diagnostic.labels.drain(..).filter(|label| !label.text.is_empty());
        let notes = place.into_iter().chain(seen.map(|label| format!("  = note: {}", label.text))).collect();
        (diagnostic, notes)
    }

    fn may_show(&self, diagnostic: &Diagnostic, sources: &Sources) -> bool {
        diagnostic.labels.iter().all(|label| {
            let line = sources.text(label.span.source).lines().nth(sources.position(label.span).line - 1);
            !line.is_some_and(|line| self.sink.tells(line))
        })
    }

    fn difference(&mut self, result: &StepResult) -> io::Result<()> {
        let (old, new) = match result.snapshot.as_ref().map(|snapshot| &snapshot.comparison) {
            Some(Comparison::New { content, .. }) => (String::new(), self.sink.mask(content)),
            Some(Comparison::Mismatch { old, new, .. }) => (self.sink.mask(old), self.sink.mask(new)),
            Some(Comparison::Match | Comparison::Added | Comparison::Updated) | None => return Ok(()),
        };
        self.changes(&snapshot::changes(&old, &new))?;
        self.rest()?;
        let diff = snapshot::diff(&old, &new);
        for line in &diff.lines {
            let (mark, style) = match line.tag {
                DiffTag::Equal => (" ", look::QUIET),
                DiffTag::Delete => ("-", look::BAD),
                DiffTag::Insert => ("+", look::GOOD),
                DiffTag::Gap => (self.look.ellipsis(), look::QUIET),
            };
            self.line(&Line::new().text(INDENT).styled(style, format!("{mark} {}", line.text)))?;
        }
        self.omitted(diff.omitted, "more line")
    }

    /// The places that changed, for who need not see the lines around them.
    fn changes(&mut self, changes: &Changes) -> io::Result<()> {
        if changes.list.is_empty() {
            return Ok(());
        }
        self.rest()?;
        for change in &changes.list {
            self.line(&Line::new().text(INDENT).styled(look::BOLD, change.told(self.look.arrow())))?;
        }
        self.omitted(changes.omitted, "more change")
    }

    fn omitted(&mut self, omitted: usize, what: &str) -> io::Result<()> {
        if omitted == 0 {
            return Ok(());
        }
        let more = format!("{} {}", self.look.ellipsis(), words::count(omitted, what));
        self.line(&Line::new().text(INDENT).styled(look::QUIET, more))
    }

    fn answer(&mut self, answer: &Answer) -> io::Result<()> {
        self.rest()?;
        self.line(&Line::new().text(INDENT).styled(look::QUIET, "the answer:"))?;
        let head = answer.headers.get("content-type").map(|kind| format!("content-type: {kind}"));
        let head = [format!("{} {}", answer.version, answer.status)].into_iter().chain(head);
        for text in head {
            self.line(&Line::new().text(format!("{INDENT}  {text}")))?;
        }
        self.body(&answer.body, limits::EXCERPT, "  ")
    }

    /// A body behind an empty line, every line of it behind `prefix`.
    pub(super) fn body(&mut self, body: &[u8], limit: usize, prefix: &str) -> io::Result<()> {
        if body.is_empty() {
            return Ok(());
        }
        self.line(&Line::new().text(format!("{INDENT}{}", prefix.trim_end())))?;
        let shown = excerpt::body(body, limit, &self.redactor);
        for text in shown.text.iter().flat_map(|text| text.trim_end_matches('\n').split('\n')) {
            self.line(&Line::new().text(format!("{INDENT}{prefix}{}", text.trim_end_matches('\r'))))?;
        }
        let more = match (&shown.text, shown.more) {
            (_, 0) => return Ok(()),
            (Some(_), more) => format!("{} {}", self.look.ellipsis(), words::count(more, "more byte")),
            (None, all) => format!("<binary: {}>", words::count(all, "byte")),
        };
        self.line(&Line::new().text(format!("{INDENT}{prefix}")).styled(look::QUIET, more))
    }
}

/// Whether what came helps to understand the problem.
fn shows_answer(code: Code) -> bool {
    code.class() == Class::Failed && !matches!(code, Code::SnapshotNew | Code::SnapshotChanged)
}

/// Whether what is sent helps to understand the problem.
fn is_explained(code: Code) -> bool {
    shows_answer(code) || matches!(code.class(), Class::Exchange | Class::Suite)
}
