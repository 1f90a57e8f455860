//! A body as it is read best. JSON gets lines and indentation, and nothing else: its strings stay
//! as they came, for a mask has looked for secrets in them as they are written, not as they decode.

use serde::Serialize;
use serde::de::IgnoredAny;

use super::shown::Shown;
use crate::limits;
use crate::report::record;
use crate::report::words;

/// Indentation makes a small, deep document huge: such a one stays as it came.
const MOST: usize = 4 * limits::EXCERPT;

/// A body.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Body {
    /// How much there is, and how much of it is shown.
    size: String,
    /// `None` when it is no text.
    text: Option<Shown>,
}

impl Body {
    /// `None` when there is nothing in it.
    pub(super) fn of(body: &record::Body) -> Option<Self> {
        if body.bytes == 0 {
            return None;
        }
        let size = words::count(body.bytes, "byte");
        let size = match &body.text {
            None => format!("{size}, not text"),
            Some(_) if body.cut => format!("{size}, cut here after {}", limits::EXCERPT),
            Some(_) => size,
        };
        let text = body.text.as_ref().map(|text| match indented(text, body.cut) {
            Some(indented) => Shown::lines(&indented),
            None => Shown::lines(text),
        });
        Some(Self { size, text })
    }
}

/// JSON with a line for each member; `None` when it is not JSON.
fn indented(text: &str, is_cut: bool) -> Option<String> {
    let is_structure = text.trim_start().starts_with(['{', '[']);
    let is_json = match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => true,
        Err(error) => is_cut && error.is_eof(),
    };
    let indented = (is_structure && is_json).then(|| Indenter::default().run(text))?;
    (indented.len() <= MOST).then_some(indented)
}

/// Where in the document the next character stands.
#[derive(Default)]
struct Indenter {
    text: String,
    level: usize,
    in_string: bool,
    is_escaped: bool,
    /// A structure was opened, and nothing is in it yet.
    is_fresh: bool,
}

impl Indenter {
    fn run(mut self, text: &str) -> String {
        for character in text.chars() {
            if self.in_string {
                self.inside(character);
            } else if !character.is_ascii_whitespace() {
                self.token(character);
            }
        }
        self.text
    }

    fn inside(&mut self, character: char) {
        self.text.push(character);
        self.in_string = self.is_escaped || character != '"';
        self.is_escaped = character == '\\' && !self.is_escaped;
    }

    fn token(&mut self, character: char) {
        let closes = matches!(character, '}' | ']');
        self.level = self.level.saturating_sub(usize::from(closes));
        if self.is_fresh != closes {
            self.line();
        }
        self.is_fresh = false;
        self.text.push(character);
        match character {
            '{' | '[' => {
                self.level += 1;
                self.is_fresh = true;
            }
            ',' => self.line(),
            ':' => self.text.push(' '),
            '"' => self.in_string = true,
            _ => {}
        }
    }

    fn line(&mut self) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n("  ", self.level));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_gets_lines_and_its_strings_and_numbers_stay_as_they_came() {
        let table = [
            (
                r#"{"a":{},"b":[ ],"c":[1.10,2]}"#,
                "{\n  \"a\": {},\n  \"b\": [],\n  \"c\": [\n    1.10,\n    2\n  ]\n}",
            ),
            (
                r#"{"\u0073ecret":"a\"b\\","c":":,{"}"#,
                "{\n  \"\\u0073ecret\": \"a\\\"b\\\\\",\n  \"c\": \":,{\"\n}",
            ),
            ("[[]]", "[\n  []\n]"),
        ];
        for (text, wanted) in table {
            assert_eq!(indented(text, false).as_deref(), Some(wanted), "{text}");
        }
    }

    #[test]
    fn the_beginning_of_json_is_indented_only_where_the_rest_is_known_to_be_cut() {
        assert_eq!(indented(r#"{"a":[1,"x"#, true).as_deref(), Some("{\n  \"a\": [\n    1,\n    \"x"));
        assert_eq!(indented(r#"{"a":[1,"x"#, false), None);
        for text in ["plain", "12", "\"text\"", "{a: 1}", "<html>", ""] {
            assert_eq!(indented(text, true), None, "{text}");
        }
    }

    #[test]
    fn a_small_deep_document_does_not_become_a_huge_one() {
        let deep = format!("{}{}{}", "[".repeat(100), "1,".repeat(1000) + "1", "]".repeat(100));
        assert_eq!(indented(&deep, false), None);
        assert_eq!(indented(&"[".repeat(4096), true), None);
    }
}
