//! A request as its signature sees it: one view for the signer, of what it will send, and for the
//! verifier, of what came.
//!
//! Schemes work on the text of the target, not on a URL: a parsed URL has already been changed,
//! and a signature is over what stood on the wire.

use url::Url;

use super::encoding;
use crate::message::{Headers, Message, Received, Start};

/// What a signature can cover of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    /// The method, as in the request line.
    pub method: &'a str,
    /// Path and query, as in the request line.
    pub target: &'a str,
    /// `https` or `http`.
    pub scheme: &'a str,
    /// The `Host` field, or what HTTP/2 says in its place.
    pub host: &'a str,
    /// The header fields.
    pub headers: &'a Headers,
    /// The body.
    pub body: &'a [u8],
}

impl<'a> Seen<'a> {
    /// The view of a request; `None` of an answer.
    pub fn of(received: &'a Received) -> Option<Self> {
        let Start::Request { method, target, scheme, authority } = &received.start else { return None };
        let host = received.headers.get("host").or(authority.as_deref()).unwrap_or_default();
        Some(Self {
            method,
            target,
            scheme,
            host: host.trim(),
            headers: &received.headers,
            body: &received.body,
        })
    }

    /// The path, as sent; `/` where it is empty.
    pub fn path(&self) -> &'a str {
        match self.target.split_once('?').map_or(self.target, |(path, _)| path) {
            "" => "/",
            path => path,
        }
    }

    /// What stands behind the question mark, as sent.
    pub fn query(&self) -> &'a str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// Scheme, host and target.
    pub fn url(&self) -> String {
        format!("{}://{}{}", self.scheme, self.host, self.target)
    }

    /// Whether the body is a form (`application/x-www-form-urlencoded`).
    pub fn has_form(&self) -> bool {
        let kind = self.headers.get("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }
}

/// The parameters of a query or form, as written: name and value, empty ones too.
pub(super) fn pairs(query: &str) -> Vec<(&str, &str)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).collect()
}

/// Adds a parameter at the end of a request's query.
pub(super) fn add_parameter(request: &mut Received, name: &str, value: &str) {
    if let Start::Request { target, .. } = &mut request.start {
        let join = match target.split_once('?') {
            None => "?",
            Some((_, "")) => "",
            Some(_) => "&",
        };
        target.push_str(join);
        target.push_str(&[&encoding::percent(name), "=", &encoding::percent(value)].concat());
    }
}

/// The target without a parameter of its query; `None` when it does not have it.
pub(super) fn without_parameter(target: &str, name: &str) -> Option<String> {
    let (path, query) = target.split_once('?')?;
    let is_it =
        |pair: &&str| encoding::unpercent(pair.split('=').next().unwrap_or_default()) == name.as_bytes();
    query.split('&').find(is_it)?;
    let rest: Vec<&str> = query.split('&').filter(|pair| !is_it(pair)).collect();
    Some(if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) })
}

/// Takes headers and query over into the message that is sent.
pub(super) fn apply(message: &mut Message, request: Received) {
    message.headers = request.headers;
    if let Start::Request { target, .. } = request.start
        && target != message.target()
    {
        set_query(&mut message.url, &target);
    }
}

/// What was added is percent-encoded already, so that nothing changes on the way into the URL.
fn set_query(url: &mut Url, target: &str) {
    url.set_query(target.split_once('?').map(|(_, query)| query));
}
