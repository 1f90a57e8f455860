//! Where everything stands: pointers into what a file says → spans of its text.
//!
//! Positions are kept beside the data, keyed by pointer, so that `spec` stays plain. A template or
//! selector counts bytes in the *decoded* text; [`Locations::inside`] follows quotes, escapes and
//! folded lines back to the bytes of the file.

use std::collections::HashMap;
use std::ops::Range;

use super::decoded;
use super::yaml::{Node, Style, Value};
use crate::diag::pointer::{item, join};
use crate::diag::{Sources, Span};

/// Whose file it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    /// The request of this name.
    Request(String),
    /// The environment of this name.
    Environment(String),
    /// `requests/suite.yaml`
    SuiteFile,
}

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The key before it; an item of a list has none.
    pub key: Option<Span>,
    /// The value: a scalar with its quotes, a flow collection with its brackets, of a block
    /// collection the first key or dash.
    pub value: Span,
    key_style: Style,
    style: Style,
}

/// The places of everything in a suite's files.
#[derive(Debug, Clone, Default)]
pub struct Locations(HashMap<Owner, HashMap<String, Place>>);

impl Locations {
    /// The place of a value; the empty pointer is the whole document.
    pub fn find(&self, owner: &Owner, pointer: &str) -> Option<Place> {
        self.0.get(owner)?.get(pointer).copied()
    }

    /// The place of the value, or of the nearest one around it.
    pub fn nearest(&self, owner: &Owner, pointer: &str) -> Option<Place> {
        let mut pointer = pointer;
        loop {
            if let Some(place) = self.find(owner, pointer) {
                return Some(place);
            }
            pointer = &pointer[..pointer.rfind('/')?];
        }
    }

    /// The bytes of the file that make up these bytes of the decoded scalar.
    pub fn inside(
        &self,
        owner: &Owner,
        pointer: &str,
        range: Range<usize>,
        sources: &Sources,
    ) -> Option<Span> {
        let place = self.find(owner, pointer)?;
        Some(decoded::inside(place.value, place.style, range, sources))
    }

    /// [`Locations::inside`] for the key before a value, such as a selector.
    pub fn inside_key(
        &self,
        owner: &Owner,
        pointer: &str,
        range: Range<usize>,
        sources: &Sources,
    ) -> Option<Span> {
        let place = self.find(owner, pointer)?;
        Some(decoded::inside(place.key?, place.key_style, range, sources))
    }

    /// Notes every value of a document.
    pub(super) fn note(&mut self, owner: Owner, document: &Node) {
        let places = self.0.entry(owner).or_default();
        let place = Place { key: None, value: document.span, key_style: Style::Plain, style: document.style };
        note(places, String::new(), place, document);
    }

    /// Forgets a value that a request turned out not to have, and all below it.
    pub(super) fn forget(&mut self, owner: &Owner, pointer: &str) {
        if let Some(places) = self.0.get_mut(owner) {
            places.retain(|known, _| {
                known.strip_prefix(pointer).is_none_or(|rest| !(rest.is_empty() || rest.starts_with('/')))
            });
        }
    }

    /// Lets a pointer name what stands elsewhere: a default that was applied, a pair of a list.
    pub(super) fn note_as(&mut self, owner: &Owner, pointer: String, from: &Owner, at: &str) {
        if let Some(place) = self.find(from, at)
            && let Some(places) = self.0.get_mut(owner)
        {
            places.entry(pointer).or_insert(place);
        }
    }
}

fn note(places: &mut HashMap<String, Place>, pointer: String, place: Place, node: &Node) {
    match &node.value {
        Value::List(items) => {
            for (index, value) in items.iter().enumerate() {
                let place =
                    Place { key: None, value: value.span, key_style: Style::Plain, style: value.style };
                note(places, item(&pointer, index), place, value);
            }
        }
        Value::Map(entries) => {
            for entry in entries {
                let place = Place {
                    key: Some(entry.key.span),
                    value: entry.value.span,
                    key_style: entry.key.style,
                    style: entry.value.style,
                };
                note(places, join(&pointer, &entry.key.text), place, &entry.value);
            }
        }
        _ => {}
    }
    places.insert(pointer, place);
}
