//! The YAML head of a snapshot file, spelled as insta spells it: a file that `cargo insta accept`
//! has rewritten must not differ from one that we wrote.

use std::fmt::Write;

use serde_yaml::{Mapping, Value};

use crate::diag::is_invisible;

/// What a snapshot file says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata {
    /// The request file, relative to the suite root.
    pub source: String,
    /// Method and endpoint as written.
    pub expression: String,
    /// The [fingerprints](super::fingerprints) of the files that it was made by, as they were read. Only
    /// a snapshot that waits for review says it; insta passes over it.
    pub request: Option<String>,
}

/// Longest value in a head, in characters: an endpoint may be a template of many lines.
const LONGEST: usize = 1000;

/// The whole file: head and content.
pub(super) fn file(metadata: &Metadata, content: &str) -> String {
    with(metadata, "", content)
}

/// The whole file of a snapshot that waits for review, with the fingerprint of what was stored when it
/// came.
pub(super) fn pending(metadata: &Metadata, stored: &str, content: &str) -> String {
    let request = metadata.request.iter().map(|request| format!("request: {}\n", scalar(request)));
    with(metadata, &format!("{}stored: {}\n", request.collect::<String>(), scalar(stored)), content)
}

fn with(metadata: &Metadata, more: &str, content: &str) -> String {
    let (source, expression) = (scalar(&metadata.source), scalar(&metadata.expression));
    format!("---\nsource: {source}\nexpression: {expression}\n{more}---\n{content}\n")
}

/// What a head says, read with bounds before insta's reader sees it; and what was stored when it came.
pub(super) fn read(head: &Mapping) -> (Metadata, Option<String>) {
    let told = |name: &str| head.get(name).and_then(Value::as_str).map(str::to_owned);
    let (source, expression) = (told("source").unwrap_or_default(), told("expression").unwrap_or_default());
    (Metadata { source, expression, request: told("request") }, told("stored"))
}

fn scalar(text: &str) -> String {
    let short: String = text.chars().take(LONGEST).collect();
    if is_plain(&short) { short } else { quoted(&short) }
}

/// Whether YAML 1.1 and 1.2 readers alike take the text, unquoted, for a text.
fn is_plain(text: &str) -> bool {
    let words = ["yes", "no", "true", "false", "on", "off", "null", "~"];
    !text.is_empty()
        && text.trim() == text
        && !text.starts_with(['&', '*', '?', '|', '-', '<', '>', '=', '!', '%', '@', '.'])
        && !text.starts_with("0x")
        && !text.contains([':', '{', '}', '[', ']', ',', '#', '`', '"', '\'', '\\'])
        && !text.contains(is_invisible)
        && !words.contains(&text.to_ascii_lowercase().as_str())
        && text.parse::<f64>().is_err()
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        // Writing to a string does not fail.
        let _ = match character {
            '"' | '\\' => write!(quoted, "\\{character}"),
            '\n' => write!(quoted, "\\n"),
            '\r' => write!(quoted, "\\r"),
            '\t' => write!(quoted, "\\t"),
            hidden if is_invisible(hidden) && u32::from(hidden) <= 0xffff => {
                write!(quoted, "\\u{:04x}", u32::from(hidden))
            }
            hidden if is_invisible(hidden) => write!(quoted, "\\U{:08x}", u32::from(hidden)),
            plain => write!(quoted, "{plain}"),
        };
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_head_is_spelled_as_insta_would() {
        let metadata = Metadata {
            source: "requests/greeting.yaml".into(),
            expression: "GET /greetings/single".into(),
            request: None,
        };
        let expected =
            "---\nsource: requests/greeting.yaml\nexpression: GET /greetings/single\n---\nHTTP 200\n";
        assert_eq!(file(&metadata, "HTTP 200"), expected);
        for (text, written) in [
            ("GET /a?b={{ c }}", "\"GET /a?b={{ c }}\""),
            ("a: b", "\"a: b\""),
            ("No", "\"No\""),
            ("12e7", "\"12e7\""),
            ("", "\"\""),
            ("a\n\"b\"", "\"a\\n\\\"b\\\"\""),
        ] {
            assert_eq!(scalar(text), written);
        }
    }

    proptest! {
        #[test]
        fn a_yaml_reader_gets_every_head_back(text in any::<String>(), expression in r"[A-Z]{3,6} /[ -~]{0,40}") {
            let metadata = Metadata { source: text, expression, request: None };
            let written = file(&metadata, "HTTP 200");
            let head = written.split("\n---\n").next().unwrap();
            let value: Value = serde_yaml::from_str(head).unwrap();
            prop_assert_eq!(value["source"].as_str().unwrap(), metadata.source);
            prop_assert_eq!(value["expression"].as_str().unwrap(), metadata.expression);
        }
    }
}
