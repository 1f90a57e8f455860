//! The lines of the JSON report as they are published: what stands here is a promise, so it is
//! apart from the events, which may change with the program.
//!
//! A field may be added in any version; none is renamed or removed within a `format`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diag;
use crate::plan::step_key;
use crate::spec::{DEFAULT_IDENTITY, acting};

use super::contract::{Contract, Reached};
pub(in crate::report) use super::exchange::{Answer, Body, Fate, NoAnswer, Phases, Request, Signature};

/// The version of the format.
pub(in crate::report) const FORMAT: u32 = 1;

/// One event of a run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(in crate::report) enum Line {
    /// The first line: the plan is made, nothing was sent yet.
    RunStarted(RunStarted),
    /// A step is on its way.
    StepStarted(StepStarted),
    /// A step ended. They come in plan order.
    StepFinished(Box<StepFinished>),
    /// The last line. Without it, the run was interrupted.
    RunFinished(RunFinished),
}

/// The plan is made; nothing was sent yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct RunStarted {
    /// The version of this format: 1.
    pub(in crate::report) format: u32,
    /// The version of countersign.
    pub(in crate::report) countersign: String,
    /// When it began, by its own clock: RFC 3339, in UTC.
    pub(in crate::report) at: String,
    /// The environment's name, or several joined by `, `.
    pub(in crate::report) environment: String,
    /// Which shard it is; null for a whole run.
    pub(in crate::report) shard: Option<Shard>,
    /// The folder of the suite below that of its repository; empty where they are one, or nobody knows.
    pub(in crate::report) folder: String,
    /// Every step, in plan order.
    pub(in crate::report) steps: Vec<Step>,
}

/// A shard of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Shard {
    /// Which, from 1.
    pub(in crate::report) number: usize,
    /// Of how many.
    pub(in crate::report) total: usize,
}

/// A step is on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct StepStarted {
    /// Its place in the plan, from 0.
    pub(in crate::report) index: usize,
    /// The request's name.
    pub(in crate::report) name: String,
}

/// Everything ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct RunFinished {
    /// Steps that passed.
    pub(in crate::report) passed: usize,
    /// Steps that failed.
    pub(in crate::report) failed: usize,
    /// Steps that could not be carried out.
    pub(in crate::report) errors: usize,
    /// Steps that were skipped.
    pub(in crate::report) skipped: usize,
    /// Steps that passed only when they were tried again; also counted among the others.
    pub(in crate::report) flaky: usize,
    /// Snapshots that wait for review.
    pub(in crate::report) pending_snapshots: usize,
    /// Wall time in milliseconds.
    pub(in crate::report) duration_ms: f64,
    /// How much of each contract was reached.
    pub(in crate::report) contracts: Vec<Contract>,
    /// The strongest class among all problems; null when all is well.
    pub(in crate::report) class: Option<Class>,
    /// Why the run ended before its plan did; null when it did not.
    pub(in crate::report) cut_short: Option<String>,
}

/// What is known of a step before it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Step {
    /// Its place in the plan of the whole run, of which this run may be a shard, from 0.
    pub(in crate::report) place: usize,
    /// What the step is called: the request's name, with its case where it has one.
    pub(in crate::report) name: String,
    /// The row that it runs for; null where its request has no cases.
    pub(in crate::report) case: Option<String>,
    /// The environment's name.
    pub(in crate::report) environment: String,
    /// The identity that it acts as; null for the environment itself.
    pub(in crate::report) identity: Option<String>,
    /// The request file, relative to the suite root.
    pub(in crate::report) file: String,
    /// The method.
    pub(in crate::report) method: String,
    /// The endpoint as written.
    pub(in crate::report) endpoint: String,
    /// Whether it was selected, or only needed by one that was.
    pub(in crate::report) selected: bool,
    /// The places in the plan of the steps that it needs.
    pub(in crate::report) needs: Vec<usize>,
}

/// A step that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct StepFinished {
    /// Its place in the plan, from 0.
    pub(in crate::report) index: usize,
    /// What was known before.
    pub(in crate::report) step: Step,
    /// How it ended.
    pub(in crate::report) status: Status,
    /// How long after the beginning of the run it began, in milliseconds.
    pub(in crate::report) started_ms: f64,
    /// From its first byte of work to the verdict, in milliseconds.
    pub(in crate::report) duration_ms: f64,
    /// What was sent; null when it never got that far.
    pub(in crate::report) request: Option<Request>,
    /// What came; null when nothing usable did.
    pub(in crate::report) answer: Option<Answer>,
    /// Why nothing usable came.
    pub(in crate::report) no_answer: Option<NoAnswer>,
    /// How long the parts of the exchange took, in milliseconds.
    pub(in crate::report) phases: Option<Phases>,
    /// Whether it passed only when it was tried again.
    pub(in crate::report) flaky: bool,
    /// Whether it took longer than `--slow` says.
    pub(in crate::report) slow: bool,
    /// The attempts before that one, in order; empty for nearly every step.
    pub(in crate::report) earlier_attempts: Vec<Attempt>,
    /// How often the request was sent; of many attempts only the last few are in `earlier_attempts`.
    pub(in crate::report) attempts: usize,
    /// Every expectation and capture with its outcome.
    pub(in crate::report) expectations: Vec<Expectation>,
    /// What of a contract the exchange reached; null without a contract, or when nothing was.
    pub(in crate::report) contract: Option<Reached>,
    /// How the answer compares with its snapshot; null when it was not compared.
    pub(in crate::report) snapshot: Option<Snapshot>,
    /// Everything that is wrong, in order.
    pub(in crate::report) problems: Vec<Problem>,
}

