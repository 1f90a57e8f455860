//! How a text is written so that it comes back unchanged from insta, git and an editor.
//!
//! A line stands as it is wherever it can. One that would be changed or misread (it has a carriage
//! return or an invisible character, looks like a conflict marker, or is the last one and ends in
//! blanks) is written behind a backslash, and in such a line `\\`, `\r`, `\t` and `\u{…}` are
//! escapes. A body that ends with a newline so ends with a line of one backslash: whether there
//! was a final newline is kept without a marker in the usual case of none.

use crate::diag::is_invisible;

/// What a binary body is shown as begins so; a line of text that does is escaped.
pub(super) const BINARY: &str = "<binary: ";

/// Whether the body was replaced by its size and hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// No: every line is the answer's own.
    Text,
    /// Yes: the last line is.
    Binary,
}

/// The text with every line escaped that needs it.
pub(super) fn write(text: &str, form: Form) -> String {
    let mut written = String::with_capacity(text.len());
    let last = text.matches('\n').count();
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            written.push('\n');
        }
        let is_last = number == last;
        let is_marker = is_last && form == Form::Binary;
        if !is_marker && needs_escape(line, is_last) {
            escape(line, is_last, &mut written);
        } else {
            written.push_str(line);
        }
    }
    written
}

fn needs_escape(line: &str, is_last: bool) -> bool {
    line.starts_with('\\')
        || line.starts_with(BINARY)
        || is_conflict_marker(line)
        || is_last && (line.is_empty() || line.ends_with(char::is_whitespace))
        || line.chars().any(|character| character != '\t' && is_invisible(character))
}

fn escape(line: &str, is_last: bool, written: &mut String) {
    written.push('\\');
    let blank = line.chars().next_back().filter(|end| is_last && end.is_whitespace());
    let body = &line[..line.len() - blank.map_or(0, char::len_utf8)];
    for character in body.chars() {
        match character {
            '\\' => written.push_str("\\\\"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push('\t'),
            hidden if is_invisible(hidden) => written.extend(hidden.escape_unicode()),
            plain => written.push(plain),
        }
    }
    match blank {
        None => {}
        Some('\r') => written.push_str("\\r"),
        Some('\t') => written.push_str("\\t"),
        Some(blank) => written.extend(blank.escape_unicode()),
    }
}

/// The text that was written; `None` when this was never written so.
pub(super) fn read(written: &str) -> Option<String> {
    let mut text = String::with_capacity(written.len());
    for (number, line) in written.split('\n').enumerate() {
        if number > 0 {
            text.push('\n');
        }
        match line.strip_prefix('\\') {
            None => text.push_str(line),
            Some(escaped) => unescape(escaped, &mut text)?,
        }
    }
    Some(text)
}

fn unescape(escaped: &str, text: &mut String) -> Option<()> {
    let mut characters = escaped.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '\\' => match characters.next()? {
                '\\' => '\\',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    let rest = characters.as_str().strip_prefix('{')?;
                    let (digits, rest) = rest.split_once('}')?;
                    characters = rest.chars();
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
                }
                _ => return None,
            },
            plain => plain,
        });
    }
    Some(())
}

/// Whether git would have written the line into a file that it could not merge.
pub(super) fn is_conflict_marker(line: &str) -> bool {
    ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|marker| {
        line.strip_prefix(marker).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\r']))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_escaped_only_where_it_would_be_lost() {
        let table = [
            ("plain", "plain"),
            ("a  \nb", "a  \nb"),
            ("a\n---\nHTTP 200", "a\n---\nHTTP 200"),
            ("a\tb", "a\tb"),
            ("a\n", "a\n\\"),
            ("a\n\n", "a\n\n\\"),
            ("a ", "\\a\\u{20}"),
            ("a\t", "\\a\\t"),
            ("a\u{a0}", "\\a\\u{a0}"),
            ("a\r\nb\r\n", "\\a\\r\n\\b\\r\n\\"),
            ("\\a", "\\\\\\a"),
            ("<<<<<<< HEAD\n=======\n", "\\<<<<<<< HEAD\n\\=======\n\\"),
            ("<<<<<<<<", "<<<<<<<<"),
            ("\u{1b}[31m\u{feff}", "\\\\u{1b}[31m\\u{feff}"),
            ("<binary: 3 bytes, sha256 00>", "\\<binary: 3 bytes, sha256 00>"),
        ];
        for (text, written) in table {
            assert_eq!(write(text, Form::Text), written, "{text:?}");
            assert_eq!(read(written).as_deref(), Some(text), "{written:?}");
        }
        assert_eq!(write("a\n<binary: 1 bytes", Form::Binary), "a\n<binary: 1 bytes");
        for never in ["\\a\\", "\\\\x", "\\\\u{", "\\\\u{d800}", "\\\\u20"] {
            assert_eq!(read(never), None, "{never:?}");
        }
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in r"([ \t\r\n\\<>=|\-a\x{a0}\x{1b}]|<<<<<<<|=======|\PC){0,40}") {
            let written = write(&text, Form::Text);
            prop_assert_eq!(written.trim_end(), &written);
            prop_assert!(!written.contains('\r'));
            prop_assert!(!written.lines().any(is_conflict_marker));
            prop_assert_eq!(read(&written), Some(text));
        }
    }
}
