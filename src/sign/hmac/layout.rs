//! A text with `{placeholders}`: what is signed, and how what carries the signature is written.
//!
//! One placeholder for each thing that real APIs sign, so that a line of an API's documentation
//! becomes the setting. A brace that belongs to no placeholder is a mistake: nothing is guessed.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::sign::cavage::is_field_name;
use crate::sign::digest::Hash;
use crate::sign::encoding::Encoding;

/// A text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Layout {
    written: String,
    parts: Vec<Part>,
}

/// One part of a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Place),
}

/// What a placeholder stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// `{method}`: as sent.
    Method,
    /// `{method.lower}`: in lower case.
    MethodLower,
    /// `{path}`: without the query, as sent.
    Path,
    /// `{query}`: without its question mark, as sent.
    Query,
    /// `{target}`: path and query, as sent.
    Target,
    /// `{url}`: scheme, host and target.
    Url,
    /// `{host}`: the host, with the port unless it is the default one.
    Host,
    /// `{body}`: its bytes.
    Body,
    /// `{body.sha256.hex}` and the like.
    BodyHash(Hash, Encoding),
    /// `{header.NAME}`: the value; several are joined by a comma and a blank.
    Header(String),
    /// `{timestamp}`: the moment of signing.
    Timestamp,
    /// `{nonce}`: what is used once.
    Nonce,
    /// `{key_id}`: what the message calls the key.
    KeyId,
    /// `{signature}`: the signature itself.
    Signature,
}

const KNOWN: &str = "`{method}`, `{method.lower}`, `{path}`, `{query}`, `{target}`, `{url}`, `{host}`, `{body}`, \
                     `{body.sha256.hex}` (also `sha512`, `base64`, `base64url`), `{header.NAME}`, `{timestamp}`, \
                     `{nonce}`, `{key_id}`, `{signature}`";

impl Layout {
    /// Whether the placeholder is in it.
    pub fn has(&self, place: &Place) -> bool {
        self.places().any(|known| known == place)
    }

    /// Its placeholders, in order.
    pub fn places(&self) -> impl Iterator<Item = &Place> {
        self.parts.iter().filter_map(|part| match part {
            Part::Place(place) => Some(place),
            Part::Text(_) => None,
        })
    }

    /// Whether it is this placeholder and nothing else.
    pub fn is(&self, place: &Place) -> bool {
        matches!(&self.parts[..], [Part::Place(only)] if only == place)
    }

    /// The text with its placeholders filled.
    pub fn fill<E>(&self, mut value: impl FnMut(&Place) -> Result<Vec<u8>, E>) -> Result<Vec<u8>, E> {
        let mut filled = Vec::new();
        for part in &self.parts {
            match part {
                Part::Text(text) => filled.extend(text.as_bytes()),
                Part::Place(place) => filled.extend(value(place)?),
            }
        }
        Ok(filled)
    }

    /// What its placeholders are filled with in `text`; `None` when the text is not so written.
    pub fn read<'t>(&self, text: &'t str) -> Option<Vec<(&Place, &'t str)>> {
        let mut found = Vec::new();
        let mut rest = text;
        for (at, part) in self.parts.iter().enumerate() {
            match (part, self.parts.get(at + 1)) {
                (Part::Text(text), _) => rest = rest.strip_prefix(text.as_str())?,
                (Part::Place(place), Some(Part::Text(behind))) => {
                    let end = rest.find(behind.as_str())?;
                    found.push((place, &rest[..end]));
                    rest = &rest[end..];
                }
                (Part::Place(place), _) => found.push((place, std::mem::take(&mut rest))),
            }
        }
        rest.is_empty().then_some(found)
    }
}

