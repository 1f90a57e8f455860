//! An event as a line of the report. Bodies are cut here, masked before, and credentials that nobody
//! knows are hidden; every other string is masked when it is written.

use std::path::Path;
use std::time::Duration;

use chrono::SecondsFormat;

use super::line::{self, Line};
use crate::diag;
use crate::limits;
use crate::message::{self, Headers};
use crate::report::event::{self, Earlier, Event, StepLabel, StepResult};
use crate::report::excerpt;
use crate::secret::Redactor;
use crate::send::{self, Exchange};
use crate::sign;
use crate::snapshot;

pub(super) fn line(event: &Event<'_>, labels: &[StepLabel], redactor: &Redactor) -> Option<Line> {
    Some(match event {
        Event::RunStarted { at, environment, shard, steps } => Line::RunStarted(line::RunStarted {
            format: line::FORMAT,
            countersign: env!("CARGO_PKG_VERSION").to_owned(),
            at: at.to_rfc3339_opts(SecondsFormat::Millis, true),
            environment: (*environment).to_owned(),
            shard: shard.map(|shard| line::Shard { number: shard.number, total: shard.total }),
            folder: String::new(),
            steps: steps.iter().map(step).collect(),
        }),
        Event::StepStarted { index } => Line::StepStarted(line::StepStarted {
            index: *index,
            name: labels.get(*index).map(|label| label.name.clone()).unwrap_or_default(),
        }),
        Event::StepFinished(result) => Line::StepFinished(Box::new(finished(result, redactor))),
        Event::RunFinished(summary) => Line::RunFinished(line::RunFinished {
            passed: summary.passed,
            failed: summary.failed,
            errors: summary.errors,
            skipped: summary.skipped,
            flaky: summary.flaky,
            pending_snapshots: summary.pending,
            duration_ms: ms(summary.duration),
            contracts: summary.contracts.iter().map(Into::into).collect(),
            class: summary.class.map(class),
            cut_short: summary.cut_short.clone(),
        }),
        Event::StepEnded { .. } => return None,
    })
}

fn step(label: &StepLabel) -> line::Step {
    line::Step {
        place: label.place,
        name: label.name.clone(),
        case: label.case.clone(),
        environment: label.environment.clone(),
        identity: label.identity.clone(),
        file: path(&label.file),
        method: label.method.clone(),
        endpoint: label.endpoint.clone(),
        selected: label.selected,
        needs: label.needs.clone(),
    }
}

fn finished(result: &StepResult, redactor: &Redactor) -> line::StepFinished {
    let exchange = result.exchange.as_ref();
    let answer = exchange.map(|exchange| exchange.answer.as_ref());
    line::StepFinished {
        index: result.index,
        step: step(&result.label),
        status: match result.status {
            event::Status::Passed => line::Status::Passed,
            event::Status::Failed => line::Status::Failed,
            event::Status::Error => line::Status::Error,
            event::Status::Skipped => line::Status::Skipped,
        },
        started_ms: ms(result.started),
        duration_ms: ms(result.duration),
        request: exchange.map(|exchange| request(exchange, redactor)),
        answer: answer.and_then(Result::ok).map(|found| self::answer(found, redactor)),
        no_answer: answer.and_then(Result::err).map(no_answer).or_else(|| given_up(result)),
        phases: exchange.map(|exchange| phases(exchange.phases)),
        flaky: result.flaky,
        slow: result.slow,
        earlier_attempts: result.earlier.iter().map(|earlier| attempt(earlier, redactor)).collect(),
        attempts: result.attempts(),
        expectations: result.outcomes.iter().map(expectation).collect(),
        contract: result.reached.as_ref().map(Into::into),
        snapshot: result.snapshot.as_ref().map(|snapshot| self::snapshot(snapshot, redactor)),
        problems: result.problems.iter().map(|found| problem(found, redactor)).collect(),
    }
}

fn request(exchange: &Exchange, redactor: &Redactor) -> line::Request {
    let message = exchange.signed.message();
    line::Request {
        method: message.method.clone(),
        url: message.url.to_string(),
        headers: headers(&message.headers, redactor),
        body: body(&message.body, redactor),
        signature: exchange.signed.signature().map(signature),
        further_signatures: exchange.signed.signatures().iter().skip(1).map(signature).collect(),
        tampered: exchange.signed.tampered().iter().map(ToString::to_string).collect(),
    }
}

fn attempt(earlier: &Earlier, redactor: &Redactor) -> line::Attempt {
    let Earlier { exchange, why, .. } = earlier;
    line::Attempt {
        request: request(exchange, redactor),
        answer: exchange.answer.as_ref().ok().map(|found| answer(found, redactor)),
        no_answer: exchange.answer.as_ref().err().map(no_answer),
        phases: phases(exchange.phases),
        why: why.clone(),
    }
}

fn signature(signature: &sign::Signature) -> line::Signature {
    line::Signature {
        profile: signature.profile.clone(),
        scheme: signature.scheme.to_owned(),
        key_id: signature.key_id.clone(),
        algorithm: signature.algorithm.clone(),
        signing_string: signature.signing_string.clone(),
    }
}

fn answer(answer: &message::Answer, redactor: &Redactor) -> line::Answer {
    line::Answer {
        status: answer.status,
        version: answer.version.clone(),
        headers: headers(&answer.headers, redactor),
        body: body(&answer.body, redactor),
    }
}

