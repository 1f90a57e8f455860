//! The keys of client authentication and of DPoP, read and checked before anything is sent. A key
//! that several requests use is read once.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Surroundings;
use super::credentials::key_place;
use super::key_files::{KeyFiles, Lock, Named};
use crate::diag::{Code, Diagnostic};
use crate::keys::PrivateKey;
use crate::load::{Chosen, Owner, Suite};
use crate::plan::Plan;
use crate::render::{self, Party};
use crate::send::TransportSettings;
use crate::sign::{
    Algorithm, Authenticator, ClientMethod, Prover, SignError, certificate_thumbprint, jose_name,
};
use crate::spec::{ClientAuthentication, Dpop, Request, Signing};

/// What says who the client of a step is, and what it proves.
#[derive(Default, Clone)]
pub struct StepClient {
    /// Says who the client is.
    pub authenticator: Option<Arc<Authenticator>>,
    /// Proves that the client has the key of its tokens.
    pub prover: Option<Arc<Prover>>,
    /// The thumbprint of the certificate that it connects with.
    pub certificate: Option<String>,
}

/// An environment, and the thumbprint of the certificate that its requests connect with.
pub(super) struct Connected<'a> {
    pub(super) party: &'a Party,
    pub(super) certificate: Option<String>,
}

impl<'a> Connected<'a> {
    pub(super) fn new(party: &'a Party, tls: Option<&TransportSettings>) -> Self {
        let client = tls.and_then(|tls| tls.client.as_ref());
        let certificate = client.and_then(|client| client.chain.first()).map(certificate_thumbprint);
        Self { party, certificate }
    }
}

/// What says who the client of each step is.
pub(super) fn clients(
    suite: &Suite,
    plan: &Plan,
    connected: &[Connected<'_>],
    surroundings: &Surroundings,
    problems: &mut Vec<Diagnostic>,
) -> Vec<StepClient> {
    let mut keys = Keys {
        suite,
        surroundings,
        read: IndexMap::new(),
        files: KeyFiles::of(suite, &surroundings.redactor),
    };
    let clients = plan.steps.iter().map(|step| {
        let found = connected.iter().find(|connected| connected.party.environment == step.environment);
        found.map(|connected| keys.client(&suite.requests[&step.request], connected)).unwrap_or_default()
    });
    let clients = clients.collect();
    problems.append(&mut keys.files.problems);
    clients
}

/// The place of settings in an environment: what was made of them is made once.
type Made = (String, Owner, String);

struct Keys<'a> {
    suite: &'a Suite,
    surroundings: &'a Surroundings,
    /// `None`: it could not be made, which is told.
    read: IndexMap<Made, StepClient>,
    files: KeyFiles<'a>,
}

