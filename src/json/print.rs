//! JSON for people and for snapshots: two blanks for a level, numbers as spelled.
//!
//! Written by hand so that its size is bounded while it grows (indentation makes a small, deep
//! document huge), and so that its look can't change with a library.

use serde_json::Value;

use crate::diag::is_invisible;

/// The text would be larger than its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

/// The order of the keys of a map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// By their characters.
    Sorted,
    /// As they came.
    AsGiven,
}

/// `value` over several lines, without a final newline, in at most `limit` bytes.
pub fn pretty(value: &Value, keys: Keys, limit: usize) -> Result<String, TooLarge> {
    let mut printer = Printer { text: String::new(), keys, limit };
    printer.value(value, 1)?;
    Ok(printer.text)
}

struct Printer {
    text: String,
    keys: Keys,
    limit: usize,
}

impl Printer {
    fn value(&mut self, value: &Value, level: usize) -> Result<(), TooLarge> {
        match value {
            Value::Null => self.push("null"),
            Value::Bool(flag) => self.push(if *flag { "true" } else { "false" }),
            Value::Number(number) => self.push(number.as_str()),
            Value::String(text) => self.string(text),
            Value::Array(list) if list.is_empty() => self.push("[]"),
            Value::Object(map) if map.is_empty() => self.push("{}"),
            Value::Array(list) => {
                self.push("[")?;
                for (place, value) in list.iter().enumerate() {
                    self.line(place, level)?;
                    self.value(value, level + 1)?;
                }
                self.close("]", level)
            }
            Value::Object(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                if self.keys == Keys::Sorted {
                    entries.sort_unstable_by_key(|(key, _)| *key);
                }
                self.push("{")?;
                for (place, (key, value)) in entries.into_iter().enumerate() {
                    self.line(place, level)?;
                    self.string(key)?;
                    self.push(": ")?;
                    self.value(value, level + 1)?;
                }
                self.close("}", level)
            }
        }
    }

    fn line(&mut self, place: usize, level: usize) -> Result<(), TooLarge> {
        self.push(if place == 0 { "\n" } else { ",\n" })?;
        (0..level).try_for_each(|_| self.push("  "))
    }

    fn close(&mut self, bracket: &str, level: usize) -> Result<(), TooLarge> {
        self.push("\n")?;
        (1..level).try_for_each(|_| self.push("  "))?;
        self.push(bracket)
    }

    /// A string with every character escaped that would not be seen.
    fn string(&mut self, text: &str) -> Result<(), TooLarge> {
        self.push("\"")?;
        let mut rest = text;
        while let Some(place) =
            rest.find(|character| matches!(character, '"' | '\\') || is_invisible(character))
        {
            self.push(&rest[..place])?;
            let character = rest[place..].chars().next().expect("`find` found one here");
            match character {
                '"' => self.push("\\\"")?,
                '\\' => self.push("\\\\")?,
                '\n' => self.push("\\n")?,
                '\r' => self.push("\\r")?,
                '\t' => self.push("\\t")?,
                hidden => {
                    for unit in hidden.encode_utf16(&mut [0; 2]) {
                        self.push(&format!("\\u{unit:04x}"))?;
                    }
                }
            }
            rest = &rest[place + character.len_utf8()..];
        }
        self.push(rest)?;
        self.push("\"")
    }

    fn push(&mut self, text: &str) -> Result<(), TooLarge> {
        if self.text.len() + text.len() > self.limit {
            return Err(TooLarge);
        }
        self.text.push_str(text);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_sorted_and_numbers_keep_their_spelling() {
        let value =
            crate::json::parse(br#"{"b":[1.10,1e2,[],{}],"a":{"z":null,"c":"\u001b\u202e\ud83d\ude00"}}"#);
        let expected = "{\n  \"a\": {\n    \"c\": \"\\u001b\\u202e😀\",\n    \"z\": null\n  },\n  \"b\": [\n    1.10,\n    1e2,\n    [],\n    {}\n  ]\n}";
        assert_eq!(pretty(value.as_ref().unwrap(), Keys::Sorted, 1024).unwrap(), expected);
        let given = pretty(&value.unwrap(), Keys::AsGiven, 1024).unwrap();
        assert!(given.starts_with("{\n  \"b\": [") && given.contains("\"z\": null,\n    \"c\""), "{given}");
    }

    #[test]
    fn a_small_document_does_not_grow_without_bound() {
        let deep = format!("{}{}{}", "[".repeat(100), vec!["1"; 10_000].join(","), "]".repeat(100));
        let value = crate::json::parse(deep.as_bytes()).unwrap();
        assert_eq!(pretty(&value, Keys::Sorted, 1024 * 1024), Err(TooLarge));
    }

    proptest! {
        #[test]
        fn what_is_printed_is_read_back_equal(text in any::<String>(), key in any::<String>()) {
            let value = serde_json::json!({ key: [text] });
            let printed = pretty(&value, Keys::Sorted, 1_000_000).unwrap();
            prop_assert!(!printed.chars().any(|character| character != '\n' && is_invisible(character)));
            prop_assert_eq!(crate::json::parse(printed.as_bytes()).unwrap(), value);
        }
    }
}
