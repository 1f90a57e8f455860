//! Between our messages and the clients': a request goes out as it was signed, an answer's head comes
//! in as it was sent.
//!
//! Field names go out in lower case, which HTTP/2 demands and HTTP/1.1 does not mind; their order
//! and values are kept. `accept`, `accept-encoding` and `user-agent` are added behind them only
//! where the message does not say otherwise.

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, Response, Uri, Version};

use super::decode::Coding;
use crate::limits;
use crate::message::{Answer, Headers, Message};

const USER_AGENT: &str = concat!("countersign/", env!("CARGO_PKG_VERSION"));

/// The message as clients take it; the error says what can't be sent.
pub(super) fn request(message: &Message) -> Result<Request<Bytes>, String> {
    let method = Method::from_bytes(message.method.as_bytes())
        .map_err(|_| format!("`{}` is not a method", message.method.escape_debug()))?;
    let to: Uri = message
        .url
        .as_str()
        .parse()
        .map_err(|_| format!("the URL of {} bytes can't be sent", message.url.as_str().len()))?;
    let mut headers = HeaderMap::with_capacity(message.headers.len() + 4);
    for (name, value) in message.headers.iter() {
        headers.append(field_name(name)?, field_value(name, value)?);
    }
    let added = [("accept", "*/*"), ("accept-encoding", Coding::OFFER), ("user-agent", USER_AGENT)];
    for (name, value) in added {
        if !headers.contains_key(name) {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
    }
    // RFC 9110, section 8.6: where a body is usual, its absence is said.
    let usual = matches!(method, Method::POST | Method::PUT | Method::PATCH);
    if usual && message.body.is_empty() && !headers.contains_key("content-length") {
        headers.append(HeaderName::from_static("content-length"), HeaderValue::from_static("0"));
    }
    let mut request = Request::new(message.body.clone());
    *request.method_mut() = method;
    *request.uri_mut() = to;
    *request.headers_mut() = headers;
    Ok(request)
}

fn field_name(name: &str) -> Result<HeaderName, String> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("`{}` is not the name of a header field", name.escape_debug()))
}

fn field_value(name: &str, value: &str) -> Result<HeaderValue, String> {
    let latin: Option<Vec<u8>> = value.chars().map(|letter| u8::try_from(letter).ok()).collect();
    latin
        .and_then(|bytes| HeaderValue::from_bytes(&bytes).ok())
        .ok_or_else(|| format!("the value of `{name}` has a character that a header field can't hold"))
}

/// The answer without its body, or why its head is too large.
pub(super) fn head<B>(response: &Response<B>) -> Result<Answer, String> {
    let fields = response.headers();
    if fields.len() > limits::ANSWER_FIELDS {
        return Err(format!("{} header fields, more than {}", fields.len(), limits::ANSWER_FIELDS));
    }
    let size: usize = fields.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > limits::ANSWER_HEAD {
        return Err(format!("a head of {size} bytes, more than {}", limits::ANSWER_HEAD));
    }
    Ok(Answer {
        status: response.status().as_u16(),
        version: version(response.version()).to_owned(),
        headers: fields
            .iter()
            .map(|(name, value)| (name.as_str(), text(value.as_bytes())))
            .collect::<Headers>(),
        body: Bytes::new(),
    })
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}

/// Bytes above 0x7f are read as Latin-1, so that none is lost.
fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
