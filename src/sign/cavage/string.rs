//! The signing string (draft-cavage-12, section 2.3): the lines that are signed.
//!
//! Both sides build it here, the signer from what it will send and the verifier from what it
//! received, so that they can't drift apart. Bytes above 0x7f in a header are Latin-1 in a
//! `Message`, so a signing string becomes bytes through [`to_bytes`], never through UTF-8.

use super::parameters::Parameters;
use super::settings::forbids_times;
use crate::message::Headers;

/// What a signature covers of a request: as it is sent, or as it came.
#[derive(Debug, Clone, Copy)]
pub struct Covered<'a> {
    /// The method as in the request line.
    pub method: &'a str,
    /// The target as in the request line.
    pub target: &'a str,
    /// The header fields.
    pub headers: &'a Headers,
    /// What `host` is when no header says so (HTTP/2 has `:authority` instead).
    pub host: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// Why no signing string can be built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StringError {
    /// A header is signed and is not there.
    #[error("`{0}` is signed, and the request does not have it")]
    Absent(String),
    /// `(created)` or `(expires)` with an algorithm that forbids it.
    #[error("`{name}` must not be signed with `{algorithm}`")]
    Forbidden {
        /// The pseudo-header.
        name: String,
        /// The algorithm as the message calls it.
        algorithm: String,
    },
    /// `(created)` or `(expires)` without its parameter.
    #[error("`{0}` is signed, and its parameter is missing")]
    NoParameter(String),
    /// A pseudo-header that the draft does not have.
    #[error("`{0}` is signed, and means nothing")]
    Unknown(String),
}

impl Covered<'_> {
    /// `(request-target)`: method in lower case, a space, the target.
    pub fn request_target(&self) -> String {
        format!("{} {}", self.method.to_ascii_lowercase(), self.target)
    }

    /// The value of a header as it is signed: every instance trimmed, unfolded, joined by `, `.
    /// `host` and `content-length` are what the wire will say when no header does.
    pub fn field(&self, name: &str) -> Option<String> {
        let values: Vec<String> = self.headers.all(name).map(unfold).collect();
        if !values.is_empty() {
            return Some(values.join(", "));
        }
        if name.eq_ignore_ascii_case("host") {
            return self.host.map(str::to_owned);
        }
        let length = name.eq_ignore_ascii_case("content-length") && !self.body.is_empty();
        length.then(|| self.body.len().to_string())
    }
}

/// The signing string of a received request, as its parameters say it was built.
pub fn signing_string(covered: &Covered<'_>, parameters: &Parameters) -> Result<String, StringError> {
    Ok(join(&components(covered, parameters)?))
}

/// The lines of the signing string: each name in lower case, and its value.
pub fn components(
    covered: &Covered<'_>,
    parameters: &Parameters,
) -> Result<Vec<(String, String)>, StringError> {
    parameters
        .components()
        .into_iter()
        .map(|name| {
            let name = name.to_ascii_lowercase();
            let value = match name.as_str() {
                "(request-target)" => covered.request_target(),
                "(created)" => time(&name, parameters, parameters.created.as_ref())?,
                "(expires)" => time(&name, parameters, parameters.expires.as_ref())?,
                other if other.starts_with('(') => return Err(StringError::Unknown(name)),
                other => covered.field(other).ok_or_else(|| StringError::Absent(name.clone()))?,
            };
            Ok((name, value))
        })
        .collect()
}

/// The lines joined by one LF, none at the end.
pub fn join(components: &[(String, String)]) -> String {
    components.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
}

/// The bytes of a signing string as they stand on the wire; `None` when a character has no byte.
pub fn to_bytes(text: &str) -> Option<Vec<u8>> {
    text.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect()
}

fn time(name: &str, parameters: &Parameters, value: Option<&String>) -> Result<String, StringError> {
    let algorithm = parameters.algorithm.as_deref().unwrap_or_default();
    if forbids_times(algorithm) {
        return Err(StringError::Forbidden { name: name.to_owned(), algorithm: algorithm.to_owned() });
    }
    value.cloned().ok_or_else(|| StringError::NoParameter(name.to_owned()))
}

/// The value without outer blanks, and each obsolete line fold (RFC 9112, section 5.2) as one space.
/// Blanks are space and tab alone: a no-break space is a byte of the value.
pub(in crate::sign) fn unfold(value: &str) -> String {
    let lines = value.split('\n').map(|line| line.trim_matches([' ', '\t', '\r']));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
