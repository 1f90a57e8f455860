//! One file of `requests/environments/`.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use super::key_source::SignCommand;
use super::tls_options::{Resolve, TlsOptions};
use crate::secret::Passphrase;
use crate::sign::Profile;
use crate::spec::{ClientAuthentication, Connecting, ContractUse, Dpop, Retry};

/// Where requests go, and as whom.
#[derive(Debug, Clone)]
pub struct Environment {
    /// The stem of its file; of an identity, that and its name: `sandbox/partner`.
    pub name: String,
    /// `/host`
    pub host: Host,
    /// `/variables/NAME`
    pub variables: IndexMap<String, Value>,
    /// `/headers/NAME`: sent with every request that does not set them itself.
    pub headers: Vec<(String, Vec<String>)>,
    /// Of the whole exchange, unless a request says otherwise.
    pub timeout: Option<Duration>,
    /// `/retry`: of its requests, unless one says otherwise.
    pub retry: Option<Retry>,
    /// How connections are made.
    pub connecting: Connecting,
    /// `/tls`
    pub tls: Tls,
    /// `/signing`
    pub signing: Option<Signing>,
    /// `/resolve`: addresses that no name server is asked for.
    pub resolve: Vec<Resolve>,
    /// `/client_authentication`: of requests that ask for it.
    pub client_authentication: Option<ClientAuthentication>,
    /// `/dpop`: of requests that ask for it.
    pub dpop: Option<Dpop>,
    /// `/contract`: what its answers are held against.
    pub contract: ContractUse,
    /// Must be named by `--env` to be used.
    pub protected: bool,
}

/// `/host`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// The built-in sandbox bank, started for the run.
    Embedded,
    /// Scheme, authority and optional base path; a template.
    Url(String),
}

/// `/tls`: every path is a template, relative to the suite root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// `/tls/certificate`: the client certificate, with its chain if it has one.
    pub certificate: Option<String>,
    /// `/tls/key`: its private key.
    pub key: Option<String>,
    /// `/tls/pkcs12`: both, in one PKCS#12 store.
    pub pkcs12: Option<String>,
    /// `/tls/passphrase`: of `key` or `pkcs12`; a template.
    pub passphrase: Option<Passphrase>,
    /// `/tls/ca` or `/tls/ca/0`: files with further roots to trust.
    pub ca: Vec<String>,
    /// Whether only `ca` is trusted, and not the system's roots.
    pub ca_only: bool,
    /// What else is asked of connections.
    pub options: TlsOptions,
}

/// `/signing`: which profile, with what.
#[derive(Debug, Clone)]
pub struct Signing {
    /// `/signing/profile` or `/signing/profile/0`: each signs what the one before it left; at
    /// least one.
    pub profiles: Vec<ProfileChoice>,
    /// `/signing/key`: the path of the private key; a template.
    pub key: Option<String>,
    /// `/signing/key` as a map: the program that signs instead.
    pub command: Option<SignCommand>,
    /// `/signing/pkcs12`: key and certificate in one PKCS#12 store; a template.
    pub pkcs12: Option<String>,
    /// `/signing/passphrase`: of `key` or `pkcs12`; a template.
    pub passphrase: Option<Passphrase>,
    /// `/signing/secret`: the shared secret of an HMAC; a template.
    pub secret: Option<String>,
    /// `/signing/certificate`: the path of the signing certificate; a template.
    pub certificate: Option<String>,
    /// `/signing/public_key`: of a program that signs, the path of its public key; a template.
    pub public_key: Option<String>,
    /// `/signing/key_id`: replaces the profile's; a template.
    pub key_id: Option<String>,
}

impl Signing {
    /// The file that holds the private key, alone or with its certificate.
    pub fn key_file(&self) -> Option<&String> {
        self.pkcs12.as_ref().or(self.key.as_ref())
    }
}

/// A signing profile: of a request, of an environment, or of an answer.
#[derive(Debug, Clone)]
pub enum ProfileChoice {
    /// One of the suite's or the shipped ones.
    Named(String),
    /// Written out.
    Inline(Box<Profile>),
}
