//! The folder `snapshots/`: one file per request, and beside it the one that waits for review.
//!
//! A file is replaced whole or not at all, and whoever changes one holds the folder's lock (`held`):
//! of two runs the last one wins, and none tears or loses what the other wrote.

mod prune;
mod undo;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use data_encoding::HEXLOWER;
use insta::Snapshot;
use sha2::{Digest, Sha256};

pub use prune::{Orphan, Unreferenced};
pub use undo::SnapshotFiles;

use super::damage::{Damage, look};
use super::error::Stale;
use super::{Comparison, Content, Metadata, Mode, SnapshotError, head};
use crate::files::{self, Existing, Fault, FileError, Root};
use crate::limits;

/// The folder, relative to the suite root.
const FOLDER: &str = "snapshots";

/// In place of the fingerprint of what is not there.
const NONE: &str = "none";

/// Where the suite file may lie.
pub const SUITE_FILES: [&str; 2] = ["requests/suite.yaml", "requests/suite.yml"];

/// The snapshots of a suite.
#[derive(Debug, Clone)]
pub struct Store {
    root: Root,
    references: Option<PathBuf>,
    /// Whether what a killed process left behind was looked for.
    swept: Arc<AtomicBool>,
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
    /// Why it can't be accepted, when something changed since it came.
    pub stale: Option<Stale>,
}

/// A file that was read.
struct Stored {
    content: String,
    metadata: Metadata,
    /// The fingerprint of what was stored when it came, where it waits for review.
    beside: Option<String>,
}

