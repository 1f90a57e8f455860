//! Why a file could not be read or written, as data that other parts turn into a diagnostic.
//!
//! The text of the operating system is not shown: its words differ between systems.

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

impl FileError {
    /// What was in the way of reading or writing the file.
    pub fn new(path: impl AsRef<Path>, fault: Fault) -> Self {
        Self { path: path.as_ref().to_owned(), fault }
    }
}

/// What was in the way of reading or writing a file.
#[derive(Debug)]
pub enum Fault {
    /// There is none.
    Missing,
    /// It is a folder, pipe, socket or device.
    NotRegular(&'static str),
    /// It is something else where a folder has to be.
    NotFolder,
    /// It is larger than the limit, in bytes.
    TooLarge(u64),
    /// It is not UTF-8, from this byte on.
    NotText(usize),
    /// It lies outside the folder that it must be in.
    Outside,
    /// It lies inside, but holds what no request may read (`.env`, `.git`, a private key).
    Withheld,
    /// It is a symlink where none may be followed.
    Symlink,
    /// Another process changes what is in it.
    InUse,
    /// It is there already and may not be replaced.
    Exists,
    /// The operating system refused.
    Io(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::NotFound => Self::Missing,
            io::ErrorKind::AlreadyExists => Self::Exists,
            io::ErrorKind::IsADirectory => Self::NotRegular("folder"),
            _ => Self::Io(error),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(formatter, "does not exist"),
            Self::NotRegular(what) => write!(formatter, "is a {what}, not a regular file"),
            Self::NotFolder => write!(formatter, "is not a folder"),
            Self::TooLarge(limit) => write!(formatter, "is larger than {limit} bytes"),
            Self::NotText(offset) => write!(formatter, "is not UTF-8 text (byte {offset})"),
            Self::Outside => write!(formatter, "lies outside the suite"),
            Self::Withheld => write!(formatter, "is not for requests to read: it holds secrets"),
            Self::Symlink => write!(formatter, "is a symlink, which is not followed here"),
            Self::InUse => write!(formatter, "is in use by another countersign"),
            Self::Exists => write!(formatter, "is there already"),
            Self::Io(error) => match error.kind() {
                io::ErrorKind::PermissionDenied => write!(formatter, "may not be used: permission denied"),
                io::ErrorKind::StorageFull => write!(formatter, "can't be written: the disk is full"),
                io::ErrorKind::QuotaExceeded => write!(formatter, "can't be written: the quota is used up"),
                io::ErrorKind::ReadOnlyFilesystem => {
                    write!(formatter, "can't be written: the file system is read-only")
                }
                // EMFILE and ENFILE, which have no kind of their own.
                _ if matches!(error.raw_os_error(), Some(23 | 24)) => {
                    write!(formatter, "can't be opened: too many files are open")
                }
                io::ErrorKind::Other | io::ErrorKind::InvalidInput => write!(formatter, "can't be used"),
                kind if kind.to_string().contains("uncategorized") => write!(formatter, "can't be used"),
                kind => write!(formatter, "can't be used: {kind}"),
            },
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` {}", self.path.display(), self.fault)
    }
}

impl std::error::Error for FileError {}
