//! The nonces that servers gave for DPoP proofs (RFC 9449, sections 8 and 9): the newest of each
//! origin is used until there is a newer one, by the environment that it was given to.

use std::collections::BTreeMap;

use url::Url;

/// The newest nonce of every server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nonces(BTreeMap<(String, String), String>);

impl Nonces {
    /// The nonce for a request to this URL.
    pub(super) fn of(&self, environment: &str, url: &Url) -> Option<&str> {
        self.0.get(&key(environment, url)).map(String::as_str)
    }

    /// Notes what an answer from this URL gave.
    pub(super) fn note(&mut self, environment: &str, url: &Url, nonce: &str) {
        self.0.insert(key(environment, url), nonce.to_owned());
    }

    /// Takes over what others were given.
    pub(super) fn learn(&mut self, others: Self) {
        self.0.extend(others.0);
    }
}

fn key(environment: &str, url: &Url) -> (String, String) {
    (environment.to_owned(), url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_for_its_own_server_and_its_own_environment() {
        let [token, greeting, other] =
            ["https://a.example/token", "https://a.example:443/greeting?x=1", "https://b.example/token"]
                .map(|url| Url::parse(url).unwrap());
        let mut nonces = Nonces::default();
        nonces.note("e", &token, "1");
        let mut newer = Nonces::default();
        newer.note("e", &greeting, "2");
        nonces.learn(newer);
        assert_eq!(nonces.of("e", &token), Some("2"));
        assert_eq!(nonces.of("e", &other), None);
        assert_eq!(nonces.of("another", &token), None);
    }
}
