//! What can be wrong with a key and its certificate: data first, and the sentence that tells it.

use std::fmt;

use chrono::{DateTime, Utc};

use crate::diag::{Code, Diagnostic};
use crate::keys::QualifiedKind;
use crate::limits;

use super::check::Purpose;

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing; nothing needs to be done.
    Note,
    /// It works today, or with this bank.
    Warning,
    /// It can't work.
    Error,
}

/// Something that a pair's owner should know. Its text is a whole sentence with the file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The certificate is for another key.
    Mismatch {
        /// The key's file.
        key_file: String,
        /// The fingerprint of the key's public half.
        key: String,
        /// The certificate's file.
        certificate_file: String,
        /// The fingerprint of the certificate's key.
        certificate: String,
    },
    /// The certificate of the key is in the file, but not the first.
    NotFirst {
        /// The certificate's file.
        file: String,
        /// Its place, from 1.
        place: usize,
    },
    /// There is no certificate.
    NoCertificate {
        /// The certificate's file.
        file: String,
    },
    /// The certificate is no longer valid.
    Expired {
        /// The certificate's file.
        file: String,
        /// Its last moment.
        at: DateTime<Utc>,
        /// The days since.
        days: i64,
    },
    /// The certificate is not valid yet.
    NotYetValid {
        /// The certificate's file.
        file: String,
        /// Its first moment.
        from: DateTime<Utc>,
    },
    /// The certificate expires soon.
    ExpiresSoon {
        /// The certificate's file.
        file: String,
        /// Its last moment.
        at: DateTime<Utc>,
        /// The days until then.
        days: i64,
    },
    /// The key is an RSA key below [`limits::RSA_BITS`].
    SmallKey {
        /// The key's file.
        file: String,
        /// The size of its modulus.
        bits: usize,
    },
    /// The certificate says what it is for, and TLS clients are not among it.
    NotForClients {
        /// The certificate's file.
        file: String,
        /// What it is for.
        usages: Vec<String>,
    },
    /// The certificate may sign others, which the one of a client or seal does not.
    Authority {
        /// The certificate's file.
        file: String,
        /// Whether it is its own authority and its key may do more than certify, as
        /// `openssl req -x509` makes it.
        self_issued: bool,
    },
    /// The certificate says what its key may do, and signing is not among it.
    KeyUsage {
        /// The certificate's file.
        file: String,
        /// What the key may do.
        usages: Vec<&'static str>,
        /// What it is to do.
        purpose: Purpose,
    },
    /// The certificate is qualified for the other purpose.
    OtherKind {
        /// The certificate's file.
        file: String,
        /// What it is.
        kind: QualifiedKind,
        /// What it is to do.
        purpose: Purpose,
    },
    /// The certificate is signed over a hash that can be forged.
    WeakHash {
        /// The certificate's file.
        file: String,
        /// The hash.
        hash: &'static str,
    },
    /// The certificate is X.509 v1.
    Version1 {
        /// The certificate's file.
        file: String,
    },
}

impl Problem {
    /// How bad it is.
    pub const fn level(&self) -> Level {
        match self {
            Self::Mismatch { .. }
            | Self::NoCertificate { .. }
            | Self::Expired { .. }
            | Self::NotYetValid { .. } => Level::Error,
            Self::NotFirst { .. }
            | Self::ExpiresSoon { .. }
            | Self::SmallKey { .. }
            | Self::NotForClients { .. }
            | Self::Authority { self_issued: false, .. }
            | Self::KeyUsage { .. }
            | Self::OtherKind { .. }
            | Self::WeakHash { .. } => Level::Warning,
            Self::Authority { self_issued: true, .. } | Self::Version1 { .. } => Level::Note,
        }
    }

    /// The stable code of the problem.
    pub const fn code(&self) -> Code {
        match self {
            Self::Mismatch { .. } => Code::Pair,
            Self::SmallKey { .. } => Code::Key,
            Self::NotFirst { .. }
            | Self::NoCertificate { .. }
            | Self::Expired { .. }
            | Self::NotYetValid { .. }
            | Self::ExpiresSoon { .. }
            | Self::NotForClients { .. }
            | Self::Authority { .. }
            | Self::KeyUsage { .. }
            | Self::OtherKind { .. }
            | Self::WeakHash { .. }
            | Self::Version1 { .. } => Code::Certificate,
        }
    }

