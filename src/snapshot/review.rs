//! A review: one pending snapshot after another, each decision carried out at once, so that a
//! connection that drops loses none.
//!
//! What was shown is what is accepted: before a decision the files are compared with those that
//! were shown, byte by byte.

use super::store::SnapshotFiles;
use super::{Held, Pending, SnapshotError, Store};

/// What becomes of a snapshot that waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is stored.
    Accept,
    /// It is thrown away.
    Reject,
    /// It waits on.
    Skip,
}

impl Decision {
    /// What is said of a snapshot then.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Accept => "accepted",
            Self::Reject => "rejected",
            Self::Skip => "skipped",
        }
    }
}

impl Held<'_> {
    /// Does to a snapshot that waits what was decided.
    pub fn decide(&self, id: &str, decision: Decision) -> Result<(), SnapshotError> {
        match decision {
            Decision::Accept => self.accept(id),
            Decision::Reject => self.reject(id),
            Decision::Skip => Ok(()),
        }
    }
}

/// How many were decided in which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Stored.
    pub accepted: usize,
    /// Thrown away.
    pub rejected: usize,
    /// Looked at, and still waiting.
    pub skipped: usize,
    /// Not decided.
    pub left: usize,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    /// Another run, or a person, was there in the meantime.
    #[error("`{0}` changed while it was shown; this is what it is now")]
    Changed(String),
    /// Somebody changed what was decided.
    #[error("`{0}` changed since you decided; nothing was undone")]
    ChangedSince(String),
    /// Of all that remained some were refused.
    #[error("{count} were not accepted; the first: {first}")]
    Several {
        /// How many.
        count: usize,
        /// Why the first was not.
        first: Box<Self>,
    },
    /// The store refuses it.
    #[error(transparent)]
    Store(#[from] SnapshotError),
}

/// A review that goes on.
#[derive(Debug)]
pub struct Review {
    store: Store,
    /// As many of the first as there are decisions are decided, in the same order.
    queue: Vec<String>,
    decided: Vec<Decided>,
    /// The files of the one that is shown, as they were then.
    shown: Option<SnapshotFiles>,
}

#[derive(Debug)]
struct Decided {
    decision: Decision,
    /// The files before and after; of a skipped one they are none of our business.
    files: Option<(SnapshotFiles, SnapshotFiles)>,
}

impl Review {
    /// Of the snapshots with these ids.
    pub fn new(store: Store, ids: Vec<String>) -> Self {
        Self { store, queue: ids, decided: Vec::new(), shown: None }
    }

    /// The id of the snapshot that is to be decided next.
    pub fn id(&self) -> Option<&str> {
        self.queue.get(self.decided.len()).map(String::as_str)
    }

    /// Its place, from 1, and how many there are.
    pub fn position(&self) -> (usize, usize) {
        (self.decided.len() + 1, self.queue.len())
    }

    /// What is to be decided next, as it is now.
    pub fn show(&mut self) -> Result<Pending, SnapshotError> {
        self.shown = None;
        let Some(id) = self.queue.get(self.decided.len()) else {
            return Err(SnapshotError::NothingPending(String::new()));
        };
        self.shown = Some(self.store.files(id)?);
        self.store.review(id)
    }

    /// Decides what was shown, and goes on to the next.
    pub fn decide(&mut self, decision: Decision) -> Result<(), ReviewError> {
        let Some(id) = self.queue.get(self.decided.len()).cloned() else { return Ok(()) };
        let files = match decision {
            Decision::Skip => None,
            Decision::Accept | Decision::Reject => {
                let held = self.store.hold()?;
                let before = self.store.files(&id)?;
                if self.shown.as_ref() != Some(&before) {
                    return Err(ReviewError::Changed(Store::file(&id)));
                }
                Some(self.carry_out(&held, decision, &id, before)?)
            }
        };
        self.decided.push(Decided { decision, files });
        self.shown = None;
        Ok(())
    }

    /// Accepts what was shown and everything behind it, unseen. What the store refuses is left, to
    /// be decided next.
    pub fn accept_rest(&mut self) -> Result<(), ReviewError> {
        let mut refused = Vec::new();
        let mut errors = Vec::new();
        for id in self.queue.split_off(self.decided.len()) {
            match self.accept_unseen(&id) {
                Ok(files) => {
                    self.decided.push(Decided { decision: Decision::Accept, files: Some(files) });
                    self.queue.push(id);
                }
                Err(error) => {
                    errors.push(error);
                    refused.push(id);
                }
            }
        }
        self.queue.extend(refused);
        let count = errors.len();
        match errors.into_iter().next() {
            None => Ok(()),
            Some(only) if count == 1 => Err(only),
            Some(first) => Err(ReviewError::Several { count, first: Box::new(first) }),
        }
    }

    /// Takes back the last decision: its snapshot is next again. Says whether there was one.
    pub fn undo(&mut self) -> Result<bool, ReviewError> {
        let Some(last) = self.decided.last() else { return Ok(false) };
        if let Some((before, after)) = &last.files {
            let id = &self.queue[self.decided.len() - 1];
            let held = self.store.hold()?;
            if self.store.files(id)? != *after {
                return Err(ReviewError::ChangedSince(Store::file(id)));
            }
            held.restore(id, before)?;
        }
        self.decided.pop();
        self.shown = None;
        Ok(true)
    }

    /// The ids that were decided so far, in order.
    pub fn decisions(&self) -> impl Iterator<Item = (&str, Decision)> {
        self.queue.iter().zip(&self.decided).map(|(id, decided)| (id.as_str(), decided.decision))
    }

    /// How it stands.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally { left: self.queue.len() - self.decided.len(), ..Tally::default() };
        for decided in &self.decided {
            match decided.decision {
                Decision::Accept => tally.accepted += 1,
                Decision::Reject => tally.rejected += 1,
                Decision::Skip => tally.skipped += 1,
            }
        }
        tally
    }

    fn accept_unseen(&mut self, id: &str) -> Result<(SnapshotFiles, SnapshotFiles), ReviewError> {
        let held = self.store.hold()?;
        let before = self.store.files(id)?;
        if self.shown.take().is_some_and(|shown| shown != before) {
            return Err(ReviewError::Changed(Store::file(id)));
        }
        self.carry_out(&held, Decision::Accept, id, before)
    }

    fn carry_out(
        &self,
        held: &Held<'_>,
        decision: Decision,
        id: &str,
        before: SnapshotFiles,
    ) -> Result<(SnapshotFiles, SnapshotFiles), ReviewError> {
        held.decide(id, decision)?;
        Ok((before, self.store.files(id)?))
    }
}

#[cfg(test)]
mod tests;
