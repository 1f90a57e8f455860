//! The bank as a verifier of any signing profile: every path answers, and what is checked is what
//! the profile says.
//!
//! A request that is not signed as one profile says may be as another does: with several, the first
//! that verifies decides. When none does, the refusal that explains the most is told.

use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::sign::{self, Candidate, Moment, Profile, VerifyingKey};

use super::answer::{Problem, Refusal};
use super::bank::Judgement;
use super::clients::{Client, ClientKey, Register};
use super::log::Check;
use super::request::Received;

/// Judges a request by the profiles, at least one.
pub(super) fn judge(
    profiles: &[Profile],
    request: &Received,
    (client, register): (&Client, &Register),
    moment: Moment,
) -> Judgement {
    let received = request.as_message();
    let candidates = candidates(client, register);
    let mut refused: Option<(usize, &Profile, sign::Judgement)> = None;
    for profile in profiles {
        let judgement = profile.scheme().judge(&received, &candidates, moment);
        if judgement.verified() {
            return verified(profile, judgement);
        }
        let told = told(&judgement);
        if refused.as_ref().is_none_or(|(most, ..)| told > *most) {
            refused = Some((told, profile, judgement));
        }
    }
    let (_, profile, judgement) = refused.expect("the bank is given at least one profile");
    refusal(profile, judgement).into()
}

/// How much a refusal explains: a mistake that was found, before a signature that was read.
fn told(judgement: &sign::Judgement) -> usize {
    let explained = judgement.refusal.as_ref().is_some_and(|refusal| refusal.verifies.is_some());
    2 * usize::from(explained) + usize::from(!judgement.signing_string.is_empty())
}

fn verified(profile: &Profile, judgement: sign::Judgement) -> Judgement {
    let components: Vec<Value> =
        judgement.components.iter().map(|(name, value)| json!([name, value])).collect();
    let outcome = json!({
        "verified": true,
        "profile": profile.name(),
        "scheme": profile.scheme().name(),
        "key_id": judgement.key_id,
        "algorithm": judgement.algorithm,
        "components": components,
        "signing_string": judgement.signing_string,
    });
    Judgement { outcome: Ok(outcome), signing_string: Some(judgement.signing_string) }
}

fn refusal(profile: &Profile, judgement: sign::Judgement) -> Refusal {
    let found = judgement.refusal.expect("a judgement that does not verify has a refusal");
    let reason = format!("not signed as `{}` says: {}", profile.name(), found.reason);
    Refusal {
        signing_string: Some(judgement.signing_string).filter(|text| !text.is_empty()),
        verifies: found.verifies,
        ..Refusal::new(Check::Signature, Problem::Unsigned, reason)
    }
}

/// The key that should have signed, then those that people take in its place.
pub(super) fn candidates<'a>(client: &'a Client, register: &'a Register) -> Vec<Candidate<'a>> {
    let key = |name, key: &'a ClientKey| Candidate::new(name, key.verifying());
    let tls = VerifyingKey::Public(client.tls_certificate.public_key());
    let mut candidates = vec![
        key(client.signing_key.registered(), &client.signing_key),
        Candidate {
            certificate: Some(&client.tls_certificate),
            ..Candidate::new("the key of the TLS certificate", tls)
        },
    ];
    let others = register.iter().filter(|other| other.client_id != client.client_id);
    candidates.extend(others.map(|other| key("the signing key of another client", &other.signing_key)));
    candidates
}

impl ClientKey {
    pub(super) fn verifying(&self) -> VerifyingKey<'_> {
        match self {
            Self::Public(key) => VerifyingKey::Public(key),
            Self::Secret(secret) => VerifyingKey::Secret(secret.expose_secret().as_bytes()),
        }
    }

    fn registered(&self) -> &'static str {
        match self {
            Self::Public(_) => "the registered signing key",
            Self::Secret(_) => "the registered secret",
        }
    }
}
