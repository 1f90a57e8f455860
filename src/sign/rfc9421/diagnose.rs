//! Why a signature does not verify: tries the mistakes that people make with RFC 9421, and names
//! the one with which this signature does verify.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ECDSA;
use super::algorithm::spoken_name;
use super::base::Lines;
use super::input::Signed;
use super::variations::variation;
use crate::message::Received;
use crate::sign::algorithm::{Algorithm, EcdsaForm};
use crate::sign::cavage::{join, to_bytes};
use crate::sign::judge::Candidate;
use crate::sign::verify::{verify_any_salt, verify_in};

/// A signature that does not verify, with everything that it may have been made of.
pub(super) struct Question<'a> {
    pub received: &'a Received,
    pub signed: &'a Signed,
    pub lines: &'a Lines,
    pub algorithm: Algorithm,
    /// The key that should have signed.
    pub key: Candidate<'a>,
    /// Others that may have.
    pub others: &'a [Candidate<'a>],
}

/// The mistake that explains a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Explanation {
    /// The text that verifies.
    pub verifies: String,
    /// What was done differently: a clause without a full stop.
    pub sentence: String,
}

/// Finds the usual mistake behind a signature that does not verify.
pub(super) fn diagnose(question: &Question<'_>) -> Option<Explanation> {
    let built = join(question.lines);
    let text = to_bytes(&built)?;
    let same_text = other_form(question, &text)
        .or_else(|| other_algorithm(question, &text))
        .or_else(|| other_key(question, &text));
    if let Some(sentence) = same_text {
        return Some(Explanation { verifies: built, sentence });
    }
    let good = |text: &[u8]| {
        verify_in(ECDSA, question.key.key, question.algorithm, text, &question.signed.signature)
    };
    let found = variation(question, &good)?;
    Some(Explanation { verifies: found.text, sentence: found.sentence })
}

/// The right signature, written otherwise.
fn other_form(question: &Question<'_>, text: &[u8]) -> Option<String> {
    let Question { signed, algorithm, key, .. } = question;
    if verify_in(EcdsaForm::Der, key.key, *algorithm, text, &signed.signature) {
        return Some("the ECDSA signature is written in DER; it must be r and s side by side".to_owned());
    }
    let inner = STANDARD.decode(&signed.signature).ok()?;
    verify_in(ECDSA, key.key, *algorithm, text, &inner)
        .then(|| "the signature is encoded in base64 twice; encode the raw signature once".to_owned())
}

fn other_algorithm(question: &Question<'_>, text: &[u8]) -> Option<String> {
    let Question { signed, algorithm, key, .. } = question;
    let others = Algorithm::ALL.iter().copied();
    let others = others.filter(|other| *other != *algorithm && *other != Algorithm::Hs2019);
    let used = others.into_iter().find(|other| verify_in(ECDSA, key.key, *other, text, &signed.signature));
    let asked = spoken_name(*algorithm);
    match used {
        Some(used) => Some(format!("it was signed with `{}`, and must be with `{asked}`", spoken_name(used))),
        None => verify_any_salt(key.key, *algorithm, text, &signed.signature)
            .then(|| format!("the salt has another length; that of `{asked}` is 64 bytes long")),
    }
}

fn other_key(question: &Question<'_>, text: &[u8]) -> Option<String> {
    let used = question.others.iter().find(|other| {
        let named = [question.algorithm, Algorithm::Hs2019];
        named
            .iter()
            .any(|algorithm| verify_in(ECDSA, other.key, *algorithm, text, &question.signed.signature))
    })?;
    Some(format!("it was signed with {}; sign with {}", used.name, question.key.name))
}
