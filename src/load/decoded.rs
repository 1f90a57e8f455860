//! A byte of a decoded scalar → the bytes of the file that it was written as.
//!
//! The scalar is decoded once more, keeping for every byte where it came from. That is only done
//! when an error is shown, so the tree need not carry it. A range that can't be followed becomes
//! the whole scalar: a caret too wide is better than one in the wrong place.

use std::ops::Range;

use super::yaml::Style;
use crate::diag::{Sources, Span};

/// The part of the file that makes up `range` of the decoded scalar at `span`.
pub(super) fn inside(span: Span, style: Style, range: Range<usize>, sources: &Sources) -> Span {
    let raw = sources.slice(span);
    let map = match style {
        Style::Plain => flow(raw, None),
        Style::Single => flow(unquote(raw), Some('\'')).shifted(1),
        Style::Double => flow(unquote(raw), Some('"')).shifted(1),
        Style::Literal(indentation) => literal(raw, indentation),
        Style::Folded(indentation) => folded(raw, indentation),
        Style::Collection => return span,
    };
    let Some(found) = map.range(range) else { return span };
    let start = span.start as usize;
    Span::new(span.source, start + found.start, start + found.end)
}

fn unquote(raw: &str) -> &str {
    raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()
}

/// A decoded text, and where each of its characters stands in the raw one.
#[derive(Debug, Default)]
struct Decoded {
    text: String,
    /// For every byte of `text`, the raw range of its character.
    places: Vec<Range<usize>>,
}

impl Decoded {
    fn push(&mut self, character: char, place: Range<usize>) {
        self.text.push(character);
        self.places.resize(self.text.len(), place);
    }

    fn shifted(mut self, by: usize) -> Self {
        for place in &mut self.places {
            *place = place.start + by..place.end + by;
        }
        self
    }

    fn range(&self, range: Range<usize>) -> Option<Range<usize>> {
        if range.start == self.places.len() {
            let end = self.places.last().map_or(0, |last| last.end);
            return Some(end..end);
        }
        let first = self.places.get(range.start)?;
        if range.end <= range.start {
            return Some(first.start..first.start);
        }
        Some(first.start..self.places.get(range.end - 1)?.end.max(first.start))
    }
}

