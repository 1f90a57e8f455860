//! The body of a message: serialised once, to the bytes that are signed and sent.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;

use super::fill::{At, Fill};
use super::multipart::multipart;
use super::target::texts;
use crate::diag::{Code, Diagnostic};
use crate::limits::REQUEST_BODY;
use crate::load::Owner;
use crate::spec::{Body, GraphQl, Request};

/// The bytes of a body and what they are.
pub(super) struct Encoded {
    pub(super) bytes: Bytes,
    /// The media type, unless a header says otherwise; `None` when there is no body.
    pub(super) content_type: Option<Cow<'static, str>>,
}

/// The body of `request`.
pub(super) fn body(fill: &mut Fill<'_>, owner: &Owner, request: &Request) -> Option<Encoded> {
    let Some(body) = &request.body else { return Some(Encoded { bytes: Bytes::new(), content_type: None }) };
    let place = At::new(owner, format!("/body/{}", body.kind()));
    let (bytes, content_type) = encoded(fill, owner, &place, body)?;
    if bytes.len() as u64 > REQUEST_BODY {
        let message = format!("the body has {} bytes; at most {REQUEST_BODY} are sent", bytes.len());
        fill.problem(&place, None, Diagnostic::error(Code::Unusable, message), "");
        return None;
    }
    Some(Encoded { bytes: bytes.into(), content_type: Some(content_type) })
}

type Content = (Vec<u8>, Cow<'static, str>);

fn encoded(fill: &mut Fill<'_>, owner: &Owner, at: &At, body: &Body) -> Option<Content> {
    let (bytes, media_type) = match body {
        Body::Json(value) => (fill.tree(at, value)?.to_string().into_bytes(), "application/json"),
        Body::Form(pairs) => {
            let pairs = texts(fill, owner, "/body/form", pairs)?;
            let form = Serializer::new(String::new()).extend_pairs(pairs).finish();
            (form.into_bytes(), "application/x-www-form-urlencoded")
        }
        Body::Text(text) => (fill.text(at, text)?.into_bytes(), "text/plain; charset=utf-8"),
        Body::Xml(text) => (fill.xml(at, text)?.into_bytes(), "application/xml"),
        Body::Base64(text) => {
            let text = fill.text(at, text)?;
            (base64(fill, at, &text)?, "application/octet-stream")
        }
        Body::GraphQl(graphql) => (graphql_body(fill, owner, graphql)?, "application/json"),
        Body::File(path) => {
            let path = fill.text(at, path)?;
            (file(fill, at, &path)?, media_type(&path))
        }
        Body::Multipart(parts) => return multipart(fill, owner, parts),
    };
    Some((bytes, media_type.into()))
}

fn base64(fill: &mut Fill<'_>, at: &At, text: &str) -> Option<Vec<u8>> {
    let decoded = STANDARD.decode(text.split_whitespace().collect::<String>());
    if decoded.is_err() {
        fill.problem(at, None, Diagnostic::error(Code::Unusable, "`base64` is not base64"), "");
    }
    decoded.ok()
}

/// The body of a request in the GraphQL-over-HTTP specification, section 5.4.
fn graphql_body(fill: &mut Fill<'_>, owner: &Owner, graphql: &GraphQl) -> Option<Vec<u8>> {
    let at = |key: &str| At::new(owner, format!("/body/graphql/{key}"));
    let mut body = Map::new();
    body.insert("query".into(), fill.text(&at("query"), &graphql.query)?.into());
    if let Some(operation) = &graphql.operation {
        body.insert("operationName".into(), fill.text(&at("operation"), operation)?.into());
    }
    if let Some(variables) = &graphql.variables {
        body.insert("variables".into(), fill.tree(&at("variables"), variables)?);
    }
    Some(Value::Object(body).to_string().into_bytes())
}

pub(super) fn file(fill: &mut Fill<'_>, at: &At, path: &str) -> Option<Vec<u8>> {
    fill.engine
        .root()
        .read_for_request(path, REQUEST_BODY)
        .map_err(|error| {
            let problem = Diagnostic::error(Code::Unreadable, format!("`{path}` {}", error.fault));
            fill.problem(
                at,
                None,
                problem.help("paths are relative to the folder that holds `requests/`"),
                "",
            );
        })
        .ok()
}

/// The media type that a file's extension stands for.
pub(super) fn media_type(path: &str) -> &'static str {
    let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    match extension.as_deref() {
        Some("json") => "application/json",
        Some("xml") => "application/xml",
        Some("yaml" | "yml") => "application/yaml",
        Some("pdf") => "application/pdf",
        Some("zip") => "application/zip",
        Some("txt") => "text/plain; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        Some("html" | "htm") => "text/html; charset=utf-8",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    }
}
