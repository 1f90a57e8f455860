//! How a profile writes the moment of signing.
//!
//! Always UTC and English: a signature must not depend on where the machine stands.

use std::borrow::Cow;
use std::fmt;

use chrono::format::{Item, StrftimeItems};
use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::clock;

/// The form of a date.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DateFormat {
    /// `http`: IMF-fixdate, `Tue, 21 Nov 2023 08:09:05 GMT`.
    #[default]
    Http,
    /// `rfc3339`: `2023-11-21T08:09:05Z`.
    Rfc3339,
    /// `unix`: seconds since 1970.
    Unix,
    /// `unix_ms`: milliseconds since 1970.
    UnixMs,
    /// A pattern with `%`, as `strftime` reads it.
    Pattern(String),
}

impl DateFormat {
    /// The moment in this form.
    pub fn write(&self, moment: DateTime<Utc>) -> String {
        match self {
            Self::Http => clock::http_date(moment),
            Self::Rfc3339 => moment.to_rfc3339_opts(SecondsFormat::Secs, true),
            Self::Unix => moment.timestamp().to_string(),
            Self::UnixMs => moment.timestamp_millis().to_string(),
            Self::Pattern(pattern) => moment.format(pattern).to_string(),
        }
    }
}

impl DateFormat {
    /// The moment that a text in this form names.
    pub fn read(&self, text: &str) -> Option<DateTime<Utc>> {
        match self {
            Self::Http => clock::parse_http_date(text),
            Self::Rfc3339 => DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc()),
            Self::Unix => DateTime::from_timestamp(text.parse().ok()?, 0),
            Self::UnixMs => DateTime::from_timestamp_millis(text.parse().ok()?),
            Self::Pattern(pattern) => {
                let with_offset = DateTime::parse_from_str(text, pattern).map(|moment| moment.to_utc());
                with_offset
                    .or_else(|_| NaiveDateTime::parse_from_str(text, pattern).map(|it| it.and_utc()))
                    .ok()
            }
        }
    }
}

impl TryFrom<String> for DateFormat {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        match written.as_str() {
            "http" => Ok(Self::Http),
            "rfc3339" => Ok(Self::Rfc3339),
            "unix" => Ok(Self::Unix),
            "unix_ms" => Ok(Self::UnixMs),
            pattern if pattern.contains('%') => {
                if StrftimeItems::new(pattern).any(|item| item == Item::Error) {
                    return Err(format!("`{pattern}` has a `%` that means nothing"));
                }
                Ok(Self::Pattern(written))
            }
            _ => {
                Err(format!("`{written}` is not `http`, `rfc3339`, `unix`, `unix_ms` or a pattern with `%`"))
            }
        }
    }
}

impl From<DateFormat> for String {
    fn from(format: DateFormat) -> Self {
        format.to_string()
    }
}

impl fmt::Display for DateFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Http => "http",
            Self::Rfc3339 => "rfc3339",
            Self::Unix => "unix",
            Self::UnixMs => "unix_ms",
            Self::Pattern(pattern) => pattern,
        })
    }
}

impl schemars::JsonSchema for DateFormat {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "DateFormat".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": "string", "pattern": "^(http|rfc3339|unix|unix_ms)$|%"})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_the_form_that_the_profile_names() {
        let moment = DateTime::from_timestamp(1_700_554_145, 0).unwrap();
        for (format, written) in [
            ("http", "Tue, 21 Nov 2023 08:09:05 GMT"),
            ("rfc3339", "2023-11-21T08:09:05Z"),
            ("unix", "1700554145"),
            ("unix_ms", "1700554145000"),
            ("%Y%m%dT%H%M%SZ", "20231121T080905Z"),
        ] {
            let format = DateFormat::try_from(format.to_owned()).unwrap();
            assert_eq!(format.write(moment), written);
            assert_eq!(format.read(written), Some(moment));
            assert_eq!(format.read("yesterday"), None);
        }
        for wrong in ["iso", "", "%Q"] {
            assert!(DateFormat::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }
}
