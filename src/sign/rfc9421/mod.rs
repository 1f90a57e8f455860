//! RFC 9421, HTTP Message Signatures: named components of a message, one line each, signed as one
//! text and carried in `Signature-Input` and `Signature`.
//!
//! A message may carry several signatures, of a client and of a proxy, so that signing adds a
//! member to both fields and never replaces one. Answers are signed and judged like requests;
//! what they answer is at hand as `;req`.

mod algorithm;
mod base;
mod component;
mod content_digest;
mod derived;
mod diagnose;
mod field;
mod identifier;
mod input;
mod judge;
mod make;
mod settings;
mod slips;
mod variations;
#[cfg(test)]
mod bot_tests;
#[cfg(test)]
mod diagnose_tests;
#[cfg(test)]
mod fapi_tests;
#[cfg(test)]
mod judge_tests;
#[cfg(test)]
mod property_tests;
#[cfg(test)]
mod settings_tests;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod vector_tests;

pub use algorithm::SignatureAlgorithm;
pub use component::Component;
pub use identifier::Identifier;
pub(super) use judge::judge;
pub use settings::{ContentDigestField, ParameterName, Settings};

use super::algorithm::EcdsaForm;
use super::{SignError, Signature, With};
use crate::message::Received;

/// The name of the scheme.
pub const NAME: &str = "rfc9421";

/// How ECDSA signatures are written: r and s side by side (section 3.3.4).
pub(super) const ECDSA: EcdsaForm = EcdsaForm::Raw;

/// Signs the message: adds the digest of its body where it is missing, signs what is there, and
/// adds the signature to those that the message carries.
pub(super) fn sign(
    message: &mut Received,
    settings: &Settings,
    with: &With<'_>,
) -> Result<Signature, SignError> {
    make::add_digest(&mut message.headers, &message.body, settings);
    make::make(message, settings, with)?.carry(&mut message.headers, settings)
}
