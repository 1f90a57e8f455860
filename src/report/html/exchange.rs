//! What was sent and what came, one exchange after another.

use serde::Serialize;

use super::body::Body;
use super::shown::Shown;
use crate::report::record::{self, Attempt, Fate, NoAnswer, Phases, StepFinished, duration};
use crate::report::words;

/// One attempt of a request.
#[derive(Debug, Serialize)]
pub(super) struct Exchange {
    request: Request,
    answer: Option<Answer>,
    no_answer: Option<Unanswered>,
    phases: Vec<Phase>,
    /// Why the request was sent again after it.
    why: Option<Shown>,
}

#[derive(Debug, Serialize)]
struct Request {
    method: Shown,
    url: Shown,
    headers: Vec<(Shown, Shown)>,
    body: Option<Body>,
    signatures: Vec<Signature>,
    tampered: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Signature {
    profile: Shown,
    scheme: Shown,
    key_id: Shown,
    algorithm: Shown,
    lines: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Answer {
    status: u16,
    version: Shown,
    headers: Vec<(Shown, Shown)>,
    body: Option<Body>,
}

#[derive(Debug, Serialize)]
pub(super) struct Unanswered {
    code: Shown,
    message: Shown,
    help: Option<Shown>,
    fate: &'static str,
}

/// A part of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Part {
    pub(super) class: &'static str,
    pub(super) name: &'static str,
    pub(super) ms: f64,
}

#[derive(Debug, Serialize)]
struct Phase {
    name: &'static str,
    time: String,
}

impl Exchange {
    /// The last one; `None` when nothing was rendered.
    pub(super) fn last(step: &StepFinished) -> Option<Self> {
        let request = step.request.as_ref()?;
        Some(Self {
            request: Request::of(request),
            answer: step.answer.as_ref().map(Answer::of),
            no_answer: step.no_answer.as_ref().map(Unanswered::of),
            phases: step.phases.as_ref().map(phases).unwrap_or_default(),
            why: None,
        })
    }

    pub(super) fn earlier(attempt: &Attempt) -> Self {
        Self {
            request: Request::of(&attempt.request),
            answer: attempt.answer.as_ref().map(Answer::of),
            no_answer: attempt.no_answer.as_ref().map(Unanswered::of),
            phases: phases(&attempt.phases),
            why: Some(Shown::line(&attempt.why)),
        }
    }
}

impl Request {
    fn of(request: &record::Request) -> Self {
        let signatures = request.signature.iter().chain(&request.further_signatures);
        Self {
            method: Shown::line(&request.method),
            url: Shown::line(&request.url),
            headers: headers(&request.headers),
            body: Body::of(&request.body),
            signatures: signatures.map(Signature::of).collect(),
            tampered: request.tampered.iter().map(|what| Shown::line(what)).collect(),
        }
    }
}

impl Signature {
    fn of(signature: &record::Signature) -> Self {
        Self {
            profile: Shown::line(&signature.profile),
            scheme: Shown::line(&signature.scheme),
            key_id: Shown::line(&signature.key_id),
            algorithm: Shown::line(&signature.algorithm),
            lines: signature.signing_string.split('\n').map(Shown::line).collect(),
        }
    }
}

impl Answer {
    fn of(answer: &record::Answer) -> Self {
        Self {
            status: answer.status,
            version: Shown::line(&answer.version),
            headers: headers(&answer.headers),
            body: Body::of(&answer.body),
        }
    }
}

impl Unanswered {
    pub(super) fn of(error: &NoAnswer) -> Self {
        Self {
            code: Shown::line(&error.code),
            message: Shown::line(&error.message),
            help: error.help.as_deref().map(Shown::line),
            fate: match error.fate {
                Fate::NotSent => "It was never sent.",
                Fate::MaybeExecuted => "It was sent: the server may have acted on it.",
            },
        }
    }
}

/// A shorter rest is not told, in milliseconds.
const LEAST: f64 = 0.1;

fn headers(headers: &[(String, String)]) -> Vec<(Shown, Shown)> {
    headers.iter().map(|(name, value)| (Shown::line(name), Shown::line(value))).collect()
}

fn phases(phases: &Phases) -> Vec<Phase> {
    let is_telling = |part: &Part| part.class != "rest" || (part.ms >= LEAST && part.ms < phases.total_ms);
    let parts = parts(phases).into_iter().filter(is_telling);
    let parts = parts.map(|part| Phase { name: part.name, time: time(part.ms) });
    parts.chain([Phase { name: "total", time: time(phases.total_ms) }]).collect()
}

/// The parts one after another; what a reused connection did not need is left out.
pub(super) fn parts(phases: &Phases) -> Vec<Part> {
    let known = [
        ("dns", "name lookup", phases.dns_ms),
        ("connect", "connect", phases.connect_ms),
        ("tls", "TLS", phases.tls_ms),
        ("wait", "first byte", phases.first_byte_ms),
    ];
    let mut parts: Vec<Part> = known
        .into_iter()
        .filter_map(|(class, name, ms)| ms.map(|ms| Part { class, name, ms: ms.max(0.0) }))
        .collect();
    let rest = phases.total_ms - parts.iter().map(|part| part.ms).sum::<f64>();
    parts.push(Part { class: "rest", name: "rest", ms: rest.max(0.0) });
    parts
}

/// `0.3 ms`, `6 ms`, `1.2 s`
pub(super) fn time(ms: f64) -> String {
    words::fine(duration(ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_parts_leave_of_the_whole_is_the_rest() {
        let mut given = Phases {
            dns_ms: None,
            connect_ms: Some(0.5),
            tls_ms: None,
            first_byte_ms: Some(2.0),
            total_ms: 4.0,
        };
        let told =
            |phases: &Phases| parts(phases).iter().map(|part| (part.class, part.ms)).collect::<Vec<_>>();
        assert_eq!(told(&given), [("connect", 0.5), ("wait", 2.0), ("rest", 1.5)]);
        given.total_ms = 1.0;
        assert_eq!(told(&given)[2], ("rest", 0.0));
    }

    #[test]
    fn a_time_that_is_none_is_no_panic() {
        assert_eq!([time(-1.0), time(f64::INFINITY), time(0.34)], ["0.0 ms", "0.0 ms", "0.3 ms"]);
    }
}
