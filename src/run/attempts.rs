//! A request is sent once, and once more in one case: a server that wants a nonce in the DPoP proof
//! says so instead of acting on the request (RFC 9449, sections 8 and 9). The second attempt starts
//! at the template again: ids, dates, digest, assertion and signature are new. There is no third.

use super::nonces::Nonces;
use crate::send::Exchange;
use crate::sign::{asked_nonce, given_nonce};

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
        self.earlier == 0 && asked.is_some()
    }
}