impl Keys<'_> {
    fn client(&mut self, request: &Request, connected: &Connected<'_>) -> StepClient {
        let Connected { party, certificate } = connected;
        let environment = &party.environment;
        let authentication = self.suite.client_authentication(request, environment);
        let dpop = self.suite.dpop(request, environment);
        if authentication.is_none() && request.client_authentication.is_as_environment() {
            self.refuse_nothing(request, "client_authentication", environment);
        }
        if dpop.is_none() && request.dpop.is_as_environment() {
            self.refuse_nothing(request, "dpop", environment);
        }
        if authentication.is_none() && dpop.is_none() {
            return StepClient::default();
        }
        let authenticator = authentication.and_then(|chosen| {
            self.once(environment, &chosen.owner, &chosen.pointer, |keys| StepClient {
                authenticator: keys.authenticator(&chosen, connected).map(Arc::new),
                ..StepClient::default()
            })
            .authenticator
        });
        let prover = dpop.and_then(|chosen| {
            self.once(environment, &chosen.owner, &chosen.pointer, |keys| StepClient {
                prover: keys.prover(&chosen, party).map(Arc::new),
                ..StepClient::default()
            })
            .prover
        });
        StepClient { authenticator, prover, certificate: certificate.clone() }
    }

    fn once(
        &mut self,
        environment: &str,
        owner: &Owner,
        pointer: &str,
        make: impl FnOnce(&mut Self) -> StepClient,
    ) -> StepClient {
        let place = (environment.to_owned(), owner.clone(), pointer.to_owned());
        if let Some(made) = self.read.get(&place) {
            return made.clone();
        }
        let made = make(self);
        self.read.insert(place, made.clone());
        made
    }

    /// A request that asks for what its environment does not say.
    fn refuse_nothing(&mut self, request: &Request, key: &str, environment: &str) {
        let owner = Owner::Request(request.name.clone());
        let message = format!("the environment `{environment}` has no `{key}`, and a request asks for it");
        let problem = Diagnostic::error(Code::MissingKey, message)
            .help(format!("add `{key}: {{…}}` to the environment, or write it out in the request"));
        self.problem(&owner, &format!("/{key}"), problem);
    }

    fn authenticator(
        &mut self,
        chosen: &Chosen<'_, ClientAuthentication>,
        connected: &Connected<'_>,
    ) -> Option<Authenticator> {
        let settings = chosen.settings;
        if settings.method == ClientMethod::Tls && connected.certificate.is_none() {
            let environment = &connected.party.environment;
            let message =
                format!("`tls` needs a client certificate, and the environment `{environment}` has none");
            let help = "add `tls: {certificate: …, key: …}` to the environment";
            self.problem(
                &chosen.owner,
                &chosen.pointer,
                Diagnostic::error(Code::Certificate, message).help(help),
            );
            return None;
        }
        if settings.method != ClientMethod::PrivateKeyJwt {
            return Authenticator::new(settings.method, settings.algorithm, None).ok();
        }
        let (file, key, place) = self.key(chosen, settings.key.as_deref(), connected.party)?;
        let made = Authenticator::new(settings.method, settings.algorithm, Some(key.into()));
        self.fitting(made, &file, settings.algorithm, &place)
    }

    fn prover(&mut self, chosen: &Chosen<'_, Dpop>, party: &Party) -> Option<Prover> {
        let (file, key, place) = self.key(chosen, chosen.settings.key.as_deref(), party)?;
        let made = Prover::new(key, chosen.settings.algorithm);
        self.fitting(made, &file, chosen.settings.algorithm, &place)
    }

    fn fitting<T>(
        &mut self,
        made: Result<T, SignError>,
        file: &str,
        algorithm: Option<Algorithm>,
        (owner, pointer): &(Owner, String),
    ) -> Option<T> {
        made.map_err(|error| {
            let message = match (&error, algorithm) {
                (SignError::WrongKey { material, .. }, Some(algorithm)) => {
                    format!(
                        "`{}` needs {}, and `{file}` is {material}",
                        jose_name(algorithm),
                        algorithm.wants()
                    )
                }
                _ => format!("`{file}`: {error}"),
            };
            let problem = Diagnostic::error(Code::Key, message);
            self.problem(owner, pointer, problem.help("leave `algorithm` out: it follows the key"));
        })
        .ok()
    }

    /// The private key that settings name, else the environment's signing key; its file, and where
    /// that is named.
    fn key<T>(
        &mut self,
        chosen: &Chosen<'_, T>,
        named: Option<&str>,
        party: &Party,
    ) -> Option<(String, PrivateKey, (Owner, String))> {
        let Some(source) = named else {
            let signing = party.signing.as_ref();
            let file = signing.and_then(Signing::key_file);
            let (Some(file), Some(signing)) = (file, signing) else {
                let what = chosen.pointer.rsplit('/').next().unwrap_or_default();
                let message =
                    format!("`{what}` names no private key, and neither does the environment's `signing`");
                let problem = Diagnostic::error(Code::Key, message);
                self.problem(
                    &chosen.owner,
                    &chosen.pointer,
                    problem.help("add `key: certificates/NAME.key`"),
                );
                return None;
            };
            let key = self.signing_key(signing, file, &party.environment)?;
            return Some((file.clone(), key, (chosen.owner.clone(), chosen.pointer.clone())));
        };
        let place = (chosen.owner.clone(), format!("{}/key", chosen.pointer));
        let engine = self.surroundings.engine_for_keys(&self.suite.root, "client keys");
        match render::key_path(self.suite, (&place.0, &place.1), source, party, &engine) {
            Ok(file) => {
                let named = Named { path: &file, place: (&place.0, &place.1), lock: Lock::Never };
                let key = self.files.key(named)?;
                Some((file, key, place))
            }
            Err(problems) => {
                self.files.problems.extend(problems);
                None
            }
        }
    }

    /// The environment's signing key, in whatever form it lies there; what is wrong with it is told
    /// where the environment names it.
    fn signing_key(&mut self, signing: &Signing, path: &str, environment: &str) -> Option<PrivateKey> {
        let owner = Owner::Environment(environment.to_owned());
        let lock = Lock::Beside(signing.passphrase.as_ref());
        let named = Named { path, place: (&owner, key_place(signing)), lock };
        match signing.pkcs12 {
            Some(_) => self.files.store(named).map(|store| store.key),
            None => self.files.key(named),
        }
    }

    fn problem(&mut self, owner: &Owner, pointer: &str, problem: Diagnostic) {
        self.files.problem(problem, (owner, pointer));
    }
}