impl Place {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "method" => Self::Method,
            "method.lower" => Self::MethodLower,
            "path" => Self::Path,
            "query" => Self::Query,
            "target" => Self::Target,
            "url" => Self::Url,
            "host" => Self::Host,
            "body" => Self::Body,
            "timestamp" => Self::Timestamp,
            "nonce" => Self::Nonce,
            "key_id" => Self::KeyId,
            "signature" => Self::Signature,
            other => match other.strip_prefix("body.").and_then(|hash| hash.split_once('.')) {
                Some((hash, encoding)) => Self::BodyHash(
                    [("sha256", Hash::Sha256), ("sha512", Hash::Sha512)]
                        .into_iter()
                        .find(|(known, _)| *known == hash)?
                        .1,
                    Encoding::ALL.into_iter().find(|known| known.name() == encoding)?,
                ),
                None => {
                    Self::Header(other.strip_prefix("header.").filter(|name| is_field_name(name))?.to_owned())
                }
            },
        })
    }

    /// As it is written, without the braces.
    pub fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Method => "method",
            Self::MethodLower => "method.lower",
            Self::Path => "path",
            Self::Query => "query",
            Self::Target => "target",
            Self::Url => "url",
            Self::Host => "host",
            Self::Body => "body",
            Self::Timestamp => "timestamp",
            Self::Nonce => "nonce",
            Self::KeyId => "key_id",
            Self::Signature => "signature",
            Self::BodyHash(hash, encoding) => {
                let hash = if *hash == Hash::Sha256 { "sha256" } else { "sha512" };
                return Cow::Owned(format!("body.{hash}.{}", encoding.name()));
            }
            Self::Header(name) => return Cow::Owned(format!("header.{name}")),
        })
    }
}

impl TryFrom<String> for Layout {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        if written.contains(r"\n") {
            return Err(
                r#"the text has a backslash and an `n`: between double quotes, YAML makes "\n" a real newline"#.into(),
            );
        }
        let mut parts = Vec::new();
        let mut rest = written.as_str();
        let stray = || "the text has a brace that is not part of a placeholder".to_owned();
        while let Some((before, behind)) = rest.split_once('{') {
            let (name, after) = behind.split_once('}').ok_or_else(stray)?;
            if before.contains('}') {
                return Err(stray());
            }
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let place = Place::named(name)
                .ok_or_else(|| format!("`{{{name}}}` is not a placeholder; there are {KNOWN}"))?;
            parts.push(Part::Place(place));
            rest = after;
        }
        if rest.contains('}') {
            return Err(stray());
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { written, parts })
    }
}

impl From<Layout> for String {
    fn from(layout: Layout) -> Self {
        layout.written
    }
}

impl schemars::JsonSchema for Layout {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TextLayout".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": r"\{[a-z][^{}]*\}"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(written: &str) -> Layout {
        Layout::try_from(written.to_owned()).unwrap()
    }

    #[test]
    fn a_layout_is_filled_and_read_again() {
        let stripe = layout("t={timestamp},v1={signature}");
        let filled = stripe.fill(|place| Ok::<_, ()>(format!("<{}>", place.name()).into_bytes())).unwrap();
        assert_eq!(filled, b"t=<timestamp>,v1=<signature>");
        assert_eq!(stripe.read("t=1,v1=ab").unwrap(), [(&Place::Timestamp, "1"), (&Place::Signature, "ab")]);
        for other in ["t=1", "x=1,v1=ab", ""] {
            assert!(stripe.read(other).is_none(), "{other}");
        }
    }

    #[test]
    fn every_placeholder_has_its_own_name_and_any_other_is_refused_with_what_there_is() {
        for name in [
            "method",
            "method.lower",
            "path",
            "query",
            "target",
            "url",
            "host",
            "body",
            "timestamp",
            "nonce",
            "key_id",
            "signature",
            "body.sha256.hex",
            "body.sha512.base64",
            "body.sha256.base64url",
            "header.X-Id",
        ] {
            assert_eq!(Place::named(name).unwrap().name(), name);
        }
        for (wrong, reason) in [
            ("{verb}", "`{verb}` is not a placeholder; there are `{method}`"),
            ("{body.md5.hex}", "is not a placeholder"),
            ("{header.}", "is not a placeholder"),
            ("{body", "a brace"),
            ("body}", "a brace"),
            ("}{body}", "a brace"),
            (r"{method}\n{path}", "a backslash and an `n`"),
        ] {
            let refused = Layout::try_from(wrong.to_owned()).unwrap_err();
            assert!(refused.contains(reason), "{wrong}: {refused}");
        }
    }
}
