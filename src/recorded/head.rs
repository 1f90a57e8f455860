//! The head of a message: the first line, the fields, and what HTTP/2 has in their place.

use super::error::RecordedError;
use super::lines::{Line, latin1};
use crate::limits;
use crate::message::{Headers, Start};

/// A head that was read.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) start: Start,
    pub(super) headers: Headers,
}

/// What HTTP/2 writes as fields whose names begin with a colon (RFC 9113, section 8.3).
#[derive(Default)]
struct Pseudo {
    method: Option<String>,
    path: Option<String>,
    scheme: Option<String>,
    authority: Option<String>,
    status: Option<u16>,
}

/// Reads a head from its lines, the first of which says what message it is.
pub(super) fn read(lines: &[Line<'_>]) -> Result<Head, RecordedError> {
    let size: usize = lines.iter().map(|line| line.text.len()).sum();
    let Some(first) = lines.first() else { return Err(RecordedError::new("a head without a line")) };
    if lines.len() > limits::ANSWER_FIELDS || size > limits::ANSWER_HEAD {
        let (fields, bytes) = (limits::ANSWER_FIELDS, limits::ANSWER_HEAD);
        let message = format!("the head has more than {fields} fields or {bytes} bytes");
        return Err(RecordedError::at(first.number, message));
    }
    let pseudo_only = first.text.starts_with(b":");
    let start = if pseudo_only { None } else { Some(start(first)?) };
    let (headers, pseudo) = fields(if pseudo_only { lines } else { &lines[1..] })?;
    let start = match start {
        Some(start) => pseudo.complete(start),
        None => pseudo.start().ok_or_else(|| {
            RecordedError::at(first.number, "neither `:status`, nor `:method` and `:path`, is there")
        })?,
    };
    Ok(Head { start, headers })
}

/// Whether a line is the first of an answer.
pub(super) fn is_status_line(line: &[u8]) -> bool {
    line.strip_prefix(b"HTTP/").is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_digit))
}

fn start(line: &Line<'_>) -> Result<Start, RecordedError> {
    let words: Vec<&[u8]> = line.text.split(|&byte| byte == b' ').filter(|word| !word.is_empty()).collect();
    if is_status_line(line.text) {
        let status = words.get(1).and_then(|word| std::str::from_utf8(word).ok()?.parse().ok());
        let status = status.filter(|status| (100..1000).contains(status));
        let status =
            status.ok_or_else(|| RecordedError::at(line.number, "a status line without a status"))?;
        return Ok(Start::Answer { status, request: None });
    }
    match words.as_slice() {
        [method, target] | [method, target, _] if is_token(method) && is_version(words.get(2)) => {
            Ok(request(latin1(method), &latin1(target)))
        }
        _ => Err(RecordedError::at(
            line.number,
            "neither a request line (`GET /path HTTP/1.1`) nor a status line (`HTTP/1.1 200 OK`)",
        )
        .help("a raw message, a HAR file, and what `curl --verbose`, `--trace` or `--trace-ascii` print can be read")),
    }
}

fn is_version(word: Option<&&[u8]>) -> bool {
    word.is_none_or(|word| word.starts_with(b"HTTP/"))
}

/// A request for a target in origin form, or for a whole URL.
pub(super) fn request(method: String, target: &str) -> Start {
    let (scheme, authority, target) = match target.split_once("://") {
        Some((scheme @ ("http" | "https"), rest)) => {
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let (authority, target) = rest.split_at(end);
            let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
            (scheme, Some(authority.to_owned()), target)
        }
        _ => ("https", None, target.to_owned()),
    };
    Start::Request { method, target, scheme: scheme.to_owned(), authority }
}

fn fields(lines: &[Line<'_>]) -> Result<(Headers, Pseudo), RecordedError> {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut pseudo = Pseudo::default();
    for line in lines {
        // A line that begins with a blank continues the one before (RFC 9112, section 5.2).
        if let (Some(b' ' | b'\t'), Some((_, value))) = (line.text.first(), fields.last_mut()) {
            value.push(' ');
            value.push_str(&latin1(line.text.trim_ascii()));
            continue;
        }
        let (name, value) = field(line)?;
        match name.strip_prefix(':') {
            Some(name) => pseudo.set(name, value, line.number)?,
            None => fields.push((name, value)),
        }
    }
    Ok((fields.into_iter().collect(), pseudo))
}

fn field(line: &Line<'_>) -> Result<(String, String), RecordedError> {
    let start = usize::from(line.text.starts_with(b":"));
    let colon = line.text[start.min(line.text.len())..].iter().position(|&byte| byte == b':');
    let Some(colon) = colon.map(|at| at + start) else {
        return Err(RecordedError::at(line.number, "a header field without a colon"));
    };
    let (name, value) = (&line.text[..colon], &line.text[colon + 1..]);
    if !is_token(&name[start..]) {
        return Err(RecordedError::at(line.number, "what stands before the colon is not a header name"));
    }
    Ok((latin1(name), latin1(trim(value))))
}

fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

/// RFC 9110, section 5.6.2.
fn is_token(word: &[u8]) -> bool {
    !word.is_empty()
        && word.iter().all(|&byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// The one `Content-Length`, where it is a number.
pub(super) fn content_length(headers: &Headers) -> Option<u64> {
    let mut values = headers.all("content-length");
    let length = values.next()?.parse().ok();
    length.filter(|_| values.next().is_none())
}

impl Pseudo {
    fn set(&mut self, name: &str, value: String, line: usize) -> Result<(), RecordedError> {
        match name {
            "method" => self.method = Some(value),
            "path" => self.path = Some(value),
            "scheme" => self.scheme = Some(value),
            "authority" => self.authority = Some(value),
            "status" => self.status = value.parse().ok(),
            _ => return Err(RecordedError::at(line, "HTTP/2 has no such pseudo-header")),
        }
        Ok(())
    }

    /// A message that has no other first line.
    fn start(self) -> Option<Start> {
        if let Some(status) = self.status {
            return Some(Start::Answer { status, request: None });
        }
        let start = request(self.method.clone()?, self.path.as_deref()?);
        Some(self.complete(start))
    }

    /// What the first line does not say.
    fn complete(self, start: Start) -> Start {
        match start {
            Start::Request { method, target, scheme, authority } => Start::Request {
                method,
                target,
                scheme: self.scheme.unwrap_or(scheme),
                authority: authority.or(self.authority),
            },
            answer @ Start::Answer { .. } => answer,
        }
    }
}

impl Head {
    /// A head of fields that are known already, such as those of a HAR file.
    pub(super) fn of_fields(
        start: Start,
        fields: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, RecordedError> {
        let mut pseudo = Pseudo::default();
        let mut headers = Headers::new();
        for (name, value) in fields {
            match name.strip_prefix(':') {
                Some("authority") => pseudo.authority = Some(value),
                Some("scheme") => pseudo.scheme = Some(value),
                Some(_) => {}
                None if is_token(name.as_bytes()) => headers.append(name, value),
                None => return Err(RecordedError::new("a header field has a name that no header can have")),
            }
        }
        Ok(Self { start: pseudo.complete(start), headers })
    }
}
