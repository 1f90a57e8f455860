//! The only way to the disk: reads are bounded and take regular files only, writes are atomic
//! and never go through a symlink.
//!
//! What a file is, is asked of the opened descriptor, never of the path: between a question about
//! a path and its use the path can come to mean another file.

mod error;
mod root;
mod unix;
#[cfg(test)]
mod tests;

pub use error::{Fault, FileError};
pub use root::Root;
pub use unix::{Lock, is_leftover};

use std::io::{self, Write};
use std::path::Path;

use zeroize::Zeroizing;

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everyone the umask lets (0666 less the umask).
    Shared,
    /// Only the owner (0600).
    Private,
    /// Whoever these permission bits let: those of a file that is replaced.
    As(u32),
}

/// What happens to a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced whole, in one step.
    Replace,
    /// It stays, and the write fails with [`Fault::Exists`].
    Keep,
}

/// A file with key material, and who else can get at it.
pub struct PrivateFile {
    /// What is in it; overwritten with zeros when dropped.
    pub bytes: Zeroizing<Vec<u8>>,
    /// The permission bits, as `0o600`; `None` where the system has none.
    pub mode: Option<u32>,
}

impl PrivateFile {
    /// The permission bits, when they let anyone but the owner read or write.
    pub fn exposed(&self) -> Option<u32> {
        self.mode.filter(|mode| mode & 0o066 != 0)
    }
}

/// Reads a regular file of at most `limit` bytes; symlinks are followed.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    unix::open(path).and_then(|opened| opened.read(limit)).map_err(|fault| FileError::new(path, fault))
}

/// [`read`], as UTF-8 text.
pub fn read_text(path: &Path, limit: u64) -> Result<String, FileError> {
    text(path, read(path, limit)?)
}

/// [`read`] for a private key: the bytes are wiped after use, and come with the permissions of
/// the very file that was read.
pub fn read_private(path: &Path, limit: u64) -> Result<PrivateFile, FileError> {
    let opened = unix::open(path).map_err(|fault| FileError::new(path, fault))?;
    let mode = opened.mode();
    let bytes = opened.read(limit).map_err(|fault| FileError::new(path, fault))?;
    Ok(PrivateFile { bytes: Zeroizing::new(bytes), mode })
}

/// Writes a file in one step (temporary file, fsync, rename, fsync of the folder); makes the
/// folders above it. Whoever reads the path meanwhile, or after a crash, finds the old file or
/// the new one, whole.
///
/// A symlink at `path` itself is refused; those in the folders above are followed, because the
/// user named them. For a path from a suite use [`Root::write_inside`], which follows none.
pub fn write(path: &Path, bytes: &[u8], mode: Mode, existing: Existing) -> Result<(), FileError> {
    write_with(path, mode, existing, |file| file.write_all(bytes))
}

/// [`write()`] for what comes in pieces: `fill` writes them, and when it fails, nothing has changed.
pub fn write_with(
    path: &Path,
    mode: Mode,
    existing: Existing,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), FileError> {
    let name = path.file_name().ok_or_else(|| FileError::new(path, Fault::NotRegular("folder")))?;
    let folder = unix::Folder::make(folder_of(path))?;
    folder.write(name, mode, existing, fill).map_err(|fault| FileError::new(path, fault))
}

/// The folder that a path names a file in.
pub fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Adds to the end of a file, which is made when it is not there; through no symlink at `path`.
pub fn append(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    unix::append(path, bytes).map_err(|fault| FileError::new(path, fault))
}

fn text(path: &Path, bytes: Vec<u8>) -> Result<String, FileError> {
    String::from_utf8(bytes)
        .map_err(|error| FileError::new(path, Fault::NotText(error.utf8_error().valid_up_to())))
}
