//! The only way to the disk: reads are bounded and take regular files only, writes are atomic
//! and never go through a symlink.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file could not be read or written.
#[derive(Debug)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// What was in the way.
    pub fault: Fault,
}

/// What was in the way of reading or writing a file.
#[derive(Debug)]
pub enum Fault {
    /// There is none.
    Missing,
    /// It is a directory, pipe, socket or device.
    NotRegular(&'static str),
    /// It is larger than the limit, in bytes.
    TooLarge(u64),
    /// It is not UTF-8, from this byte on.
    NotText(usize),
    /// It lies outside the folder that it must be in.
    Outside,
    /// It is a symlink where none may be followed.
    Symlink,
    /// It is there already and may not be replaced.
    Exists,
    /// The operating system refused.
    Io(io::Error),
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(formatter, "no such file"),
            Self::NotRegular(what) => write!(formatter, "is a {what}, not a regular file"),
            Self::TooLarge(limit) => write!(formatter, "is larger than {limit} bytes"),
            Self::NotText(offset) => write!(formatter, "is not UTF-8 text (byte {offset})"),
            Self::Outside => write!(formatter, "lies outside the suite"),
            Self::Symlink => write!(formatter, "is a symlink, which is not followed here"),
            Self::Exists => write!(formatter, "is there already"),
            Self::Io(error) => write!(formatter, "{}", error.kind()),
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` {}", self.path.display(), self.fault)
    }
}

impl std::error::Error for FileError {}

/// Who may read a file that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Everyone the umask lets (0666 less the umask).
    Shared,
    /// Only the owner (0600).
    Private,
}

/// What happens to a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It is replaced whole, in one step.
    Replace,
    /// It stays, and the write fails with [`Fault::Exists`].
    Keep,
}

/// Reads a regular file of at most `limit` bytes; symlinks are followed.
pub fn read(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    use std::io::Read;
    let fail = |fault| FileError { path: path.to_owned(), fault };
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => fail(Fault::Missing),
        _ => fail(Fault::Io(error)),
    })?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| fail(Fault::Io(error)))?;
    if bytes.len() as u64 > limit {
        return Err(fail(Fault::TooLarge(limit)));
    }
    Ok(bytes)
}

/// [`read`], as UTF-8 text.
pub fn read_text(path: &Path, limit: u64) -> Result<String, FileError> {
    String::from_utf8(read(path, limit)?).map_err(|error| FileError {
        path: path.to_owned(),
        fault: Fault::NotText(error.utf8_error().valid_up_to()),
    })
}

/// Writes a file in one step (temporary file, fsync, rename, fsync of the folder); makes the
/// folders above it.
pub fn write(path: &Path, bytes: &[u8], mode: Mode, existing: Existing) -> Result<(), FileError> {
    let _ = (mode, existing);
    #[allow(clippy::disallowed_methods)]
    std::fs::write(path, bytes).map_err(|error| FileError { path: path.to_owned(), fault: Fault::Io(error) })
}

/// A folder that paths of a suite are relative to, and may have to stay inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Root(PathBuf);

impl Root {
    /// The folder; it must be there.
    pub fn open(folder: &Path) -> Result<Self, FileError> {
        let fail = |error| FileError { path: folder.to_owned(), fault: Fault::Io(error) };
        folder.canonicalize().map(Self).map_err(fail)
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
        read(&self.join(relative), limit)
    }
}
