//! The stage that judges an answer. It cannot fail: whatever is wrong with an answer is an
//! [`Outcome`].
//!
//! Captures are taken first, although they stand last in the verdict: a token must be known as a
//! secret before any sentence quotes the answer it came in.

mod binding;
mod capture;
mod contract;
mod expect;
mod schema;
mod signature;
mod verdict;

pub use binding::{Shown, binding};
pub use capture::{SECRET_NAMES, is_secret, is_secret_name, masks};
pub use contract::contract;
pub use schema::{Schema, SchemaError};
pub use signature::{AnswerKey, AnswerSigner, signature};
pub use verdict::{Captured, Outcome, Verdict};

use indexmap::IndexMap;

use crate::diag::Code;
use crate::message::Answer;
use crate::secret::Redactor;
use crate::select::Subject;
use crate::spec::{Capture, Expect};

/// Judges an answer by every expectation, not only up to the first that fails, and keeps what is
/// to be captured. Secrets among the captures are remembered in `redactor`.
pub fn check(
    expect: &Expect,
    captures: &IndexMap<String, Capture>,
    subject: &Subject<'_>,
    redactor: &Redactor,
) -> Verdict {
    let answer = subject.answer();
    let (kept, taken) = capture::captures(captures, subject, redactor);
    let mut outcomes: Vec<Outcome> = expect::status(&expect.status, answer.status).into_iter().collect();
    outcomes.extend(expect::headers(&expect.headers, subject, redactor));
    outcomes.extend(expect::body(&expect.body, subject, redactor));
    outcomes.extend(expect::within(expect.within, subject));
    outcomes.extend(taken);
    quote_the_body_once(&mut outcomes, answer, redactor);
    Verdict { outcomes, captures: kept }
}

/// Whether an answer is what `until` waits for. It has the shape of `expect`, and is judged alike.
pub fn until(awaited: &Expect, subject: &Subject<'_>, redactor: &Redactor) -> Vec<Outcome> {
    let outcomes = check(awaited, &IndexMap::new(), subject, redactor).outcomes.into_iter();
    let awaited = outcomes.map(|outcome| Outcome {
        pointer: outcome.pointer.replacen("/expect", "/until", 1),
        code: Code::UntilNotReached,
        ..outcome
    });
    awaited.collect()
}

/// A body that is not JSON fails everything that looks into it: the first of them shows what came
/// instead, the others only say so.
fn quote_the_body_once(outcomes: &mut [Outcome], answer: &Answer, redactor: &Redactor) {
    use crate::json::excerpt;

    let mut not_json = outcomes.iter_mut().filter(|outcome| outcome.code == Code::AnswerNotJson);
    if let Some(first) = not_json.next().filter(|_| !answer.body.is_empty()) {
        first.got = format!("{}; the body begins `{}`", first.got, excerpt(&answer.body, redactor));
    }
    for other in not_json {
        "no JSON".clone_into(&mut other.got);
    }
}

#[cfg(test)]
mod tests;
