//! What others wrote, as it may be shown: nothing a terminal obeys, and nothing a CI runner takes
//! for a command.
//!
//! A runner reads commands from a job's output: `::error::` at the beginning of a line after
//! blanks, `##[group]`, `##vso[` and `##teamcity[` anywhere in it, `section_start:` where a
//! terminal sequence stood before it. One character of each is written as an escape, so that the
//! command is still readable and no longer one.

use std::borrow::Cow;

use crate::diag::is_invisible;

/// What begins a command anywhere in a line, in lower case, and which of its characters is escaped.
const COMMANDS: [(&str, usize); 5] =
    [("##[", 1), ("##vso[", 1), ("##teamcity[", 1), ("section_start:", 0), ("section_end:", 0)];

/// One line, with whatever is invisible or a command written as an escape.
pub fn line(text: &str) -> Cow<'_, str> {
    let visible = if !is_printable_ascii(text) && text.contains(is_invisible) {
        Cow::Owned(text.chars().fold(String::new(), |shown, character| shown + &visible(character)))
    } else {
        Cow::Borrowed(text)
    };
    match commands(&visible) {
        places if places.is_empty() => visible,
        places => {
            Cow::Owned(replace(&visible, &places, |character| format!("\\u{{{:x}}}", character as u32)))
        }
    }
}

/// [`line`] for several lines.
pub fn lines(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// [`json`] for JSON that is written over several lines.
pub fn json_lines(text: &str) -> String {
    text.split('\n').map(json).collect::<Vec<_>>().join("\n")
}

/// A line of JSON with the same characters escaped as JSON does: it means the same.
pub fn json(line: &str) -> Cow<'_, str> {
    // Control characters of ASCII are escaped already, and there are none between tokens.
    let mut places = commands(line);
    if !is_printable_ascii(line) {
        let invisible = line.char_indices().filter(|(_, character)| is_invisible(*character));
        places.extend(invisible.map(|(at, _)| at));
        places.sort_unstable();
    }
    if places.is_empty() {
        return Cow::Borrowed(line);
    }
    Cow::Owned(replace(line, &places, |character| {
        let units = character
            .encode_utf16(&mut [0; 2])
            .iter()
            .map(|unit| format!("\\u{unit:04x}"))
            .collect::<Vec<_>>();
        units.concat()
    }))
}

/// Whether a line would be obeyed by a CI runner.
pub fn is_command(line: &str) -> bool {
    !commands(line).is_empty()
}

/// Whether nothing in it can be invisible. Most text is like that, and a processor looks at many bytes of
/// it at once.
fn is_printable_ascii(text: &str) -> bool {
    text.bytes().fold(true, |is, byte| is & matches!(byte, b' '..=b'~'))
}

fn visible(character: char) -> String {
    match character {
        '\t' => "    ".to_owned(),
        '\r' => "\\r".to_owned(),
        '\n' => "\\n".to_owned(),
        other if is_invisible(other) => other.escape_unicode().to_string(),
        other => other.to_string(),
    }
}

/// Offsets of the characters to escape, so that no command is left.
fn commands(line: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let trimmed = line.trim_start();
    if trimmed.starts_with("::") {
        places.push(line.len() - trimmed.len());
    }
    if line.contains("##") || line.contains("ection_") || line.contains("ECTION_") {
        let lower = line.to_ascii_lowercase();
        for (command, escaped) in COMMANDS {
            places.extend(lower.match_indices(command).map(|(at, _)| at + escaped));
        }
    }
    places.sort_unstable();
    places
}

fn replace(text: &str, places: &[usize], escape: impl Fn(char) -> String) -> String {
    let mut replaced = String::with_capacity(text.len() + places.len() * 8);
    let mut rest = 0;
    for &place in places {
        let character = text[place..].chars().next().expect("places are offsets of characters");
        replaced.push_str(&text[rest..place]);
        replaced.push_str(&escape(character));
        rest = place + character.len_utf8();
    }
    replaced.push_str(&text[rest..]);
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        let table = [
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("\u{1b}]0;title\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{1b}]52;c;aGk=\u{1b}\\", "\\u{1b}]52;c;aGk=\\u{1b}\\"),
            ("\u{1b}Pq\u{1b}c", "\\u{1b}Pq\\u{1b}c"),
            ("\u{9b}2J\u{90}", "\\u{9b}2J\\u{90}"),
            ("a\rb\u{8}c\u{7f}\u{b}\u{c}\0", "a\\rb\\u{8}c\\u{7f}\\u{b}\\u{c}\\u{0}"),
            ("\u{202e}gpj.exe\u{2066}", "\\u{202e}gpj.exe\\u{2066}"),
            ("\u{feff}zero\u{200b}width\u{2028}", "\\u{feff}zero\\u{200b}width\\u{2028}"),
            ("tab\there", "tab    here"),
            ("plain — ünïcödé ✓ 🙂", "plain — ünïcödé ✓ 🙂"),
        ];
        for (text, shown) in table {
            assert_eq!(line(text), shown);
        }
    }

    #[test]
    fn what_a_ci_runner_obeys_is_broken() {
        let table = [
            ("::error::x", "\\u{3a}:error::x"),
            ("  \u{a0}::stop-commands::x", "  \u{a0}\\u{3a}:stop-commands::x"),
            ("\t::add-mask::x", "    \\u{3a}:add-mask::x"),
            ("a ##[error]x", "a #\\u{23}[error]x"),
            ("####[group]", "###\\u{23}[group]"),
            ("##VSO[task.setvariable]", "#\\u{23}VSO[task.setvariable]"),
            ("x##teamcity[y]", "x#\\u{23}teamcity[y]"),
            ("section_start:1:n", "\\u{73}ection_start:1:n"),
            ("## a heading, std::fmt", "## a heading, std::fmt"),
        ];
        for (text, shown) in table {
            assert_eq!(line(text), shown);
            assert!(!is_command(&line(text)));
        }
    }

    #[test]
    fn escaped_json_means_the_same() {
        let text = "##[error] \u{202e}\u{feff}\u{e0001} ##vso[ section_end: ü";
        let written = serde_json::to_string(text).unwrap();
        let escaped = json(&written);
        assert!(!is_command(&escaped) && !escaped.contains(is_invisible), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
    }
}
