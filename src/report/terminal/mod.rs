//! The report for people: one line per request in plan order, everything about a failure in one
//! place, one line at the end.

mod contract;
mod detail;
pub(super) mod look;
mod messages;
mod progress;
/// `tampered: digest, date(-1h)`
fn tampered(tampers: &[Tamper]) -> Option<String> {
    let words: Vec<_> = tampers.iter().map(ToString::to_string).collect();
    (!words.is_empty()).then(|| format!("tampered: {}", words.join(", ")))
}

#[cfg(test)]
mod tests;

pub use look::{Look, Verbosity};

use std::io::{self, Write};

use anstyle::Style;
use indicatif::ProgressDrawTarget;

use super::event::{Event, Status, StepLabel, StepResult, Summary};
use super::sink::{Line, Sink};
use super::{Reporter, words};
use crate::diag::Sources;
use crate::secret::Redactor;
use crate::sign::Tamper;
use crate::snapshot::Comparison;
use progress::Progress;

/// Widest column that the others are aligned to; what is wider sticks out.
const WIDEST: usize = 48;

/// The report for people.
pub struct Terminal<W: Write> {
    sink: Sink<W>,
    redactor: Redactor,
    look: Look,
    progress: Option<Progress>,
    /// None until they are shown: then problems keep their words and lose their excerpts.
    sources: Option<Sources>,
    labels: Vec<StepLabel>,
    columns: Columns,
    /// Whether the last line written was empty.
    rested: bool,
}

/// How wide the columns of the plan are.
#[derive(Debug, Clone, Copy, Default)]
struct Columns {
    name: usize,
    method: usize,
    endpoint: usize,
}

impl<W: Write> Terminal<W> {
    /// The results go to `writer`.
    pub fn new(writer: W, redactor: Redactor, look: Look) -> Self {
        Self {
            sink: Sink::new(writer, redactor.clone(), look.color),
            redactor,
            look,
            progress: None,
            sources: None,
            labels: Vec::new(),
            columns: Columns::default(),
            rested: false,
        }
    }

    /// Also keeps a live line on standard error, where that is a terminal.
    #[must_use]
    pub fn with_progress(self) -> Self {
        self.with_progress_on(ProgressDrawTarget::stderr())
    }

    fn with_progress_on(mut self, target: ProgressDrawTarget) -> Self {
        if self.look.verbosity > Verbosity::Quiet {
            self.progress = Some(Progress::new(target));
        }
        self
    }

    /// The files that problems point into.
    pub fn show_sources(&mut self, sources: Sources) {
        self.sources = Some(sources);
    }

    fn run_started(&mut self, environment: &str, steps: &[StepLabel]) -> io::Result<()> {
        self.columns = Columns::of(steps);
        self.labels = steps.to_vec();
        if self.look.verbosity == Verbosity::Quiet {
            return Ok(());
        }
        let header = Line::new().styled(look::BOLD, "countersign").text(format!(
            " {}  {environment}  {}",
            env!("CARGO_PKG_VERSION"),
            words::count(steps.len(), "request")
        ));
        self.line(&header)?;
        self.rest()
    }

    fn step_finished(&mut self, result: &StepResult) -> io::Result<()> {
        let wrong = matches!(result.status, Status::Failed | Status::Error);
        if self.look.verbosity == Verbosity::Quiet && !wrong {
            return Ok(());
        }
        self.line(&self.step(result))?;
        if self.look.verbosity == Verbosity::Verbose {
            self.messages(result)?;
        }
        if wrong { self.detail(result) } else { Ok(()) }
    }

    fn run_finished(&mut self, summary: &Summary) -> io::Result<()> {
        if self.look.verbosity > Verbosity::Quiet {
            self.rest()?;
        }
        let style = if summary.failed + summary.errors > 0 {
            look::LOUD
        } else if summary.passed == 0 || summary.cut_short.is_some() {
            look::WARN
        } else {
            look::GOOD
        };
        let time = format!(" in {}", words::time(summary.duration));
        self.line(&Line::new().styled(style, words::tally(summary)).text(time))?;
        if let Some(why) = &summary.cut_short {
            self.line(&Line::new().styled(look::WARN, why))?;
        }
        if self.look.verbosity > Verbosity::Quiet {
            summary.contracts.iter().try_for_each(|coverage| self.contract(coverage))?;
        }
        if summary.pending > 0 {
            let pending = words::count(summary.pending, "snapshot");
            self.line(&Line::new().text(format!("{pending} to review: `countersign snapshots review`")))?;
        }
        self.sink.flush()
    }

