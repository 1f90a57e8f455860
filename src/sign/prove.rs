//! Whether a signature verifies, and with which usual mistake it does where it does not.
//!
//! Shared by the schemes that sign one text with one key. Only the texts that go wrong are their
//! own; how secrets, encodings and algorithms go wrong is the same everywhere.

use zeroize::Zeroizing;

use super::algorithm::{Algorithm, EcdsaForm};
use super::encoding::Encoding;
use super::judge::{Candidate, Refusal};
use super::verify::{VerifyingKey, verify_in};

/// A text that is signed instead of the right one, by mistake.
pub(super) struct Mistake {
    /// What the mistake is: a clause without a full stop.
    pub sentence: String,
    /// What is signed then.
    pub text: Vec<u8>,
}

/// A signature to be checked.
pub(super) struct Claim<'a> {
    pub algorithm: Algorithm,
    pub form: EcdsaForm,
    /// What should have been signed.
    pub text: &'a [u8],
    /// The signature, as the message has it.
    pub signature: &'a str,
    /// How it should be written.
    pub encoding: Encoding,
    /// Makes the key of the shared secret.
    pub derive: &'a Derive<'a>,
    /// How else it is made by mistake, and what the mistake is.
    pub otherwise: &'a [(&'static str, &'a Derive<'a>)],
}

/// Makes a key of the shared secret; `None` where that can't be done.
pub(super) type Derive<'a> = dyn Fn(&[u8]) -> Option<Zeroizing<Vec<u8>>> + 'a;

impl Mistake {
    pub fn new(sentence: impl Into<String>, text: impl Into<Vec<u8>>) -> Self {
        Self { sentence: sentence.into(), text: text.into() }
    }
}

fn explained(reason: String, text: &[u8]) -> Refusal {
    Refusal { reason, verifies: Some(String::from_utf8_lossy(text).into_owned()) }
}

