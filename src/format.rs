//! Named formats, each as strict as the standard it comes from.
//!
//! `uuid` (RFC 9562), `date-time`, `date`, `time` (RFC 3339), `email` (RFC 5321, dot-string form),
//! `uri` (RFC 3986, absolute), `ipv4`, `ipv6`, `hostname` (RFC 1123). The crates that we have anyway
//! read more than these (a UUID without hyphens, a date with a blank), so each is checked for its
//! shape first.

use std::net::{Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, NaiveDate};

/// A named format and whether a text has it.
#[derive(Debug)]
pub struct Format {
    /// What it is called in a suite.
    pub name: &'static str,
    /// Whether a text has it.
    pub holds: fn(&str) -> bool,
}

/// Every format.
pub const FORMATS: &[Format] = &[
    Format { name: "uuid", holds: is_uuid },
    Format { name: "date-time", holds: is_date_time },
    Format { name: "date", holds: is_date },
    Format { name: "time", holds: is_time },
    Format { name: "email", holds: is_email },
    Format { name: "uri", holds: is_uri },
    Format { name: "ipv4", holds: |text| text.parse::<Ipv4Addr>().is_ok() },
    Format { name: "ipv6", holds: |text| text.parse::<Ipv6Addr>().is_ok() },
    Format { name: "hostname", holds: is_hostname },
];

/// The format with this name.
pub fn named(name: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.name == name)
}

/// Whether `text` has the digits and marks of `shape`, in which `0` stands for a digit.
fn has_shape(text: &str, shape: &str) -> bool {
    let fits = |(byte, shape): (u8, u8)| if shape == b'0' { byte.is_ascii_digit() } else { byte == shape };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

fn is_uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let groups: Vec<&str> = text.split('-').collect();
    groups.len() == lengths.len()
        && groups.iter().zip(lengths).all(|(group, length)| {
            group.len() == length && group.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

fn is_date(text: &str) -> bool {
    has_shape(text, "0000-00-00") && NaiveDate::parse_from_str(text, "%Y-%m-%d").is_ok()
}

fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_at_checked(10) else { return false };
    let Some(time) = time.strip_prefix(['T', 't']) else { return false };
    is_date(date) && has_offset(time) && DateTime::parse_from_rfc3339(text).is_ok()
}

fn is_time(text: &str) -> bool {
    has_offset(text) && DateTime::parse_from_rfc3339(&format!("2000-01-01T{text}")).is_ok()
}

/// `00:00:00`, an optional fraction, and `Z` or an offset: the `full-time` of RFC 3339.
fn has_offset(time: &str) -> bool {
    let Some((clock, rest)) = time.split_at_checked(8) else { return false };
    let rest = match rest.strip_prefix('.') {
        Some(fraction) => {
            let end = fraction.trim_start_matches(|character: char| character.is_ascii_digit());
            if end.len() == fraction.len() {
                return false;
            }
            end
        }
        None => rest,
    };
    let offset = matches!(rest, "Z" | "z") || has_shape(rest, "+00:00") || has_shape(rest, "-00:00");
    has_shape(clock, "00:00:00") && offset
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_atext = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_atext);
    let literal = domain.strip_prefix('[').and_then(|address| address.strip_suffix(']'));
    local.len() <= 64
        && local.split('.').all(is_atom)
        && literal.map_or_else(|| is_hostname(domain), |address| address.parse::<Ipv4Addr>().is_ok())
}

fn is_hostname(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let named = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let mut hex_due = 0_u8;
    let allowed = rest.bytes().all(|byte| {
        if hex_due > 0 {
            hex_due -= 1;
            return byte.is_ascii_hexdigit();
        }
        if byte == b'%' {
            hex_due = 2;
            return true;
        }
        byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=".contains(&byte)
    });
    named && allowed && hex_due == 0 && rest.matches('#').count() <= 1 && url::Url::parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, texts that have the format, texts that have not.
    const TABLE: &[(&str, &[&str], &[&str])] = &[
        (
            "uuid",
            &["e77d776b-90af-4684-bebc-521e5b2614dd", "E77D776B-90AF-4684-BEBC-521E5B2614DD"],
            &[
                "e77d776b90af4684bebc521e5b2614dd",
                "{e77d776b-90af-4684-bebc-521e5b2614dd}",
                "",
                "e77d776b-90af-4684-bebc-521e5b2614dg",
            ],
        ),
        (
            "date-time",
            &["2026-11-23T14:02:00Z", "2026-11-23t14:02:00.123456+01:00", "2016-12-31T23:59:60Z"],
            &[
                "2026-11-23 14:02:00Z",
                "2026-11-23T14:02:00",
                "2026-02-30T00:00:00Z",
                "2026-11-23",
                "2026-11-23T14:02Z",
                "2026-11-23T14:02:00.Z",
                "é",
            ],
        ),
        ("date", &["2024-02-29"], &["2023-02-29", "2024-2-29", "24-02-29", "2024-02-29T"]),
        ("time", &["14:02:00Z", "14:02:00.5-05:00"], &["14:02", "25:00:00Z", "14:02:00"]),
        (
            "email",
            &["a.b+c@ing.example", "a@[127.0.0.1]"],
            &["a", "@b", "a@", ".a@b", "a b@c", "a@b@c", "a@-b"],
        ),
        (
            "uri",
            &["https://ing.example/a?b=c#d", "urn:isbn:0451450523", "https://[::1]:8443/%20", "mailto:a@b"],
            &[
                "/a",
                "https://ing.example/a b",
                "https://ing.example/%2",
                "1a:b",
                "https://é.example",
                "a b:c",
                "https://",
            ],
        ),
        ("ipv4", &["127.0.0.1"], &["127.0.0.01", "127.0.0", "256.0.0.1"]),
        ("ipv6", &["::1", "2001:db8::8a2e:370:7334"], &["[::1]", "1::2::3", "127.0.0.1"]),
        ("hostname", &["ing.example", "a", "1-2.x"], &["", "-a", "a-", "a..b", "a_b", "a.", "é"]),
    ];

    #[test]
    fn a_format_takes_what_its_standard_takes_and_nothing_else() {
        assert_eq!(TABLE.len(), FORMATS.len());
        for (name, good, bad) in TABLE {
            let holds = named(name).unwrap().holds;
            for text in *good {
                assert!(holds(text), "{name}: {text}");
            }
            for text in *bad {
                assert!(!holds(text), "{name}: {text}");
            }
        }
    }
}
