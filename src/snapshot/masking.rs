//! What `redact` does to a JSON body.

use std::collections::BTreeSet;

use bigdecimal::{BigDecimal, RoundingMode};
use serde_json::{Number, Value};

use super::rules::Looks;
use crate::json::Path;

/// Longest number that is rounded, in digits, and most zeros that its exponent stands for: one
/// beyond it stays as it is, since writing it out would take more memory than a snapshot is worth.
const LONGEST: usize = 4096;

/// Puts `text` in the place of what the path finds and what looks right. Returns where.
pub(super) fn replace(value: &mut Value, path: &Path, text: &str, looks: &Looks) -> Vec<String> {
    let mut found = path.locate(value);
    found.retain(|pointer| {
        // What lay inside something that was replaced is gone with it.
        let Some(place) = value.pointer_mut(pointer) else { return true };
        let fits = looks.hold(place);
        if fits {
            *place = Value::String(text.to_owned());
        }
        fits
    });
    found
}

/// Rounds the numbers that the path finds. Returns how many that were.
pub(super) fn round(value: &mut Value, path: &Path, decimals: u16) -> usize {
    let mut rounded = 0;
    for pointer in path.locate(value) {
        if let Some(Value::Number(number)) = value.pointer_mut(&pointer)
            && let Some(shorter) = self::rounded(number, decimals)
        {
            *number = shorter;
            rounded += 1;
        }
    }
    rounded
}

/// A number with so many decimals.
pub(super) fn rounded_value(value: &Value, decimals: u16) -> Option<Number> {
    rounded(value.as_number()?, decimals)
}

/// The number with exactly so many decimals, half away from zero.
fn rounded(number: &Number, decimals: u16) -> Option<Number> {
    let text = number.as_str();
    let power = text.rsplit_once(['e', 'E']).map_or(Ok(0), |(_, power)| power.parse::<i64>());
    if text.len() > LONGEST || !power.is_ok_and(|power| power.unsigned_abs() <= LONGEST as u64) {
        return None;
    }
    let rounded = text.parse::<BigDecimal>().ok()?.with_scale_round(decimals.into(), RoundingMode::HalfUp);
    Some(Number::from_string_unchecked(rounded.to_plain_string()))
}

/// Where the lists are that the path finds.
pub(super) fn lists(value: &Value, path: &Path) -> Vec<String> {
    let mut found = path.locate(value);
    found.retain(|pointer| value.pointer(pointer).is_some_and(Value::is_array));
    found
}

/// Puts the lists in order, what lies deeper first: the order of a list depends on what is in it.
pub(super) fn sort(value: &mut Value, lists: &BTreeSet<String>) {
    let depth = |pointer: &&String| pointer.matches('/').count();
    let mut deepest_first: Vec<&String> = lists.iter().collect();
    deepest_first.sort_by_key(|pointer| std::cmp::Reverse(depth(pointer)));
    for pointer in deepest_first {
        if let Some(Value::Array(list)) = value.pointer_mut(pointer) {
            list.sort_by_cached_key(canonical);
        }
    }
}

/// JSON without blanks, keys sorted: equal for equal values, whatever order their keys came in.
pub(super) fn canonical(value: &Value) -> String {
    let mut sorted = value.clone();
    sorted.sort_all_objects();
    sorted.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_rounded_digit_by_digit_and_written_with_all_its_decimals() {
        for (text, decimals, expected) in [
            ("1", 2, "1.00"),
            ("1.005", 2, "1.01"),
            ("-1.005", 2, "-1.01"),
            ("2.675", 2, "2.68"),
            ("-0.001", 2, "0.00"),
            ("9.995", 2, "10.00"),
            ("1e3", 1, "1000.0"),
            ("15e-1", 0, "2"),
            ("9007199254740993.4", 0, "9007199254740993"),
            ("1e-4000", 3, "0.000"),
        ] {
            let number = rounded(&text.parse().unwrap(), decimals).unwrap();
            assert_eq!(number.as_str(), expected, "{text}");
        }
    }

    #[test]
    fn a_number_that_would_fill_the_memory_stays() {
        for text in ["1e999999999", "1e-99999999999999999999", &"1".repeat(LONGEST + 1)] {
            assert_eq!(rounded(&Number::from_string_unchecked(text.to_owned()), 2), None, "{text}");
        }
    }

    #[test]
    fn lists_in_lists_are_sorted_from_within() {
        let mut value: Value = serde_json::from_str(r#"{"a":[[3,1],[2,1]],"b":[2,1]}"#).unwrap();
        let found = lists(&value, &Path::parse("$.a").unwrap());
        let inner = lists(&value, &Path::parse("$.a[*]").unwrap());
        sort(&mut value, &found.into_iter().chain(inner).collect());
        assert_eq!(value.to_string(), r#"{"a":[[1,2],[1,3]],"b":[2,1]}"#);
    }

    #[test]
    fn the_order_of_keys_does_not_change_the_order_of_a_list() {
        let sorted = |text: &str| {
            let mut value: Value = serde_json::from_str(text).unwrap();
            sort(&mut value, &BTreeSet::from([String::new()]));
            value.to_string()
        };
        assert_eq!(sorted(r#"[{"b":1,"a":2},{"a":1}]"#), r#"[{"a":1},{"b":1,"a":2}]"#);
        assert_eq!(sorted(r#"[{"a":1},{"a":2,"b":1}]"#), r#"[{"a":1},{"a":2,"b":1}]"#);
    }
}
