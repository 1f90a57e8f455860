//! What a `jws` profile can say.
//!
//! The protected header is written out as it is sent, member by member, with placeholders for what
//! is only known when signing: what stands in the profile is what stands on the wire, so that it can
//! be held against the API's documentation line by line.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::critical;
use super::placeholder::Placeholder;
use crate::diag::pointer::join;
use crate::sign::algorithm::Algorithm;
use crate::sign::cavage::{Added, Component, DigestField};
use crate::sign::jose;
use crate::sign::profile_error::Complaint;

/// The settings of a profile that signs with a JSON Web Signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "JwsSettings")]
pub struct Settings {
    /// How it is signed, by its name in JOSE (RFC 7518).
    #[serde(default)]
    pub algorithm: JoseAlgorithm,
    /// The header that carries the signature.
    #[serde(default = "x_jws_signature")]
    pub header: String,
    /// What stands before the signature in that header.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// What is signed.
    #[serde(default)]
    pub payload: Payload,
    /// For a payload of `headers` or `request`: header names and `(request-target)`, in order; each
    /// may end in ` if sent` or ` if body`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// The members of the protected header behind `alg`, in order. A text may be a template, or one
    /// of the placeholders `{key_id}`, `{iat}`, `{sigT}`, `{sigD}`, `{x5t#S256}`, `{x5c}`,
    /// `{components}`. With `b64: false` the payload is signed as it is (RFC 7797).
    #[serde(default)]
    pub protected: IndexMap<String, Value>,
    /// Whether the payload is left out of what is sent (RFC 7515, appendix F).
    #[serde(default = "yes")]
    pub detached: bool,
    /// The header that holds the digest of the body.
    #[serde(default = "no_digest")]
    pub digest: DigestField,
}

/// What is signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Payload {
    /// The body.
    #[default]
    Body,
    /// The components, a line each (ETSI TS 119 182-1, section 5.2.8.2, `HttpHeaders`).
    Headers,
    /// Method and target, the components, a line each, and the body, as `TrueLayer` asks for.
    Request,
}

/// An algorithm by its name in JOSE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JoseAlgorithm(Algorithm);

impl JoseAlgorithm {
    /// How it signs.
    pub const fn algorithm(self) -> Algorithm {
        self.0
    }

    /// What JOSE calls it.
    pub fn name(self) -> &'static str {
        jose::name(self.0).expect("it was found by its name")
    }
}

impl Default for JoseAlgorithm {
    fn default() -> Self {
        Self(Algorithm::RsaPssSha256)
    }
}

impl TryFrom<String> for JoseAlgorithm {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        jose::algorithm(&name).map(Self).ok_or_else(|| {
            let known = jose::names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            format!("`{name}` is not one of {known}")
        })
    }
}

impl From<JoseAlgorithm> for String {
    fn from(algorithm: JoseAlgorithm) -> Self {
        algorithm.name().to_owned()
    }
}

impl schemars::JsonSchema for JoseAlgorithm {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "JoseAlgorithm".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"enum": jose::names().collect::<Vec<_>>()})
    }
}

impl Settings {
    /// The algorithm that the key must fit.
    pub(in crate::sign) fn algorithm(&self) -> Algorithm {
        self.algorithm.algorithm()
    }

    /// Whether the payload is encoded before it is signed (RFC 7797).
    pub(super) fn encodes(&self) -> bool {
        self.protected.get("b64") != Some(&Value::Bool(false))
    }

    /// The templates in the settings, by name.
    pub(in crate::sign) fn templates(&self) -> Vec<(String, &str)> {
        let members = self.protected.iter();
        members
            .filter_map(|(name, value)| Some((name, value.as_str()?)))
            .filter(|(_, text)| Placeholder::read(text).is_none())
            .map(|(name, text)| (format!("protected.{name}"), text))
            .collect()
    }

    /// Finds what types can't rule out.
    pub(in crate::sign) fn check(&self) -> Result<(), Complaint> {
        let wrong = |place: &str, message: String| Err((place.to_owned(), message));
        for name in [("/header", &self.header), ("/digest/header", &self.digest.header)] {
            if !crate::sign::cavage::is_field_name(name.1) {
                return wrong(name.0, format!("`{}` is not a header name", name.1));
            }
        }
        if self.payload == Payload::Headers && self.components.is_empty() {
            return wrong("/components", "nothing is signed: name at least one header".into());
        }
        if self.payload == Payload::Body && !self.components.is_empty() {
            return wrong("/components", "only a `payload` of `headers` or `request` has components".into());
        }
        if self.payload == Payload::Request
            && let Some(at) = self.components.iter().position(|it| it.name().starts_with('('))
        {
            let place = format!("/components/{at}");
            return wrong(&place, "the payload of `request` begins with the target already".into());
        }
        self.check_protected()
    }

    fn check_protected(&self) -> Result<(), Complaint> {
        let wrong = |name: &str, message: String| Err((join("/protected", name), message));
        if let Some(value) =
            self.protected.get("alg").filter(|value| value.as_str() != Some(self.algorithm.name()))
        {
            return wrong("alg", format!("`{value}` is not the `algorithm`; leave it out, it is put first"));
        }
        let critical = self.critical().map_err(|message| ("/protected/crit".to_owned(), message))?;
        if let Some(missing) = critical.iter().find(|name| !self.protected.contains_key(**name)) {
            return wrong("crit", format!("`{missing}` is critical, and not in the protected header"));
        }
        if !self.encodes() && !critical.contains(&"b64") {
            return wrong("b64", "`b64: false` must be named in `crit` (RFC 7797, section 6)".into());
        }
        if !self.encodes() && !self.detached {
            return Err((
                "/detached".into(),
                "a payload that is not encoded can't stand in a header: `b64: false` needs `detached: true`"
                    .into(),
            ));
        }
        let sig_d = self.protected.iter().find(|(_, value)| value.as_str() == Some("{sigD}"));
        let message = || "`payload: headers` and a member `sigD: \"{sigD}\"` go together".to_owned();
        match (sig_d, self.payload == Payload::Headers) {
            (None, true) => return Err(("/payload".into(), message())),
            (Some((name, _)), false) => return wrong(name, message()),
            _ => {}
        }
        for (name, value) in &self.protected {
            let unknown = value.as_str().and_then(Placeholder::unknown);
            if let Some(unknown) = unknown {
                let known = Placeholder::NAMES.iter().map(|(name, _)| format!("`{name}`"));
                let known = known.collect::<Vec<_>>().join(", ");
                return wrong(name, format!("`{unknown}` is not a placeholder; there are {known}"));
            }
        }
        Ok(())
    }

    /// The names in `crit`.
    pub(super) fn critical(&self) -> Result<Vec<&str>, String> {
        let Some(written) = self.protected.get("crit") else { return Ok(Vec::new()) };
        let names: Option<Vec<&str>> =
            written.as_array().and_then(|list| list.iter().map(Value::as_str).collect());
        let names = names.filter(|names| !names.is_empty());
        let names = names.ok_or("must be a list of at least one name (RFC 7515, section 4.1.11)")?;
        critical::misnamed(&names).map_or(Ok(names), Err)
    }
}

fn x_jws_signature() -> String {
    "X-JWS-Signature".into()
}

const fn yes() -> bool {
    true
}

fn no_digest() -> DigestField {
    DigestField { when: Added::Never, ..DigestField::default() }
}
