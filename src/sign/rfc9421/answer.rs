//! Signing answers: what a server does, for whoever plays one.
//!
//! A client never needs it, so that it stands beside [`sign`](crate::sign::sign) and not in it:
//! no answer can become a request that is sent.

use chrono::{DateTime, Utc};

use super::make::{add_digest, make};
use crate::message::{Received, Start};
use crate::sign::{Filled, Scheme, SignError, Signature, Signer, With};

/// Adds to an answer the signature that its profile asks for, and the digest of its body.
pub fn sign_answer(
    answer: &mut Received,
    signer: &Signer,
    filled: &Filled,
    at: DateTime<Utc>,
) -> Result<Signature, SignError> {
    let refused = |message: &str| SignError::Unsignable { message: message.to_owned(), help: None };
    let Scheme::Rfc9421(settings) = signer.profile().scheme() else {
        return Err(refused("only profiles of the scheme `rfc9421` sign answers"));
    };
    if !matches!(answer.start, Start::Answer { .. }) {
        return Err(refused("this is a request, not an answer"));
    }
    let certificate = signer.certificate.as_ref();
    let with = With { key: &signer.key, key_id: &filled.key_id, values: &filled.values, certificate, at };
    add_digest(&mut answer.headers, &answer.body, settings);
    let mut signature = make(answer, settings, &with)?.carry(&mut answer.headers, settings)?;
    signer.profile().name().clone_into(&mut signature.profile);
    Ok(signature)
}
