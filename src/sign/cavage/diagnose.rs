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
use super::variations::{Variation, variations};
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

/// Finds the usual mistake behind a signature that does not verify. The first candidate is the
/// key that should have signed; `None` when the signature is good, or no usual mistake explains it.
pub fn diagnose(
    covered: &Covered<'_>,
    parameters: &Parameters,
    algorithm: Algorithm,
    candidates: &[Candidate<'_>],
) -> Option<Explanation> {
    let (right, others) = candidates.split_first()?;
    let lines = components(covered, parameters).ok()?;
    let built = join(&lines);
    let bytes = to_bytes(&built)?;
    let signature = &parameters.signature;
    if verify(right.key, algorithm, &bytes, signature) {
        return None;
    }
    let same_text = encoded_twice(right, algorithm, &bytes, signature)
        .or_else(|| other_algorithm(right, algorithm, &bytes, signature))
        .or_else(|| other_key(others, algorithm, &bytes, signature));
    if let Some(sentence) = same_text {
        return Some(Explanation { verifies: built.clone(), built, sentence });
    }
    let found = variations(covered, parameters, &lines)
        .into_iter()
        .find(|variation| verify(right.key, algorithm, &variation.bytes, signature));
    found.map(|Variation { sentence, text, .. }| Explanation { built, verifies: text, sentence })
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
