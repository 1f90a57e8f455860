//! Text in lines, each with its number; CR LF and LF alone both end one.

/// A line without what ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// From 1.
    pub(super) number: usize,
    pub(super) text: &'a [u8],
}

/// The lines of a text, and what is left of it.
#[derive(Debug, Clone)]
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    number: usize,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a [u8]) -> Self {
        Self::from(text, 1)
    }

    /// The same of a part whose first line has this number.
    pub(super) fn from(text: &'a [u8], number: usize) -> Self {
        Self { rest: text, number }
    }

    /// What was not read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The number of the next line.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// Passes over blank lines.
    pub(super) fn skip_blank(&mut self) {
        let blank = self.rest.len() - self.rest.trim_ascii_start().len();
        let (skipped, rest) = self.rest.split_at(blank);
        self.number += line_ends(skipped);
        self.rest = rest;
    }

    /// The next line with what ends it.
    pub(super) fn whole(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let end = self.rest.iter().position(|&byte| byte == b'\n').map_or(self.rest.len(), |at| at + 1);
        let (line, rest) = self.rest.split_at(end);
        self.rest = rest;
        self.number += 1;
        Some(line)
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        let number = self.number;
        self.whole().map(|line| Line { number, text: without_end(line) })
    }
}

/// How many lines end in a text.
pub(super) fn line_ends(text: &[u8]) -> usize {
    text.split(|&byte| byte == b'\n').count() - 1
}

/// The line without its LF or CR LF.
pub(super) fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Bytes above 0x7f are Latin-1, so that none is lost.
pub(super) fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}
