//! `multipart/form-data` (RFC 7578), made whole before it is sent: what is signed is the digest of
//! these bytes, boundaries included.

use std::borrow::Cow;

use super::body::{file, media_type};
use super::fill::{At, Fill};
use crate::diag::{Code, Diagnostic, pointer};
use crate::load::Owner;
use crate::spec::{Part, PartContent};

/// The parts one behind the other, and the media type that names their boundary.
pub(super) fn multipart(
    fill: &mut Fill<'_>,
    owner: &Owner,
    parts: &[Part],
) -> Option<(Vec<u8>, Cow<'static, str>)> {
    let made: Vec<Option<Made>> = parts.iter().map(|part| made(fill, owner, part)).collect();
    let made = made.into_iter().collect::<Option<Vec<_>>>()?;
    let boundary = boundary(fill, &made);
    let mut body = Vec::new();
    for Made { head, content } in made {
        body.extend(format!("--{boundary}\r\n{head}\r\n").into_bytes());
        body.extend(content);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{boundary}--\r\n").into_bytes());
    Some((body, format!("multipart/form-data; boundary={boundary}").into()))
}

/// A part: its header lines, and what it holds.
struct Made {
    head: String,
    content: Vec<u8>,
}

fn made(fill: &mut Fill<'_>, owner: &Owner, part: &Part) -> Option<Made> {
    let at = At::new(owner, part.pointer());
    let named = |key: &str| At::new(owner, pointer::join(&pointer::join("/body/multipart", &part.name), key));
    let (content, own_type, own_name) = match &part.content {
        PartContent::Text(text) => (fill.text(&at, text)?.into_bytes(), None, None),
        PartContent::Json(value) => {
            (fill.tree(&at, value)?.to_string().into_bytes(), Some("application/json".to_owned()), None)
        }
        PartContent::File(path) => {
            let path = fill.text(&at, path)?;
            let name = path.rsplit('/').next().unwrap_or_default().to_owned();
            (file(fill, &at, &path)?, Some(media_type(&path).to_owned()), Some(name))
        }
    };
    let filename = match &part.filename {
        Some(source) => Some(fill.text(&named("filename"), source)?),
        None => own_name,
    };
    let media_type = match &part.content_type {
        Some(source) => Some(one_line(fill, &named("content_type"), source)?),
        None => own_type,
    };
    let mut head = format!("Content-Disposition: form-data; name=\"{}\"", quoted(&part.name));
    if let Some(name) = filename {
        head.extend(["; filename=\"", &quoted(&name), "\""]);
    }
    if let Some(media_type) = media_type {
        head.extend(["\r\nContent-Type: ", &media_type]);
    }
    head.push_str("\r\n");
    Some(Made { head, content })
}

/// A header of a part is one line, or it could become several parts.
fn one_line(fill: &mut Fill<'_>, at: &At, source: &str) -> Option<String> {
    let text = fill.text(at, source)?;
    if text.chars().any(char::is_control) || text.trim().is_empty() {
        let problem = Diagnostic::error(Code::Unusable, "`content_type` is not a media type on one line");
        fill.problem(at, None, problem.help("write it as in `application/pdf`"), "");
        return None;
    }
    Some(text)
}

/// As browsers write names in quotes (WHATWG HTML, multipart/form-data encoding algorithm).
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// A boundary that stands in no part. It comes from the ids of the run, so that a run can be
/// repeated byte for byte.
fn boundary(fill: &Fill<'_>, parts: &[Made]) -> String {
    loop {
        let boundary = format!("countersign-{}", fill.engine.uuid());
        let occurs =
            |part: &Made| part.content.windows(boundary.len()).any(|window| window == boundary.as_bytes());
        if !parts.iter().any(occurs) {
            return boundary;
        }
    }
}
