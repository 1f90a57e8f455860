//! What the bank answers: the refusals with their published statuses and texts, and the two
//! envelopes they come in.
//!
//! A real bank says no more than "could not be verified". This one adds `detail`, beside the
//! published fields and never instead of them, so that a test of the published answer still
//! passes against the bank itself.

use std::fmt::Write;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::header::{
    ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Version};
use http_body_util::Full;
use serde_json::{Value, json};

use super::log::{Check, shown};
use super::seal::Seal;

/// How errors are wrapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Envelope {
    /// `{"error": {"code", "message", "severity"}}`: Showcase 2.
    #[default]
    Nested,
    /// `{"code", "message", "severity", "innerErrors": []}`: Showcase 4.
    Flat,
}

/// The kinds of refusal that the bank publishes, and those of HTTP itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Problem {
    /// No such path here.
    NotFound,
    /// The path is there, for these methods only.
    MethodNotAllowed(&'static str),
    /// A malformed token call, which answers with a bare message.
    TokenCall(&'static str),
    /// Nothing more than that the signature could not be verified.
    Unverified,
    /// Not signed as the profile says that the bank was started with.
    Unsigned,
    /// `Digest` is missing or wrong.
    Digest,
    /// The access token is missing or wrong.
    AccessToken,
    /// The request is not one that HTTP allows.
    BadRequest,
    /// The body did not come in time.
    TooSlow,
    /// The body is too large.
    TooLarge,
    /// Too many connections.
    Busy,
    /// A defect of the sandbox.
    Internal,
}

impl Problem {
    fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TokenCall(_) | Self::Digest | Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unverified | Self::Unsigned | Self::AccessToken => StatusCode::UNAUTHORIZED,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::NotFound => "NotFoundError",
            Self::MethodNotAllowed(_) => "MethodNotAllowed",
            Self::Unverified | Self::Unsigned | Self::AccessToken => "Unauthorized",
            Self::Digest => "DigestError",
            Self::TokenCall(_) | Self::BadRequest => "BadRequest",
            Self::TooSlow => "RequestTimeout",
            Self::TooLarge => "PayloadTooLarge",
            Self::Busy => "ServiceUnavailable",
            Self::Internal => "InternalServerError",
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::NotFound => "Resource not found",
            Self::MethodNotAllowed(_) => "Method not allowed",
            Self::TokenCall(message) => message,
            Self::Unverified | Self::Unsigned => "Signature could not be successfully verified",
            Self::Digest => "Missing or invalid Digest header",
            Self::AccessToken => "Missing or invalid Access Token",
            Self::BadRequest => "Bad request",
            Self::TooSlow => "Request timeout",
            Self::TooLarge => "Payload too large",
            Self::Busy => "Service unavailable",
            Self::Internal => "Internal server error",
        }
    }

    /// The header field that HTTP wants beside this status.
    fn field(self) -> Option<(HeaderName, &'static str)> {
        match self {
            Self::MethodNotAllowed(allowed) => Some((ALLOW, allowed)),
            Self::Unverified => {
                Some((WWW_AUTHENTICATE, r#"Signature headers="(request-target) date digest""#))
            }
            Self::Unsigned => Some((WWW_AUTHENTICATE, "Signature")),
            Self::AccessToken => Some((WWW_AUTHENTICATE, "Bearer")),
            Self::Busy => Some((RETRY_AFTER, "1")),
            _ => None,
        }
    }

    /// Whether what is left of the request can't be told from the next one, or should not be read.
    fn ends_connection(self) -> bool {
        matches!(self, Self::BadRequest | Self::TooSlow | Self::TooLarge | Self::Busy)
    }
}

/// Why a request is not served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) check: Check,
    pub(super) problem: Problem,
    pub(super) reason: String,
    pub(super) signing_string: Option<String>,
    pub(super) verifies: Option<String>,
}

