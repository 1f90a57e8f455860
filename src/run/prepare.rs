//! Everything that steps need and that can be made, or refused, before a byte is sent:
//! environments rendered, keys read, profiles found, connections' settings made.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use url::Url;

use super::Surroundings;
use super::asked::{Asked, asked};
use super::attempts::Turn;
use super::clients::{Connected, StepClient, clients};
use super::compose::{Failure, How, compose};
use super::credentials::{Credentials, SigningPair};
use super::label::label;
use super::rehearse::rehearse;
use super::scopes::Scopes;
use super::signers::{Keys, credentials};
use super::transports::{Transports, Travel, travels};
use super::{secrets, stop, tamper};
use crate::diag::{Diagnostic, Severity, distinct};
use crate::files::Root;
use crate::load::Suite;
use crate::plan::{Edge, Plan};
use crate::render::{self, Party, Rendered, Scope};
use crate::report::StepLabel;
use crate::send::{Transport, TransportSettings, Way};
use crate::sign::{Making, SignedMessage, Signer, moment};
use crate::snapshot::Store;
use crate::spec::Request;

/// An environment whose key material is read and found good.
pub struct Ready {
    /// The environment, rendered.
    pub party: Party,
    /// What its connections are made with.
    pub tls: TransportSettings,
    /// What signs its requests; `None` when nothing that was checked is signed.
    pub signing: Option<SigningPair>,
}

/// A plan that can be carried out.
pub struct Prepared {
    /// The suite.
    pub suite: Arc<Suite>,
    /// The plan.
    pub plan: Plan,
    /// What came from outside.
    pub surroundings: Surroundings,
    /// What reporters are told of each step before it runs.
    pub labels: Vec<StepLabel>,
    pub(super) store: Store,
    environments: IndexMap<String, Party>,
    transports: Transports,
    travels: Vec<Travel>,
    signers: Vec<Vec<Arc<Signer>>>,
    clients: Vec<StepClient>,
    asked: Vec<Asked>,
    asks_programs: bool,
    /// The snapshots of several steps each.
    shared: BTreeSet<String>,
}

/// What was read of the key material of a plan's environments.
pub struct Checked {
    /// The environments, in order of first use.
    pub environments: Vec<Ready>,
    /// What signs each step, in the order in which it does.
    pub signers: Vec<Vec<Arc<Signer>>>,
    /// What says who the client of each step is.
    pub clients: Vec<StepClient>,
    /// What is asked of each step's answer and was read from files.
    pub asked: Vec<Asked>,
    /// How each step travels.
    pub travels: Vec<Travel>,
    /// What is wrong without keeping anything from running.
    pub warnings: Vec<Diagnostic>,
}

/// Renders every environment that the plan uses; those that can't be are among the problems.
pub fn parties(suite: &Suite, plan: &Plan, surroundings: &Surroundings) -> (Vec<Party>, Vec<Diagnostic>) {
    let mut parties = Vec::new();
    let mut problems = Vec::new();
    for name in tamper::environments(suite, plan) {
        match party(suite, &name, surroundings) {
            Ok(party) => parties.push(party),
            Err(found) => problems.extend(found),
        }
    }
    (parties, problems)
}

/// Renders one environment.
pub fn party(suite: &Suite, name: &str, surroundings: &Surroundings) -> Result<Party, Vec<Diagnostic>> {
    let engine = surroundings.engine_for_keys(&suite.root, name);
    render::party(suite, name, &engine, &surroundings.given)
}

/// Reads the key material that the plan needs, makes every message that can be made without
/// sending anything, and refuses what can't be used: everything that is wrong, at once. `found`
/// is what was wrong before.
pub fn check(
    suite: &Suite,
    plan: &Plan,
    (parties, found): (Vec<Party>, Vec<Diagnostic>),
    surroundings: &Surroundings,
) -> Result<Checked, Vec<Diagnostic>> {
    let mut problems = found;
    let mut signers = vec![Vec::new(); plan.steps.len()];
    let mut keys = Vec::new();
    for party in &parties {
        keys.push(credentials(suite, plan, (party, surroundings), &mut signers, &mut problems));
    }
    tamper::signers(suite, plan, (&parties, surroundings), &mut signers, &mut problems);
    let connected = parties.iter().zip(&keys).map(|(party, (tls, _))| Connected::new(party, tls.as_ref()));
    let clients = clients(suite, plan, &connected.collect::<Vec<_>>(), surroundings, &mut problems);
    let asked = asked(suite, plan, &parties, surroundings, &mut problems);
    let travels = travels(suite, plan, &parties, surroundings, &mut problems);
    let keys_of = |index: usize| (signers[index].as_slice(), &clients[index]);
    problems.extend(rehearse(suite, plan, &parties, surroundings, keys_of));
    let checked = judged(parties.into_iter().zip(keys), signers, problems)?;
    Ok(Checked { clients, asked, travels, ..checked })
}

