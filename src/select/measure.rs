//! Comparing by size: numbers digit by digit, dates as moments.

use std::cmp::Ordering;

use bigdecimal::BigDecimal;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use serde_json::Value;

use crate::clock;

/// Most decimal places between the digits of two numbers that are compared: beyond it, their
/// difference would take more memory than a test is worth.
const SPAN: u64 = 4096;

/// A number as it is spelled, without rounding; `None` when it is none, or out of all bounds.
pub(super) fn number(value: &Value) -> Option<BigDecimal> {
    let Value::Number(number) = value else { return None };
    let text = number.as_str();
    let exponent = text.rsplit_once(['e', 'E']).map_or(Ok(0), |(_, exponent)| exponent.parse::<i64>());
    let bounded = exponent.is_ok_and(|exponent| exponent.unsigned_abs() <= SPAN) && text.len() as u64 <= SPAN;
    bounded.then(|| text.parse().ok()).flatten()
}

/// How a number compares with another.
pub(super) fn compared(value: &Value, with: &Value) -> Option<Ordering> {
    Some(number(value)?.cmp(&number(with)?))
}

/// Whether a number is at most `by` away from `from`.
pub(super) fn near(value: &Value, from: &Value, by: &Value) -> bool {
    match (number(value), number(from), number(by)) {
        (Some(value), Some(from), Some(by)) => (value - from).abs() <= by,
        _ => false,
    }
}

/// A moment: RFC 3339, the date of an HTTP header, or a day, which begins at midnight UTC.
pub(super) fn moment(text: &str) -> Option<DateTime<Utc>> {
    let read = DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc());
    let day = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(day.and_time(NaiveTime::MIN).and_utc())
    };
    read.or_else(|| clock::parse_http_date(text)).or_else(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_compare_by_every_digit_and_never_by_rounding() {
        let table = [
            ("9007199254740993", "9007199254740992", Some(Ordering::Greater)),
            ("1.0", "1", Some(Ordering::Equal)),
            ("-2", "1", Some(Ordering::Less)),
            ("1e400", "1e399", Some(Ordering::Greater)),
            ("1e999999999", "1", None),
            ("\"1\"", "1", None),
        ];
        for (left, right, order) in table {
            assert_eq!(compared(&value(left), &value(right)), order, "{left} and {right}");
        }
        assert!(near(&value("0.3"), &value("0.1"), &value("0.2")));
        assert!(!near(&value("0.30000000000000001"), &value("0.1"), &value("0.2")));
    }

    #[test]
    fn a_date_is_a_moment_in_every_form_that_apis_send() {
        let noon = moment("2023-11-21T12:00:00Z").unwrap();
        assert_eq!(moment("2023-11-21T13:00:00+01:00"), Some(noon));
        assert_eq!(moment("Tue, 21 Nov 2023 12:00:00 GMT"), Some(noon));
        assert!(moment("2023-11-21").unwrap() < noon);
        assert_eq!(moment("yesterday"), None);
    }
}
