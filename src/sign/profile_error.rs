//! A mistake in a profile: where, what, and what was probably meant.
//!
//! The data format's own errors have no place in them. The place is found by asking again: the
//! deepest entry without which the complaint changes is the one complained about.

use serde_json::Value;

use crate::diag::pointer::{item, join};

/// A mistake in a profile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ProfileError {
    /// JSON pointer to the place, from the profile on; empty for the profile itself.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What was probably meant.
    pub help: Option<String>,
}

/// What is wrong with settings that have the right shape: the pointer from the settings on, and
/// what.
pub(super) type Complaint = (String, String);

impl ProfileError {
    pub(super) fn at(pointer: &str, message: String) -> Self {
        Self { pointer: pointer.to_owned(), message, help: None }
    }

    /// Finds the place of a complaint; `complain` reads a variation of the profile.
    pub(super) fn find(
        written: &Value,
        complaint: &str,
        complain: &dyn Fn(&Value) -> Option<String>,
    ) -> Self {
        let mut pointer = String::new();
        let blamed = |child: &String| match complain(&without(written, child)) {
            None => true,
            // Taking a required entry away makes another one missing; that is no sign of guilt.
            Some(other) => other != complaint && !(is_missing(&other) && is_missing(complaint)),
        };
        while let Some(deeper) = children(written, &pointer).into_iter().find(blamed) {
            pointer = deeper;
        }
        let (message, help) = reword(complaint);
        Self { pointer, message, help }
    }
}

fn is_missing(complaint: &str) -> bool {
    complaint.starts_with("missing field")
}

fn children(written: &Value, pointer: &str) -> Vec<String> {
    match written.pointer(pointer) {
        Some(Value::Object(map)) => map.keys().map(|key| join(pointer, key)).collect(),
        Some(Value::Array(list)) => (0..list.len()).map(|at| item(pointer, at)).collect(),
        _ => Vec::new(),
    }
}

fn without(written: &Value, pointer: &str) -> Value {
    let mut copy = written.clone();
    let (parent, segment) = pointer.rsplit_once('/').expect("a child's pointer has a parent");
    let key = segment.replace("~1", "/").replace("~0", "~");
    match copy.pointer_mut(parent) {
        Some(Value::Object(map)) => drop(map.shift_remove(&key)),
        Some(Value::Array(list)) => drop(list.remove(key.parse().expect("a list's child is a number"))),
        _ => {}
    }
    copy
}

/// Says in our words what serde says in its own.
fn reword(complaint: &str) -> (String, Option<String>) {
    let quoted: Vec<&str> = complaint.split('`').skip(1).step_by(2).collect();
    let known =
        |from: usize| quoted[from..].iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match quoted.first() {
        Some(name) if complaint.starts_with("unknown field") => {
            (format!("`{name}` is not a key of a profile here"), meant(name, &quoted[1..], &known(1)))
        }
        Some(name) if complaint.starts_with("unknown variant") => {
            (format!("`{name}` is not one of {}", known(1)), meant(name, &quoted[1..], ""))
        }
        Some(name) if is_missing(complaint) => (format!("`{name}` is missing"), None),
        _ => match complaint.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected ")) {
            Some((got, wanted)) => (format!("must be {wanted}, and is {got}"), None),
            None => (complaint.to_owned(), None),
        },
    }
}

fn meant(name: &str, known: &[&str], list: &str) -> Option<String> {
    let close = known.iter().map(|other| (strsim::damerau_levenshtein(name, other), other)).min();
    match close {
        Some((distance, other)) if distance <= 1 + other.len() / 4 => {
            Some(format!("did you mean `{other}`?"))
        }
        _ if list.is_empty() => None,
        _ => Some(format!("there are {list}")),
    }
}
