//! Text as it may be shown, broken into lines of so many columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::super::sink::shown;
use super::super::terminal::Look;
use crate::secret::Redactor;

/// Makes text fit to be shown.
#[derive(Clone, Copy)]
pub(super) struct Writer<'a> {
    pub(super) look: &'a Look,
    pub(super) redactor: &'a Redactor,
}

impl Writer<'_> {
    /// Masked, escaped, and in ASCII where the terminal has nothing else.
    pub(super) fn shown(&self, text: &str) -> String {
        let shown = shown(text, self.redactor);
        if self.look.unicode || shown.is_ascii() {
            return shown;
        }
        let ascii = |character: char| {
            if character.is_ascii() { character.to_string() } else { character.escape_unicode().to_string() }
        };
        shown.chars().map(ascii).collect()
    }

    /// [`Writer::shown`] in lines of at most `columns`, at least one.
    pub(super) fn lines(&self, text: &str, columns: usize) -> Vec<String> {
        broken(&self.shown(text), columns)
    }
}

/// How many columns a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// A text with blanks behind it, so that it takes so many columns.
pub(super) fn padded(text: &str, to: usize) -> String {
    format!("{text}{}", " ".repeat(to.saturating_sub(columns(text))))
}

fn broken(text: &str, limit: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for character in text.chars() {
        let width = character.width().unwrap_or_default();
        if used + width > limit.max(2) {
            lines.push(String::new());
            used = 0;
        }
        used += width;
        if let Some(line) = lines.last_mut() {
            line.push(character);
        }
    }
    lines
}

/// Words in lines of at most `limit` columns, `between` them where they share one.
pub(super) fn flowing(words: &[String], between: &str, limit: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if columns(line) + columns(between) + columns(word) <= limit => {
                *line += between;
                *line += word;
            }
            _ => lines.extend(broken(word, limit)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_broken_by_the_columns_that_a_terminal_gives_it() {
        assert_eq!(broken("abcdef", 3), ["abc", "def"]);
        assert_eq!(broken("日本語", 4), ["日本", "語"]);
        assert_eq!(broken("e\u{301}e\u{301}e\u{301}", 2), ["e\u{301}e\u{301}", "e\u{301}"]);
        assert_eq!(broken("", 3), [""]);
        assert_eq!(broken("日", 1), ["日"]);
        let words = ["a b", "cc", "dddddddd"].map(String::from);
        assert_eq!(flowing(&words, " · ", 8), ["a b · cc", "dddddddd"]);
        assert_eq!(flowing(&words, "  ", 4), ["a b", "cc", "dddd", "dddd"]);
    }
}
