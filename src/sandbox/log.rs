//! What the sandbox tells about each request, as data: one [`Entry`] for every answer and every
//! refused handshake.
//!
//! The sandbox calls a function instead of printing: `countersign sandbox` writes lines, a run
//! keeps the entries for its report, a test reads them. No entry ever holds a token or a key.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};

/// The checks, in the order they are made. The first that fails answers the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// TLS 1.2 or later, with a registered client certificate.
    Tls,
    /// The path is there and takes this method.
    Route,
    /// The right header field carries the signature.
    Carrier,
    /// The signature's parameters are complete, unambiguous and fit the key.
    Parameters,
    /// Enough is signed, and everything that is named is there.
    Components,
    /// `Date` is near the sandbox's clock.
    Date,
    /// `Digest` is the body's.
    Digest,
    /// The key belongs to the client of the TLS certificate.
    KeyId,
    /// The signature verifies over the request as received.
    Signature,
    /// The access token is known, fresh, the client's, and wide enough.
    Token,
    /// The form body asks for something that the endpoint gives.
    Form,
    /// The request id is new.
    Replay,
    /// Size, time and number stay within the sandbox's bounds.
    Limits,
}

impl Check {
    /// The place in the order; the bounds hold everywhere and have none.
    pub const fn number(self) -> Option<u8> {
        match self {
            Self::Limits => None,
            _ => Some(self as u8),
        }
    }

    /// The name, as it is shown and documented.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Tls => "tls",
            Self::Route => "route",
            Self::Carrier => "carrier",
            Self::Parameters => "parameters",
            Self::Components => "components",
            Self::Date => "date",
            Self::Digest => "digest",
            Self::KeyId => "key_id",
            Self::Signature => "signature",
            Self::Token => "token",
            Self::Form => "form",
            Self::Replay => "replay",
            Self::Limits => "limits",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// One request, or one handshake that came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// When it was answered, by the sandbox's clock.
    #[serde(serialize_with = "rfc3339")]
    pub at: DateTime<Utc>,
    /// Where it came from.
    pub peer: SocketAddr,
    /// The client that the TLS certificate belongs to; `None` before that is known.
    pub client: Option<String>,
    /// The method; `None` when no request came.
    pub method: Option<String>,
    /// Path and query as received; `None` when no request came.
    pub target: Option<String>,
    /// The status of the answer; `None` when there was no answer.
    pub status: Option<u16>,
    /// The check that refused it; `None` when all held.
    pub check: Option<Check>,
    /// Why it was refused.
    pub reason: Option<String>,
    /// The signing string that the sandbox built, where it came so far.
    pub signing_string: Option<String>,
    /// The signing string that the signature does verify over, where that was found.
    pub verifies: Option<String>,
    /// The client's `X-ING-ReqID`.
    pub request_id: Option<String>,
    /// The answer's `X-ING-Response-ID`.
    pub response_id: Option<String>,
}

impl Entry {
    /// What is known before a request came.
    pub(super) fn new(at: DateTime<Utc>, peer: SocketAddr) -> Self {
        Self {
            at,
            peer,
            client: None,
            method: None,
            target: None,
            status: None,
            check: None,
            reason: None,
            signing_string: None,
            verifies: None,
            request_id: None,
            response_id: None,
        }
    }
}

/// One line, whatever the client sent.
impl fmt::Display for Entry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ", timestamp(self.at))?;
        match &self.client {
            Some(client) => write!(formatter, "{}", shown(client))?,
            None => write!(formatter, "{}", self.peer)?,
        }
        if let (Some(method), Some(target)) = (&self.method, &self.target) {
            write!(formatter, " {} {}", shown(method), shown(target))?;
        }
        if let Some(status) = self.status {
            write!(formatter, " {status}")?;
        }
        if let (Some(check), Some(reason)) = (self.check, &self.reason) {
            write!(formatter, " {check}: {}", shown(reason))?;
        }
        Ok(())
    }
}

/// Where entries go. Clones share the destination.
#[derive(Clone)]
pub struct Log(Arc<dyn Fn(&Entry) + Send + Sync>);

impl Log {
    /// Calls `write` for every entry, on the sandbox's thread: it should be quick.
    pub fn new(write: impl Fn(&Entry) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    /// Keeps nothing.
    pub fn silent() -> Self {
        Self::new(|_| ())
    }

    pub(super) fn write(&self, entry: &Entry) {
        (self.0)(entry);
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Log")
    }
}

/// The longest excerpt of a client's text that is shown.
const SHOWN: usize = 400;

/// A client's text with everything escaped that could move a cursor, end a line or hide itself.
pub(super) fn shown(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars().take(SHOWN) {
        match character {
            ' '..='~' | '…' => escaped.push(character),
            _ if character.is_alphanumeric() => escaped.push(character),
            _ => escaped.extend(character.escape_default()),
        }
    }
    if text.chars().nth(SHOWN).is_some() {
        escaped.push('…');
    }
    escaped
}

fn timestamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

fn rfc3339<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&timestamp(*at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_cannot_forge_a_line_or_colour_of_the_log() {
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        let entry = Entry {
            client: Some("shop".into()),
            method: Some("GET".into()),
            target: Some("/a\r\n::error::x\u{1b}[31m\u{9b}".into()),
            status: Some(404),
            check: Some(Check::Route),
            reason: Some("nothing\nhere".into()),
            ..Entry::new(at, "127.0.0.1:4711".parse().unwrap())
        };
        assert_eq!(
            entry.to_string(),
            "2023-11-14T22:13:20.000Z shop GET /a\\r\\n::error::x\\u{1b}[31m\\u{9b} 404 route: nothing\\nhere"
        );
    }

    #[test]
    fn the_checks_are_numbered_as_documented() {
        let numbers = [
            (Check::Tls, 0),
            (Check::Route, 1),
            (Check::Carrier, 2),
            (Check::Parameters, 3),
            (Check::Components, 4),
            (Check::Date, 5),
            (Check::Digest, 6),
            (Check::KeyId, 7),
            (Check::Signature, 8),
            (Check::Token, 9),
            (Check::Form, 10),
            (Check::Replay, 11),
        ];
        for (check, number) in numbers {
            assert_eq!(check.number(), Some(number), "{check}");
        }
        assert_eq!(Check::Limits.number(), None);
    }
}
