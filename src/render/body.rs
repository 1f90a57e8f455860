//! The body of a message: serialised once, to the bytes that are signed and sent.

use bytes::Bytes;
use url::form_urlencoded::Serializer;

use super::fill::{At, Fill};
use super::target::texts;
use crate::diag::{Code, Diagnostic};
use crate::limits::REQUEST_BODY;
use crate::load::Owner;
use crate::spec::{Body, Request};

/// The bytes of a body and what they are.
pub(super) struct Encoded {
    pub(super) bytes: Bytes,
    /// The media type, unless a header says otherwise; `None` when there is no body.
    pub(super) content_type: Option<&'static str>,
}

/// The body of `request`.
pub(super) fn body(fill: &mut Fill<'_>, owner: &Owner, request: &Request) -> Option<Encoded> {
    let at = |kind: &str| At::new(owner, format!("/body/{kind}"));
    let (place, bytes, content_type) = match &request.body {
        None => return Some(Encoded { bytes: Bytes::new(), content_type: None }),
        Some(Body::Json(value)) => {
            let value = fill.tree(&at("json"), value)?;
            (at("json"), value.to_string().into_bytes(), "application/json")
        }
        Some(Body::Form(pairs)) => {
            let pairs = texts(fill, owner, "/body/form", pairs)?;
            let form = Serializer::new(String::new()).extend_pairs(pairs).finish();
            (at("form"), form.into_bytes(), "application/x-www-form-urlencoded")
        }
        Some(Body::Text(text)) => {
            (at("text"), fill.text(&at("text"), text)?.into_bytes(), "text/plain; charset=utf-8")
        }
        Some(Body::File(path)) => {
            let path = fill.text(&at("file"), path)?;
            (at("file"), file(fill, &at("file"), &path)?, media_type(&path))
        }
    };
    if bytes.len() as u64 > REQUEST_BODY {
        let message = format!("the body has {} bytes; at most {REQUEST_BODY} are sent", bytes.len());
        fill.problem(&place, None, Diagnostic::error(Code::Unusable, message), "");
        return None;
    }
    Some(Encoded { bytes: bytes.into(), content_type: Some(content_type) })
}

fn file(fill: &mut Fill<'_>, at: &At, path: &str) -> Option<Vec<u8>> {
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
fn media_type(path: &str) -> &'static str {
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
