//! Two JSON bodies, side by side: where they differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::super::masking::canonical;
use super::place::Place;

/// Where two bodies differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Difference<'v> {
    /// In a value.
    Value(Place, [&'v Value; 2]),
    /// In the order of a list.
    Order(Place),
    /// In the number of a list's elements.
    Length(Place, [usize; 2]),
    /// In whether there is a value; whether the first answer has it.
    Presence(Place, bool),
}

/// Every difference between two bodies.
pub(super) fn differences<'v>(left: &'v Value, right: &'v Value) -> Vec<Difference<'v>> {
    let mut found = Vec::new();
    walk(&Place::default(), [left, right], &mut found);
    found
}

fn walk<'v>(place: &Place, [left, right]: [&'v Value; 2], found: &mut Vec<Difference<'v>>) {
    if left == right {
        return;
    }
    match (left, right) {
        (Value::Object(ours), Value::Object(theirs)) => {
            for (key, left) in ours {
                match theirs.get(key) {
                    Some(right) => walk(&place.key(key), [left, right], found),
                    None => found.push(Difference::Presence(place.key(key), true)),
                }
            }
            let added = theirs.keys().filter(|key| !ours.contains_key(*key));
            found.extend(added.map(|key| Difference::Presence(place.key(key), false)));
        }
        (Value::Array(ours), Value::Array(theirs)) => lists(place, [ours, theirs], found),
        _ => found.push(Difference::Value(place.clone(), [left, right])),
    }
}

fn lists<'v>(place: &Place, [left, right]: [&'v [Value]; 2], found: &mut Vec<Difference<'v>>) {
    if left.len() != right.len() {
        found.push(Difference::Length(place.clone(), [left.len(), right.len()]));
    }
    let order = order(left, right).filter(|order| order.iter().enumerate().any(|(at, to)| at != *to));
    if order.is_some() {
        found.push(Difference::Order(place.clone()));
    }
    for (index, element) in left.iter().enumerate() {
        let other = order.as_ref().map_or(index, |order| order[index]);
        if let Some(other) = right.get(other) {
            walk(&place.item(index), [element, other], found);
        }
    }
}

/// Where each element of a list stands in the other, where that can be told: by the whole elements,
/// or by a key whose values tell them apart.
fn order(left: &[Value], right: &[Value]) -> Option<Vec<usize>> {
    let whole = |list: &[Value]| list.iter().map(canonical).collect::<Vec<_>>();
    let by_whole = permutation(&whole(left), &whole(right));
    by_whole.or_else(|| {
        let first = left.first()?.as_object()?;
        let told_apart = |key: &String| {
            let named =
                |list: &[Value]| list.iter().map(|it| it.get(key).map(canonical)).collect::<Option<Vec<_>>>();
            let (ours, theirs) = (named(left)?, named(right)?);
            let distinct = ours.iter().collect::<BTreeSet<_>>().len() == ours.len();
            permutation(&ours, &theirs).filter(|_| distinct)
        };
        first.keys().find_map(told_apart)
    })
}

/// For each element of `left` its place in `right`, where both have the same elements.
fn permutation(left: &[String], right: &[String]) -> Option<Vec<usize>> {
    if left.len() != right.len() {
        return None;
    }
    let mut places: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, element) in right.iter().enumerate().rev() {
        places.entry(element).or_default().push(index);
    }
    left.iter().map(|element| places.get_mut(element.as_str())?.pop()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(left: &Value, right: &Value) -> Vec<String> {
        let show = |difference: &Difference<'_>| match difference {
            Difference::Value(place, [left, right]) => format!("{} {left} {right}", place.selector()),
            Difference::Order(place) => format!("{} order", place.selector()),
            Difference::Length(place, [left, right]) => format!("{} {left}:{right}", place.selector()),
            Difference::Presence(place, first) => format!("{} in the first: {first}", place.selector()),
        };
        differences(left, right).iter().map(show).collect()
    }

    #[test]
    fn every_difference_is_found_at_its_place() {
        let left = json!({"a": 1, "b": {"c": "x"}, "gone": 1, "list": [1, 2], "same": [1], "type": null});
        let right = json!({"a": 2, "b": {"c": "y"}, "new": 1, "list": [1], "same": [1], "type": {}});
        assert_eq!(
            shown(&left, &right),
            [
                "$.a 1 2",
                "$.b.c \"x\" \"y\"",
                "$.gone in the first: true",
                "$.list 2:1",
                "$.type null {}",
                "$.new in the first: false",
            ]
        );
        assert_eq!(shown(&left, &left), Vec::<String>::new());
    }

    #[test]
    fn a_list_in_another_order_is_told_from_one_of_other_elements() {
        assert_eq!(shown(&json!([3, 1, 1]), &json!([1, 3, 1])), ["$ order"]);
        assert_eq!(shown(&json!([1, 2]), &json!([1, 3])), ["$[1] 2 3"]);
        assert_eq!(shown(&json!([1, 1, 2]), &json!([1, 2, 2])), ["$[1] 1 2"]);
    }

    #[test]
    fn elements_that_moved_and_changed_are_found_by_a_key_that_tells_them_apart() {
        let left = json!([{"at": 1, "id": "a"}, {"at": 1, "id": "b"}]);
        let right = json!([{"at": 2, "id": "b"}, {"at": 3, "id": "a"}]);
        assert_eq!(shown(&left, &right), ["$ order", "$[0].at 1 3", "$[1].at 1 2"]);
    }
}
