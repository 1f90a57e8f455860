//! Derived components (RFC 9421, section 2.2): what is signed of a message besides its fields.
//!
//! All are read from what was received, never from a parsed URL: whoever parses a URL writes it
//! anew, and a signature is over bytes.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::form_urlencoded;

use super::base::BaseError;
use super::identifier::Identifier;
use crate::message::{Received, Start};

/// What stays as it is in a query parameter: the rest of the form set is encoded (section 2.2.8).
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_');

/// The parts of a request's target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parts<'a> {
    pub method: &'a str,
    /// As in the request line.
    pub target: &'a str,
    /// In lower case.
    pub scheme: String,
    /// As the message names it.
    pub host: String,
    pub path: &'a str,
    pub query: Option<&'a str>,
}

impl<'a> Parts<'a> {
    /// Of a request; an answer has none of its own.
    pub fn of(message: &'a Received) -> Option<Self> {
        let Start::Request { method, target, scheme, authority } = &message.start else { return None };
        let (named, rest) = match target.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?']) => {
                let end = rest.find(['/', '?']).unwrap_or(rest.len());
                (Some((scheme, &rest[..end])), &rest[end..])
            }
            _ => (None, target.as_str()),
        };
        let (path, query) = match rest.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (rest, None),
        };
        let given = message.headers.get("host").or(authority.as_deref()).unwrap_or_default();
        Some(Self {
            method,
            target,
            scheme: named.map_or(scheme.as_str(), |(scheme, _)| scheme).to_ascii_lowercase(),
            host: named.map_or(given, |(_, host)| host).trim().to_owned(),
            // `*` and `host:port` stand for a target without a path.
            path: if path.starts_with('/') { path } else { "" },
            query,
        })
    }

    /// Host in lower case, and the port unless it is the scheme's own.
    pub fn authority(&self) -> String {
        let host = self.host.to_ascii_lowercase();
        let port = format!(":{}", self.default_port());
        host.strip_suffix(&port).map_or_else(|| host.clone(), str::to_owned)
    }

    pub fn default_port(&self) -> &'static str {
        if self.scheme == "http" { "80" } else { "443" }
    }

    /// Path and query as they were sent.
    pub fn path_and_query(&self) -> String {
        self.query.map_or_else(|| self.path.to_owned(), |query| format!("{}?{query}", self.path))
    }
}

/// The value of a derived component of this message.
pub(super) fn value(message: &Received, identifier: &Identifier) -> Result<String, BaseError> {
    let name = identifier.name();
    let parts = match (&message.start, Parts::of(message)) {
        (Start::Answer { status, .. }, _) if name == "@status" => return Ok(status.to_string()),
        (_, Some(parts)) if name != "@status" => parts,
        (Start::Request { .. }, _) => return Err(BaseError::OfAnswers(identifier.to_string())),
        (Start::Answer { .. }, _) => return Err(BaseError::OfRequests(identifier.to_string())),
    };
    Ok(match name {
        "@method" => parts.method.to_owned(),
        "@target-uri" => format!("{}://{}{}", parts.scheme, parts.authority(), parts.path_and_query()),
        "@authority" => parts.authority(),
        "@scheme" => parts.scheme,
        "@request-target" => parts.target.to_owned(),
        "@path" if parts.path.is_empty() => "/".to_owned(),
        "@path" => parts.path.to_owned(),
        "@query" => format!("?{}", parts.query.unwrap_or_default()),
        _ => return query_parameter(parts.query, identifier),
    })
}

/// The one value of a query parameter; several would leave open which of them is signed.
fn query_parameter(query: Option<&str>, identifier: &Identifier) -> Result<String, BaseError> {
    let wanted = identifier.query_name().map(encoded_name).unwrap_or_default();
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut values = pairs.filter(|(name, _)| encode(name) == wanted).map(|(_, value)| encode(&value));
    match (values.next(), values.next()) {
        (None, _) => Err(BaseError::Absent(identifier.to_string())),
        (Some(value), None) => Ok(value),
        (Some(_), Some(_)) => Err(BaseError::Repeated(identifier.to_string())),
    }
}

/// The name of a query parameter as an identifier holds it, percent-encoded or not before.
pub(super) fn encoded_name(name: &str) -> String {
    encode(&percent_decode_str(name).decode_utf8_lossy())
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, FORM).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Headers;

    fn request(target: &str, host: &str) -> Received {
        let start = Start::Request {
            method: "GET".into(),
            target: target.into(),
            scheme: "https".into(),
            authority: None,
        };
        let headers: Headers = [("Host", host)].into_iter().collect();
        Received { start, headers, body: bytes::Bytes::new() }
    }

    #[test]
    fn an_authority_is_in_lower_case_and_without_the_port_that_the_scheme_implies() {
        for (target, host, authority, uri) in [
            ("/a?b", "Bank.Example:443", "bank.example", "https://bank.example/a?b"),
            ("/", "bank.example:8443", "bank.example:8443", "https://bank.example:8443/"),
            ("/", "[::1]:443", "[::1]", "https://[::1]/"),
            ("http://Other.example:80/x", "bank.example", "other.example", "http://other.example/x"),
            ("http://other.example?q", "bank.example", "other.example", "http://other.example?q"),
            ("*", "bank.example", "bank.example", "https://bank.example"),
            ("/go?to=https://other.example/", "a", "a", "https://a/go?to=https://other.example/"),
        ] {
            let message = request(target, host);
            let value = |name: &str| value(&message, &Identifier::new(name, Vec::new()).unwrap()).unwrap();
            assert_eq!((value("@authority").as_str(), value("@target-uri").as_str()), (authority, uri));
        }
        let path = Identifier::new("@path", Vec::new()).unwrap();
        assert_eq!(value(&request("http://other.example?q", ""), &path).unwrap(), "/");
    }

    #[test]
    fn a_query_parameter_that_is_sent_twice_is_never_signed() {
        let named =
            |name: &str| Identifier::new("@query-param", vec![("name".into(), Some(name.into()))]).unwrap();
        let message = request("/?a=1&b=%7E&a=2&c=+", "a");
        assert!(matches!(value(&message, &named("a")), Err(BaseError::Repeated(_))));
        assert!(matches!(value(&message, &named("d")), Err(BaseError::Absent(_))));
        assert_eq!(value(&message, &named("b")).unwrap(), "%7E");
        assert_eq!(value(&message, &named("c")).unwrap(), "%20");
    }
}
