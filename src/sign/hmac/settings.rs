//! What an `hmac` profile can say: the text that is signed, how, and where the signature goes.
//!
//! What is signed, its encoding and its place have no defaults: no two of these APIs agree.

use serde::{Deserialize, Serialize};

use super::layout::{Layout, Place};
use crate::sign::algorithm::Algorithm;
use crate::sign::cavage::{DateFormat, is_field_name};
use crate::sign::encoding::{Encoding, KeyEncoding};
use crate::sign::profile_error::Complaint;
use crate::sign::{SignError, SigningKey};

/// The settings of a profile that signs a text made of parts of the message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "HmacSettings")]
pub struct Settings {
    /// How the text is signed; the key may also be a private key.
    #[serde(default = "hmac_sha256")]
    pub algorithm: Algorithm,
    /// What is signed: a text with placeholders such as `{timestamp}{method}{target}{body}`.
    pub string: Layout,
    /// How the signature is written.
    pub encoding: Encoding,
    /// How the shared secret is written.
    #[serde(default)]
    pub key_encoding: KeyEncoding,
    /// How `{timestamp}` is written: `unix`, `unix_ms`, `http`, `rfc3339`, or a pattern such as
    /// `%Y%m%dT%H%M%SZ`; in UTC.
    #[serde(default = "unix")]
    pub timestamp: DateFormat,
    /// What `{nonce}` is; a template.
    #[serde(default = "uuid")]
    pub nonce: String,
    /// Headers and parameters of the query that are added: those without `{signature}` before the
    /// text is put together, those with it afterwards.
    #[schemars(length(min = 1))]
    pub carried_in: Vec<Carrier>,
}

/// A header or a parameter of the query that is added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// The name of the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header: Option<String>,
    /// The name of the parameter of the query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Its value, with placeholders.
    pub value: Layout,
}

/// Where a carrier puts its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot<'a> {
    Header(&'a str),
    Query(&'a str),
}

impl Carrier {
    /// Where it puts its value. A profile whose carrier says none or both is refused.
    pub(super) fn spot(&self) -> Spot<'_> {
        match (&self.header, &self.query) {
            (Some(header), _) => Spot::Header(header),
            (None, query) => Spot::Query(query.as_deref().unwrap_or_default()),
        }
    }

    /// Whether it carries the signature.
    pub(super) fn carries_signature(&self) -> bool {
        self.value.has(&Place::Signature)
    }
}

impl Spot<'_> {
    /// Its name.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Header(name) | Self::Query(name) => name,
        }
    }
}

impl Settings {
    /// The algorithm that the key must fit.
    pub(in crate::sign) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The templates in the settings, by name.
    pub(in crate::sign) fn templates(&self) -> Vec<(String, &str)> {
        if self.uses(&Place::Nonce) { vec![("nonce".to_owned(), self.nonce.as_str())] } else { Vec::new() }
    }

    /// The key as it is to be parsed.
    pub(in crate::sign) fn decoded(&self, key: SigningKey) -> Result<SigningKey, SignError> {
        let encoding = self.key_encoding;
        let wrong = SignError::SecretEncoding { encoding: encoding.name() };
        key.decoded(|secret| encoding.read(secret)).ok_or(wrong)
    }

    fn uses(&self, place: &Place) -> bool {
        self.string.has(place) || self.carries(place)
    }

    fn carries(&self, place: &Place) -> bool {
        self.carried_in.iter().any(|carrier| carrier.value.has(place))
    }

    /// Finds what types can't rule out.
    pub(in crate::sign) fn check(&self) -> Result<(), Complaint> {
        if self.string.has(&Place::Signature) {
            return Err(("/string".into(), "`{signature}` can't be part of what is signed".into()));
        }
        if self.string.places().next().is_none() {
            return Err((
                "/string".into(),
                "the text has no placeholder: the same would be signed for every request".into(),
            ));
        }
        if !self.carries(&Place::Signature) {
            return Err(("/carried_in".into(), "none of them has the `{signature}`".into()));
        }
        for place in [Place::Timestamp, Place::Nonce, Place::KeyId] {
            if self.string.has(&place) && !self.carries(&place) {
                let name = place.name();
                let message = format!("`{{{name}}}` is signed and not carried: add it to `carried_in`");
                return Err(("/string".into(), message));
            }
        }
        self.carried_in.iter().enumerate().try_for_each(|(at, carrier)| {
            carrier.check().map_err(|(place, message)| (format!("/carried_in/{at}{place}"), message))
        })
    }
}

impl Carrier {
    fn check(&self) -> Result<(), Complaint> {
        match (&self.header, &self.query) {
            (Some(name), None) if !is_field_name(name) => {
                return Err(("/header".into(), format!("`{name}` is not a header name")));
            }
            (None, Some(name)) if name.is_empty() => {
                return Err(("/query".into(), "the name of the parameter is empty".into()));
            }
            (Some(_), Some(_)) | (None, None) => {
                return Err((
                    String::new(),
                    "an entry says where it goes with either `header` or `query`".into(),
                ));
            }
            _ => {}
        }
        let all = [Place::Body, Place::Url, Place::Query, Place::Target];
        match all.iter().find(|place| self.value.has(place)) {
            Some(place) => {
                Err(("/value".into(), format!("`{{{}}}` can be signed, not carried", place.name())))
            }
            None if self.value.places().next().is_none() => Err((
                "/value".into(),
                "the value has no placeholder; put what is always the same into `headers`".into(),
            )),
            None => Ok(()),
        }
    }
}

fn hmac_sha256() -> Algorithm {
    Algorithm::HmacSha256
}

fn unix() -> DateFormat {
    DateFormat::Unix
}

fn uuid() -> String {
    "{{ uuid() }}".to_owned()
}
