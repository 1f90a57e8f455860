//! How the value of a signature header is written: one text with placeholders, copied from the
//! API's documentation, instead of settings for names, order, separators and quotes.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A text with `{placeholders}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Layout(String);

/// What fills the placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values<'a> {
    /// `{key_id}`
    pub key_id: &'a str,
    /// `{algorithm}`
    pub algorithm: &'a str,
    /// `{headers}`
    pub headers: &'a str,
    /// `{signature}`
    pub signature: &'a str,
    /// `{created}`
    pub created: &'a str,
    /// `{expires}`
    pub expires: &'a str,
}

const PLACEHOLDERS: [&str; 6] = ["key_id", "algorithm", "headers", "signature", "created", "expires"];

impl Layout {
    /// The draft's own way.
    pub fn of_the_draft(created: bool, expires: bool) -> Self {
        let created = if created { "created={created}," } else { "" };
        let expires = if expires { "expires={expires}," } else { "" };
        Self(format!(
            r#"keyId="{{key_id}}",algorithm="{{algorithm}}",{created}{expires}headers="{{headers}}",signature="{{signature}}""#
        ))
    }

    /// Whether the placeholder is in it.
    pub fn places(&self, placeholder: &str) -> bool {
        self.0.contains(&format!("{{{placeholder}}}"))
    }

    /// The text with its placeholders filled. Between quotes, `"` and `\` may be escaped as HTTP
    /// writes quoted strings (RFC 9110, section 5.6.4).
    pub fn fill(&self, values: &Values<'_>, escape: bool) -> String {
        let mut filled = String::new();
        let mut rest = self.0.as_str();
        while let Some((before, name, after)) = next(rest) {
            filled.push_str(before);
            let value = values.of(name);
            if before.ends_with('"') && escape {
                filled.push_str(&value.replace('\\', r"\\").replace('"', r#"\""#));
            } else {
                filled.push_str(value);
            }
            rest = after;
        }
        filled + rest
    }
}

impl Layout {
    /// The values of the placeholders in a text that was written by this layout; blanks between
    /// the parameters do not matter. Why it was not, as the rest of a sentence.
    pub fn read(&self, value: &str, escaped: bool) -> Result<Vec<(&str, String)>, String> {
        let mut found = Vec::new();
        let (mut layout, mut text) = (self.0.as_str(), value.trim());
        while let Some((before, name, after)) = next(layout) {
            text = expect(text, before)?;
            let behind = next(after).map_or(after, |(literal, ..)| literal);
            let (value, rest) =
                if before.ends_with('"') { quoted(text, escaped) } else { bare(text, behind) };
            found.push((name, value));
            (layout, text) = (after, rest);
        }
        let rest = expect(text, layout)?;
        if rest.trim().is_empty() { Ok(found) } else { Err(differs(rest, "the end")) }
    }
}

/// The text behind a literal.
fn expect<'t>(text: &'t str, literal: &str) -> Result<&'t str, String> {
    let mut rest = text;
    for character in literal.chars().filter(|character| !is_blank(*character)) {
        let from = rest.trim_start_matches(is_blank);
        rest = from.strip_prefix(character).ok_or_else(|| differs(text, &format!("`{}`", literal.trim())))?;
    }
    Ok(rest)
}

fn differs(rest: &str, wanted: &str) -> String {
    let shown: String = rest.trim_start().chars().take(40).collect();
    format!("is not written as the profile's `parameters`: {wanted} should stand where `{shown}` does")
}

/// What stands before the closing quote, unescaped, and the text from that quote on.
fn quoted(text: &str, escaped: bool) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, &text[at..]),
            '\\' if escaped => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

/// What stands before the literal that follows, and the text from there on.
fn bare<'t>(text: &'t str, behind: &str) -> (String, &'t str) {
    let end = behind.chars().find(|character| !is_blank(*character));
    let end = end.and_then(|first| text.find(first)).unwrap_or(text.len());
    (text[..end].trim_matches(is_blank).to_owned(), &text[end..])
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

impl<'a> Values<'a> {
    fn of(&self, placeholder: &str) -> &'a str {
        match placeholder {
            "key_id" => self.key_id,
            "algorithm" => self.algorithm,
            "headers" => self.headers,
            "signature" => self.signature,
            "created" => self.created,
            "expires" => self.expires,
            _ => unreachable!("a layout is checked when it is read"),
        }
    }
}

