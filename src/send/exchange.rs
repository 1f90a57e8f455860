//! What came of sending a message.

use std::sync::Arc;
use std::time::Duration;

use crate::diag::Code;
use crate::keys::Certificate;
use crate::message::Answer;
use crate::select::Facts;
use crate::sign::SignedMessage;

/// One message sent, and what came back.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What was sent.
    pub signed: SignedMessage,
    /// The answer, or why there is none that can be used.
    pub answer: Result<Answer, ExchangeError>,
    /// How long each part took.
    pub phases: Phases,
    /// The certificate of the server, whether or not it was shown for this message: a kept
    /// connection remembers it. None where there is no TLS.
    pub server: Option<Arc<Certificate>>,
}

impl Exchange {
    /// What is known of the answer; `signed` says whether its signature verified, where one was
    /// asked for.
    pub fn facts(&self, signed: Option<bool>) -> Facts<'_> {
        Facts {
            duration: Some(self.phases.total),
            url: Some(&self.signed.message().url),
            certificate: self.server.as_deref(),
            signed,
        }
    }
}

/// How long the parts of an exchange took; what a reused connection did not need is `None`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// Name lookup.
    pub dns: Option<Duration>,
    /// TCP connection.
    pub connect: Option<Duration>,
    /// TLS handshake.
    pub tls: Option<Duration>,
    /// From the request being handed over to the head of the answer.
    pub first_byte: Option<Duration>,
    /// The whole exchange.
    pub total: Duration,
}

/// Why there is no usable answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeError {
    /// The stable code.
    pub code: Code,
    /// One sentence that names the cause: a lower-case fragment.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// What may have become of the request.
    pub fate: Fate,
}

/// What may have become of a request that got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was never sent.
    NotSent,
    /// It was sent, wholly or in part: the server may have acted on it.
    MaybeExecuted,
}
