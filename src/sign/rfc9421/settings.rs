//! What a `rfc9421` profile can say: what is signed, which parameters say so, in which order.
//!
//! `parameters` is both the order and the choice: a parameter is sent when it stands there. Left
//! out, it is `created`, `keyid`, and whatever else has a value.

use serde::{Deserialize, Serialize};

use super::algorithm::SignatureAlgorithm;
use super::component::Component;
use crate::sign::algorithm::Algorithm;
use crate::sign::cavage::{Added, is_field_name};
use crate::sign::digest::Hash;
use crate::sign::profile_error::Complaint;

/// The settings of a profile that signs as RFC 9421 says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Rfc9421Settings")]
pub struct Settings {
    /// How the signature base is signed.
    #[serde(default)]
    pub algorithm: SignatureAlgorithm,
    /// The name of the signature in the message.
    #[serde(default = "sig1")]
    pub label: String,
    /// What is signed, in order: header names, `@method`, `@target-uri` and the like, with
    /// parameters as in `@query-param;name="id"`; each may end in ` if sent` or ` if body`.
    pub components: Vec<Component>,
    /// Which parameters are sent, in order; `created`, `expires`, `keyid`, `nonce`, `tag` where
    /// they have a value when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Vec<ParameterName>>,
    /// After how many seconds the signature expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub expires_after: Option<u32>,
    /// A value that is used once; a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// What the signature is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// The header that holds the digest of the body.
    #[serde(default)]
    pub digest: ContentDigestField,
}

/// A parameter of a signature (RFC 9421, section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParameterName {
    /// When it was made.
    Created,
    /// When it expires.
    Expires,
    /// A value that is used once.
    Nonce,
    /// The algorithm.
    Alg,
    /// The identifier of the key.
    Keyid,
    /// What it is for.
    Tag,
}

/// The header that holds the digest of the body (RFC 9530).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ContentDigestField {
    /// Its name.
    pub header: String,
    /// Its hash.
    pub algorithm: Hash,
    /// Which messages get it.
    pub when: Added,
}

impl ParameterName {
    /// As it stands in a message.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Expires => "expires",
            Self::Nonce => "nonce",
            Self::Alg => "alg",
            Self::Keyid => "keyid",
            Self::Tag => "tag",
        }
    }
}

impl Settings {
    /// The parameters that are sent, in order.
    pub fn parameters(&self) -> Vec<ParameterName> {
        const USUAL: [ParameterName; 5] = [
            ParameterName::Created,
            ParameterName::Expires,
            ParameterName::Keyid,
            ParameterName::Nonce,
            ParameterName::Tag,
        ];
        self.parameters.clone().unwrap_or_else(|| {
            USUAL.into_iter().filter(|parameter| self.gives(*parameter).is_none_or(|given| given)).collect()
        })
    }

    /// The algorithm that the key must fit.
    pub(in crate::sign) fn algorithm(&self) -> Algorithm {
        self.algorithm.algorithm()
    }

    /// The templates in the settings, by name.
    pub(in crate::sign) fn templates(&self) -> Vec<(String, &str)> {
        self.nonce.iter().map(|nonce| ("nonce".to_owned(), nonce.as_str())).collect()
    }

    /// Finds what types can't rule out.
    pub(in crate::sign) fn check(&self) -> Result<(), Complaint> {
        if sfv::KeyRef::from_str(&self.label).is_err() {
            let message = format!(
                "`{}` is not a label: small letters, digits, `_`, `-`, `.` and `*`, with a letter or `*` first",
                self.label
            );
            return Err(("/label".into(), message));
        }
        for (at, component) in self.components.iter().enumerate() {
            let twice = |other: &Component| other.identifier().is(component.identifier());
            if self.components[..at].iter().any(twice) {
                let message = format!("`{}` is signed twice", component.identifier());
                return Err((format!("/components/{at}"), message));
            }
        }
        if self.tag.as_deref().is_some_and(|tag| sfv::StringRef::from_str(tag).is_err()) {
            return Err(("/tag".into(), "the tag must be printable ASCII".to_owned()));
        }
        if !is_field_name(&self.digest.header) {
            let message = format!("`{}` is not a header name", self.digest.header);
            return Err(("/digest/header".into(), message));
        }
        self.check_parameters()
    }

    fn check_parameters(&self) -> Result<(), Complaint> {
        let Some(listed) = &self.parameters else { return Ok(()) };
        for (at, parameter) in listed.iter().enumerate() {
            let (name, place) = (parameter.name(), format!("/parameters/{at}"));
            if listed[..at].contains(parameter) {
                return Err((place, format!("`{name}` stands there twice")));
            }
            if self.gives(*parameter) == Some(false) {
                return Err((place, format!("`{name}` needs its value: set `{}`", setting(*parameter))));
            }
        }
        for parameter in [ParameterName::Expires, ParameterName::Nonce, ParameterName::Tag] {
            if self.gives(parameter) == Some(true) && !listed.contains(&parameter) {
                let message = format!(
                    "`{}` is set, and `parameters` does not list `{}`",
                    setting(parameter),
                    parameter.name()
                );
                return Err((format!("/{}", setting(parameter)), message));
            }
        }
        Ok(())
    }

    /// Whether the settings give the parameter's value; `None` for those that need no setting.
    fn gives(&self, parameter: ParameterName) -> Option<bool> {
        match parameter {
            ParameterName::Expires => Some(self.expires_after.is_some()),
            ParameterName::Nonce => Some(self.nonce.is_some()),
            ParameterName::Tag => Some(self.tag.is_some()),
            ParameterName::Created | ParameterName::Alg | ParameterName::Keyid => None,
        }
    }
}

/// The key of the settings that gives a parameter its value.
fn setting(parameter: ParameterName) -> &'static str {
    match parameter {
        ParameterName::Expires => "expires_after",
        other => other.name(),
    }
}

impl Default for ContentDigestField {
    fn default() -> Self {
        Self { header: "Content-Digest".into(), algorithm: Hash::Sha256, when: Added::WithBody }
    }
}

fn sig1() -> String {
    "sig1".into()
}

#[cfg(test)]
impl Settings {
    /// Settings that say no more than which signature is meant.
    pub(super) fn labelled(label: &str) -> Self {
        let settings = serde_json::json!({ "label": label, "components": [] });
        serde_json::from_value(settings).expect("settings")
    }
}
