//! Steps that did not pass and are tried again (`--retries`): the whole step, with a message that is
//! rendered and signed anew.

use super::journey::Ended;
use super::refresh::Waiting;
use super::{Running, retry};
use crate::report::{Earlier, Status, StepResult};
use crate::spec::Flaky;

impl Running<'_> {
    /// Whether a step that ended is tried again.
    pub(super) fn is_tried_again(&self, index: usize, result: &StepResult) -> bool {
        self.halted.is_none()
            && has_failed(result.status)
            && result.exchange.is_some()
            && self.tries[index] < self.prepared.surroundings.conduct.retries
            && retry::may_repeat(self.prepared.request(index))
    }

    /// Carries a step out once more.
    pub(super) fn try_again(&mut self, index: usize, ended: Ended) {
        self.nonces.learn(ended.nonces);
        self.tries[index] += 1;
        let StepResult { mut earlier, exchange, problems, .. } = ended.result;
        let why = problems.first().map(|problem| format!("it did not pass: {}", problem.message));
        let why = why.unwrap_or_default();
        earlier.extend(exchange.map(|exchange| Earlier { exchange, why, token: false }));
        self.tried.insert(index, earlier.clone());
        match self.tokens.stale(index) {
            Some(token) => self.fetch_again(token, Waiting::step(index, earlier)),
            None => self.begin(index, earlier),
        }
    }

    /// A step that passed only now is flaky.
    pub(super) fn judge_flakiness(&self, index: usize, result: &mut StepResult) {
        let tries = self.tries[index];
        if tries == 0 || result.status != Status::Passed {
            return;
        }
        result.flaky = true;
        if self.prepared.surroundings.conduct.flaky == Flaky::Fail {
            result.status = Status::Failed;
            let before = result.earlier.last().map(|earlier| earlier.why.clone()).unwrap_or_default();
            result.problems.push(self.stop(index).flaky(tries + 1, &before));
        }
    }
}

/// Whether a step ended as it should not.
pub(super) fn has_failed(status: Status) -> bool {
    matches!(status, Status::Failed | Status::Error)
}
