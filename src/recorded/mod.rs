//! HTTP messages as people keep them: as text, in a HAR file, in a log of curl.
//!
//! A recording may come from anybody and hold anything: sizes are bounded, and what can't be read
//! is named by its line and never quoted, because that line may be the one with the token. The body
//! is the one thing that is never repaired: its digest is over its exact bytes.

mod curl;
mod error;
mod har;
mod head;
mod lines;
mod raw;
mod trace;
#[cfg(test)]
mod tests;

use bytes::Bytes;

pub use error::RecordedError;

use crate::message::{Received, Start};

/// Which message of a recording is meant, and what the recording leaves out.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Which exchange, counted from 1; needed where there are several.
    pub entry: Option<usize>,
    /// The answer of the exchange, not its request.
    pub answer: bool,
    /// The body of the request, where the recording does not hold it.
    pub data: Option<Bytes>,
}

/// How a message was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The message itself, as HTTP/1.1 writes it.
    Raw,
    /// A HAR file.
    Har,
    /// What `curl --verbose` prints.
    CurlVerbose,
    /// What `curl --trace` or `--trace-ascii` writes.
    CurlTrace,
}

/// A message out of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The message.
    pub message: Received,
    /// How it was recorded.
    pub form: Form,
    /// What was assumed while it was read: clauses without a full stop.
    pub notes: Vec<String>,
    /// What may be wrong with the recording, should the message not verify.
    pub doubts: Vec<String>,
    /// The body with the newline that the file ends in, where nothing says whether that newline
    /// belongs to the body. The message is read without it: mostly it was added by an editor.
    pub with_newline: Option<Bytes>,
}

/// A request and its answer, whichever of them was recorded.
#[derive(Debug, Default)]
struct Exchange {
    request: Option<Part>,
    answer: Option<Part>,
}

/// One message of an exchange.
#[derive(Debug)]
struct Part {
    message: Received,
    notes: Vec<String>,
    doubts: Vec<String>,
    with_newline: Option<Bytes>,
    /// Why its body is not known.
    unknown_body: Option<RecordedError>,
}

/// Reads the message that is meant. Which form the recording has is told from its contents.
pub fn read(recording: &[u8], choice: &Choice) -> Result<Recorded, RecordedError> {
    let recording = recording.strip_prefix(b"\xef\xbb\xbf").unwrap_or(recording);
    if recording.trim_ascii().is_empty() {
        return Err(RecordedError::new("there is nothing in it"));
    }
    let form = form(recording);
    let exchanges = match form {
        Form::Raw => vec![raw::read(recording)?],
        Form::Har => har::read(recording, choice.entry)?,
        Form::CurlVerbose => curl::read(recording)?,
        Form::CurlTrace => trace::read(recording)?,
    };
    let exchange = chosen(exchanges, choice.entry)?;
    let part = part(exchange, choice)?;
    Ok(Recorded {
        message: part.message,
        form,
        notes: part.notes,
        doubts: part.doubts,
        with_newline: part.with_newline,
    })
}

fn form(recording: &[u8]) -> Form {
    let first = recording.trim_ascii_start();
    let begins = |words: &[&str]| words.iter().any(|word| first.starts_with(word.as_bytes()));
    if first.starts_with(b"{") && !begins(&["{ ["]) {
        Form::Har
    } else if begins(&["== Info", "=> Send ", "<= Recv ", "Warning: "]) {
        Form::CurlTrace
    } else if begins(&["* ", "> ", "< ", "{ [", "} [", "Note: ", "% Total"]) {
        Form::CurlVerbose
    } else {
        Form::Raw
    }
}

fn chosen(mut exchanges: Vec<Exchange>, entry: Option<usize>) -> Result<Exchange, RecordedError> {
    let count = exchanges.len();
    let place = match entry {
        None if count > 1 => {
            let message = format!("{count} exchanges are recorded");
            return Err(RecordedError::new(message).help(format!("say which with `--entry`, 1 to {count}")));
        }
        None => 0,
        Some(entry) => entry.wrapping_sub(1),
    };
    if place < count {
        return Ok(exchanges.swap_remove(place));
    }
    Err(match (entry, count) {
        (Some(entry), 1..) => {
            let help = format!("count them from 1: there are {count}");
            RecordedError::new(format!("there is no exchange {entry} in it")).help(help)
        }
        _ => RecordedError::new("there is no request and no answer in it"),
    })
}

/// The request unless the answer is asked for, or all there is.
fn part(exchange: Exchange, choice: &Choice) -> Result<Part, RecordedError> {
    let Exchange { request, answer } = exchange;
    let request = match (request, &choice.data) {
        (Some(request), Some(data)) => Some(request.with_body(data.clone())),
        (request, _) => request,
    };
    match (request, answer) {
        (Some(request), _) if !choice.answer => request.complete(),
        (request, Some(answer)) => Ok(answer.complete()?.answering(request)),
        (Some(_), None) => Err(RecordedError::new("the request was recorded, and its answer was not")),
        (None, None) => Err(RecordedError::new("there is no request and no answer in it")),
    }
}

impl Part {
    fn new(message: Received) -> Self {
        Self { message, notes: Vec::new(), doubts: Vec::new(), with_newline: None, unknown_body: None }
    }

    fn with_body(mut self, data: Bytes) -> Self {
        if let Some(length) = head::content_length(&self.message.headers)
            && length != data.len() as u64
        {
            self.doubts
                .push(format!("`Content-Length` says {length} bytes, and `--data` has {}", data.len()));
        }
        self.message.body = data;
        self.unknown_body = None;
        self.with_newline = None;
        self
    }

    /// Takes the body as it was recorded, by somebody who adds nothing.
    fn take_newline(&mut self) {
        if let Some(body) = self.with_newline.take() {
            self.message.body = body;
        }
    }

    fn complete(self) -> Result<Self, RecordedError> {
        match self.unknown_body {
            None => Ok(self),
            Some(error) => Err(error),
        }
    }

    /// Takes note that a body that the head announces was not recorded.
    fn without_body(&mut self) {
        let announced = head::content_length(&self.message.headers).filter(|length| *length > 0);
        self.unknown_body = announced.map(|length| {
            RecordedError::new(format!("the body of {length} bytes was not recorded"))
                .help("give the body with `--data FILE`, or record with `curl --trace FILE`, which keeps it")
        });
    }

    /// An answer may sign parts of its request.
    fn answering(mut self, to: Option<Self>) -> Self {
        if let (Start::Answer { request, .. }, Some(to)) = (&mut self.message.start, to) {
            *request = Some(Box::new(to.message));
        }
        self
    }
}
