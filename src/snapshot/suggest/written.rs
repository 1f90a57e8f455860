//! Rules as YAML writes them.

use std::fmt::Write as _;

use super::super::{Like, Rule};
use crate::diag::is_invisible;

/// Where an entry is to stand: between brackets, fewer texts do without quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// On a line of its own.
    Block,
    /// Between `{` and `}`.
    Flow,
}

/// An entry of `redact`: its key and its value.
pub fn redact_entry(selector: &str, rule: &Rule, written: Written) -> (String, String) {
    let value = match rule {
        Rule::Replace(text) => quoted(text),
        Rule::ReplaceLike { text, like: Like::Format(name) } => {
            format!("{{as: {}, matches: {name}}}", quoted(text))
        }
        Rule::ReplaceLike { text, like: Like::Pattern(pattern) } => {
            format!("{{as: {}, matches: {}}}", quoted(text), single(&format!("/{pattern}/")))
        }
        Rule::Sort => "{sort: true}".to_owned(),
        Rule::Round(decimals) => format!("{{round: {decimals}}}"),
    };
    (key(selector, written), value)
}

/// An entry of `filters`.
pub fn filter_entry(pattern: &str, replacement: &str) -> String {
    format!("[{}, {}]", single(pattern), quoted(replacement))
}

/// A selector, plain where it may be.
fn key(selector: &str, written: Written) -> String {
    let plain = |character: char| match character {
        '$' | '.' | '_' | '-' | '*' => true,
        '[' | ']' => written == Written::Block,
        other => other.is_ascii_alphanumeric(),
    };
    if selector.chars().all(plain) { selector.to_owned() } else { single(selector) }
}

/// A text between double quotes, or single ones where it would need escapes.
fn quoted(text: &str) -> String {
    if text.contains(['"', '\\']) { single(text) } else { double(text) }
}

/// A text between single quotes, where these can hold it.
fn single(text: &str) -> String {
    if text.chars().any(is_invisible) { double(text) } else { format!("'{}'", text.replace('\'', "''")) }
}

fn double(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for character in text.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            // Writing to a string does not fail.
            hidden if is_invisible(hidden) => drop(write!(quoted, "\\U{:08x}", u32::from(hidden))),
            plain => quoted.push(plain),
        }
    }
    quoted + "\""
}
