//! The lines of the JSON report as they are published: what stands here is a promise, so it is
//! apart from the events, which may change with the program.
//!
//! A field may be added in any version; none is renamed or removed within a `format`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::contract::{Contract, Reached};

/// The version of the format.
pub(super) const FORMAT: u32 = 1;

/// One event of a run.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Line {
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
pub(super) struct RunStarted {
    /// The version of this format: 1.
    pub(super) format: u32,
    /// The version of countersign.
    pub(super) countersign: String,
    /// The environment's name, or several joined by `, `.
    pub(super) environment: String,
    /// Every step, in plan order.
    pub(super) steps: Vec<Step>,
}

/// A step is on its way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepStarted {
    /// Its place in the plan, from 0.
    pub(super) index: usize,
    /// The request's name.
    pub(super) name: String,
}

/// Everything ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RunFinished {
    /// Steps that passed.
    pub(super) passed: usize,
    /// Steps that failed.
    pub(super) failed: usize,
    /// Steps that could not be carried out.
    pub(super) errors: usize,
    /// Steps that were skipped.
    pub(super) skipped: usize,
    /// Snapshots that wait for review.
    pub(super) pending_snapshots: usize,
    /// Wall time in milliseconds.
    pub(super) duration_ms: f64,
    /// How much of each contract was reached.
    pub(super) contracts: Vec<Contract>,
    /// The strongest class among all problems; null when all is well.
    pub(super) class: Option<Class>,
}

/// What is known of a step before it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    /// What the step is called: the request's name, with its case where it has one.
    pub(super) name: String,
    /// The row that it runs for; null where its request has no cases.
    pub(super) case: Option<String>,
    /// The environment's name.
    pub(super) environment: String,
    /// The identity that it acts as; null for the environment itself.
    pub(super) identity: Option<String>,
    /// The request file, relative to the suite root.
    pub(super) file: String,
    /// The method.
    pub(super) method: String,
    /// The endpoint as written.
    pub(super) endpoint: String,
    /// Whether it was selected, or only needed by one that was.
    pub(super) selected: bool,
}

/// A step that ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepFinished {
    /// Its place in the plan, from 0.
    pub(super) index: usize,
    /// What was known before.
    pub(super) step: Step,
    /// How it ended.
    pub(super) status: Status,
    /// From its first byte of work to the verdict, in milliseconds.
    pub(super) duration_ms: f64,
    /// What was sent; null when it never got that far.
    pub(super) request: Option<Request>,
    /// What came; null when nothing usable did.
    pub(super) answer: Option<Answer>,
    /// Why nothing usable came.
    pub(super) no_answer: Option<NoAnswer>,
    /// How long the parts of the exchange took, in milliseconds.
    pub(super) phases: Option<Phases>,
    /// The attempts before that one, in order; empty for nearly every step.
    pub(super) earlier_attempts: Vec<Attempt>,
    /// How often the request was sent; of many attempts only the last few are in `earlier_attempts`.
    pub(super) attempts: usize,
    /// Every expectation and capture with its outcome.
    pub(super) expectations: Vec<Expectation>,
    /// What of a contract the exchange reached; null without a contract, or when nothing was.
    pub(super) contract: Option<Reached>,
    /// How the answer compares with its snapshot; null when it was not compared.
    pub(super) snapshot: Option<Snapshot>,
    /// Everything that is wrong, in order.
    pub(super) problems: Vec<Problem>,
}

/// An attempt that was not the last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Attempt {
    /// What was sent.
    pub(super) request: Request,
    /// What came; null when nothing usable did.
    pub(super) answer: Option<Answer>,
    /// Why nothing usable came.
    pub(super) no_answer: Option<NoAnswer>,
    /// How long the parts of the exchange took, in milliseconds.
    pub(super) phases: Phases,
    /// Why the request was sent again.
    pub(super) why: String,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    /// Everything held.
    Passed,
    /// An answer came, and something did not hold.
    Failed,
    /// It could not be carried out.
    Error,
    /// It was not tried, because of another.
    Skipped,
}

/// The exit classes, as in the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Class {
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

