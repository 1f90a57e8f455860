//! An environment with its templates filled: where requests go, and as whom.
//!
//! Its default headers and its key id stay templates: they are filled for each message, because a
//! request id in them must be fresh and a captured client id is not known before.

use std::time::Duration;

use url::Url;

use super::fill::{At, Fill};
use super::key_source::{self, passphrase};
use super::scope::Scope;
use super::target;
use crate::diag::{Diagnostic, literal};
use crate::load::{Owner, Suite};
use crate::spec::{
    Connecting, Environment, Given, Host, Proxy, ProxyChoice, Resolve, Retry, Signing, Tls, TlsOptions,
    is_host_name,
};
use crate::template::Engine;

/// Where requests go, and as whom.
#[derive(Debug, Clone)]
pub struct Party {
    /// The name of the environment.
    pub environment: String,
    /// Scheme, authority and base path; `None` until the embedded sandbox listens.
    pub host: Option<Url>,
    /// Key material of connections.
    pub tls: Tls,
    /// Key material of signatures. The key id is still a template.
    pub signing: Option<Signing>,
    /// Sent with every request that does not set them; templates.
    pub headers: Vec<(String, Vec<String>)>,
    /// Addresses that no name server is asked for.
    pub resolve: Vec<Resolve>,
    /// Of the whole exchange, unless a request says otherwise.
    pub timeout: Option<Duration>,
    /// When its requests are sent again, unless one says otherwise.
    pub retry: Option<Retry>,
    /// How connections are made, unless a request says otherwise. What stands in the URL of a proxy
    /// is filled.
    pub connecting: Connecting,
    /// The variables of the suite, the environment and the command line.
    pub scope: Scope,
    embedded: bool,
    client_id: Option<String>,
}

/// Fills the templates of an environment. `given` are the variables of the command line.
///
/// # Panics
///
/// When the suite has no environment of that name.
pub fn party(suite: &Suite, name: &str, engine: &Engine, given: &[Given]) -> Result<Party, Vec<Diagnostic>> {
    let environment = &suite.environments[name];
    let owner = Owner::Environment(name.to_owned());
    let scope = Scope::new(given)
        .with_variables(&Owner::SuiteFile, &suite.file.variables)
        .with_variables(&owner, &environment.variables);
    let mut fill = Fill::new(suite, engine, scope.clone());
    let host = match &environment.host {
        Host::Embedded => None,
        Host::Url(source) => host(&mut fill, &At::new(&owner, "/host"), source),
    };
    let tls = tls(&mut fill, &owner, &environment.tls);
    let signing = environment.signing.as_ref().map(|written| signing(&mut fill, &owner, written));
    let connecting = connecting(&mut fill, &owner, &environment.connecting);
    fill.finish()?;
    Ok(Party {
        environment: name.to_owned(),
        host,
        tls,
        client_id: client_id(suite, environment, engine, &scope),
        signing,
        headers: environment.headers.clone(),
        timeout: environment.timeout,
        retry: environment.retry.clone(),
        connecting,
        resolve: environment.resolve.clone(),
        scope,
        embedded: environment.host == Host::Embedded,
    })
}

impl Party {
    /// Whether its host is the sandbox that is built in.
    pub fn is_embedded(&self) -> bool {
        self.embedded
    }

    /// Gives it the host on which its sandbox listens.
    pub fn serve_at(&mut self, host: Url) {
        self.host = Some(host);
    }

    /// The client id that its signatures name, as far as it is known before any request: its key
    /// id, else its variable `client_id`.
    pub fn client_id(&self) -> Option<String> {
        self.client_id.clone()
    }
}

fn client_id(suite: &Suite, environment: &Environment, engine: &Engine, scope: &Scope) -> Option<String> {
    let own = environment.signing.as_ref().and_then(|signing| signing.key_id.as_deref());
    let at = At::new(&Owner::Environment(environment.name.clone()), "/signing/key_id");
    let known = |source: &str| Fill::new(suite, engine, scope.clone()).text(&at, source);
    own.and_then(known).or_else(|| known("{{ client_id }}"))
}

