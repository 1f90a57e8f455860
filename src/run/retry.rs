//! `retry`: whether an exchange is one to try again, and after how long. Pure: what it needs of
//! time and chance it is given.

use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};

use crate::clock::Ids;
use crate::diag::Code;
use crate::message::{Answer, is_idempotent};
use crate::send::{Exchange, ExchangeError, Fate};
use crate::spec::{Request, Retry, RetryOn};

/// Whether an exchange is one that `retry` tries again. A server may have acted on a request whose
/// answer never came: what must not happen twice is tried again only where the request itself
/// says after what.
pub(super) fn is_due(retry: &Retry, request: &Request, exchange: &Exchange) -> bool {
    let idempotent = is_idempotent(&request.method);
    may_repeat(request) && retry.on().iter().any(|on| meets(*on, exchange, idempotent))
}

/// Whether a request may be sent again: one that does no harm then, or that says itself after what.
pub(super) fn may_repeat(request: &Request) -> bool {
    is_idempotent(&request.method) || request.retry.as_ref().is_some_and(|own| own.on.is_some())
}

fn meets(on: RetryOn, exchange: &Exchange, idempotent: bool) -> bool {
    match (on, &exchange.answer) {
        (RetryOn::Status(pattern), Ok(answer)) => pattern.matches(answer.status),
        (RetryOn::Connect, Err(error)) => is_unconnected(error, idempotent),
        (RetryOn::Timeout, Err(error)) => matches!(error.code, Code::ConnectTimeout | Code::AnswerTimeout),
        (RetryOn::Status(_), Err(_)) | (RetryOn::Connect | RetryOn::Timeout, Ok(_)) => false,
    }
}

/// A connection that broke after the request was sent is one that did not come about only where
/// it does no harm if the server has acted.
fn is_unconnected(error: &ExchangeError, idempotent: bool) -> bool {
    match error.code {
        Code::Resolve | Code::Connect | Code::ConnectTimeout => true,
        Code::Protocol => idempotent || error.fate == Fate::NotSent,
        _ => false,
    }
}

/// How long the server asks to wait: `Retry-After` in seconds or as a date (RFC 9110, section
/// 10.2.3). A date that has passed asks for nothing.
pub(super) fn asked(answer: &Answer, now: DateTime<Utc>) -> Option<Duration> {
    let value = answer.headers.get("retry-after")?.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // More seconds than fit into 64 bits are as good as for ever.
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    let date: SystemTime = httpdate::parse_http_date(value).ok()?;
    Some((DateTime::<Utc>::from(date) - now).to_std().unwrap_or_default())
}

/// How long to wait after the `failed`-th attempt, from 1: as long as the server asks, else
/// exponentially longer each time, and never longer than `max_delay`. Of a delay that nobody asked
/// for, up to half is left to chance, so that many clients do not come back at once.
pub(super) fn delay(retry: &Retry, failed: u32, asked: Option<Duration>, chance: &Ids) -> Duration {
    if let Some(asked) = asked {
        return asked.min(retry.max_delay);
    }
    let factor = retry.backoff.powi(i32::try_from(failed.saturating_sub(1)).unwrap_or(i32::MAX));
    let longest = retry.max_delay.as_secs_f64();
    let whole = (retry.delay.as_secs_f64() * factor).min(longest);
    Duration::from_secs_f64(whole * (0.5 + portion(chance) / 2.0))
}

/// A number from 0 to less than 1.
fn portion(chance: &Ids) -> f64 {
    // The last twelve digits of a UUID of version 4 are random (RFC 9562, section 5.4).
    let drawn = u32::try_from(chance.uuid().as_u128() & u128::from(u32::MAX)).unwrap_or_default();
    f64::from(drawn) / (f64::from(u32::MAX) + 1.0)
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;
    use crate::clock::parse_http_date;

    fn answer(retry_after: &str) -> Answer {
        Answer {
            status: 503,
            version: "HTTP/1.1".into(),
            headers: [("Retry-After", retry_after)].into_iter().collect(),
            body: Bytes::new(),
        }
    }

    #[test]
    fn a_server_says_in_seconds_or_by_any_form_of_date_when_to_come_back() {
        let now = parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let table = [
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("0", Some(0)),
            ("Sun, 06 Nov 1994 08:50:00 GMT", Some(23)),
            ("Sunday, 06-Nov-94 08:50:00 GMT", Some(23)),
            ("Sun Nov  6 08:50:00 1994", Some(23)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("99999999999999999999999999", Some(u64::MAX)),
            ("soon", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
        ];
        for (text, seconds) in table {
            assert_eq!(asked(&answer(text), now), seconds.map(Duration::from_secs), "{text}");
        }
    }

    #[test]
    fn what_the_server_asks_for_is_honoured_to_the_second_and_bounded() {
        let retry = Retry { max_delay: Duration::from_secs(10), ..Retry::USUAL };
        let delay = |asked| delay(&retry, 1, Some(Duration::from_secs(asked)), &Ids::Random);
        assert_eq!(delay(4), Duration::from_secs(4));
        assert_eq!(delay(u64::MAX), Duration::from_secs(10));
    }

    proptest! {
        #[test]
        fn a_delay_lies_between_half_and_whole_of_what_its_attempt_gives_and_below_the_longest(
            first in 1_u64..600_000,
            longest in 1_u64..600_000,
            backoff in 1.0_f64..10.0,
            failed in 1_u32..1000,
            seed: u64,
        ) {
            let (first, longest) = (Duration::from_millis(first), Duration::from_millis(longest));
            let retry = Retry { delay: first, backoff, max_delay: longest, ..Retry::USUAL };
            let wait = delay(&retry, failed, None, &Ids::seeded(seed));
            let exact = first.as_secs_f64() * backoff.powi(i32::try_from(failed).unwrap() - 1);
            let whole = Duration::from_secs_f64(exact.min(longest.as_secs_f64()));
            let rounding = Duration::from_nanos(10);
            prop_assert!(wait <= longest + rounding && wait <= whole + rounding);
            prop_assert!(wait + rounding >= whole / 2);
            prop_assert_eq!(wait, delay(&retry, failed, None, &Ids::seeded(seed)), "a seed fixes it");
        }
    }
}
