//! Reading and writing where there are no descriptors to walk along: the same promises as far as
//! paths can keep them.
//!
//! Writes are as atomic as on unix (temporary file, then rename); what is missing is protection
//! from someone who swaps a folder for a link in the middle of a write.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use super::{Existing, Fault, FileError, Mode};

/// A regular file, open for reading.
pub(super) struct Opened {
    file: File,
    size: u64,
}

/// Opens a regular file.
pub(super) fn open(path: &Path) -> Result<Opened, Fault> {
    let kind = fs::metadata(path)?;
    regular(&kind)?;
    let file = File::open(path)?;
    let status = file.metadata()?;
    regular(&status)?;
    Ok(Opened { file, size: status.len() })
}

/// Opens a regular file below `root`, through no symlink.
pub(super) fn open_below(root: &Path, below: &Path) -> Result<Opened, Fault> {
    let path = root.join(below);
    if fs::symlink_metadata(&path)?.is_symlink() { Err(Fault::Symlink) } else { open(&path) }
}

impl Opened {
    /// This system has no permission bits.
    pub(super) fn mode(&self) -> Option<u32> {
        None
    }

    /// Everything in it, refused by its size before a byte is read.
    pub(super) fn read(self, limit: u64) -> Result<Vec<u8>, Fault> {
        if self.size > limit {
            return Err(Fault::TooLarge(limit));
        }
        let room = usize::try_from(self.size).unwrap_or_default().saturating_add(1);
        let mut bytes = Vec::with_capacity(room);
        self.file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit { Err(Fault::TooLarge(limit)) } else { Ok(bytes) }
    }
}

/// A folder.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// The folder at `path`, made with those above it when it is not there.
    pub(super) fn make(path: &Path) -> Result<Self, FileError> {
        fs::create_dir_all(path).map_err(|error| FileError::new(path, error.into()))?;
        Ok(Self { path: path.to_owned() })
    }

    /// The folder `below` an existing one, through no symlink.
    pub(super) fn open_below(root: &Path, below: &Path) -> Result<Self, FileError> {
        let mut path = root.to_owned();
        for name in below {
            path.push(name);
            if fs::symlink_metadata(&path).is_ok_and(|status| status.is_symlink()) {
                return Err(FileError::new(path, Fault::Symlink));
            }
        }
        Ok(Self { path })
    }

    /// [`Folder::open_below`], made where it is not there.
    pub(super) fn make_below(root: &Path, below: &Path) -> Result<Self, FileError> {
        let folder = Self::open_below(root, below)?;
        Self::make(&folder.path)
    }

    /// Writes a file of this folder in one step.
    pub(super) fn write(&self, name: &OsStr, bytes: &[u8], _: Mode, existing: Existing) -> Result<(), Fault> {
        let path = self.path.join(name);
        match (fs::symlink_metadata(&path), existing) {
            (Err(_), _) => {}
            (Ok(status), _) if status.is_symlink() => return Err(Fault::Symlink),
            (Ok(_), Existing::Keep) => return Err(Fault::Exists),
            (Ok(status), Existing::Replace) => regular(&status)?,
        }
        let mut file =
            tempfile::Builder::new().prefix(".countersign-").suffix(".tmp").tempfile_in(&self.path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        let published = match existing {
            Existing::Replace => file.persist(&path),
            Existing::Keep => file.persist_noclobber(&path),
        };
        published.map(drop).map_err(|error| error.error.into())
    }

    /// Removes a file of this folder.
    pub(super) fn remove(&self, name: &OsStr) -> Result<(), Fault> {
        let path = self.path.join(name);
        let status = fs::symlink_metadata(&path)?;
        if status.is_symlink() {
            return Err(Fault::Symlink);
        }
        regular(&status)?;
        Ok(fs::remove_file(path)?)
    }
}

fn regular(status: &fs::Metadata) -> Result<(), Fault> {
    if status.is_file() {
        Ok(())
    } else {
        Err(Fault::NotRegular(if status.is_dir() { "folder" } else { "device" }))
    }
}