impl Refusal {
    pub(super) fn new(check: Check, problem: Problem, reason: impl Into<String>) -> Self {
        Self { check, problem, reason: reason.into(), signing_string: None, verifies: None }
    }

    fn body(&self, envelope: Envelope) -> Value {
        let (code, message) = (self.problem.code(), self.problem.message());
        let mut body = match (self.problem, envelope) {
            (Problem::TokenCall(_), _) => json!({ "message": message }),
            (_, Envelope::Nested) => {
                json!({ "error": { "code": code, "message": message, "severity": "CRITICAL" } })
            }
            (_, Envelope::Flat) => {
                json!({ "code": code, "message": message, "severity": "CRITICAL", "innerErrors": [] })
            }
        };
        body["detail"] = self.detail();
        body
    }

    fn detail(&self) -> Value {
        let mut detail = json!({ "check": self.check.as_str(), "reason": shown(&self.reason) });
        if let Some(string) = &self.signing_string {
            detail["signing_string"] = json!(string);
        }
        if let Some(string) = &self.verifies {
            detail["verifies"] = json!(string);
        }
        detail
    }
}

/// The ids that every answer carries.
pub(super) struct Ids {
    pub(super) response: String,
    /// The client's own id, under the name that it gave it.
    pub(super) request: Option<(&'static str, HeaderValue)>,
}

/// The answer to send. `version` decides whether a connection is ended by a header field; `seal` signs
/// it, at this time.
pub(super) fn response(
    outcome: &Result<Value, Refusal>,
    envelope: Envelope,
    ids: &Ids,
    version: Version,
    seal: Option<(&Seal, DateTime<Utc>)>,
) -> Response<Full<Bytes>> {
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, written(body)),
        Err(refusal) => (refusal.problem.status(), written(&refusal.body(envelope))),
    };
    let body = Bytes::from(body);
    let mut response = Response::new(Full::new(body.clone()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&ids.response) {
        headers.insert("x-ing-response-id", id);
    }
    if let Some((name, id)) = &ids.request {
        headers.insert(*name, id.clone());
    }
    if let Err(refusal) = outcome {
        fields_of(refusal.problem, headers, version);
    }
    if let Some((seal, at)) = seal {
        seal.sign(status.as_u16(), headers, &body, at);
    }
    response
}

fn fields_of(problem: Problem, headers: &mut HeaderMap, version: Version) {
    if let Some((name, value)) = problem.field() {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if problem.ends_connection() && version < Version::HTTP_2 {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
}

/// JSON in which nothing that a client sent can be taken for markup or move a cursor: `<`, `>`,
/// `&` and every control and separator character is escaped. They can only stand inside strings.
fn written(body: &Value) -> String {
    let mut text = String::new();
    for character in body.to_string().chars() {
        match character {
            '<' | '>' | '&' | '\u{7f}'..='\u{9f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_stays_text_wherever_it_is_shown() {
        let sent = "<script>\u{1b}[2J\u{9b}2J\u{202e}&\r\n";
        let text = written(&json!({ "detail": sent }));
        assert!(text.is_ascii(), "{text}");
        assert!(!text.contains(['<', '&', '\u{1b}', '\n']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap()["detail"], sent);
    }

    #[test]
    fn both_envelopes_carry_the_published_fields_and_the_reason() {
        let mut refusal = Refusal::new(Check::Digest, Problem::Digest, "it is the digest of other bytes");
        refusal.signing_string = Some("date: x".into());
        let detail = json!({
            "check": "digest", "reason": "it is the digest of other bytes", "signing_string": "date: x"
        });
        let message = "Missing or invalid Digest header";
        assert_eq!(
            refusal.body(Envelope::Nested),
            json!({
                "error": { "code": "DigestError", "message": message, "severity": "CRITICAL" },
                "detail": detail,
            })
        );
        assert_eq!(
            refusal.body(Envelope::Flat),
            json!({
                "code": "DigestError", "message": message, "severity": "CRITICAL", "innerErrors": [],
                "detail": detail,
            })
        );
    }
}
