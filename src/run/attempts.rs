//! A request is sent once, and once more in one case: a server that wants a nonce in the DPoP proof
//! says so instead of acting on the request (RFC 9449, sections 8 and 9). The second attempt starts
//! at the template again: ids, dates, digest, assertion and signature are new. There is no third.

use super::nonces::Nonces;
use crate::send::Exchange;
use crate::sign::{JwtKind, asked_nonce, given_nonce};

/// Which attempt at a step a message is made for, and what is known then.
#[derive(Debug, Clone, Default)]
pub struct Turn {
    /// How many attempts there were before.
    pub earlier: usize,
    /// The nonces that servers gave so far.
    pub nonces: Nonces,
}

impl Turn {
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

    /// Whether the request is to be sent again.
    pub(super) fn is_to_be_repeated(&self, exchange: &Exchange) -> bool {
        let asked = exchange.answer.as_ref().ok().and_then(asked_nonce);
        let proved = exchange.signed.tokens().iter().any(|token| token.kind == JwtKind::DpopProof);
        // Without a proof there is nothing that the nonce could go into.
        self.earlier == 0 && asked.is_some() && proved
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
        assert!(!Turn::default().is_to_be_repeated(&exchange));
    }
}
