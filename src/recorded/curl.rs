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
    /// How long the head of the answer says that its body is.
    length: Option<usize>,
    body: Vec<u8>,
    /// The body with the lines in it that begin as curl's remarks do.
    unsifted: Vec<u8>,
    /// The last such line, until more of the body comes.
    remark: Option<usize>,
    /// One that stands inside the body.
    inside: Option<usize>,
}

/// Reads every exchange of a log.
pub(super) fn read(log: &[u8]) -> Result<Vec<Exchange>, RecordedError> {
    let mut drafts: Vec<Draft<'_>> = Vec::new();
    let mut lines = Lines::of(log);
    loop {
        let number = lines.number();
        let Some(whole) = lines.whole() else { break };
        let text = without_end(whole);
        let in_body = drafts.last().is_some_and(|draft| draft.goes_on_with(text));
        if let Some(text) = marked(text, b'>').filter(|_| !in_body) {
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

/// Whether a request begins so, behind its mark.
fn is_request_line(text: &[u8]) -> bool {
    let words: Vec<&[u8]> = text.split(|byte| *byte == b' ').collect();
    words.len() == 3 && words[2].starts_with(b"HTTP/")
}

impl<'a> Draft<'a> {
    /// Whether a line is of the body though it begins as those that were sent do.
    fn goes_on_with(&self, text: &[u8]) -> bool {
        let begun = !self.body.is_empty() && self.length.is_some_and(|length| self.unsifted.len() < length);
        self.came && (begun || !marked(text, b'>').is_some_and(is_request_line))
    }

    /// A line behind the head of the answer.
    fn take_body(&mut self, line: Line<'_>, whole: &[u8]) {
        if !is_remark(line.text) {
            self.inside = self.inside.or(self.remark);
            self.body.extend_from_slice(whole);
            self.unsifted.extend_from_slice(whole);
        } else if line.text.starts_with(b"* ") && !self.body.is_empty() {
            self.remark = self.remark.or(Some(line.number));
            self.unsifted.extend_from_slice(whole);
        }
    }

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
                } else {
                    let head = head::read(&self.answer).ok();
                    let length = head.and_then(|head| head::content_length(&head.headers));
                    self.length = length.and_then(|length| usize::try_from(length).ok());
                }
            }
            _ if self.came => self.take_body(line, whole),
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
        let answer = if self.answer.is_empty() { None } else { Some(self.answer()?) };
        Ok(Exchange { request, answer })
    }

    /// The answer. A line inside its body that begins as a remark does may be either: the length
    /// that the head gives decides, and without one it is left out and told.
    fn answer(&self) -> Result<Part, RecordedError> {
        let head = head::read(&self.answer)?;
        let sifted = self.without_remark();
        let lacks = self.length.is_some_and(|length| sifted.len() < length && length <= self.unsifted.len());
        let body = if lacks { &self.unsifted } else { sifted };
        let mut part = raw::with_body(head, body)?;
        part.notes.clear();
        if body.is_empty() {
            part.without_body();
        }
        if let Some(line) = self.inside.or(self.remark.filter(|_| lacks)) {
            let taken =
                if lacks { "belongs to the body by `Content-Length`" } else { "was left out of the body" };
            part.doubts.push(format!("line {line} begins like a remark of curl's, and {taken}"));
        }
        Ok(part)
    }

    /// The body without what curl says on its last line. Of a known length, it is cut by that.
    fn without_remark(&self) -> &[u8] {
        let body = &self.body;
        if self.length.is_some_and(|length| length <= body.len()) {
            return body;
        }
        let remark = body.windows(LEFT_INTACT.len()).rposition(|window| window == LEFT_INTACT);
        let last = remark.filter(|at| !without_end(&body[*at..]).contains(&b'\n'));
        &body[..last.unwrap_or(body.len())]
    }
}

/// A request whose body, if it has one, is not in the log.
fn request(head: Head) -> Part {
    let mut part = Part::new(Received { start: head.start, headers: head.headers, body: Bytes::new() });
    part.without_body();
    part
}
