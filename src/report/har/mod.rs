//! The report as HAR 1.2: every exchange that is kept, with what HAR has no field for in fields
//! that begin with `_`.
//!
//! What is masked is masked here too. Bodies are there as far as the report keeps them.

mod message;

use serde_json::{Value, json};

use super::escape;
use super::record::{Answer, NoAnswer, Phases, Request, StepFinished, Tree};

/// The whole report.
pub(super) fn har(tree: &Tree) -> String {
    let entries: Vec<Value> = tree.steps.iter().flat_map(|step| entries(tree, step)).collect();
    let mut log = json!({
        "version": "1.2",
        "creator": {"name": "countersign", "version": tree.started.countersign},
        "pages": [],
        "entries": entries,
    });
    if let Some(gap) = tree.gap() {
        log["comment"] = gap.into();
    }
    let json = serde_json::to_string_pretty(&json!({"log": log})).expect("values are JSON");
    escape::json_lines(&json) + "\n"
}

/// One attempt, as the last one and those before it have it in common.
struct Attempt<'a> {
    /// How long after the beginning of the run it began, in milliseconds.
    began: f64,
    request: &'a Request,
    answer: Option<&'a Answer>,
    no_answer: Option<&'a NoAnswer>,
    phases: &'a Phases,
    /// Why it was not the last.
    why: Option<&'a str>,
}

fn entries(tree: &Tree, step: &StepFinished) -> Vec<Value> {
    let attempts = attempts(step);
    let unkept = step.attempts.saturating_sub(attempts.len());
    let number = |(at, attempt)| entry(tree, step, &attempt, unkept + at + 1);
    attempts.into_iter().enumerate().map(number).collect()
}

/// When an attempt began is known of the last one, by its end; the others are told as if one had
/// followed the other without a pause.
fn attempts(step: &StepFinished) -> Vec<Attempt<'_>> {
    let mut began = step.started_ms;
    let mut attempts = Vec::new();
    for earlier in &step.earlier_attempts {
        attempts.push(Attempt {
            began,
            request: &earlier.request,
            answer: earlier.answer.as_ref(),
            no_answer: earlier.no_answer.as_ref(),
            phases: &earlier.phases,
            why: Some(&earlier.why),
        });
        began += earlier.phases.total_ms;
    }
    if let (Some(request), Some(phases)) = (&step.request, &step.phases) {
        attempts.push(Attempt {
            began: began.max(step.started_ms + step.duration_ms - phases.total_ms),
            request,
            answer: step.answer.as_ref(),
            no_answer: step.no_answer.as_ref(),
            phases,
            why: None,
        });
    }
    attempts
}

fn entry(tree: &Tree, step: &StepFinished, attempt: &Attempt<'_>, number: usize) -> Value {
    let timings = timings(attempt.phases);
    let version = attempt.answer.map_or("", |answer| &answer.version);
    let mut entry = json!({
        "startedDateTime": moment(tree, attempt.began),
        "time": attempt.phases.total_ms,
        "request": message::request(attempt.request, version),
        "response": attempt.answer.map_or_else(message::no_answer, message::answer),
        "cache": {},
        "timings": timings,
        "_step": about(step),
        "_attempt": number,
    });
    let mut more = |name: &str, value: Value| entry[name] = value;
    if let Some(why) = attempt.no_answer {
        more("_error", serde_json::to_value(why).expect("text and names are JSON"));
    }
    if let Some(why) = attempt.why {
        more("_sent_again", why.into());
    }
    let request = attempt.request;
    if let Some(signature) = &request.signature {
        let all = std::iter::once(signature).chain(&request.further_signatures);
        more("_signatures", all.map(|it| serde_json::to_value(it).expect("text is JSON")).collect());
    }
    if !request.tampered.is_empty() {
        more("_tampered", request.tampered.clone().into());
    }
    entry
}

fn about(step: &StepFinished) -> Value {
    json!({
        "name": step.step.name,
        "file": step.step.file,
        "environment": step.step.environment,
        "identity": step.step.identity,
        "status": step.status,
    })
}

fn moment(tree: &Tree, after_ms: f64) -> String {
    let moment =
        tree.moment(after_ms).map(|moment| moment.to_rfc3339_opts(chrono::SecondsFormat::Millis, true));
    moment.unwrap_or_else(|| tree.started.at.clone())
}

/// Of parts that add up to the whole; HAR counts TLS as a part of connecting.
fn timings(phases: &Phases) -> Value {
    let Phases { dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms } = *phases;
    let connect = connect_ms.map(|connect| connect + tls_ms.unwrap_or_default());
    let known = [dns_ms, connect, first_byte_ms].into_iter().flatten().sum::<f64>();
    json!({
        "blocked": -1,
        "dns": dns_ms.unwrap_or(-1.0),
        "connect": connect.unwrap_or(-1.0),
        "ssl": tls_ms.unwrap_or(-1.0),
        "send": 0,
        "wait": first_byte_ms.unwrap_or_default(),
        "receive": micros(total_ms - known),
    })
}

/// No finer than the report has it, and not below zero.
fn micros(ms: f64) -> f64 {
    (ms.max(0.0) * 1000.0).round() / 1000.0
}