fn host(fill: &mut Fill<'_>, at: &At, source: &str) -> Option<Url> {
    let text = fill.text(at, source)?;
    let url = target::parse(&text, "`host`").and_then(|url| {
        if url.query().is_some() || url.fragment().is_some() {
            let problem = Diagnostic::error(crate::diag::Code::Unusable, "`host` has a query or fragment");
            return Err(problem.help("give the query with each request, under `query`"));
        }
        Ok(url)
    });
    url.map_err(|problem| fill.problem(at, None, problem, "")).ok()
}

fn tls(fill: &mut Fill<'_>, owner: &Owner, written: &Tls) -> Tls {
    let single = written.ca.len() == 1;
    let ca = written.ca.iter().enumerate().filter_map(|(index, source)| {
        let item = At::new(owner, format!("/tls/ca/{index}"));
        let at = if single && !fill.is_there(&item) { At::new(owner, "/tls/ca") } else { item };
        fill.text(&at, source)
    });
    let ca = ca.collect();
    Tls {
        certificate: optional(fill, owner, "/tls/certificate", written.certificate.as_deref()),
        key: optional(fill, owner, "/tls/key", written.key.as_deref()),
        pkcs12: optional(fill, owner, "/tls/pkcs12", written.pkcs12.as_deref()),
        passphrase: passphrase(fill, owner, "/tls/passphrase", written.passphrase.as_ref()),
        ca,
        ca_only: written.ca_only,
        options: TlsOptions {
            server_name: server_name(fill, owner, written.options.server_name.as_deref()),
            ..written.options.clone()
        },
    }
}

/// A name that can't be asked for would be left out on the way, and another one asked for instead.
fn server_name(fill: &mut Fill<'_>, owner: &Owner, written: Option<&str>) -> Option<String> {
    let name = optional(fill, owner, "/tls/server_name", written)?;
    if !is_host_name(&name) {
        let message = format!("`server_name` is {}, which is no host name", literal(&name));
        let problem = Diagnostic::error(crate::diag::Code::Unusable, message);
        let help = "write a name such as `api.example.com`, without scheme and port";
        fill.problem(&At::new(owner, "/tls/server_name"), None, problem.help(help), "");
    }
    Some(name)
}

/// Fills and reads the URL of a proxy, and learns its password.
pub(super) fn connecting(fill: &mut Fill<'_>, owner: &Owner, written: &Connecting) -> Connecting {
    let Some(ProxyChoice::Through(source)) = &written.proxy else { return written.clone() };
    let at = At::new(owner, "/proxy");
    let filled = fill.text(&at, source);
    if let Some(Err(error)) = filled.as_deref().map(Proxy::parse) {
        // The text is not shown: it may hold a password.
        let problem = Diagnostic::error(crate::diag::Code::Unusable, format!("`proxy` {error}"));
        fill.problem(&at, None, problem.help("write `http://HOST:PORT`, or `false`"), "");
    }
    Connecting { proxy: filled.map(ProxyChoice::Through), ..written.clone() }
}

fn signing(fill: &mut Fill<'_>, owner: &Owner, written: &Signing) -> Signing {
    Signing {
        profiles: written.profiles.clone(),
        key: optional(fill, owner, "/signing/key", written.key.as_deref()),
        command: written.command.as_ref().map(|command| key_source::command(fill, owner, command)),
        pkcs12: optional(fill, owner, "/signing/pkcs12", written.pkcs12.as_deref()),
        passphrase: passphrase(fill, owner, "/signing/passphrase", written.passphrase.as_ref()),
        secret: optional(fill, owner, "/signing/secret", written.secret.as_deref()),
        certificate: optional(fill, owner, "/signing/certificate", written.certificate.as_deref()),
        public_key: optional(fill, owner, "/signing/public_key", written.public_key.as_deref()),
        key_id: written.key_id.clone(),
    }
}

fn optional(fill: &mut Fill<'_>, owner: &Owner, pointer: &str, source: Option<&str>) -> Option<String> {
    source.and_then(|source| fill.text(&At::new(owner, pointer), source))
}
