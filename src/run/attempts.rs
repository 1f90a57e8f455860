//! Why a request is sent again, if it is. Every attempt starts at the template: ids, dates, digest,
//! assertion and signature are new, since a signed message that comes twice is a replay.
//!
//! A server that wants a nonce in the DPoP proof says so instead of acting on the request (RFC 9449,
//! sections 8 and 9): that is no failed attempt, and happens once between two that are.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::nonces::Nonces;
use super::redirect::{Chain, Refused};
use super::retry;
use crate::check;
use crate::clock::Ids;
use crate::cookies::Jar;
use crate::secret::Redactor;
use crate::select::Subject;
use crate::send::Exchange;
use crate::sign::{JwtKind, asked_nonce, given_nonce};
use crate::spec::{Expect, Request, Retry};

/// Which attempt at a step a message is made for, and what is known then.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// How many attempts there were before.
    pub earlier: usize,
    /// The nonces that servers gave so far.
    pub nonces: Nonces,
    /// Whether the last attempt was made because of a nonce.
    nonced: bool,
    /// How many attempts `retry` has counted since `until` asked last.
    failed: u32,
    /// The redirects that were followed.
    pub(super) chain: Chain,
    /// How long these have taken.
    pub(super) spent: Duration,
    /// The cookies that the party has.
    pub(super) jar: Jar,
    /// When the first answer came that `until` did not take.
    unheld_since: Option<Instant>,
}

/// What is asked of a step's attempts.
pub(super) struct Asking<'a> {
    pub(super) request: &'a Request,
    pub(super) retry: Option<&'a Retry>,
    /// How many redirects are followed.
    pub(super) redirects: u32,
    /// What `until` waits for, and the secrets that are masked when it is compared.
    pub(super) awaited: Option<(&'a Expect, &'a Redactor)>,
    /// What the run believes the time is.
    pub(super) now: DateTime<Utc>,
    /// What delays are drawn from.
    pub(super) chance: Ids,
}

/// The request is to be sent again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Again {
    /// Why: a clause without a full stop.
    pub(super) why: String,
    /// After how long.
    pub(super) wait: Duration,
}

impl Turn {
    /// The first, with the nonces and cookies that servers gave so far.
    pub(super) fn first(nonces: Nonces, jar: Jar) -> Self {
        Self { nonces, jar, ..Self::default() }
    }

    /// What the random values of an attempt depend on, beside the step: a second attempt with the
    /// ids of the first would be a replay.
    pub(super) fn name(&self, step: &str) -> String {
        match self.earlier {
            0 => step.to_owned(),
            earlier => format!("{step}#{}", earlier + 1),
        }
    }

    /// Notes the nonce that an answer gives.
    pub(super) fn note(&mut self, environment: &str, exchange: &Exchange) {
        let nonce = exchange.answer.as_ref().ok().and_then(given_nonce);
        if let Some(nonce) = nonce {
            self.nonces.note(environment, &exchange.signed.message().url, nonce);
        }
    }

    /// Whether the request is to be sent again after this exchange; if so, this turn is the next.
    pub(super) fn again(
        &mut self,
        asking: &Asking<'_>,
        exchange: &Exchange,
    ) -> Result<Option<Again>, Refused> {
        let nonced = !self.nonced && wants_nonce(exchange);
        let again = if nonced {
            Some(Again { why: "the server gave a nonce for the DPoP proof".into(), wait: Duration::ZERO })
        } else if let Some(again) = self.retry(asking, exchange) {
            Some(again)
        } else if let Some(why) = self.chain.follow(asking.redirects, exchange)? {
            self.failed = 0;
            self.spent += exchange.phases.total;
            Some(Again { why, wait: Duration::ZERO })
        } else {
            self.poll(asking, exchange)
        };
        self.nonced = nonced;
        self.earlier += usize::from(again.is_some());
        Ok(again)
    }

    fn retry(&mut self, asking: &Asking<'_>, exchange: &Exchange) -> Option<Again> {
        let retry = asking.retry?;
        self.failed += 1;
        if self.failed >= retry.attempts || !retry::is_due(retry, asking.request, exchange) {
            return None;
        }
        let asked = exchange.answer.as_ref().ok().and_then(|answer| retry::asked(answer, asking.now));
        let wait = retry::delay(retry, self.failed, asked, &asking.chance);
        let what = match &exchange.answer {
            Ok(answer) => format!("the server answered {}", answer.status),
            Err(error) => error.message.clone(),
        };
        let asked = asked.map(|asked| format!(" and asked to wait {}", seconds(asked))).unwrap_or_default();
        Some(Again { why: format!("{what}{asked}; `retry` waited {}", seconds(wait)), wait })
    }
}

impl Turn {
    /// Whether what `until` waits for has not come, and there is time to ask again.
    fn poll(&mut self, asking: &Asking<'_>, exchange: &Exchange) -> Option<Again> {
        let until = asking.request.until.as_ref()?;
        let (awaited, redactor) = asking.awaited?;
        let answer = exchange.answer.as_ref().ok()?;
        let subject = Subject::new(answer).knowing(exchange.facts(None));
        if check::until(awaited, &subject, redactor).iter().all(|outcome| outcome.held) {
            return None;
        }
        let unheld_since = *self.unheld_since.get_or_insert_with(Instant::now);
        if unheld_since.elapsed() + until.every > until.within {
            return None;
        }
        (self.failed, self.chain, self.spent) = (0, Chain::default(), Duration::ZERO);
        let why = format!("`until` did not hold and waited {}", seconds(until.every));
        Some(Again { why, wait: until.every })
    }
}

/// Whether the server wants a nonce in the proof, and there is a proof that it could go into.
fn wants_nonce(exchange: &Exchange) -> bool {
    let asked = exchange.answer.as_ref().ok().and_then(asked_nonce);
    let proved = exchange.signed.tokens().iter().any(|token| token.kind == JwtKind::DpopProof);
    asked.is_some() && proved
}

/// `120 s`, `1.3 s`
pub(super) fn seconds(duration: Duration) -> String {
    match duration.subsec_millis() {
        0 => format!("{} s", duration.as_secs()),
        millis => format!("{}.{:03} s", duration.as_secs(), millis),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Answer, Headers, Message};
    use crate::send::Phases;
    use crate::sign::SignedMessage;

    #[test]
    fn a_request_that_proves_nothing_is_never_sent_twice_whatever_the_server_asks_for() {
        let message = Message {
            method: "POST".into(),
            url: "https://bank.example/payments".parse().unwrap(),
            headers: Headers::new(),
            body: "{}".into(),
        };
        let answer = Answer {
            status: 400,
            version: "HTTP/1.1".into(),
            headers: [("dpop-nonce", "once")].into_iter().collect(),
            body: r#"{"error":"use_dpop_nonce"}"#.into(),
        };
        assert!(asked_nonce(&answer).is_some());
        let signed = SignedMessage::unsigned(message);
        let exchange = Exchange { signed, answer: Ok(answer), phases: Phases::default(), server: None };
        assert!(!wants_nonce(&exchange));
    }
}
