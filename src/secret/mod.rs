//! Secrets, and the [`Redactor`] that keeps them out of everything that is shown or stored.
//!
//! A secret is remembered the moment it is learned, before it is used; every sink (terminal,
//! report, snapshot, log, panic) writes through [`Redactor::redact`]. What is found is the union
//! of all matches, not the first of several that overlap: a secret inside another, or two that
//! share a part, leave nothing behind.

mod encoding;
mod known;
mod passphrase;
mod piece;
mod view;
mod writer;
#[cfg(test)]
mod tests;

pub use passphrase::Passphrase;
pub use piece::Piece;
pub use secrecy::{ExposeSecret, SecretString};
pub use writer::RedactingWriter;

use std::borrow::Cow;
use std::sync::{Arc, RwLock, RwLockReadGuard};

use serde_json::Value;

use crate::limits;
use known::{Found, Known, SHORT_MASK};

/// Knows every secret of a run in all its encodings, and replaces each by its name in brackets.
///
/// Clones share what they know: a secret that one step learns must be masked in the output of
/// every other, which is why this is the one piece of shared state in a run.
#[derive(Clone, Default)]
pub struct Redactor(Arc<RwLock<Arc<Known>>>);

/// Whether a secret is long enough to be searched for: replacing every `1234` would blank the
/// output and protect nothing. Whoever learns a shorter one should warn.
pub fn is_maskable(secret: &str) -> bool {
    secret.len() >= limits::SHORTEST_MASKED_SECRET
}

impl Redactor {
    /// Remembers a secret under the name that replaces it; nothing happens when it is not
    /// [maskable](is_maskable).
    pub fn remember(&self, name: &str, secret: &str) {
        let mut known = self.0.write().expect("nothing panics while it holds the lock");
        if let Some(more) = known.with(name, secret) {
            *known = Arc::new(more);
        }
    }

    /// [`Redactor::remember`] for every text and number in a value.
    pub fn remember_all(&self, name: &str, value: &Value) {
        match value {
            Value::Null | Value::Bool(_) => {}
            Value::String(text) => self.remember(name, text),
            Value::Number(number) => self.remember(name, number.as_str()),
            Value::Array(list) => list.iter().for_each(|value| self.remember_all(name, value)),
            Value::Object(map) => map.values().for_each(|value| self.remember_all(name, value)),
        }
    }

    /// [`Redactor::remember`] until it is [forgotten](Redactor::forget): for what every request has
    /// anew, such as its signature. Thousands of them would make every search slow.
    pub fn remember_for_now(&self, name: &str, secret: &str) {
        let mut known = self.0.write().expect("nothing panics while it holds the lock");
        if let Some(more) = known.with_passing(name, secret) {
            *known = Arc::new(more);
        }
    }

    /// Ends what [`Redactor::remember_for_now`] began: nothing that holds the secret is shown any
    /// more.
    pub fn forget(&self, secret: &str) {
        let mut known = self.0.write().expect("nothing panics while it holds the lock");
        *known = Arc::new(known.without(secret));
    }

    /// The text without any secret, in whatever encoding it stands there.
    ///
    /// Redacting twice gives the same as redacting once.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.redact_bytes(text.as_bytes()) {
            Cow::Borrowed(_) => Cow::Borrowed(text),
            Cow::Owned(bytes) => Cow::Owned(
                String::from_utf8(bytes)
                    .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            ),
        }
    }

    /// [`Redactor::redact`] for what may not be text.
    pub fn redact_bytes<'a>(&self, bytes: &'a [u8]) -> Cow<'a, [u8]> {
        let known = self.known();
        if known.is_empty() {
            return Cow::Borrowed(bytes);
        }
        let mut redacted = match known.find(bytes).as_slice() {
            [] => return Cow::Borrowed(bytes),
            found => replace(bytes, found, |secret| known.mask(secret)),
        };
        // A mask and its neighbours can only become a secret when that secret has brackets in it.
        // The short mask is shorter than any secret, so this ends.
        loop {
            match known.find(&redacted).as_slice() {
                [] => return Cow::Owned(redacted),
                found => redacted = replace(&redacted, found, |_| SHORT_MASK),
            }
        }
    }

    /// Whether the text has a secret in it, in any encoding.
    pub fn contains_secret(&self, text: &str) -> bool {
        let known = self.known();
        !known.is_empty() && !known.find(text.as_bytes()).is_empty()
    }

    /// One that knows what is known now, and learns and forgets nothing.
    #[must_use]
    pub fn frozen(&self) -> Self {
        Self(Arc::new(RwLock::new(Arc::clone(&self.known()))))
    }

    fn known(&self) -> RwLockReadGuard<'_, Arc<Known>> {
        self.0.read().expect("nothing panics while it holds the lock to write")
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Redactor")
    }
}

fn replace<'k>(bytes: &[u8], found: &[Found], mask: impl Fn(usize) -> &'k str) -> Vec<u8> {
    let mut replaced = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for Found { range, secret } in found {
        replaced.extend_from_slice(&bytes[done..range.start]);
        replaced.extend_from_slice(mask(*secret).as_bytes());
        done = range.end;
    }
    replaced.extend_from_slice(&bytes[done..]);
    replaced
}
