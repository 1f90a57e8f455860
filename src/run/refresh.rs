//! Tokens that are fetched again: before they expire, and when a server says that they did.
//!
//! However many steps find a token stale at once, it is fetched once: the others wait for it. What
//! was told of the step that fetched it first stays as it is; the second time is told with the
//! step that asked for it.

use std::collections::HashMap;
use std::time::Instant;

use tokio::task::Id;

use super::expiry::{fresh_until, lifetime};
use super::journey::{Ended, Legacy, Start};
use super::{Running, Stop};
use crate::plan::{Plan, Why};
use crate::report::{Earlier, Status};

/// What is known of the tokens of a run.
#[derive(Default)]
pub(super) struct Tokens {
    /// The step that fetches the token of each step.
    from: Vec<Option<usize>>,
    /// Until when the token of a step is used.
    fresh_until: HashMap<usize, Instant>,
    /// How often a token was fetched again.
    fetched: HashMap<usize, usize>,
    /// How often its token had been fetched again when a step began.
    begun_with: HashMap<usize, usize>,
    /// Steps that wait for a token, by the step that fetches it.
    waiting: HashMap<usize, Vec<Waiting>>,
    tasks: HashMap<Id, usize>,
}

/// A step that waits for a new token.
pub(super) struct Waiting {
    pub(super) index: usize,
    /// What it has sent with the old one.
    pub(super) earlier: Vec<Earlier>,
}

impl Tokens {
    pub(super) fn of(plan: &Plan) -> Self {
        let token = |step: &crate::plan::Step| {
            step.needs.iter().find(|edge| matches!(edge.why, Why::Token | Why::TokenOf)).map(|edge| edge.step)
        };
        Self { from: plan.steps.iter().map(token).collect(), ..Self::default() }
    }

    /// The steps that fetch tokens.
    pub(super) fn fetched_by(&self) -> impl Iterator<Item = usize> {
        let steps: std::collections::BTreeSet<usize> = self.from.iter().flatten().copied().collect();
        steps.into_iter()
    }

    /// The step that fetches the token of this one.
    pub(super) fn of_step(&self, index: usize) -> Option<usize> {
        self.from[index]
    }

    /// The step that has to fetch the token of this one again before it begins.
    pub(super) fn stale(&mut self, index: usize) -> Option<usize> {
        let token = self.from[index]?;
        self.begun_with.insert(index, self.times(token));
        let until = self.fresh_until.get(&token)?;
        (*until <= Instant::now()).then_some(token)
    }

    /// The step that a task fetches a token again for.
    pub(super) fn is_refresh(&mut self, task: Id) -> Option<usize> {
        self.tasks.remove(&task)
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
        let until = lifetime(&legacy).and_then(|lifetime| fresh_until(lifetime, Instant::now()));
        match until.filter(|_| self.tokens.from.contains(&Some(index))) {
            Some(until) => drop(self.tokens.fresh_until.insert(index, until)),
            None => drop(self.tokens.fresh_until.remove(&index)),
        }
        self.legacies[index] = Some(legacy);
    }

    /// Has a token fetched again, once for all that wait for it.
    pub(super) fn fetch_again(&mut self, token: usize, waiting: Waiting) {
        if !waiting.earlier.is_empty() && self.tokens.is_newer_than(waiting.index, token) {
            return self.begin(waiting.index, waiting.earlier);
        }
        let others = self.tokens.waiting.entry(token).or_default();
        others.push(waiting);
        if others.len() > 1 {
            return;
        }
        match self.inherit(token) {
            Ok(scope) => {
                let start = Start { compares: false, ..self.start(token, scope) };
                let id = self.spawn(start);
                self.tokens.tasks.insert(id, token);
            }
            Err(problems) => {
                let mut result = self.without_exchange(token, Status::Error, Stop::skipped(""));
                result.problems = self.stop(token).rendering(problems);
                self.fetched_again(token, Ended::with(result));
            }
        }
    }

    /// Goes on with what waited for a token, or gives it up.
    pub(super) fn fetched_again(&mut self, token: usize, ended: Ended) {
        self.nonces.learn(ended.nonces);
        let waiting = self.tokens.waiting.remove(&token).unwrap_or_default();
        let mut fetched = ended
            .result
            .exchange
            .map(|exchange| Earlier { exchange, why: "the token had expired: this fetched another".into() });
        *self.tokens.fetched.entry(token).or_default() += 1;
        if let Some(legacy) = ended.legacy.filter(|_| ended.passed) {
            self.keep(token, legacy);
            for Waiting { index, mut earlier } in waiting {
                earlier.extend(fetched.take());
                self.begin(index, earlier);
            }
            return;
        }
        let from = self.prepared.labels[token].name.clone();
        for Waiting { index, mut earlier } in waiting {
            let problem = self.stop(index).without_token(&from, ended.result.problems.first());
            let mut result = self.without_exchange(index, Status::Error, problem);
            earlier.extend(fetched.take());
            result.earlier = earlier;
            self.ended(index, Ended::with(result));
        }
    }
}
