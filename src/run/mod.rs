//! The stage that carries a plan out: prepares what the steps need, runs them as their needs
//! allow, and tells what happens, in one order, through one function.

mod credentials;
mod expiry;
mod journey;
mod key_files;
mod label;
mod nonces;
mod one;
mod order;
mod prepare;
mod proxies;
mod programs;
mod refresh;
mod rest;
mod asked;
mod attempts;
mod clients;
mod again;
mod compose;
mod conduct;
mod ending;
mod rehearse;
mod redirect;
mod retry;
mod schedule;
mod sending;
mod scopes;
mod secrets;
mod signers;
mod stop;
mod surroundings;
mod tally;
mod tamper;
mod tracked;
mod transports;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::{Duration, Instant};

use indexmap::IndexMap;
use serde_json::Value;
use tokio::task::{Id, JoinSet};

pub use attempts::Turn;
pub use clients::StepClient;
pub use compose::Failure;
pub use credentials::SigningPair;
pub use nonces::Nonces;
pub use one::{gather, twice};
pub use prepare::{Checked, Prepared, Ready, all_credentials, check, parties, party};
pub use proxies::Proxies;
pub use secrets::remember_received;
pub use surroundings::Surroundings;
pub use tracked::tracked;
pub use transports::Travel;

use crate::cookies::Jar;
use crate::diag::Diagnostic;
use crate::limits;
use crate::render::Scope;
use crate::report::{Earlier, Event, Problem, Status, StepResult, Summary};
use journey::{Ended, Legacy, Start};
use refresh::{Tokens, Waiting};
use rest::{Resting, Rests};
use schedule::{Closed, Schedule};
use stop::Stop;
use tally::count;

pub use conduct::{Conduct, Halt};

/// The name of a step that panics in tests.
#[cfg(test)]
pub(crate) const PANICS: &str = "panics";

/// Carries the plan out, until `stop` is ready: then nothing more starts, what is in flight is given
/// up after [`limits::GRACE`], and everything that is known is told.
pub async fn run(
    prepared: Arc<Prepared>,
    stop: impl Future<Output = ()>,
    tell: &mut (dyn FnMut(Event<'_>) + '_),
) -> Summary {
    let environment = prepared.plan.environments().join(", ");
    let at = prepared.surroundings.clock.now();
    let shard = prepared.plan.shard;
    tell(Event::RunStarted { at, environment: &environment, shard, steps: &prepared.labels });
    let steps = prepared.plan.steps.len();
    let mut running = Running::new(Arc::clone(&prepared), steps, tell);
    let halt = tokio::select! {
        () = running.drain() => running.halted,
        () = stop => Some(Halt::Interrupted),
        halt = deadline(prepared.surroundings.conduct.deadline) => Some(halt),
    };
    if halt == Some(Halt::Interrupted) {
        running.schedule.close(Closed::ToAll);
        // What is not done by then is given up.
        let _ = tokio::time::timeout(limits::GRACE, running.drain()).await;
    }
    if let Some(halt) = halt {
        running.give_up(halt);
    }
    let cut_short = halt.and_then(stop::cut_short);
    let duration = running.began.elapsed();
    let summary = Summary { duration, cut_short, ..std::mem::take(&mut running.summary) };
    (running.tell)(Event::RunFinished(&summary));
    summary
}

/// A run on its way. It owns everything that changes; steps get copies and hand back what they
/// learned.
struct Running<'a> {
    prepared: Arc<Prepared>,
    began: Instant,
    schedule: Schedule,
    flying: JoinSet<Ended>,
    steps: HashMap<Id, usize>,
    /// What steps left behind, for those that need them.
    legacies: Vec<Option<Legacy>>,
    /// Which steps passed.
    passed: Vec<bool>,
    /// How many steps still need what a step left behind.
    heirs: Vec<usize>,
    /// Ended, but an earlier step in the plan has not.
    untold: BTreeMap<usize, StepResult>,
    next: usize,
    /// Whether answers are compared with their snapshots.
    compares: bool,
    /// The newest nonces that servers gave.
    nonces: Nonces,
    tokens: Tokens,
    rests: Rests,
    resting: Resting,
    /// How often each step was tried again.
    tries: Vec<usize>,
    /// What was sent of steps that are tried again.
    tried: HashMap<usize, Vec<Earlier>>,
    /// When each step began for the first time.
    first: Vec<Option<Duration>>,
    /// Why nothing more starts.
    halted: Option<Halt>,
    summary: Summary,
    tell: &'a mut (dyn FnMut(Event<'_>) + 'a),
}

