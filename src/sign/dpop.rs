//! Demonstrating Proof of Possession (RFC 9449): a proof that the client has the private key its
//! token is bound to, made for one request.

use std::fmt;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::algorithm::Algorithm;
use super::client::{ready, without_query};
use super::jwt::{Jwt, JwtKind, Making};
use super::key::Ready;
use super::{SignError, jose};
use crate::keys::PrivateKey;
use crate::message::{Answer, Message};

/// The header field that carries the proof.
pub const DPOP: &str = "DPoP";
/// What a server says that wants a nonce in the proof (sections 8 and 9).
const USE_NONCE: &str = "use_dpop_nonce";

/// The key that tokens are bound to: made ready once, used for every proof.
pub struct Prover {
    key: Ready,
    jwk: Value,
    thumbprint: String,
}

/// What is particular to one proof. Its `Debug` leaves out the token.
#[derive(Clone, PartialEq, Eq)]
pub struct Proof {
    /// Its id, which is never used twice.
    pub id: String,
    /// The token that is sent with it.
    pub token: Option<String>,
    /// The nonce that the server gave.
    pub nonce: Option<String>,
}

impl fmt::Debug for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Proof");
        shown.field("id", &self.id).field("nonce", &self.nonce).finish_non_exhaustive()
    }
}

impl Prover {
    /// Refuses a key of the wrong kind before anything is sent. Without an algorithm, it is the
    /// one that belongs to the key.
    pub fn new(key: PrivateKey, algorithm: Option<Algorithm>) -> Result<Self, SignError> {
        let public = key.public().clone();
        let key = ready(&key.into(), algorithm)?;
        Ok(Self { key, jwk: jose::jwk(&public), thumbprint: jose::thumbprint(&public) })
    }

    /// The thumbprint of its public key (RFC 7638), as tokens name it (`jkt`).
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

/// Adds the proof to the message.
pub fn prove(
    message: &mut Message,
    prover: &Prover,
    proof: &Proof,
    making: Making,
) -> Result<Jwt, SignError> {
    let header =
        Map::from_iter([("typ".to_owned(), Value::from("dpop+jwt")), ("jwk".to_owned(), prover.jwk.clone())]);
    let mut claims = Map::from_iter([
        ("jti".to_owned(), Value::from(proof.id.as_str())),
        ("htm".to_owned(), Value::from(message.method.as_str())),
        ("htu".to_owned(), Value::from(without_query(message))),
        ("iat".to_owned(), Value::from(making.at.timestamp())),
    ]);
    let ath = proof.token.as_deref().map(|token| Value::from(jose::encode(Sha256::digest(token))));
    claims.extend(ath.map(|ath| ("ath".to_owned(), ath)));
    claims.extend(proof.nonce.as_deref().map(|nonce| ("nonce".to_owned(), Value::from(nonce))));
    let made = Jwt::make(JwtKind::DpopProof, header, claims, &prover.key, making)?;
    message.headers.set(DPOP, made.value.as_str());
    Ok(made)
}

/// The nonce that an answer gives for the next proof.
pub fn given_nonce(answer: &Answer) -> Option<&str> {
    let mut given = answer.headers.all("dpop-nonce");
    given.next().filter(|nonce| !nonce.is_empty() && given.next().is_none())
}

/// The nonce that an answer asks for: the server has not acted on the request, and wants it again
/// with this nonce in its proof.
pub fn asked_nonce(answer: &Answer) -> Option<&str> {
    let said = match answer.status {
        400 => says_in_body(answer),
        401 => says_in_challenge(answer) || says_in_body(answer),
        _ => false,
    };
    given_nonce(answer).filter(|_| said)
}

/// As authorisation servers say it (RFC 6749, section 5.2).
fn says_in_body(answer: &Answer) -> bool {
    let body = serde_json::from_slice::<Value>(&answer.body);
    body.is_ok_and(|body| body["error"] == USE_NONCE)
}

/// As resource servers say it (RFC 9110, section 11.6.1).
fn says_in_challenge(answer: &Answer) -> bool {
    answer.headers.all("www-authenticate").any(|challenges| {
        let lower = challenges.to_ascii_lowercase();
        let begins = |place: &usize| *place == 0 || lower[..*place].trim_end().ends_with(',');
        let mut schemes = lower.match_indices("dpop ").map(|(place, _)| place);
        let Some(place) = schemes.find(begins) else { return false };
        let rest = lower[place..].replace(' ', "");
        rest.contains(&format!("error=\"{USE_NONCE}\"")) || rest.contains(&format!("error={USE_NONCE}"))
    })
}

#[cfg(test)]
#[path = "dpop_tests.rs"]
mod tests;
