//! The proxies that variables of the process environment name, by the rules of curl.

use std::collections::BTreeMap;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use url::{Host, Url};

use crate::diag::{Code, Diagnostic};
use crate::spec::Proxy;

/// What `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` say.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    http: Option<Proxy>,
    https: Option<Proxy>,
    exempt: String,
    problems: Vec<Diagnostic>,
}

impl Proxies {
    /// Reads the variables; one in lower case is heard before the same in upper case.
    pub fn of(environment: &BTreeMap<String, String>) -> Self {
        let mut proxies = Self::default();
        let said =
            |name: &str| environment.get(name).map(String::as_str).filter(|value| !value.trim().is_empty());
        // To a CGI program, a client's header `Proxy` looks like this variable.
        let upper = if environment.contains_key("REQUEST_METHOD") { "" } else { "HTTP_PROXY" };
        let mut first = |names: [&str; 4]| {
            let (name, value) = names.into_iter().find_map(|name| Some((name, said(name)?)))?;
            let read = Proxy::parse(value);
            read.map_err(|error| proxies.problems.push(unusable(name, &error.to_string()))).ok()
        };
        let http = first(["http_proxy", upper, "all_proxy", "ALL_PROXY"]);
        let https = first(["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]);
        let exempt = said("no_proxy").or_else(|| said("NO_PROXY")).unwrap_or_default().to_owned();
        Self { http, https, exempt, ..proxies }
    }

    /// The proxy on the way to a URL; none to this machine, whatever the variables say.
    pub fn to(&self, url: &Url) -> Option<&Proxy> {
        let proxy = if url.scheme() == "https" { self.https.as_ref() } else { self.http.as_ref() };
        proxy.filter(|_| !is_this_machine(url) && !self.is_exempt(url))
    }

    /// What is wrong with the variables.
    pub(super) fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    fn is_exempt(&self, url: &Url) -> bool {
        let Ok(to) = url.as_str().parse::<Uri>() else { return false };
        let rules = Matcher::builder().all("http://any.invalid").no(self.exempt.as_str()).build();
        rules.intercept(&to).is_none()
    }
}

fn unusable(name: &str, error: &str) -> Diagnostic {
    Diagnostic::error(Code::Unusable, format!("the environment variable `{name}` {error}")).help(
        "it names a proxy: write `http://HOST:PORT` into it, or unset it; `proxy: false` does not ask it",
    )
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(variables: &[(&str, &str)], url: &str) -> Option<String> {
        let environment = variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        Proxies::of(&environment).to(&url.parse().unwrap()).map(ToString::to_string)
    }

    #[test]
    fn the_variables_are_heard_as_curl_hears_them() {
        let both = [("https_proxy", "lower:1"), ("HTTPS_PROXY", "upper:2"), ("ALL_PROXY", "socks5://all:3")];
        assert_eq!(to(&both, "https://bank.example/").as_deref(), Some("http://lower:1"));
        assert_eq!(to(&both[1..], "https://bank.example/").as_deref(), Some("http://upper:2"));
        assert_eq!(to(&both, "http://bank.example/").as_deref(), Some("socks5://all:3"));
        assert_eq!(to(&[("HTTPS_PROXY", "")], "https://bank.example/"), None);
        assert_eq!(to(&[("HTTP_PROXY", "p:1"), ("REQUEST_METHOD", "GET")], "http://bank.example/"), None);
        for (exempt, url, through) in [
            ("bank.example", "https://api.bank.example/", false),
            (".bank.example, other", "https://api.bank.example/", false),
            ("bank.example", "https://notbank.example/", true),
            ("*", "https://bank.example/", false),
            ("10.0.0.0/8", "https://10.1.2.3/", false),
            ("", "https://localhost/", false),
            ("", "https://127.0.0.1:8443/", false),
            ("", "https://[::1]/", false),
        ] {
            let found = to(&[("ALL_PROXY", "p:1"), ("NO_PROXY", exempt)], url);
            assert_eq!(found.is_some(), through, "{exempt} and {url}");
        }
    }

    #[test]
    fn a_variable_that_names_no_proxy_is_a_problem_that_does_not_show_it() {
        let environment = [("HTTPS_PROXY".to_owned(), "ftp://user:hunter2@proxy".to_owned())].into();
        let proxies = Proxies::of(&environment);
        assert_eq!(proxies.problems().len(), 1);
        assert!(!format!("{proxies:?}").contains("hunter2"));
    }
}
