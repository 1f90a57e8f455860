//! The access tokens that were given out.
//!
//! Only a hash of a token is kept: whoever could read the sandbox's memory or a dump of it would
//! still have none, and the look-up takes the same time for every wrong token.

use std::collections::{HashMap, VecDeque};

use aws_lc_rs::{constant_time, digest, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};

/// How long a token is good for, in seconds.
pub(super) const LIFE: i64 = 905;
/// Most tokens that are good at the same time; the oldest end first.
const MOST: usize = 10_000;

type Fingerprint = [u8; 32];

/// The tokens that are good.
#[derive(Default)]
pub(super) struct Tokens {
    grants: HashMap<Fingerprint, Grant>,
    order: VecDeque<Fingerprint>,
}

struct Grant {
    client: String,
    scopes: Vec<&'static str>,
    expires: DateTime<Utc>,
}

impl Tokens {
    /// A new token of 256 random bits.
    pub(super) fn issue(&mut self, client: &str, scopes: Vec<&'static str>, now: DateTime<Utc>) -> String {
        let mut bits = [0; 32];
        rand::fill(&mut bits).expect("the operating system's generator does not fail once seeded");
        let token = URL_SAFE_NO_PAD.encode(bits);
        let fingerprint = fingerprint(&token);
        while self.order.len() >= MOST {
            self.order.pop_front().and_then(|oldest| self.grants.remove(&oldest));
        }
        let expires = now + TimeDelta::seconds(LIFE);
        self.grants.insert(fingerprint, Grant { client: client.to_owned(), scopes, expires });
        self.order.push_back(fingerprint);
        token
    }

    /// Whether the token lets this client do that: `Err` says why not.
    pub(super) fn check(
        &self,
        token: &str,
        client: &str,
        scope: &str,
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let presented = fingerprint(token);
        let (_, grant) = self
            .grants
            .get_key_value(&presented)
            .filter(|(known, _)| constant_time::verify_slices_are_equal(*known, &presented).is_ok())
            .ok_or("the access token was not given out by this sandbox since it was started")?;
        if grant.client != client {
            return Err("the access token was given to another client".into());
        }
        if now >= grant.expires {
            let late = (now - grant.expires).num_seconds();
            return Err(format!("the access token expired {late} seconds ago; it was good for {LIFE}"));
        }
        if !grant.scopes.contains(&scope) {
            let scopes = grant.scopes.join(" ");
            return Err(format!("the access token's scope is `{scopes}`, this needs `{scope}`"));
        }
        Ok(())
    }
}

fn fingerprint(token: &str) -> Fingerprint {
    let digest = digest::digest(&digest::SHA256, token.as_bytes());
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> DateTime<Utc> {
        DateTime::from_timestamp(1_700_000_000, 0).unwrap()
    }

    #[test]
    fn a_token_works_for_its_client_and_scope_until_it_expires() {
        let mut tokens = Tokens::default();
        let token = tokens.issue("shop", vec!["greetings:view"], start());
        let check = |client, scope, seconds| {
            tokens.check(&token, client, scope, start() + TimeDelta::seconds(seconds))
        };
        assert_eq!(check("shop", "greetings:view", LIFE - 1), Ok(()));
        assert!(check("shop", "greetings:view", LIFE).unwrap_err().contains("expired 0 seconds ago"));
        assert!(check("thief", "greetings:view", 0).unwrap_err().contains("another client"));
        assert!(check("shop", "payments", 0).unwrap_err().contains("needs `payments`"));
        assert!(tokens.check("", "shop", "greetings:view", start()).unwrap_err().contains("not given out"));
    }

    #[test]
    fn tokens_have_256_bits_and_no_two_are_alike() {
        let mut tokens = Tokens::default();
        let first = tokens.issue("shop", Vec::new(), start());
        assert_eq!(URL_SAFE_NO_PAD.decode(&first).unwrap().len(), 32);
        assert_ne!(first, tokens.issue("shop", Vec::new(), start()));
    }

    #[test]
    fn asking_for_tokens_all_day_takes_a_bounded_amount_of_memory() {
        let mut tokens = Tokens::default();
        for _ in 0..=MOST {
            tokens.issue("shop", Vec::new(), start());
        }
        assert_eq!((tokens.grants.len(), tokens.order.len()), (MOST, MOST));
    }
}
