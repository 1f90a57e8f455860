//! The signature base string (RFC 5849, section 3.4.1): method, URI and parameters, encoded and
//! joined. Kept in parts, so that a verifier can try it with one part wrong.

use super::settings::ValueForm;
use crate::sign::encoding::{percent, percent_bytes, unpercent};
use crate::sign::seen::{Seen, pairs};

/// The base string in parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Base {
    pub method: String,
    pub uri: String,
    /// Names and values as they are joined, sorted.
    pub parameters: Vec<(String, String)>,
}

impl Base {
    /// Of a request with these parameters of the protocol, as they are.
    pub fn of(seen: &Seen<'_>, protocol: &[(String, String)], form: ValueForm) -> Self {
        let protocol = protocol.iter().map(|(name, value)| match form {
            ValueForm::Encoded => (percent(name), percent(value)),
            ValueForm::Raw => (name.clone(), value.clone()),
        });
        let mut parameters: Vec<_> = protocol.chain(of_query(seen, form)).chain(of_form(seen)).collect();
        parameters.sort();
        Self { method: seen.method.to_ascii_uppercase(), uri: uri(seen), parameters }
    }

    /// The parameters, joined.
    pub fn normalized(&self) -> String {
        self.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// The text.
    pub fn text(&self) -> String {
        [&self.method, &self.uri, &self.normalized()].map(|part| percent(part)).join("&")
    }

    /// The parts by name, for showing.
    pub fn components(&self) -> Vec<(String, String)> {
        let request = [("method", &self.method), ("uri", &self.uri)];
        let request = request.into_iter().map(|(name, value)| (name.to_owned(), value.clone()));
        request.chain(self.parameters.iter().cloned()).collect()
    }
}

/// The parameters of the query.
pub(super) fn of_query(seen: &Seen<'_>, form: ValueForm) -> Vec<(String, String)> {
    match form {
        ValueForm::Encoded => decoded(seen.query()),
        ValueForm::Raw => {
            pairs(seen.query()).into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        }
    }
}

/// The parameters of a body that is a form (RFC 5849, section 3.4.1.3.1).
pub(super) fn of_form(seen: &Seen<'_>) -> Vec<(String, String)> {
    match std::str::from_utf8(seen.body) {
        Ok(body) if seen.has_form() => decoded(body),
        _ => Vec::new(),
    }
}

/// Decoded as a form is written, and encoded as OAuth wants it.
fn decoded(text: &str) -> Vec<(String, String)> {
    let encoded = |text: &str| percent_bytes(&unpercent(&text.replace('+', " ")));
    pairs(text).into_iter().map(|(name, value)| (encoded(name), encoded(value))).collect()
}

/// The base string URI (RFC 5849, section 3.4.1.2): lower case where case does not matter, without
/// default port and query.
pub(super) fn uri(seen: &Seen<'_>) -> String {
    let scheme = seen.scheme.to_ascii_lowercase();
    let host = seen.host.to_ascii_lowercase();
    let port = if scheme == "http" { ":80" } else { ":443" };
    format!("{scheme}://{}{}", host.strip_suffix(port).unwrap_or(&host), seen.path())
}
