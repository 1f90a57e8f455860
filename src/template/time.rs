//! `now(format, offset)`: a moment as text.

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::error::{Failure, THIS};

/// `moment` as RFC 3339 in UTC and whole seconds, or as `format` (strftime) says, after `offset`
/// (`-1h`, `+2d`, `1h30m`) is added.
pub(super) fn now(
    moment: DateTime<Utc>,
    format: Option<&str>,
    offset: Option<&str>,
) -> Result<String, Failure> {
    let moment = match offset {
        Some(offset) => shifted(moment, offset)?,
        None => moment,
    };
    match format {
        Some(format) => formatted(moment, format),
        None => Ok(moment.to_rfc3339_opts(SecondsFormat::Secs, true)),
    }
}

fn formatted(moment: DateTime<Utc>, format: &str) -> Result<String, Failure> {
    let items: Vec<Item<'_>> = StrftimeItems::new(format).collect();
    if items.iter().any(|item| matches!(item, Item::Error)) {
        return Err(Failure::new(format!("`{THIS}`: `{format}` is not a strftime format"))
            .help("such as `%Y-%m-%d` or `%Y-%m-%dT%H:%M:%S%.3fZ`"));
    }
    Ok(moment.format_with_items(items.iter()).to_string())
}

fn shifted(moment: DateTime<Utc>, offset: &str) -> Result<DateTime<Utc>, Failure> {
    let wrong = || {
        Failure::new(format!("`{THIS}`: `{offset}` is not an offset"))
            .help("write a sign, a number and a unit (s, m, h, d, w), such as `-1h` or `+2d`")
    };
    let (sign, mut rest) = match offset.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, offset.strip_prefix('+').unwrap_or(offset)),
    };
    if rest.is_empty() {
        return Err(wrong());
    }
    let mut seconds: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, tail) = rest.split_at(digits);
        let unit = match tail.as_bytes()[0] {
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return Err(wrong()),
        };
        let part = number.parse::<i64>().ok().and_then(|number| number.checked_mul(unit));
        seconds = part.and_then(|part| seconds.checked_add(part)).ok_or_else(wrong)?;
        rest = &tail[1..];
    }
    let too_far = || Failure::new(format!("`{THIS}`: `{offset}` leads out of the calendar"));
    let delta = TimeDelta::try_seconds(sign * seconds).ok_or_else(too_far)?;
    moment.checked_add_signed(delta).ok_or_else(too_far)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shifted_and_written_as_asked() {
        let moment = DateTime::from_timestamp(1_700_553_545, 0).unwrap();
        for (format, offset, wanted) in [
            (None, None, "2023-11-21T07:59:05Z"),
            (None, Some("-1h"), "2023-11-21T06:59:05Z"),
            (None, Some("+2d"), "2023-11-23T07:59:05Z"),
            (None, Some("1h30m"), "2023-11-21T09:29:05Z"),
            (Some("%Y-%m-%d"), Some("1w"), "2023-11-28"),
            (Some("%s %%"), None, "1700553545 %"),
        ] {
            assert_eq!(now(moment, format, offset).unwrap(), wanted, "{format:?} {offset:?}");
        }
    }

    #[test]
    fn a_format_or_offset_that_means_nothing_is_refused_instead_of_panicking() {
        let moment = DateTime::from_timestamp(0, 0).unwrap();
        for format in ["%Q", "%", "%Y %"] {
            assert!(now(moment, Some(format), None).is_err(), "{format}");
        }
        for offset in [
            "",
            "-",
            "1",
            "h",
            "1y",
            "1h2",
            "é",
            "99999999999999999999h",
            "9999999999999w",
            "99999999999999s",
        ] {
            assert!(now(moment, None, Some(offset)).is_err(), "{offset}");
        }
    }
}
