//! Why a signature does not verify: tries the mistakes that people make, and names the one that
//! explains this signature.
//!
//! A bank says only "could not be verified". Here an attempt costs some 30 µs, so a hundred of
//! them are affordable on the way to a refusal. What is found is proof, not a guess: the named
//! mistake is one with which the signature does verify.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::parameters::Parameters;
use super::string::{Covered, components, join, to_bytes};
use super::variations::{Variation, variation};
use crate::sign::algorithm::Algorithm;
use crate::sign::judge::Candidate;
use crate::sign::verify::verify;

/// The mistake that explains a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The signing string as it should have been.
    pub built: String,
    /// The one that verifies.
    pub verifies: String,
    /// What was done differently: a clause without a full stop.
    pub sentence: String,
}

/// What a signature should be of.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// What it covers, as the profile has it: the target may be less than was sent.
    pub covered: &'a Covered<'a>,
    /// What the message says of it.
    pub parameters: &'a Parameters,
    /// The lines of the signing string.
    pub lines: &'a [(String, String)],
    /// Whether a newline stands behind the last one.
    pub trailing_newline: bool,
    /// The target as it was sent.
    pub target: &'a str,
}

/// Finds the usual mistake behind a signature that does not verify. The first candidate is the
/// key that should have signed; `None` when the signature is good, or no usual mistake explains it.
pub fn diagnose(
    covered: &Covered<'_>,
    parameters: &Parameters,
    algorithm: Algorithm,
    candidates: &[Candidate<'_>],
) -> Option<Explanation> {
    let lines = components(covered, parameters).ok()?;
    let target = covered.target;
    let asked = Asked { covered, parameters, lines: &lines, trailing_newline: false, target };
    explain(&asked, algorithm, candidates)
}

/// [`diagnose`] for what a profile asks, which may differ from the draft.
pub(super) fn explain(
    asked: &Asked<'_>,
    algorithm: Algorithm,
    candidates: &[Candidate<'_>],
) -> Option<Explanation> {
    let (right, others) = candidates.split_first()?;
    let built = asked.text();
    let bytes = to_bytes(&built)?;
    let signature = &asked.parameters.signature;
    if verify(right.key, algorithm, &bytes, signature) {
        return None;
    }
    let same_text = encoded_twice(right, algorithm, &bytes, signature)
        .or_else(|| other_algorithm(right, algorithm, &bytes, signature))
        .or_else(|| other_key(others, algorithm, &bytes, signature));
    if let Some(sentence) = same_text {
        return Some(Explanation { verifies: built.clone(), built, sentence });
    }
    let found = variation(asked, &|bytes| verify(right.key, algorithm, bytes, signature));
    found.map(|Variation { sentence, text }| Explanation { built, verifies: text, sentence })
}

impl Asked<'_> {
    /// The signing string.
    pub(super) fn text(&self) -> String {
        join(self.lines) + if self.trailing_newline { "\n" } else { "" }
    }
}

fn encoded_twice(
    right: &Candidate<'_>,
    algorithm: Algorithm,
    text: &[u8],
    signature: &[u8],
) -> Option<String> {
    let inner = STANDARD.decode(signature).ok()?;
    verify(right.key, algorithm, text, &inner)
        .then(|| "the signature is encoded in base64 twice; encode the raw signature once".to_owned())
}

fn other_algorithm(
    right: &Candidate<'_>,
    algorithm: Algorithm,
    text: &[u8],
    signature: &[u8],
) -> Option<String> {
    Algorithm::ALL.iter().filter(|other| **other != algorithm).find_map(|other| {
        verify(right.key, *other, text, signature)
            .then(|| format!("it was signed with `{other}`, and the message says `{algorithm}`"))
    })
}

fn other_key(
    others: &[Candidate<'_>],
    algorithm: Algorithm,
    text: &[u8],
    signature: &[u8],
) -> Option<String> {
    let used = others.iter().find(|other| verify(other.key, algorithm, text, signature))?;
    Some(format!("it was signed with {}; sign with the signing key", used.name))
}

#[cfg(test)]
#[path = "diagnose_tests.rs"]
mod tests;
