//! What the placeholders of a layout are filled with, for one request.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::layout::Place;
use crate::clock::parse_http_date;
use crate::sign::SignError;
use crate::sign::cavage::{DateFormat, to_bytes};
use crate::sign::seen::Seen;

/// What the placeholders are filled with.
#[derive(Debug, Clone)]
pub(super) struct Values<'a> {
    pub seen: Seen<'a>,
    pub timestamp: &'a str,
    pub nonce: &'a str,
    pub key_id: &'a str,
    pub signature: &'a str,
}

impl Values<'_> {
    /// The bytes that a placeholder stands for.
    pub fn of(&self, place: &Place) -> Result<Vec<u8>, SignError> {
        let seen = &self.seen;
        Ok(match place {
            Place::Method => seen.method.into(),
            Place::MethodLower => seen.method.to_ascii_lowercase().into(),
            Place::Path => seen.path().into(),
            Place::Query => seen.query().into(),
            Place::Target => seen.target.into(),
            Place::Url => seen.url().into(),
            Place::Host => seen.host.into(),
            Place::Body => seen.body.to_vec(),
            Place::BodyHash(hash, encoding) => encoding.write(&hash.of(seen.body)).into(),
            Place::Header(name) => self.header(name)?,
            Place::Timestamp => self.timestamp.into(),
            Place::Nonce => self.nonce.into(),
            Place::KeyId => self.key_id.into(),
            Place::Signature => self.signature.into(),
        })
    }

    fn header(&self, name: &str) -> Result<Vec<u8>, SignError> {
        let values: Vec<&str> = self.seen.headers.all(name).map(str::trim).collect();
        let value = match values.is_empty() {
            false => values.join(", "),
            true if name.eq_ignore_ascii_case("host") => self.seen.host.to_owned(),
            true => return Err(SignError::Absent { header: name.to_owned() }),
        };
        to_bytes(&value).ok_or_else(|| SignError::Unsendable { header: name.to_owned() })
    }
}

/// The moment that a timestamp says.
pub(super) fn moment(format: &DateFormat, text: &str) -> Option<DateTime<Utc>> {
    match format {
        DateFormat::Http => parse_http_date(text),
        DateFormat::Rfc3339 => DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc()),
        DateFormat::Unix => DateTime::from_timestamp(text.parse().ok()?, 0),
        DateFormat::UnixMs => DateTime::from_timestamp_millis(text.parse().ok()?),
        DateFormat::Pattern(pattern) => {
            NaiveDateTime::parse_from_str(text, pattern).ok().map(|it| it.and_utc())
        }
    }
}
