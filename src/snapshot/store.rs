//! The folder `snapshots/`: one file per request, and beside it the one that waits for review.
//!
//! There is no lock: a file is replaced whole or not at all, so that of two runs the last one wins
//! and none tears what the other wrote.

use std::io::Write;
use std::path::{Path, PathBuf};

use insta::Snapshot;

use super::damage::{Damage, look};
use super::{Comparison, Metadata, Mode, SnapshotError, head};
use crate::files::{self, Existing, Fault, FileError, Root};
use crate::limits;

/// The folder, relative to the suite root.
const FOLDER: &str = "snapshots";

/// The snapshots of a suite.
#[derive(Debug, Clone)]
pub struct Store {
    root: Root,
    references: Option<PathBuf>,
}

/// A snapshot that waits for review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    /// What it says about itself.
    pub metadata: Metadata,
    /// What is stored; `None` when it is new.
    pub old: Option<String>,
    /// What came.
    pub new: String,
}

/// A file that was read.
struct Stored {
    text: String,
    content: String,
    metadata: Metadata,
}

impl Store {
    /// The snapshots below `root`; the folder need not be there.
    pub fn open(root: &Root) -> Result<Self, SnapshotError> {
        let store = Self { root: root.clone(), references: None };
        match std::fs::symlink_metadata(root.join(FOLDER)) {
            Ok(status) if status.is_symlink() => Err(FileError::new(FOLDER, Fault::Symlink).into()),
            Ok(status) if !status.is_dir() => Err(FileError::new(FOLDER, Fault::NotFolder).into()),
            _ => Ok(store),
        }
    }

    /// Notes every snapshot that is visited in `file`, for `cargo insta test --unreferenced`
    /// (`INSTA_SNAPSHOT_REFERENCES_FILE`): it would take them for unused otherwise.
    #[must_use]
    pub fn with_references(mut self, file: PathBuf) -> Self {
        self.references = Some(file);
        self
    }

    /// The file of a snapshot, relative to the suite root.
    pub fn file(id: &str) -> String {
        format!("{FOLDER}/{id}.snap")
    }

    /// Compares `content` with what is stored under `id`, and does what `mode` says.
    pub fn compare(
        &self,
        id: &str,
        metadata: &Metadata,
        content: &str,
        mode: Mode,
    ) -> Result<Comparison, SnapshotError> {
        is_name(id)?;
        self.note(id)?;
        let stored = self.read(&Self::file(id))?;
        if stored.as_ref().is_some_and(|stored| stored.content == content) {
            if mode != Mode::No {
                self.remove(&pending_file(id))?;
            }
            return Ok(Comparison::Match);
        }
        let accepted = mode == Mode::Always || mode == Mode::Unseen && stored.is_none();
        let pending = !accepted && mode != Mode::No;
        if accepted {
            self.write(&Self::file(id), &head::file(metadata, content))?;
            self.remove(&pending_file(id))?;
        }
        if pending {
            self.write(&pending_file(id), &head::file(metadata, content))?;
        }
        let new = content.to_owned();
        Ok(match stored {
            None if accepted => Comparison::Added,
            Some(_) if accepted => Comparison::Updated,
            None => Comparison::New { content: new, pending },
            Some(stored) => Comparison::Mismatch { old: stored.content, new, pending },
        })
    }

    /// The ids of the snapshots that wait for review, sorted.
    pub fn pending(&self) -> Result<Vec<String>, SnapshotError> {
        self.ids(".snap.new")
    }

    /// The ids of the snapshots that are stored, sorted.
    pub fn stored(&self) -> Result<Vec<String>, SnapshotError> {
        self.ids(".snap")
    }

    /// What waits for review under `id`, beside what is stored.
    pub fn review(&self, id: &str) -> Result<Pending, SnapshotError> {
        let new = self.waiting(id)?;
        let old = self.read(&Self::file(id))?.map(|stored| stored.content);
        Ok(Pending { metadata: new.metadata, old, new: new.content })
    }

    /// Stores what waits for review.
    pub fn accept(&self, id: &str) -> Result<(), SnapshotError> {
        let new = self.waiting(id)?;
        self.write(&Self::file(id), &new.text)?;
        self.remove(&pending_file(id))
    }

