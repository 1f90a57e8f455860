//! `needs` and `token`: what a request asks to be run before it.

use indexmap::IndexMap;

use super::headers::{check_name, is_token, why_no_token};
use super::reader::{Reader, Shape, is_template};
use super::values::{NAME, is_variable_name, variables};
use super::yaml::{Node, Value};
use crate::diag::literal;
use crate::spec::{Need, TokenUse};

const NEED: Shape = Shape { what: "a need", keys: &["request", "with", "as"] };
const TOKEN: Shape =
    Shape { what: "`token`", keys: &["from", "with", "value", "scheme", "header", "refresh"] };

/// What `refresh` may say.
const ON_401: &str = "on_401";

/// Reads `needs`.
pub(super) fn needs(reader: &mut Reader, node: &Node) -> Vec<Need> {
    let help = node.as_text().map(|name| format!("write `[{name}]`")).unwrap_or_default();
    let items = reader.list(node, "`needs`", &help).unwrap_or_default();
    items.iter().filter_map(|item| need(reader, item)).collect()
}

fn need(reader: &mut Reader, node: &Node) -> Option<Need> {
    if !matches!(node.value, Value::Map(_)) {
        let request = reader.fixed(node, "a need")?;
        return Some(Need { request, with: IndexMap::new(), called: None });
    }
    let fields = reader.fields(node, &NEED)?;
    let request = fields.required("request", "request: token", reader)?;
    Some(Need {
        request: reader.fixed(request, "`request`")?,
        with: fields.get("with").map(|node| variables(reader, node, "`with`")).unwrap_or_default(),
        called: fields.get("as").and_then(|node| called(reader, node)),
    })
}

/// A name that a template can write.
fn called(reader: &mut Reader, node: &Node) -> Option<String> {
    let name = reader.fixed(node, "`as`")?;
    if !is_variable_name(&name) {
        let message = format!("{} can't be the name of a need", literal(&name));
        reader.unusable(node, message, "no template could write it", NAME);
        return None;
    }
    Some(name)
}

/// Reads `token`.
pub(super) fn token(reader: &mut Reader, node: &Node) -> Option<TokenUse> {
    let mut token = TokenUse {
        from: String::new(),
        with: IndexMap::new(),
        refresh_on_401: false,
        value: "access_token".to_owned(),
        scheme: "Bearer".to_owned(),
        header: "Authorization".to_owned(),
    };
    match &node.value {
        Value::Bool(false) => None,
        Value::Text(_) => {
            token.from = reader.fixed(node, "`token`")?;
            Some(token)
        }
        Value::Map(_) => written(reader, node, token),
        _ => {
            let form = "the name of a request, a map with `from`, or `false`";
            reader.wrong(node, "`token`", form, "");
            None
        }
    }
}

fn written(reader: &mut Reader, node: &Node, mut token: TokenUse) -> Option<TokenUse> {
    let fields = reader.fields(node, &TOKEN)?;
    let from = fields.required("from", "from: token", reader);
    token.from = from.and_then(|node| reader.fixed(node, "`from`")).unwrap_or_default();
    if let Some(node) = fields.get("with") {
        token.with = variables(reader, node, "`with`");
    }
    if let Some(value) = fields.get("value").and_then(|node| reader.fixed(node, "`value`")) {
        token.value = value;
    }
    if let Some(scheme) = fields.get("scheme").and_then(|node| scheme(reader, node)) {
        token.scheme = scheme;
    }
    if let Some(node) = fields.get("header")
        && let Some(name) = reader.fixed(node, "`header`")
        && check_name(reader, &name, node.span)
    {
        token.header = name;
    }
    if let Some(node) = fields.get("refresh") {
        token.refresh_on_401 = node.as_text() == Some(ON_401);
        if !token.refresh_on_401 {
            let help = "a token that is known to expire is fetched again in any case";
            reader.wrong(node, "`refresh`", "`on_401`", help);
        }
    }
    Some(token)
}

/// The word before a token; empty for none.
fn scheme(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, "`scheme`")?;
    if text.is_empty() || is_token(&text) || is_template(&text) {
        return Some(text);
    }
    reader.unusable(
        node,
        "`scheme` is not one word",
        &why_no_token(&text),
        "write `Bearer`, or `\"\"` for none",
    );
    None
}
