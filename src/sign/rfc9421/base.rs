//! The signature base (RFC 9421, section 2.5): the lines that are signed.
//!
//! Both sides build it here, the signer from its message as the receiver will see it, so that they
//! can't drift apart.

use super::identifier::Identifier;
use super::{derived, field};
use crate::message::{Received, Start};
use crate::sign::SignError;

/// The last line, which says what was signed and how.
pub(super) const PARAMETERS: &str = r#""@signature-params""#;

/// Names as they stand in the base, and values.
pub(super) type Lines = Vec<(String, String)>;

/// Why there is no base.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BaseError {
    #[error("`{0}` is signed, and the message does not have it")]
    Absent(String),
    #[error("`{0}` is signed, and the query has it more than once")]
    Repeated(String),
    #[error("`{0}` is signed, and the field is not a structured field")]
    Unstructured(String),
    #[error("`{0}` is signed, and the field has no such member")]
    NoMember(String),
    #[error("`{0}` is of answers, and this is a request")]
    OfAnswers(String),
    #[error("`{0}` is of requests, and this is an answer")]
    OfRequests(String),
    #[error("`{0}` is of the request that is answered, and this is a request")]
    NothingAnswered(String),
    #[error("`{0}` is signed, and the request that is answered is not known")]
    UnknownRequest(String),
    #[error("`{0}` has a line break in its value")]
    LineBreak(String),
}

/// The lines of these components of a message, and the one of the parameters.
pub(super) fn lines(
    message: &Received,
    identifiers: &[Identifier],
    parameters: &str,
) -> Result<Lines, BaseError> {
    let mut lines = Lines::with_capacity(identifiers.len() + 1);
    for identifier in identifiers {
        let value = value(message, identifier)?;
        if value.contains(['\n', '\r']) {
            return Err(BaseError::LineBreak(identifier.to_string()));
        }
        lines.push((identifier.serialize(), value));
    }
    lines.push((PARAMETERS.to_owned(), parameters.to_owned()));
    Ok(lines)
}

/// The value of one component.
pub(super) fn value(message: &Received, identifier: &Identifier) -> Result<String, BaseError> {
    let message = meant(message, identifier)?;
    if identifier.is_derived() {
        derived::value(message, identifier)
    } else {
        field::value(message, identifier)
    }
}

/// The message that a component is of: this one, or the request that it answers.
pub(super) fn meant<'a>(message: &'a Received, identifier: &Identifier) -> Result<&'a Received, BaseError> {
    match &message.start {
        _ if !identifier.is_of_request() => Ok(message),
        Start::Answer { request: Some(request), .. } => Ok(request),
        Start::Answer { request: None, .. } => Err(BaseError::UnknownRequest(identifier.to_string())),
        Start::Request { .. } => Err(BaseError::NothingAnswered(identifier.to_string())),
    }
}

impl From<BaseError> for SignError {
    fn from(error: BaseError) -> Self {
        let help = match &error {
            BaseError::Absent(component) if !component.starts_with('@') => {
                return Self::Absent { header: component.clone() };
            }
            BaseError::LineBreak(component) => return Self::Unsendable { header: component.clone() },
            BaseError::Absent(component) => {
                Some(format!("add the parameter to the query, or write `{component} if sent` in the profile"))
            }
            BaseError::Repeated(_) => Some("sign the whole of it: `@query`".to_owned()),
            BaseError::OfRequests(component) => Some(format!("write `{component};req`")),
            BaseError::OfAnswers(_) | BaseError::NothingAnswered(_) => {
                Some("answers have a profile of their own: leave it out of this one".to_owned())
            }
            BaseError::Unstructured(_) | BaseError::NoMember(_) | BaseError::UnknownRequest(_) => None,
        };
        Self::Unsignable { message: error.to_string(), help }
    }
}
