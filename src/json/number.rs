//! Equality of JSON values by what they mean: numbers by their exact decimal value.
//!
//! `1`, `1.0` and `10e-1` are equal and 2^53 and 2^53+1 are not: neither floating point nor the
//! spelling decides.

use serde_json::{Number, Value};

/// Whether two values are equal: numbers by value, lists in order, maps in any order.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Decimal::of(left) == Decimal::of(right),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| equal(left, right)))
        }
        _ => left == right,
    }
}

/// Whether the value of the number is whole, however it is spelled: `1.0` and `1e3` are.
pub fn is_integer(number: &Number) -> bool {
    let decimal = Decimal::of(number);
    decimal.digits.is_empty() || decimal.exponent.is_some_and(|exponent| exponent >= 0)
}

/// A spelling that equal numbers have in common.
pub fn canonical(number: &Number) -> String {
    let Decimal { negative, digits, exponent, spelling } = Decimal::of(number);
    let sign = if negative { "-" } else { "" };
    match (spelling, exponent) {
        (None, Some(exponent)) => format!("{sign}{digits}e{exponent}"),
        (spelling, _) => spelling.unwrap_or_default(),
    }
}

/// `±digits × 10^exponent` without leading and trailing zeros, so that equal values are equal.
#[derive(Debug, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    /// `None` when it does not fit: then two numbers are equal only if spelled alike.
    exponent: Option<i128>,
    /// The spelling, where the exponent does not fit.
    spelling: Option<String>,
}

impl Decimal {
    fn of(number: &Number) -> Self {
        let text = number.as_str();
        let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let (mantissa, power) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let leading = all.trim_start_matches('0');
        let digits = leading.trim_end_matches('0');
        if digits.is_empty() {
            return Self { negative: false, digits: String::new(), exponent: Some(0), spelling: None };
        }
        let zeros = leading.len() - digits.len();
        let shift = |power: i64| i128::from(power) + zeros as i128 - fraction.len() as i128;
        let exponent = power.strip_prefix('+').unwrap_or(power).parse().ok().map(shift);
        let spelling = exponent.is_none().then(|| text.to_owned());
        Self { negative, digits: digits.to_owned(), exponent, spelling }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_equal_by_value_and_never_by_rounding() {
        let table = [
            ("1", "1.0", true),
            ("1", "1e0", true),
            ("100", "1E+2", true),
            ("0.1", "10e-2", true),
            ("0", "-0.0", true),
            ("0", "0e999999999999999999999", true),
            ("9007199254740992", "9007199254740993", false),
            ("0.1", "0.1000000000000000055511151231257827", false),
            ("1e400", "1e401", false),
            ("1e400", "10e399", true),
            ("-1", "1", false),
            ("1e99999999999999999999999", "1e99999999999999999999999", true),
            ("1e99999999999999999999999", "2e99999999999999999999999", false),
        ];
        for (left, right, same) in table {
            let (left_value, right_value) = (Value::Number(number(left)), Value::Number(number(right)));
            assert_eq!(equal(&left_value, &right_value), same, "{left} and {right}");
            assert_eq!(equal(&right_value, &left_value), same, "{right} and {left}");
            assert_eq!(canonical(&number(left)) == canonical(&number(right)), same, "{left} and {right}");
        }
    }

    #[test]
    fn a_whole_number_is_an_integer_however_it_is_spelled() {
        for (text, whole) in [("1", true), ("1.0", true), ("1e3", true), ("15e-1", false), ("0.5", false)] {
            assert_eq!(is_integer(&number(text)), whole, "{text}");
        }
        assert!(is_integer(&number("0.000")) && is_integer(&number("120e-1")));
    }

    #[test]
    fn maps_are_equal_in_any_order_and_lists_in_theirs() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert!(equal(&value(r#"{"a":[1,{"b":2.0}],"c":null}"#), &value(r#"{"c":null,"a":[1.0,{"b":2}]}"#)));
        assert!(!equal(&value("[1,2]"), &value("[2,1]")));
        assert!(!equal(&value(r#"{"a":1}"#), &value(r#"{"a":1,"b":2}"#)));
        assert!(!equal(&value("\"1\""), &value("1")));
    }
}
