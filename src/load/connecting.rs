//! `connect_timeout`, `http_version` and `proxy` → [`Connecting`].

use super::duration::duration;
use super::reader::{Fields, Reader, is_template};
use super::yaml::{Node, Value};
use crate::spec::{Connecting, HttpVersion, Proxy, ProxyChoice};

/// Reads them among the fields of a request, an environment or the defaults.
pub(super) fn connecting(reader: &mut Reader, fields: &Fields<'_>) -> Connecting {
    Connecting {
        timeout: fields.get("connect_timeout").and_then(|node| duration(reader, node, "`connect_timeout`")),
        http_version: fields.get("http_version").and_then(|node| version(reader, node)),
        proxy: fields.get("proxy").and_then(|node| proxy(reader, node)),
    }
}

fn version(reader: &mut Reader, node: &Node) -> Option<HttpVersion> {
    let written = match &node.value {
        Value::Number(number) => number.to_string(),
        _ => node.as_text().unwrap_or_default().to_owned(),
    };
    match written.as_str() {
        "auto" => Some(HttpVersion::Auto),
        "1.1" => Some(HttpVersion::Http11),
        "2" => Some(HttpVersion::Http2),
        _ => {
            reader.wrong(node, "`http_version`", "`1.1`, `2` or `auto`", "");
            None
        }
    }
}

fn proxy(reader: &mut Reader, node: &Node) -> Option<ProxyChoice> {
    if matches!(node.value, Value::Bool(false)) {
        return Some(ProxyChoice::Off);
    }
    let expected = "the URL of a proxy such as `http://proxy.example:3128`, or `false`";
    let Value::Text(text) = &node.value else {
        reader.wrong(node, "`proxy`", expected, "");
        return None;
    };
    if is_template(text) {
        return Some(ProxyChoice::Through(text.clone()));
    }
    match Proxy::parse(text) {
        Ok(proxy) if proxy.credentials().is_some_and(|(_, password)| !password.is_empty()) => {
            reader.secrets.push(node.span);
            let help =
                "take it from the environment: `http://user:{{ secret(\"PROXY_PASSWORD\") }}@proxy:3128`";
            reader.unusable(
                node,
                "`proxy` has a password in it",
                "it would be read by everybody who has the suite",
                help,
            );
            None
        }
        Ok(_) => Some(ProxyChoice::Through(text.clone())),
        Err(error) => {
            reader.unusable(node, format!("`proxy` {error}"), "", "write `http://HOST:PORT`, or `false`");
            None
        }
    }
}
