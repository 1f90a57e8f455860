//! Whether two answers are alike: of JSON neither the order of keys nor the spelling of numbers
//! matters, nor the order of lists where it is said so.
//!
//! What does not matter is shown and stored as it was: a difference, and the commit that accepts it,
//! then hold nothing else than what changed.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::time::Instant;

use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices_deadline};

use super::lines;
use crate::diag::pointer::{item, join};
use crate::json::{self, Keys, Path};
use crate::limits;

/// In what two answers may differ and still be alike.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Likeness {
    /// In nothing: they are compared as texts.
    #[default]
    Text,
    /// As JSON: in the order of keys, the spelling of numbers and the order of these lists.
    Json(Unordered),
}

/// The lists whose order does not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unordered {
    /// Every list.
    All,
    /// Those that these paths find.
    At(Vec<Path>),
}

impl Likeness {
    /// `new` as it is compared with what is stored: `None` when they are alike, else `new` with
    /// everything that does not matter as it is in `old`.
    pub(super) fn against(&self, old: &str, new: &str) -> Option<String> {
        if old == new {
            return None;
        }
        match self.arranged(old, new) {
            Some(Arranged::Alike) => None,
            Some(Arranged::Differs(arranged)) => Some(arranged),
            None => Some(new.to_owned()),
        }
    }

    /// The same, for two bodies of JSON.
    fn arranged(&self, old: &str, new: &str) -> Option<Arranged> {
        let Self::Json(unordered) = self else { return None };
        let ((old_head, old), (head, new)) = (old.split_once("\n\n")?, new.split_once("\n\n")?);
        let (old, new) = (body(old)?, body(new)?);
        let (old, new) = (Side::new(&old, unordered), Side::new(&new, unordered));
        if old_head == head && old.canonical(old.value, "") == new.canonical(new.value, "") {
            return Some(Arranged::Alike);
        }
        let arranged = Arranger { old: &old, new: &new }.value((old.value, ""), (new.value, ""));
        let body = json::pretty(&arranged, Keys::Sorted, super::content::limit()).ok()?;
        Some(Arranged::Differs(format!("{head}\n\n{}", lines::write(&body, lines::Form::Text))))
    }
}

/// What comparing two bodies of JSON came to.
enum Arranged {
    Alike,
    Differs(String),
}

/// A body of JSON, as it is written in a snapshot.
pub(super) fn body(written: &str) -> Option<Value> {
    json::parse(lines::read(written)?.as_bytes()).ok()
}

/// What became of the elements of a list, in the order of the new one.
pub(super) fn aligned(old: &[String], new: &[String]) -> Vec<DiffOp> {
    let deadline = Instant::now() + limits::DIFF_TIME;
    capture_diff_slices_deadline(Algorithm::Myers, old, new, Some(deadline))
}

/// One of the two bodies.
struct Side<'v> {
    value: &'v Value,
    /// `None`: every list. Otherwise where those are whose order does not matter.
    unordered: Option<HashSet<String>>,
}

impl<'v> Side<'v> {
    fn new(value: &'v Value, unordered: &Unordered) -> Self {
        let unordered = match unordered {
            Unordered::All => None,
            Unordered::At(paths) => Some(paths.iter().flat_map(|path| path.locate(value)).collect()),
        };
        Self { value, unordered }
    }

    fn is_unordered(&self, pointer: &str) -> bool {
        self.unordered.as_ref().is_none_or(|lists| lists.contains(pointer))
    }

    /// A text that values which are alike have in common.
    fn canonical(&self, value: &Value, pointer: &str) -> String {
        match value {
            Value::Number(number) => json::canonical(number),
            Value::Array(list) => {
                let mut elements = self.elements(list, pointer);
                if self.is_unordered(pointer) {
                    elements.sort_unstable();
                }
                format!("[{}]", elements.join(","))
            }
            Value::Object(map) => {
                let entry = |(key, value): (&String, &Value)| {
                    (key.clone(), self.canonical(value, &join(pointer, key)))
                };
                let entries: BTreeMap<String, String> = map.iter().map(entry).collect();
                let entry = |(key, value)| format!("{}:{value}", Value::String(key));
                format!("{{{}}}", entries.into_iter().map(entry).collect::<Vec<_>>().join(","))
            }
            Value::Null | Value::Bool(_) | Value::String(_) => value.to_string(),
        }
    }

