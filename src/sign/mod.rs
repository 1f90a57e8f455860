//! HTTP signatures: schemes are code, one file each; profiles are data.

use crate::message::Message;

/// How an API wants its requests signed: a scheme with its settings, as YAML says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {}

/// A message that may be sent: signed, or deliberately not.
#[derive(Debug, Clone)]
pub struct SignedMessage {
    message: Message,
    signature: Option<Signature>,
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
    /// The exact text that was signed.
    pub signing_string: String,
    /// The signature itself, in base64.
    pub value: String,
}

impl SignedMessage {
    /// A message that goes out without a signature (`sign: false`).
    pub fn unsigned(message: Message) -> Self {
        Self { message, signature: None }
    }

    /// What is sent.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// How it was signed; `None` when it was not.
    pub fn signature(&self) -> Option<&Signature> {
        self.signature.as_ref()
    }
}
