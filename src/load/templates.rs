//! Every template of a file is parsed when the file is read, so that a mistake in one is found
//! before anything is sent.

use super::decoded;
use super::reader::Reader;
use super::yaml::{Node, Value};
use crate::diag::Diagnostic;
use crate::template;

/// Checks every text below a node.
pub(super) fn check(reader: &mut Reader, node: &Node) {
    match &node.value {
        // What an alias repeats is checked where it stands.
        _ if node.alias.is_some() => {}
        Value::Text(text) => {
            if let Err(error) = template::check(text) {
                let span = decoded::inside(node.span, node.style, error.range, reader.sources);
                let diagnostic =
                    Diagnostic::error(error.code, error.message).at(span, error.label.unwrap_or_default());
                reader.report(node, error.help.into_iter().fold(diagnostic, Diagnostic::help));
            }
        }
        Value::List(items) => items.iter().for_each(|item| check(reader, item)),
        Value::Map(entries) => entries.iter().for_each(|entry| check(reader, &entry.value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Broken => {}
    }
}
