//! The texts that diagnostics point into. A span is twelve bytes and knows no text, so that it
//! can be kept everywhere.

use std::path::{Path, PathBuf};

/// A text among [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(u32);

/// A range of bytes in a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The text it is in.
    pub source: SourceId,
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end` of `source`.
    pub fn new(source: SourceId, start: usize, end: usize) -> Self {
        let clamp = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Self { source, start: clamp(start), end: clamp(end.max(start)) }
    }
}

/// A place as people count: from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// Every file that was read, kept for showing excerpts.
#[derive(Debug, Clone, Default)]
pub struct Sources(Vec<Source>);

#[derive(Debug, Clone)]
struct Source {
    path: PathBuf,
    text: String,
}

impl Sources {
    /// Keeps a text under the path that diagnostics show.
    pub fn add(&mut self, path: impl Into<PathBuf>, text: impl Into<String>) -> SourceId {
        let id = SourceId(u32::try_from(self.0.len()).expect("a suite has far fewer than 2^32 files"));
        self.0.push(Source { path: path.into(), text: text.into() });
        id
    }

    /// Every text.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|source| source.text.as_str())
    }

    /// The path that diagnostics show.
    pub fn path(&self, id: SourceId) -> &Path {
        &self.0[id.0 as usize].path
    }

    /// The whole text.
    pub fn text(&self, id: SourceId) -> &str {
        &self.0[id.0 as usize].text
    }

    /// The text at `span`; empty when the span is not on character boundaries.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.source).get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Blanks out a part that must not be shown, such as a password in a URL. No offset changes.
    pub fn blank_out(&mut self, span: Span) {
        let blank = |byte| if byte == b'\n' { '\n' } else { '*' };
        let stars: String = self.slice(span).bytes().map(blank).collect();
        let range = span.start as usize..span.start as usize + stars.len();
        self.0[span.source.0 as usize].text.replace_range(range, &stars);
    }

    /// Line and column of the beginning of `span`.
    pub fn position(&self, span: Span) -> Position {
        let text = self.text(span.source);
        let before = &text[..floor(text, span.start as usize)];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// The nearest offset at or before `offset` that does not split a character.
pub(crate) fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default()
}
