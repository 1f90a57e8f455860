//! Snapshots that no request has, and their removal.
//!
//! A file goes only when it is a whole snapshot of a request file: the folder may also be that of a
//! Rust project's own snapshots, and what is damaged is for a person to look at.

use super::{FOLDER, Held, Store, is_missing};
use crate::snapshot::SnapshotError;

/// What no request has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unreferenced {
    /// Snapshots, sorted by file.
    pub snapshots: Vec<Orphan>,
    /// Files that are called like snapshots and are none of ours, and why; sorted.
    pub others: Vec<(Orphan, String)>,
}

/// A file that is called as a snapshot is, stored or pending.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Orphan {
    /// Relative to the suite root.
    pub file: String,
    /// The id that it has, or would have.
    pub id: String,
}

impl Orphan {
    fn of(path: &str) -> Option<Self> {
        let stored = path.strip_suffix(".new").unwrap_or(path);
        let id = stored.strip_suffix(".snap").filter(|id| !id.is_empty())?;
        Some(Self { file: format!("{FOLDER}/{path}"), id: id.to_owned() })
    }
}

impl Store {
    /// The files, stored and pending, whose ids are not among `known`. Letters of either case are
    /// alike: on some disks they are.
    pub fn unreferenced<'k>(
        &self,
        known: impl Iterator<Item = &'k str>,
    ) -> Result<Unreferenced, SnapshotError> {
        let known: std::collections::HashSet<String> = known.map(str::to_lowercase).collect();
        let mut found = Unreferenced::default();
        for entry in self.walk()? {
            let orphan = Orphan::of(&entry.path).filter(|orphan| !known.contains(&orphan.id.to_lowercase()));
            let Some(orphan) = orphan else { continue };
            match self.not_ours(&orphan) {
                None => found.snapshots.push(orphan),
                Some(reason) => found.others.push((orphan, reason)),
            }
        }
        found.snapshots.sort_unstable();
        found.others.sort_unstable();
        Ok(found)
    }

    /// Why a file is no snapshot of a request.
    fn not_ours(&self, orphan: &Orphan) -> Option<String> {
        let is_request = |source: &str| {
            let file = source.strip_suffix(".yaml").or_else(|| source.strip_suffix(".yml"));
            file.is_some_and(|file| {
                file.starts_with("requests/") && !file.split('/').any(|part| part == "..")
            })
        };
        match self.read(&orphan.file) {
            Ok(Some(stored)) if is_request(&stored.metadata.source) => None,
            Ok(Some(_)) => Some("its head names no request file".into()),
            Ok(None) => Some("it is gone".into()),
            Err(SnapshotError::Damaged { line, reason, .. }) => Some(format!("{reason} (line {line})")),
            Err(SnapshotError::File(error)) => Some(error.fault.to_string()),
            Err(error) => Some(error.to_string()),
        }
    }
}

impl Held<'_> {
    /// Deletes a snapshot that no request has, and the folders that are empty then. One that has
    /// become something else meanwhile stays: says whether it was deleted.
    pub fn delete(&self, orphan: &Orphan) -> Result<bool, SnapshotError> {
        if self.store().not_ours(orphan).is_some() {
            return Ok(false);
        }
        self.remove(&orphan.file)?;
        let mut folder = orphan.file.as_str();
        while let Some((above, _)) = folder.rsplit_once('/').filter(|(above, _)| *above != FOLDER) {
            match self.store().root.remove_folder_inside(above) {
                Ok(()) => folder = above,
                Err(error) if is_missing(&error) => folder = above,
                // It holds something else.
                Err(_) => break,
            }
        }
        Ok(true)
    }
}
