//! A step that waits before it sends again leaves its place among the jobs to others meanwhile.
//!
//! It asks for the place again before it goes on, so that never more requests are on their way than
//! `--jobs` says; it goes before steps that have not begun.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use super::schedule::Schedule;

/// What a step says of its place.
pub(super) enum Rest {
    /// It waits, and needs none.
    Begins,
    /// It has waited; it goes on when this is answered.
    Ends(oneshot::Sender<()>),
}

/// How a step tells of its rest.
#[derive(Clone)]
pub(super) struct Rests(Option<mpsc::UnboundedSender<Rest>>);

/// Those that have rested and want their place back, in the order in which they asked.
pub(super) struct Resting {
    pub(super) told: mpsc::UnboundedReceiver<Rest>,
    rested: VecDeque<oneshot::Sender<()>>,
}

pub(super) fn channel() -> (Rests, Resting) {
    let (sender, told) = mpsc::unbounded_channel();
    (Rests(Some(sender)), Resting { told, rested: VecDeque::new() })
}

impl Rests {
    /// Waits so long, out of others' way.
    pub(super) async fn rest(&self, wait: Duration) {
        let Some(places) = self.0.as_ref().filter(|_| !wait.is_zero()) else {
            return tokio::time::sleep(wait).await;
        };
        // A run that is over gives no places, and waits for nobody.
        if places.send(Rest::Begins).is_err() {
            return;
        }
        tokio::time::sleep(wait).await;
        let (place, given) = oneshot::channel();
        if places.send(Rest::Ends(place)).is_ok() {
            given.await.ok();
        }
    }

    /// Of what has no place of its own that it could leave.
    pub(super) const fn without_place() -> Self {
        Self(None)
    }
}

impl Resting {
    pub(super) fn take(&mut self, rest: Rest, schedule: &mut Schedule) {
        match rest {
            Rest::Begins => schedule.leave(),
            Rest::Ends(place) => self.rested.push_back(place),
        }
    }

    /// Gives places back, as far as there are any.
    pub(super) fn give(&mut self, schedule: &mut Schedule) {
        while !self.rested.is_empty() && schedule.come_back() {
            let place = self.rested.pop_front().expect("there is one");
            if place.send(()).is_err() {
                schedule.leave();
            }
        }
    }
}