impl Store {
    /// The snapshots below `root`; the folder need not be there.
    pub fn open(root: &Root) -> Result<Self, SnapshotError> {
        let store = Self { root: root.clone(), references: None, swept: Arc::default() };
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
        content: &Content,
        mode: Mode,
    ) -> Result<Comparison, SnapshotError> {
        is_name(id)?;
        self.note(id)?;
        if mode != Mode::No {
            return self.hold()?.compare(id, metadata, content, mode);
        }
        let stored = self.read(&Self::file(id))?;
        Ok(match differing(content, stored.as_ref().map(|stored| stored.content.as_str())) {
            None => Comparison::Match,
            Some(new) => told(stored, new, false),
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
        let old = self.read(&Self::file(id))?;
        let stale = self.stale(&new, old.as_ref());
        Ok(Pending { metadata: new.metadata, old: old.map(|old| old.content), new: new.content, stale })
    }

    /// [`Held::accept`] of one.
    pub fn accept(&self, id: &str) -> Result<(), SnapshotError> {
        self.hold()?.accept(id)
    }

    /// [`Held::reject`] of one.
    pub fn reject(&self, id: &str) -> Result<(), SnapshotError> {
        self.hold()?.reject(id)
    }

    /// What changed since an answer came that waits for review. One that was written by insta does
    /// not say what it was made from.
    fn stale(&self, new: &Stored, old: Option<&Stored>) -> Option<Stale> {
        let stored = mark(old.map(|old| old.content.as_str()));
        if new.beside.as_ref().is_some_and(|then| *then != stored) {
            return Some(Stale::Snapshot);
        }
        let Metadata { source, request, .. } = &new.metadata;
        let told = request.as_deref()?;
        let (request, suite_file) = told.split_once('-').unwrap_or((told, ""));
        let now = |file: &str| {
            let bytes = self.root.read_inside(file, limits::YAML_FILE).ok()?;
            Some(fingerprint(&bytes))
        };
        if now(source).as_deref() != Some(request) {
            return Some(Stale::Request(source.clone()));
        }
        let is_other = SUITE_FILES.iter().find_map(|file| now(file)).as_deref().unwrap_or(NONE) != suite_file;
        is_other.then(|| Stale::Request(SUITE_FILES[0].to_owned()))
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
        let (metadata, beside) = look(&text).map_err(|damage| damaged(file, damage))?;
        let unreadable = || damaged(file, Damage { line: 2, reason: "its head is not YAML".into() });
        let snapshot = Snapshot::from_file(&self.root.join(file)).map_err(|_| unreadable())?;
        let content = snapshot.contents().as_text().ok_or_else(unreadable)?.to_string();
        Ok(Some(Stored { content, metadata, beside }))
    }

    fn note(&self, id: &str) -> Result<(), SnapshotError> {
        let Some(references) = &self.references else { return Ok(()) };
        let line = format!("{}\n", self.root.join(&Self::file(id)).display());
        let opened = std::fs::OpenOptions::new().append(true).create(true).open(references);
        let noted = opened.and_then(|mut file| file.write_all(line.as_bytes()));
        noted.map_err(|error| FileError::new(references, error.into()).into())
    }

    fn ids(&self, ending: &str) -> Result<Vec<String>, SnapshotError> {
        let paths = self.paths()?;
        let mut ids: Vec<String> =
            paths.iter().filter_map(|path| path.strip_suffix(ending)).map(str::to_owned).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    /// Every regular file, relative to the folder; symlinks and names that are not UTF-8 are not ours.
    fn paths(&self) -> Result<Vec<String>, SnapshotError> {
        let ours = |entry: Entry| entry.is_ours.then_some(entry.path);
        Ok(self.walk()?.into_iter().filter_map(ours).collect())
    }

    /// Everything below the folder but folders, symlinks too, none of them followed.
    fn walk(&self) -> Result<Vec<Entry>, SnapshotError> {
        let (mut found, mut folders) = (Vec::new(), vec![String::new()]);
        while let Some(folder) = folders.pop() {
            let place = Path::new(FOLDER).join(&folder);
            let fail = |error: std::io::Error| SnapshotError::File(FileError::new(&place, error.into()));
            let listed = match std::fs::read_dir(self.root.path().join(&place)) {
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                listed => listed.map_err(fail)?,
            };
            for entry in listed {
                let entry = entry.map_err(fail)?;
                let (name, kind) = (entry.file_name(), entry.file_type().map_err(fail)?);
                let shown = name.to_string_lossy();
                let path = if folder.is_empty() { shown.into_owned() } else { format!("{folder}/{shown}") };
                match (kind.is_dir(), name.to_str().is_some()) {
                    (true, true) => folders.push(path),
                    (true, false) => {}
                    (false, is_text) => found.push(Entry { path, is_ours: kind.is_file() && is_text }),
                }
            }
        }
        Ok(found)
    }
}

/// A file, relative to the folder.
struct Entry {
    path: String,
    /// Whether it is a regular file whose name is text.
    is_ours: bool,
}

/// A short text that only equal contents have in common: what a pending file says of what it was
/// made from.
///
/// Line ends that git rewrote make no difference.
pub fn fingerprint(bytes: &[u8]) -> String {
    let mut digest = Sha256::new();
    for (place, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if place > 0 {
            digest.update(b"\n");
        }
        digest.update(line.strip_suffix(b"\r").unwrap_or(line));
    }
    HEXLOWER.encode(&digest.finalize()[..8])
}

/// The fingerprints of a request file and of the suite file, whose defaults have a say too.
pub fn fingerprints(request: &str, suite_file: Option<&str>) -> String {
    format!("{request}-{}", suite_file.unwrap_or(NONE))
}

/// The fingerprint of what is stored.
fn mark(stored: Option<&str>) -> String {
    stored.map_or_else(|| NONE.to_owned(), |content| fingerprint(content.as_bytes()))
}

/// What is to be stored in place of `stored`; `None` when they are alike.
fn differing(content: &Content, stored: Option<&str>) -> Option<String> {
    stored.map_or_else(|| Some(content.text.clone()), |stored| content.against(stored))
}

/// A comparison that did not hold.
fn told(stored: Option<Stored>, new: String, pending: bool) -> Comparison {
    match stored {
        None => Comparison::New { content: new, pending },
        Some(stored) => Comparison::Mismatch { old: stored.content, new, pending },
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

mod held;
#[cfg(test)]
mod tests;

pub use held::Held;
