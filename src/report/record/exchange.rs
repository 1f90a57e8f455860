//! What the report says of an exchange: what was sent, what came, and how long its parts took.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A request as it was sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Request {
    /// The method.
    pub(in crate::report) method: String,
    /// The absolute URL.
    pub(in crate::report) url: String,
    /// Name and value of each header field, in order.
    pub(in crate::report) headers: Vec<(String, String)>,
    /// The body.
    pub(in crate::report) body: Body,
    /// How it was signed, first if more than once; null when it was not.
    pub(in crate::report) signature: Option<Signature>,
    /// The signatures that were added after the first, in order.
    pub(in crate::report) further_signatures: Vec<Signature>,
    /// What was broken on purpose, as `tamper` says it; empty for nothing.
    pub(in crate::report) tampered: Vec<String>,
}

/// How a request was signed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Signature {
    /// The name of the profile.
    pub(in crate::report) profile: String,
    /// The name of the scheme.
    pub(in crate::report) scheme: String,
    /// The identifier of the key.
    pub(in crate::report) key_id: String,
    /// The algorithm as the message names it.
    pub(in crate::report) algorithm: String,
    /// The text that was signed.
    pub(in crate::report) signing_string: String,
}

/// An answer, completely read and decoded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Answer {
    /// The status code.
    pub(in crate::report) status: u16,
    /// The protocol version.
    pub(in crate::report) version: String,
    /// Name and value of each header field, in order.
    pub(in crate::report) headers: Vec<(String, String)>,
    /// The body after content decoding.
    pub(in crate::report) body: Body,
}

/// The beginning of a body.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct Body {
    /// The size of the whole, in bytes.
    pub(in crate::report) bytes: usize,
    /// Its beginning, masked; null when it is no text.
    pub(in crate::report) text: Option<String>,
    /// Whether there is more than `text`.
    pub(in crate::report) cut: bool,
}

/// Why no usable answer came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::report) struct NoAnswer {
    /// The stable code.
    pub(in crate::report) code: String,
    /// The cause.
    pub(in crate::report) message: String,
    /// What to do.
    pub(in crate::report) help: Option<String>,
    /// What may have become of the request.
    pub(in crate::report) fate: Fate,
}

/// What may have become of a request that got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::report) enum Fate {
    /// It was never sent.
    NotSent,
    /// It was sent, wholly or in part: the server may have acted on it.
    MaybeExecuted,
}

/// How long the parts of an exchange took, in milliseconds; null is what was not needed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(clippy::struct_field_names, reason = "they are published, and a number needs its unit")]
pub(in crate::report) struct Phases {
    /// Name lookup.
    pub(in crate::report) dns_ms: Option<f64>,
    /// TCP connection.
    pub(in crate::report) connect_ms: Option<f64>,
    /// TLS handshake.
    pub(in crate::report) tls_ms: Option<f64>,
    /// From the request being handed over to the head of the answer.
    pub(in crate::report) first_byte_ms: Option<f64>,
    /// The whole exchange.
    pub(in crate::report) total_ms: f64,
}
