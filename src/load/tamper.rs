//! `tamper` of a request: one word or a list of words, each as `date(-1h)` or `{date: -1h}`.

use super::reader::Reader;
use super::yaml::{Node, Value};
use crate::sign::{Tamper, TamperWordError};

const FORM: &str = "a word such as `digest` or `date(-1h)`, or a list of such words";

/// Reads `tamper`.
pub(super) fn tamper(reader: &mut Reader, node: &Node) -> Vec<Tamper> {
    match &node.value {
        Value::List(items) => items.iter().filter_map(|item| word(reader, item)).collect(),
        _ => word(reader, node).into_iter().collect(),
    }
}

fn word(reader: &mut Reader, node: &Node) -> Option<Tamper> {
    let read = match &node.value {
        Value::Text(text) => Tamper::parse(text),
        Value::Map(entries) => match entries.as_slice() {
            [entry] => Tamper::new(&entry.key.text, &reader.fixed(&entry.value, "what is tampered with")?),
            _ => return not_a_word(reader, node),
        },
        _ => return not_a_word(reader, node),
    };
    match read {
        Ok(tamper) => Some(tamper),
        Err(TamperWordError { message, help }) => {
            reader.unusable(node, message, "", &help);
            None
        }
    }
}

fn not_a_word(reader: &mut Reader, node: &Node) -> Option<Tamper> {
    reader.wrong(node, "`tamper`", FORM, "");
    None
}
