//! Names and ids: each request has one of its own, on every file system.

use std::collections::HashMap;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::reader::Reader;
use super::request::Written;
use super::yaml::{Node, Value};
use crate::diag::{Code, Diagnostic, Span, literal};

/// A request, and the document that it was read from.
pub(super) struct Loaded {
    pub written: Written,
    pub document: Node,
}

impl Loaded {
    /// Where its name stands, or its first key when it is named after its file.
    fn place(&self) -> (Span, bool) {
        match field(&self.document, "name") {
            Some(name) => (name.span, true),
            None => (self.document.span, false),
        }
    }
}

/// The value of a key of a document.
pub(super) fn field<'n>(document: &'n Node, key: &str) -> Option<&'n Node> {
    match &document.value {
        Value::Map(entries) => entries.iter().find(|entry| entry.key.text == key).map(|entry| &entry.value),
        _ => None,
    }
}

/// Longest part of a name that becomes a file name with `.snap.new` behind it, in bytes.
const LONGEST_SEGMENT: usize = 200;

/// Makes the id of a document among several from the path of its file and its name. The id
/// becomes the path of a snapshot.
pub(super) fn id_among_several(reader: &mut Reader, file: &str, node: &Node, name: &str) -> String {
    let is_unsafe = |segment: &str| {
        segment.is_empty()
            || segment.len() > LONGEST_SEGMENT
            || segment.starts_with('.')
            || is_device(segment)
            || segment.contains(['\\', ':', '*', '?', '"', '<', '>', '|', '@'])
    };
    if name.split('/').any(is_unsafe) {
        let message = format!("{} can't be part of a file name", literal(name));
        let label = "its snapshot would be named so";
        reader.unusable(
            node,
            message,
            label,
            "use letters, digits, `-`, `_` and `/`, at most 200 bytes between two `/`",
        );
    }
    format!("{file}/{name}")
}

/// Whether Windows takes a file of this name for a device, whatever its ending.
fn is_device(segment: &str) -> bool {
    let stem = segment.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let numbered =
        |kind| stem.strip_prefix(kind).is_some_and(|number| matches!(number.as_bytes(), [b'1'..=b'9']));
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

/// What names have in common that some disk takes for one: one that ignores case, or how accents are
/// composed.
pub(super) fn folded(name: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(&name.to_lowercase()).into_owned()
}

/// In what two names differ that some disk takes for one.
pub(super) fn way(first: &str, second: &str) -> &'static str {
    if first.to_lowercase() == second.to_lowercase() { "case" } else { "how their accents are composed" }
}

/// Refuses two requests of one name, or of one snapshot file. Case does not tell them apart: on
/// some disks it would not tell their snapshots apart either.
pub(super) fn check_unique(requests: &[Loaded]) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut names: HashMap<String, &Loaded> = HashMap::new();
    let mut ids: HashMap<String, &Loaded> = HashMap::new();
    for loaded in requests {
        let request = &loaded.written.request;
        let same_name = names.insert(folded(&request.name), loaded);
        let same_id = ids.insert(folded(&request.id), loaded);
        if let Some(first) = same_name {
            problems.push(same(&request.name, &first.written.request.name, loaded, first, "named"));
        } else if let Some(first) = same_id {
            problems.push(same(&request.id, &first.written.request.id, loaded, first, "snapshots named"));
        }
    }
    problems
}

fn same(second: &str, first: &str, at: &Loaded, before: &Loaded, how: &str) -> Diagnostic {
    let subject = if how == "named" { "two requests are named" } else { "two requests have the snapshot" };
    let message = if second == first {
        format!("{subject} {}", literal(second))
    } else {
        format!(
            "{subject} {} and {}, which differ only in {}",
            literal(first),
            literal(second),
            way(first, second)
        )
    };
    let label = |named: bool, which: &str| {
        if named { format!("the {which}") } else { format!("the {which}, named after its file") }
    };
    let ((second, second_named), (first, first_named)) = (at.place(), before.place());
    Diagnostic::error(Code::DuplicateName, message)
        .at(second, label(second_named, "second"))
        .at(first, label(first_named, "first"))
        .help("give one of them another `name`, or rename its file")
}
