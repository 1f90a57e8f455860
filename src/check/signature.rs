//! `expect.signature`: whether the answer is signed by whom it should be.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

use super::Outcome;
use crate::diag::{Code, escape, pointer};
use crate::keys::{Certificate, PublicKey};
use crate::limits;
use crate::message::{Answer, Message, Received};
use crate::secret::Redactor;
use crate::sign::{Candidate, Moment, Profile, VerifyingKey};

/// Whom an answer must be signed by, and how.
#[derive(Debug)]
pub struct AnswerKey {
    /// How.
    pub profile: Profile,
    /// What the key is called in sentences.
    pub named: String,
    /// The key.
    pub key: AnswerSigner,
    /// Its certificate, where the file of the key is one.
    pub certificate: Option<Certificate>,
}

/// What verifies the signature of an answer.
#[derive(Debug)]
pub enum AnswerSigner {
    /// The server's public key.
    Public(PublicKey),
    /// The secret that both sides know.
    Secret(SecretString),
}

impl From<PublicKey> for AnswerSigner {
    fn from(key: PublicKey) -> Self {
        Self::Public(key)
    }
}

impl From<String> for AnswerSigner {
    fn from(secret: String) -> Self {
        Self::Secret(secret.into())
    }
}

/// Judges the signature of the answer to `sent` by the clock of the run.
pub fn signature(
    expected: &AnswerKey,
    sent: &Message,
    answer: &Answer,
    now: DateTime<Utc>,
    redactor: &Redactor,
) -> Outcome {
    let key = match &expected.key {
        AnswerSigner::Public(key) => VerifyingKey::Public(key),
        AnswerSigner::Secret(secret) => VerifyingKey::Secret(secret.expose_secret().as_bytes()),
    };
    let received = Received::answer(answer, sent);
    let moment = Moment { now, skew: limits::SIGNATURE_SKEW };
    let candidates =
        [Candidate { certificate: expected.certificate.as_ref(), ..Candidate::new(&expected.named, key) }];
    let judgement = expected.profile.scheme().judge(&received, &candidates, moment);
    let profile = match expected.profile.name() {
        "" => String::new(),
        name => format!(" as the profile `{name}` says,"),
    };
    Outcome {
        pointer: pointer(["expect", "signature"]),
        code: Code::ExpectSignature,
        held: judgement.verified(),
        selector: "signature".into(),
        wanted: format!("an answer signed{profile} with {}", expected.named),
        got: match judgement.refusal {
            None => "verified".into(),
            Some(refusal) => format!("refused: {}", escape(&redactor.redact(&refusal.reason))),
        },
    }
}