    /// `  ✓ token      POST /oauth2/token       200   6 ms  signed ing`
    fn step(&self, result: &StepResult) -> Line {
        let (mark, style) = match result.status {
            Status::Passed => (self.look.passed(), look::GOOD),
            Status::Failed | Status::Error => (self.look.failed(), look::BAD),
            Status::Skipped => ("-", look::QUIET),
        };
        let StepLabel { name, method, endpoint, .. } = &result.label;
        let Columns { name: name_width, method: method_width, endpoint: endpoint_width } = self.columns;
        let line = Line::new()
            .text("  ")
            .styled(style, mark)
            .text(format!(" {name:name_width$}   {method:method_width$} {endpoint:endpoint_width$}   "));
        if result.status == Status::Skipped {
            let why = result.problems.first().map_or("", |problem| problem.message.as_str());
            return line.styled(look::QUIET, format!("skipped: {why}"));
        }
        let status = match result.exchange.as_ref().map(|exchange| &exchange.answer) {
            Some(Ok(answer)) => answer.status.to_string(),
            Some(Err(_)) | None => "---".to_owned(),
        };
        let status_style = if result.status == Status::Passed { Style::new() } else { style };
        let notes = Self::notes(result).join(self.look.between());
        let line = line.styled(status_style, status).text(format!(" {:>6}", words::time(result.duration)));
        if notes.is_empty() { line } else { line.text("  ").styled(look::QUIET, notes) }
    }

    fn notes(result: &StepResult) -> Vec<String> {
        let signatures = result.exchange.iter().flat_map(|exchange| exchange.signed.signatures());
        let snapshot = result.snapshot.as_ref().map(|snapshot| match snapshot.comparison {
            Comparison::Match => "snapshot",
            Comparison::Added => "snapshot added",
            Comparison::Updated => "snapshot updated",
            Comparison::New { .. } => "snapshot new",
            Comparison::Mismatch { .. } => "snapshot differs",
        });
        let needed = (!result.label.selected).then_some("needed");
        let signed = signatures.map(|signature| format!("signed {}", signature.profile));
        let identity = result.label.identity.as_ref().map(|identity| format!("as {identity}"));
        let tampered = result.exchange.as_ref().and_then(|exchange| tampered(exchange.signed.tampered()));
        let tokens = result.exchange.iter().flat_map(|exchange| exchange.signed.tokens());
        let tokens = tokens.map(|token| token.kind.name().to_owned());
        let again = (result.attempts() > 1).then(|| format!("sent {} times", result.attempts()));
        let flaky = result.flaky.then(|| "flaky".to_owned());
        signed
            .chain(tokens)
            .chain(identity)
            .chain(tampered)
            .chain(again)
            .chain(flaky)
            .chain(result.slow.then(|| "slow".to_owned()))
            .chain(snapshot.map(Into::into))
            .chain(needed.map(Into::into))
            .collect()
    }

    /// Writes one line.
    fn line(&mut self, line: &Line) -> io::Result<()> {
        self.rested = false;
        self.sink.line(line)
    }

    /// One empty line, never two.
    fn rest(&mut self) -> io::Result<()> {
        if !self.rested {
            self.line(&Line::new())?;
            self.rested = true;
        }
        Ok(())
    }

    fn tell(&mut self, event: &Event<'_>) -> io::Result<()> {
        match event {
            Event::RunStarted { environment, steps, .. } => self.run_started(environment, steps),
            Event::StepStarted { .. } | Event::StepEnded { .. } => Ok(()),
            Event::StepFinished(result) => self.step_finished(result),
            Event::RunFinished(summary) => self.run_finished(summary),
        }
    }

    /// Shows on the live line what happened.
    fn follow(&mut self, event: &Event<'_>) {
        let Some(progress) = &mut self.progress else { return };
        let mask = |text: &str| self.sink.mask(text);
        match event {
            Event::RunStarted { steps, .. } => progress.expect(steps.len()),
            Event::StepStarted { index } => {
                let name = self.labels.get(*index).map_or("", |label| label.name.as_str());
                progress.started(*index, name.to_owned(), mask);
            }
            Event::StepEnded { index } => progress.ended(*index, mask),
            Event::StepFinished(result) => progress.told(result),
            Event::RunFinished(_) => progress.end(),
        }
    }
}

impl<W: Write> Reporter for Terminal<W> {
    fn event(&mut self, event: &Event<'_>) -> io::Result<()> {
        self.follow(event);
        match self.progress.as_ref().map(Progress::bar) {
            None => self.tell(event),
            Some(_) if matches!(event, Event::StepStarted { .. } | Event::StepEnded { .. }) => Ok(()),
            Some(bar) => bar.suspend(|| self.tell(event)),
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        if let Some(progress) = &self.progress {
            progress.end();
        }
        self.sink.flush()
    }
}

impl Columns {
    fn of(steps: &[StepLabel]) -> Self {
        let widest = |text: fn(&StepLabel) -> &str| {
            let widths = steps.iter().map(|step| text(step).chars().count());
            widths.filter(|width| *width <= WIDEST).max().unwrap_or(0)
        };
        Self {
            name: widest(|step| &step.name),
            method: widest(|step| &step.method),
            endpoint: widest(|step| &step.endpoint),
        }
    }
}
