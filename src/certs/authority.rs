//! A certificate authority for this machine: it signs the embedded sandbox's server certificate.
//!
//! People add it to other clients' trust stores, so it must be worth nothing to a thief: it may
//! sign only for `localhost`, `127.0.0.1` and `::1`, no further authority, and for 30 days. The
//! server never uses a certificate that is its own authority, because TLS libraries refuse those.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::{DateTime, TimeDelta, Utc};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyUsagePurpose,
    SanType,
};

use crate::keys::{Certificate, KeyKind, PrivateKey};

use super::CertsError;
use super::pair::{read, set_validity};
use super::shape::only;
use super::signer::Signer;

/// How long authority and server certificate are valid, in days.
const DAYS: u32 = 30;
/// How far validity reaches back, for clients whose clock is slow.
const SLOW_CLOCKS: TimeDelta = TimeDelta::hours(1);
const NAME: &str = "localhost";
const ADDRESSES: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// An authority that signs for this machine only. Its key is never written anywhere.
pub struct Authority {
    certificate: Certificate,
    parameters: CertificateParams,
    signer: Signer,
}

/// A server certificate for this machine, and its key.
pub struct Issued {
    /// The certificate.
    pub certificate: Certificate,
    /// Its private key.
    pub key: PrivateKey,
}

/// Makes an authority, valid around `now`.
pub fn authority(now: DateTime<Utc>) -> Result<Authority, CertsError> {
    let signer = Signer::new(&PrivateKey::generate(KeyKind::P256)?)?;
    let mut parameters = parameters("countersign sandbox CA", now)?;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters.name_constraints = Some(only(&this_machine()?));
    let made = parameters.self_signed(&signer).map_err(|_| CertsError::Encoding)?;
    Ok(Authority { certificate: read(made.der())?, parameters, signer })
}

impl Authority {
    /// The certificate that clients must trust.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Makes a server certificate for `localhost`, `127.0.0.1` and `::1`, valid around `now`.
    pub fn issue(&self, now: DateTime<Utc>) -> Result<Issued, CertsError> {
        self.leaf(NAME, this_machine()?, now)
    }

    /// A server certificate for any names; nobody believes it for others than this machine's.
    pub(super) fn leaf(
        &self,
        subject: &str,
        names: Vec<SanType>,
        now: DateTime<Utc>,
    ) -> Result<Issued, CertsError> {
        let key = PrivateKey::generate(KeyKind::P256)?;
        let mut parameters = parameters(subject, now)?;
        parameters.subject_alt_names = names;
        parameters.is_ca = IsCa::ExplicitNoCa;
        parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        parameters.use_authority_key_identifier_extension = true;
        let issuer = Issuer::from_params(&self.parameters, &self.signer);
        let made = parameters.signed_by(&Signer::new(&key)?, &issuer).map_err(|_| CertsError::Encoding)?;
        Ok(Issued { certificate: read(made.der())?, key })
    }
}

fn parameters(name: &str, now: DateTime<Utc>) -> Result<CertificateParams, CertsError> {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    let from = now.checked_sub_signed(SLOW_CLOCKS).ok_or(CertsError::Moment)?;
    set_validity(&mut parameters, from, DAYS)?;
    Ok(parameters)
}

/// The names of this machine.
fn this_machine() -> Result<Vec<SanType>, CertsError> {
    let name = NAME.try_into().map_err(|_| CertsError::Encoding)?;
    Ok([SanType::DnsName(name)].into_iter().chain(ADDRESSES.map(SanType::IpAddress)).collect())
}
