//! Secrets that somebody wrote out in a file: no error and no warning quotes them.

use super::reader::{Reader, is_template};
use super::yaml::{Node, Value};

/// The keys whose values are meant to be secret, wherever they stand.
const KEYS: [&str; 4] = ["secret", "passphrase", "client_secret", "password"];

/// Notes every secret in plain text. Before anything is said about the file.
pub(super) fn note(reader: &mut Reader, node: &Node) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| note(reader, item)),
        Value::Map(entries) => {
            for entry in entries {
                let secret = KEYS.contains(&entry.key.text.as_str());
                if secret && entry.value.as_text().is_some_and(|text| !text.is_empty() && !is_template(text))
                {
                    reader.secrets.push(entry.value.span);
                }
                note(reader, &entry.value);
            }
        }
        _ => {}
    }
}
