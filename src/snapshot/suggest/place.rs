//! A place in a JSON body, and the selectors that find it.

use std::fmt::Write as _;

use serde_json::Value;

use crate::diag::is_invisible;

/// One step from a value to one in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Of a map.
    Key(String),
    /// Of a list: the place in the first answer and, where that may be another, in the second.
    Item(usize),
    /// Every element of a list.
    Each,
}

/// The way from the whole body to a value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place(Vec<Step>);

/// Most lists around a value that are told apart when its selector is generalised.
const LISTS: usize = 4;

impl Place {
    pub(super) fn key(&self, key: &str) -> Self {
        self.then(Step::Key(key.to_owned()))
    }

    pub(super) fn item(&self, index: usize) -> Self {
        self.then(Step::Item(index))
    }

    fn then(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// The place itself, and what stands for it and for its like in other elements of the lists around
    /// it: the most general first.
    pub(super) fn patterns(&self) -> Vec<Self> {
        let lists: Vec<usize> = (0..self.0.len()).filter(|&at| matches!(self.0[at], Step::Item(_))).collect();
        let all = (1_usize << lists.len().min(LISTS)) - 1;
        let mut chosen: Vec<usize> = (0..=all).collect();
        chosen.sort_by_key(|bits| std::cmp::Reverse(bits.count_ones()));
        let pattern = |bits: usize| {
            let mut pattern = self.clone();
            for (number, &at) in lists.iter().enumerate() {
                if bits & (1 << number.min(LISTS - 1)) != 0 {
                    pattern.0[at] = Step::Each;
                }
            }
            pattern
        };
        chosen.into_iter().map(pattern).collect()
    }

    /// Whether a place is one that this pattern stands for.
    pub(super) fn stands_for(&self, place: &Self) -> bool {
        let fits = |(pattern, step): (&Step, &Step)| match (pattern, step) {
            (Step::Each, Step::Item(_) | Step::Each) => true,
            (Step::Each, Step::Key(_)) => false,
            (pattern, step) => pattern == step,
        };
        self.0.len() == place.0.len() && self.0.iter().zip(&place.0).all(fits)
    }

    /// Whether an element is named by its number.
    pub(super) fn counts(&self) -> bool {
        self.0.iter().any(|step| matches!(step, Step::Item(_)))
    }

    /// Whether an element is named by its number below one of these lists.
    pub(super) fn counts_below(&self, lists: &[Self]) -> bool {
        let counted = (0..self.0.len()).filter(|&at| matches!(self.0[at], Step::Item(_)));
        counted
            .map(|at| Self(self.0[..at].to_vec()))
            .any(|list| lists.iter().any(|sorted| sorted.stands_for(&list) || list.stands_for(sorted)))
    }

    /// Everything in a value that stands at this place.
    pub(super) fn find<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![value];
        for step in &self.0 {
            found = found.into_iter().flat_map(|value| below(value, step)).collect();
        }
        found
    }

    /// As a JSONPath.
    pub(super) fn selector(&self) -> String {
        let mut path = "$".to_owned();
        for step in &self.0 {
            // Writing to a string does not fail.
            let _ = match step {
                Step::Key(name) if is_name(name) => write!(path, ".{name}"),
                Step::Key(name) => write!(path, "['{}']", quoted(name)),
                Step::Item(index) => write!(path, "[{index}]"),
                Step::Each => write!(path, "[*]"),
            };
        }
        path
    }

    /// The innermost name on the way.
    pub(super) fn name(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Key(name) => Some(name.as_str()),
            Step::Item(_) | Step::Each => None,
        })
    }
}

fn below<'v>(value: &'v Value, step: &Step) -> Vec<&'v Value> {
    match (value, step) {
        (Value::Object(map), Step::Key(key)) => map.get(key).into_iter().collect(),
        (Value::Array(list), Step::Item(index)) => list.get(*index).into_iter().collect(),
        (Value::Array(list), Step::Each) => list.iter().collect(),
        _ => Vec::new(),
    }
}

/// Whether a name may stand behind a `.` (RFC 9535, section 2.5.1.1, of its letters only ASCII).
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A name between single quotes.
fn quoted(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        match character {
            '\\' | '\'' => text.extend(['\\', character]),
            hidden if is_invisible(hidden) => {
                for unit in hidden.encode_utf16(&mut [0; 2]) {
                    let _ = write!(text, "\\u{unit:04x}");
                }
            }
            plain => text.push(plain),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::json::Path;

    #[test]
    fn a_place_in_lists_is_generalised_from_all_elements_to_the_one() {
        let place = Place::default().key("a").item(0).key("b").item(1);
        let selectors: Vec<String> = place.patterns().iter().map(Place::selector).collect();
        assert_eq!(selectors, ["$.a[*].b[*]", "$.a[*].b[1]", "$.a[0].b[*]", "$.a[0].b[1]"]);
        assert_eq!(Place::default().key("id").patterns().len(), 1);
        let deep = (0..9).fold(Place::default(), |place, _| place.item(0));
        assert_eq!(deep.patterns().len(), 16);
        assert_eq!(deep.patterns().last(), Some(&deep));
    }

    #[test]
    fn no_element_of_a_list_that_is_sorted_is_named_by_its_number() {
        let sorted = [Place::default().key("a")];
        let place = Place::default().key("a").item(0).key("id");
        assert!(place.counts_below(&sorted));
        assert!(!place.patterns()[0].counts_below(&sorted));
        assert!(!Place::default().key("b").item(0).counts_below(&sorted));
    }

    proptest! {
        #[test]
        fn a_selector_finds_the_value_of_its_key_whatever_the_key_is(key in any::<String>()) {
            let value = json!({ key.clone(): 1, format!("{key}x"): 2 });
            let selector = Place::default().key(&key).selector();
            if let Ok(path) = Path::parse(&selector) {
                prop_assert_eq!(path.find(&value), [&json!(1)]);
            } else {
                prop_assert!(selector.len() > 1000);
            }
        }
    }
}