/// What stands before the next placeholder, its name, and what stands behind it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

impl TryFrom<String> for Layout {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let mut rest = written.as_str();
        let mut seen = Vec::new();
        let mut stray = written.chars().any(char::is_control);
        while let Some((before, name, after)) = next(rest) {
            if !PLACEHOLDERS.contains(&name) {
                let known = PLACEHOLDERS.map(|name| format!("`{{{name}}}`")).join(", ");
                return Err(format!("`{{{name}}}` is not a placeholder; there are {known}"));
            }
            stray |= before.contains('}');
            seen.push(name);
            rest = after;
        }
        if stray || rest.contains(['{', '}']) {
            return Err("has a brace that is not part of a placeholder, or a line break".to_owned());
        }
        if !seen.contains(&"signature") {
            return Err("does not say where the `{signature}` goes".to_owned());
        }
        Ok(Self(written))
    }
}

impl From<Layout> for String {
    fn from(layout: Layout) -> Self {
        layout.0
    }
}

impl schemars::JsonSchema for Layout {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Layout".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": r"\{signature\}"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: Values<'_> = Values {
        key_id: r#"SN=1,CA=CN="A\B""#,
        algorithm: "rsa-sha256",
        headers: "date digest",
        signature: "c2ln",
        created: "1",
        expires: "2",
    };

    #[test]
    fn the_value_is_written_as_the_draft_does_unless_the_profile_says_otherwise() {
        assert_eq!(
            Layout::of_the_draft(false, false).fill(&VALUES, true),
            r#"keyId="SN=1,CA=CN=\"A\\B\"",algorithm="rsa-sha256",headers="date digest",signature="c2ln""#
        );
        assert!(
            Layout::of_the_draft(true, true).fill(&VALUES, true).contains("created=1,expires=2,headers=")
        );
        let own = Layout::try_from("keyid={key_id}; sig={signature}".to_owned()).unwrap();
        assert_eq!(own.fill(&VALUES, true), r#"keyid=SN=1,CA=CN="A\B"; sig=c2ln"#);
    }

    #[test]
    fn what_was_written_by_a_layout_is_read_by_it_and_nothing_else_is() {
        for layout in [
            Layout::of_the_draft(true, true),
            Layout::try_from(r#"keyid={key_id};sig="{signature}""#.to_owned()).unwrap(),
            Layout::try_from(r#"{signature} by "{key_id}""#.to_owned()).unwrap(),
        ] {
            let values = Values { key_id: r#"SN=1,CA=CN="A\B""#, ..VALUES };
            let written = layout.fill(&values, true);
            let read = layout.read(&written, true).unwrap();
            for (name, value) in read {
                assert_eq!(value, values.of(name), "{name} of {layout:?}");
            }
        }
        let draft = Layout::of_the_draft(false, false);
        let spaced = r#"keyId = "a", algorithm="b",	headers="date", signature="c2ln" "#;
        assert_eq!(draft.read(spaced, true).unwrap()[0], ("key_id", "a".to_owned()));
        for (wrong, reason) in [
            (r#"keyid="a""#, "`keyId=\"` should stand where `keyid=\"a\"` does"),
            (
                r#"keyId="a",headers="date""#,
                "`\",algorithm=\"` should stand where `\",headers=\"date\"` does",
            ),
            (
                r#"keyId="a",algorithm="b",headers="date",signature="c2ln",x=1"#,
                "the end should stand where `,x=1` does",
            ),
        ] {
            let refused = draft.read(wrong, true).unwrap_err();
            assert!(refused.ends_with(reason), "{wrong}: {refused}");
        }
    }

    #[test]
    fn a_placeholder_that_does_not_exist_is_refused_before_anything_is_signed() {
        for (wrong, reason) in [
            ("keyId={keyId},signature={signature}", "`{keyId}` is not a placeholder"),
            ("keyId={key_id}", "where the `{signature}` goes"),
            ("{signature}{", "a brace"),
            ("}{signature}", "a brace"),
            ("{signature}\n", "a line break"),
        ] {
            let refused = Layout::try_from(wrong.to_owned()).unwrap_err();
            assert!(refused.contains(reason), "{wrong}: {refused}");
        }
    }
}
