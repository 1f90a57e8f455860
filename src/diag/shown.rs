//! Text from a user's files as it may be shown: nothing invisible, nothing that a terminal obeys,
//! nothing endless.

use std::borrow::Cow;

/// Longest literal in a message, in characters.
const LITERAL: usize = 80;

/// The text with control, bidi and other invisible characters written as `\u{…}`.
pub fn escape(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        push_escaped(&mut shown, character);
    }
    shown
}

/// The text in backticks, escaped, without a password in a URL, and cut when it is long.
pub fn literal(text: &str) -> String {
    let mut shown = String::from("`");
    for (count, character) in mask_login(text).chars().enumerate() {
        if count == LITERAL {
            shown.push('…');
            break;
        }
        push_escaped(&mut shown, character);
    }
    shown.push('`');
    shown
}

/// The text with what stands before the `@` of a URL as stars; no offset changes. An excerpt
/// shows whole lines, and so more than the mistake that it is about.
pub(super) fn mask_login(text: &str) -> Cow<'_, str> {
    let mut masked = Cow::Borrowed(text);
    for (scheme, _) in text.match_indices("://") {
        let start = scheme + "://".len();
        let is_end = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '"' | '\'' | '`' | ',');
        let authority = text[start..].split(is_end).next().unwrap_or_default();
        if let Some(end) = authority.rfind('@') {
            masked.to_mut().replace_range(start..start + end, &"*".repeat(end));
        }
    }
    masked
}

/// Appends one character, escaped if need be.
pub(super) fn push_escaped(shown: &mut String, character: char) {
    match character {
        '\n' => shown.push_str("\\n"),
        '\r' => shown.push_str("\\r"),
        '\t' => shown.push_str("\\t"),
        other if is_invisible(other) => shown.extend(other.escape_unicode()),
        other => shown.push(other),
    }
}

/// Whether a character can't be seen, or changes how its neighbours are seen: C0, C1, bidi
/// controls (UAX #9), zero-width characters, separators of lines and paragraphs, tags.
pub fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_written_out() {
        assert_eq!(escape("a\u{1b}[2Jb\u{202e}c\u{0}"), "a\\u{1b}[2Jb\\u{202e}c\\u{0}");
        assert_eq!(literal("x\ny"), "`x\\ny`");
    }

    #[test]
    fn a_password_in_a_url_is_stars() {
        assert_eq!(
            mask_login("a: 'https://me:s3cret@bank/x@y' # ftp://b@c"),
            "a: 'https://*********@bank/x@y' # ftp://*@c"
        );
        assert_eq!(literal("https://ö@b"), "`https://**@b`");
    }

    #[test]
    fn a_long_literal_is_cut() {
        let shown = literal(&"ä".repeat(1000));
        assert_eq!(shown.chars().count(), LITERAL + 3);
        assert!(shown.ends_with("…`"));
    }
}
