//! Signing profiles that are written out in a file.
//!
//! The profile reads itself, from JSON, and names the place of a mistake by its pointer; here the
//! pointer becomes a place in the file.

use super::reader::Reader;
use super::yaml::{Node, Value};
use crate::diag::pointer::{item, join};
use crate::diag::{Code, Diagnostic, Span, literal};
use crate::sign::{Profile, ProfileError};

/// Reads a profile; `name` is empty for one that has none.
pub(super) fn inline(reader: &mut Reader, node: &Node, name: &str) -> Option<Profile> {
    if matches!(node.value, Value::Broken) {
        return None;
    }
    match Profile::read(name, &node.to_json()) {
        Ok(profile) => Some(profile),
        Err(error) => {
            let place = place(node, "", &error).unwrap_or(node.span);
            let diagnostic =
                Diagnostic::error(Code::WrongValue, error.message).at(place, "in this signing profile");
            reader.report(node, error.help.into_iter().fold(diagnostic, Diagnostic::help));
            None
        }
    }
}

/// The place of a mistake: the value that its pointer names, or the key when the key itself is
/// the mistake, or the value is no scalar.
fn place(node: &Node, here: &str, error: &ProfileError) -> Option<Span> {
    let pointer = error.pointer.as_str();
    if here == pointer {
        return Some(node.span);
    }
    let leads =
        |path: &str| pointer == path || pointer.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
    match &node.value {
        Value::List(items) => items.iter().enumerate().find_map(|(index, value)| {
            let path = item(here, index);
            if leads(&path) { place(value, &path, error) } else { None }
        }),
        Value::Map(entries) => entries.iter().find_map(|entry| {
            let path = join(here, &entry.key.text);
            if !leads(&path) {
                return None;
            }
            let is_key = matches!(entry.value.value, Value::Map(_) | Value::List(_))
                || error.message.contains(&literal(&entry.key.text));
            if path == pointer && is_key { Some(entry.key.span) } else { place(&entry.value, &path, error) }
        }),
        _ => None,
    }
}
