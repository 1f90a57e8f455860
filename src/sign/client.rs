//! How a client tells an authorisation server who it is (RFC 6749, section 2.3): with a signed
//! assertion (RFC 7523), with its secret, or with the certificate of its connection (RFC 8705).
//!
//! Whatever goes into the form goes there before the message is digested and signed, so that the
//! bytes that are signed are the bytes that are sent.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use url::form_urlencoded::{Serializer, byte_serialize, parse};

use super::algorithm::Algorithm;
use super::jwt::{Jwt, JwtKind, Making};
use super::key::{Ready, SigningKey};
use super::{EcdsaForm, SignError, jose};
use crate::keys::Certificate;
use crate::message::Message;

/// The kind of assertion that RFC 7523 defines for clients (section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A way to tell who the client is, by the names of `OpenID` Connect where it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientMethod {
    /// An assertion signed with a private key.
    PrivateKeyJwt,
    /// An assertion signed with the client's secret.
    ClientSecretJwt,
    /// Id and secret in `Authorization`.
    Basic,
    /// Id and secret in the form.
    Body,
    /// The id in the form; the certificate of the connection proves it.
    Tls,
}

/// What tells a server who the client is: made once, used for every request.
pub struct Authenticator {
    method: ClientMethod,
    algorithm: Option<Algorithm>,
    key: Option<Ready>,
}

/// What the templates of a client authentication say for one message. Its `Debug` leaves out what
/// may be secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientFilled {
    /// Who the client is.
    pub client_id: String,
    /// Its secret, of the methods that have one.
    pub secret: Option<String>,
    /// Whom the assertion is for; the URL of the request unless given.
    pub audience: Option<String>,
    /// What the assertion calls its key.
    pub key_id: Option<String>,
    /// The id of the assertion, which is never used twice.
    pub id: String,
    /// How long it is good for.
    pub lifetime: Duration,
    /// Further parameters of its header; they win.
    pub header: Map<String, Value>,
    /// Further claims; they win.
    pub claims: Map<String, Value>,
}

impl fmt::Debug for ClientFilled {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("ClientFilled");
        shown.field("client_id", &self.client_id).field("key_id", &self.key_id).field("id", &self.id);
        shown.finish_non_exhaustive()
    }
}

impl ClientMethod {
    /// Every method, in the order of the documentation.
    pub const ALL: &[Self] =
        &[Self::PrivateKeyJwt, Self::ClientSecretJwt, Self::Basic, Self::Body, Self::Tls];

    /// Its name in YAML.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::ClientSecretJwt => "client_secret_jwt",
            Self::Basic => "basic",
            Self::Body => "body",
            Self::Tls => "tls",
        }
    }

    /// The method of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|method| method.name() == name)
    }

    /// The fields of the form that it needs for itself. `client_id` is not among them: a request
    /// may set that as it likes.
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::PrivateKeyJwt | Self::ClientSecretJwt => &["client_assertion_type", "client_assertion"],
            Self::Body => &["client_secret"],
            Self::Basic | Self::Tls => &[],
        }
    }

    /// Whether it puts something into the form.
    pub const fn needs_form(self) -> bool {
        !matches!(self, Self::Basic)
    }

    /// Whether it makes an assertion.
    pub const fn is_assertion(self) -> bool {
        matches!(self, Self::PrivateKeyJwt | Self::ClientSecretJwt)
    }

    /// Whether it has a secret.
    pub const fn has_secret(self) -> bool {
        matches!(self, Self::ClientSecretJwt | Self::Basic | Self::Body)
    }
}

impl Authenticator {
    /// Joins method and key; refuses a key of the wrong kind before anything is sent. Without an
    /// algorithm, it is the one that belongs to the key.
    pub fn new(
        method: ClientMethod,
        algorithm: Option<Algorithm>,
        key: Option<SigningKey>,
    ) -> Result<Self, SignError> {
        let key = key.map(|key| ready(&key, algorithm)).transpose()?;
        Ok(Self { method, algorithm, key })
    }

    /// How it tells.
    pub fn method(&self) -> ClientMethod {
        self.method
    }
}

