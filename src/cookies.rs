//! The cookies that a party was given (RFC 6265): which of them belong to a URL, as the run believes
//! the time is.

use std::fmt;
use std::time::Instant;

use chrono::{DateTime, Utc};
use cookie_store::Cookie;
use url::Url;

use crate::limits;
use crate::message::Headers;

/// Cookies, in the order in which they were first given.
#[derive(Clone, Default)]
pub struct Jar(Vec<Kept>);

#[derive(Clone)]
struct Kept {
    cookie: Cookie<'static>,
    /// In seconds since 1970; `None`: with the run.
    ends: Option<i64>,
    /// When it was given: of two jars, the newer cookie counts.
    given: Instant,
}

impl Jar {
    /// Takes what an answer from this URL gives. A cookie for another domain is not taken, one
    /// that has ended takes back the one that it replaces.
    pub fn learn(&mut self, url: &Url, headers: &Headers, now: DateTime<Utc>) {
        for written in headers.all("set-cookie") {
            if let Ok(cookie) = Cookie::parse(written.to_owned(), url) {
                let ends = ends(&cookie, now);
                self.put(Kept { cookie, ends, given: Instant::now() });
            }
        }
    }

    /// Takes over what another jar holds and knows of later. One that has ended is kept too: another
    /// jar may still hold what it took back.
    pub fn take_over(&mut self, other: &Self) {
        other.0.iter().cloned().for_each(|kept| self.put(kept));
    }

    /// Names and values for a request to this URL, those of longer paths first (RFC 6265, section
    /// 5.4).
    pub fn of(&self, url: &Url, now: DateTime<Utc>) -> Vec<(String, String)> {
        let belongs = |kept: &&Kept| !kept.has_ended(now) && kept.cookie.matches(url);
        let mut found: Vec<&Cookie<'_>> = self.0.iter().filter(belongs).map(|kept| &kept.cookie).collect();
        found.sort_by_key(|cookie| std::cmp::Reverse(String::from(&cookie.path).len()));
        found.into_iter().map(|cookie| (cookie.name().to_owned(), cookie.value().to_owned())).collect()
    }

    /// A cookie of the same name, domain and path is replaced in its place.
    fn put(&mut self, new: Kept) {
        let same = |kept: &&mut Kept| {
            let (old, new) = (&kept.cookie, &new.cookie);
            old.name() == new.name() && old.domain == new.domain && old.path == new.path
        };
        match self.0.iter_mut().find(same) {
            Some(kept) if kept.given > new.given => {}
            Some(kept) => *kept = new,
            None => self.0.push(new),
        }
        let surplus = self.0.len().saturating_sub(limits::COOKIES);
        self.0.drain(..surplus);
    }
}

impl Kept {
    fn has_ended(&self, now: DateTime<Utc>) -> bool {
        self.ends.is_some_and(|ends| ends <= now.timestamp())
    }
}

/// When a cookie ends: after its age, else at its date (RFC 6265, section 5.3). What the crate
/// makes of an age is counted from the machine's time, not from the run's.
fn ends(cookie: &Cookie<'_>, now: DateTime<Utc>) -> Option<i64> {
    match (cookie.max_age(), cookie.expires_datetime()) {
        (Some(age), _) => Some(now.timestamp().saturating_add(age.whole_seconds())),
        (None, Some(date)) => Some(date.unix_timestamp()),
        (None, None) => None,
    }
}

/// Values are secrets.
impl fmt::Debug for Jar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.iter().map(|kept| kept.cookie.name())).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::parse_http_date;

    fn jar(url: &str, cookies: &[&str]) -> Jar {
        let mut jar = Jar::default();
        let headers: Headers = cookies.iter().map(|cookie| ("Set-Cookie", *cookie)).collect();
        jar.learn(&url.parse().unwrap(), &headers, now());
        jar
    }

    fn now() -> DateTime<Utc> {
        parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap()
    }

    fn sent(jar: &Jar, url: &str) -> String {
        let pairs = jar.of(&url.parse().unwrap(), now());
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn a_cookie_goes_where_its_domain_path_and_transport_allow() {
        let jar = jar(
            "https://api.bank.example/v1/login",
            &[
                "own=1",
                "all=2; Path=/",
                "wide=3; Domain=bank.example; Path=/; HttpOnly",
                "safe=4; Secure; Path=/",
                "foreign=5; Domain=evil.example",
                "sibling=6; Domain=www.bank.example",
            ],
        );
        assert_eq!(sent(&jar, "https://api.bank.example/v1/accounts"), "own=1; all=2; wide=3; safe=4");
        assert_eq!(sent(&jar, "https://api.bank.example/v2"), "all=2; wide=3; safe=4");
        assert_eq!(sent(&jar, "http://api.bank.example/v2"), "all=2; wide=3");
        assert_eq!(sent(&jar, "https://www.bank.example/"), "wide=3");
        assert_eq!(sent(&jar, "https://notbank.example/"), "");
        assert_eq!(sent(&jar, "https://evil.example/"), "");
    }

    #[test]
    fn a_cookie_ends_when_the_run_believes_that_it_does() {
        let url = "https://bank.example/";
        let given = jar(
            url,
            &[
                "past=1; Expires=Sun, 06 Nov 1994 08:49:37 GMT",
                "soon=2; Expires=Sun, 06 Nov 1994 08:49:38 GMT",
                "aged=3; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT",
                "gone=4; Max-Age=0",
            ],
        );
        assert_eq!(sent(&given, url), "soon=2; aged=3");
        let later = now() + chrono::TimeDelta::seconds(60);
        assert_eq!(given.of(&url.parse().unwrap(), later), []);
    }

    #[test]
    fn a_newer_cookie_replaces_the_older_and_an_ended_one_takes_it_back() {
        let url = "https://bank.example/";
        let mut first = jar(url, &["a=1", "b=1"]);
        first.take_over(&jar(url, &["a=2", "c=3"]));
        assert_eq!(sent(&first, url), "a=2; b=1; c=3");
        let headers: Headers = [("set-cookie", "a=; Max-Age=0")].into_iter().collect();
        first.learn(&url.parse().unwrap(), &headers, now());
        assert_eq!(sent(&first, url), "b=1; c=3");
    }

    #[test]
    fn values_are_not_shown_by_accident() {
        assert_eq!(format!("{:?}", jar("https://bank.example/", &["session=s3cret"])), "[\"session\"]");
    }
}
