//! `body` → [`Body`]: exactly one kind.

use super::reader::{Reader, Shape, is_template};
use super::values::pairs;
use super::yaml::{Entry, Node, Value};
use crate::diag::{Code, Diagnostic, literal};
use crate::spec::{Body, GraphQl, Part, PartContent};

const BODY: Shape = Shape {
    what: "`body`",
    keys: &["json", "form", "text", "file", "xml", "base64", "graphql", "multipart"],
};
const GRAPHQL: Shape = Shape { what: "`graphql`", keys: &["query", "variables", "operation"] };
const PART: Shape = Shape { what: "a part", keys: &["text", "json", "file", "filename", "content_type"] };

/// Reads `body`: exactly one kind.
pub(super) fn body(reader: &mut Reader, node: &Node) -> Option<Body> {
    let help = match &node.value {
        Value::Text(_) => "write `body: {text: …}` for text, `{json: …}` for JSON, `{file: …}` for a file",
        _ => "write `body: {json: …}`, or `form`, `text`, `file`",
    };
    reader.map(node, BODY.what, help)?;
    let fields = reader.fields(node, &BODY)?;
    let kinds: Vec<&Entry> = BODY.keys.iter().filter_map(|key| fields.entry(key)).collect();
    match kinds.as_slice() {
        [kind] => match kind.key.text.as_str() {
            "json" => Some(Body::Json(kind.value.to_json())),
            "form" => Some(Body::Form(pairs(reader, &kind.value, "`form`"))),
            "text" => reader.text(&kind.value, "`text`").map(Body::Text),
            "file" => file(reader, &kind.value).map(Body::File),
            "xml" => reader.text(&kind.value, "`xml`").map(Body::Xml),
            "base64" => base64(reader, &kind.value).map(Body::Base64),
            "graphql" => graphql(reader, &kind.value).map(Body::GraphQl),
            _ => multipart(reader, &kind.value).map(Body::Multipart),
        },
        [] => {
            reader.wrong(
                node,
                "`body`",
                "one of `json`, `form`, `text`, `file`, `xml`, `base64`, `graphql`, `multipart`",
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

/// Bytes in base64; blanks and line breaks between them are passed over.
fn base64(reader: &mut Reader, node: &Node) -> Option<String> {
    use ::base64::Engine as _;
    use ::base64::engine::general_purpose::STANDARD;
    let text = reader.text(node, "`base64`")?;
    if !is_template(&text) && STANDARD.decode(text.split_whitespace().collect::<String>()).is_err() {
        let help = "the alphabet of RFC 4648, section 4, with its padding; `base64 FILE` writes it";
        reader.unusable(node, "`base64` is not base64", "", help);
        return None;
    }
    Some(text)
}

fn graphql(reader: &mut Reader, node: &Node) -> Option<GraphQl> {
    let fields = reader.fields(node, &GRAPHQL)?;
    let query = fields.required("query", "query: '{ accounts { iban } }'", reader);
    Some(GraphQl {
        query: query.and_then(|node| reader.text(node, "`query`"))?,
        variables: fields.get("variables").map(Node::to_json),
        operation: fields.get("operation").and_then(|node| reader.text(node, "`operation`")),
    })
}

/// The parts of a form: a map, or a list of maps of one where a name repeats.
fn multipart(reader: &mut Reader, node: &Node) -> Option<Vec<Part>> {
    let entries: Vec<&Entry> = match &node.value {
        Value::Map(entries) => entries.iter().collect(),
        Value::List(items) => {
            let mut entries = Vec::new();
            for item in items {
                match &item.value {
                    Value::Map(part) if part.len() == 1 => entries.push(&part[0]),
                    _ => {
                        reader.wrong(item, "an item of `multipart`", "one part: `name: …`", "");
                        return None;
                    }
                }
            }
            entries
        }
        _ => {
            reader.wrong(node, "`multipart`", "a map of parts", "write `name: text`, or `name: {file: …}`");
            return None;
        }
    };
    let parts: Vec<Option<Part>> = entries.into_iter().map(|entry| part(reader, entry)).collect();
    parts.into_iter().collect()
}

fn part(reader: &mut Reader, entry: &Entry) -> Option<Part> {
    let name = entry.key.text.clone();
    let node = &entry.value;
    if matches!(node.value, Value::List(_)) {
        let help = "write a list of parts to repeat a name: `- name: …`";
        reader.wrong(node, &format!("the part {}", literal(&name)), "text, or a map with its content", help);
        return None;
    }
    if !matches!(node.value, Value::Map(_)) {
        let content = reader.text(node, &literal(&name)).map(PartContent::Text)?;
        return Some(Part { name, content, filename: None, content_type: None, short: true });
    }
    let fields = reader.fields(node, &PART)?;
    let kinds: Vec<&Entry> = PART.keys[..3].iter().filter_map(|key| fields.entry(key)).collect();
    let [kind] = kinds.as_slice() else {
        let found = if kinds.is_empty() { "nothing in it" } else { "several contents" };
        let message = format!("the part {} has {found}", literal(&name));
        reader.unusable(node, message, "", "write one of `text: …`, `json: …` and `file: …`");
        return None;
    };
    let content = match kind.key.text.as_str() {
        "text" => PartContent::Text(reader.text(&kind.value, "`text`")?),
        "json" => PartContent::Json(kind.value.to_json()),
        _ => PartContent::File(file(reader, &kind.value)?),
    };
    let filename = fields.get("filename").and_then(|node| reader.text(node, "`filename`"));
    let content_type = fields.get("content_type").and_then(|node| reader.text(node, "`content_type`"));
    Some(Part { name, content, filename, content_type, short: false })
}
