//! `cases`: the rows that a request runs once for.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

/// The rows of a request, at least one.
#[derive(Debug, Clone, Default)]
pub struct Cases {
    /// `/cases/file`: where they were read from; written out in the request otherwise.
    pub file: Option<String>,
    /// In order.
    pub rows: Arc<[Case]>,
}

/// One row.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is called: its `case`, else its number, counted from 1. Unique in its request.
    pub name: String,
    /// `/cases/0/NAME`: variables. Of a row in a request, text in them is a template; of a data
    /// file it is text.
    pub values: IndexMap<String, Value>,
}

impl Cases {
    /// The variables that every row has.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let first = self.rows.first().map(|row| &row.values);
        let everywhere = |name: &&String| self.rows.iter().all(|row| row.values.contains_key(*name));
        first.into_iter().flat_map(IndexMap::keys).filter(everywhere).map(String::as_str)
    }

    /// Whether the text in its rows are templates.
    pub fn are_written(&self) -> bool {
        self.file.is_none()
    }
}

impl Case {
    /// The end of a snapshot's name: what no file name may hold everywhere is percent-encoded.
    pub fn file_name(&self) -> String {
        let is_plain = |place: usize, character: char| {
            !character.is_ascii()
                || character.is_ascii_alphanumeric()
                || matches!(character, '-' | '_' | ' ')
                || (character == '.' && place > 0)
        };
        let characters = self.name.chars().enumerate();
        let encoded = characters.map(|(place, character)| {
            if is_plain(place, character) {
                character.to_string()
            } else {
                format!("%{:02X}", u32::from(character))
            }
        });
        encoded.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_cases_share_a_snapshot_and_none_leaves_its_folder() {
        let file_name = |name: &str| Case { name: name.into(), values: IndexMap::new() }.file_name();
        for (name, expected) in [
            ("small amount", "small amount"),
            ("a/b", "a%2Fb"),
            ("a%2Fb", "a%252Fb"),
            ("..", "%2E."),
            ("Zürich", "Zürich"),
            ("1:2", "1%3A2"),
        ] {
            assert_eq!(file_name(name), expected);
        }
    }
}
