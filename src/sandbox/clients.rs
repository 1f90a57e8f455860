//! Who may talk to the bank: registered clients, found by the certificate that they show.
//!
//! A certificate is compared byte by byte with the registered ones and nothing else: who signed
//! it, and which X.509 version it is, does not matter. That is how the bank treats the
//! self-signed certificates that its portal takes.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::keys::{Certificate, PublicKey};

use super::StartError;

/// A registered client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The id that its requests name as `keyId`.
    pub client_id: String,
    /// The certificate that it shows in the TLS handshake.
    pub tls_certificate: Certificate,
    /// What its requests are signed with.
    pub signing_key: ClientKey,
}

/// What a client signs with, as far as the bank has to know it.
#[derive(Clone)]
pub enum ClientKey {
    /// The public half of its key pair.
    Public(PublicKey),
    /// The secret that both sides know; for profiles that sign with an HMAC.
    Secret(SecretString),
}

impl PartialEq for ClientKey {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Public(one), Self::Public(other)) => one == other,
            (Self::Secret(one), Self::Secret(other)) => one.expose_secret() == other.expose_secret(),
            _ => false,
        }
    }
}

impl Eq for ClientKey {}

impl fmt::Debug for ClientKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Public(key) => formatter.debug_tuple("Public").field(key).finish(),
            Self::Secret(_) => formatter.write_str("Secret"),
        }
    }
}

impl From<PublicKey> for ClientKey {
    fn from(key: PublicKey) -> Self {
        Self::Public(key)
    }
}

/// Every registered client.
#[derive(Debug)]
pub(super) struct Register {
    by_certificate: HashMap<Vec<u8>, Arc<Client>>,
}

impl Register {
    /// A client that is given twice in the same words counts once.
    pub(super) fn new(clients: Vec<Client>) -> Result<Self, StartError> {
        let mut by_certificate: HashMap<Vec<u8>, Arc<Client>> = HashMap::new();
        for client in clients {
            let certificate = client.tls_certificate.der().to_vec();
            if let Some(other) = by_certificate.get(&certificate) {
                if **other == client {
                    continue;
                }
                return Err(StartError::SharedCertificate(other.client_id.clone(), client.client_id));
            }
            if by_certificate.values().any(|other| other.client_id == client.client_id) {
                return Err(StartError::SharedId(client.client_id));
            }
            by_certificate.insert(certificate, Arc::new(client));
        }
        if by_certificate.is_empty() {
            return Err(StartError::NoClients);
        }
        Ok(Self { by_certificate })
    }

    pub(super) fn by_certificate(&self, der: &[u8]) -> Option<&Arc<Client>> {
        self.by_certificate.get(der)
    }

    pub(super) fn by_id(&self, client_id: &str) -> Option<&Client> {
        self.iter().find(|client| client.client_id == client_id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Client> {
        self.by_certificate.values().map(Arc::as_ref)
    }
}
