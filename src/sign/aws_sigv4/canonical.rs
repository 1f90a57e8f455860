//! The canonical request: method, path, query, headers and body hash, each in the one form that
//! both sides can build.
//!
//! It is kept in parts, so that a verifier can try it with one part wrong.

use data_encoding::HEXLOWER;

use super::settings::Settings;
use crate::sign::digest::Hash;
use crate::sign::encoding::{percent_bytes, unpercent};
use crate::sign::seen::{Seen, pairs};

/// What stands for a body that is not signed.
pub(super) const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// Headers that are changed on the way, or made by whoever sends: never signed.
const NEVER: &[&str] = &[
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// The canonical request in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Canonical {
    pub method: String,
    pub path: String,
    pub query: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    pub payload: String,
}

impl Canonical {
    /// Of a request whose headers of these names are signed; parameters of the query that `skip`
    /// names are not.
    pub fn of(
        seen: &Seen<'_>,
        settings: &Settings,
        names: &[String],
        skip: &[&str],
        payload: String,
    ) -> Self {
        Self {
            method: seen.method.to_owned(),
            path: path(seen.path(), settings.normalize, settings.double_encode),
            query: query(seen.query(), skip),
            headers: names.iter().map(|name| (name.clone(), value(seen, name))).collect(),
            payload,
        }
    }

    /// The names of its headers, as `SignedHeaders` has them.
    pub fn names(&self) -> String {
        self.headers.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(";")
    }

    /// The lines of its headers.
    pub fn lines(&self) -> String {
        self.headers.iter().map(|(name, value)| [name, ":", value, "\n"].concat()).collect()
    }

    /// The text.
    pub fn text(&self) -> String {
        let Self { method, path, query, payload, .. } = self;
        format!("{method}\n{path}\n{query}\n{}\n{}\n{payload}", self.lines(), self.names())
    }

    /// The parts by name, for showing.
    pub fn components(&self) -> Vec<(String, String)> {
        let part = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let request = [("method", &self.method), ("path", &self.path), ("query", &self.query)];
        let mut parts: Vec<_> = request.into_iter().map(|(name, value)| part(name, value)).collect();
        parts.extend(self.headers.iter().cloned());
        parts.push(part("payload", &self.payload));
        parts
    }
}

/// The headers of a request that are signed, in lower case and in order.
pub(super) fn signed_names(seen: &Seen<'_>, settings: &Settings, also_not: &[&str]) -> Vec<String> {
    let left_out = |name: &str| {
        NEVER.contains(&name)
            || also_not.contains(&name)
            || settings.unsigned_headers.iter().any(|other| other.eq_ignore_ascii_case(name))
    };
    let sent = seen.headers.iter().map(|(name, _)| name.to_ascii_lowercase());
    let mut names: Vec<String> = sent.filter(|name| !left_out(name)).chain(["host".to_owned()]).collect();
    names.sort();
    names.dedup();
    names
}

/// The hash that stands for the body.
pub(super) fn hash(body: &[u8]) -> String {
    HEXLOWER.encode(&Hash::Sha256.of(body))
}

/// The path as it is signed.
pub(super) fn path(sent: &str, normalize: bool, double_encode: bool) -> String {
    let whole = if normalize { normalized(sent) } else { sent.to_owned() };
    let encode = |segment: &str| {
        if double_encode { percent_bytes(segment.as_bytes()) } else { percent_bytes(&unpercent(segment)) }
    };
    whole.split('/').map(encode).collect::<Vec<_>>().join("/")
}

/// Without `.`, `..` and empty segments (RFC 3986, section 6.2.2.3, and doubled slashes).
fn normalized(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            name => kept.push(name),
        }
    }
    let folder = matches!(path.rsplit('/').next(), Some("" | "." | ".."));
    let end = if folder && !kept.is_empty() { "/" } else { "" };
    format!("/{}{end}", kept.join("/"))
}

/// The query as it is signed: every name and value encoded, sorted by name and then by value.
pub(super) fn query(sent: &str, skip: &[&str]) -> String {
    let encoded = |text: &str| percent_bytes(&unpercent(text));
    let mut parameters: Vec<(String, String)> = pairs(sent)
        .into_iter()
        .map(|(name, value)| (encoded(name), encoded(value)))
        .filter(|(name, _)| !skip.contains(&name.as_str()))
        .collect();
    parameters.sort();
    parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The value of a header as it is signed: trimmed, blanks within it made one, several joined.
fn value(seen: &Seen<'_>, name: &str) -> String {
    let tidy = |value: &str| {
        value.split([' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    let values: Vec<String> = seen.headers.all(name).map(tidy).collect();
    if values.is_empty() && name == "host" { seen.host.to_owned() } else { values.join(",") }
}
