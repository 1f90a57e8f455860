//! Text that somebody else wrote, as the page may have it. The template makes it harmless as HTML;
//! this makes visible what is not, and breaks what a CI runner would obey should the page be
//! printed into a log.

use serde::Serialize;

use crate::report::escape;

/// Text that has been through [`escape`]. There is no other way to make one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Shown(String);

impl Shown {
    /// On one line.
    pub(super) fn line(text: &str) -> Self {
        Self(escape::line(text).into_owned())
    }

    /// On as many lines as it has.
    pub(super) fn lines(text: &str) -> Self {
        Self(text.split('\n').map(escape::line).collect::<Vec<_>>().join("\n"))
    }

    /// At most so many characters of it.
    pub(super) fn cut(text: &str, most: usize) -> Self {
        match text.char_indices().nth(most.saturating_sub(1)) {
            Some((end, last)) if end + last.len_utf8() < text.len() => {
                Self::line(&format!("{}…", &text[..end]))
            }
            _ => Self::line(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_a_short_one_is_not() {
        let table = [("abcd", "abcd"), ("abcde", "abc…"), ("äöüß", "äöüß"), ("", ""), ("äöüße", "äöü…")];
        for (text, shown) in table {
            assert_eq!(Shown::cut(text, 4), Shown(shown.into()));
        }
    }

    #[test]
    fn every_line_is_escaped_by_itself() {
        assert_eq!(Shown::lines("a\n::error::b\u{202e}").0, "a\n\\u{3a}:error::b\\u{202e}");
    }
}
