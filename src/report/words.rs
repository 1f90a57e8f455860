//! Counts, times and names as people write them, the same in every report for people.

use std::time::Duration;

use super::event::Summary;

/// `6 ms`, `1.2 s`, `3 min 20 s`
pub(super) fn time(duration: Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        0..1000 => format!("{ms} ms"),
        1000..100_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        _ => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1000),
    }
}

/// The same with tenths below ten milliseconds: `0.3 ms`
pub(super) fn fine(duration: Duration) -> String {
    match duration.as_micros() {
        micros @ 0..10_000 => format!("{}.{} ms", micros / 1000, micros % 1000 / 100),
        _ => time(duration),
    }
}

/// `1 request`, `2 requests`
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `1 passed, 1 failed, 2 skipped`
pub(super) fn tally(summary: &Summary) -> String {
    let errors = if summary.errors == 1 { "error" } else { "errors" };
    let parts = [
        (summary.passed, "passed"),
        (summary.failed, "failed"),
        (summary.errors, errors),
        (summary.skipped, "skipped"),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| format!("{number} {word}"))
        .collect();
    let flaky = if summary.flaky > 0 { format!(" ({} flaky)", summary.flaky) } else { String::new() };
    if parts.is_empty() { "nothing ran".to_owned() } else { parts.join(", ") + &flaky }
}

/// A name as a shell takes it.
pub fn quoted(name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./@".contains(letter);
    if !name.is_empty() && name.chars().all(plain) {
        name.to_owned()
    } else {
        format!("'{}'", name.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_and_never_round_up_to_the_next_unit() {
        let table = [
            (0, "0 ms"),
            (999, "999 ms"),
            (1000, "1.0 s"),
            (1999, "1.9 s"),
            (99_999, "99.9 s"),
            (100_000, "1 min 40 s"),
            (600_000, "10 min 0 s"),
        ];
        for (ms, text) in table {
            assert_eq!(time(Duration::from_millis(ms)), text);
        }
    }

    #[test]
    fn a_command_to_copy_survives_the_shell() {
        assert_eq!(quoted("showcase/greeting"), "showcase/greeting");
        assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
    }
}
