//! A folder that paths of a suite are relative to, and may have to stay inside.
//!
//! A read follows symlinks first and then asks where it ended, so that a suite may link its
//! schemas from elsewhere *inside*; a write follows none at all, because whoever reviews a
//! snapshot must know which file changes.

use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use super::{Existing, Fault, FileError, Lock, Mode, unix};

/// The folder of a suite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(PathBuf);

impl Root {
    /// The folder; it must be there.
    pub fn open(folder: &Path) -> Result<Self, FileError> {
        let path = folder.canonicalize().map_err(|error| FileError::new(folder, error.into()))?;
        if !path.is_dir() {
            return Err(FileError::new(folder, Fault::NotFolder));
        }
        Ok(Self(path))
    }

    /// The folder itself, absolute.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// `relative` below this folder; an absolute path stays as it is. For keys and certificates,
    /// which may lie anywhere.
    pub fn join(&self, relative: &str) -> PathBuf {
        self.0.join(relative)
    }

    /// Reads a file that must lie inside this folder, symlinks followed first.
    pub fn read_inside(&self, relative: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        let fail = |fault| FileError::new(relative, fault);
        if !stays_below(relative) {
            return Err(fail(Fault::Outside));
        }
        let real = self.0.join(relative).canonicalize().map_err(|error| fail(error.into()))?;
        let below = real.strip_prefix(&self.0).map_err(|_| fail(Fault::Outside))?;
        if below.iter().any(is_withheld) {
            return Err(fail(Fault::Withheld));
        }
        unix::open_below(&self.0, below).and_then(|opened| opened.read(limit)).map_err(fail)
    }

    /// [`Root::read_inside`] for what a request may send: no private keys.
    pub fn read_for_request(&self, relative: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        let bytes = self.read_inside(relative, limit)?;
        if is_private_key(&bytes) { Err(FileError::new(relative, Fault::Withheld)) } else { Ok(bytes) }
    }

    /// [`Root::read_inside`], as UTF-8 text.
    pub fn read_text_inside(&self, relative: &str, limit: u64) -> Result<String, FileError> {
        super::text(Path::new(relative), self.read_inside(relative, limit)?)
    }

    /// Reads a text file inside this folder, through no symlink at all: for what is written there
    /// too.
    pub fn read_text_unlinked(&self, relative: &str, limit: u64) -> Result<String, FileError> {
        super::text(Path::new(relative), self.read_unlinked(relative, limit)?)
    }

    /// [`Root::read_text_unlinked`], whatever is in it.
    pub fn read_unlinked(&self, relative: &str, limit: u64) -> Result<Vec<u8>, FileError> {
        let path = plain(relative)?;
        let opened = unix::open_below(&self.0, path);
        opened.and_then(|opened| opened.read(limit)).map_err(|fault| FileError::new(path, fault))
    }

    /// [`super::write`] to a file inside this folder, through no symlink at all.
    pub fn write_inside(
        &self,
        relative: &str,
        bytes: &[u8],
        mode: Mode,
        existing: Existing,
    ) -> Result<(), FileError> {
        let path = plain(relative)?;
        let name = path.file_name().ok_or_else(|| FileError::new(path, Fault::Outside))?;
        let folder = unix::Folder::make_below(&self.0, path.parent().unwrap_or(Path::new("")))?;
        folder
            .write(name, mode, existing, |file| file.write_all(bytes))
            .map_err(|fault| FileError::new(path, fault))
    }

    /// Holds a folder inside this one, made where it is not there, against every other process that
    /// asks for it; waits for them at most so long. No symlink is followed.
    pub fn lock(&self, relative: &str, patience: Duration) -> Result<Lock, FileError> {
        let path = plain(relative)?;
        let folder = unix::Folder::make_below(&self.0, path)?;
        folder.lock(patience).map_err(|fault| FileError::new(path, fault))
    }

    /// Removes a file inside this folder, through no symlink at all. A symlink in its place is
    /// refused, a file that is not there is [`Fault::Missing`].
    pub fn remove_inside(&self, relative: &str) -> Result<(), FileError> {
        let path = plain(relative)?;
        let name = path.file_name().ok_or_else(|| FileError::new(path, Fault::Outside))?;
        let folder = unix::Folder::open_below(&self.0, path.parent().unwrap_or(Path::new("")))?;
        folder.remove(name).map_err(|fault| FileError::new(path, fault))
    }

    /// Removes a folder inside this one, through no symlink at all. One that is not empty is refused.
    pub fn remove_folder_inside(&self, relative: &str) -> Result<(), FileError> {
        let path = plain(relative)?;
        let name = path.file_name().ok_or_else(|| FileError::new(path, Fault::Outside))?;
        let folder = unix::Folder::open_below(&self.0, path.parent().unwrap_or(Path::new("")))?;
        folder.remove_folder(name).map_err(|fault| FileError::new(path, fault))
    }
}

/// A path to write to: nothing but names.
fn plain(relative: &str) -> Result<&Path, FileError> {
    let path = Path::new(relative);
    let names_only = path.components().all(|part| matches!(part, Component::Normal(_)));
    if names_only && stays_below(relative) && !relative.contains('\0') {
        Ok(path)
    } else {
        Err(FileError::new(relative, Fault::Outside))
    }
}

/// Whether a path is relative and never climbs above its beginning, in the notation of any system
/// that it may have been written for.
fn stays_below(relative: &str) -> bool {
    let absolute =
        relative.starts_with(['/', '\\', '~']) || relative.contains(':') && is_drive_or_url(relative);
    let mut depth = 0_usize;
    let climbs = relative.split(['/', '\\']).any(|part| match part {
        "" | "." => false,
        ".." => depth.checked_sub(1).map(|up| depth = up).is_none(),
        _ => {
            depth += 1;
            false
        }
    });
    !absolute && !climbs
}

/// `C:\x`, `C:x`, `file://x`
fn is_drive_or_url(path: &str) -> bool {
    let scheme = path.split(':').next().unwrap_or_default();
    path.contains("://") || scheme.len() == 1 && scheme.chars().all(|letter| letter.is_ascii_alphabetic())
}

/// Whether there is a private key in PEM: what a request can read it can send.
fn is_private_key(bytes: &[u8]) -> bool {
    const MARK: &[u8] = b"PRIVATE KEY-----";
    bytes.windows(MARK.len()).any(|part| part == MARK)
}

/// `.env` and what git keeps: a request that could read them could send them.
fn is_withheld(part: &std::ffi::OsStr) -> bool {
    let name = part.to_string_lossy().to_ascii_lowercase();
    name == ".git" || name == ".env" || name.starts_with(".env.")
}