impl<'a> Running<'a> {
    /// Of the first `steps` steps of the plan.
    fn new(prepared: Arc<Prepared>, steps: usize, tell: &'a mut (dyn FnMut(Event<'_>) + 'a)) -> Self {
        let mut order = order::order(&prepared);
        let mut heirs = vec![0; order.needs.len()];
        order.needs.iter().flatten().for_each(|&need| heirs[need] += 1);
        // What fetches a token may have to do so again, to the end of the run.
        let tokens = Tokens::of(&prepared.plan);
        tokens.fetched_by().flat_map(|step| &order.needs[step]).for_each(|&need| heirs[need] += 1);
        order.needs.truncate(steps);
        let (rests, resting) = rest::channel();
        Self {
            began: Instant::now(),
            schedule: Schedule::new(order),
            passed: vec![false; heirs.len()],
            flying: JoinSet::new(),
            steps: HashMap::new(),
            legacies: vec![None; heirs.len()],
            heirs,
            untold: BTreeMap::new(),
            next: 0,
            compares: true,
            nonces: Nonces::default(),
            tokens,
            rests,
            resting,
            tries: vec![0; prepared.plan.steps.len()],
            tried: HashMap::new(),
            first: vec![None; prepared.plan.steps.len()],
            halted: None,
            summary: Summary { contracts: asked::contracts(&prepared), ..Summary::default() },
            tell,
            prepared,
        }
    }

    async fn drain(&mut self) {
        loop {
            self.resting.give(&mut self.schedule);
            self.start_what_may_start();
            tokio::select! {
                ended = self.flying.join_next_with_id() => match ended {
                    Some(ended) => self.end(ended),
                    None => return,
                },
                Some(rest) = self.resting.told.recv() => self.resting.take(rest, &mut self.schedule),
            }
        }
    }

    /// Ends every step that has not ended.
    fn give_up(&mut self, halt: Halt) {
        self.flying.abort_all();
        for index in self.next..self.prepared.plan.steps.len() {
            let mut earlier = self.tried.remove(&index).unwrap_or_default();
            earlier.extend(self.tokens.sent_before(index));
            let given_up = self.steps.values().any(|&step| step == index);
            let sent = given_up || !earlier.is_empty();
            let status = if sent { Status::Error } else { Status::Skipped };
            let problem = self.stop(index).halted(halt, sent);
            let mut result = self.without_exchange(index, status, vec![problem]);
            self.time(index, &mut result);
            self.untold.entry(index).or_insert(StepResult { given_up, earlier, ..result });
        }
        self.tell_in_order();
    }

    fn start_what_may_start(&mut self) {
        while let Some(index) = self.schedule.start() {
            (self.tell)(Event::StepStarted { index });
            match self.tokens.stale(index) {
                Some(token) => self.fetch_again(token, Waiting::step(index, Vec::new())),
                None => self.begin(index, Vec::new()),
            }
        }
    }

    /// From its first attempt to now.
    fn time(&self, index: usize, result: &mut StepResult) {
        if let Some(first) = self.first[index] {
            result.started = first;
            result.duration = self.began.elapsed().saturating_sub(first);
        }
    }

    /// Sends a step on its way; `earlier` is what was sent before with a token that had expired.
    fn begin(&mut self, index: usize, earlier: Vec<Earlier>) {
        self.tokens.begin(index);
        self.first[index].get_or_insert_with(|| self.began.elapsed());
        match self.inherit(index) {
            Ok(scope) => {
                let start = Start { earlier, lacks: self.lacks(index), ..self.start(index, scope) };
                let id = self.spawn(start);
                self.steps.insert(id, index);
            }
            Err(problems) => {
                let mut result = self.without_exchange(index, Status::Error, Vec::new());
                result.earlier = earlier;
                journey::refused(self.stop(index).rendering(problems), self.lacks(index), &mut result);
                self.ended(index, Ended::with(result));
            }
        }
    }

    fn start(&self, index: usize, scope: Scope) -> Start {
        let (label, nonces) = (self.prepared.labels[index].clone(), self.nonces.clone());
        let (compares, jar) = (self.compares, self.cookies(index));
        let rests = self.rests.clone();
        Start {
            index,
            label,
            scope,
            nonces,
            jar,
            compares,
            lacks: None,
            earlier: Vec::new(),
            alone: None,
            rests,
            origin: self.began,
        }
    }

    fn spawn(&mut self, start: Start) -> Id {
        self.flying.spawn(journey::carry_out(Arc::clone(&self.prepared), start)).id()
    }

    /// The name of a step that this one needs and that did not pass.
    fn lacks(&self, index: usize) -> Option<String> {
        let steps = &self.prepared.plan.steps;
        let lacks = steps[index].needs.iter().find(|edge| !self.passed[edge.step])?;
        Some(steps[lacks.step].name.clone())
    }

    /// The cookies that the steps which a step needs were given, as the same party.
    fn cookies(&self, index: usize) -> Jar {
        let steps = &self.prepared.plan.steps;
        let mut jar = Jar::default();
        for edge in &steps[index].needs {
            let legacy = self.legacies[edge.step].as_ref();
            let same_party = steps[edge.step].environment == steps[index].environment;
            legacy.filter(|_| same_party).into_iter().for_each(|legacy| jar.take_over(&legacy.jar));
        }
        jar
    }

    /// The scope of a step: its environment's, and what the steps that it needs left behind.
    fn inherit(&self, index: usize) -> Result<Scope, Vec<Diagnostic>> {
        let scopes = self.prepared.scopes();
        self.prepared.scope(index, &|scope, name, edges| {
            let legacies = edges.iter().filter_map(|edge| self.legacies[edge.step].as_ref());
            if scopes.are_cases(edges) {
                return scope.with_lists(name, lists(legacies));
            }
            legacies.fold(scope, |scope, legacy| {
                let captures = legacy.captures.iter().map(|(name, captured)| (name, &captured.value));
                scope.with_captures(name, captures, legacy.answer.as_ref())
            })
        })
    }

    fn stop(&self, index: usize) -> Stop<'_> {
        self.prepared.stop(index)
    }

    fn without_exchange(&self, index: usize, status: Status, problems: Vec<Problem>) -> StepResult {
        let label = self.prepared.labels[index].clone();
        StepResult { problems, ..StepResult::new(index, label, status) }
    }

    /// Tells of every step that ended and whose predecessors in the plan have all been told of.
    fn tell_in_order(&mut self) {
        while let Some(result) = self.untold.remove(&self.next) {
            count(&mut self.summary, &result);
            let result = Arc::new(result);
            (self.tell)(Event::StepFinished(&result));
            let earlier = result.earlier.iter().map(|earlier| &earlier.exchange);
            for exchange in earlier.chain(&result.exchange) {
                secrets::forget_signature(&self.prepared.surroundings.redactor, &exchange.signed);
            }
            self.next += 1;
        }
    }
}

/// Ready when the run has taken as long as it may.
async fn deadline(deadline: Option<Duration>) -> Halt {
    match deadline {
        None => std::future::pending().await,
        Some(deadline) => {
            tokio::time::sleep(deadline).await;
            Halt::Deadline(deadline)
        }
    }
}

/// The captures of the cases of a request, in the order of its rows.
fn lists<'l>(legacies: impl Iterator<Item = &'l Legacy>) -> IndexMap<String, Vec<Value>> {
    let mut lists: IndexMap<String, Vec<Value>> = IndexMap::new();
    for (name, captured) in legacies.flat_map(|legacy| &legacy.captures) {
        lists.entry(name.clone()).or_default().push(captured.value.clone());
    }
    lists
}
