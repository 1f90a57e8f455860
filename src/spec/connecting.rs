//! How connections are made: what a request, its environment and the suite say of it.

use std::fmt;
use std::time::Duration;

use http::Uri;
use percent_encoding::percent_decode_str;

/// `/connect_timeout`, `/http_version` and `/proxy` of a request, an environment or the defaults.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connecting {
    /// `/connect_timeout`: of name lookup, TCP, proxy and TLS together.
    pub timeout: Option<Duration>,
    /// `/http_version`
    pub http_version: Option<HttpVersion>,
    /// `/proxy`
    pub proxy: Option<ProxyChoice>,
}

/// `/http_version`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum HttpVersion {
    /// HTTP/2 where the server offers it in the TLS handshake, else HTTP/1.1.
    #[default]
    Auto,
    /// HTTP/1.1 and nothing else.
    Http11,
    /// HTTP/2 and nothing else; without TLS, it is spoken without asking.
    Http2,
}

/// `/proxy`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProxyChoice {
    /// `false`: none, whatever else says so.
    Off,
    /// The URL of one; a template.
    Through(String),
}

/// A proxy by its URL. Its credentials are never shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Proxy {
    scheme: ProxyScheme,
    host: String,
    port: u16,
    credentials: Option<(String, String)>,
}

/// How a proxy is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProxyScheme {
    /// `CONNECT` of RFC 9110, section 9.3.6, over a plain connection.
    Http,
    /// The same over TLS.
    Https,
    /// RFC 1928; names are looked up here.
    Socks5,
    /// RFC 1928; names are looked up by the proxy.
    Socks5h,
}

/// Why a text is not the URL of a proxy: the end of a sentence about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoProxyUrl(String);

impl Connecting {
    /// What this says, and what the next says where this is silent.
    #[must_use]
    pub fn or(&self, next: &Self) -> Self {
        Self {
            timeout: self.timeout.or(next.timeout),
            http_version: self.http_version.or(next.http_version),
            proxy: self.proxy.clone().or_else(|| next.proxy.clone()),
        }
    }
}

impl Connecting {
    /// The URL of the proxy that is asked for; a template.
    pub fn url_of_proxy(&self) -> Option<&str> {
        match &self.proxy {
            Some(ProxyChoice::Through(url)) => Some(url),
            Some(ProxyChoice::Off) | None => None,
        }
    }
}

impl ProxyScheme {
    const TABLE: [(Self, &str); 4] =
        [(Self::Http, "http"), (Self::Https, "https"), (Self::Socks5, "socks5"), (Self::Socks5h, "socks5h")];

    /// As a URL has it.
    pub fn name(self) -> &'static str {
        Self::TABLE
            .iter()
            .find(|(known, _)| *known == self)
            .map(|(_, name)| *name)
            .expect("all are in the table")
    }
}

impl Proxy {
    /// Reads a URL as curl does: without a scheme it is `http`, without a port 1080, or 443 for
    /// `https`.
    pub fn parse(text: &str) -> Result<Self, NoProxyUrl> {
        let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
        let uri: Uri = whole.parse().map_err(|_| NoProxyUrl("is no URL".into()))?;
        let name = uri.scheme_str().unwrap_or_default();
        let scheme = ProxyScheme::TABLE.iter().find(|(_, known)| *known == name).map(|(scheme, _)| *scheme);
        let scheme = scheme.ok_or_else(|| {
            NoProxyUrl("has another scheme than `http`, `https`, `socks5` or `socks5h`".into())
        })?;
        if !matches!(uri.path(), "" | "/") || uri.query().is_some() {
            return Err(NoProxyUrl("has more than scheme, host and port".into()));
        }
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']).to_ascii_lowercase();
        if host.is_empty() {
            return Err(NoProxyUrl("names no host".into()));
        }
        let authority = uri.authority().map_or("", http::uri::Authority::as_str);
        let written = authority.rsplit_once('@').map(|(credentials, _)| credentials);
        let decoded = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
        let credentials = written.map(|written| {
            let (user, password) = written.split_once(':').unwrap_or((written, ""));
            (decoded(user), decoded(password))
        });
        let usual = if scheme == ProxyScheme::Https { 443 } else { 1080 };
        Ok(Self { scheme, host, port: uri.port_u16().unwrap_or(usual), credentials })
    }

    /// How it is spoken to.
    pub fn scheme(&self) -> ProxyScheme {
        self.scheme
    }

    /// Its name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// User and password; the password is a secret.
    pub fn credentials(&self) -> Option<(&str, &str)> {
        self.credentials.as_ref().map(|(user, password)| (user.as_str(), password.as_str()))
    }

    /// Host and port, as messages call it.
    pub fn authority(&self) -> String {
        let brackets = self.host.contains(':');
        if brackets {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// Without its credentials.
impl fmt::Display for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}://{}", self.scheme.name(), self.authority())
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Proxy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_of_a_proxy_is_read_as_curl_reads_it_and_its_password_is_in_no_output() {
        for (text, shown) in [
            ("proxy", "http://proxy:1080"),
            ("http://proxy:80/", "http://proxy:80"),
            ("https://Proxy", "https://proxy:443"),
            ("socks5h://[::1]", "socks5h://[::1]:1080"),
            ("http://user:p%40ss@proxy:3128", "http://proxy:3128"),
        ] {
            assert_eq!(Proxy::parse(text).unwrap().to_string(), shown, "{text}");
        }
        let proxy = Proxy::parse("socks5://user:p%40ss@proxy").unwrap();
        assert_eq!(proxy.credentials(), Some(("user", "p@ss")));
        assert!(!format!("{proxy:?} {proxy}").contains("p@ss"));
        for text in ["", "ftp://proxy", "http://", "http://proxy/path", "http://proxy?x", "http://pro xy"] {
            assert!(Proxy::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_nearer_to_the_request_wins() {
        let request = Connecting { http_version: Some(HttpVersion::Http2), ..Connecting::default() };
        let environment = Connecting {
            timeout: Some(Duration::from_secs(1)),
            http_version: Some(HttpVersion::Http11),
            proxy: Some(ProxyChoice::Off),
        };
        let both = request.or(&environment);
        assert_eq!(both, Connecting { http_version: Some(HttpVersion::Http2), ..environment });
    }
}
