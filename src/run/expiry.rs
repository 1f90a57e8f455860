//! When a token has to be fetched again: shortly before it expires, as the answer that brought it
//! says, or when a server says that it did.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::journey::Legacy;
use crate::limits;
use crate::message::Answer;

/// How long a token of this answer lives: its `expires_in`, in seconds, as captured or as the body
/// says it (RFC 6749, section 5.1).
pub(super) fn lifetime(legacy: &Legacy) -> Option<Duration> {
    const NAME: &str = "expires_in";
    let captured = legacy.captures.get(NAME).map(|captured| captured.value.clone());
    let in_body = || crate::json::parse(&legacy.answer.as_ref()?.body).ok()?.get(NAME).cloned();
    let seconds = match captured.or_else(in_body)? {
        Value::Number(number) => number.as_u64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    Some(Duration::from_secs(seconds))
}

/// Until when a token is used that came now and lives so long: a little less, since the request that
/// carries it has to arrive first.
pub(super) fn fresh_until(lifetime: Duration, now: Instant) -> Option<Instant> {
    let margin = (lifetime / 10).min(limits::TOKEN_MARGIN);
    now.checked_add(lifetime.saturating_sub(margin))
}

/// Whether an answer says that the token it was asked with has expired (RFC 6750, section 3.1:
/// `invalid_token`), and not merely that something else is not allowed.
pub(super) fn says_expired(answer: &Answer) -> bool {
    if answer.status != 401 {
        return false;
    }
    let challenge = answer.headers.all("www-authenticate").any(|challenge| {
        let challenge = challenge.to_ascii_lowercase().replace(['"', ' '], "");
        challenge.contains("error=invalid_token")
    });
    challenge || error_of(answer).is_some_and(|error| NAMES.contains(&error.to_ascii_lowercase().as_str()))
}

/// What servers call a token that they do not take any more, beside RFC 6750's word.
const NAMES: [&str; 5] =
    ["invalid_token", "token_expired", "expired_token", "access_token_expired", "expired_access_token"];

/// What the body of an OAuth error calls it.
fn error_of(answer: &Answer) -> Option<String> {
    let body = crate::json::parse(&answer.body).ok()?;
    Some(body.get("error")?.as_str()?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::Headers;

    fn answer(status: u16, challenge: &str, body: &str) -> Answer {
        let headers: Headers = [("www-authenticate", challenge)].into_iter().collect();
        Answer { status, version: "HTTP/1.1".into(), headers, body: body.to_owned().into() }
    }

    #[test]
    fn only_an_answer_that_names_the_token_as_the_reason_asks_for_a_new_one() {
        let expired = [
            answer(401, "Bearer realm=\"x\", error=\"invalid_token\"", ""),
            answer(401, "", r#"{"error": "invalid_token"}"#),
            answer(401, "", r#"{"error": "token_expired"}"#),
        ];
        assert!(expired.iter().all(says_expired));
        let others = [
            answer(401, "Bearer", ""),
            answer(401, "Bearer error=\"insufficient_scope\"", r#"{"error": "invalid_client"}"#),
            answer(403, "Bearer error=\"invalid_token\"", ""),
            answer(401, "", "invalid_token"),
            answer(401, "", r#"{"error": "certificate_expired"}"#),
        ];
        assert!(!others.iter().any(says_expired));
    }

    #[test]
    fn a_token_is_given_up_a_tenth_of_its_life_early_and_at_most_half_a_minute() {
        let now = Instant::now();
        let until = |seconds| fresh_until(Duration::from_secs(seconds), now).unwrap() - now;
        assert_eq!(until(0), Duration::ZERO);
        assert_eq!(until(10), Duration::from_secs(9));
        assert_eq!(until(3600), Duration::from_secs(3570));
        assert_eq!(fresh_until(Duration::MAX, now), None, "for ever");
    }
}
