//! The journey of one step, the heart of the program:
//!
//! ```text
//! render → sign → send → check → snapshot
//! ```

use std::sync::Arc;
use std::time::Instant;

use indexmap::IndexMap;

use super::Surroundings;
use super::asked::Asked;
use super::attempts::Turn;
use super::clients::StepClient;
use super::compose::Failure;
use super::expiry::says_expired;
use super::nonces::Nonces;
use super::prepare::Prepared;
use super::rest::Rests;
use super::stop::{Polled, Stop};
use crate::check::{self, Captured, Outcome, Shown, binding, check, contract, masks, signature};
use crate::contract::{Exchanged, Judged};
use crate::cookies::Jar;
use crate::diag::Code;
use crate::message::{Answer, Message};
use crate::render::{Rendered, Scope};
use crate::report::{Earlier, Problem, SnapshotResult, Status, StepLabel, StepResult};
use crate::select::Subject;
use crate::send::Exchange;
use crate::sign::{Prover, SignedMessage};
use crate::snapshot::{self, Comparison, Content, Metadata, Mode, SnapshotError, Store};
use crate::spec::Request;

/// What a step leaves behind for those that need it.
#[derive(Debug, Clone)]
pub(super) struct Legacy {
    pub(super) captures: IndexMap<String, Captured>,
    /// Not kept of the cases of a request, of which there may be thousands.
    pub(super) answer: Option<Answer>,
    /// The cookies that the party has by now.
    pub(super) jar: Jar,
}

/// What a step begins with.
pub(super) struct Start {
    pub(super) index: usize,
    pub(super) label: StepLabel,
    pub(super) scope: Scope,
    /// The nonces that servers gave so far.
    pub(super) nonces: Nonces,
    /// The cookies that the steps which it needs were given.
    pub(super) jar: Jar,
    /// Whether its answer is compared with its snapshot.
    pub(super) compares: bool,
    /// A step that it needs and that did not pass: it runs all the same, without what that one would
    /// have left behind.
    pub(super) lacks: Option<String>,
    /// What was sent before, with a token that had expired.
    pub(super) earlier: Vec<Earlier>,
    /// Whether it is carried out by itself, outside of the run's schedule, and how often it was sent
    /// before: nobody fetches it another token then.
    pub(super) alone: Option<usize>,
    pub(super) rests: Rests,
    /// When the run began.
    pub(super) origin: Instant,
}

/// A step that ended.
pub(super) struct Ended {
    pub(super) result: StepResult,
    /// The nonces that servers gave it.
    pub(super) nonces: Nonces,
    /// Whether its expectations held. A snapshot that differs is for a person to judge and keeps
    /// nothing from running: one run shows every snapshot that waits for review.
    pub(super) passed: bool,
    /// Of a step that got an answer.
    pub(super) legacy: Option<Legacy>,
    /// Whether it is to be carried out once more with a new token; nothing was judged then.
    pub(super) wants_token: bool,
}

impl Ended {
    /// A step that left nothing behind.
    pub(super) fn with(result: StepResult) -> Self {
        Self { result, nonces: Nonces::default(), passed: false, legacy: None, wants_token: false }
    }
}

/// Takes one step from its request to its verdict.
pub(super) async fn carry_out(prepared: Arc<Prepared>, start: Start) -> Ended {
    let Start { index, label, scope, nonces, jar, compares, lacks, earlier, alone, rests, origin } = start;
    #[cfg(test)]
    assert_ne!(label.name, super::PANICS, "a step panics");
    let began = Instant::now();
    let mut turn = Turn::first(nonces, jar);
    turn.earlier = alone.unwrap_or_default() + earlier.len();
    let renews = alone.is_none() && earlier.is_empty();
    let journey = Journey { prepared: &prepared, index, compares, renews, rests };
    let mut result = StepResult { earlier, ..StepResult::new(index, label, Status::Error) };
    let (passed, legacy) = match journey.go(&scope, &mut turn, &mut result).await {
        Ok(Some((rendered, exchange))) if journey.wants_token(&rendered, &exchange) => {
            let why = "the server said that its token had expired".to_owned();
            result.earlier.push(Earlier { exchange, why, token: false });
            return Ended { wants_token: true, nonces: turn.nonces, ..Ended::with(result) };
        }
        Ok(Some((rendered, exchange))) => journey.end(&rendered, exchange, &mut result),
        Ok(None) => (false, None),
        Err(problems) => {
            refused(problems, lacks, &mut result);
            (false, None)
        }
    };
    let legacy = legacy.map(|legacy| Legacy { jar: turn.jar, ..legacy });
    result.started = began.duration_since(origin);
    result.duration = began.elapsed();
    Ended { nonces: turn.nonces, passed, legacy, ..Ended::with(result) }
}

/// One step on its way.
pub(super) struct Journey<'a> {
    pub(super) prepared: &'a Arc<Prepared>,
    pub(super) index: usize,
    compares: bool,
    /// Whether it may be carried out once more with a new token.
    renews: bool,
    pub(super) rests: Rests,
}

