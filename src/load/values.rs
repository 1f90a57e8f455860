//! Values that the format leaves free: variables, query and form parameters, bodies.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::reader::{Reader, Shape, is_template};
use super::yaml::{Entry, Node, Value};
use crate::diag::{Code, Diagnostic, literal};
use crate::spec::Body;

const BODY: Shape = Shape {
    what: "`body`",
    keys: &["json", "form", "text", "file"],
    later: &["base64", "multipart", "graphql", "xml"],
};

/// Reads `variables`. A name must be one that a template can write.
pub(super) fn variables(reader: &mut Reader, node: &Node, subject: &str) -> IndexMap<String, Json> {
    let entries = reader.map(node, subject, "").unwrap_or_default();
    entries
        .iter()
        .filter(|entry| is_name(reader, entry))
        .map(|entry| (entry.key.text.clone(), entry.value.to_json()))
        .collect()
}

fn is_name(reader: &mut Reader, entry: &Entry) -> bool {
    let name = entry.key.text.as_str();
    let mut characters = name.chars();
    let begins = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if begins && characters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return true;
    }
    let message = format!("{} can't be the name of a variable", literal(name));
    let diagnostic = Diagnostic::error(Code::WrongValue, message)
        .at(entry.key.span, "no template could write it")
        .help("a name is made of letters, digits and `_`, and begins with a letter");
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

/// Reads `body`: exactly one kind.
pub(super) fn body(reader: &mut Reader, node: &Node) -> Option<Body> {
    let help = match &node.value {
        Value::Text(_) => "write `body: {text: …}` for text, `{json: …}` for JSON, `{file: …}` for a file",
        _ => "write `body: {json: …}`, or `form`, `text`, `file`",
    };
    reader.map(node, BODY.what, help)?;
    let fields = reader.fields(node, &BODY)?;
    let kinds: Vec<&Entry> = BODY.keys.iter().chain(BODY.later).filter_map(|key| fields.entry(key)).collect();
    match kinds.as_slice() {
        [kind] => match kind.key.text.as_str() {
            "json" => Some(Body::Json(kind.value.to_json())),
            "form" => Some(Body::Form(pairs(reader, &kind.value, "`form`"))),
            "text" => reader.text(&kind.value, "`text`").map(Body::Text),
            "file" => file(reader, &kind.value).map(Body::File),
            _ => None,
        },
        [] => {
            reader.wrong(
                node,
                "`body`",
                "one of `json`, `form`, `text`, `file`",
                "delete `body` if nothing is sent",
            );
            None
        }
        several => {
            let (first, second) = (&several[0].key, &several[1].key);
            let message = format!("`body` has two kinds: `{}` and `{}`", first.text, second.text);
            reader.problems.push(
                Diagnostic::error(Code::WrongValue, message)
                    .at(second.span, "the second")
                    .at(first.span, "the first")
                    .help("keep exactly one"),
            );
            None
        }
    }
}

/// The path of a file inside the suite.
fn file(reader: &mut Reader, node: &Node) -> Option<String> {
    let path = reader.text(node, "`file`")?;
    let outside =
        path.starts_with('/') || path.split('/').any(|segment| segment == "..") || path.contains('\\');
    if !is_template(&path) && (path.trim().is_empty() || outside) {
        let help = "the path is relative to the suite's folder, with `/`, and may not leave it";
        reader.unusable(node, format!("`file` can't be {}", literal(&path)), "not inside the suite", help);
        return None;
    }
    Some(path)
}
