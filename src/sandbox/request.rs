//! A request as it was received: plain data, exactly as it stood on the wire.
//!
//! The body is read up to a bound and within a time, and never decoded: its digest covers the
//! bytes as sent, so a compressed body can't become larger than it is.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST};
use http::{HeaderValue, request::Parts};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use tokio::time::timeout;

use crate::limits::SHORTEST_MASKED_SECRET;
use crate::message::{self, Headers, Start};

use super::answer::{Problem, Refusal};
use super::log::{Check, shown};

/// Everything but the body.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) method: String,
    /// Path and query, byte for byte.
    pub(super) target: String,
    /// Whether the request line had a whole URL.
    pub(super) absolute: bool,
    /// Names in lower case; HTTP/2's `:authority` stands as `host`.
    pub(super) headers: Headers,
}

/// A whole request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Received {
    pub(super) head: Head,
    pub(super) body: Bytes,
}

/// The headers with the client's own id of a request: Open Banking's, then PSD2's.
const REQUEST_IDS: [&str; 2] = ["x-ing-reqid", "x-request-id"];

impl Received {
    /// As signatures are judged: as it stood on the wire.
    pub(super) fn as_message(&self) -> message::Received {
        let Head { method, target, headers, .. } = &self.head;
        let start = Start::Request {
            method: method.clone(),
            target: target.clone(),
            scheme: "https".into(),
            authority: headers.get("host").map(str::to_owned),
        };
        message::Received { start, headers: headers.clone(), body: self.body.clone() }
    }
}

impl Head {
    pub(super) fn new(parts: &Parts) -> Self {
        let http2 = parts.version == http::Version::HTTP_2;
        let mut headers: Headers =
            parts.headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
        if let (true, Some(authority), false) = (http2, parts.uri.authority(), headers.contains("host")) {
            headers.append("host", authority.as_str());
        }
        Self {
            method: parts.method.as_str().to_owned(),
            target: parts.uri.path_and_query().map_or_else(|| parts.uri.to_string(), ToString::to_string),
            absolute: !http2 && parts.uri.authority().is_some(),
            headers,
        }
    }

    /// The target without its query.
    pub(super) fn path(&self) -> &str {
        self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path)
    }

    /// The one value of a field; `None` when there is none, or when there are several.
    pub(super) fn only(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.all(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// The text without the credentials that the request carries, wherever they turn up in it.
    /// A signature is not hidden: it is good for this one request, and it is what a log is for.
    pub(super) fn masked(&self, text: &str) -> String {
        self.headers.all("authorization").fold(text.to_owned(), |text, value| match value.split_once(' ') {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("signature") => text,
            Some((_, secret)) if secret.len() >= SHORTEST_MASKED_SECRET => {
                text.replace(secret, "[credentials]")
            }
            _ => text,
        })
    }

    /// The client's id of this request.
    pub(super) fn request_id(&self) -> Option<&str> {
        REQUEST_IDS.iter().find_map(|name| self.only(name)).filter(|id| !id.is_empty())
    }
}

/// The id to echo: only what can't be mistaken for anything else in a terminal or a page.
pub(super) fn echoed(parts: &Parts) -> Option<(&'static str, HeaderValue)> {
    let (name, id) = REQUEST_IDS.into_iter().find_map(|name| Some((name, parts.headers.get(name)?)))?;
    let plain = id.len() <= 128 && id.as_bytes().iter().all(u8::is_ascii_graphic);
    plain.then(|| (name, id.clone()))
}

/// Refuses what names another server: this one answers for its own address only.
pub(super) fn for_us(parts: &Parts) -> Result<(), Refusal> {
    let authority = parts.uri.authority().map(ToString::to_string);
    for host in parts.headers.get_all(HOST).iter().map(text).chain(authority) {
        let port = host.rsplit_once(':').filter(|(_, port)| !port.contains(']'));
        let name = port.map_or(&*host, |(name, _)| name);
        if !["localhost", "127.0.0.1", "[::1]"].iter().any(|ours| name.eq_ignore_ascii_case(ours)) {
            let reason = format!("`{}` is not this server", shown(&host));
            return Err(Refusal::new(Check::Route, Problem::NotFound, reason));
        }
    }
    if parts.version == http::Version::HTTP_11 && parts.headers.get_all(HOST).iter().count() != 1 {
        let reason = "HTTP/1.1 needs one `Host` field (RFC 9112, section 3.2)";
        return Err(Refusal::new(Check::Route, Problem::BadRequest, reason));
    }
    Ok(())
}

/// Reads the body, up to `limit` bytes within `patience`.
pub(super) async fn body(
    parts: &Parts,
    body: Incoming,
    limit: usize,
    patience: Duration,
) -> Result<Bytes, Refusal> {
    let too_large = || {
        let reason = format!("the body is larger than {limit} bytes");
        Refusal::new(Check::Limits, Problem::TooLarge, reason)
    };
    let announced =
        parts.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    #[allow(clippy::disallowed_methods, reason = "it is bounded")]
    let collecting = Limited::new(body, limit).collect();
    match timeout(patience, collecting).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => {
            Err(Refusal::new(Check::Limits, Problem::BadRequest, "the body ended before it was complete"))
        }
        Err(_) => {
            let reason = format!("the body took longer than {} seconds", patience.as_secs());
            Err(Refusal::new(Check::Limits, Problem::TooSlow, reason))
        }
    }
}

/// A field's value as text: bytes above 0x7f are read as Latin-1, so that none is lost.
fn text(value: &HeaderValue) -> String {
    value.as_bytes().iter().map(|&byte| char::from(byte)).collect()
}
