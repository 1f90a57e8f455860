//! The schemes: code, one folder each, one arm here. A profile holds the settings of exactly one.

use super::algorithm::{Algorithm, EcdsaForm};
use super::judge::{Candidate, Judgement, Moment};
use super::profile_error::Complaint;
use super::{SignError, Signature, SigningKey, With, aws_sigv4, cavage, hmac, jws, oauth1, rfc9421};
use crate::message::Received;

/// A way to sign, with its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// draft-cavage-http-signatures-12
    Cavage(cavage::Settings),
    /// RFC 9421, HTTP Message Signatures
    Rfc9421(rfc9421::Settings),
    /// JSON Web Signatures: detached, unencoded, `JAdES` (RFC 7515, RFC 7797, ETSI TS 119 182-1)
    Jws(jws::Settings),
    /// a template of the message, signed as it is
    Hmac(hmac::Settings),
    /// AWS Signature Version 4
    AwsSigv4(aws_sigv4::Settings),
    /// OAuth 1.0a (RFC 5849)
    Oauth1(oauth1::Settings),
}

impl Scheme {
    /// The names of all schemes, which are the keys of their settings in a profile.
    pub const NAMES: &[&str] =
        &[cavage::NAME, rfc9421::NAME, jws::NAME, hmac::NAME, aws_sigv4::NAME, oauth1::NAME];

    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cavage(_) => cavage::NAME,
            Self::Rfc9421(_) => rfc9421::NAME,
            Self::Jws(_) => jws::NAME,
            Self::Hmac(_) => hmac::NAME,
            Self::AwsSigv4(_) => aws_sigv4::NAME,
            Self::Oauth1(_) => oauth1::NAME,
        }
    }

    /// The algorithm that its key must fit.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Cavage(settings) => settings.algorithm(),
            Self::Rfc9421(settings) => settings.algorithm(),
            Self::Jws(settings) => settings.algorithm(),
            Self::Hmac(settings) => settings.algorithm(),
            Self::AwsSigv4(settings) => settings.algorithm(),
            Self::Oauth1(settings) => settings.algorithm(),
        }
    }

    /// How it writes ECDSA signatures.
    pub const fn ecdsa_form(&self) -> EcdsaForm {
        match self {
            Self::Cavage(_) => cavage::ECDSA,
            Self::Rfc9421(_) => rfc9421::ECDSA,
            Self::Jws(_) => jws::ECDSA,
            Self::Hmac(_) => hmac::ECDSA,
            Self::AwsSigv4(_) => aws_sigv4::ECDSA,
            Self::Oauth1(_) => oauth1::ECDSA,
        }
    }

    /// The templates among its settings, by name: filled for each message, and handed to
    /// [`sign`](super::sign) as [`Filled::values`](super::Filled::values).
    pub fn templates(&self) -> Vec<(String, &str)> {
        match self {
            Self::Cavage(_) => Vec::new(),
            Self::Rfc9421(settings) => settings.templates(),
            Self::Jws(settings) => settings.templates(),
            Self::Hmac(settings) => settings.templates(),
            Self::AwsSigv4(settings) => settings.templates(),
            Self::Oauth1(settings) => settings.templates(),
        }
    }

    /// The key as it is to be parsed: a secret may be written in an encoding.
    pub(super) fn decoded(&self, key: SigningKey) -> Result<SigningKey, SignError> {
        match self {
            Self::Hmac(settings) => settings.decoded(key),
            Self::Cavage(_) | Self::Rfc9421(_) | Self::Jws(_) | Self::AwsSigv4(_) | Self::Oauth1(_) => {
                Ok(key)
            }
        }
    }

    pub(super) fn check(&self) -> Result<(), Complaint> {
        match self {
            Self::Cavage(settings) => settings.check(),
            Self::Rfc9421(settings) => settings.check(),
            Self::Jws(settings) => settings.check(),
            Self::Hmac(settings) => settings.check(),
            Self::AwsSigv4(settings) => settings.check(),
            Self::Oauth1(settings) => settings.check(),
        }
    }

    /// Signs a message as its receiver will see it.
    pub(super) fn sign(&self, message: &mut Received, with: &With<'_>) -> Result<Signature, SignError> {
        match self {
            Self::Cavage(settings) => cavage::sign(message, settings, with),
            Self::Rfc9421(settings) => rfc9421::sign(message, settings, with),
            Self::Jws(settings) => jws::sign(message, settings, with),
            Self::Hmac(settings) => hmac::sign(message, settings, with),
            Self::AwsSigv4(settings) => aws_sigv4::sign(message, settings, with),
            Self::Oauth1(settings) => oauth1::sign(message, settings, with),
        }
    }

    /// Whether answers are signed with it too.
    pub(super) const fn signs_answers(&self) -> bool {
        match self {
            Self::Rfc9421(_) | Self::Jws(_) => true,
            Self::Cavage(_) | Self::Hmac(_) | Self::AwsSigv4(_) | Self::Oauth1(_) => false,
        }
    }

    /// Whether the signature of a captured message verifies with one of the keys, and if not, why.
    pub fn judge(&self, received: &Received, keys: &[Candidate<'_>], moment: Moment) -> Judgement {
        match self {
            Self::Cavage(settings) => cavage::judge(received, settings, keys, moment),
            Self::Rfc9421(settings) => rfc9421::judge(received, settings, keys, moment),
            Self::Jws(settings) => jws::judge(received, settings, keys, moment),
            Self::Hmac(settings) => hmac::judge(received, settings, keys, moment),
            Self::AwsSigv4(settings) => aws_sigv4::judge(received, settings, keys, moment),
            Self::Oauth1(settings) => oauth1::judge(received, settings, keys, moment),
        }
    }
}
