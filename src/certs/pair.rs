//! A key pair with its signing request and self-signed certificate: what
//! `openssl genrsa`, `openssl req -new` and `openssl x509 -req -signkey` make in three commands.
//!
//! The certificate is X.509 v3 with `CA:FALSE` and says nothing about its use, so that the same
//! one serves TLS and signing with any bank.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rcgen::{CertificateParams, IsCa};
use zeroize::Zeroizing;

use crate::files::Mode;
use crate::keys::{Certificate, KeyKind, PrivateKey, to_pem};

use super::signer::Signer;
use super::{CertsError, Subject};

/// Longest validity of a certificate, in days: what browsers and banks took at most when
/// validities were last counted in years.
pub const LONGEST_VALIDITY: u32 = 825;

/// What is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Whom the certificate is for.
    pub subject: Subject,
    /// How long it is valid, in days.
    pub days: u32,
    /// The kind of its key.
    pub kind: KeyKind,
}

/// A key, its signing request and its certificate, as PEM.
pub struct Made {
    /// The private key, PKCS#8.
    pub key: Zeroizing<String>,
    /// The signing request, for a bank or CA that wants to sign it.
    pub request: String,
    /// The self-signed certificate.
    pub certificate: String,
}

/// A file to be written.
pub struct NewFile<'a> {
    /// Its name, without a folder.
    pub name: String,
    /// What is in it.
    pub contents: &'a [u8],
    /// Who may read it.
    pub mode: Mode,
}

impl Made {
    /// `NAME.key`, `NAME.csr` and `NAME.crt`; the key first, since the others are worth nothing
    /// without it.
    pub fn files(&self, name: &str) -> Result<[NewFile<'_>; 3], CertsError> {
        check_name(name)?;
        let file = |extension: &str, contents, mode| {
            let name = format!("{name}.{extension}");
            NewFile { name, contents, mode }
        };
        Ok([
            file("key", self.key.as_bytes(), Mode::Private),
            file("csr", self.request.as_bytes(), Mode::Shared),
            file("crt", self.certificate.as_bytes(), Mode::Shared),
        ])
    }
}

/// Whether a name can be the stem of files: no folders, no surprises for a shell.
pub fn check_name(name: &str) -> Result<(), CertsError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_stem = !name.is_empty() && name.len() <= 64 && !name.starts_with(['.', '-']);
    let is_good = is_stem && name.bytes().all(allowed);
    if is_good { Ok(()) } else { Err(CertsError::Name(name.to_owned())) }
}

/// Makes a key pair, its signing request and its self-signed certificate, valid from `now`.
pub fn new(order: &Order, now: DateTime<Utc>) -> Result<Made, CertsError> {
    check_days(order.days)?;
    let key = PrivateKey::generate(order.kind)?;
    Ok(Made {
        key: key.to_pem(),
        request: request_for(&key, &order.subject)?,
        certificate: certificate_for(&key, &order.subject, order.days, now)?.to_pem(),
    })
}

/// A signing request for a key that is there already, as PEM.
pub fn request_for(key: &PrivateKey, subject: &Subject) -> Result<String, CertsError> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = subject.name();
    let request = parameters.serialize_request(&Signer::new(key)?).map_err(|_| CertsError::Encoding)?;
    Ok(to_pem("CERTIFICATE REQUEST", request.der()))
}

/// A self-signed certificate for a key that is there already, valid from `now`.
pub fn certificate_for(
    key: &PrivateKey,
    subject: &Subject,
    days: u32,
    now: DateTime<Utc>,
) -> Result<Certificate, CertsError> {
    check_days(days)?;
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = subject.name();
    parameters.is_ca = IsCa::ExplicitNoCa;
    set_validity(&mut parameters, now, days)?;
    let made = parameters.self_signed(&Signer::new(key)?).map_err(|_| CertsError::Encoding)?;
    read(made.der())
}

/// What `rcgen` made, as one of ours.
pub(super) fn read(der: &[u8]) -> Result<Certificate, CertsError> {
    let mut certificates = Certificate::read_all(der)?;
    certificates.pop().ok_or(CertsError::Encoding)
}

/// Sets from when until when. `rcgen` speaks of time in the types of a crate that is not ours, so
/// the moment is spelled as seconds since 1970.
pub(super) fn set_validity(
    parameters: &mut CertificateParams,
    from: DateTime<Utc>,
    days: u32,
) -> Result<(), CertsError> {
    let until = from.checked_add_signed(TimeDelta::days(i64::from(days))).ok_or(CertsError::Moment)?;
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    parameters.not_before = epoch + since_epoch(from)?;
    parameters.not_after = epoch + since_epoch(until)?;
    Ok(())
}

/// The last second of the year 9999, the last that a certificate can name.
const LAST_MOMENT: i64 = 253_402_300_799;

fn since_epoch(moment: DateTime<Utc>) -> Result<Duration, CertsError> {
    let seconds = Some(moment.timestamp()).filter(|seconds| *seconds <= LAST_MOMENT);
    seconds.and_then(|it| u64::try_from(it).ok()).map(Duration::from_secs).ok_or(CertsError::Moment)
}

fn check_days(days: u32) -> Result<(), CertsError> {
    if (1..=LONGEST_VALIDITY).contains(&days) { Ok(()) } else { Err(CertsError::Days(days)) }
}
