//! Where every byte of a report goes through: mask, escape, mask again, write.
//!
//! A line is handed over in pieces, each with its colour, because a colour in the middle of a
//! secret would hide the secret from the mask. Should one show only when the pieces stand side by
//! side, the whole line loses its colours and is masked as one.

use std::io::{self, Write};

use anstyle::Style;

use super::escape;
use crate::secret::Redactor;

/// Masks and escapes everything on its way to a writer.
pub struct Sink<W: Write> {
    writer: W,
    redactor: Redactor,
    color: bool,
}

/// One line in pieces.
#[derive(Debug, Clone, Default)]
pub struct Line(Vec<Piece>);

#[derive(Debug, Clone)]
struct Piece {
    style: Style,
    text: String,
}

impl Line {
    /// An empty line.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds text in the terminal's own colour.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.styled(Style::new(), text)
    }

    /// Adds text in a colour.
    #[must_use]
    pub fn styled(mut self, style: Style, text: impl Into<String>) -> Self {
        self.0.push(Piece { style, text: text.into() });
        self
    }
}

impl<W: Write> Sink<W> {
    /// Everything goes to `writer`, without what `redactor` knows; in colour or not.
    pub fn new(writer: W, redactor: Redactor, color: bool) -> Self {
        Self { writer, redactor, color }
    }

    /// Writes one line, whatever is in it.
    pub fn line(&mut self, line: &Line) -> io::Result<()> {
        let texts: Vec<String> = line.0.iter().map(|piece| self.shown(&piece.text)).collect();
        let plain = texts.concat();
        if self.redactor.contains_secret(&plain) || escape::is_command(&plain) {
            return writeln!(self.writer, "{}", self.shown(&plain).trim_end());
        }
        if !self.color {
            return writeln!(self.writer, "{}", plain.trim_end());
        }
        for (piece, text) in line.0.iter().zip(texts) {
            write!(self.writer, "{}{text}{}", piece.style.render(), piece.style.render_reset())?;
        }
        writeln!(self.writer)
    }

    /// Everything that is known to be a secret, masked.
    pub fn mask(&self, text: &str) -> String {
        self.redactor.redact(text).into_owned()
    }

    /// Whether there is a secret in the text.
    pub fn tells(&self, text: &str) -> bool {
        self.redactor.contains_secret(text)
    }

    /// Sends on what was written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }

    fn shown(&self, text: &str) -> String {
        shown(text, &self.redactor)
    }
}

/// One line as it may be shown: without secrets, and with nothing in it that a terminal or a CI
/// runner would obey.
pub fn shown(line: &str, redactor: &Redactor) -> String {
    let escaped = escape::line(&redactor.redact(line)).into_owned();
    redactor.redact(&escaped).into_owned()
}

/// [`shown`] for several lines.
pub fn shown_lines(text: &str, redactor: &Redactor) -> String {
    text.split('\n').map(|line| shown(line, redactor)).collect::<Vec<_>>().join("\n")
}

/// [`shown`] for a line of JSON, which means the same afterwards.
pub fn shown_json(line: &str, redactor: &Redactor) -> String {
    let escaped = escape::json(&redactor.redact(line)).into_owned();
    redactor.redact(&escaped).into_owned()
}

#[cfg(test)]
mod tests {
    use anstyle::AnsiColor;

    use super::*;

    fn written(color: bool, line: &Line) -> String {
        let redactor = Redactor::default();
        redactor.remember("token", "s3cr3t-T0ken");
        let mut output = Vec::new();
        Sink::new(&mut output, redactor, color).line(line).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn a_secret_cut_by_a_colour_is_still_masked() {
        let red = AnsiColor::Red.on_default();
        let line = Line::new().text("a s3cr3t").styled(red, "-T0ken b");
        assert_eq!(written(true, &line), "a [token] b\n");
        assert_eq!(written(true, &Line::new().styled(red, "s3cr3t-T0ken")), "\u{1b}[31m[token]\u{1b}[0m\n");
    }

    #[test]
    fn a_command_put_together_from_pieces_is_still_broken() {
        let line = Line::new().text("  ").text(":").text(":error::x");
        assert_eq!(written(true, &line), "  \\u{3a}:error::x\n");
    }
}
