//! A value of the document together with where it stands.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use crate::diag::pointer::{item, join};

/// Longest chain of references: a longer one leads in a circle.
const HOPS: usize = 32;

/// A value, and its pointer.
#[derive(Debug, Clone)]
pub(super) struct At<'d> {
    pub(super) document: &'d Value,
    pub(super) pointer: String,
    pub(super) value: &'d Value,
}

impl<'d> At<'d> {
    pub(super) fn root(document: &'d Value) -> Self {
        Self { document, pointer: String::new(), value: document }
    }

    /// A member, where it stands or where its reference leads.
    pub(super) fn get(&self, key: &str) -> Option<Self> {
        let value = self.value.get(key)?;
        Some(Self { pointer: join(&self.pointer, key), value, ..*self }.resolved())
    }

    /// Every member of a map, references followed, without extensions.
    pub(super) fn members(&self) -> Vec<(&'d str, Self)> {
        let members = self.value.as_object().into_iter().flatten();
        let own = members.filter(|(key, _)| !key.starts_with("x-"));
        own.map(|(key, value)| {
            let at = Self { pointer: join(&self.pointer, key), value, ..*self };
            (key.as_str(), at.resolved())
        })
        .collect()
    }

    /// Every item of a list, references followed.
    pub(super) fn items(&self) -> Vec<Self> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items
            .map(|(index, value)| Self { pointer: item(&self.pointer, index), value, ..*self }.resolved())
            .collect()
    }

    /// A text below a key.
    pub(super) fn text(&self, key: &str) -> Option<&'d str> {
        self.value.get(key)?.as_str()
    }

    /// Whether `true` stands below a key.
    pub(super) fn is(&self, key: &str) -> bool {
        self.value.get(key) == Some(&Value::Bool(true))
    }

    /// What a chain of references leads to.
    pub(super) fn resolved(mut self) -> Self {
        for _ in 0..HOPS {
            let Some(target) = self.text("$ref").and_then(|reference| local(self.document, reference)) else {
                break;
            };
            (self.pointer, self.value) = target;
        }
        self
    }
}

/// The pointer and value that a reference inside the document leads to.
pub(super) fn local<'d>(document: &'d Value, reference: &str) -> Option<(String, &'d Value)> {
    let pointer = percent_decode_str(reference.strip_prefix('#')?).decode_utf8().ok()?.into_owned();
    let value = document.pointer(&pointer)?;
    Some((pointer, value))
}