    fn elements(&self, list: &[Value], pointer: &str) -> Vec<String> {
        let elements = list.iter().enumerate();
        elements.map(|(place, element)| self.canonical(element, &item(pointer, place))).collect()
    }
}

/// Tells the new body in the words of the old.
struct Arranger<'s, 'v> {
    old: &'s Side<'v>,
    new: &'s Side<'v>,
}

/// A value and where it lies.
type At<'a, T = Value> = (&'a T, &'a str);

impl Arranger<'_, '_> {
    fn value(&self, (old, old_at): At<'_>, (new, new_at): At<'_>) -> Value {
        match (old, new) {
            (Value::Array(old), Value::Array(new)) => {
                let keys = (self.old.elements(old, old_at), self.new.elements(new, new_at));
                let list = List { arranger: self, old: (old, old_at), new: (new, new_at), keys };
                Value::Array(if self.new.is_unordered(new_at) { list.unordered() } else { list.ordered() })
            }
            (Value::Object(old), Value::Object(new)) => {
                let arranged = |(key, value): (&String, &Value)| {
                    let value = old.get(key).map_or_else(
                        || value.clone(),
                        |old| self.value((old, &join(old_at, key)), (value, &join(new_at, key))),
                    );
                    (key.clone(), value)
                };
                Value::Object(new.iter().map(arranged).collect())
            }
            (Value::Number(_), Value::Number(_)) if json::equal(old, new) => old.clone(),
            _ => new.clone(),
        }
    }
}

/// Two lists, and what their elements have in common.
struct List<'a, 's, 'v> {
    arranger: &'a Arranger<'s, 'v>,
    old: At<'a, Vec<Value>>,
    new: At<'a, Vec<Value>>,
    keys: (Vec<String>, Vec<String>),
}

impl List<'_, '_, '_> {
    /// Elements that are alike stand where they stood; of those between them one belongs to the other.
    fn ordered(&self) -> Vec<Value> {
        let mut list = Vec::with_capacity(self.new.0.len());
        for operation in aligned(&self.keys.0, &self.keys.1) {
            let (mut olds, news) = (operation.old_range(), operation.new_range());
            if let DiffOp::Equal { .. } = operation {
                list.extend(olds.map(|old| self.old.0[old].clone()));
            } else {
                list.extend(news.map(|new| self.pair(olds.next(), new)));
            }
        }
        list
    }

    /// Elements that are alike stand where they stood, new ones where others are gone, then behind.
    fn unordered(&self) -> Vec<Value> {
        let mut places: HashMap<&str, VecDeque<usize>> = HashMap::new();
        for (old, key) in self.keys.0.iter().enumerate() {
            places.entry(key).or_default().push_back(old);
        }
        let mut slots: Vec<Option<Value>> = vec![None; self.old.0.len()];
        let mut others = Vec::new();
        for (new, key) in self.keys.1.iter().enumerate() {
            match places.get_mut(key.as_str()).and_then(VecDeque::pop_front) {
                Some(old) => slots[old] = Some(self.old.0[old].clone()),
                None => others.push(new),
            }
        }
        let mut others = others.into_iter();
        for (old, slot) in slots.iter_mut().enumerate().filter(|(_, slot)| slot.is_none()) {
            *slot = others.next().map(|new| self.pair(Some(old), new));
        }
        slots.into_iter().flatten().chain(others.map(|new| self.pair(None, new))).collect()
    }

    fn pair(&self, old: Option<usize>, new: usize) -> Value {
        let (value, new_at) = (&self.new.0[new], item(self.new.1, new));
        match old {
            None => value.clone(),
            Some(old) => self.arranger.value((&self.old.0[old], &item(self.old.1, old)), (value, &new_at)),
        }
    }
}

#[cfg(test)]
mod tests;
