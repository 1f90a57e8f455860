//! What an `aws-sigv4` profile can say. The defaults are those of every service but S3, which wants
//! its path encoded once and left as it is, and the hash of the body in a header.

use serde::{Deserialize, Serialize};

use crate::sign::algorithm::Algorithm;
use crate::sign::cavage::is_field_name;
use crate::sign::profile_error::Complaint;

/// The settings of a profile that signs with AWS Signature Version 4. The environment's `secret` is
/// the secret access key, and the key id the access key id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "AwsSigv4Settings")]
#[allow(clippy::struct_excessive_bools, reason = "they are independent switches of one data format")]
pub struct Settings {
    /// The region of the service, such as `eu-central-1`; a template.
    pub region: String,
    /// The name of the service as its credentials are scoped, such as `execute-api`; a template.
    pub service: String,
    /// The token of temporary credentials; a template. Nothing is sent when it is empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<String>,
    /// Whether the session token is signed, as nearly every service wants it.
    #[serde(default = "yes")]
    pub sign_session_token: bool,
    /// Where the signature goes.
    #[serde(default)]
    pub carried_in: CarriedIn,
    /// For how many seconds a signature in the query is good.
    #[serde(default = "an_hour")]
    #[schemars(range(min = 1, max = 604_800))]
    pub expires_after: u32,
    /// Whether the body is signed.
    #[serde(default)]
    pub payload: Payload,
    /// Whether `x-amz-content-sha256` says what is signed of the body; S3 wants it.
    #[serde(default)]
    pub content_sha256: bool,
    /// Whether `.`, `..` and doubled slashes are taken out of the path that is signed; not for S3.
    #[serde(default = "yes")]
    pub normalize: bool,
    /// Whether the path as sent is percent-encoded once more in what is signed; not for S3.
    #[serde(default = "yes")]
    pub double_encode: bool,
    /// Headers that are sent and not signed, such as those that a proxy changes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unsigned_headers: Vec<String>,
}

/// Where the signature goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CarriedIn {
    /// Into `Authorization`.
    #[default]
    Header,
    /// Into parameters of the query: a presigned URL.
    Query,
}

/// What is signed of the body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Payload {
    /// Its SHA-256.
    #[default]
    Signed,
    /// Nothing: `UNSIGNED-PAYLOAD` stands in its place.
    Unsigned,
}

/// The longest that AWS lets a signature in the query live: seven days.
const LONGEST: u32 = 604_800;

impl Settings {
    /// The algorithm that the key must fit; the scheme has only one.
    #[allow(clippy::unused_self, reason = "every scheme is asked in the same way")]
    pub(in crate::sign) fn algorithm(&self) -> Algorithm {
        Algorithm::HmacSha256
    }

    /// The templates in the settings, by name.
    pub(in crate::sign) fn templates(&self) -> Vec<(String, &str)> {
        let scope = [("region", self.region.as_str()), ("service", self.service.as_str())];
        let token = self.session_token.as_deref().map(|token| ("session_token", token));
        scope.into_iter().chain(token).map(|(name, source)| (name.to_owned(), source)).collect()
    }

    /// Finds what types can't rule out.
    pub(in crate::sign) fn check(&self) -> Result<(), Complaint> {
        for (place, text) in [("/region", &self.region), ("/service", &self.service)] {
            if text.trim().is_empty() || text.contains('/') && !text.contains("{{") {
                let example = if place == "/region" { "eu-central-1" } else { "execute-api" };
                return Err((
                    place.into(),
                    format!(
                        "`{}` must be one word of the credential scope, such as `{example}`",
                        &place[1..]
                    ),
                ));
            }
        }
        if !(1..=LONGEST).contains(&self.expires_after) {
            let message =
                format!("`expires_after` must be between 1 and {LONGEST} seconds, which are seven days");
            return Err(("/expires_after".into(), message));
        }
        for (at, name) in self.unsigned_headers.iter().enumerate() {
            let place = format!("/unsigned_headers/{at}");
            if !is_field_name(name) {
                return Err((place, format!("`{name}` is not a header name")));
            }
            if name.eq_ignore_ascii_case("host") {
                return Err((place, "`host` is always signed".into()));
            }
        }
        Ok(())
    }
}

fn yes() -> bool {
    true
}

fn an_hour() -> u32 {
    3600
}