    /// The problem as an error or warning without a place; none for a mere note.
    pub fn diagnostic(&self) -> Option<Diagnostic> {
        let diagnostic = match self.level() {
            Level::Note => return None,
            Level::Warning => Diagnostic::warning(self.code(), self.to_string()),
            Level::Error => Diagnostic::error(self.code(), self.to_string()),
        };
        Some(self.help().into_iter().fold(diagnostic, Diagnostic::help))
    }

    /// What to do, where there is something to do.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Mismatch { .. } => {
                Some("use the key that the certificate was made with, or make a new pair with `countersign certs new`".into())
            }
            Self::Expired { .. } | Self::ExpiresSoon { .. } => {
                Some("make a new pair with `countersign certs new`, and register it with the bank".into())
            }
            Self::NotYetValid { .. } => Some("look at this machine's clock".into()),
            Self::SmallKey { .. } => Some("make a key of 2048 bits with `countersign certs new`".into()),
            Self::Authority { self_issued: false, .. } => {
                Some("name the certificate that this CA issued to you".into())
            }
            Self::OtherKind { .. } => Some("the QWAC goes under `tls`, the QSealC under `signing`".into()),
            Self::WeakHash { .. } => Some("have it issued anew, signed with SHA-256".into()),
            Self::NotFirst { .. }
            | Self::NoCertificate { .. }
            | Self::NotForClients { .. }
            | Self::Authority { .. }
            | Self::KeyUsage { .. }
            | Self::Version1 { .. } => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = |moment: &DateTime<Utc>| moment.format("%Y-%m-%d %H:%M UTC").to_string();
        match self {
            Self::Mismatch { key_file, key, certificate_file, certificate } => write!(
                formatter,
                "`{key_file}` and `{certificate_file}` do not belong together: the key's public half is {key}, \
                 the certificate's is {certificate}"
            ),
            Self::NotFirst { file, place } => {
                write!(formatter, "`{file}` has the certificate of this key in place {place}: put it first")
            }
            Self::NoCertificate { file } => write!(formatter, "`{file}` holds no certificate"),
            Self::Expired { file, at, days } => {
                write!(formatter, "`{file}` expired {} ({})", day(at), count(*days, "ago"))
            }
            Self::NotYetValid { file, from } => {
                write!(formatter, "`{file}` is valid only from {}", day(from))
            }
            Self::ExpiresSoon { file, at, days } => {
                write!(formatter, "`{file}` expires {} ({})", day(at), count(*days, "left"))
            }
            Self::SmallKey { file, bits } => {
                write!(
                    formatter,
                    "`{file}` is an RSA key of {bits} bits; banks want {} or more",
                    limits::RSA_BITS
                )
            }
            Self::NotForClients { file, usages } => write!(
                formatter,
                "`{file}` is not meant to identify a client: it is made for {}, not `clientAuth`",
                usages.join(", ")
            ),
            Self::Authority { file, self_issued: false } => {
                write!(formatter, "`{file}` is the certificate of a CA, not of somebody whom it certifies")
            }
            Self::Authority { file, self_issued: true } => write!(
                formatter,
                "`{file}` is its own CA, as `openssl req -x509` makes it: fine where the bank registers it as it is"
            ),
            Self::KeyUsage { file, usages, purpose } => write!(
                formatter,
                "`{file}` is not meant to {purpose}: its key usage is {}, not `digitalSignature`",
                usages.join(", ")
            ),
            Self::OtherKind { file, kind, purpose } => {
                write!(formatter, "`{file}` is a {kind}, and is to {purpose}")
            }
            Self::WeakHash { file, hash } => {
                write!(
                    formatter,
                    "`{file}` is signed with {hash}, which can be forged and many servers refuse"
                )
            }
            Self::Version1 { file } => write!(
                formatter,
                "`{file}` is X.509 v1, as `openssl x509 -req -signkey` makes it: fine here, but some programs refuse it"
            ),
        }
    }
}

fn count(days: i64, behind: &str) -> String {
    match days {
        0 => format!("less than a day {behind}"),
        1 => format!("1 day {behind}"),
        days => format!("{days} days {behind}"),
    }
}
