//! What a run tells its reporters, in one order, through one function. Nothing here is masked:
//! reporters write through the `Redactor`.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::check::Outcome;
use crate::contract::{Coverage, Reach};
use crate::diag::{Class, Code, Diagnostic};
use crate::plan::{Shard, step_key};
use crate::send::Exchange;
use crate::snapshot::Comparison;
use crate::spec::{DEFAULT_IDENTITY, acting};

/// Something that happened in a run.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// The plan is made; nothing was sent yet.
    RunStarted {
        /// When it began, by the run's clock.
        at: DateTime<Utc>,
        /// The environment's name, or several joined by `, `.
        environment: &'a str,
        /// Which shard it is, where it is one.
        shard: Option<Shard>,
        /// Every step, in plan order.
        steps: &'a [StepLabel],
    },
    /// A step is on its way.
    StepStarted {
        /// Its place in the plan.
        index: usize,
    },
    /// A step ended just now; its result comes when it is its turn.
    StepEnded {
        /// Its place in the plan.
        index: usize,
    },
    /// What became of a step. They come in plan order, whatever order they ended in.
    StepFinished(&'a Arc<StepResult>),
    /// Everything ended.
    RunFinished(&'a Summary),
}

/// What is known of a step before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepLabel {
    /// Its place in the plan of the whole run, of which this run may be a shard.
    pub place: usize,
    /// What the step is called: the request's name, with its case where it has one.
    pub name: String,
    /// What selects it on the command line.
    pub selector: String,
    /// The row that it runs for, where its request has cases.
    pub case: Option<String>,
    /// The environment's name.
    pub environment: String,
    /// The identity that it acts as, where that is not the environment itself.
    pub identity: Option<String>,
    /// The request file, relative to the suite root.
    pub file: PathBuf,
    /// The method.
    pub method: String,
    /// The endpoint as written.
    pub endpoint: String,
    /// Whether it was selected, or only needed by one that was.
    pub selected: bool,
    /// The places in the plan of the steps that it needs.
    pub needs: Vec<usize>,
}

impl StepLabel {
    /// What tells it from every other that was selected, as the [plan](crate::plan::Step::key) has it.
    pub fn key(&self) -> String {
        let identity = self.identity.as_deref().unwrap_or(DEFAULT_IDENTITY);
        step_key(&self.selector, &acting(&self.environment, identity))
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Everything held.
    Passed,
    /// An answer came, and something did not hold.
    Failed,
    /// It could not be carried out.
    Error,
    /// It was not tried, because of another.
    Skipped,
}

/// A step that ended.
#[derive(Debug, Clone)]
pub struct StepResult {
    /// Its place in the plan.
    pub index: usize,
    /// What was known before.
    pub label: StepLabel,
    /// How it ended.
    pub status: Status,
    /// How long after the beginning of the run it began.
    pub started: Duration,
    /// From its first byte of work to the verdict.
    pub duration: Duration,
    /// What was sent and what came; `None` when it never got that far.
    pub exchange: Option<Exchange>,
    /// Whether it passed only when it was tried again.
    pub flaky: bool,
    /// Whether it took longer than a step should.
    pub slow: bool,
    /// Whether its request was on its way when the run ended.
    pub given_up: bool,
    /// The attempts before that one, in order.
    pub earlier: Vec<Earlier>,
    /// How many attempts before those were not kept.
    pub unkept: usize,
    /// Every expectation and capture with its outcome.
    pub outcomes: Vec<Outcome>,
    /// What of a contract the exchange reached.
    pub reached: Option<Reach>,
    /// How the answer compares with its snapshot; `None` when it was not compared.
    pub snapshot: Option<SnapshotResult>,
    /// Everything that is wrong, ready to be shown, in order.
    pub problems: Vec<Problem>,
}

impl StepResult {
    /// Of a step that sent nothing yet.
    pub fn new(index: usize, label: StepLabel, status: Status) -> Self {
        Self {
            index,
            label,
            status,
            started: Duration::ZERO,
            duration: Duration::ZERO,
            exchange: None,
            flaky: false,
            slow: false,
            given_up: false,
            earlier: Vec::new(),
            unkept: 0,
            outcomes: Vec::new(),
            reached: None,
            snapshot: None,
            problems: Vec::new(),
        }
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> usize {
        self.unkept
            + self.earlier.iter().filter(|earlier| !earlier.token).count()
            + usize::from(self.exchange.is_some() || self.given_up)
    }
}

/// An attempt that was not the last.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// What was sent and what came.
    pub exchange: Exchange,
    /// Why the request was sent again: a clause without a full stop.
    pub why: String,
    /// Whether it is not the request itself that was sent, but the one that fetches its token.
    pub token: bool,
}

/// A snapshot file and what came of comparing with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotResult {
    /// The file, relative to the suite root.
    pub file: PathBuf,
    /// What came of it.
    pub comparison: Comparison,
    /// Selectors and patterns of the request's `snapshot` that matched nothing.
    pub unused: Vec<String>,
}

/// One thing that is wrong with a step.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The stable code, which also tells the exit class.
    pub code: Code,
    /// What is wrong, in one sentence.
    pub message: String,
    /// Where in the suite's files it can be seen.
    pub place: Option<Place>,
    /// What to do.
    pub help: Vec<String>,
    /// The lines of the file that it is about; `None` without a place.
    pub excerpt: Option<Excerpt>,
    /// The problem with its excerpt of the file, for a terminal.
    pub diagnostic: Option<Diagnostic>,
}

/// The lines of a file that a problem is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// With their numbers and marks, and what the marks mean.
    pub shown: String,
    /// As they are: where one has a secret in it, `shown` may not be told.
    pub lines: String,
}

/// A place in a file of the suite, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Relative to the suite root.
    pub file: PathBuf,
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// How a run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// Steps that passed.
    pub passed: usize,
    /// Steps that failed.
    pub failed: usize,
    /// Steps that could not be carried out.
    pub errors: usize,
    /// Steps that were skipped.
    pub skipped: usize,
    /// Steps that passed only when they were tried again; also among those that passed or failed.
    pub flaky: usize,
    /// Wall time.
    pub duration: Duration,
    /// Snapshots that wait for review.
    pub pending: usize,
    /// How much of each contract was reached.
    pub contracts: Vec<Coverage>,
    /// The strongest class among all problems; `None` when all is well.
    pub class: Option<Class>,
    /// Why the run ended before its plan did: a sentence without a full stop.
    pub cut_short: Option<String>,
}
