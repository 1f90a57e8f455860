//! Who we are to the server: the client certificate of the TLS session.
//!
//! The certificate is handed to rustls by a resolver and not by `with_client_auth_cert`, which
//! parses it and refuses X.509 v1. Banks accept v1, and `openssl x509 -req -signkey` makes it.

use std::path::PathBuf;
use std::sync::Arc;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use super::provider::provider;
use super::transport::TransportError;
use super::watch::{Asked, note};
use crate::diag::Code;
use crate::keys::{Certificate, PrivateKey};

/// A client certificate and its key.
pub struct ClientCertificate {
    /// The certificate, followed by those that lead to its issuer, if any.
    pub chain: Vec<Certificate>,
    /// Its private key.
    pub key: PrivateKey,
    /// The file that the certificate came from: what messages call it.
    pub certificate_file: PathBuf,
}

/// Answers the server's request for a client certificate, or notes that it can't be answered.
#[derive(Debug)]
pub(super) struct Identity(Option<Arc<CertifiedKey>>);

impl Identity {
    /// Checks that key and certificate belong together and can be used.
    pub(super) fn new(client: Option<&ClientCertificate>) -> Result<Self, TransportError> {
        client.map(certified).transpose().map(|key| Self(key.map(Arc::new)))
    }
}

fn certified(client: &ClientCertificate) -> Result<CertifiedKey, TransportError> {
    let file = client.certificate_file.display();
    let Some(own) = client.chain.first() else {
        return Err(TransportError::new(Code::Certificate, format!("`{file}` has no certificate in it")));
    };
    if own.public_key().spki() != client.key.public().spki() {
        let message = format!("the client key does not belong to the certificate in `{file}`");
        return Err(TransportError::new(Code::Pair, message)
            .help("use the key that the certificate was requested with"));
    }
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(client.key.pkcs8().to_vec()));
    let key = provider().key_provider.load_private_key(key).map_err(|_| {
        let message = format!("the client key of `{file}` can't be used for TLS");
        TransportError::new(Code::Key, message)
            .help("use RSA of 2048 bits or more, P-256, P-384, P-521 or Ed25519")
    })?;
    let chain = client.chain.iter().map(|link| CertificateDer::from(link.der().to_vec())).collect();
    Ok(CertifiedKey::new(chain, key))
}

impl ResolvesClientCert for Identity {
    fn resolve(&self, _issuers: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let usable = self.0.clone().filter(|own| own.key.choose_scheme(schemes).is_some());
        let asked = match (&self.0, &usable) {
            (None, _) => Asked::Nothing,
            (Some(_), None) => Asked::Unsuitable,
            (Some(_), Some(_)) => Asked::Sent,
        };
        note(|seen| seen.asked = asked);
        usable
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}
