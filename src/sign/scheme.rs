//! The schemes: code, one file each, one arm here. A profile holds the settings of exactly one.

use chrono::{DateTime, Utc};

use super::algorithm::Algorithm;
use super::cavage;
use super::key::Ready;
use super::{SignError, Signature};
use crate::message::Message;

/// A way to sign, with its settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scheme {
    /// draft-cavage-http-signatures-12
    Cavage(cavage::Settings),
}

impl Scheme {
    /// The names of all schemes, which are the keys of their settings in a profile.
    pub const NAMES: &[&str] = &[cavage::NAME];

    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Cavage(_) => cavage::NAME,
        }
    }

    /// The algorithm that its key must fit.
    pub fn algorithm(&self) -> Algorithm {
        match self {
            Self::Cavage(settings) => settings.algorithm,
        }
    }

    pub(super) fn check(&self) -> Result<(), cavage::Complaint> {
        match self {
            Self::Cavage(settings) => settings.check(),
        }
    }

    pub(super) fn sign(
        &self,
        message: &mut Message,
        key: &Ready,
        key_id: &str,
        at: DateTime<Utc>,
    ) -> Result<Signature, SignError> {
        match self {
            Self::Cavage(settings) => cavage::sign(message, settings, key, key_id, at),
        }
    }
}