/// Reads all key material of one environment, whatever its requests need of it.
pub fn all_credentials(
    suite: &Suite,
    party: Party,
    surroundings: &Surroundings,
) -> Result<Checked, Vec<Diagnostic>> {
    let mut credentials = Credentials::of(&party, suite, surroundings);
    let tls = credentials.tls();
    for choice in party.signing.iter().flat_map(|signing| &signing.profiles) {
        suite.chosen(choice).and_then(|profile| credentials.signer(&profile, None));
    }
    let (problems, signing) = credentials.finish();
    judged([(party, (tls, signing))], Vec::new(), problems)
}

/// Refuses when anything is an error.
fn judged(
    environments: impl IntoIterator<Item = (Party, Keys)>,
    signers: Vec<Vec<Arc<Signer>>>,
    problems: Vec<Diagnostic>,
) -> Result<Checked, Vec<Diagnostic>> {
    let (errors, warnings): (Vec<_>, Vec<_>) =
        distinct(problems).into_iter().partition(|problem| problem.severity == Severity::Error);
    if !errors.is_empty() {
        return Err(errors);
    }
    let ready = environments
        .into_iter()
        .filter_map(|(party, (tls, signing))| Some(Ready { party, tls: tls?, signing }));
    let environments = ready.collect();
    let (clients, asked, travels) = (Vec::new(), Vec::new(), Vec::new());
    Ok(Checked { environments, signers, clients, asked, travels, warnings })
}

impl Prepared {
    /// Joins what was checked into something that can run. Opens no connection.
    pub fn new(
        suite: Arc<Suite>,
        plan: Plan,
        surroundings: Surroundings,
        checked: Checked,
    ) -> Result<Self, Vec<Diagnostic>> {
        let (mut environments, mut own) = (IndexMap::new(), IndexMap::new());
        let mut problems = Vec::new();
        let Checked { environments: ready, signers, clients, asked, travels, .. } = checked;
        for Ready { party, tls, .. } in ready {
            match Transport::new(tls) {
                Ok(transport) => {
                    own.insert(party.environment.clone(), transport);
                    environments.insert(party.environment.clone(), party);
                }
                Err(error) => {
                    let mut problem = Diagnostic::error(error.code, error.message);
                    problem.help.extend(error.help);
                    problems.push(problem);
                }
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let store = match store(&suite, &surroundings) {
            Ok(store) => store,
            Err(problem) => return Err(vec![problem]),
        };
        let labels = plan.steps.iter().map(|step| label(step, &suite)).collect();
        let asks_programs = suite.sources.texts().any(|text| text.contains("command"));
        let shared = shared(&plan, &suite);
        Ok(Self {
            suite,
            plan,
            surroundings,
            labels,
            store,
            environments,
            transports: Transports::of(own),
            travels,
            signers,
            clients,
            asked,
            asks_programs,
            shared,
        })
    }

    /// The root of the suite.
    pub fn root(&self) -> &Root {
        &self.suite.root
    }

    /// The request of a step.
    pub fn request(&self, index: usize) -> &Request {
        &self.suite.requests[&self.plan.steps[index].request]
    }

    /// Whether other steps are compared with the same snapshot.
    pub(super) fn shares_its_snapshot(&self, index: usize) -> bool {
        self.shared.contains(&self.snapshot(index).0)
    }

    /// The environment of a step.
    pub fn party(&self, index: usize) -> &Party {
        &self.environments[&self.plan.steps[index].environment]
    }

    /// The environment over whose connection a step is sent: its own, unless `tamper` says otherwise.
    pub fn connection(&self, index: usize) -> &Party {
        let own = &self.plan.steps[index].environment;
        &self.environments[&tamper::connection(self.request(index), own)]
    }

    /// The environment whose key signs a step: its own, unless `tamper` says otherwise.
    pub fn key_of(&self, index: usize) -> &Party {
        let own = &self.plan.steps[index].environment;
        &self.environments[&tamper::key(self.request(index), own)]
    }

    /// What signs a step, in the order in which it does; empty when nothing does.
    pub fn signers(&self, index: usize) -> &[Arc<Signer>] {
        &self.signers[index]
    }

    /// Whether making the message of a step may wait for a program: one that signs, or, as far as
    /// that can be told without looking closer, one that tells a secret.
    pub(super) fn may_wait(&self, index: usize) -> bool {
        self.asks_programs || self.signers(index).iter().any(|signer| signer.waits_for_a_program())
    }

    /// What is asked of the answer of a step and was read from files.
    pub(super) fn asked(&self, index: usize) -> &Asked {
        &self.asked[index]
    }

    /// What says who the client of a step is, and what it proves.
    pub fn client(&self, index: usize) -> &StepClient {
        &self.clients[index]
    }

    /// The scope of a step; `inherit` puts into a scope what the steps left behind that these edges
    /// lead to, under a name.
    pub fn scope(
        &self,
        index: usize,
        inherit: &dyn Fn(Scope, &str, &[&Edge]) -> Scope,
    ) -> Result<Scope, Vec<Diagnostic>> {
        self.scopes().scope(&self.plan.steps[index], &self.party(index).scope, inherit)
    }

    pub(super) fn scopes(&self) -> Scopes<'_> {
        Scopes { suite: &self.suite, plan: &self.plan, surroundings: &self.surroundings }
    }

    pub(super) fn stop(&self, index: usize) -> stop::Stop<'_> {
        stop::Stop { suite: &self.suite, request: self.request(index), name: &self.plan.steps[index].name }
    }

