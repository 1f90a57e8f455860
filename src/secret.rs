//! Secrets, and the [`Redactor`] that keeps them out of everything that is shown or stored.
//!
//! A secret is remembered the moment it is learned, before it is used; every sink (terminal,
//! report, snapshot, log, panic) writes through [`Redactor::redact`].

use std::borrow::Cow;
use std::sync::{Arc, RwLock};

pub use secrecy::{ExposeSecret, SecretString};

/// Knows every secret of a run in all its encodings, and replaces each by its name in brackets.
///
/// Clones share what they know: a secret that one step learns must be masked in the output of
/// every other, which is why this is the one piece of shared state in a run.
#[derive(Clone, Default)]
pub struct Redactor(Arc<RwLock<Vec<(String, String)>>>);

impl Redactor {
    /// Remembers a secret under the name that replaces it.
    pub fn remember(&self, name: &str, secret: &str) {
        let mut known = self.0.write().expect("nothing panics while it holds the lock");
        known.push((name.to_owned(), secret.to_owned()));
    }

    /// The text without any secret.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let known = self.0.read().expect("nothing panics while it holds the lock");
        known.iter().fold(Cow::Borrowed(text), |text, (name, secret)| {
            if text.contains(secret.as_str()) {
                Cow::Owned(text.replace(secret.as_str(), &format!("[{name}]")))
            } else {
                text
            }
        })
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Redactor")
    }
}
