//! What an environment asks of its connections, besides who is who.

use std::net::IpAddr;

use crate::keys::Pin;

/// The options of `/tls`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsOptions {
    /// `/tls/pin` or `/tls/pin/0`: the server's key must have one of these hashes.
    pub pins: Vec<Pin>,
    /// `/tls/min_version`
    pub min_version: TlsVersion,
    /// `/tls/server_name`: the name that the server is asked for and must prove; a template.
    pub server_name: Option<String>,
    /// `/tls/verify`: whether the server must prove anything.
    pub verify: bool,
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self { pins: Vec::new(), min_version: TlsVersion::default(), server_name: None, verify: true }
    }
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TlsVersion {
    /// RFC 5246
    #[default]
    Tls12,
    /// RFC 8446
    Tls13,
}

/// One entry of `/resolve`: where connections for a host and port go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    /// The name, in lower case.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The address.
    pub address: IpAddr,
}

/// Whether TLS can ask for it: letters, digits, hyphens, dots; nothing that a URL takes for an
/// address, as `1.2.3`.
pub fn is_host_name(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    };
    let kept =
        || matches!(url::Host::parse(text), Ok(url::Host::Domain(name)) if name.eq_ignore_ascii_case(text));
    text.len() <= 253 && text.split('.').all(part) && kept()
}
