//! What `curl --verbose` prints: `> ` before each line that was sent, `< ` before each that came,
//! `* ` before what curl has to say. Bodies that were sent are not in it; the body of an answer is
//! where standard output went into the same file.

use bytes::Bytes;

use super::error::RecordedError;
use super::head::{self, Head};
use super::lines::{Line, Lines, without_end};
use super::{Exchange, Part, raw};
use crate::message::{Received, Start};

/// What curl says behind a body that does not end in a newline.
const LEFT_INTACT: &[u8] = b"* Connection #";

/// An exchange as it is put together.
#[derive(Default)]
struct Draft<'a> {
    request: Vec<Line<'a>>,
    sent: bool,
    answer: Vec<Line<'a>>,
    came: bool,
    body: Vec<u8>,
}

/// Reads every exchange of a log.
pub(super) fn read(log: &[u8]) -> Result<Vec<Exchange>, RecordedError> {
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut lines = Lines::of(log);
    loop {
        let number = lines.number();
        let Some(whole) = lines.whole() else { break };
        let text = without_end(whole);
        if let Some(text) = marked(text, b'>') {
            if drafts.last().is_none_or(|draft| draft.sent || !draft.answer.is_empty()) {
                drafts.push(Draft::default());
            }
            let draft = drafts.last_mut().expect("there is one now");
            draft.sent = text.is_empty();
            draft.request.extend((!text.is_empty()).then_some(Line { number, text }));
        } else if let Some(draft) = drafts.last_mut() {
            draft.take(Line { number, text }, whole);
        } else if marked(text, b'<').is_some() {
            drafts.push(Draft::default());
            drafts[0].take(Line { number, text }, whole);
        }
    }
    drafts.into_iter().map(Draft::finish).collect()
}

/// What stands behind the mark of a line.
fn marked(text: &[u8], mark: u8) -> Option<&[u8]> {
    match text {
        [first, b' ', rest @ ..] if *first == mark => Some(rest),
        [first] if *first == mark => Some(&[]),
        _ => None,
    }
}

/// Whether curl says this, rather than the server. Its progress meter begins its lines anew with CR.
fn is_remark(text: &[u8]) -> bool {
    let data = |open: u8| text.starts_with(&[open, b' ', b'[']) && text.ends_with(b"bytes data]");
    text.starts_with(b"* ") || text.starts_with(b"\r") || data(b'{') || data(b'}')
}

impl<'a> Draft<'a> {
    /// A line behind the request.
    fn take(&mut self, line: Line<'a>, whole: &[u8]) {
        match marked(line.text, b'<') {
            Some(text) if !self.came => {
                self.came = text.is_empty();
                if !text.is_empty() {
                    self.answer.push(Line { text, ..line });
                } else if self.is_interim() {
                    self.answer.clear();
                    self.came = false;
                }
            }
            _ if self.came && !is_remark(line.text) => self.body.extend_from_slice(whole),
            _ => {}
        }
    }

    /// Whether what came so far is `100 Continue` or the like.
    fn is_interim(&self) -> bool {
        let status = head::read(&self.answer).map(|head| head.start);
        matches!(status, Ok(Start::Answer { status: 100..200, .. }))
    }

    fn finish(self) -> Result<Exchange, RecordedError> {
        let request = if self.request.is_empty() { None } else { Some(request(head::read(&self.request)?)) };
        let answer =
            if self.answer.is_empty() { None } else { Some(answer(head::read(&self.answer)?, &self.body)?) };
        Ok(Exchange { request, answer })
    }
}

/// A request whose body, if it has one, is not in the log.
fn request(head: Head) -> Part {
    let mut part = Part::new(Received { start: head.start, headers: head.headers, body: Bytes::new() });
    part.without_body();
    part
}

fn answer(head: Head, body: &[u8]) -> Result<Part, RecordedError> {
    let remark = body.windows(LEFT_INTACT.len()).rposition(|window| window == LEFT_INTACT);
    let body = &body[..remark.unwrap_or(body.len())];
    let mut part = raw::with_body(head, body)?;
    part.notes.clear();
    if body.is_empty() {
        part.without_body();
    }
    Ok(part)
}