    /// A step as it is rendered.
    fn step(&self, index: usize) -> render::Step<'_> {
        render::Step {
            request: self.request(index),
            case: self.plan.steps[index].case,
            party: self.party(index),
            signers: self.signers(index),
            onward: render::Onward::default(),
        }
    }

    /// Why a step does not run, where it says so itself.
    pub(super) fn skip(&self, index: usize, scope: &Scope) -> Result<Option<String>, Vec<Diagnostic>> {
        if self.request(index).skip.is_none() {
            return Ok(None);
        }
        let step = &self.plan.steps[index];
        let engine =
            self.surroundings.engine(self.root(), &format!("{}@{} skip", step.name, step.environment));
        render::skip(&self.suite, self.step(index), scope, &engine)
    }

    /// What the snapshot of a step is called, as a file and by people.
    pub(super) fn snapshot(&self, index: usize) -> (String, String) {
        let (request, step) = (self.request(index), &self.plan.steps[index]);
        (
            request.snapshot_id(step.case, &step.environment),
            request.snapshot_name(step.case, &step.environment),
        )
    }

    /// What the random values of a step depend on, beside its attempt.
    pub(super) fn sequence(&self, index: usize) -> String {
        let step = &self.plan.steps[index];
        // Steps of one name may have variables of different values.
        let with = step.with.as_ref().map(|with| format!(" {}", with.meaning)).unwrap_or_default();
        format!("{}@{}{with}", step.name, step.environment)
    }

    /// The message of a step, rendered and signed.
    pub fn message(
        &self,
        index: usize,
        scope: &Scope,
        turn: &Turn,
    ) -> Result<(Rendered, SignedMessage), Failure> {
        let engine = self.surroundings.engine(self.root(), &turn.name(&self.sequence(index)));
        let now = self.surroundings.clock.now();
        let onward = render::Onward { hop: turn.chain.hop.as_ref(), cookies: Some((&turn.jar, now)) };
        let whole = render::Step { onward, ..self.step(index) };
        let making = Making { at: moment(&whole.request.tamper, now), rehearsal: false };
        let how = How { client: self.client(index), nonces: &turn.nonces, making };
        let (rendered, signed) = compose(&self.suite, whole, scope, &engine, &how)?;
        secrets::remember_client(&self.surroundings.redactor, &rendered.client);
        secrets::remember_written_cookies(&self.surroundings.redactor, &rendered.cookies);
        Ok((rendered, signed))
    }

    /// How a step travels.
    pub fn travel(&self, index: usize) -> &Travel {
        &self.travels[index]
    }

    /// The way of a step to a URL.
    pub fn way(&self, index: usize, url: &Url) -> Way {
        self.travels[index].to(url, &self.surroundings.proxies)
    }

    /// What a step is sent with. An absolute URL on another host gets no client certificate.
    pub(super) fn transport(&self, index: usize, rendered: &Rendered) -> Arc<Transport> {
        let way = self.way(index, &rendered.message.url);
        if rendered.own_origin {
            return self.transports.own(&self.connection(index).environment, way);
        }
        self.transports.elsewhere(self.party(index), way)
    }
}

/// The snapshots of requests that run in several environments, as several identities or with
/// several sets of variables.
fn shared(plan: &Plan, suite: &Suite) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let id =
        |step: &crate::plan::Step| suite.requests[&step.request].snapshot_id(step.case, &step.environment);
    plan.steps.iter().map(id).filter(|id| !seen.insert(id.clone())).collect()
}

fn store(suite: &Suite, surroundings: &Surroundings) -> Result<Store, Diagnostic> {
    let store =
        Store::open(&suite.root).map_err(|error| Diagnostic::error(error.code(), error.to_string()))?;
    Ok(match &surroundings.snapshot_references {
        Some(file) => store.with_references(file.clone()),
        None => store,
    })
}
