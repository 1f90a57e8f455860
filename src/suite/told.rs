//! Listens to a run and remembers it. Texts are made while the run goes on: a signature is masked
//! only until its step has been told of.

use super::outcome::{Outcome, RequestOutcome};
use super::{Answer, Problem};
use crate::diag::Sources;
use crate::report::{self, Buffer, Event, Look, Reporter, StepResult, Summary, Terminal};
use crate::secret::Redactor;

/// Why writing a report does not fail here.
const NO_ERROR: &str = "a buffer takes everything";

/// A run as it was told.
pub(crate) struct Told {
    terminal: Terminal<Buffer>,
    /// For single problems: the other one knows where the report leaves lines empty.
    aside: Terminal<Buffer>,
    /// What either wrote.
    buffer: Buffer,
    redactor: Redactor,
    head: String,
    requests: Vec<RequestOutcome>,
    foot: String,
}

impl Told {
    pub(super) fn new(sources: &Sources, redactor: &Redactor) -> Self {
        let buffer = Buffer::default();
        let terminal = || {
            let mut terminal = Terminal::new(buffer.clone(), redactor.clone(), Look::default());
            terminal.show_sources(sources.clone());
            terminal
        };
        Self {
            terminal: terminal(),
            aside: terminal(),
            buffer,
            redactor: redactor.clone(),
            head: String::new(),
            requests: Vec::new(),
            foot: String::new(),
        }
    }

    /// Something happened.
    pub(crate) fn event(&mut self, event: &Event<'_>) {
        self.terminal.event(event).expect(NO_ERROR);
        let text = self.written();
        match event {
            Event::RunStarted { .. } => self.head = text,
            Event::StepStarted { .. } | Event::StepEnded { .. } => {}
            Event::StepFinished(result) => {
                let request = self.request(result, text);
                self.requests.push(request);
            }
            Event::RunFinished(_) => self.foot = text,
        }
    }

    /// The request that was told of last.
    pub(crate) fn last(&self) -> Option<&RequestOutcome> {
        self.requests.last()
    }

    /// Everything, when nothing more happens.
    pub(super) fn outcome(self, summary: Summary, warnings: Vec<Problem>) -> Outcome {
        let Self { head, requests, foot, .. } = self;
        Outcome { head, requests, foot, summary, warnings }
    }

    fn request(&mut self, result: &StepResult, text: String) -> RequestOutcome {
        let problem = |problem: &report::Problem| {
            self.aside.problem(problem, "").expect(NO_ERROR);
            Problem::told(problem.code, &self.written())
        };
        let problems = result.problems.iter().map(problem).collect();
        let answer = result.exchange.as_ref().and_then(|exchange| exchange.answer.as_ref().ok());
        RequestOutcome {
            label: result.label.clone(),
            status: result.status,
            duration: result.duration,
            answer: answer.map(|answer| Answer::new(answer, &self.redactor)),
            problems,
            text,
        }
    }

    fn written(&self) -> String {
        String::from_utf8(self.buffer.take()).expect("reports are text")
    }
}
