//! What `curl --trace` and `--trace-ascii` write: every byte that was sent and came, with its
//! offset. `--trace` has the bytes in hexadecimal, so nothing is lost; `--trace-ascii` shows what
//! can't be printed as a dot, and a line break only by the gap that it leaves between offsets.

use super::error::RecordedError;
use super::head::{self, Head};
use super::lines::{Line, Lines};
use super::{Exchange, Part, raw};
use crate::message::Start;

/// What a section is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    SentHead,
    SentData,
    CameHead,
    CameData,
    Other,
}

/// Some bytes that went one way at once.
struct Section {
    kind: Kind,
    line: usize,
    bytes: Vec<u8>,
    exact: bool,
}

#[derive(Default)]
struct Half {
    line: usize,
    head: Vec<u8>,
    body: Vec<u8>,
    exact: bool,
}

/// Reads every exchange of a trace.
pub(super) fn read(trace: &[u8]) -> Result<Vec<Exchange>, RecordedError> {
    let mut exchanges: Vec<(Half, Half)> = Vec::new();
    for section in sections(trace)? {
        match section.kind {
            Kind::SentHead => {
                exchanges.push((Half::begun_by(section), Half::default()));
                continue;
            }
            Kind::CameHead if exchanges.is_empty() => exchanges.push(Default::default()),
            _ => {}
        }
        let Some((sent, came)) = exchanges.last_mut() else { continue };
        match section.kind {
            Kind::SentData => sent.add_body(&section),
            Kind::CameHead => came.add_head(&section),
            Kind::CameData => came.add_body(&section),
            Kind::SentHead | Kind::Other => {}
        }
    }
    exchanges
        .into_iter()
        .map(|(sent, came)| Ok(Exchange { request: sent.finish()?, answer: came.finish()? }))
        .collect()
}

fn sections(trace: &[u8]) -> Result<Vec<Section>, RecordedError> {
    let mut sections = Vec::new();
    let mut open: Option<(Kind, usize, usize, Vec<Line<'_>>)> = None;
    for line in Lines::of(trace) {
        let title = title(line.text);
        if title.is_some() || line.text.starts_with(b"== Info:") {
            sections.extend(open.take().map(close).transpose()?);
            open = title.map(|(kind, size)| (kind, size, line.number, Vec::new()));
        } else if let Some((.., lines)) = &mut open {
            lines.push(line);
        }
    }
    sections.extend(open.take().map(close).transpose()?);
    Ok(sections)
}

/// `=> Send header, 84 bytes (0x54)`
fn title(text: &[u8]) -> Option<(Kind, usize)> {
    let text = std::str::from_utf8(text).ok()?;
    let (what, size) = text.split_once(", ")?;
    let kind = match what {
        "=> Send header" => Kind::SentHead,
        "=> Send data" => Kind::SentData,
        "<= Recv header" => Kind::CameHead,
        "<= Recv data" => Kind::CameData,
        other if other.starts_with("=> Send ") || other.starts_with("<= Recv ") => Kind::Other,
        _ => return None,
    };
    Some((kind, size.split_once(" bytes")?.0.parse().ok()?))
}

fn close((kind, size, line, lines): (Kind, usize, usize, Vec<Line<'_>>)) -> Result<Section, RecordedError> {
    if kind == Kind::Other {
        return Ok(Section { kind, line, bytes: Vec::new(), exact: true });
    }
    let broken =
        || RecordedError::at(line, format!("fewer or more than the {size} bytes that it says follow"));
    // Where the answer went to the same place as the trace, it stands between these lines.
    let lines: Vec<(usize, &[u8])> = lines.iter().filter_map(dump).collect();
    let hexadecimal: Option<Vec<Vec<u8>>> = lines.iter().map(|(_, text)| from_hexadecimal(text)).collect();
    let exact = hexadecimal.as_ref().is_some_and(|lines| lines.iter().map(Vec::len).sum::<usize>() == size);
    let bytes = match hexadecimal {
        Some(bytes) if exact => bytes.concat(),
        _ => from_ascii(&lines, size).ok_or_else(broken)?,
    };
    Ok(Section { kind, line, bytes, exact })
}

/// The offset of a line, and what stands behind it.
fn dump<'a>(line: &Line<'a>) -> Option<(usize, &'a [u8])> {
    let colon = line.text.iter().position(|&byte| byte == b':')?;
    let offset = std::str::from_utf8(&line.text[..colon]).ok().filter(|offset| offset.len() >= 4)?;
    let offset = usize::from_str_radix(offset, 16).ok()?;
    Some((offset, line.text.get(colon + 2..).unwrap_or_default()))
}

/// `47 45 54 20 … GET …`: sixteen bytes at most.
fn from_hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    let columns = text.get(..48.min(text.len()))?;
    let mut bytes = Vec::new();
    for column in columns.chunks(3) {
        match column {
            [b' ', ..] => break,
            [high, low] | [high, low, b' '] => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                bytes.push(u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?);
            }
            _ => return None,
        }
    }
    Some(bytes)
}

/// Two bytes between a line and the next are CR LF.
fn from_ascii(lines: &[(usize, &[u8])], size: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    for (at, (offset, text)) in lines.iter().enumerate() {
        if *offset != bytes.len() {
            return None;
        }
        bytes.extend_from_slice(text);
        let next = lines.get(at + 1).map_or(size, |(offset, _)| *offset);
        match next.checked_sub(bytes.len())? {
            0 => {}
            2 => bytes.extend_from_slice(b"\r\n"),
            _ => return None,
        }
    }
    (bytes.len() == size).then_some(bytes)
}

impl Half {
    fn begun_by(section: Section) -> Self {
        Self { line: section.line, head: section.bytes, body: Vec::new(), exact: true }
    }

    /// curl tells of an answer's head line by line. An interim answer (`100 Continue`) is forgotten
    /// when the next begins.
    fn add_head(&mut self, section: &Section) {
        if head::is_status_line(&section.bytes) {
            *self = Self { line: section.line, exact: true, ..Self::default() };
        }
        self.head.extend_from_slice(&section.bytes);
    }

    fn add_body(&mut self, section: &Section) {
        self.exact &= section.exact || !section.bytes.contains(&b'.');
        self.body.extend_from_slice(&section.bytes);
    }

    fn finish(self) -> Result<Option<Part>, RecordedError> {
        if self.head.is_empty() {
            return Ok(None);
        }
        let lines: Vec<Line<'_>> = Lines::of(&self.head).take_while(|line| !line.text.is_empty()).collect();
        // The lines of a trace are not those of the head: an error names the line of the section.
        let lines: Vec<Line<'_>> = lines.iter().map(|line| Line { number: self.line, ..*line }).collect();
        let head: Head = head::read(&lines)?;
        let is_answer = matches!(head.start, Start::Answer { .. });
        let mut part = raw::with_body(head, &self.body)?;
        part.take_newline();
        if !self.exact {
            let which = if is_answer { "answer" } else { "request" };
            part.doubts.push(format!(
                "`--trace-ascii` shows bytes that can't be printed as dots, and the body of the {which} has dots: \
                 record it with `--trace`"
            ));
        }
        Ok(Some(part))
    }
}