fn headers(headers: &Headers, redactor: &Redactor) -> Vec<(String, String)> {
    let shown =
        |name, value: &str| excerpt::credential(name, value, redactor).unwrap_or_else(|| value.to_owned());
    headers.iter().map(|(name, value)| (name.to_owned(), shown(name, value))).collect()
}

fn body(bytes: &[u8], redactor: &Redactor) -> line::Body {
    let shown = excerpt::body(bytes, limits::EXCERPT, redactor);
    line::Body { bytes: bytes.len(), cut: shown.more > 0, text: shown.text }
}

fn no_answer(error: &send::ExchangeError) -> line::NoAnswer {
    line::NoAnswer {
        code: error.code.as_str().to_owned(),
        message: error.message.clone(),
        help: error.help.clone(),
        fate: match error.fate {
            send::Fate::NotSent => line::Fate::NotSent,
            send::Fate::MaybeExecuted => line::Fate::MaybeExecuted,
        },
    }
}

/// What is known of a request that was on its way when the run ended.
fn given_up(result: &StepResult) -> Option<line::NoAnswer> {
    let problem = result.problems.first().filter(|_| result.given_up)?;
    Some(line::NoAnswer {
        code: problem.code.as_str().to_owned(),
        message: problem.message.clone(),
        help: problem.help.first().cloned(),
        fate: line::Fate::MaybeExecuted,
    })
}

fn phases(phases: send::Phases) -> line::Phases {
    line::Phases {
        dns_ms: phases.dns.map(ms),
        connect_ms: phases.connect.map(ms),
        tls_ms: phases.tls.map(ms),
        first_byte_ms: phases.first_byte.map(ms),
        total_ms: ms(phases.total),
    }
}

fn expectation(outcome: &crate::check::Outcome) -> line::Expectation {
    line::Expectation {
        pointer: outcome.pointer.clone(),
        selector: outcome.selector.clone(),
        wanted: outcome.wanted.clone(),
        got: outcome.got.clone(),
        held: outcome.held,
    }
}

fn snapshot(result: &event::SnapshotResult, redactor: &Redactor) -> line::Snapshot {
    let diff =
        |old: &str, new: &str| Some(snapshot::diff(&redactor.redact(old), &redactor.redact(new)).to_string());
    let (comparison, pending, diff) = match &result.comparison {
        snapshot::Comparison::Match => (line::Comparison::Match, false, None),
        snapshot::Comparison::Added => (line::Comparison::Added, false, None),
        snapshot::Comparison::Updated => (line::Comparison::Updated, false, None),
        snapshot::Comparison::New { content, pending } => {
            (line::Comparison::New, *pending, diff("", content))
        }
        snapshot::Comparison::Mismatch { old, new, pending } => {
            (line::Comparison::Mismatch, *pending, diff(old, new))
        }
    };
    let changes = match &result.comparison {
        snapshot::Comparison::Mismatch { old, new, .. } => {
            snapshot::changes(&redactor.redact(old), &redactor.redact(new))
        }
        _ => snapshot::Changes::default(),
    };
    let change = |snapshot::Change { place, old, new }: snapshot::Change| line::Change { place, old, new };
    line::Snapshot {
        file: path(&result.file),
        comparison,
        pending,
        changes: changes.list.into_iter().map(change).collect(),
        more_changes: changes.omitted,
        diff,
        unused: result.unused.clone(),
    }
}

fn problem(problem: &event::Problem, redactor: &Redactor) -> line::Problem {
    let label = problem.diagnostic.as_ref().and_then(|diagnostic| diagnostic.labels.first());
    let is_safe = |excerpt: &&event::Excerpt| !redactor.contains_secret(&excerpt.lines);
    line::Problem {
        code: problem.code.as_str().to_owned(),
        class: class(problem.code.class()),
        message: problem.message.clone(),
        wanted: label.and_then(|label| label.text.strip_prefix("wanted ")).map(ToOwned::to_owned),
        place: problem.place.as_ref().map(|place| line::Place {
            file: path(&place.file),
            line: place.line,
            column: place.column,
        }),
        excerpt: problem.excerpt.as_ref().filter(is_safe).map(|excerpt| excerpt.shown.clone()),
        help: problem.help.clone(),
    }
}

fn class(class: diag::Class) -> line::Class {
    match class {
        diag::Class::Nothing => line::Class::Nothing,
        diag::Class::Failed => line::Class::Failed,
        diag::Class::Exchange => line::Class::Exchange,
        diag::Class::Io => line::Class::Io,
        diag::Class::Credentials => line::Class::Credentials,
        diag::Class::Suite => line::Class::Suite,
        diag::Class::Bug => line::Class::Bug,
    }
}

/// With `/` on every system.
fn path(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Microseconds are as fine as a report needs.
fn ms(duration: Duration) -> f64 {
    #[allow(clippy::cast_precision_loss, reason = "exact for the next 285 years")]
    let micros = duration.as_micros() as f64;
    micros / 1000.0
}

impl From<line::Class> for diag::Class {
    fn from(class: line::Class) -> Self {
        match class {
            line::Class::Nothing => Self::Nothing,
            line::Class::Failed => Self::Failed,
            line::Class::Exchange => Self::Exchange,
            line::Class::Io => Self::Io,
            line::Class::Credentials => Self::Credentials,
            line::Class::Suite => Self::Suite,
            line::Class::Bug => Self::Bug,
        }
    }
}
