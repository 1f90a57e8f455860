//! A profile: how one API wants its requests signed, as data.
//!
//! The settings stand under the name of their scheme, as a body stands under its kind: `cavage:`
//! is both the choice and its details, so that a mistake inside is reported where it is.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cavage::{self, Carries};
use super::scheme::Scheme;
use super::shipped::SHIPPED;
use super::text_or::TextOr;
use super::{aws_sigv4, hmac, jws, oauth1, rfc9421};
use crate::diag::pointer::join;

pub use super::profile_error::ProfileError;

/// How an API wants its requests signed: a scheme with its settings, as YAML says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Profile {
    name: String,
    description: Option<String>,
    source: Option<String>,
    key_id: Option<KeyId>,
    headers: IndexMap<String, HeaderTemplate>,
    scheme: Scheme,
}

/// The template of the key id: one for all requests, or one each with and without a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "TextOr<KeyIds>", into = "TextOr<KeyIds>")]
pub enum KeyId {
    /// For all requests.
    Same(String),
    /// It depends on whether the request carries a token.
    ByToken {
        /// Of a request with a token.
        with: String,
        /// Of a request without one.
        without: String,
    },
}

/// A header that the profile adds to requests that do not set it; a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "TextOr<Conditional>", into = "TextOr<Conditional>")]
pub struct HeaderTemplate {
    /// Its value.
    pub value: String,
    /// Which requests get it.
    pub when: Carries,
}

/// How an API wants its requests signed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Shown by `countersign profiles list`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    /// Where the API documents it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// What the message calls the key; a template. The environment's `signing.key_id` replaces it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<KeyId>,
    /// Headers that a request gets unless it sets them; templates, filled before it is signed.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    headers: IndexMap<String, HeaderTemplate>,
    /// Sign as draft-cavage-http-signatures-12 says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cavage: Option<cavage::Settings>,
    /// Sign as RFC 9421 says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rfc9421: Option<rfc9421::Settings>,
    /// Sign with a JSON Web Signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jws: Option<jws::Settings>,
    /// Sign a text that is put together of parts of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hmac: Option<hmac::Settings>,
    /// Sign with AWS Signature Version 4.
    #[serde(default, rename = "aws-sigv4", skip_serializing_if = "Option::is_none")]
    aws_sigv4: Option<aws_sigv4::Settings>,
    /// Sign as OAuth 1.0a says (RFC 5849).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    oauth1: Option<oauth1::Settings>,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct KeyIds {
    with_token: String,
    without_token: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Conditional {
    value: String,
    #[serde(default)]
    when: Carries,
}

impl Profile {
    /// A profile that the binary brings along.
    pub fn shipped(name: &str) -> Option<Self> {
        let (name, text) = SHIPPED.iter().find(|(known, _)| *known == name)?;
        let profile: Self = serde_yaml::from_str(text).expect("a test reads every shipped profile");
        Some(profile.named(name))
    }

    /// The names of the shipped profiles, sorted. Of any lifetime, so that they chain with others.
    pub fn shipped_names<'a>() -> impl Iterator<Item = &'a str> {
        SHIPPED.iter().map(|(name, _)| *name)
    }

    /// Reads a profile from data; a mistake is reported with the pointer to its place.
    pub fn read(name: &str, written: &Value) -> Result<Self, ProfileError> {
        let complain = |value: &Value| Written::deserialize(value).err().map(|error| error.to_string());
        match Written::deserialize(written) {
            Ok(shaped) => Self::try_from(shaped).map(|profile| profile.named(name)),
            Err(error) => Err(ProfileError::find(written, &error.to_string(), &complain)),
        }
    }

    /// The same profile under another name; a profile read from a file has none.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        name.clone_into(&mut self.name);
        self
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is for.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Where the API documents it.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// How it signs.
    pub fn scheme(&self) -> &Scheme {
        &self.scheme
    }

    /// The template of the key id, of a request with or without a token.
    pub fn key_id(&self, with_token: bool) -> Option<&str> {
        self.key_id.as_ref().map(|key_id| match key_id {
            KeyId::Same(template) => template.as_str(),
            KeyId::ByToken { with, .. } if with_token => with,
            KeyId::ByToken { without, .. } => without,
        })
    }

    /// The headers to add to a request that does not set them, as templates: name and value.
    pub fn headers(&self, with_token: bool) -> impl Iterator<Item = (&str, &str)> {
        let meant = move |header: &HeaderTemplate| header.when.applies(with_token);
        self.headers
            .iter()
            .filter(move |(_, header)| meant(header))
            .map(|(name, header)| (name.as_str(), header.value.as_str()))
    }

