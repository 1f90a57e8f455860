//! Signing profiles that are written out in a file.
//!
//! The profile reads itself, from JSON, and names the place of a mistake by its pointer; here the
//! pointer becomes a place in the file.
//!
//! A list of one profile means what the profile alone does, so that nothing after loading can tell
//! them apart.

use super::reader::Reader;
use super::yaml::{Node, Value};
use crate::diag::pointer::{item, join};
use crate::diag::{Code, Diagnostic, Span, literal};
use crate::sign::{Profile, ProfileError};
use crate::spec::ProfileChoice;

/// Whose profiles are read, and what may stand there.
pub(super) struct Whose<'a> {
    subject: &'a str,
    pub(super) expected: &'a str,
    instead_of_none: &'a str,
}

/// `sign` of a request.
pub(super) const OF_REQUEST: Whose<'_> = Whose {
    subject: "`sign`",
    expected: "the name of a profile, a profile, a list of them, or `false`",
    instead_of_none: "write `sign: false` to send the request without a signature",
};

/// `profile` under `signing` of an environment.
pub(super) const OF_ENVIRONMENT: Whose<'_> = Whose {
    subject: "`profile`",
    expected: "the name of a profile, a profile, or a list of them",
    instead_of_none: "remove `signing` where nothing is signed",
};

/// The one profile that an answer is signed with.
pub(super) const OF_ANSWER: Whose<'_> =
    Whose { subject: "`profile`", expected: "the name of a profile, or a profile", instead_of_none: "" };

/// A profile, or several in the order in which they sign.
pub(super) fn choices(reader: &mut Reader, node: &Node, whose: &Whose<'_>) -> Option<Vec<ProfileChoice>> {
    let Value::List(items) = &node.value else {
        return choice(reader, node, whose).map(|choice| vec![choice]);
    };
    if items.is_empty() {
        let message = format!("{} names no profile", whose.subject);
        reader.unusable(node, message, "an empty list", whose.instead_of_none);
        return None;
    }
    refuse_twice(reader, items, whose);
    let item = Whose { subject: &format!("an item of {}", whose.subject), ..OF_ANSWER };
    let read: Vec<_> = items.iter().map(|node| choice(reader, node, &item)).collect();
    read.into_iter().collect()
}

/// Twice the same signature could not be told apart, or would not fit into its header.
fn refuse_twice(reader: &mut Reader, items: &[Node], whose: &Whose<'_>) {
    for (index, node) in items.iter().enumerate() {
        let Some(name) = node.as_text() else { continue };
        if let Some(first) = items[..index].iter().find(|other| other.as_text() == Some(name)) {
            let message = format!("{} names {} twice", whose.subject, literal(name));
            let problem = Diagnostic::error(Code::WrongValue, message)
                .at(node.span, "again")
                .at(first.span, "it signs already");
            reader.problems.push(problem.help("remove one of them"));
        }
    }
}

/// One profile, by its name or written out.
pub(super) fn choice(reader: &mut Reader, node: &Node, whose: &Whose<'_>) -> Option<ProfileChoice> {
    match &node.value {
        Value::Text(_) => reader.fixed(node, whose.subject).map(ProfileChoice::Named),
        Value::Map(_) => inline(reader, node, "").map(|profile| ProfileChoice::Inline(Box::new(profile))),
        _ => {
            reader.wrong(node, whose.subject, whose.expected, "");
            None
        }
    }
}

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
