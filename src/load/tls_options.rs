//! The options of `tls`, and `resolve`.

use super::reader::{Fields, Reader, is_template};
use super::yaml::{Entry, Node, Value};
use crate::diag::{Code, Diagnostic};
use crate::keys::Pin;
use crate::spec::{Resolve, TlsOptions, TlsVersion, is_host_name};

/// Reads the options among the fields of `tls`.
pub(super) fn options(reader: &mut Reader, fields: &Fields<'_>) -> TlsOptions {
    let verify = fields.get("verify").and_then(|node| reader.boolean(node, "`verify`")).unwrap_or(true);
    if let (false, Some(entry), Some(pin)) = (verify, fields.entry("verify"), fields.entry("pin")) {
        reader.problems.push(
            Diagnostic::error(Code::WrongValue, "`verify: false` and `pin` can't stand together")
                .at(entry.key.span, "nothing is verified")
                .at(pin.key.span, "the server's key is verified")
                .help("remove `verify`; for a server with a certificate of its own making, name that under `ca`"),
        );
    }
    TlsOptions {
        pins: fields.get("pin").map(|node| pins(reader, node)).unwrap_or_default(),
        min_version: fields.get("min_version").and_then(|node| version(reader, node)).unwrap_or_default(),
        server_name: fields.get("server_name").and_then(|node| server_name(reader, node)),
        verify,
    }
}

fn pins(reader: &mut Reader, node: &Node) -> Vec<Pin> {
    match &node.value {
        Value::List(items) if items.is_empty() => {
            reader.unusable(node, "`pin` is empty", "no server has any of these", "remove it, or name a key");
            Vec::new()
        }
        Value::List(items) => items.iter().filter_map(|item| pin(reader, item)).collect(),
        _ => pin(reader, node).into_iter().collect(),
    }
}

fn pin(reader: &mut Reader, node: &Node) -> Option<Pin> {
    let pin = node.as_text().and_then(|text| text.parse().ok());
    if pin.is_none() {
        let expected = "the SHA-256 of the server's public key: `sha256/BASE64`, or 64 hexadecimal digits";
        reader.wrong(node, "`pin`", expected, "docs/certificates.md shows the command that prints it");
    }
    pin
}

fn version(reader: &mut Reader, node: &Node) -> Option<TlsVersion> {
    let written = match &node.value {
        Value::Number(number) => number.to_string(),
        _ => node.as_text().unwrap_or_default().to_owned(),
    };
    match written.as_str() {
        "1.2" => Some(TlsVersion::Tls12),
        "1.3" => Some(TlsVersion::Tls13),
        _ => {
            reader.wrong(node, "`min_version`", "`1.2` or `1.3`", "");
            None
        }
    }
}

fn server_name(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, "`server_name`")?;
    if !is_template(&text) && !is_host_name(&text) {
        reader.wrong(
            node,
            "`server_name`",
            "a host name such as `api.example.com`",
            "without scheme and port",
        );
        return None;
    }
    Some(text)
}

/// Reads `resolve`.
pub(super) fn resolve(reader: &mut Reader, node: &Node) -> Vec<Resolve> {
    let help = "write `resolve: {\"api.example.com:443\": 127.0.0.1}`";
    let Some(entries) = reader.map(node, "`resolve`", help) else { return Vec::new() };
    entries.iter().filter_map(|entry| resolved(reader, entry)).collect()
}

fn resolved(reader: &mut Reader, entry: &Entry) -> Option<Resolve> {
    let target = entry.key.text.rsplit_once(':').and_then(|(host, port)| {
        let port = port.parse().ok().filter(|port| *port != 0)?;
        is_host_name(host).then(|| (host.to_ascii_lowercase(), port))
    });
    let Some((host, port)) = target else {
        let problem = Diagnostic::error(Code::WrongValue, "a key of `resolve` must be a host and a port")
            .at(entry.key.span, "such as `api.example.com:443`")
            .help("a host that is an address needs no entry");
        reader.problems.push(problem);
        return None;
    };
    let address = entry.value.as_text().and_then(|text| text.trim_matches(['[', ']']).parse().ok());
    if address.is_none() {
        reader.wrong(
            &entry.value,
            "an address of `resolve`",
            "an IP address such as `127.0.0.1` or `\"::1\"`",
            "",
        );
    }
    Some(Resolve { host, port, address: address? })
}
