//! Certificate signing requests (RFC 2986): what a bank or CA is asked to sign.

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::prelude::FromDer;

use super::error::{KeyError, Wanted};
use super::form::{Form, Item};
use super::name::Name;
use super::public::{Fault, PublicKey};

/// A certificate signing request, parsed; its signature is not checked here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    subject: String,
    public: PublicKey,
}

impl Request {
    /// The request of an item that is one.
    pub fn from_item(item: &Item) -> Result<Self, KeyError> {
        match item.form {
            Form::Request => Self::parse(item.der()).map_err(|fault| fault.at(Wanted::Request, item.line)),
            found => Err(KeyError::Wrong { found, wanted: Wanted::Request }),
        }
    }

    fn parse(der: &[u8]) -> Result<Self, Fault> {
        let (_, parsed) = X509CertificationRequest::from_der(der).map_err(|_| Fault::Broken)?;
        let asked = &parsed.certification_request_info;
        let public = PublicKey::from_spki(asked.subject_pki.raw)?;
        Ok(Self { subject: Name::new(&asked.subject).readable, public })
    }

    /// For whom a certificate is asked, as RFC 4514 writes names.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The key that is to be certified.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }
}
