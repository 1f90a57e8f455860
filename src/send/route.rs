//! Where a connection leads and whom it asks for, where the environment says more of it than the
//! URL: an address that no name server knows, and a name that the server is to be asked for.

use std::net::IpAddr;

use rustls::pki_types::ServerName;

use crate::spec::Resolve;

/// What is known of the way.
#[derive(Debug, Clone, Default)]
pub(super) struct Route {
    pub(super) server_name: Option<String>,
    pub(super) resolve: Vec<Resolve>,
}

impl Route {
    /// The address that the environment gives for a host and port.
    pub(super) fn known(&self, host: &str, port: u16) -> Option<IpAddr> {
        let known = |entry: &&Resolve| entry.host.eq_ignore_ascii_case(host) && entry.port == port;
        self.resolve.iter().find(known).map(|entry| entry.address)
    }

    /// The name that a server is asked for in TLS; `None`: TLS can't ask for it.
    pub(super) fn server_name(&self, host: &str) -> Option<ServerName<'static>> {
        ServerName::try_from(self.server_name.as_deref().unwrap_or(host).to_owned()).ok()
    }
}
