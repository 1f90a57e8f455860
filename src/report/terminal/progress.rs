//! The line that lives while a run does: what is done, what is on its way, for how long.
//!
//! It stands on standard error and is wiped before anything else is written, so that the result
//! on standard output is the same whether somebody watches or not.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use super::super::{escape, words};

const WIPE: &str = "\r\u{1b}[2K";

/// The live line.
pub(super) struct Progress {
    writer: Box<dyn Write + Send>,
    width: usize,
    began: Instant,
    total: usize,
    done: usize,
    running: Vec<(usize, String)>,
    shown: bool,
}

impl Progress {
    pub(super) fn new(writer: Box<dyn Write + Send>, width: usize) -> Self {
        Self { writer, width, began: Instant::now(), total: 0, done: 0, running: Vec::new(), shown: false }
    }

    pub(super) fn expect(&mut self, total: usize) {
        self.total = total;
    }

    pub(super) fn started(&mut self, index: usize, name: String) {
        self.running.push((index, name));
    }

    pub(super) fn ended(&mut self, index: usize) {
        self.done += 1;
        self.running.retain(|(running, _)| *running != index);
    }

    /// Writes the line as it is now. `mask` takes the secrets out of it.
    pub(super) fn draw(&mut self, mask: impl Fn(&str) -> String) -> io::Result<()> {
        if self.running.is_empty() {
            return self.wipe();
        }
        let names: Vec<&str> = self.running.iter().map(|(_, name)| name.as_str()).collect();
        let elapsed = self.began.elapsed();
        let time = words::time(elapsed);
        let pace = pace(self.done, self.total, elapsed);
        let line = format!("  {}/{}  {time}{pace}  {}", self.done, self.total, names.join(", "));
        let line: String = escape::line(&mask(&line)).chars().take(self.width.saturating_sub(1)).collect();
        self.shown = true;
        write!(self.writer, "{WIPE}{line}")?;
        self.writer.flush()
    }

    /// Takes the line away.
    pub(super) fn wipe(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.shown) {
            return Ok(());
        }
        write!(self.writer, "{WIPE}")?;
        self.writer.flush()
    }
}

/// How many end in a second, and how long the rest will take at that pace; nothing before a second has
/// shown it.
fn pace(done: usize, total: usize, elapsed: Duration) -> String {
    if done == 0 || elapsed < Duration::from_secs(1) {
        return String::new();
    }
    #[allow(clippy::cast_precision_loss, reason = "far fewer steps than 2^52")]
    let (done, left) = (done as f64, total.saturating_sub(done) as f64);
    let rate = done / elapsed.as_secs_f64();
    let left = words::time(Duration::from_secs_f64(left / rate));
    let digits = usize::from(rate < 10.0);
    format!("  {rate:.digits$}/s  {left} left")
}

impl Drop for Progress {
    fn drop(&mut self) {
        // The terminal may be gone, and then nobody misses it.
        let _ = self.wipe();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_is_told_once_a_second_has_shown_it() {
        let seconds = Duration::from_secs;
        assert_eq!(pace(5, 10, Duration::from_millis(900)), "");
        assert_eq!(pace(0, 10, seconds(5)), "");
        assert_eq!(pace(5, 10, seconds(2)), "  2.5/s  2.0 s left");
        assert_eq!(pace(1000, 1000, seconds(10)), "  100/s  0 ms left");
    }
}
