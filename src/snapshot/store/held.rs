//! The store while it is changed: by one process at a time.
//!
//! Whoever writes holds the folder's lock, so that what one compares, writes and removes is not
//! mixed with what another does. The lock ends with its process.

use super::{Existing, SnapshotError, Store, files, head, is_missing, pending_file};
use crate::files::Lock;
use crate::limits;
use crate::snapshot::{Comparison, Content, Metadata, Mode};

/// A store that nobody else changes.
pub struct Held<'s> {
    store: &'s Store,
    lock: Lock,
}

impl Store {
    /// Waits until nobody else changes the store, at most [`limits::LOCK_WAIT`].
    pub fn hold(&self) -> Result<Held<'_>, SnapshotError> {
        let lock = self.root.lock(super::FOLDER, limits::LOCK_WAIT)?;
        let held = Held { store: self, lock };
        held.sweep()?;
        Ok(held)
    }
}

impl Held<'_> {
    /// [`Store::compare`] in a mode that writes.
    pub(super) fn compare(
        &self,
        id: &str,
        metadata: &Metadata,
        content: &Content,
        mode: Mode,
    ) -> Result<Comparison, SnapshotError> {
        let stored = self.store.read(&Store::file(id))?;
        let old = stored.as_ref().map(|stored| stored.content.as_str());
        let Some(new) = super::differing(content, old) else {
            self.remove(&pending_file(id))?;
            return Ok(Comparison::Match);
        };
        if mode == Mode::Always || mode == Mode::Unseen && old.is_none() {
            self.write(&Store::file(id), head::file(metadata, &new).as_bytes())?;
            self.remove(&pending_file(id))?;
            return Ok(if old.is_none() { Comparison::Added } else { Comparison::Updated });
        }
        self.write(&pending_file(id), head::pending(metadata, &super::mark(old), &new).as_bytes())?;
        Ok(super::told(stored, new, true))
    }

    /// Stores what waits for review, unless it was made from what is no longer there.
    pub fn accept(&self, id: &str) -> Result<(), SnapshotError> {
        let new = self.store.waiting(id)?;
        let old = self.store.read(&Store::file(id))?;
        // An acceptance that was cut short stored it and left it waiting.
        if old.as_ref().is_none_or(|old| old.content != new.content) {
            if let Some(stale) = self.store.stale(&new, old.as_ref()) {
                return Err(SnapshotError::Stale { id: id.to_owned(), stale });
            }
            self.write(&Store::file(id), head::file(&new.metadata, &new.content).as_bytes())?;
        }
        self.remove(&pending_file(id))
    }

    /// Drops what waits for review.
    pub fn reject(&self, id: &str) -> Result<(), SnapshotError> {
        match self.store.root.remove_inside(&pending_file(id)) {
            Err(error) if is_missing(&error) => Err(SnapshotError::NothingPending(id.to_owned())),
            done => Ok(done?),
        }
    }

    pub(super) const fn store(&self) -> &Store {
        self.store
    }

    pub(super) fn write(&self, file: &str, bytes: &[u8]) -> Result<(), SnapshotError> {
        let root = &self.store.root;
        Ok(root.write_inside(file, bytes, files::Mode::Shared, Existing::Replace)?)
    }

    pub(super) fn remove(&self, file: &str) -> Result<(), SnapshotError> {
        match self.store.root.remove_inside(file) {
            Err(error) if is_missing(&error) => Ok(()),
            done => Ok(done?),
        }
    }

    /// Removes, once, what a process that was killed left half written: nobody else writes now.
    fn sweep(&self) -> Result<(), SnapshotError> {
        if !self.lock.is_exclusive() || self.store.swept.swap(true, std::sync::atomic::Ordering::Relaxed) {
            return Ok(());
        }
        for path in self.store.paths()? {
            if path.rsplit('/').next().is_some_and(files::is_leftover) {
                self.remove(&format!("{}/{path}", super::FOLDER))?;
            }
        }
        Ok(())
    }
}