/// An attempt that was not the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Attempt {
    /// What was sent.
    pub(in crate::report) request: Request,
    /// What came; null when nothing usable did.
    pub(in crate::report) answer: Option<Answer>,
    /// Why nothing usable came.
    pub(in crate::report) no_answer: Option<NoAnswer>,
    /// How long the parts of the exchange took, in milliseconds.
    pub(in crate::report) phases: Phases,
    /// Why the request was sent again.
    pub(in crate::report) why: String,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum Status {
    /// Everything held.
    Passed,
    /// An answer came, and something did not hold.
    Failed,
    /// It could not be carried out.
    Error,
    /// It was not tried, because of another.
    Skipped,
}

impl Status {
    /// Whether a step did not end as it should.
    pub(in crate::report) const fn is_wrong(self) -> bool {
        matches!(self, Self::Failed | Self::Error)
    }
}

/// The exit classes, as in the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum Class {
    /// Exit 7.
    Nothing,
    /// Exit 1.
    Failed,
    /// Exit 5.
    Exchange,
    /// Exit 6.
    Io,
    /// Exit 4.
    Credentials,
    /// Exit 3.
    Suite,
    /// Exit 70.
    Bug,
}

impl Step {
    /// What tells it from every other that was selected, as the plan has it.
    pub(in crate::report) fn key(&self) -> String {
        let identity = self.identity.as_deref().unwrap_or(DEFAULT_IDENTITY);
        step_key(&self.name, &acting(&self.environment, identity))
    }
}

impl Problem {
    /// What is wrong and what was wanted, in one line.
    pub(in crate::report) fn told(&self) -> String {
        let wanted = self.wanted.as_ref().map(|wanted| format!(", wanted {wanted}")).unwrap_or_default();
        format!("{}{wanted}", self.message)
    }
}

impl Class {
    /// The larger, the stronger.
    pub(in crate::report) fn strength(self) -> diag::Class {
        self.into()
    }
}

/// An expectation or a capture, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Expectation {
    /// Where it stands in the request file, as a JSON pointer.
    pub(in crate::report) pointer: String,
    /// What was looked at.
    pub(in crate::report) selector: String,
    /// What was wanted, in words.
    pub(in crate::report) wanted: String,
    /// What came.
    pub(in crate::report) got: String,
    /// Whether it held.
    pub(in crate::report) held: bool,
}

/// A snapshot and what came of comparing with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Snapshot {
    /// The file, relative to the suite root.
    pub(in crate::report) file: String,
    /// What came of it.
    pub(in crate::report) comparison: Comparison,
    /// Whether a pending file was written for review.
    pub(in crate::report) pending: bool,
    /// The places that changed, the first of them: `status`, `header.NAME` or `$…` of a JSON body.
    pub(in crate::report) changes: Vec<Change>,
    /// How many more places changed.
    pub(in crate::report) more_changes: usize,
    /// The difference as lines that begin with a blank, `-` or `+`; null when there is none.
    pub(in crate::report) diff: Option<String>,
    /// Selectors and patterns of the request's `snapshot` that matched nothing: probably misspelled.
    pub(in crate::report) unused: Vec<String>,
}

/// A place whose value differs from the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Change {
    /// `status`, `header.NAME` or `$…` of the body.
    pub(in crate::report) place: String,
    /// What was there, as JSON, cut; null for nothing.
    pub(in crate::report) old: Option<String>,
    /// What is there now.
    pub(in crate::report) new: Option<String>,
}

/// What comparing an answer with its snapshot came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum Comparison {
    /// They are equal.
    Match,
    /// There was none, and this one was accepted.
    Added,
    /// They differed, and the new one was accepted.
    Updated,
    /// There is none yet.
    New,
    /// They differ.
    Mismatch,
}

/// One thing that is wrong with a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Problem {
    /// The stable code.
    pub(in crate::report) code: String,
    /// Its exit class.
    pub(in crate::report) class: Class,
    /// What is wrong, in one sentence.
    pub(in crate::report) message: String,
    /// What was wanted instead, in words; null where nothing was.
    pub(in crate::report) wanted: Option<String>,
    /// Where in the suite's files it can be seen.
    pub(in crate::report) place: Option<Place>,
    /// The lines of the file there, marked; null without a place, or when a secret stands in them.
    pub(in crate::report) excerpt: Option<String>,
    /// What to do.
    pub(in crate::report) help: Vec<String>,
}

/// A place in a file of the suite, counted from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Place {
    /// Relative to the suite root.
    pub(in crate::report) file: String,
    /// The line.
    pub(in crate::report) line: usize,
    /// The character in the line.
    pub(in crate::report) column: usize,
}
