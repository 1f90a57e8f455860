//! What becomes of a run when one of its steps ends.

use tokio::task::{Id, JoinError};

use super::again::has_failed;
use super::conduct::Halt;
use super::journey::Ended;
use super::refresh::Waiting;
use super::schedule::Closed;
use super::stop::Stop;
use super::{Running, Status};
use crate::report::Event;

impl Running<'_> {
    pub(super) fn end(&mut self, ended: Result<(Id, Ended), JoinError>) {
        let (id, ended) = match ended {
            Ok((id, ended)) => (id, Some(ended)),
            Err(error) => (error.id(), None),
        };
        if let Some(token) = self.tokens.is_refresh(id) {
            let ended = ended.unwrap_or_else(|| self.panicked(token));
            return match self.tokens.of_step(token).filter(|_| ended.wants_token) {
                Some(outer) => self.fetch_again(outer, Waiting::token(token, ended.result.earlier)),
                None => self.fetched_again(token, ended),
            };
        }
        let index = self.steps.remove(&id).expect("every other task is a step's");
        let ended = ended.unwrap_or_else(|| self.panicked(index));
        match self.tokens.of_step(index).filter(|_| ended.wants_token) {
            Some(token) => {
                self.nonces.learn(ended.nonces);
                self.fetch_again(token, Waiting::step(index, ended.result.earlier));
            }
            None => self.ended(index, ended),
        }
    }

    pub(super) fn ended(&mut self, index: usize, mut ended: Ended) {
        if self.is_tried_again(index, &ended.result) {
            return self.try_again(index, ended);
        }
        if self.tried.remove(&index).is_some() {
            self.time(index, &mut ended.result);
        }
        self.judge_flakiness(index, &mut ended.result);
        let slow = self.prepared.surroundings.conduct.slow;
        ended.result.slow = slow.is_some_and(|slow| ended.result.duration > slow);
        if self.prepared.surroundings.conduct.fail_fast && has_failed(ended.result.status) {
            self.halted = Some(Halt::FailFast);
            self.schedule.close(Closed::ButToAlways);
        }
        self.nonces.learn(ended.nonces);
        self.passed[index] = ended.passed;
        if let Some(legacy) = ended.legacy.filter(|_| self.heirs[index] > 0) {
            self.keep(index, legacy);
        }
        self.release(index);
        if ended.passed {
            self.schedule.passed(index);
        } else {
            self.skip_what_needs(index, ended.result.status == Status::Skipped);
        }
        self.untold.insert(index, ended.result);
        (self.tell)(Event::StepEnded { index });
        self.tell_in_order();
    }

    /// What needs a step that was skipped by itself is skipped with it; that is no failure.
    fn skip_what_needs(&mut self, index: usize, skipped: bool) {
        for skip in self.schedule.did_not_pass(index) {
            let because = &self.prepared.labels[skip.because].name;
            let problem = if skipped { Stop::skipped_with(because) } else { Stop::skipped(because) };
            let result = self.without_exchange(skip.step, Status::Skipped, vec![problem]);
            self.release(skip.step);
            self.untold.insert(skip.step, result);
        }
    }

    /// A step that ended needs nothing any more.
    fn release(&mut self, index: usize) {
        for edge in &self.prepared.plan.steps[index].needs {
            self.heirs[edge.step] -= 1;
            if self.heirs[edge.step] == 0 {
                self.legacies[edge.step] = None;
            }
        }
    }

    pub(super) fn panicked(&self, index: usize) -> Ended {
        let result = self.without_exchange(index, Status::Error, vec![self.stop(index).panicked()]);
        Ended::with(result)
    }
}