impl Journey<'_> {
    pub(super) fn request(&self) -> &Request {
        self.prepared.request(self.index)
    }

    pub(super) fn stop(&self) -> Stop<'_> {
        self.prepared.stop(self.index)
    }

    /// Sends the request, unless it says itself that it does not run.
    async fn go(
        &self,
        scope: &Scope,
        turn: &mut Turn,
        result: &mut StepResult,
    ) -> Result<Option<(Rendered, Exchange)>, Vec<Problem>> {
        let skip =
            self.prepared.skip(self.index, scope).map_err(|problems| self.stop().rendering(problems))?;
        if let Some(reason) = skip {
            result.status = Status::Skipped;
            result.problems = vec![self.stop().skipped_by_request(&reason)];
            return Ok(None);
        }
        self.attempts(scope, turn, result).await.map(Some)
    }

    /// Whether the request asks for a new token where the answer says that it expired, and it did.
    pub(super) fn wants_token(&self, rendered: &Rendered, exchange: &Exchange) -> bool {
        let asks = self.renews && self.request().token.as_ref().is_some_and(|token| token.refresh_on_401);
        asks && rendered.token && exchange.answer.as_ref().is_ok_and(says_expired)
    }

    /// The message, as it will be sent.
    pub(super) async fn message(
        &self,
        scope: &Scope,
        turn: &Turn,
    ) -> Result<(Rendered, SignedMessage), Vec<Problem>> {
        self.composed(scope, turn).await.map_err(|failure| match failure {
            Failure::Rendering(diagnostics) => self.stop().rendering(diagnostics),
            Failure::Client(error) => vec![self.stop().client(&error)],
            Failure::Signing { error, index } => vec![self.stop().signing(&error, index)],
        })
    }

    /// A program that signs or tells a secret is waited for on a thread of its own: the answers of
    /// other steps come in meanwhile.
    async fn composed(&self, scope: &Scope, turn: &Turn) -> Result<(Rendered, SignedMessage), Failure> {
        let (prepared, index) = (Arc::clone(self.prepared), self.index);
        if !prepared.may_wait(index) {
            return prepared.message(index, scope, turn);
        }
        let (scope, turn) = (scope.clone(), turn.clone());
        let composing = tokio::task::spawn_blocking(move || prepared.message(index, &scope, &turn));
        composing.await.unwrap_or_else(|broke| std::panic::resume_unwind(broke.into_panic()))
    }

    fn end(
        &self,
        rendered: &Rendered,
        exchange: Exchange,
        result: &mut StepResult,
    ) -> (bool, Option<Legacy>) {
        let answer = match &exchange.answer {
            Ok(answer) => answer.clone(),
            Err(error) => {
                result.problems.push(self.stop().exchange(error));
                result.exchange = Some(exchange);
                return (false, None);
            }
        };
        let signed = self.signature(exchange.signed.message(), &answer);
        let facts = exchange.facts(signed.as_ref().map(|outcome| outcome.held));
        let subject = Subject::new(&answer).knowing(facts);
        let mut asked = self.schema(&subject);
        asked.extend(signed);
        asked.extend(self.binding(&answer));
        let judged = self.contract(rendered, &exchange.signed, &answer);
        asked.extend(contract(judged.findings));
        result.reached = judged.reach;
        let ended = if self.is_awaited_in_vain(rendered, &subject, result) {
            (false, None)
        } else {
            let (held, legacy) = self.judge(rendered, &subject, asked, result);
            (held, Some(legacy))
        };
        result.exchange = Some(exchange);
        ended
    }

    /// Whether what `until` waits for has not come; then nothing else is said about the answer.
    fn is_awaited_in_vain(
        &self,
        rendered: &Rendered,
        subject: &Subject<'_>,
        result: &mut StepResult,
    ) -> bool {
        let (Some(awaited), Some(until)) = (&rendered.until, &self.request().until) else { return false };
        result.outcomes = check::until(awaited, subject, &self.prepared.surroundings.redactor);
        let asked = Polled { attempts: result.attempts() + 1, within: until.within };
        let missing = result.outcomes.iter().filter(|outcome| !outcome.held);
        result.problems.extend(missing.map(|outcome| self.stop().not_reached(outcome, &asked)));
        result.status = Status::Failed;
        !result.problems.is_empty()
    }

    /// Whether the answer satisfies its schema, where that is asked.
    fn schema(&self, subject: &Subject<'_>) -> Vec<Outcome> {
        let redactor = &self.prepared.surroundings.redactor;
        let schema = &self.prepared.asked(self.index).schema;
        schema.iter().flat_map(|schema| schema.judge(subject, redactor)).collect()
    }

    /// Whether the answer is signed, where that is asked.
    fn signature(&self, sent: &Message, answer: &Answer) -> Option<Outcome> {
        let Surroundings { clock, redactor, .. } = &self.prepared.surroundings;
        let signer = self.prepared.asked(self.index).signature.as_ref()?;
        Some(signature(signer, sent, answer, clock.now(), redactor))
    }

    /// What the exchange is by the contract, if it has one. A request that is broken on purpose is
    /// not judged, only its answer.
    fn contract(&self, rendered: &Rendered, signed: &SignedMessage, answer: &Answer) -> Judged {
        let Asked { contract: Some(contract), requests, .. } = self.prepared.asked(self.index) else {
            return Judged::default();
        };
        let host = self.prepared.party(self.index).host.as_ref();
        let exchanged = Exchanged {
            sent: signed.message(),
            answer,
            host: host.map_or("", |host| host.path()),
            own_origin: rendered.own_origin,
            requests: *requests && signed.tampered().is_empty(),
        };
        contract.judge(&exchanged, &self.prepared.surroundings.redactor)
    }

    /// Whether a token in the answer is bound to what the request showed for it.
    fn binding(&self, answer: &Answer) -> Vec<Outcome> {
        let StepClient { authenticator, prover, certificate } = self.prepared.client(self.index);
        let shown = Shown {
            key: prover.as_deref().map(Prover::thumbprint),
            certificate: certificate.as_deref(),
            authenticates: authenticator.is_some(),
        };
        if authenticator.is_none() && prover.is_none() {
            return Vec::new();
        }
        binding(&shown, answer, &self.prepared.surroundings.redactor)
    }

    fn judge(
        &self,
        rendered: &Rendered,
        subject: &Subject<'_>,
        asked: Vec<Outcome>,
        result: &mut StepResult,
    ) -> (bool, Legacy) {
        let redactor = &self.prepared.surroundings.redactor;
        let answer = subject.answer();
        let mut verdict = check(&rendered.expect, &self.request().capture, subject, redactor);
        verdict.outcomes.extend(asked);
        let held = verdict.held();
        let failed = verdict.outcomes.iter().filter(|outcome| !outcome.held);
        result.problems.extend(failed.map(|outcome| self.stop().outcome(outcome, answer, redactor)));
        result.outcomes.extend(verdict.outcomes);
        if held && self.compares {
            self.compare(answer, result);
        }
        result.status = if result.problems.is_empty() { Status::Passed } else { Status::Failed };
        let alone = self.prepared.plan.steps[self.index].case.is_none();
        (
            held,
            Legacy { captures: verdict.captures, answer: alone.then(|| answer.clone()), jar: Jar::default() },
        )
    }

    /// Compares the answer with its snapshot; only when every expectation held.
    fn compare(&self, answer: &Answer, result: &mut StepResult) {
        // With variables that another request sets, the answer depends on who asks.
        let alone = self.prepared.plan.steps[self.index].with.is_none();
        let Some(settings) = self.request().snapshot.as_ref().filter(|_| alone) else { return };
        let surroundings = &self.prepared.surroundings;
        let request = self.request();
        let metadata = Metadata {
            source: result.label.file.to_string_lossy().replace('\\', "/"),
            expression: format!("{} {}", request.method, request.endpoint),
            request: self.fingerprints(&result.label.file),
        };
        let (id, name) = self.prepared.snapshot(self.index);
        let compared = snapshot::content(settings, &masks(&request.capture), answer, &surroundings.redactor)
            .and_then(|content| Ok((self.against(&id, &metadata, &content)?, content.unused)));
        match compared {
            Ok((comparison, unused)) => {
                let snapshot = SnapshotResult { file: Store::file(&id).into(), comparison, unused };
                result.problems.extend(self.stop().snapshot(&snapshot, &name));
                result.snapshot = Some(snapshot);
            }
            Err(error) => result.problems.push(self.stop().snapshot_error(&error)),
        }
    }

    /// What a snapshot that waits says of the files that it was made by.
    fn fingerprints(&self, file: &std::path::Path) -> Option<String> {
        let known = &self.prepared.suite.fingerprints;
        let suite_file = snapshot::SUITE_FILES.iter().find_map(|file| known.get(std::path::Path::new(file)));
        Some(snapshot::fingerprints(known.get(file)?, suite_file.map(String::as_str)))
    }

    /// A request that runs in several environments has one snapshot for all of them, unless it says
    /// otherwise. What one of them leaves for review stays, though the next may match; and none is
    /// accepted unseen over another's.
    fn against(&self, id: &str, metadata: &Metadata, content: &Content) -> Result<Comparison, SnapshotError> {
        let (store, mode) = (&self.prepared.store, self.prepared.surroundings.snapshots);
        if !self.prepared.shares_its_snapshot(self.index) {
            return store.compare(id, metadata, content, mode);
        }
        match store.compare(id, metadata, content, Mode::No)? {
            Comparison::Match => Ok(Comparison::Match),
            Comparison::Mismatch { .. } if mode == Mode::Always => {
                store.compare(id, metadata, content, Mode::New)
            }
            _ => store.compare(id, metadata, content, mode),
        }
    }
}

/// A step that runs after one that did not pass may lack what that would have captured: then
/// there is nothing to clean up.
pub(super) fn refused(problems: Vec<Problem>, lacks: Option<String>, result: &mut StepResult) {
    let is_missing = |problem: &Problem| problem.code == Code::Undefined;
    match lacks {
        Some(because) if problems.iter().all(is_missing) => {
            result.status = Status::Skipped;
            result.problems = vec![Stop::skipped(&because)];
        }
        _ => result.problems = problems,
    }
}
