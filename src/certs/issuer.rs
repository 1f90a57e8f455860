//! An authority that lies in files and signs certificates: `certs new NAME --issuer CA`.

use chrono::{DateTime, Utc};
use rcgen::CertificateParams;
use rustls::pki_types::CertificateDer;

use crate::keys::{Certificate, PrivateKey};

use super::CertsError;
use super::pair::read;
use super::signer::Signer;

/// An authority with its key.
pub struct Issuer {
    certificate: Certificate,
    signer: Signer,
}

impl Issuer {
    /// Joins certificate and key; refuses what can't sign certificates at the moment `now`.
    pub fn new(certificate: Certificate, key: &PrivateKey, now: DateTime<Utc>) -> Result<Self, CertsError> {
        if !certificate.is_ca() {
            return Err(CertsError::NoAuthority(certificate.subject().to_owned()));
        }
        if certificate.public_key() != key.public() {
            return Err(CertsError::IssuerKey);
        }
        if now > certificate.not_after() {
            return Err(CertsError::IssuerExpired(certificate.not_after()));
        }
        Ok(Self { signer: Signer::new(key)?, certificate })
    }

    /// The last moment at which what it signs is believed.
    pub(super) fn not_after(&self) -> DateTime<Utc> {
        self.certificate.not_after()
    }

    pub(super) fn sign(
        &self,
        parameters: &CertificateParams,
        key: &Signer,
    ) -> Result<Certificate, CertsError> {
        let authority = CertificateDer::from(self.certificate.der());
        let issuer = rcgen::Issuer::from_ca_cert_der(&authority, &self.signer);
        let issuer = issuer.map_err(|_| CertsError::Encoding)?;
        read(parameters.signed_by(key, &issuer).map_err(|_| CertsError::Encoding)?.der())
    }
}
