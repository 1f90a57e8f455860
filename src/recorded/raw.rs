//! A message as HTTP/1.1 writes it, with either end of line; a request may be followed by its
//! answer.

use bytes::Bytes;

use super::error::RecordedError;
use super::head::{self, Head};
use super::lines::{Line, Lines, line_ends, without_end};
use super::{Exchange, Part};
use crate::limits;
use crate::message::{Received, Start};

/// Reads a request, an answer, or a request and its answer.
pub(super) fn read(text: &[u8]) -> Result<Exchange, RecordedError> {
    let mut lines = Lines::of(text);
    let first = part(&mut lines)?;
    if matches!(first.message.start, Start::Answer { .. }) {
        return Ok(Exchange { request: None, answer: Some(first) });
    }
    let answer = if lines.rest().is_empty() { None } else { Some(part(&mut lines)?) };
    Ok(Exchange { request: Some(first), answer })
}

/// One message; what is left begins with the next one, or is empty.
fn part(lines: &mut Lines<'_>) -> Result<Part, RecordedError> {
    let head = read_head(lines)?;
    let rest = lines.rest();
    let (body, behind) = match answer_behind(rest, &head) {
        Some(length) => rest.split_at(length),
        None => (rest, &rest[rest.len()..]),
    };
    *lines = Lines::from(behind, lines.number() + line_ends(body));
    lines.skip_blank();
    with_body(head, body)
}

fn read_head(lines: &mut Lines<'_>) -> Result<Head, RecordedError> {
    let mut head: Vec<Line<'_>> = Vec::new();
    loop {
        match lines.next() {
            Some(line) if line.text.is_empty() && head.is_empty() => {}
            Some(line) if line.text.is_empty() => break,
            Some(line) => head.push(line),
            None => break,
        }
    }
    head::read(&head)
}

/// How long the body of a request is that is followed by an answer.
fn answer_behind(rest: &[u8], head: &Head) -> Option<usize> {
    if matches!(head.start, Start::Answer { .. }) {
        return None;
    }
    let length = head::content_length(&head.headers).and_then(|length| usize::try_from(length).ok());
    let length = length.unwrap_or(0);
    let behind = rest.get(length..)?.trim_ascii_start();
    head::is_status_line(behind).then_some(length)
}

/// A message with the body that follows its head, as far as the head says how long it is.
pub(super) fn with_body(head: Head, body: &[u8]) -> Result<Part, RecordedError> {
    let length = head::content_length(&head.headers);
    let chunked = head.headers.get("transfer-encoding").is_some_and(|it| it.eq_ignore_ascii_case("chunked"));
    let mut part = Part::new(Received { start: head.start, headers: head.headers, body: Bytes::new() });
    let body = match length.map(|length| usize::try_from(length).unwrap_or(usize::MAX)) {
        Some(length) if length <= body.len() => {
            part.note_rest(&body[length..]);
            &body[..length]
        }
        Some(length) => {
            let missing = format!("`Content-Length` says {length} bytes, and {} are there", body.len());
            part.doubts.push(missing);
            body
        }
        None if chunked && let Some(joined) = unchunked(body) => {
            part.notes.push("the chunks of the body were joined".into());
            part.message.body = joined.into();
            return bounded(part);
        }
        None => {
            let shorter = without_end(body);
            part.with_newline = (shorter.len() < body.len()).then(|| Bytes::copy_from_slice(body));
            shorter
        }
    };
    part.message.body = Bytes::copy_from_slice(body);
    bounded(part)
}

fn bounded(part: Part) -> Result<Part, RecordedError> {
    let most = limits::REQUEST_BODY;
    if part.message.body.len() as u64 > most {
        return Err(RecordedError::new(format!("the body is larger than {most} bytes")));
    }
    Ok(part)
}

impl Part {
    /// Tells of what follows the body.
    fn note_rest(&mut self, rest: &[u8]) {
        match rest.len() {
            0 => {}
            _ if rest.trim_ascii().is_empty() => self.notes.push(
                "the newline at the end is not part of the body, as `Content-Length` says: editors add one"
                    .into(),
            ),
            more => self.notes.push(format!(
                "{more} bytes follow the body, as long as `Content-Length` says it is, and were left out"
            )),
        }
    }
}

/// The body of a message that is sent in chunks (RFC 9112, section 7.1); `None` when it is not,
/// or was joined already by whoever recorded it.
pub(super) fn unchunked(body: &[u8]) -> Option<Vec<u8>> {
    let mut joined = Vec::new();
    let mut rest = body;
    loop {
        let mut lines = Lines::of(rest);
        let size = lines.next()?.text;
        let size = size.split(|&byte| byte == b';').next().unwrap_or_default().trim_ascii();
        let size =
            std::str::from_utf8(size).ok().filter(|size| size.bytes().all(|it| it.is_ascii_hexdigit()))?;
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(joined);
        }
        joined.extend_from_slice(lines.rest().get(..size)?);
        let behind = &lines.rest()[size..];
        rest = behind.strip_prefix(b"\r\n").or_else(|| behind.strip_prefix(b"\n"))?;
    }
}