/// A request as it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The method.
    pub(super) method: String,
    /// The absolute URL.
    pub(super) url: String,
    /// Name and value of each header field, in order.
    pub(super) headers: Vec<(String, String)>,
    /// The body.
    pub(super) body: Body,
    /// How it was signed, first if more than once; null when it was not.
    pub(super) signature: Option<Signature>,
    /// The signatures that were added after the first, in order.
    pub(super) further_signatures: Vec<Signature>,
    /// What was broken on purpose, as `tamper` says it; empty for nothing.
    pub(super) tampered: Vec<String>,
}

/// How a request was signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Signature {
    /// The name of the profile.
    pub(super) profile: String,
    /// The name of the scheme.
    pub(super) scheme: String,
    /// The identifier of the key.
    pub(super) key_id: String,
    /// The algorithm as the message names it.
    pub(super) algorithm: String,
}

/// An answer, completely read and decoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    /// The status code.
    pub(super) status: u16,
    /// The protocol version.
    pub(super) version: String,
    /// Name and value of each header field, in order.
    pub(super) headers: Vec<(String, String)>,
    /// The body after content decoding.
    pub(super) body: Body,
}

/// The beginning of a body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Body {
    /// The size of the whole, in bytes.
    pub(super) bytes: usize,
    /// Its beginning, masked; null when it is no text.
    pub(super) text: Option<String>,
    /// Whether there is more than `text`.
    pub(super) cut: bool,
}

/// Why no usable answer came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoAnswer {
    /// The stable code.
    pub(super) code: String,
    /// The cause.
    pub(super) message: String,
    /// What to do.
    pub(super) help: Option<String>,
    /// What may have become of the request.
    pub(super) fate: Fate,
}

/// What may have become of a request that got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// It was never sent.
    NotSent,
    /// It was sent, wholly or in part: the server may have acted on it.
    MaybeExecuted,
}

/// How long the parts of an exchange took, in milliseconds; null is what was not needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "they are published, and a number needs its unit")]
pub(super) struct Phases {
    /// Name lookup.
    pub(super) dns_ms: Option<f64>,
    /// TCP connection.
    pub(super) connect_ms: Option<f64>,
    /// TLS handshake.
    pub(super) tls_ms: Option<f64>,
    /// From the request being handed over to the head of the answer.
    pub(super) first_byte_ms: Option<f64>,
    /// The whole exchange.
    pub(super) total_ms: f64,
}

/// An expectation or a capture, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Expectation {
    /// Where it stands in the request file, as a JSON pointer.
    pub(super) pointer: String,
    /// What was looked at.
    pub(super) selector: String,
    /// What was wanted, in words.
    pub(super) wanted: String,
    /// What came.
    pub(super) got: String,
    /// Whether it held.
    pub(super) held: bool,
}

/// A snapshot and what came of comparing with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Snapshot {
    /// The file, relative to the suite root.
    pub(super) file: String,
    /// What came of it.
    pub(super) comparison: Comparison,
    /// Whether a pending file was written for review.
    pub(super) pending: bool,
    /// The places that changed, the first of them: `status`, `header.NAME` or `$…` of a JSON body.
    pub(super) changes: Vec<Change>,
    /// How many more places changed.
    pub(super) more_changes: usize,
    /// The difference as lines that begin with a blank, `-` or `+`; null when there is none.
    pub(super) diff: Option<String>,
    /// Selectors and patterns of the request's `snapshot` that matched nothing: probably misspelled.
    pub(super) unused: Vec<String>,
}

/// A place whose value differs from the snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    /// `status`, `header.NAME` or `$…` of the body.
    pub(super) place: String,
    /// What was there, as JSON, cut; null for nothing.
    pub(super) old: Option<String>,
    /// What is there now.
    pub(super) new: Option<String>,
}

/// What comparing an answer with its snapshot came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Comparison {
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
pub(super) struct Problem {
    /// The stable code.
    pub(super) code: String,
    /// Its exit class.
    pub(super) class: Class,
    /// What is wrong, in one sentence.
    pub(super) message: String,
    /// Where in the suite's files it can be seen.
    pub(super) place: Option<Place>,
    /// What to do.
    pub(super) help: Vec<String>,
}

/// A place in a file of the suite, counted from 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// Relative to the suite root.
    pub(super) file: String,
    /// The line.
    pub(super) line: usize,
    /// The character in the line.
    pub(super) column: usize,
}