/// Tells in the message who the client is; returns the assertion, if there is one.
pub fn authenticate(
    message: &mut Message,
    authenticator: &Authenticator,
    filled: &ClientFilled,
    making: Making,
) -> Result<Option<Jwt>, SignError> {
    let ClientFilled { client_id, secret, .. } = filled;
    let secret = secret.as_deref().unwrap_or_default();
    match (authenticator.method, &authenticator.key) {
        (ClientMethod::Basic, _) => {
            message.headers.set("Authorization", format!("Basic {}", basic(client_id, secret)));
        }
        (ClientMethod::Body, _) => {
            append(message, &[("client_id", client_id), ("client_secret", secret)]);
        }
        (ClientMethod::PrivateKeyJwt, Some(key)) => {
            return assert(message, key, filled, making).map(Some);
        }
        (ClientMethod::ClientSecretJwt, _) => {
            let key = ready(&SigningKey::secret(secret.as_bytes()), authenticator.algorithm)?;
            return assert(message, &key, filled, making).map(Some);
        }
        (ClientMethod::Tls | ClientMethod::PrivateKeyJwt, _) => append(message, &[("client_id", client_id)]),
    }
    Ok(None)
}

/// Id and secret as `Authorization: Basic` holds them: each form-encoded first (RFC 6749,
/// section 2.3.1), so that a colon in either is not taken for the one between them.
pub fn basic(client_id: &str, secret: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret)))
}

/// The SHA-256 of a certificate as tokens name it (`x5t#S256`; RFC 8705, section 3.1).
pub fn certificate_thumbprint(certificate: &Certificate) -> String {
    jose::encode(certificate.sha256())
}

/// The algorithms of `private_key_jwt`, `client_secret_jwt` and DPoP by their names in JOSE.
pub fn jose_algorithms() -> impl Iterator<Item = &'static str> {
    jose::names()
}

/// The algorithm of that name in JOSE.
pub fn jose_algorithm(name: &str) -> Option<Algorithm> {
    jose::algorithm(name)
}

/// What JOSE calls the algorithm.
pub fn jose_name(algorithm: Algorithm) -> &'static str {
    jose::name(algorithm).unwrap_or_default()
}

pub(super) fn ready(key: &SigningKey, algorithm: Option<Algorithm>) -> Result<Ready, SignError> {
    let algorithm = algorithm.unwrap_or_else(|| jose::by_key(key.material()));
    Ready::new(key, algorithm, EcdsaForm::Raw)
}

fn assert(
    message: &mut Message,
    key: &Ready,
    filled: &ClientFilled,
    making: Making,
) -> Result<Jwt, SignError> {
    let mut header = Map::from_iter([("typ".to_owned(), Value::from("JWT"))]);
    header.extend(filled.key_id.iter().map(|key_id| ("kid".to_owned(), Value::from(key_id.as_str()))));
    header.extend(filled.header.clone());
    let now = making.at.timestamp();
    let lifetime = i64::try_from(filled.lifetime.as_secs()).unwrap_or(i64::MAX);
    let audience = filled.audience.clone().unwrap_or_else(|| without_query(message));
    let mut claims = Map::from_iter([
        ("iss".to_owned(), Value::from(filled.client_id.as_str())),
        ("sub".to_owned(), Value::from(filled.client_id.as_str())),
        ("aud".to_owned(), Value::from(audience)),
        ("jti".to_owned(), Value::from(filled.id.as_str())),
        ("iat".to_owned(), Value::from(now)),
        ("exp".to_owned(), Value::from(now.saturating_add(lifetime))),
    ]);
    claims.extend(filled.claims.clone());
    let assertion = Jwt::make(JwtKind::ClientAssertion, header, claims, key, making)?;
    append(
        message,
        &[("client_assertion_type", ASSERTION_TYPE), ("client_assertion", assertion.value.as_str())],
    );
    Ok(assertion)
}

/// The URL of a message without query and fragment: what assertions and proofs are made for.
pub(super) fn without_query(message: &Message) -> String {
    let mut url = message.url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// Adds fields to the form. A `client_id` that the request sets itself is kept, right or wrong.
fn append(message: &mut Message, fields: &[(&str, &str)]) {
    let own = parse(&message.body).any(|(name, _)| name == "client_id");
    let form = String::from_utf8_lossy(&message.body).into_owned();
    let mut form = Serializer::for_suffix(form, 0);
    form.extend_pairs(fields.iter().filter(|(name, _)| !(own && *name == "client_id")));
    message.body = form.finish().into();
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
