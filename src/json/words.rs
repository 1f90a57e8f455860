//! Values and excerpts as a sentence quotes them: short, and without invisible characters.
//!
//! Secrets are masked before a text is cut: half a secret would pass the mask of every sink.

use std::fmt::Write as _;
use std::io::{self, Write};

use serde_json::Value;

use crate::diag::escape;
use crate::limits;
use crate::secret::Redactor;

/// `value` as compact JSON of at most [`limits::PHRASE`] characters, without secrets.
pub fn phrase(value: &Value, redactor: &Redactor) -> String {
    let mut bounded = Bounded(Vec::new());
    // The only error is our own: that there is enough.
    let _ = serde_json::to_writer(&mut bounded, value);
    excerpt(&bounded.0, redactor)
}

/// The beginning of `bytes` in at most [`limits::PHRASE`] characters, without secrets; what is not
/// UTF-8 shows as `\x…`.
pub fn excerpt(bytes: &[u8], redactor: &Redactor) -> String {
    let mut text = String::new();
    for chunk in bytes[..bytes.len().min(Bounded::ENOUGH)].utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    let masked = redactor.redact(&text);
    let shown: String = masked.chars().take(limits::PHRASE).collect();
    let more = if shown.len() < masked.len() { "…" } else { "" };
    format!("{}{more}", escape(&shown))
}

/// Takes what it needs for an excerpt and then refuses, so that a large value is not written out.
struct Bounded(Vec<u8>);

impl Bounded {
    /// Far more than is shown, so that a secret at the edge of the excerpt is seen whole.
    const ENOUGH: usize = 64 * 1024;
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() >= Self::ENOUGH {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let room = bytes.len().min(Self::ENOUGH - self.0.len());
        self.0.extend_from_slice(&bytes[..room]);
        Ok(room)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nothing_that_a_server_sends_can_steer_the_terminal() {
        let value = json!("a\u{1b}[31m\u{202e}\u{9b}\u{7f}\u{200b}z");
        let shown = phrase(&value, &Redactor::default());
        assert_eq!(shown, r#""a\u001b[31m\u{202e}\u{9b}\u{7f}\u{200b}z""#);
        assert_eq!(excerpt(b"<\xff\r\n>", &Redactor::default()), r"<\xff\r\n>");
    }

    #[test]
    fn a_large_value_is_quoted_by_its_beginning() {
        let shown = phrase(&json!("é".repeat(1_000_000)), &Redactor::default());
        assert_eq!(shown.chars().count(), limits::PHRASE + 1);
        assert!(shown.ends_with('…'));
    }

    #[test]
    fn half_a_secret_is_never_left_at_the_edge_of_an_excerpt() {
        let redactor = Redactor::default();
        redactor.remember("access_token", "0123456789abcdef");
        let text = format!("{}0123456789abcdef", "x".repeat(limits::PHRASE - 8));
        assert!(!phrase(&json!(text), &redactor).contains("0123"));
    }
}