    /// The profile as YAML: the text that is shipped, comments kept, or one written from the data.
    pub fn to_yaml(&self) -> Cow<'static, str> {
        let shipped = SHIPPED.iter().find(|(name, _)| *name == self.name);
        match shipped {
            Some((name, text)) if Self::shipped(name).as_ref() == Some(self) => Cow::Borrowed(text),
            _ => Cow::Owned(serde_yaml::to_string(self).expect("plain data always has a YAML form")),
        }
    }
}

impl Profile {
    /// The JSON Schema of a profile as it is written, for editors.
    pub fn json_schema() -> Value {
        schemars::schema_for!(Self).to_value()
    }
}

impl TryFrom<Written> for Profile {
    type Error = ProfileError;

    fn try_from(written: Written) -> Result<Self, ProfileError> {
        let scheme = written.scheme()?;
        scheme
            .check()
            .map_err(|(place, message)| ProfileError::at(&format!("/{}{place}", scheme.name()), message))?;
        for name in written.headers.keys() {
            if !cavage::is_field_name(name) {
                let message = format!("`{name}` is not a header name");
                return Err(ProfileError::at(&join("/headers", name), message));
            }
        }
        Ok(Self {
            name: String::new(),
            description: written.description,
            source: written.source,
            key_id: written.key_id,
            headers: written.headers,
            scheme,
        })
    }
}

impl From<Profile> for Written {
    fn from(profile: Profile) -> Self {
        let mut written = Self {
            description: profile.description,
            source: profile.source,
            key_id: profile.key_id,
            headers: profile.headers,
            cavage: None,
            rfc9421: None,
            jws: None,
            hmac: None,
            aws_sigv4: None,
            oauth1: None,
        };
        match profile.scheme {
            Scheme::Cavage(settings) => written.cavage = Some(settings),
            Scheme::Rfc9421(settings) => written.rfc9421 = Some(settings),
            Scheme::Jws(settings) => written.jws = Some(settings),
            Scheme::Hmac(settings) => written.hmac = Some(settings),
            Scheme::AwsSigv4(settings) => written.aws_sigv4 = Some(settings),
            Scheme::Oauth1(settings) => written.oauth1 = Some(settings),
        }
        written
    }
}

impl Written {
    /// The one scheme whose settings are given.
    fn scheme(&self) -> Result<Scheme, ProfileError> {
        let given = [
            self.cavage.clone().map(Scheme::Cavage),
            self.rfc9421.clone().map(Scheme::Rfc9421),
            self.jws.clone().map(Scheme::Jws),
            self.hmac.clone().map(Scheme::Hmac),
            self.aws_sigv4.clone().map(Scheme::AwsSigv4),
            self.oauth1.clone().map(Scheme::Oauth1),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(scheme), None) => Ok(scheme),
            (Some(first), Some(second)) => {
                let message =
                    format!("says two schemes, `{}` and `{}`: keep one", first.name(), second.name());
                Err(ProfileError::at(&format!("/{}", second.name()), message))
            }
            (None, _) => {
                let known =
                    Scheme::NAMES.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                Err(ProfileError::at("", format!("says no scheme: give the settings under one of {known}")))
            }
        }
    }
}

impl From<TextOr<KeyIds>> for KeyId {
    fn from(written: TextOr<KeyIds>) -> Self {
        match written {
            TextOr::Text(template) => Self::Same(template),
            TextOr::Map(both) => Self::ByToken { with: both.with_token, without: both.without_token },
        }
    }
}

impl From<KeyId> for TextOr<KeyIds> {
    fn from(key_id: KeyId) -> Self {
        match key_id {
            KeyId::Same(template) => Self::Text(template),
            KeyId::ByToken { with, without } => {
                Self::Map(KeyIds { with_token: with, without_token: without })
            }
        }
    }
}

impl From<TextOr<Conditional>> for HeaderTemplate {
    fn from(written: TextOr<Conditional>) -> Self {
        match written {
            TextOr::Text(value) => Self { value, when: Carries::Always },
            TextOr::Map(Conditional { value, when }) => Self { value, when },
        }
    }
}

impl From<HeaderTemplate> for TextOr<Conditional> {
    fn from(header: HeaderTemplate) -> Self {
        match header {
            HeaderTemplate { value, when: Carries::Always } => Self::Text(value),
            HeaderTemplate { value, when } => Self::Map(Conditional { value, when }),
        }
    }
}

impl JsonSchema for Profile {
    fn schema_name() -> Cow<'static, str> {
        "SigningProfile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Written::json_schema(generator);
        let required = |name: &&str| serde_json::json!({ "required": [name] });
        schema.insert("oneOf".into(), Scheme::NAMES.iter().map(required).collect());
        schema
    }
}

#[cfg(test)]
#[path = "profile_tests.rs"]
mod tests;
