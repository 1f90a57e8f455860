//! Why there is no way to a server, where the way is what somebody asked for: through a proxy, or
//! in one version of HTTP.

use std::error::Error;

use super::exchange::{ExchangeError, Fate};
use super::explain::Context;
use super::tunnel::Refused;
use crate::diag::Code;
use crate::spec::{HttpVersion, Proxy};

const PROXY: &str =
    "check `proxy`, or the variables HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; `proxy: false` goes without";

const UNASKED: &str =
    "over `http://`, `http_version: 2` speaks HTTP/2 without asking: the server may not know it";

impl Context<'_> {
    /// Whoever speaks HTTP/2 without asking may not be understood.
    pub(super) fn unasked(&self, error: ExchangeError) -> ExchangeError {
        let unasked = !self.secure && self.way.http_version == HttpVersion::Http2;
        if unasked && error.help.is_none() { error.help(UNASKED) } else { error }
    }

    /// The proxy can't be reached or spoken to.
    pub(super) fn no_proxy(&self, proxy: &Proxy, error: &(dyn Error + 'static)) -> ExchangeError {
        let mut seen = self.seen.clone();
        seen.at_proxy = false;
        let server = proxy.authority();
        let (way, secure, whole) = (self.way, self.secure, self.whole);
        let own = Context { server: &server, client: None, seen: &seen, way, secure, whole };
        let ExchangeError { message, .. } = own.failed(error);
        let message = format!("no way through the proxy `{proxy}`: {message}");
        ExchangeError { fate: Fate::NotSent, ..self.error(Code::Proxy, message).help(PROXY) }
    }

    /// The proxy can be spoken to, and does not let us through.
    pub(super) fn proxy_refused(&self, refused: &Refused) -> ExchangeError {
        let Some(proxy) = &self.way.proxy else { return self.error(Code::Proxy, "a proxy refused") };
        let (message, help) = match (refused.status, proxy.credentials()) {
            (Some(407), None) => (
                format!("the proxy `{proxy}` wants credentials (407)"),
                "give them in its URL: `http://user:{{ secret(\"PROXY_PASSWORD\") }}@proxy:3128`",
            ),
            (Some(407), Some(_)) => (
                format!("the proxy `{proxy}` refused our credentials (407)"),
                "check user and password in its URL",
            ),
            (Some(status), _) => (
                format!(
                    "the proxy `{proxy}` does not connect us with `{}`: it answers {status}",
                    self.server
                ),
                "ask whoever runs the proxy whether it lets this host and port through",
            ),
            (None, _) => (format!("the proxy `{proxy}` does not connect us with `{}`", self.server), PROXY),
        };
        ExchangeError { fate: Fate::NotSent, ..self.error(Code::ProxyRefused, message).help(help) }
    }

    /// The server does not speak the version of HTTP that is asked for.
    pub(super) fn other_version(&self) -> ExchangeError {
        let server = self.server;
        let (message, asked) = match self.way.http_version {
            HttpVersion::Http2 => (format!("`{server}` does not speak HTTP/2 over TLS"), "2"),
            HttpVersion::Http11 => (format!("`{server}` does not speak HTTP/1.1 over TLS"), "1.1"),
            HttpVersion::Auto => (format!("`{server}` speaks neither HTTP/2 nor HTTP/1.1 over TLS"), ""),
        };
        let error = ExchangeError { fate: Fate::NotSent, ..self.error(Code::Tls, message) };
        if asked.is_empty() {
            error
        } else {
            error.help(format!("`http_version: {asked}` asks for it; write `auto`"))
        }
    }
}