/// A plain or quoted scalar: line breaks fold into a blank, empty lines into line breaks
/// (YAML 1.2.2, section 6.5).
fn flow(raw: &str, quote: Option<char>) -> Decoded {
    let mut decoded = Decoded::default();
    let mut at = 0;
    while let Some(character) = raw[at..].chars().next() {
        let rest = &raw[at..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
        if blank > 0 && rest[..blank].contains('\n') {
            let breaks = rest[..blank].matches('\n').count();
            for _ in 1..breaks {
                decoded.push('\n', at..at + blank);
            }
            if breaks == 1 {
                decoded.push(' ', at..at + blank);
            }
            at += blank;
        } else if quote == Some('\'') && rest.starts_with("''") {
            decoded.push('\'', at..at + 2);
            at += 2;
        } else if quote == Some('"') && character == '\\' {
            at += escape(rest, at, &mut decoded);
        } else {
            decoded.push(character, at..at + character.len_utf8());
            at += character.len_utf8();
        }
    }
    decoded
}

/// Decodes the escape that `rest` begins with; says how long it is.
fn escape(rest: &str, at: usize, decoded: &mut Decoded) -> usize {
    let Some(kind) = rest[1..].chars().next() else { return 1 };
    let hex = |from: usize, digits: usize| {
        rest.get(from..from + digits).and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    let (code, length) = match kind {
        '\n' | '\r' => {
            // The line goes on; its break and the next line's indentation are nothing.
            let further = rest[1..].trim_start_matches('\r').strip_prefix('\n').unwrap_or_default();
            return rest.len() - further.trim_start_matches([' ', '\t']).len();
        }
        'x' => (hex(2, 2), 4),
        'U' => (hex(2, 8), 10),
        'u' => match (hex(2, 4), hex(8, 4)) {
            (Some(high @ 0xd800..=0xdbff), Some(low @ 0xdc00..=0xdfff)) if rest[6..].starts_with("\\u") => {
                (Some(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)), 12)
            }
            (code, _) => (code, 6),
        },
        other => (Some(u32::from(single(other))), 1 + other.len_utf8()),
    };
    let length = length.min(rest.len());
    decoded.push(code.and_then(char::from_u32).unwrap_or('\u{fffd}'), at..at + length);
    length
}

/// What a one-letter escape stands for (YAML 1.2.2, section 5.7).
fn single(letter: char) -> char {
    match letter {
        '0' => '\0',
        'a' => '\u{7}',
        'b' => '\u{8}',
        't' => '\t',
        'n' => '\n',
        'v' => '\u{b}',
        'f' => '\u{c}',
        'r' => '\r',
        'e' => '\u{1b}',
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        other => other,
    }
}

/// A `|` scalar: the lines below its header without their indentation.
fn literal(raw: &str, indentation: usize) -> Decoded {
    let mut decoded = Decoded::default();
    let mut at = 0;
    for (number, line) in raw.split_inclusive('\n').enumerate() {
        let content = line.trim_end_matches(['\n', '\r']);
        if number > 0 {
            let skipped = (content.len() - content.trim_start_matches(' ').len()).min(indentation);
            for (offset, character) in content[skipped..].char_indices() {
                let start = at + skipped + offset;
                decoded.push(character, start..start + character.len_utf8());
            }
            decoded.push('\n', at + content.len()..at + content.len());
        }
        at += line.len();
    }
    decoded
}

/// A `>` scalar: as [`literal`], with single line breaks between lines of text folded into a
/// blank (YAML 1.2.2, section 8.1.3).
fn folded(raw: &str, indentation: usize) -> Decoded {
    let lines = literal(raw, indentation);
    let mut decoded = Decoded::default();
    let text = lines.text.trim_end_matches('\n');
    let mut at = 0;
    let mut more_indented = text.starts_with([' ', '\t']);
    while let Some(character) = text[at..].chars().next() {
        let breaks = text[at..].len() - text[at..].trim_start_matches('\n').len();
        if breaks == 0 {
            decoded.push(character, lines.places[at].clone());
            at += character.len_utf8();
            continue;
        }
        let next_more_indented = text[at + breaks..].starts_with([' ', '\t']);
        let folds = !more_indented && !next_more_indented && at > 0;
        if folds && breaks == 1 {
            decoded.push(' ', lines.places[at].clone());
        }
        for place in &lines.places[at + usize::from(folds)..at + breaks] {
            decoded.push('\n', place.clone());
        }
        more_indented = next_more_indented;
        at += breaks;
    }
    for place in &lines.places[text.len()..] {
        decoded.push('\n', place.clone());
    }
    decoded
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::yaml::{self, Value};
    use super::*;

    /// What the file has for `part` of the decoded value.
    fn written(yaml: &str, part: &str) -> String {
        let mut sources = Sources::default();
        let source = sources.add("a.yaml", yaml);
        let documents = yaml::read(source, yaml);
        let Value::Map(entries) = &documents.nodes[0].value else { panic!("{documents:?}") };
        let value = &entries[0].value;
        let text = value.as_text().unwrap();
        let at = text.find(part).unwrap();
        let span = inside(value.span, value.style, at..at + part.len(), &sources);
        sources.slice(span).to_owned()
    }

    #[test]
    fn a_caret_inside_quotes_and_escapes_points_at_what_was_written() {
        assert_eq!(written("a: x {{ b }} y", "{{ b }}"), "{{ b }}");
        assert_eq!(written("a: 'it''s {{ b }}'", "{{ b }}"), "{{ b }}");
        assert_eq!(written("a: 'it''s'", "'s"), "''s");
        assert_eq!(written(r#"a: "\tä\u00e4\x41 {{ \"b\" }}""#, r#"{{ "b" }}"#), r#"{{ \"b\" }}"#);
        assert_eq!(written(r#"a: "\ud83d\ude00!""#, "😀"), r"\ud83d\ude00");
        assert_eq!(written("a: \"one\n  two \\\n   three\"", "three"), "three");
        assert_eq!(written("a: \"one\n\n  two\"", "two"), "two");
    }

    #[test]
    fn a_caret_inside_a_block_points_at_its_line() {
        assert_eq!(written("a: |\n\n  one\n    two {{ b }}\n", "{{ b }}"), "{{ b }}");
        assert_eq!(written("a: |2-\n    deep {{ b }}\n  x\n", "x"), "x");
        assert_eq!(written("a: >\n  one\n  two {{ b }}\n\n  three\n", "{{ b }}"), "{{ b }}");
        assert_eq!(written("a: >-\n\n  one\n\n    two\n  three\n", "three"), "three");
        assert_eq!(written("a: | # why\r\n  one\r\n  two\r\n", "two"), "two");
    }

    #[test]
    fn what_lies_behind_the_text_is_its_end() {
        let mut sources = Sources::default();
        let source = sources.add("a.yaml", "\"ab\"");
        let span = Span::new(source, 0, 4);
        assert_eq!(inside(span, Style::Double, 2..2, &sources), Span::new(source, 3, 3));
        assert_eq!(inside(span, Style::Double, 7..9, &sources), span);
    }

    proptest! {
        #[test]
        fn a_scalar_is_decoded_as_the_parser_decodes_it(
            lines in proptest::collection::vec("[ a-z'\"#:{}\\\\]{0,8}", 1..6),
            style in 0..5,
        ) {
            let yaml = match style {
                0 => format!("a: x{}\n", lines.join("\n  y")),
                1 => format!("a: '{}'\n", lines.join("\n  ").replace('\'', "''")),
                2 => format!("a: \"{}\"\n", lines.join("\n  ").replace('\\', "\\\\").replace('"', "\\\"")),
                3 => format!("a: |+\n  x{}\n", lines.join("\n  ")),
                _ => format!("a: >\n  x{}\n", lines.join("\n  ")),
            };
            let mut sources = Sources::default();
            let source = sources.add("a.yaml", yaml.as_str());
            let documents = yaml::read(source, &yaml);
            prop_assume!(documents.problems.is_empty());
            let Value::Map(entries) = &documents.nodes[0].value else { panic!() };
            let value = &entries[0].value;
            prop_assume!(value.as_text().is_some());
            let raw = sources.slice(value.span);
            let decoded = match value.style {
                Style::Plain => flow(raw, None),
                Style::Single => flow(unquote(raw), Some('\'')),
                Style::Double => flow(unquote(raw), Some('"')),
                Style::Literal(indentation) => literal(raw, indentation),
                Style::Folded(indentation) => folded(raw, indentation),
                Style::Collection => unreachable!(),
            };
            let text = value.as_text().unwrap();
            // How many line breaks end a block is chomping, which moves nothing.
            prop_assert_eq!(decoded.text.trim_end_matches('\n'), text.trim_end_matches('\n'), "{}", yaml);
        }
    }
}
