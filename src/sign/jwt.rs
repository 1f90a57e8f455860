//! JSON Web Tokens that are made for one message: client assertions and DPoP proofs.
//!
//! What was signed is kept beside the token as data, so that `explain` can show it; it is read back
//! from the token itself and not from what went into it.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value};

use super::SignError;
use super::jose;
use super::key::Ready;

/// A token that was made for one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Jwt {
    /// What it is for.
    pub kind: JwtKind,
    /// Its header.
    pub header: Value,
    /// Its claims.
    pub claims: Value,
    /// The token in the compact form (RFC 7515, section 7.1).
    pub value: String,
}

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JwtKind {
    /// Says who the client is (RFC 7523); it stands in the form.
    ClientAssertion,
    /// Shows that the client has the key of its token (RFC 9449); it stands in `DPoP`.
    DpopProof,
}

/// The moment that tokens are made at, and whether they will be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Making {
    /// The moment.
    pub at: DateTime<Utc>,
    /// Whether nothing is to be sent: what is made then has no signature.
    pub rehearsal: bool,
}

impl JwtKind {
    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ClientAssertion => "client assertion",
            Self::DpopProof => "DPoP proof",
        }
    }

    /// The name that replaces it where it must not be shown.
    pub const fn mask(self) -> &'static str {
        match self {
            Self::ClientAssertion => "client_assertion",
            Self::DpopProof => "dpop_proof",
        }
    }
}

impl Jwt {
    pub(super) fn make(
        kind: JwtKind,
        header: Map<String, Value>,
        claims: Map<String, Value>,
        key: &Ready,
        making: Making,
    ) -> Result<Self, SignError> {
        let (header, claims) = (Value::Object(header), Value::Object(claims));
        let value = if making.rehearsal {
            jose::compact(&header, &claims, &key.rehearsal())?
        } else {
            jose::compact(&header, &claims, key)?
        };
        let header = part(&value, 0).unwrap_or_default();
        Ok(Self { kind, header, claims, value })
    }
}

/// The claims of a token in the compact form, unverified; `None` when it is not one.
pub fn unverified_claims(token: &str) -> Option<Value> {
    let is_compact = token.split('.').count() == 3;
    is_compact.then(|| part(token, 1)).flatten().filter(Value::is_object)
}

fn part(token: &str, index: usize) -> Option<Value> {
    serde_json::from_slice(&jose::decode(token.split('.').nth(index)?)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_opaque_token_has_no_claims() {
        for opaque in ["", "abc", "a.b.c", "e30.MQ.x", "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"] {
            assert_eq!(unverified_claims(opaque), None, "{opaque}");
        }
        assert_eq!(unverified_claims("e30.eyJhIjoxfQ."), Some(serde_json::json!({"a": 1})));
    }
}