impl Claim<'_> {
    /// Why the signature is refused; `None`: it verifies. `mistakes` is asked only when it does not.
    pub fn refusal(
        &self,
        keys: &[Candidate<'_>],
        mistakes: impl FnOnce() -> Vec<Mistake>,
    ) -> Option<Refusal> {
        let Some((right, others)) = keys.split_first() else {
            return Some(Refusal::new("there is no key to check the signature with"));
        };
        if self.algorithm.with(right.key.material()).is_none() {
            let algorithm = self.algorithm;
            let reason = format!("`{algorithm}` needs {}, and {} is none", algorithm.wants(), right.name);
            return Some(Refusal::new(reason));
        }
        let decoded = self.encoding.read(self.signature);
        if decoded.as_ref().is_some_and(|bytes| self.fits(right.key, self.algorithm, self.text, bytes)) {
            return None;
        }
        let same_text = self
            .other_encoding(right.key)
            .or_else(|| self.other_secret(right.key, decoded.as_deref()?))
            .or_else(|| self.other_algorithm(right.key, decoded.as_deref()?))
            .or_else(|| self.other_key(others, decoded.as_deref()?));
        if let Some(reason) = same_text {
            return Some(explained(reason, self.text));
        }
        let Some(bytes) = decoded else {
            return Some(Refusal::new(format!("the signature is not written in {}", self.encoding.name())));
        };
        let found =
            mistakes().into_iter().find(|other| self.fits(right.key, self.algorithm, &other.text, &bytes));
        Some(match found {
            Some(Mistake { sentence, text }) => explained(sentence, &text),
            None => Refusal::new(
                "the signature does not verify, and no usual mistake explains it: another key, or another text",
            ),
        })
    }

    fn fits(&self, key: VerifyingKey<'_>, algorithm: Algorithm, text: &[u8], signature: &[u8]) -> bool {
        match key {
            VerifyingKey::Secret(secret) => (self.derive)(secret).is_some_and(|key| {
                verify_in(self.form, VerifyingKey::Secret(&key), algorithm, text, signature)
            }),
            VerifyingKey::Public(_) => verify_in(self.form, key, algorithm, text, signature),
        }
    }

    fn other_encoding(&self, key: VerifyingKey<'_>) -> Option<String> {
        let fits = |bytes: &[u8]| self.fits(key, self.algorithm, self.text, bytes);
        let wanted = self.encoding.name();
        let read =
            Encoding::ALL.into_iter().filter_map(|encoding| Some((encoding, encoding.read(self.signature)?)));
        for (encoding, bytes) in read {
            if fits(&bytes) {
                return Some(format!("the signature is written in {}, not in {wanted}", encoding.name()));
            }
            let inner = std::str::from_utf8(&bytes).unwrap_or_default();
            let twice = Encoding::ALL
                .into_iter()
                .find(|inner_encoding| inner_encoding.read(inner).is_some_and(|bytes| fits(&bytes)));
            if let Some(inner) = twice {
                let (outer, inner) = (encoding.name(), inner.name());
                return Some(format!(
                    "the signature is encoded twice, {inner} within {outer}; write the raw bytes in {wanted}"
                ));
            }
        }
        None
    }

    fn other_secret(&self, key: VerifyingKey<'_>, signature: &[u8]) -> Option<String> {
        let VerifyingKey::Secret(secret) = key else { return None };
        let fits =
            |secret: &[u8]| self.fits(VerifyingKey::Secret(secret), self.algorithm, self.text, signature);
        let spelt = [
            ("the secret that signed ends in a line break", [secret, b"\n"].concat()),
            ("the secret that signed ends in CR LF", [secret, b"\r\n"].concat()),
            (
                "the secret that signed lacks the blanks or line breaks around it",
                secret.trim_ascii().to_vec(),
            ),
        ];
        if let Some((sentence, _)) = spelt.iter().find(|(_, spelt)| fits(spelt)) {
            return Some((*sentence).to_owned());
        }
        let derived = self.otherwise.iter().find(|(_, derive)| {
            derive(secret).is_some_and(|key| {
                verify_in(self.form, VerifyingKey::Secret(&key), self.algorithm, self.text, signature)
            })
        });
        derived
            .map(|(sentence, _)| (*sentence).to_owned())
            .or_else(|| self.decoded_otherwise(secret, signature))
    }

    /// The secret itself as the key, or decoded where it should not be.
    fn decoded_otherwise(&self, secret: &[u8], signature: &[u8]) -> Option<String> {
        let bare = |key: &[u8]| {
            verify_in(self.form, VerifyingKey::Secret(key), self.algorithm, self.text, signature)
        };
        if bare(secret) {
            return Some(
                "the characters of the secret were the key; it is to be decoded or derived from first".into(),
            );
        }
        let text = std::str::from_utf8(secret.trim_ascii()).ok()?;
        let decoded = Encoding::ALL.into_iter().filter_map(|encoding| Some((encoding, encoding.read(text)?)));
        let mut fitting = decoded.filter(|(_, key)| bare(key));
        fitting.next().map(|(encoding, _)| {
            format!("the secret was decoded from {}, and is not to be: set `key_encoding`", encoding.name())
        })
    }

    fn other_algorithm(&self, key: VerifyingKey<'_>, signature: &[u8]) -> Option<String> {
        let used = Algorithm::ALL.iter().filter(|other| **other != self.algorithm);
        let used = used.copied().find(|other| self.fits(key, *other, self.text, signature))?;
        Some(format!("it was signed with `{used}`, and `{}` is asked for", self.algorithm))
    }

    fn other_key(&self, others: &[Candidate<'_>], signature: &[u8]) -> Option<String> {
        let fits = |other: &&Candidate<'_>| self.fits(other.key, self.algorithm, self.text, signature);
        let used = others.iter().find(fits)?;
        Some(format!("it was signed with {}; sign with the signing key", used.name))
    }
}
