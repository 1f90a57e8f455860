//! Header fields as they are signed (RFC 9421, section 2.1): joined, serialised anew, one member of
//! a dictionary, or wrapped as bytes.
//!
//! How a field's lines become one value is the same as in draft-cavage, and is asked there.

use sfv::{Dictionary, FieldType, KeyRef, List, ListEntry, ListSerializer, Parser};

use super::base::BaseError;
use super::derived::Parts;
use super::identifier::{Identifier, Parameter};
use crate::message::{Headers, Received};
use crate::sign::cavage::{Covered, to_bytes, unfold};

/// Fields that are dictionaries by their registration. A list is tried first for all others, and
/// would keep both of two members with the same name.
const DICTIONARIES: &[&str] = &[
    "accept-signature",
    "cdn-cache-control",
    "content-digest",
    "priority",
    "repr-digest",
    "signature",
    "signature-input",
    "use-as-dictionary",
    "want-content-digest",
    "want-repr-digest",
];

/// The value of a field of this message.
pub(super) fn value(message: &Received, identifier: &Identifier) -> Result<String, BaseError> {
    let name = identifier.name();
    if identifier.has(&Parameter::Wrapped) {
        return wrapped(&message.headers, name).ok_or_else(|| BaseError::Absent(identifier.to_string()));
    }
    let joined = joined(message, name).ok_or_else(|| BaseError::Absent(identifier.to_string()))?;
    let unstructured = || BaseError::Unstructured(identifier.to_string());
    match identifier.key() {
        Some(key) => {
            let members = dictionary(&joined).ok_or_else(unstructured)?;
            member(&members, key).ok_or_else(|| BaseError::NoMember(identifier.to_string()))
        }
        None if identifier.has(&Parameter::Strict) => strict(name, &joined).ok_or_else(unstructured),
        None => Ok(joined),
    }
}

/// The lines of a field as one value.
pub(super) fn joined(message: &Received, name: &str) -> Option<String> {
    let host = Parts::of(message).map(|parts| parts.host);
    let covered = Covered {
        method: "",
        target: "",
        headers: &message.headers,
        host: host.as_deref().filter(|host| !host.is_empty()),
        body: &message.body,
    };
    covered.field(name)
}

/// Each line as a byte sequence.
fn wrapped(headers: &Headers, name: &str) -> Option<String> {
    let mut list = ListSerializer::new();
    for line in headers.all(name) {
        let _ = list.bare_item(to_bytes(&unfold(line))?.as_slice());
    }
    list.finish()
}

/// The value in the strict form of structured fields.
fn strict(name: &str, joined: &str) -> Option<String> {
    let bytes = to_bytes(joined)?;
    let list = Parser::new(&bytes).parse::<List>().ok().filter(|_| !DICTIONARIES.contains(&name));
    match list {
        Some(list) => Some(list.serialize().unwrap_or_default()),
        None => dictionary(joined).map(|members| members.serialize().unwrap_or_default()),
    }
}

pub(super) fn dictionary(joined: &str) -> Option<Dictionary> {
    Parser::new(&to_bytes(joined)?).parse().ok()
}

/// A member as it stands behind its name.
fn member(members: &Dictionary, key: &str) -> Option<String> {
    serialize(members.get(KeyRef::from_str(key).ok()?)?)
}

/// A member in the strict form: a list of it alone is written as the member is.
pub(super) fn serialize(member: &ListEntry) -> Option<String> {
    let mut list = ListSerializer::new();
    list.members([member]);
    list.finish()
}
