//! What a plain scalar means: YAML 1.2's core schema with everything surprising taken out.
//!
//! A number is what JSON could write as one, kept in its spelling. `0123`, `0x1F`, `1_000`,
//! `12:30`, `+1`, `no` and `on` are text: account numbers and codes must reach the bank as they
//! were written.

use serde_json::Number;

use super::Value;

/// The value of an unquoted scalar; `None` for `.nan` and `.inf`, which JSON cannot carry.
pub(super) fn plain(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ if is_not_finite(text) => None,
        _ => Some(number(text).map_or_else(|| Value::Text(text.to_owned()), Value::Number)),
    }
}

/// The number that JSON would read, with every digit.
fn number(text: &str) -> Option<Number> {
    let begins = text.starts_with(|first: char| first == '-' || first.is_ascii_digit());
    if !begins || !text.ends_with(|last: char| last.is_ascii_digit()) {
        return None;
    }
    let valid = serde_json::from_str::<Number>(text).is_ok();
    // Parsing would rewrite the exponent of `1e3`.
    valid.then(|| Number::from_string_unchecked(text.to_owned()))
}

fn is_not_finite(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_numbers_and_codes_are_never_changed_by_being_read_as_numbers() {
        for text in [
            "0123",
            "0o17",
            "0x1F",
            "1_000",
            "12:30",
            "12:30:45",
            "+1",
            ".5",
            "1.",
            "no",
            "on",
            "yes",
            "y",
            "True",
            "1e",
            "--1",
            "-",
            "2024-01-01",
            "1,000",
            "01",
            "-01",
            "1.2.3",
            "１２",
        ] {
            assert!(matches!(plain(text), Some(Value::Text(kept)) if kept == text), "{text}");
        }
    }

    #[test]
    fn a_number_keeps_every_digit_and_its_spelling() {
        for text in [
            "0",
            "-0",
            "1.10",
            "1e3",
            "1E+3",
            "-1.50e-7",
            "12345678901234567890123456789",
            "0.1234567890123456789012345678901234567890",
            "1e400",
        ] {
            assert!(matches!(plain(text), Some(Value::Number(kept)) if kept.to_string() == text), "{text}");
        }
    }

    #[test]
    fn what_json_cannot_carry_is_no_value() {
        for text in [".nan", ".NaN", ".inf", "-.inf", "+.INF"] {
            assert!(plain(text).is_none(), "{text}");
        }
    }
}
