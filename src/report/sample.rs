//! A small run for the tests of reporters: real messages, really signed, and every way to end.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use url::Url;

use super::Reporter;
use super::event::{Earlier, Event, Place, Problem, SnapshotResult, Status, StepLabel, StepResult, Summary};
use crate::check::Outcome;
use crate::clock::parse_http_date;
use crate::diag::{Code, Diagnostic, SourceId, Sources, Span};
use crate::keys::PrivateKey;
use crate::message::{Answer, Headers, Message};
use crate::send::{Exchange, ExchangeError, Fate, Phases};
use crate::sign::{Filled, Profile, SignedMessage, Signer, SigningKey, sign};
use crate::snapshot::Comparison;

pub(super) const FILE: &str = "requests/greeting.yaml";
pub(super) const YAML: &str = "token: token
method: GET
endpoint: /greetings/single
expect:
  status: 200
  body:
    $.message: Welcome to ING!
snapshot: {}
";

/// The request files of the run.
pub(super) fn sources() -> (Sources, SourceId) {
    let mut sources = Sources::default();
    let id = sources.add(FILE, YAML);
    (sources, id)
}

pub(super) fn label(name: &str, method: &str, endpoint: &str) -> StepLabel {
    StepLabel {
        place: 0,
        case: None,
        name: name.into(),
        selector: name.into(),
        environment: "embedded".into(),
        identity: None,
        file: PathBuf::from(format!("requests/{name}.yaml")),
        method: method.into(),
        endpoint: endpoint.into(),
        selected: true,
        needs: Vec::new(),
    }
}

pub(super) fn labels() -> Vec<StepLabel> {
    vec![label("token", "POST", "/oauth2/token"), label("greeting", "GET", "/greetings/single")]
}

