//! Whether a key and its certificate can do what they are configured for, without a byte on the
//! network: banks answer a wrong pair with an alert that says nothing.

use chrono::{DateTime, Utc};

use crate::keys::{Certificate, KeyKind, PrivateKey};
use crate::limits;

use super::fitness::fitness;
use super::problem::Problem;

/// A certificate that expires sooner than this is worth a word.
const SOON: i64 = 14;

/// What the pair is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To identify the client in TLS.
    Tls,
    /// To sign requests.
    Signing,
}

/// As the rest of a sentence that begins with a certificate.
impl std::fmt::Display for Purpose {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Tls => "identify a client",
            Self::Signing => "sign requests",
        })
    }
}

/// A key and the certificates of its file, the first of which should be the key's.
pub struct Pair<'a> {
    /// The private key.
    pub key: &'a PrivateKey,
    /// How the key's file is called.
    pub key_file: &'a str,
    /// The certificate and its chain.
    pub chain: &'a [Certificate],
    /// How the certificates' file is called.
    pub certificate_file: &'a str,
}

/// Everything worth saying about a pair at the moment `now`, the worst first. Without a purpose,
/// nothing is said against a use that nobody named.
pub fn check(pair: &Pair<'_>, purpose: Option<Purpose>, now: DateTime<Utc>) -> Vec<Problem> {
    let file = || pair.certificate_file.to_owned();
    let Some(first) = pair.chain.first() else { return vec![Problem::NoCertificate { file: file() }] };
    let own = pair.chain.iter().position(|certificate| certificate.public_key() == pair.key.public());
    let certificate = own.map_or(first, |place| &pair.chain[place]);
    let mut problems = Vec::new();
    match own {
        Some(0) => {}
        Some(place) => problems.push(Problem::NotFirst { file: file(), place: place + 1 }),
        None => problems.push(Problem::Mismatch {
            key_file: pair.key_file.to_owned(),
            key: pair.key.public().fingerprint(),
            certificate_file: file(),
            certificate: first.public_key().fingerprint(),
        }),
    }
    problems.extend(validity(certificate, pair.certificate_file, now));
    if let KeyKind::Rsa(bits) = pair.key.kind()
        && bits < limits::RSA_BITS
    {
        problems.push(Problem::SmallKey { file: pair.key_file.to_owned(), bits });
    }
    problems.extend(fitness(certificate, pair.certificate_file, purpose));
    problems.sort_by_key(|problem| std::cmp::Reverse(problem.level()));
    problems
}

/// What there is to say about the dates of a certificate at the moment `now`.
pub fn validity(certificate: &Certificate, file: &str, now: DateTime<Utc>) -> Option<Problem> {
    let file = file.to_owned();
    let (from, at) = (certificate.not_before(), certificate.not_after());
    let days = (at - now).num_days();
    if now < from {
        Some(Problem::NotYetValid { file, from })
    } else if now > at {
        Some(Problem::Expired { file, at, days: -days })
    } else if days < SOON {
        Some(Problem::ExpiresSoon { file, at, days })
    } else {
        None
    }
}
