//! HTTP signatures: schemes are code, one file each; profiles are data.
//!
//! [`sign`] is the only way to a signed message, and it reads everything it signs from the message
//! that will be sent: there is no second copy of a header that could differ.

mod algorithm;
mod certificate;
mod client;
mod encoding;
mod error;
pub mod cavage;
pub mod rfc9421;
pub mod jws;
pub mod hmac;
pub mod aws_sigv4;
pub mod oauth1;
pub mod digest;
mod ecdsa;
mod external;
#[cfg(test)]
mod external_tests;
mod dpop;
mod jose;
mod guess;
mod judge;
mod jwt;
mod key;
mod made;
mod profile;
mod profile_error;
mod prove;
mod scheme;
mod seen;
mod serial;
mod shipped;
mod tamper;
mod text_or;
mod verify;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use indexmap::IndexMap;

pub use algorithm::{Algorithm, EcdsaForm, Material};
pub use certificate::certificate_variables;
pub use client::{
    Authenticator, ClientFilled, ClientMethod, authenticate, basic, certificate_thumbprint, jose_algorithm,
    jose_algorithms, jose_name,
};
pub use dpop::{DPOP, Proof, Prover, asked_nonce, given_nonce, prove};
pub use encoding::{Encoding, KeyEncoding};
pub use error::SignError;
pub use external::{External, ProgramInput, ProgramOutput};
pub use guess::{Guess, guess};
pub use judge::{Candidate, Judgement, Moment, Refusal};
pub use jwt::{Jwt, JwtKind, Making, unverified_claims};
pub use key::SigningKey;
pub use made::{Made, made};
pub use profile::{HeaderTemplate, KeyId, Profile, ProfileError};
pub use scheme::Scheme;
pub use tamper::{Before, Tamper, TamperWordError, apply as tamper, moment};
pub use verify::{VerifyingKey, verify, verify_in};

use crate::keys::Certificate;
use crate::message::{Headers, Message, Received, Start};

/// A profile with the key that signs: made once, used for every request.
pub struct Signer {
    profile: Profile,
    key: Arc<key::Ready>,
    certificate: Option<Certificate>,
}

/// What the templates of a profile say for one message. Its `Debug` leaves out the values, which
/// may be secret.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// The identifier of the key that the message names.
    pub key_id: String,
    /// The templates among the settings of the scheme, by name ([`Scheme::templates`]).
    pub values: IndexMap<String, String>,
}

/// What a scheme signs with.
struct With<'a> {
    key: &'a key::Ready,
    key_id: &'a str,
    values: &'a IndexMap<String, String>,
    certificate: Option<&'a Certificate>,
    at: DateTime<Utc>,
}

/// A message that may be sent: signed, or deliberately not.
#[derive(Debug, Clone)]
pub struct SignedMessage {
    message: Message,
    signatures: Vec<Signature>,
    tampered: Vec<Tamper>,
    tokens: Vec<Jwt>,
}

/// How a message was signed; what `explain` shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the profile.
    pub profile: String,
    /// The name of the scheme.
    pub scheme: &'static str,
    /// The identifier of the key that the message names.
    pub key_id: String,
    /// The algorithm as the message names it.
    pub algorithm: String,
    /// What was signed, in order: names as they stand in the signing string, and values.
    pub components: Vec<(String, String)>,
    /// The exact text that was signed.
    pub signing_string: String,
    /// The signature itself, as the message carries it: in base64 or hexadecimal.
    pub value: String,
    /// The headers that carry it.
    pub carried_in: Vec<String>,
}

impl Signer {
    /// Joins profile and key; refuses a key of the wrong kind before anything is sent.
    pub fn new(
        profile: Profile,
        key: SigningKey,
        certificate: Option<Certificate>,
    ) -> Result<Self, SignError> {
        let key = profile.scheme().decoded(key)?;
        let ready = key::Ready::new(&key, profile.scheme().algorithm(), profile.scheme().ecdsa_form())?;
        // Parsed: the key as it lay in the file is wiped here.
        drop(key);
        Ok(Self { profile, key: Arc::new(ready), certificate })
    }

    /// The profile.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// Whether a program signs, which takes its time.
    pub fn waits_for_a_program(&self) -> bool {
        self.key.is_elsewhere()
    }

    /// The certificate of the signing key, for templates.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_ref()
    }
}

/// Signs the message as its profile says, at this moment.
///
/// A date or digest that the message already has is kept, right or wrong: a request that sends a
/// wrong one does so to see it refused.
pub fn sign(
    message: Message,
    signer: &Signer,
    filled: &Filled,
    at: DateTime<Utc>,
) -> Result<SignedMessage, SignError> {
    SignedMessage::unsigned(message).and_signed(signer, filled, Making { at, rehearsal: false })
}

/// Adds a signature to the message.
fn sign_with(
    key: &key::Ready,
    message: &mut Message,
    signer: &Signer,
    filled: &Filled,
    at: DateTime<Utc>,
) -> Result<Signature, SignError> {
    let mut received = Received::from(&*message);
    let signature = make(key, &mut received, signer, filled, at)?;
    seen::apply(message, received);
    Ok(signature)
}

