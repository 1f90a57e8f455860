//! Values that a message carries as text: parameters, header fields, forms. What they are is known
//! from their schema only.

use serde_json::Value;

use super::at::At;

/// The types that a schema allows.
fn types<'d>(at: &At<'d>) -> Vec<&'d str> {
    let at = at.clone().resolved();
    match at.value.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => {
            let parts = ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| at.get(key));
            parts.flat_map(|list| list.items()).flat_map(|part| types_once(&part)).collect()
        }
    }
}

/// [`types`] of a part of a schema: those of its own parts are not looked for.
fn types_once<'d>(at: &At<'d>) -> Vec<&'d str> {
    match at.value.get("type") {
        Some(Value::String(kind)) => vec![kind],
        _ => Vec::new(),
    }
}

/// Whether a schema asks for a list.
pub(super) fn is_list(at: &At<'_>) -> bool {
    types(at).contains(&"array")
}

/// Whether a schema asks for a map: how one is written as text is not looked into.
pub(super) fn is_map(at: &At<'_>) -> bool {
    types(at).contains(&"object")
}

/// One text as what the schema asks for, if it can be that.
pub(super) fn typed(text: &str, at: &At<'_>) -> Value {
    let types = types(at);
    let asks = |kind: &str| types.contains(&kind);
    let as_number = || crate::json::parse(text.as_bytes()).ok().filter(Value::is_number);
    match text {
        "true" | "false" if asks("boolean") => Value::Bool(text == "true"),
        "null" if asks("null") && !asks("string") => Value::Null,
        _ if asks("integer") || asks("number") => as_number().unwrap_or_else(|| text.into()),
        _ => text.into(),
    }
}

/// A list of texts as what the schema of a list asks for.
pub(super) fn list(texts: &[String], at: &At<'_>) -> Value {
    let items = at.clone().resolved().get("items");
    texts
        .iter()
        .map(|text| items.as_ref().map_or_else(|| text.as_str().into(), |at| typed(text, at)))
        .collect()
}

/// The fields of a form as what a schema's properties ask for.
pub(super) fn form(body: &[u8], at: &At<'_>) -> Value {
    let properties = at.clone().resolved().get("properties");
    let mut fields = serde_json::Map::new();
    let mut texts: indexmap::IndexMap<String, Vec<String>> = indexmap::IndexMap::new();
    for (name, value) in url::form_urlencoded::parse(body) {
        texts.entry(name.into_owned()).or_default().push(value.into_owned());
    }
    for (name, values) in texts {
        let own = properties.as_ref().and_then(|properties| properties.get(&name));
        let value = match (&own, values.as_slice()) {
            (Some(own), _) if is_list(own) => list(&values, own),
            (Some(own), [value]) => typed(value, own),
            (None, [value]) => value.as_str().into(),
            (_, several) => several.into(),
        };
        fields.insert(name, value);
    }
    Value::Object(fields)
}
