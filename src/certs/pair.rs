//! A key pair with its signing request and certificate: what `openssl genrsa`, `openssl req -new`
//! and `openssl x509 -req` make in three commands, by the key itself or by a CA.
//!
//! Unless asked for a shape, the certificate is X.509 v3 with `CA:FALSE` and says nothing about its
//! use, so that the same one serves TLS and signing with any bank.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use rcgen::{CertificateParams, IsCa};
use zeroize::Zeroizing;

use crate::files::Mode;
use crate::keys::{Certificate, KeyKind, PrivateKey, to_pem};

use super::signer::Signer;
use super::{AlternativeName, CertsError, Issuer, Shape, Subject};

/// Longest validity of a certificate, in days: what browsers and banks took at most when
/// validities were last counted in years.
pub const LONGEST_VALIDITY: u32 = 825;

/// What is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Whom the certificate is for.
    pub subject: Subject,
    /// How long it is valid, in days; when left out, a year, or 30 days for an authority, and not
    /// longer than the authority that signs.
    pub days: Option<u32>,
    /// The kind of its key.
    pub kind: KeyKind,
    /// What it is for.
    pub shape: Shape,
    /// The names that it is for besides its subject; of an authority, those that it may sign for.
    pub names: Vec<AlternativeName>,
}

impl Order {
    /// A certificate that does not say what it is for.
    pub fn plain(subject: Subject, days: u32, kind: KeyKind) -> Self {
        Self { subject, days: Some(days), kind, shape: Shape::Plain, names: Vec::new() }
    }
}

/// Days of a certificate unless the order says otherwise.
const DAYS: u32 = 365;
/// Days of an authority unless the order says otherwise: it is for tests, and its key lies about.
const DAYS_OF_AUTHORITY: u32 = 30;

/// A key, its signing request and its certificate, as PEM.
pub struct Made {
    /// The private key, PKCS#8.
    pub key: Zeroizing<String>,
    /// The signing request, for a bank or CA that wants to sign it; an authority has none.
    pub request: Option<String>,
    /// The certificate.
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
    pub fn files(&self, name: &str) -> Result<Vec<NewFile<'_>>, CertsError> {
        check_name(name)?;
        let file = |extension: &str, contents, mode| {
            let name = format!("{name}.{extension}");
            NewFile { name, contents, mode }
        };
        let key = file("key", self.key.as_bytes(), Mode::Private);
        let request = self.request.as_ref().map(|request| file("csr", request.as_bytes(), Mode::Shared));
        let certificate = file("crt", self.certificate.as_bytes(), Mode::Shared);
        Ok([Some(key), request, Some(certificate)].into_iter().flatten().collect())
    }
}

/// Whether a name can be the stem of files: no folders, no surprises for a shell.
pub fn check_name(name: &str) -> Result<(), CertsError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_stem = !name.is_empty() && name.len() <= 64 && !name.starts_with(['.', '-']);
    let is_good = is_stem && name.bytes().all(allowed);
    if is_good { Ok(()) } else { Err(CertsError::Name(name.to_owned())) }
}

/// Makes a key pair, its signing request and its certificate, valid from `now`: signed by the
/// issuer, or by the key itself.
pub fn new(order: &Order, issuer: Option<&Issuer>, now: DateTime<Utc>) -> Result<Made, CertsError> {
    let days = validity(order, issuer, now)?;
    let mut parameters = described(order);
    parameters.is_ca = IsCa::ExplicitNoCa;
    parameters.use_authority_key_identifier_extension = issuer.is_some();
    order.shape.apply(&order.names, &mut parameters);
    set_validity(&mut parameters, now, days)?;
    let key = PrivateKey::generate(order.kind)?;
    let signer = Signer::new(&key)?;
    let certificate = match issuer {
        Some(issuer) => issuer.sign(&parameters, &signer)?,
        None => read(parameters.self_signed(&signer).map_err(|_| CertsError::Encoding)?.der())?,
    };
    let request = (order.shape != Shape::Authority).then(|| request(order, &key)).transpose()?;
    Ok(Made { key: key.to_pem(), request, certificate: certificate.to_pem() })
}

/// A signing request for a key that is there already, as PEM: it asks for what the order says.
pub fn request(order: &Order, key: &PrivateKey) -> Result<String, CertsError> {
    let mut parameters = described(order);
    if order.shape == Shape::Plain {
        parameters.subject_alt_names = order.names.iter().map(AlternativeName::san).collect();
    } else {
        order.shape.apply(&order.names, &mut parameters);
    }
    let request = parameters.serialize_request(&Signer::new(key)?).map_err(|_| CertsError::Encoding)?;
    Ok(to_pem("CERTIFICATE REQUEST", request.der()))
}

/// Whom the certificate is for. A payment service provider is named with its identifier, and with
/// organization and country, whatever else the subject says.
fn described(order: &Order) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = match order.shape.provider() {
        Some(provider) => order.subject.of_provider(&provider.id),
        None => order.subject.name(),
    };
    parameters
}

fn validity(order: &Order, issuer: Option<&Issuer>, now: DateTime<Utc>) -> Result<u32, CertsError> {
    let usual = if order.shape == Shape::Authority { DAYS_OF_AUTHORITY } else { DAYS };
    let days = order.days.unwrap_or(usual);
    check_days(days)?;
    let Some(end) = issuer.map(Issuer::not_after) else { return Ok(days) };
    let left = u32::try_from((end - now).num_days()).unwrap_or_default();
    if days <= left {
        return Ok(days);
    }
    if order.days.is_some() || left == 0 { Err(CertsError::Outlives(end)) } else { Ok(left) }
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
