//! The way of each step to its server, and the transports that go it. Steps that go the same way
//! as the same party share a transport, and with it connections; one is made when it is first
//! asked for.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use indexmap::IndexMap;
use url::Url;

use super::Surroundings;
use super::proxies::Proxies;
use crate::diag::{Code, Diagnostic};
use crate::limits;
use crate::load::{Owner, Suite};
use crate::plan::Plan;
use crate::render::{self, Party};
use crate::send::{Transport, TransportSettings, Way};
use crate::spec::{Connecting, HttpVersion, Proxy, ProxyChoice, Request, Resolve};

/// How a step travels, as far as that is known before its URL is.
#[derive(Debug, Clone, Default)]
pub struct Travel {
    way: Way,
    /// Whether nothing but the process environment says which proxy is taken.
    by_variables: bool,
}

impl Travel {
    /// The way to a URL.
    pub fn to(&self, url: &Url, proxies: &Proxies) -> Way {
        let proxy = if self.by_variables { proxies.to(url).cloned() } else { self.way.proxy.clone() };
        Way { proxy, ..self.way.clone() }
    }

    /// Whether it was said that there is no proxy.
    pub fn is_straight(&self) -> bool {
        !self.by_variables && self.way.proxy.is_none()
    }
}

/// How each step travels.
pub(super) fn travels(
    suite: &Suite,
    plan: &Plan,
    parties: &[Party],
    surroundings: &Surroundings,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Travel> {
    let engine = surroundings.engine(&suite.root, "proxy");
    let steps = plan.steps.iter().map(|step| {
        let request = &suite.requests[&step.request];
        let Some(party) = parties.iter().find(|party| party.environment == step.environment) else {
            return Travel::default();
        };
        let whole =
            render::Step { request, case: step.case, party, signers: &[], onward: render::Onward::default() };
        match render::connecting(suite, whole, &engine) {
            Ok(connecting) => {
                problems.extend(conflict(suite, request, party, &connecting));
                let travel = travel(&connecting, surroundings);
                if travel.by_variables && !party.is_embedded() {
                    problems.extend_from_slice(surroundings.proxies.problems());
                }
                travel
            }
            Err(found) => {
                problems.extend(found);
                Travel::default()
            }
        }
    });
    steps.collect()
}

fn travel(connecting: &Connecting, surroundings: &Surroundings) -> Travel {
    let proxy = match &connecting.proxy {
        // What is no URL of a proxy was refused when it was filled.
        Some(ProxyChoice::Through(url)) => Proxy::parse(url).ok(),
        Some(ProxyChoice::Off) | None => None,
    };
    if let Some((_, password)) = proxy.as_ref().and_then(Proxy::credentials) {
        surroundings.redactor.remember("proxy_password", password);
    }
    let way = Way {
        connect_timeout: connecting.timeout.unwrap_or(limits::CONNECT_TIMEOUT),
        http_version: connecting.http_version.unwrap_or_default(),
        proxy,
    };
    Travel { way, by_variables: connecting.proxy.is_none() }
}

/// A server that is asked for by another name than the URL's is spoken to in HTTP/1.1: HTTP/2 has
/// one place for both names.
fn conflict(suite: &Suite, request: &Request, party: &Party, connecting: &Connecting) -> Option<Diagnostic> {
    party.tls.options.server_name.as_ref()?;
    connecting.http_version.filter(|version| *version == HttpVersion::Http2)?;
    let own = suite.locations.find(&Owner::Request(request.name.clone()), "/http_version");
    let shared = || suite.locations.find(&Owner::Environment(party.environment.clone()), "/http_version");
    let name = &party.environment;
    let problem = Diagnostic::error(
        Code::WrongValue,
        format!("`http_version: 2` does not go with the `server_name` of `{name}`"),
    );
    let problem = problem.help("with `server_name`, HTTP/1.1 is spoken: write `auto` or `1.1`");
    Some(problem.at(own.or_else(shared).map(|place| place.value), ""))
}

/// Every transport of a run.
pub(super) struct Transports {
    own: IndexMap<String, Transport>,
    made: Mutex<HashMap<Key, Arc<Transport>>>,
}

#[derive(PartialEq, Eq, Hash)]
struct Key {
    environment: String,
    /// Whether it goes to the environment's own host, as the environment's party.
    own: bool,
    way: Way,
}

impl Transports {
    /// Of the parties of these environments.
    pub(super) fn of(own: IndexMap<String, Transport>) -> Self {
        Self { own, made: Mutex::default() }
    }

    /// To the host of an environment, as its party.
    pub(super) fn own(&self, environment: &str, way: Way) -> Arc<Transport> {
        let key = Key { environment: environment.to_owned(), own: true, way };
        self.get(key, |way| self.own[environment].along(way))
    }

    /// To another host, as nobody in particular.
    pub(super) fn elsewhere(&self, party: &Party, way: Way) -> Arc<Transport> {
        let key = Key { environment: party.environment.clone(), own: false, way };
        self.get(key, |way| stranger(party.resolve.clone(), way))
    }

    fn get(&self, key: Key, make: impl FnOnce(Way) -> Transport) -> Arc<Transport> {
        let mut made = self.made.lock().expect("nothing panics while it holds the lock");
        let way = key.way.clone();
        Arc::clone(made.entry(key).or_insert_with(|| Arc::new(make(way))))
    }
}

fn stranger(resolve: Vec<Resolve>, way: Way) -> Transport {
    let settings = TransportSettings { system_roots: true, resolve, way, ..TransportSettings::default() };
    Transport::new(settings).expect("there is no key material that could be refused")
}
