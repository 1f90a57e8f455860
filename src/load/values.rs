//! Values that the format leaves free: variables, query and form parameters.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::reader::Reader;
use super::yaml::{Entry, Node, Value};
use crate::diag::{Code, Diagnostic, literal};

/// Reads `variables`. A name must be one that a template can write.
pub(super) fn variables(reader: &mut Reader, node: &Node, subject: &str) -> IndexMap<String, Json> {
    let entries = reader.map(node, subject, "").unwrap_or_default();
    entries
        .iter()
        .filter(|entry| variable_name(reader, entry))
        .map(|entry| (entry.key.text.clone(), entry.value.to_json()))
        .collect()
}

/// What to write where no template could write a name.
pub(super) const NAME: &str = "a name is made of letters, digits and `_`, and begins with a letter";

/// Whether a template could write the name.
pub(super) fn is_variable_name(name: &str) -> bool {
    let mut characters = name.chars();
    let begins = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    begins && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// [`is_variable_name`] for a key, which is refused when it is none.
pub(super) fn variable_name(reader: &mut Reader, entry: &Entry) -> bool {
    let name = entry.key.text.as_str();
    if is_variable_name(name) {
        return true;
    }
    let message = format!("{} can't be the name of a variable", literal(name));
    let diagnostic = Diagnostic::error(Code::WrongValue, message)
        .at(entry.key.span, "no template could write it")
        .help(NAME);
    reader.problems.push(diagnostic);
    false
}

/// Reads `query` or `form`: a map, or a list of pairs; a list value repeats the name.
pub(super) fn pairs(reader: &mut Reader, node: &Node, subject: &str) -> Vec<(String, Json)> {
    match &node.value {
        Value::Map(entries) => entries.iter().filter_map(|entry| pair(reader, entry)).collect(),
        Value::List(items) => items.iter().filter_map(|item| listed_pair(reader, item, subject)).collect(),
        _ => {
            reader.wrong(node, subject, "a map, or a list of `[name, value]`", "");
            Vec::new()
        }
    }
}

fn pair(reader: &mut Reader, entry: &Entry) -> Option<(String, Json)> {
    let value = parameter(reader, &entry.value, &entry.key.text)?;
    Some((entry.key.text.clone(), value))
}

fn listed_pair(reader: &mut Reader, node: &Node, subject: &str) -> Option<(String, Json)> {
    match &node.value {
        Value::List(items) if items.len() == 2 && items[0].as_text().is_some() => {
            let name = items[0].as_text()?.to_owned();
            let value = parameter(reader, &items[1], &name)?;
            Some((name, value))
        }
        Value::Map(entries) if entries.len() == 1 => pair(reader, &entries[0]),
        _ => {
            reader.wrong(node, &format!("an item of {subject}"), "a pair: `[name, value]`", "");
            None
        }
    }
}

/// The value of a parameter: a scalar or a list of scalars.
fn parameter(reader: &mut Reader, node: &Node, name: &str) -> Option<Json> {
    let simple = |node: &Node| matches!(node.value, Value::Text(_) | Value::Number(_) | Value::Bool(_));
    let fits = match &node.value {
        Value::List(items) => items.iter().all(simple),
        _ => simple(node),
    };
    if !fits {
        let help = match &node.value {
            Value::Null => "write `\"\"` for an empty value",
            Value::Map(_) => "write the names out, or send it as text: `'{\"a\": 1}'`",
            _ => "",
        };
        let what = "text, a number, `true`, `false`, or a list of these";
        reader.wrong(node, &format!("the parameter {}", literal(name)), what, help);
        return None;
    }
    Some(node.to_json())
}