/// A step of [`labels`] that ended well.
pub(super) fn passed(index: usize) -> StepResult {
    let label = labels().remove(index);
    let body = ["grant_type=client_credentials", ""][index];
    let answer = [r#"{"access_token":"t0ken-from-the-bank"}"#, r#"{"message":"Welcome!"}"#][index];
    StepResult {
        duration: Duration::from_millis([6, 2][index]),
        exchange: Some(exchange(&label, body, Ok(self::answer(200, answer)))),
        outcomes: vec![outcome("status", "200", "200", true)],
        ..StepResult::new(index, label, Status::Passed)
    }
}

/// `greeting`, with whatever is wrong with it.
pub(super) fn greeting(status: Status, problems: Vec<Problem>) -> StepResult {
    StepResult { status, problems, ..passed(1) }
}

/// `greeting` that was sent twice.
pub(super) fn sent_again() -> StepResult {
    let passed = passed(1);
    let why = "the server gave a nonce for the DPoP proof".into();
    let earlier = passed.exchange.clone().map(|exchange| Earlier { exchange, why, token: false });
    StepResult { earlier: earlier.into_iter().collect(), ..passed }
}

/// `greeting` that was skipped because of `token`.
pub(super) fn skipped() -> StepResult {
    let problem = problem(Diagnostic::error(Code::SkippedDependency, "`token` did not pass"));
    StepResult { exchange: None, outcomes: Vec::new(), ..greeting(Status::Skipped, vec![problem]) }
}

/// `greeting` whose message is not the expected one.
pub(super) fn wrong_message() -> StepResult {
    let (sources, id) = sources();
    let at = YAML.find("Welcome").unwrap();
    let diagnostic = Diagnostic::error(Code::ExpectBody, "`$.message` is \"Welcome!\"")
        .at(Span::new(id, at, at + "Welcome to ING!".len()), "wanted \"Welcome to ING!\"");
    let mut result = greeting(Status::Failed, vec![placed(diagnostic, &sources)]);
    result.outcomes.push(outcome("$.message", "equals \"Welcome to ING!\"", "\"Welcome!\"", false));
    result
}

/// `greeting` compared with its snapshot.
pub(super) fn compared(comparison: Comparison) -> StepResult {
    let (sources, id) = sources();
    let at = YAML.find("{}").unwrap();
    let help = "if this is right: `countersign snapshots accept greeting`";
    let (code, message) = match comparison {
        Comparison::New { .. } => (Code::SnapshotNew, "there is no snapshot `snapshots/greeting.snap` yet"),
        _ => (Code::SnapshotChanged, "the answer differs from `snapshots/greeting.snap`"),
    };
    let diagnostic = Diagnostic::error(code, message).at(Span::new(id, at, at + 2), "").help(help);
    let is_wrong = matches!(comparison, Comparison::New { .. } | Comparison::Mismatch { .. });
    let (status, problems) = if is_wrong {
        (Status::Failed, vec![placed(diagnostic, &sources)])
    } else {
        (Status::Passed, Vec::new())
    };
    let snapshot = Some(SnapshotResult {
        file: "snapshots/greeting.snap".into(),
        comparison,
        unused: vec!["$.idd".into()],
    });
    StepResult { snapshot, ..greeting(status, problems) }
}

/// `token` that got no answer.
pub(super) fn unanswered() -> StepResult {
    let mut result = passed(0);
    let error = ExchangeError {
        code: Code::AnswerTimeout,
        message: "no answer within 5 s".into(),
        help: Some("give it more time: `timeout: 30s`".into()),
        fate: Fate::MaybeExecuted,
    };
    let diagnostic = Diagnostic::error(error.code, error.message.clone())
        .help("give it more time: `timeout: 30s`")
        .help("the request was sent: the server may have acted on it");
    result.exchange = Some(exchange(&result.label, "grant_type=client_credentials", Err(error)));
    StepResult { status: Status::Error, outcomes: Vec::new(), problems: vec![problem(diagnostic)], ..result }
}

pub(super) fn problem(diagnostic: Diagnostic) -> Problem {
    placed(diagnostic, &Sources::default())
}

pub(super) fn placed(diagnostic: Diagnostic, sources: &Sources) -> Problem {
    let place = diagnostic.labels.first().map(|label| {
        let position = sources.position(label.span);
        Place { file: FILE.into(), line: position.line, column: position.column }
    });
    Problem {
        code: diagnostic.code,
        message: diagnostic.message.clone(),
        place,
        help: diagnostic.help.clone(),
        excerpt: None,
        diagnostic: Some(diagnostic),
    }
}

pub(super) fn outcome(selector: &str, wanted: &str, got: &str, held: bool) -> Outcome {
    Outcome {
        pointer: format!("/expect/{selector}"),
        code: Code::ExpectBody,
        held,
        selector: selector.into(),
        wanted: wanted.into(),
        got: got.into(),
    }
}

pub(super) fn answer(status: u16, body: &str) -> Answer {
    Answer {
        status,
        version: "HTTP/1.1".into(),
        headers: [("content-type", "application/json")].into_iter().collect(),
        body: Bytes::copy_from_slice(body.as_bytes()),
    }
}

fn exchange(label: &StepLabel, body: &str, answer: Result<Answer, ExchangeError>) -> Exchange {
    let phases = Phases {
        connect: Some(Duration::from_micros(300)),
        first_byte: Some(Duration::from_millis(5)),
        total: Duration::from_millis(6),
        ..Phases::default()
    };
    Exchange { signed: signed(label, body), answer, phases, server: None }
}

fn signed(label: &StepLabel, body: &str) -> SignedMessage {
    let mut headers: Headers =
        [("X-ING-ReqID", "6d0b0d1a-6b1d-4b43-8a43-5d0b3f2f8f10")].into_iter().collect();
    if label.name != "token" {
        headers.append("Authorization", "Bearer t0ken-from-the-bank");
    }
    let message = Message {
        method: label.method.clone(),
        url: Url::parse("https://127.0.0.1:8443").unwrap().join(&label.endpoint).unwrap(),
        headers,
        body: Bytes::copy_from_slice(body.as_bytes()),
    };
    let key = PrivateKey::read(include_bytes!("../../tests/fixtures/keys/rsa.pkcs8.pem")).unwrap();
    let signer = Signer::new(Profile::shipped("ing").unwrap(), SigningKey::from(key), None).unwrap();
    let at = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
    sign(message, &signer, &Filled::key_id("e77d776b"), at).unwrap()
}

/// Tells a reporter of a run in which these steps ended.
pub(super) fn tell(reporter: &mut dyn Reporter, results: &[StepResult]) {
    let steps: Vec<StepLabel> = results.iter().map(|result| result.label.clone()).collect();
    let count = |status| results.iter().filter(|result| result.status == status).count();
    let pending = |result: &&StepResult| {
        matches!(
            result.snapshot.as_ref().map(|snapshot| &snapshot.comparison),
            Some(Comparison::New { pending: true, .. } | Comparison::Mismatch { pending: true, .. })
        )
    };
    let summary = Summary {
        passed: count(Status::Passed),
        failed: count(Status::Failed),
        errors: count(Status::Error),
        skipped: count(Status::Skipped),
        flaky: results.iter().filter(|result| result.flaky).count(),
        duration: Duration::from_millis(41),
        pending: results.iter().filter(pending).count(),
        contracts: Vec::new(),
        class: results.iter().flat_map(|result| &result.problems).map(|problem| problem.code.class()).max(),
        cut_short: None,
    };
    reporter
        .event(&Event::RunStarted {
            at: parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap(),
            environment: "embedded",
            shard: None,
            steps: &steps,
        })
        .unwrap();
    for result in results {
        reporter.event(&Event::StepStarted { index: result.index }).unwrap();
        reporter.event(&Event::StepEnded { index: result.index }).unwrap();
        reporter.event(&Event::StepFinished(&Arc::new(result.clone()))).unwrap();
    }
    reporter.event(&Event::RunFinished(&summary)).unwrap();
    reporter.finish().unwrap();
}
