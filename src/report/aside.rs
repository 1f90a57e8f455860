//! Reports on a thread of their own: no request waits while they are made.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use chrono::{DateTime, Utc};

use super::event::{Event, StepLabel, StepResult, Summary};
use super::record::Record;
use super::reporters::{Failure, Reporters};
use crate::plan::Shard;
use crate::secret::Redactor;

/// How many events may wait; each holds an exchange.
const WAITING: usize = 256;

/// Tells events to reporters on another thread.
pub struct Aside {
    redactor: Redactor,
    told: SyncSender<Told>,
    thread: JoinHandle<Vec<Failure>>,
}

enum Told {
    /// With what was known of secrets when it happened: what one request has for itself is forgotten
    /// after it was told.
    Event(Owned, Redactor),
    Finish,
}

/// An [`Event`] that outlives its moment.
enum Owned {
    RunStarted { at: DateTime<Utc>, environment: String, shard: Option<Shard>, steps: Vec<StepLabel> },
    StepStarted { index: usize },
    StepFinished(Arc<StepResult>),
    RunFinished(Box<Summary>),
}

impl Aside {
    /// For reporters that write `record`, which masks what `redactor` knows when it is told.
    pub fn new(redactor: Redactor, record: Record, reporters: Reporters) -> Self {
        let (told, listening) = sync_channel(WAITING);
        let thread = thread::spawn(move || listen(&listening, &record, reporters));
        Self { redactor, told, thread }
    }

    /// Tells all of them.
    pub fn event(&self, event: &Event<'_>) {
        if let Some(event) = Owned::of(event) {
            // Should they be gone, the end says why.
            let _ = self.told.send(Told::Event(event, self.redactor.frozen()));
        }
    }

    /// Waits until all of them have finished, and says whose report could not be written.
    pub fn finish(self) -> Vec<Failure> {
        let _ = self.told.send(Told::Finish);
        self.thread.join().unwrap_or_else(|panic| resume_unwind(panic))
    }
}

/// Nothing is written of a run that never says that it ended.
fn listen(told: &Receiver<Told>, record: &Record, mut reporters: Reporters) -> Vec<Failure> {
    while let Ok(told) = told.recv() {
        match told {
            Told::Event(event, redactor) => {
                record.mask_with(redactor);
                reporters.event(&event.as_event());
            }
            Told::Finish => return reporters.finish(),
        }
    }
    Vec::new()
}

impl Owned {
    /// `None` of what no recording has.
    fn of(event: &Event<'_>) -> Option<Self> {
        Some(match *event {
            Event::RunStarted { at, environment, shard, steps } => {
                Self::RunStarted { at, environment: environment.to_owned(), shard, steps: steps.to_vec() }
            }
            Event::StepStarted { index } => Self::StepStarted { index },
            Event::StepFinished(result) => Self::StepFinished(Arc::clone(result)),
            Event::RunFinished(summary) => Self::RunFinished(Box::new(summary.clone())),
            Event::StepEnded { .. } => return None,
        })
    }

    fn as_event(&self) -> Event<'_> {
        match self {
            Self::RunStarted { at, environment, shard, steps } => {
                Event::RunStarted { at: *at, environment, shard: *shard, steps }
            }
            Self::StepStarted { index } => Event::StepStarted { index: *index },
            Self::StepFinished(result) => Event::StepFinished(result),
            Self::RunFinished(summary) => Event::RunFinished(summary),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Buffer, Json, Reporter, sample};
    use super::*;

    /// Hands on what it is told.
    struct Handing(Option<Aside>, Redactor);

    impl Reporter for Handing {
        fn event(&mut self, event: &Event<'_>) -> std::io::Result<()> {
            self.1.remember_for_now("passing", "greetings/single");
            self.0.as_ref().unwrap().event(event);
            self.1.forget("greetings/single");
            Ok(())
        }

        fn finish(&mut self) -> std::io::Result<()> {
            assert!(self.0.take().unwrap().finish().is_empty());
            Ok(())
        }
    }

    #[test]
    fn what_is_forgotten_at_once_is_still_masked_in_a_report_that_is_made_later() {
        let (redactor, buffer) = (Redactor::default(), Buffer::default());
        let record = Record::new(redactor.clone(), "");
        let mut reporters = Reporters::default();
        reporters.add("json", Box::new(Json::new(buffer.clone(), record.clone())));
        let aside = Aside::new(redactor.clone(), record, reporters);
        let steps = [sample::passed(0), sample::passed(1)];
        sample::tell(&mut Handing(Some(aside), redactor), &steps);
        let text = String::from_utf8(buffer.take()).unwrap();
        assert_eq!(text.lines().count(), 6, "{text}");
        assert!(text.contains("/[passing]") && !text.contains("greetings/single"), "{text}");
    }

    #[test]
    #[should_panic(expected = "of a reporter")]
    fn a_reporter_that_panics_is_not_passed_over() {
        struct Panics;
        impl Reporter for Panics {
            fn event(&mut self, _: &Event<'_>) -> std::io::Result<()> {
                panic!("of a reporter")
            }
        }
        let mut reporters = Reporters::default();
        reporters.add("json", Box::new(Panics));
        let redactor = Redactor::default();
        let aside = Aside::new(redactor.clone(), Record::new(redactor, ""), reporters);
        aside.event(&Event::StepStarted { index: 0 });
        aside.finish();
    }
}
