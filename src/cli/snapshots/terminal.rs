//! The terminal of a review: quiet and on a screen of its own, and again as it was whatever
//! happens.

use std::io;

use console::{Key, Term};
use countersign::report::Line;
use rustix::termios::{OptionalActions, QueueSelector, Termios, tcflush, tcgetattr, tcsetattr};

use crate::cli::output::Output;

/// Columns and rows of a terminal that does not know its own.
const SIZE: (usize, usize) = (80, 24);

/// The terminal, until it is dropped.
pub(super) struct Screen<'a> {
    output: &'a Output,
    before: Termios,
}

impl<'a> Screen<'a> {
    /// Keys are no longer shown, and come one by one.
    pub(super) fn enter(output: &'a Output) -> io::Result<Self> {
        let before = tcgetattr(io::stdin())?;
        let mut quiet = before.clone();
        quiet.make_raw();
        quiet.output_modes = before.output_modes;
        tcsetattr(io::stdin(), OptionalActions::Drain, &quiet)?;
        let screen = Self { output, before };
        output.enter_screen();
        Ok(screen)
    }

    /// Columns and rows.
    pub(super) fn size() -> (usize, usize) {
        Term::stdout().size_checked().map_or(SIZE, |(rows, columns)| (columns.into(), rows.into()))
    }

    /// Goes back to what was shown before, and tells there. Only then the terminal is as it was: a
    /// key that is still waited for must not find it so and take it back.
    pub(super) fn leave(self, tell: impl FnOnce()) {
        self.output.leave_screen();
        tell();
    }

    pub(super) fn draw(&self, lines: &[Line]) {
        self.output.draw(lines);
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        self.output.leave_screen();
        // A terminal that is gone needs nothing.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}

/// Reads keys, one when it is asked for one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Keys {
    sequence: Sequence,
}

/// Whether a key may belong to a sequence that came in parts, as over a slow line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Sequence {
    #[default]
    None,
    /// Behind ESC.
    Begun,
    /// Behind ESC and `[` or `O`: everything up to a letter or `~` belongs to it.
    Within,
}

impl Keys {
    /// Waits for the next key. An error is a terminal that is gone.
    pub(super) fn next(mut self) -> io::Result<(Self, Key)> {
        loop {
            let key = Term::stdout().read_key_raw()?;
            if matches!(key, Key::UnknownEscSeq(_)) {
                // What is left of it must not be taken for keys.
                tcflush(io::stdin(), QueueSelector::IFlush)?;
            }
            if self.takes(&key) {
                return Ok((self, key));
            }
        }
    }

    /// Whether a key stands for itself.
    fn takes(&mut self, key: &Key) -> bool {
        let before = self.sequence;
        self.sequence = match (before, key) {
            (_, Key::Escape) => Sequence::Begun,
            (Sequence::Begun, Key::Char('[' | 'O')) => Sequence::Within,
            (Sequence::Within, Key::Char(character)) if !matches!(character, '@'..='~') => Sequence::Within,
            _ => Sequence::None,
        };
        before != Sequence::Within && self.sequence == Sequence::None || *key == Key::CtrlC
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_that_comes_in_parts_accepts_nothing() {
        let taken = |typed: &str| {
            let mut keys = Keys::default();
            let key = |typed| if typed == '\x1b' { Key::Escape } else { Key::Char(typed) };
            typed.chars().filter(|typed| keys.takes(&key(*typed))).collect::<String>()
        };
        assert_eq!(taken("a\x1b[Ab"), "ab");
        assert_eq!(taken("a\x1b[1;5Ab\x1b[5~r"), "abr");
        assert_eq!(taken("\x1bOas"), "s");
        assert_eq!(taken("\x1b\x1b[as"), "s");
        assert_eq!(taken("\x1bs[a"), "s[a");
    }
}
