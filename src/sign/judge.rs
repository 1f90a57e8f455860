//! What verifying a captured message finds: that its signature fits, or what differs.
//!
//! A bank says only "could not be verified". Here the usual mistakes are tried, and the one with
//! which the signature does verify is named: proof, not a guess.

use chrono::{DateTime, TimeDelta, Utc};

use super::verify::VerifyingKey;
use crate::keys::Certificate;

/// A key that may have signed. The first of several is the one that should have.
#[derive(Clone, Copy)]
pub struct Candidate<'a> {
    /// What it is, for the sentence: `the key of the TLS certificate`.
    pub name: &'a str,
    /// Its public half, or the shared secret.
    pub key: VerifyingKey<'a>,
    /// The certificate of the key, where it is known: what a message says of it is compared then.
    pub certificate: Option<&'a Certificate>,
}

impl<'a> Candidate<'a> {
    /// A key of which no certificate is known.
    pub const fn new(name: &'a str, key: VerifyingKey<'a>) -> Self {
        Self { name, key, certificate: None }
    }
}

/// The clock that a message is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// What the time is.
    pub now: DateTime<Utc>,
    /// How far a message's own time may be off, either way.
    pub skew: TimeDelta,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The key that the message names, if it names one.
    pub key_id: Option<String>,
    /// The algorithm as the message names it, or as the profile does where it is silent.
    pub algorithm: Option<String>,
    /// What is signed, in order: names as they stand in the signing string, and values.
    pub components: Vec<(String, String)>,
    /// The signing string that the message asks for; empty when none could be built.
    pub signing_string: String,
    /// Why the signature is refused; `None`: it verifies.
    pub refusal: Option<Refusal>,
}

/// Why a signature is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// A clause without a full stop.
    pub reason: String,
    /// The signing string with which the signature does verify, where one was found.
    pub verifies: Option<String>,
}

impl Judgement {
    /// Whether the signature verifies and nothing else is wrong.
    pub fn verified(&self) -> bool {
        self.refusal.is_none()
    }

    /// Of a message in which there was nothing to check a signature against.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self {
            key_id: None,
            algorithm: None,
            components: Vec::new(),
            signing_string: String::new(),
            refusal: Some(Refusal::new(reason)),
        }
    }
}

impl Refusal {
    /// For a reason.
    pub fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), verifies: None }
    }
}
