//! The way to a server where the environment says more of it than its URL: an address that no
//! name server knows, and a name that the server is to be asked for.
//!
//! rustls takes the name of a server from the URL, so for `server_name` the request sets out with
//! that name in its URL and the true host in its `Host` field. HTTP/2 has one place for both,
//! which is why such connections speak HTTP/1.1.

use std::net::IpAddr;

use reqwest::Request;
use reqwest::header::{HOST, HeaderValue};
use url::{Host, Url};

use crate::spec::Resolve;

/// What is known of the way.
#[derive(Debug, Clone, Default)]
pub(super) struct Route {
    pub(super) server_name: Option<String>,
    pub(super) resolve: Vec<Resolve>,
}

/// Where an exchange goes: host and port of its URL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Target {
    host: String,
    port: u16,
}

impl Target {
    pub(super) fn of(url: &Url) -> Self {
        let host = match url.host() {
            Some(Host::Ipv6(address)) => address.to_string(),
            Some(host) => host.to_string(),
            None => String::new(),
        };
        Self { host, port: url.port_or_known_default().unwrap_or_default() }
    }
}

impl Route {
    /// Gives a request the name that its server is asked for.
    pub(super) fn rename(&self, request: &mut Request) {
        let Some(name) = &self.server_name else { return };
        let url = request.url().clone();
        if url.scheme() != "https" || request.url_mut().set_host(Some(name)).is_err() {
            return;
        }
        if !request.headers().contains_key(HOST) {
            let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
            request.headers_mut().extend(HeaderValue::from_str(authority).ok().map(|value| (HOST, value)));
        }
    }

    /// The name of a server in TLS, when it is not the URL's.
    pub(super) fn server_name(&self, url: &Url) -> Option<&str> {
        self.server_name.as_deref().filter(|_| url.scheme() == "https")
    }

    /// What is looked up for a name: an address that the environment gives, or a name.
    pub(super) fn lookup(&self, name: &str, target: Option<&Target>) -> Result<IpAddr, String> {
        let renamed = self.server_name.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(name));
        let host = match target {
            Some(target) if renamed => &target.host,
            _ => name,
        };
        let port = target.map(|target| target.port);
        let known = |entry: &&Resolve| {
            entry.host.eq_ignore_ascii_case(host) && port.is_none_or(|port| port == entry.port)
        };
        self.resolve.iter().find(known).map(|entry| entry.address).ok_or_else(|| host.to_owned())
    }

    /// [`Route::lookup`] for the host of a URL.
    pub(super) fn address(&self, url: &Url) -> Result<IpAddr, String> {
        let target = Target::of(url);
        self.lookup(&target.host, Some(&target))
    }
}
