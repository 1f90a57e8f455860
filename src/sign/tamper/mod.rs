//! Breaking a signed request on purpose, to see it refused: one small function for each way.
//!
//! Nothing here is random. A test that breaks a request must break the same thing in every run,
//! and only the one thing that it names: what else could be refused is left right. Of a message with
//! several signatures, the first is broken.

mod message;
mod signing;
mod word;

#[cfg(test)]
mod scheme_tests;
#[cfg(test)]
mod tests;

use chrono::{DateTime, TimeDelta, Utc};

pub use word::TamperWordError;

use super::{Filled, Making, SignError, SignedMessage, Signer};
use crate::message::Message;

/// One way to break a signed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tamper {
    /// `body`: one character of the body is another than the one that was signed.
    Body,
    /// `digest`: the digest is that of another body.
    Digest,
    /// `date(-1h)`: signed, rightly, by a clock that is this far off.
    Date(TimeDelta),
    /// `signature`: one character of the signature is another.
    Signature,
    /// `target`: the query is another than the one that was signed.
    Target,
    /// `drop(HEADER)`: removed after signing.
    Drop(String),
    /// `duplicate(HEADER)`: sent twice.
    Duplicate(String),
    /// `unsigned(COMPONENT)`: sent, and left out of what is signed.
    Unsigned(String),
    /// `algorithm(NAME)`: the message names an algorithm that it was not signed with.
    Algorithm(String),
    /// `key(IDENTITY)`: signed with another identity's key.
    Key(String),
    /// `token_of(IDENTITY)`: another identity's token is sent.
    TokenOf(String),
    /// `certificate_of(IDENTITY)`: sent over another identity's connection.
    CertificateOf(String),
    /// `replay`: sent twice, and the second answer is judged.
    Replay,
}

impl Tamper {
    /// The identity whose key, token or connection is used.
    pub fn identity(&self) -> Option<&str> {
        match self {
            Self::Key(identity) | Self::TokenOf(identity) | Self::CertificateOf(identity) => Some(identity),
            _ => None,
        }
    }

    /// Whether it breaks the signature, or what is signed: a request that is not signed has none.
    fn needs_signature(&self) -> bool {
        matches!(
            self,
            Self::Date(_) | Self::Signature | Self::Unsigned(_) | Self::Algorithm(_) | Self::Key(_)
        )
    }
}

/// The moment that a request is signed at, by a clock that may be off on purpose.
pub fn moment(tampers: &[Tamper], now: DateTime<Utc>) -> DateTime<Utc> {
    tampers.iter().fold(now, |now, tamper| match tamper {
        Tamper::Date(off) => now.checked_add_signed(*off).unwrap_or(now),
        _ => now,
    })
}

/// What a message was before it was signed, and how it was signed.
#[derive(Clone, Copy)]
pub struct Before<'a> {
    /// The message, its tokens in it.
    pub message: &'a Message,
    /// What signed it; `None`: nothing did.
    pub signing: Option<(&'a Signer, &'a Filled)>,
    /// When.
    pub at: DateTime<Utc>,
}

/// Breaks a message that was signed, in the order written. What is broken by signing it otherwise,
/// or by sending it otherwise, is only noted.
pub fn apply(
    mut signed: SignedMessage,
    tampers: &[Tamper],
    before: Before<'_>,
) -> Result<SignedMessage, SignError> {
    for tamper in tampers {
        let done = if tamper.needs_signature() && signed.signatures.is_empty() {
            Err("the request is not signed".to_owned())
        } else {
            broken(&mut signed, tamper, before)
        };
        done.map_err(|reason| SignError::Tamper { tamper: tamper.to_string(), reason })?;
        signed.tampered.push(tamper.clone());
    }
    Ok(signed)
}

fn broken(signed: &mut SignedMessage, tamper: &Tamper, before: Before<'_>) -> Result<(), String> {
    match tamper {
        Tamper::Body => {
            message::body(&mut signed.message)?;
            let vouched = message::says_hash(&signed.message) || before.signs(message::body);
            if vouched { Ok(()) } else { Err("the profile does not sign the body".to_owned()) }
        }
        Tamper::Digest => message::digest(&mut signed.message),
        Tamper::Target => {
            message::target(&mut signed.message)?;
            let signs = before.signs(message::target);
            if signs { Ok(()) } else { Err("the profile does not sign the query".to_owned()) }
        }
        Tamper::Drop(header) => message::drop(&mut signed.message, header),
        Tamper::Duplicate(header) => message::duplicate(&mut signed.message, header),
        Tamper::Signature => signing::signature(signed),
        Tamper::Algorithm(name) => signing::algorithm(signed, name),
        Tamper::Date(_) if before.message.headers.contains("date") => {
            Err("the request sets `Date` itself".to_owned())
        }
        Tamper::Date(_)
        | Tamper::Unsigned(_)
        | Tamper::Key(_)
        | Tamper::TokenOf(_)
        | Tamper::CertificateOf(_)
        | Tamper::Replay => Ok(()),
    }
}

impl Before<'_> {
    /// Whether another text is signed once the message is changed. Of a message that is not signed,
    /// and of one that can't be signed any more, nothing is known: yes.
    fn signs(&self, change: impl FnOnce(&mut Message) -> Result<(), String>) -> bool {
        let Some((signer, filled)) = self.signing else { return true };
        let signed = |message| {
            let making = Making { at: self.at, rehearsal: true };
            let rehearsed = SignedMessage::unsigned(message).and_signed(signer, filled, making).ok()?;
            Some(rehearsed.signature()?.signing_string.clone())
        };
        let mut changed = self.message.clone();
        let done = change(&mut changed);
        let texts = (signed(self.message.clone()), signed(changed));
        !(done.is_ok() && texts.0.is_some() && texts.0 == texts.1)
    }
}
