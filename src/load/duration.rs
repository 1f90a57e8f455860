//! Durations as people write them: `250ms`, `10s`, `1m`.

use std::time::Duration;

use super::reader::{Reader, is_template};
use super::yaml::{Node, Value};
use crate::limits::LONGEST_TIMEOUT;

const FORM: &str = "a duration like `250ms`, `10s` or `1m`";

/// Reads a duration between 1 ms and the longest timeout.
pub(super) fn duration(reader: &mut Reader, node: &Node, subject: &str) -> Option<Duration> {
    let help = match &node.value {
        Value::Number(number) if number.as_f64().is_some_and(|seconds| seconds > 0.0) => {
            format!("write `{number}s` for seconds, `{number}ms` for milliseconds")
        }
        Value::Text(text) if is_template(text) => "a duration can't be a template".to_owned(),
        _ => String::new(),
    };
    let Some(found) = node.as_text().and_then(parse) else {
        reader.wrong(node, subject, FORM, &help);
        return None;
    };
    if found < Duration::from_millis(1) || found > LONGEST_TIMEOUT {
        let label = if found > LONGEST_TIMEOUT { "too long" } else { "too short" };
        reader.unusable(node, format!("{subject} must be between `1ms` and `10m`"), label, "");
        return None;
    }
    Some(found)
}

/// The duration that a text says, however long.
pub fn parse(text: &str) -> Option<Duration> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return None,
    };
    if number.is_empty() {
        return None;
    }
    // A number beyond 64 bits is a duration all the same, only too long.
    let milliseconds = number.parse::<u64>().unwrap_or(u64::MAX).saturating_mul(unit);
    Some(Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_whole_number_with_a_unit() {
        assert_eq!(parse("250ms"), Some(Duration::from_millis(250)));
        assert_eq!(parse("10s"), Some(Duration::from_secs(10)));
        assert_eq!(parse("1m"), Some(Duration::from_mins(1)));
        assert_eq!(parse("99999999999999999999999s"), Some(Duration::from_millis(u64::MAX)));
        for text in ["", "s", "10", "1h", "-1s", "1.5s", "10 s", "10S", "fast"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
