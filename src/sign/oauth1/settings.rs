//! What an `oauth1` profile can say.
//!
//! RFC 5849 leaves little open. What the keys below vary is what has grown around it: body hashes,
//! signature methods newer than SHA-1, and Mastercard's way to write values.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::diag::pointer::join;
use crate::sign::algorithm::Algorithm;
use crate::sign::profile_error::Complaint;

/// The settings of a profile that signs as OAuth 1.0a says. The key id is the consumer key, and the
/// environment's `secret` the consumer secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Oauth1Settings")]
pub struct Settings {
    /// How the base string is signed: `rsa-sha256`, `rsa-sha512`, `rsa-pss-sha256`, `hmac-sha1`, `hmac-sha256` or
    /// `hmac-sha512`.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// The realm; a template. It is sent and never signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub realm: Option<String>,
    /// `oauth_token`; a template. Nothing is sent when it is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// The secret that came with the token, for HMAC; a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_secret: Option<String>,
    /// `oauth_nonce`; a template.
    #[serde(default = "uuid")]
    pub nonce: String,
    /// Other parameters of the protocol, such as `oauth_callback`; templates.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: IndexMap<String, String>,
    /// Which requests get `oauth_body_hash`.
    #[serde(default)]
    pub body_hash: BodyHash,
    /// Whether `oauth_version` is sent.
    #[serde(default = "yes")]
    pub version: bool,
    /// How values stand in the header and in the base string.
    #[serde(default)]
    pub values: ValueForm,
}

/// Which requests get `oauth_body_hash` (OAuth Request Body Hash, draft 4).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyHash {
    /// None.
    #[default]
    Never,
    /// Those that are not forms, as the draft says: a form's parameters are signed themselves.
    NotForms,
    /// All, as Mastercard wants it.
    Always,
}

/// How values stand in the header and in the base string.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ValueForm {
    /// Percent-encoded (RFC 5849, sections 3.4.1.3.2 and 3.5.1).
    #[default]
    Encoded,
    /// As they are, and those of the query as they are sent: what Mastercard's libraries do.
    Raw,
}

const OWN: &[&str] = &[
    "oauth_consumer_key",
    "oauth_nonce",
    "oauth_signature",
    "oauth_signature_method",
    "oauth_timestamp",
    "oauth_token",
    "oauth_version",
    "oauth_body_hash",
];

impl Settings {
    /// The algorithm that the key must fit.
    pub(in crate::sign) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The templates in the settings, by name.
    pub(in crate::sign) fn templates(&self) -> Vec<(String, &str)> {
        let optional = [("realm", &self.realm), ("token", &self.token), ("token_secret", &self.token_secret)];
        let optional =
            optional.into_iter().filter_map(|(name, source)| Some((name.into(), source.as_deref()?)));
        let others = self.parameters.iter().map(|(name, source)| (parameter(name), source.as_str()));
        optional.chain([("nonce".to_owned(), self.nonce.as_str())]).chain(others).collect()
    }

    /// Finds what types can't rule out.
    pub(in crate::sign) fn check(&self) -> Result<(), Complaint> {
        if method(self.algorithm).is_none() {
            let known =
                METHODS.iter().map(|(_, algorithm)| format!("`{algorithm}`")).collect::<Vec<_>>().join(", ");
            return Err(("/algorithm".into(), format!("OAuth has no `{}`; it has {known}", self.algorithm)));
        }
        if self.token_secret.is_some() && !is_hmac(self.algorithm) {
            let message = format!("is never used: `{}` signs with the private key alone", self.algorithm);
            return Err(("/token_secret".into(), format!("`token_secret` {message}")));
        }
        for name in self.parameters.keys() {
            let place = join("/parameters", name);
            if OWN.contains(&name.as_str()) {
                return Err((place, format!("`{name}` is made by the scheme; it can't be set here")));
            }
            if !name.starts_with("oauth_") {
                let message =
                    format!("`{name}` does not begin with `oauth_`; other parameters belong to the query");
                return Err((place, message));
            }
        }
        Ok(())
    }
}

/// The signature methods by their names in messages.
const METHODS: &[(&str, Algorithm)] = &[
    ("RSA-SHA256", Algorithm::RsaSha256),
    ("RSA-SHA512", Algorithm::RsaSha512),
    // What Mastercard calls it; there is no registry of these names.
    ("RSA-PSS", Algorithm::RsaPssSha256),
    ("HMAC-SHA1", Algorithm::HmacSha1),
    ("HMAC-SHA256", Algorithm::HmacSha256),
    ("HMAC-SHA512", Algorithm::HmacSha512),
];

/// What messages call the algorithm.
pub(super) fn method(algorithm: Algorithm) -> Option<&'static str> {
    METHODS.iter().find(|(_, known)| *known == algorithm).map(|(name, _)| *name)
}

pub(super) fn is_hmac(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::HmacSha1 | Algorithm::HmacSha256 | Algorithm::HmacSha512)
}

/// The name of the template of one of `parameters`.
pub(super) fn parameter(name: &str) -> String {
    format!("parameters.{name}")
}

fn uuid() -> String {
    "{{ uuid() }}".to_owned()
}

fn yes() -> bool {
    true
}
