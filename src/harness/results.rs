//! What the run has told so far, for the tests that wait for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use crate::report::Status;
use crate::suite::RequestOutcome;

/// What the run has told so far.
#[derive(Default)]
pub(super) struct Results {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The steps that are tests of this process.
    tests: BTreeSet<usize>,
    ended: BTreeMap<usize, RequestOutcome>,
    over: bool,
}

/// Ends all waiting when it is dropped, by a panic too.
pub(super) struct Over(Arc<Results>);

impl Results {
    /// Names the steps that are tests of this process.
    pub(super) fn expect(&self, tests: BTreeSet<usize>) {
        self.state().tests = tests;
    }

    /// A step ended.
    pub(super) fn put(&self, step: usize, outcome: RequestOutcome) {
        self.state().ended.insert(step, outcome);
        self.changed.notify_all();
    }

    /// Nothing more comes when the guard is dropped.
    pub(super) fn over_at_the_end(self: &Arc<Self>) -> Over {
        Over(Arc::clone(self))
    }

    /// Waits for the end of a step; `None` when the run is over without it.
    pub(super) fn wait(&self, step: usize) -> Option<RequestOutcome> {
        let waits = |state: &mut State| !state.over && !state.ended.contains_key(&step);
        let state = self.changed.wait_while(self.state(), waits);
        state.expect("nothing panics while it holds the lock").ended.get(&step).cloned()
    }

    /// Those of `steps` that went wrong and are no tests of this process, which would tell.
    pub(super) fn untested(&self, steps: &BTreeSet<usize>) -> Vec<RequestOutcome> {
        let state = self.state();
        let untested = steps.difference(&state.tests).filter_map(|step| state.ended.get(step));
        untested.filter(|it| matches!(it.status(), Status::Failed | Status::Error)).cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds the lock")
    }
}

impl Drop for Over {
    fn drop(&mut self) {
        self.0.state().over = true;
        self.0.changed.notify_all();
    }
}
