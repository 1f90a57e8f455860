//! JSON Web Signatures over HTTP messages.

use serde::{Deserialize, Serialize};

use super::algorithm::{Algorithm, EcdsaForm};
use super::judge::{Candidate, Judgement, Moment};
use super::profile_error::Complaint;
use super::{SignError, Signature, With};
use crate::message::{Message, Received};

/// The name of the scheme.
pub const NAME: &str = "jws";

/// How ECDSA signatures are written.
pub(super) const ECDSA: EcdsaForm = EcdsaForm::Raw;

/// The settings of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "JwsSettings")]
pub struct Settings {
    /// How it is signed.
    #[serde(default)]
    pub algorithm: Algorithm,
}

impl Settings {
    /// The algorithm that the key must fit.
    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Finds what types can't rule out.
    pub(super) fn check(&self) -> Result<(), Complaint> {
        Ok(())
    }

    /// The templates in the settings, by name.
    pub(super) fn templates(&self) -> Vec<(String, &str)> {
        Vec::new()
    }
}

/// Signs the message.
pub(super) fn sign(
    _message: &mut Message,
    _settings: &Settings,
    _with: &With<'_>,
) -> Result<Signature, SignError> {
    Err(SignError::NothingToSign)
}

/// Whether the signature of a captured message verifies, and why not.
pub(super) fn judge(
    _received: &Received,
    _settings: &Settings,
    _keys: &[Candidate<'_>],
    _moment: Moment,
) -> Judgement {
    Judgement::refused("not written yet")
}
