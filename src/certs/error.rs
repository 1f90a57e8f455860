//! Why a certificate could not be made.

use std::fmt;

use crate::keys::KeyError;

use super::LONGEST_VALIDITY;
use chrono::{DateTime, Utc};

/// Why a certificate could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertsError {
    /// A name that can't be the stem of a file.
    Name(String),
    /// A subject that can't be written into a certificate, and why.
    Subject(String),
    /// What is not the identifier of a payment service provider.
    OrganizationIdentifier(String),
    /// What can't be the name of an authority.
    AuthorityName,
    /// What is neither a DNS name nor an address.
    AlternativeName(String),
    /// The certificate of this subject may not sign others.
    NoAuthority(String),
    /// The key of the authority is another one's.
    IssuerKey,
    /// The authority expired.
    IssuerExpired(DateTime<Utc>),
    /// The certificate would be valid longer than the authority that signs it.
    Outlives(DateTime<Utc>),
    /// A validity of so many days.
    Days(u32),
    /// A moment that a certificate can't name.
    Moment,
    /// The key.
    Key(KeyError),
    /// The key is too small to sign a certificate, in bits.
    SmallKey(usize),
    /// The library that encodes certificates refused.
    Encoding,
}

impl fmt::Display for CertsError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(
                formatter,
                "`{}` can't name the files: use up to 64 letters, digits, `.`, `_` and `-`, such as `ing_tls`",
                name.escape_debug()
            ),
            Self::Subject(why) => {
                write!(formatter, "{why}; a subject looks like `CN=ing_tls,O=Example,C=NL`")
            }
            Self::OrganizationIdentifier(id) => write!(
                formatter,
                "`{}` is not the identifier of a payment service provider: write it like `PSDES-BDE-3DFD21`, with \
                 country, authority and authorisation number",
                id.escape_debug()
            ),
            Self::AuthorityName => {
                write!(formatter, "the name of the authority takes 1 to 256 characters on one line")
            }
            Self::AlternativeName(name) => write!(
                formatter,
                "`{}` is not a DNS name or address; a certificate is for names such as `api.bank.example` or `127.0.0.1`",
                name.escape_debug()
            ),
            Self::NoAuthority(subject) => write!(
                formatter,
                "`{subject}` may not sign certificates: make a CA with `countersign certs new NAME --ca`"
            ),
            Self::IssuerKey => write!(formatter, "the key of the CA does not belong to its certificate"),
            Self::IssuerExpired(at) => write!(formatter, "the CA expired {}: make a new one", day(at)),
            Self::Outlives(at) => {
                write!(formatter, "the CA that signs expires {}: use fewer `--days`", day(at))
            }
            Self::Days(days) => {
                write!(formatter, "a certificate can't be valid for {days} days: use 1 to {LONGEST_VALIDITY}")
            }
            Self::Moment => {
                write!(formatter, "a certificate can only be valid between the years 1970 and 9999")
            }
            Self::Key(error) => write!(formatter, "{error}"),
            Self::SmallKey(bits) => {
                write!(
                    formatter,
                    "an RSA key of {bits} bits is too small for a certificate: use 2048 or more"
                )
            }
            Self::Encoding => write!(formatter, "the certificate could not be encoded"),
        }
    }
}

fn day(moment: &DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}

impl std::error::Error for CertsError {}

impl From<KeyError> for CertsError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}
