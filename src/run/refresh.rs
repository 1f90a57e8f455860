//! Tokens that are fetched again: before they expire, and when a server says that they did.
//!
//! However many steps find a token stale at once, it is fetched once: the others wait for it. What
//! was told of the step that fetched it first stays as it is; the second time is told with the
//! step that asked for it.

use std::collections::{BTreeSet, HashMap};
use std::time::Instant;

use tokio::task::Id;

use super::Running;
use super::expiry::{fresh_until, lifetime};
use super::journey::{Ended, Legacy, Start};
use super::rest::Rests;
use crate::plan::{Plan, Step, Why};
use crate::report::{Earlier, Status, StepResult};

/// What is known of the tokens of a run.
#[derive(Default)]
pub(super) struct Tokens {
    /// The step that fetches the token of each step.
    from: Vec<Option<usize>>,
    /// The steps that fetch tokens.
    fetching: BTreeSet<usize>,
    /// Until when the token of a step is used.
    fresh_until: HashMap<usize, Instant>,
    /// How often a token was fetched again.
    fetched: HashMap<usize, usize>,
    /// How often its token had been fetched again when a step began.
    begun_with: HashMap<usize, usize>,
    /// What waits for a token, by the step that fetches it.
    waiting: HashMap<usize, Vec<Waiting>>,
    tasks: HashMap<Id, usize>,
}

/// A step that waits for a new token.
pub(super) struct Waiting {
    index: usize,
    /// Whether it is one that fetches a token itself, again.
    fetches: bool,
    /// What it has sent with the old one.
    earlier: Vec<Earlier>,
}

impl Waiting {
    pub(super) fn step(index: usize, earlier: Vec<Earlier>) -> Self {
        Self { index, fetches: false, earlier }
    }

    pub(super) fn token(index: usize, earlier: Vec<Earlier>) -> Self {
        Self { index, fetches: true, earlier }
    }
}

impl Tokens {
    pub(super) fn of(plan: &Plan) -> Self {
        let token = |step: &Step| {
            step.needs.iter().find(|edge| matches!(edge.why, Why::Token | Why::TokenOf)).map(|edge| edge.step)
        };
        let from: Vec<Option<usize>> = plan.steps.iter().map(token).collect();
        let fetching = from.iter().flatten().copied().collect();
        Self { from, fetching, ..Self::default() }
    }

    /// The steps that fetch tokens.
    pub(super) fn fetched_by(&self) -> impl Iterator<Item = usize> {
        self.fetching.iter().copied()
    }

    /// The step that fetches the token of this one.
    pub(super) fn of_step(&self, index: usize) -> Option<usize> {
        self.from[index]
    }

    /// Notes that a step sets out with the token that there is.
    pub(super) fn begin(&mut self, index: usize) {
        if let Some(token) = self.from[index] {
            self.begun_with.insert(index, self.times(token));
        }
    }

    /// The step that has to fetch the token of this one again before it begins.
    pub(super) fn stale(&self, index: usize) -> Option<usize> {
        let token = self.from[index]?;
        let until = self.fresh_until.get(&token)?;
        (*until <= Instant::now()).then_some(token)
    }

    /// The step that a task fetches a token again for.
    pub(super) fn is_refresh(&mut self, task: Id) -> Option<usize> {
        self.tasks.remove(&task)
    }

    /// What a step that waits for a token has sent with the old one.
    pub(super) fn sent_before(&mut self, index: usize) -> Vec<Earlier> {
        let waiting = self.waiting.values_mut().flatten();
        let mut own = waiting.filter(|waiting| waiting.index == index && !waiting.fetches);
        own.next().map(|waiting| std::mem::take(&mut waiting.earlier)).unwrap_or_default()
    }

    fn times(&self, token: usize) -> usize {
        self.fetched.get(&token).copied().unwrap_or_default()
    }

    /// Whether a token was fetched again while a step was on its way with the one before.
    fn is_newer_than(&self, index: usize, token: usize) -> bool {
        self.begun_with.get(&index).is_some_and(|times| *times < self.times(token))
    }
}

impl Running<'_> {
    /// Keeps what a step left behind, and how long it is good for.
    pub(super) fn keep(&mut self, index: usize, legacy: Legacy) {
        if self.tokens.fetching.contains(&index) {
            match lifetime(&legacy).and_then(|lifetime| fresh_until(lifetime, Instant::now())) {
                Some(until) => drop(self.tokens.fresh_until.insert(index, until)),
                None => drop(self.tokens.fresh_until.remove(&index)),
            }
        }
        self.legacies[index] = Some(legacy);
    }

    /// Has a token fetched again, once for all that wait for it.
    pub(super) fn fetch_again(&mut self, token: usize, waiting: Waiting) {
        if !waiting.earlier.is_empty() && self.tokens.is_newer_than(waiting.index, token) {
            return self.go_on(waiting);
        }
        let others = self.tokens.waiting.entry(token).or_default();
        others.push(waiting);
        if others.len() > 1 {
            return;
        }
        match self.tokens.stale(token) {
            Some(outer) => self.fetch_again(outer, Waiting::token(token, Vec::new())),
            None => self.fetch(token, Vec::new()),
        }
    }

    /// Goes on with what waited for a token that is there now.
    fn go_on(&mut self, Waiting { index, fetches, earlier }: Waiting) {
        if fetches { self.fetch(index, earlier) } else { self.begin(index, earlier) }
    }

    /// Sends a token's request once more. It has the place of the step that waits for it, and keeps it.
    fn fetch(&mut self, token: usize, earlier: Vec<Earlier>) {
        self.tokens.begin(token);
        match self.inherit(token) {
            Ok(scope) => {
                let rests = Rests::without_place();
                let start = Start { compares: false, earlier, rests, ..self.start(token, scope) };
                let id = self.spawn(start);
                self.tokens.tasks.insert(id, token);
            }
            Err(problems) => {
                let problems = self.stop(token).rendering(problems);
                let result = self.without_exchange(token, Status::Error, problems);
                self.fetched_again(token, Ended::with(result));
            }
        }
    }

    /// Goes on with what waited for a token, or gives it up. What was sent to fetch it is told with the
    /// first of them.
    pub(super) fn fetched_again(&mut self, token: usize, ended: Ended) {
        self.nonces.learn(ended.nonces);
        let waiting = self.tokens.waiting.remove(&token).unwrap_or_default();
        let why = "the token had expired: this fetched another".to_owned();
        let last = ended.result.exchange.map(|exchange| Earlier { exchange, why, token: true });
        let before = ended.result.earlier.into_iter().map(|earlier| Earlier { token: true, ..earlier });
        let mut fetched: Vec<Earlier> = before.chain(last).collect();
        *self.tokens.fetched.entry(token).or_default() += 1;
        if let Some(legacy) = ended.legacy.filter(|_| ended.passed) {
            self.keep(token, legacy);
            for mut waiting in waiting {
                waiting.earlier.append(&mut fetched);
                self.go_on(waiting);
            }
            return;
        }
        let from = self.prepared.labels[token].name.clone();
        for Waiting { index, fetches, mut earlier } in waiting {
            let problem = self.stop(index).without_token(&from, ended.result.problems.first());
            earlier.append(&mut fetched);
            let result = self.without_exchange(index, Status::Error, vec![problem]);
            let result = StepResult { earlier, ..result };
            if fetches {
                self.fetched_again(index, Ended::with(result));
            } else {
                self.ended(index, Ended::with(result));
            }
        }
    }
}