/// Adds to an answer the digest and the signature that the profile asks for, as a server does: for
/// whoever plays one.
///
/// A client never needs it, and no answer can become a request that is sent.
///
/// # Errors
///
/// Leaves the answer as it was. As [`sign`], and when this is a request, or the profile's scheme
/// signs requests alone.
pub fn sign_answer(
    answer: &mut Received,
    signer: &Signer,
    filled: &Filled,
    at: DateTime<Utc>,
) -> Result<Signature, SignError> {
    if !matches!(answer.start, Start::Answer { .. }) {
        let message = "this is a request, not an answer".to_owned();
        return Err(SignError::Unsignable { message, help: None });
    }
    let scheme = signer.profile.scheme();
    if !scheme.signs_answers() {
        return Err(SignError::Unsignable {
            message: format!("`{}` signs requests, and this is an answer", scheme.name()),
            help: Some(format!("`{}` and `{}` sign answers", rfc9421::NAME, jws::NAME)),
        });
    }
    let mut signed = answer.clone();
    let signature = make(&signer.key, &mut signed, signer, filled, at)?;
    *answer = signed;
    Ok(signature)
}

/// Checks what every signature is made with, and makes one.
fn make(
    key: &key::Ready,
    message: &mut Received,
    signer: &Signer,
    filled: &Filled,
    at: DateTime<Utc>,
) -> Result<Signature, SignError> {
    let key_id = filled.key_id.as_str();
    if key_id.trim().is_empty() || !key_id.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(SignError::KeyId { key_id: key_id.to_owned() });
    }
    let told = key.told(key_id);
    let key = told.as_ref().unwrap_or(key);
    let certificate = signer.certificate.as_ref();
    serial::check(key_id, certificate)?;
    let with = With { key, key_id, values: &filled.values, certificate, at };
    let mut signature = signer.profile.scheme().sign(message, &with)?;
    signer.profile.name().clone_into(&mut signature.profile);
    Ok(signature)
}

/// A header that another signature is in was not set by the request.
fn taken_by(before: &[Signature], error: SignError) -> SignError {
    match &error {
        SignError::Taken { header }
            if before
                .iter()
                .flat_map(|made| &made.carried_in)
                .any(|name| name.eq_ignore_ascii_case(header)) =>
        {
            SignError::Unsignable {
                message: format!("two of its profiles put their signature into `{header}`"),
                help: Some("keep one of them".into()),
            }
        }
        _ => error,
    }
}

/// Whether the message carries a token, which decides where some profiles put the signature and
/// which key id they use: it has an `Authorization` header, and not `Basic`, which holds the
/// credentials that a token is asked for with.
pub fn has_token(message: &Message) -> bool {
    token_in(&message.headers)
}

/// [`has_token`] of a message of which only the headers are there yet.
pub fn token_in(headers: &Headers) -> bool {
    headers.get("authorization").is_some_and(|value| {
        let scheme = value.split(' ').next().unwrap_or_default();
        !scheme.eq_ignore_ascii_case("basic")
    })
}

impl fmt::Debug for Filled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.values.keys().collect();
        let mut shown = formatter.debug_struct("Filled");
        shown.field("key_id", &self.key_id).field("values", &names).finish()
    }
}

impl Filled {
    /// A key id, where the profile has no other template.
    pub fn key_id(key_id: impl Into<String>) -> Self {
        Self { key_id: key_id.into(), values: IndexMap::new() }
    }
}

impl SignedMessage {
    /// A message that goes out without a signature (`sign: false`).
    pub fn unsigned(message: Message) -> Self {
        Self { message, signatures: Vec::new(), tampered: Vec::new(), tokens: Vec::new() }
    }

    /// The same message, of which it is known that these tokens in it were made for it.
    #[must_use]
    pub fn with_tokens(self, tokens: Vec<Jwt>) -> Self {
        Self { tokens, ..self }
    }

    /// What is sent.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// Signs it, or once more: over the message as it is, with the signatures that it carries.
    ///
    /// A rehearsal does without the key: whether the message can be signed is known long before it
    /// is sent, and costs no more than building its signing string. Its result must not be sent.
    pub fn and_signed(mut self, signer: &Signer, filled: &Filled, making: Making) -> Result<Self, SignError> {
        let rehearsal = making.rehearsal.then(|| signer.key.rehearsal());
        let key = rehearsal.as_ref().unwrap_or(&signer.key);
        let signature = sign_with(key, &mut self.message, signer, filled, making.at)
            .map_err(|error| taken_by(&self.signatures, error))?;
        self.signatures.push(signature);
        Ok(self)
    }

    /// How it was signed first; `None` when it was not.
    pub fn signature(&self) -> Option<&Signature> {
        self.signatures.first()
    }

    /// Every signature, in the order in which they were made.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// What was broken on purpose, in the order in which it was.
    pub fn tampered(&self) -> &[Tamper] {
        &self.tampered
    }

    /// The client assertion and the DPoP proof that were made for it.
    pub fn tokens(&self) -> &[Jwt] {
        &self.tokens
    }
}
