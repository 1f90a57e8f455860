//! A line as JSON, without secrets. Its strings are masked one by one, as they are and as JSON writes
//! them, and never the line as a whole: a secret that happens to look like a piece of JSON must not be
//! able to break it.

use std::borrow::Cow;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use crate::secret::Redactor;

/// Bytes that a line of a usual step has.
const LINE: usize = 4096;

/// A value as JSON, with every string masked. Keys are names of our own.
pub(super) fn json(value: &impl Serialize, redactor: &Redactor) -> Result<String, serde_json::Error> {
    let mut json = Vec::with_capacity(LINE);
    let masking = Masking { redactor, is_key: false, is_as_written: true, text: String::new() };
    value.serialize(&mut Serializer::with_formatter(&mut json, masking))?;
    String::from_utf8(json).map_err(serde::ser::Error::custom)
}

/// Writes a string when it is known as a whole.
struct Masking<'r> {
    redactor: &'r Redactor,
    is_key: bool,
    text: String,
    /// Whether JSON writes it without any escape.
    is_as_written: bool,
}

impl Formatter for Masking<'_> {
    fn begin_object_key<W: Write + ?Sized>(&mut self, writer: &mut W, is_first: bool) -> io::Result<()> {
        self.is_key = true;
        CompactFormatter.begin_object_key(writer, is_first)
    }

    fn end_object_key<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.is_key = false;
        Ok(())
    }

    fn begin_string<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.text.clear();
        self.is_as_written = true;
        Ok(())
    }

    fn write_string_fragment<W: Write + ?Sized>(&mut self, _: &mut W, text: &str) -> io::Result<()> {
        self.text.push_str(text);
        Ok(())
    }

    fn write_char_escape<W: Write + ?Sized>(&mut self, _: &mut W, escape: CharEscape) -> io::Result<()> {
        self.is_as_written = false;
        self.text.push(match escape {
            CharEscape::Quote => '"',
            CharEscape::ReverseSolidus => '\\',
            CharEscape::Solidus => '/',
            CharEscape::Backspace => '\u{8}',
            CharEscape::FormFeed => '\u{c}',
            CharEscape::LineFeed => '\n',
            CharEscape::CarriageReturn => '\r',
            CharEscape::Tab => '\t',
            CharEscape::AsciiControl(byte) => char::from(byte),
        });
        Ok(())
    }

    fn end_string<W: Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        if self.is_key {
            return serde_json::to_writer(writer, &self.text).map_err(io::Error::from);
        }
        match self.redactor.redact(&self.text) {
            Cow::Borrowed(text) if self.is_as_written => {
                writer.write_all(b"\"")?;
                writer.write_all(text.as_bytes())?;
                writer.write_all(b"\"")
            }
            masked => writer.write_all(written(&masked, self.redactor)?.as_bytes()),
        }
    }
}

/// A masked text as a JSON string, which has no secret in it either.
fn written(masked: &str, redactor: &Redactor) -> serde_json::Result<String> {
    let written = serde_json::to_string(masked)?;
    let inside = &written[1..written.len() - 1];
    if inside == masked {
        return Ok(written);
    }
    let again = redactor.redact(inside);
    if again == inside {
        return Ok(written);
    }
    // The mask may have taken half of an escape with it.
    let text: Option<String> = serde_json::from_str(&format!("\"{again}\"")).ok();
    serde_json::to_string(text.as_deref().unwrap_or("[***]"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_string_is_masked_in_any_spelling_and_nothing_else_changes() {
        let redactor = Redactor::default();
        redactor.remember("pin", "s3cr3t\"\n\u{1}\\/pin");
        let value = json!({
            "s3cr3t": ["a s3cr3t\"\n\u{1}\\/pin b", r#"s3cr3t\"\n\u0001\\/pin"#],
            "kept \"\n\u{1}": "\"\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}é🙂",
            "number": [1.5, -3, null, true, {}],
        });
        let wanted = json!({
            "s3cr3t": ["a [pin] b", "[pin]"],
            "kept \"\n\u{1}": "\"\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}é🙂",
            "number": [1.5, -3, null, true, {}],
        });
        assert_eq!(json(&value, &redactor).unwrap(), wanted.to_string());
    }

    #[test]
    fn a_secret_that_is_half_of_an_escape_breaks_no_line() {
        let redactor = Redactor::default();
        redactor.remember("odd", "u0001secret");
        let line = json(&json!({"a": "\u{1}secret"}), &redactor).unwrap();
        let read: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(!line.contains("secret"), "{line} {read}");
    }
}
