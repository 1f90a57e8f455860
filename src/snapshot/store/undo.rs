//! The two files of a snapshot as they are, to the byte: to notice that somebody changed them, and
//! to put them back.

use super::{Held, Store, is_missing, pending_file};
use crate::limits;
use crate::snapshot::SnapshotError;

/// The files of a snapshot at one moment, whatever is in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotFiles {
    stored: Option<Vec<u8>>,
    pending: Option<Vec<u8>>,
}

impl Store {
    /// The files of a snapshot as they are now.
    pub fn files(&self, id: &str) -> Result<SnapshotFiles, SnapshotError> {
        Ok(SnapshotFiles { stored: self.bytes(&Self::file(id))?, pending: self.bytes(&pending_file(id))? })
    }

    fn bytes(&self, file: &str) -> Result<Option<Vec<u8>>, SnapshotError> {
        match self.root.read_unlinked(file, limits::SNAPSHOT_FILE) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

impl Held<'_> {
    /// Makes the files of a snapshot what they were.
    pub fn restore(&self, id: &str, files: &SnapshotFiles) -> Result<(), SnapshotError> {
        // What waits comes first: a crash in between then loses nothing.
        self.put(&pending_file(id), files.pending.as_deref())?;
        self.put(&Store::file(id), files.stored.as_deref())
    }

    fn put(&self, file: &str, bytes: Option<&[u8]>) -> Result<(), SnapshotError> {
        match bytes {
            Some(bytes) => self.write(file, bytes),
            None => self.remove(file),
        }
    }
}
