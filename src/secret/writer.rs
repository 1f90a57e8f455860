//! A writer that masks, for what is written in pieces.
//!
//! A secret may be cut anywhere, so nothing leaves before it is certain that no secret is still
//! open: up to a line break, and with as many line breaks behind it as a secret may have in it.
//! `flush` therefore keeps an unfinished line back; only [`RedactingWriter::finish`] ends it.

use std::io::{self, Write};

use super::Redactor;

/// Masks everything on its way to another writer.
pub struct RedactingWriter<W: Write> {
    /// `None` after `finish`.
    inner: Option<W>,
    redactor: Redactor,
    waiting: Vec<u8>,
}

impl<W: Write> RedactingWriter<W> {
    /// Everything goes to `inner`, without what `redactor` knows.
    pub fn new(inner: W, redactor: Redactor) -> Self {
        Self { inner: Some(inner), redactor, waiting: Vec::new() }
    }

    /// Writes what was kept back, and gives the writer back.
    pub fn finish(mut self) -> io::Result<W> {
        self.release(self.waiting.len())?;
        let mut inner = self.inner.take().expect("only `finish` takes it, and it consumes the writer");
        inner.flush()?;
        Ok(inner)
    }

    fn release(&mut self, length: usize) -> io::Result<()> {
        let rest = self.waiting.split_off(length);
        let ready = std::mem::replace(&mut self.waiting, rest);
        match &mut self.inner {
            Some(inner) if !ready.is_empty() => inner.write_all(&self.redactor.redact_bytes(&ready)),
            _ => Ok(()),
        }
    }

    /// How much of what waits can't be part of a secret that goes on behind it.
    fn settled(&self) -> usize {
        let known = self.redactor.known();
        let breaks = self.waiting.iter().enumerate().rev().filter(|(_, byte)| **byte == b'\n');
        let settled = breaks.map(|(index, _)| index + 1).nth(known.newlines()).unwrap_or(0);
        match known.find(&self.waiting).iter().find(|found| found.range.end > settled) {
            Some(found) => settled.min(found.range.start),
            None => settled,
        }
    }
}

impl<W: Write> Write for RedactingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if bytes.contains(&b'\n') {
            let settled = self.settled();
            self.release(settled)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.as_mut().map_or(Ok(()), Write::flush)
    }
}

impl<W: Write> Drop for RedactingWriter<W> {
    fn drop(&mut self) {
        // Whoever cares about a failure here has called `finish`.
        let _ = self.release(self.waiting.len()).and_then(|()| self.flush());
    }
}
