//! What stands in a protected header and is only known when signing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::SecondsFormat;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::sign::{SignError, With, jose};

/// The mechanism of ETSI TS 119 182-1 that signs header fields.
pub(super) const HTTP_HEADERS: &str = "http://uri.etsi.org/19182/HttpHeaders";

/// A member of the protected header that is made when signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    KeyId,
    Iat,
    SigT,
    SigD,
    X5t,
    X5c,
    Components,
}

impl Placeholder {
    /// Every placeholder as it is written.
    pub const NAMES: &[(&str, Self)] = &[
        ("{key_id}", Self::KeyId),
        ("{iat}", Self::Iat),
        ("{sigT}", Self::SigT),
        ("{sigD}", Self::SigD),
        ("{x5t#S256}", Self::X5t),
        ("{x5c}", Self::X5c),
        ("{components}", Self::Components),
    ];

    /// The placeholder that a text is.
    pub fn read(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| *name == text).map(|(_, placeholder)| *placeholder)
    }

    /// A text that looks like a placeholder and is none.
    pub fn unknown(text: &str) -> Option<&str> {
        let looks = text.starts_with('{')
            && text.ends_with('}')
            && !text.starts_with("{{")
            && !text.starts_with("{%");
        (looks && Self::read(text).is_none()).then_some(text)
    }

    /// Its value, where `components` are signed.
    pub fn fill(self, components: &[(String, String)], with: &With<'_>) -> Result<Value, SignError> {
        let names = || components.iter().map(|(name, _)| name.as_str());
        let certificate = || {
            with.certificate.ok_or_else(|| SignError::Unsignable {
                message: "the profile names the signing certificate, and there is none".into(),
                help: Some("add `signing: {certificate: …}` to the environment".into()),
            })
        };
        Ok(match self {
            Self::KeyId => with.key_id.into(),
            Self::Iat => with.at.timestamp().into(),
            Self::SigT => with.at.to_rfc3339_opts(SecondsFormat::Secs, true).into(),
            Self::SigD => json!({"pars": names().collect::<Vec<_>>(), "mId": HTTP_HEADERS}),
            Self::X5t => jose::encode(Sha256::digest(certificate()?.der())).into(),
            Self::X5c => json!([STANDARD.encode(certificate()?.der())]),
            Self::Components => names().collect::<Vec<_>>().join(",").into(),
        })
    }
}
