//! HTTP messages as plain data: what signing, sending, verifying and selecting share.
//!
//! A [`Message`] is exactly what goes on the wire. Whatever is signed is read from it, so nothing
//! may be re-encoded between signing and sending.

use bytes::Bytes;
use url::Url;

/// A request as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The method, in the case it is sent in (RFC 9110, section 9.1: methods are case-sensitive).
    pub method: String,
    /// The absolute URL, already normalised: its path and query are the bytes of the request line.
    pub url: Url,
    /// The header fields, in the order they are sent.
    pub headers: Headers,
    /// The body; empty when there is none.
    pub body: Bytes,
}

impl Message {
    /// The request target in origin form (RFC 9112, section 3.2.1): path and query, byte for byte
    /// as sent.
    pub fn target(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }

    /// The value of the `Host` field: the authority without the scheme's default port.
    pub fn host(&self) -> String {
        host(&self.url)
    }
}

/// The authority of a URL without the scheme's default port.
pub fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// An answer, completely read and decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The protocol version, as `HTTP/1.1` or `HTTP/2`.
    pub version: String,
    /// The header fields, in the order they came; names in lower case.
    pub headers: Headers,
    /// The body after content decoding.
    pub body: Bytes,
}

/// A message as it came, for verifying: read from the wire or from a capture of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What its first line says.
    pub start: Start,
    /// The header fields, in the order they came.
    pub headers: Headers,
    /// The body, byte for byte.
    pub body: Bytes,
}

/// What the first line of a message says, and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// A request.
    Request {
        /// The method.
        method: String,
        /// The target in origin form: path and query, byte for byte.
        target: String,
        /// `https` or `http`.
        scheme: String,
        /// HTTP/2's `:authority`, where no `Host` field says it.
        authority: Option<String>,
    },
    /// An answer.
    Answer {
        /// The status code.
        status: u16,
        /// The request that it answers, where that is known.
        request: Option<Box<Received>>,
    },
}

impl Received {
    /// The answer to `sent`.
    pub fn answer(answer: &Answer, sent: &Message) -> Self {
        Self {
            start: Start::Answer { status: answer.status, request: Some(Box::new(Self::from(sent))) },
            headers: answer.headers.clone(),
            body: answer.body.clone(),
        }
    }
}

/// As its receiver will see it.
impl From<&Message> for Received {
    fn from(message: &Message) -> Self {
        Self {
            start: Start::Request {
                method: message.method.clone(),
                target: message.target(),
                scheme: message.url.scheme().to_owned(),
                authority: Some(message.host()),
            },
            headers: message.headers.clone(),
            body: message.body.clone(),
        }
    }
}

/// Header fields in order; names compare without regard to case.
///
/// Values are text: visible ASCII, blanks, and bytes above 0x7f read as Latin-1 (RFC 9110,
/// section 5.5), so that no value is lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first value of the field.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of the field, in order.
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.0
            .iter()
            .filter(move |(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Whether the field is there, even when empty.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Adds a value behind the ones that are there.
    pub fn append(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Replaces every value of the field; the field keeps its place.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        let place = self.0.iter().position(|(field, _)| field.eq_ignore_ascii_case(name));
        self.remove(name);
        let place = place.unwrap_or(self.0.len());
        self.0.insert(place, (name.to_owned(), value.into()));
    }

    /// Removes every value of the field.
    pub fn remove(&mut self, name: &str) {
        self.0.retain(|(field, _)| !field.eq_ignore_ascii_case(name));
    }

    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// How many field lines there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Whether a request of this method may be made twice and mean the same as once (RFC 9110, section
/// 9.2.2).
pub fn is_idempotent(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_field_keeps_its_place_and_loses_its_other_values() {
        let mut headers: Headers = [("A", "1"), ("b", "2"), ("a", "3")].into_iter().collect();
        headers.set("a", "4");
        assert_eq!(headers.iter().collect::<Vec<_>>(), [("a", "4"), ("b", "2")]);
    }

    #[test]
    fn the_target_is_the_path_and_query_of_the_url_as_sent() {
        let message = Message {
            method: "GET".into(),
            url: Url::parse("https://bank.example:443/a/../b c?x=1&y={}").unwrap(),
            headers: Headers::new(),
            body: Bytes::new(),
        };
        assert_eq!(message.target(), "/b%20c?x=1&y={}");
        assert_eq!(message.host(), "bank.example");
    }
}
