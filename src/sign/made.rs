//! When a message says that it was made, so that one recorded last week can be judged by the clock
//! of last week.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, NaiveDateTime, Utc};
use serde_json::Value;

use crate::clock::parse_http_date;
use crate::message::{Headers, Received};

/// When a message says that it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// The moment.
    pub at: DateTime<Utc>,
    /// What says so: a header, or a parameter of the signature.
    pub said_by: String,
}

/// The names under which the headers of a JWS say when it was made.
const CLAIMS: [&str; 3] = ["iat", "sigT", "http://openbanking.org.uk/iat"];

/// Finds the time that the signature is most likely to be judged by: its own, else that of a header.
pub fn made(received: &Received) -> Option<Made> {
    parameter(&received.headers).or_else(|| claim(&received.headers)).or_else(|| header(&received.headers))
}

/// `created` of a signature, `oauth_timestamp` of OAuth 1.0a.
fn parameter(headers: &Headers) -> Option<Made> {
    let carriers = ["signature-input", "signature", "authorization"];
    let pairs = [("created", "created="), ("oauth_timestamp", "oauth_timestamp=")];
    carriers.iter().flat_map(|name| headers.all(name)).find_map(|value| {
        pairs.iter().find_map(|(name, begin)| {
            let (_, rest) = value.split_once(begin)?;
            let rest = rest.trim_start_matches('"');
            let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
            Some(Made { at: unix(&rest[..end])?, said_by: format!("`{name}`") })
        })
    })
}

/// What the header of a JWS says, wherever the JWS is carried.
fn claim(headers: &Headers) -> Option<Made> {
    headers.iter().filter(|(_, value)| value.matches('.').count() == 2).find_map(|(_, value)| {
        let (header, _) = value.split_once('.')?;
        let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        CLAIMS.iter().find_map(|name| {
            let at = match header.get(name)? {
                Value::String(text) => moment(text)?,
                number => unix(&number.to_string())?,
            };
            Some(Made { at, said_by: format!("`{name}`") })
        })
    })
}

/// `Date`, else the first header whose name says that it is one.
fn header(headers: &Headers) -> Option<Made> {
    let is_time = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.ends_with("-date") || name.ends_with("timestamp")
    };
    let others = headers.iter().filter(|(name, _)| is_time(name));
    let date = headers.all("date").map(|value| ("Date", value));
    date.chain(others)
        .find_map(|(name, value)| Some(Made { at: moment(value)?, said_by: format!("`{name}`") }))
}

/// A moment in any of the forms that APIs use.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let basic = || NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok();
    parse_http_date(text)
        .or_else(|| DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc()))
        .or_else(|| basic().map(|moment| moment.and_utc()))
        .or_else(|| unix(text))
}

/// Seconds since 1970, or milliseconds where that many seconds would be far away.
fn unix(text: &str) -> Option<DateTime<Utc>> {
    let number: i64 = text.parse().ok().filter(|_| (9..=13).contains(&text.len()))?;
    if text.len() > 11 {
        DateTime::from_timestamp_millis(number)
    } else {
        DateTime::from_timestamp(number, 0)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::message::Start;

    fn said(fields: &[(&str, &str)]) -> Option<(i64, String)> {
        let headers = fields.iter().copied().collect();
        let start = Start::Answer { status: 200, request: None };
        let made = made(&Received { start, headers, body: Bytes::new() })?;
        Some((made.at.timestamp(), made.said_by))
    }

    #[test]
    fn the_time_of_a_message_is_that_of_its_signature_else_that_of_its_date() {
        let jws = format!("{}..c2ln", URL_SAFE_NO_PAD.encode(r#"{"sigT":"2023-11-14T22:13:20Z"}"#));
        let date = ("Date", "Tue, 14 Nov 2023 22:13:21 GMT");
        for (field, name) in [
            (("Signature-Input", r#"sig1=("@method");created=1700000000;keyid="a""#), "`created`"),
            (("Signature", r#"keyId="a",created=1700000000,signature="c2ln""#), "`created`"),
            (("Authorization", r#"OAuth oauth_nonce="a",oauth_timestamp="1700000000""#), "`oauth_timestamp`"),
            (("X-JWS-Signature", &jws), "`sigT`"),
        ] {
            assert_eq!(said(&[date, field]), Some((1_700_000_000, name.into())));
        }
        assert_eq!(said(&[("X-Date", "1700000000"), date]), Some((1_700_000_001, "`Date`".into())));
        for (name, value) in [
            ("X-Amz-Date", "20231114T221320Z"),
            ("X-Nordea-Originating-Date", "Tue, 14 Nov 2023 22:13:20 GMT"),
            ("X-Timestamp", "1700000000000"),
        ] {
            assert_eq!(said(&[(name, value)]), Some((1_700_000_000, format!("`{name}`"))));
        }
        for nothing in [("Date", "yesterday"), ("X-Date", "12"), ("Signature", "created=x"), ("A", "b.c.d")] {
            assert_eq!(said(&[nothing]), None);
        }
    }
}