    /// Drops what waits for review.
    pub fn reject(&self, id: &str) -> Result<(), SnapshotError> {
        match self.root.remove_inside(&pending_file(id)) {
            Err(error) if is_missing(&error) => Err(SnapshotError::NothingPending(id.to_owned())),
            done => Ok(done?),
        }
    }

    fn waiting(&self, id: &str) -> Result<Stored, SnapshotError> {
        self.read(&pending_file(id))?.ok_or_else(|| SnapshotError::NothingPending(id.to_owned()))
    }

    fn read(&self, file: &str) -> Result<Option<Stored>, SnapshotError> {
        let text = match self.root.read_text_unlinked(file, limits::SNAPSHOT_FILE) {
            Ok(text) => text,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(FileError { fault: Fault::NotText(offset), .. }) => {
                let reason = format!("it is not UTF-8 text (byte {offset})");
                return Err(damaged(file, Damage { line: 1, reason }));
            }
            Err(error) => return Err(error.into()),
        };
        look(&text).map_err(|damage| damaged(file, damage))?;
        let unreadable = || damaged(file, Damage { line: 2, reason: "its head is not YAML".into() });
        let snapshot = Snapshot::from_file(&self.root.join(file)).map_err(|_| unreadable())?;
        let content = snapshot.contents().as_text().ok_or_else(unreadable)?.to_string();
        let own = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let head = snapshot.metadata();
        let metadata = Metadata { source: own(head.source()), expression: own(head.expression()) };
        Ok(Some(Stored { text, content, metadata }))
    }

    fn write(&self, file: &str, text: &str) -> Result<(), SnapshotError> {
        Ok(self.root.write_inside(file, text.as_bytes(), files::Mode::Shared, Existing::Replace)?)
    }

    fn remove(&self, file: &str) -> Result<(), SnapshotError> {
        match self.root.remove_inside(file) {
            Err(error) if is_missing(&error) => Ok(()),
            done => Ok(done?),
        }
    }

    fn note(&self, id: &str) -> Result<(), SnapshotError> {
        let Some(references) = &self.references else { return Ok(()) };
        let line = format!("{}\n", self.root.join(&Self::file(id)).display());
        let opened = std::fs::OpenOptions::new().append(true).create(true).open(references);
        let noted = opened.and_then(|mut file| file.write_all(line.as_bytes()));
        noted.map_err(|error| FileError::new(references, error.into()).into())
    }

    fn ids(&self, ending: &str) -> Result<Vec<String>, SnapshotError> {
        let mut ids = Vec::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            for (name, is_folder) in self.entries(&folder)? {
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                if is_folder {
                    folders.push(path);
                } else if let Some(id) = path.strip_suffix(ending) {
                    ids.push(id.to_owned());
                }
            }
        }
        ids.sort_unstable();
        Ok(ids)
    }

    /// The regular files and folders in a folder; symlinks and names that are not UTF-8 are not
    /// ours.
    fn entries(&self, folder: &str) -> Result<Vec<(String, bool)>, SnapshotError> {
        let path = Path::new(FOLDER).join(folder);
        let fail = |error: std::io::Error| SnapshotError::File(FileError::new(&path, error.into()));
        let listed = match std::fs::read_dir(self.root.path().join(&path)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed.map_err(fail)?,
        };
        let mut entries = Vec::new();
        for entry in listed {
            let entry = entry.map_err(fail)?;
            let kind = entry.file_type().map_err(fail)?;
            if let (Ok(name), true) = (entry.file_name().into_string(), kind.is_dir() || kind.is_file()) {
                entries.push((name, kind.is_dir()));
            }
        }
        Ok(entries)
    }
}

fn pending_file(id: &str) -> String {
    format!("{FOLDER}/{id}.snap.new")
}

/// Two ids must not name one file: `a//b` and `a/./b` are refused, what climbs out is anyway.
fn is_name(id: &str) -> Result<(), FileError> {
    let named = id.split('/').all(|part| !matches!(part, "" | "." | ".."));
    if named { Ok(()) } else { Err(FileError::new(Store::file(id), Fault::Outside)) }
}

fn is_missing(error: &FileError) -> bool {
    matches!(error.fault, Fault::Missing)
}

fn damaged(file: &str, damage: Damage) -> SnapshotError {
    SnapshotError::Damaged { file: file.to_owned(), line: damage.line, reason: damage.reason }
}

#[cfg(test)]
mod tests;
