//! Reading and writing through descriptors: a folder is opened once, and everything below it is
//! named relative to that descriptor, so that nobody can swap a folder for a symlink in between.
//!
//! A temporary file is published by `rename` (replace) or `link` (keep), never written in place:
//! after SIGKILL at any instruction the name holds the old file, or the new one, or nothing.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::fs::{self, AtFlags, CWD, FileType, FlockOperation, Mode as Bits, OFlags};
use rustix::io::Errno;

use super::{Existing, Fault, FileError, Mode, folder_of};
use crate::clock::Ids;

/// Bytes that are written at once.
const PIECE: usize = 128 * 1024;

/// A regular file, open for reading.
pub(super) struct Opened {
    file: File,
    size: u64,
    mode: u32,
}

/// Opens a regular file; a pipe or device neither blocks nor becomes our terminal.
pub(super) fn open(path: &Path) -> Result<Opened, Fault> {
    open_at(CWD, path, OFlags::empty())
}

/// Opens a regular file below `root`, through no symlink.
pub(super) fn open_below(root: &Path, below: &Path) -> Result<Opened, Fault> {
    let name = below.file_name().ok_or(Fault::NotRegular("folder"))?;
    let folder = Folder::open_below(root, below.parent().unwrap_or(Path::new("")));
    open_at(&folder.map_err(|error| error.fault)?.descriptor, Path::new(name), OFlags::NOFOLLOW)
}

fn open_at(folder: impl std::os::fd::AsFd, path: &Path, more: OFlags) -> Result<Opened, Fault> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC | more;
    let descriptor = fs::openat(folder, path, flags, Bits::empty()).map_err(|errno| match errno {
        Errno::NXIO => Fault::NotRegular("socket"),
        Errno::LOOP if more.contains(OFlags::NOFOLLOW) => Fault::Symlink,
        errno => io(errno),
    })?;
    let status = fs::fstat(&descriptor).map_err(io)?;
    regular(FileType::from_raw_mode(status.st_mode))?;
    let size = u64::try_from(status.st_size).unwrap_or_default();
    Ok(Opened { file: File::from(descriptor), size, mode: bits(status.st_mode) })
}

/// Adds to the end of a regular file; one that is not there is made, for its owner only.
pub(super) fn append(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    let more = OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let flags = OFlags::WRONLY | OFlags::APPEND | more;
    let descriptor =
        fs::openat(CWD, path, flags, Bits::from_raw_mode(0o600)).map_err(|errno| match errno {
            Errno::NXIO => Fault::NotRegular("pipe"),
            Errno::LOOP => Fault::Symlink,
            errno => io(errno),
        })?;
    regular(FileType::from_raw_mode(fs::fstat(&descriptor).map_err(io)?.st_mode))?;
    Ok(File::from(descriptor).write_all(bytes)?)
}

#[allow(clippy::useless_conversion, reason = "it has 16 bits on other systems")]
fn bits(mode: fs::RawMode) -> u32 {
    u32::from(mode) & 0o7777
}

impl Opened {
    /// The permission bits of the file that is open.
    #[allow(clippy::unnecessary_wraps, reason = "other systems have none")]
    pub(super) fn mode(&self) -> Option<u32> {
        Some(self.mode)
    }

    /// Everything in it, refused by its size before a byte is read; what grows meanwhile is
    /// refused too.
    pub(super) fn read(self, limit: u64) -> Result<Vec<u8>, Fault> {
        if self.size > limit {
            return Err(Fault::TooLarge(limit));
        }
        // One byte more than there is, so that the end is seen without growing: key material
        // must not be left behind in a buffer that was outgrown.
        let room = usize::try_from(self.size).unwrap_or_default().saturating_add(1);
        let mut bytes = Vec::with_capacity(room);
        self.file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > limit { Err(Fault::TooLarge(limit)) } else { Ok(bytes) }
    }
}

/// A folder that no other process changes which asks for it too.
pub struct Lock {
    _folder: Folder,
    exclusive: bool,
}

impl Lock {
    /// Whether others are kept out; some file systems can't.
    pub fn is_exclusive(&self) -> bool {
        self.exclusive
    }
}

/// The name of a file that is written and not yet published.
pub(super) fn temporary() -> String {
    format!(".countersign-{}.tmp", Ids::Random.uuid().simple())
}

/// Whether a file of this name was left half written by a process that was killed.
pub fn is_leftover(name: &str) -> bool {
    let id = name.strip_prefix(".countersign-").and_then(|rest| rest.strip_suffix(".tmp"));
    id.is_some_and(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// An open folder.
pub(super) struct Folder {
    descriptor: OwnedFd,
}

impl Folder {
    /// The folder at `path`, made with those above it when it is not there.
    pub(super) fn make(path: &Path) -> Result<Self, FileError> {
        let missing: Vec<&Path> = path.ancestors().take_while(|folder| is_missing(folder)).collect();
        for folder in missing.into_iter().rev() {
            match fs::mkdir(folder, Bits::from_raw_mode(0o777)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(FileError::new(folder, io(errno))),
            }
            settle(folder_of(folder));
        }
        let descriptor = fs::openat(CWD, path, folder_flags(), Bits::empty());
        descriptor
            .map(|descriptor| Self { descriptor })
            .map_err(|errno| FileError::new(path, not_folder(errno)))
    }

    /// The folder `below` an existing one, through no symlink.
    pub(super) fn open_below(root: &Path, below: &Path) -> Result<Self, FileError> {
        Self::walk(root, below, Existing::Keep)
    }

    /// [`Folder::open_below`], made where it is not there.
    pub(super) fn make_below(root: &Path, below: &Path) -> Result<Self, FileError> {
        Self::walk(root, below, Existing::Replace)
    }

    fn walk(root: &Path, below: &Path, missing: Existing) -> Result<Self, FileError> {
        let descriptor = fs::openat(CWD, root, folder_flags(), Bits::empty())
            .map_err(|errno| FileError::new(root, not_folder(errno)))?;
        let mut here = Self { descriptor };
        let mut path = PathBuf::new();
        for name in below {
            path.push(name);
            here = here.enter(name, missing).map_err(|fault| FileError::new(&path, fault))?;
        }
        Ok(here)
    }

    fn enter(&self, name: &OsStr, missing: Existing) -> Result<Self, Fault> {
        let flags = folder_flags() | OFlags::NOFOLLOW;
        let open = || fs::openat(&self.descriptor, name, flags, Bits::empty());
        let opened = match open() {
            Err(Errno::NOENT) if missing == Existing::Replace => {
                match fs::mkdirat(&self.descriptor, name, Bits::from_raw_mode(0o777)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(io(errno)),
                }
                self.settle()?;
                open()
            }
            opened => opened,
        };
        opened.map(|descriptor| Self { descriptor }).map_err(|errno| match self.kind(name) {
            Ok(Some(FileType::Symlink)) => Fault::Symlink,
            _ => not_folder(errno),
        })
    }

    /// Writes a file of this folder in one step.
    pub(super) fn write(
        &self,
        name: &OsStr,
        mode: Mode,
        existing: Existing,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Fault> {
        match (self.kind(name)?, existing) {
            (None, _) => {}
            (Some(FileType::Symlink), _) => return Err(Fault::Symlink),
            (Some(_), Existing::Keep) => return Err(Fault::Exists),
            (Some(kind), Existing::Replace) => regular(kind)?,
        }
        let temporary = temporary();
        let written =
            self.fill(&temporary, mode, fill).and_then(|()| self.publish(&temporary, name, existing));
        if written.is_err() {
            // It may be gone, or never have been; there is nobody to tell about a second failure.
            let _ = fs::unlinkat(&self.descriptor, temporary.as_str(), AtFlags::empty());
        }
        written.and_then(|()| self.settle())
    }

    /// Holds this folder until the lock is dropped or its process ends.
    pub(super) fn lock(self, patience: Duration) -> Result<Lock, Fault> {
        let until = Instant::now() + patience;
        let mut pause = Duration::from_micros(50);
        loop {
            let exclusive = match fs::flock(&self.descriptor, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => true,
                Err(Errno::WOULDBLOCK) if Instant::now() < until => {
                    std::thread::sleep(pause);
                    pause = Duration::from_millis(5).min(pause * 2);
                    continue;
                }
                Err(Errno::WOULDBLOCK) => return Err(Fault::InUse),
                // A file system that can't lock a folder: each file is still replaced whole.
                Err(_) => false,
            };
            return Ok(Lock { _folder: self, exclusive });
        }
    }

    /// Removes a file of this folder.
    pub(super) fn remove(&self, name: &OsStr) -> Result<(), Fault> {
        match self.kind(name)? {
            None => Err(Fault::Missing),
            Some(FileType::Symlink) => Err(Fault::Symlink),
            Some(kind) => {
                regular(kind)?;
                fs::unlinkat(&self.descriptor, name, AtFlags::empty()).map_err(io)?;
                self.settle()
            }
        }
    }

    /// Removes an empty folder of this folder.
    pub(super) fn remove_folder(&self, name: &OsStr) -> Result<(), Fault> {
        fs::unlinkat(&self.descriptor, name, AtFlags::REMOVEDIR).map_err(io)?;
        self.settle()
    }

    fn fill(
        &self,
        temporary: &str,
        mode: Mode,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<(), Fault> {
        let bits = match mode {
            Mode::Shared => Bits::from_raw_mode(0o666),
            Mode::Private | Mode::As(_) => Bits::from_raw_mode(0o600),
        };
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = File::from(fs::openat(&self.descriptor, temporary, flags, bits).map_err(io)?);
        let mut pieces = BufWriter::with_capacity(PIECE, file);
        fill(&mut pieces)?;
        let file = pieces.into_inner().map_err(io::IntoInnerError::into_error)?;
        if let Mode::As(bits) = mode {
            #[allow(clippy::useless_conversion, reason = "it has 16 bits on other systems")]
            let bits = fs::RawMode::try_from(bits & 0o777).unwrap_or(0o600);
            fs::fchmod(&file, Bits::from_raw_mode(bits)).map_err(io)?;
        }
        Ok(file.sync_all()?)
    }

    fn publish(&self, temporary: &str, name: &OsStr, existing: Existing) -> Result<(), Fault> {
        let here = &self.descriptor;
        match existing {
            Existing::Replace => fs::renameat(here, temporary, here, name).map_err(io),
            Existing::Keep => match fs::linkat(here, temporary, here, name, AtFlags::empty()) {
                Ok(()) => fs::unlinkat(here, temporary, AtFlags::empty()).map_err(io),
                Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS) => rename_new(here, temporary, name),
                Err(errno) => Err(io(errno)),
            },
        }
    }

    fn kind(&self, name: &OsStr) -> Result<Option<FileType>, Fault> {
        match fs::statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(status) => Ok(Some(FileType::from_raw_mode(status.st_mode))),
            Err(Errno::NOENT) => Ok(None),
            Err(errno) => Err(io(errno)),
        }
    }

    /// Makes sure that a new name survives a power cut; some file systems cannot be asked.
    fn settle(&self) -> Result<(), Fault> {
        match fs::fsync(&self.descriptor) {
            Ok(()) | Err(Errno::INVAL | Errno::OPNOTSUPP) => Ok(()),
            Err(errno) => Err(io(errno)),
        }
    }
}

/// For file systems without hard links.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_new(here: &OwnedFd, temporary: &str, name: &OsStr) -> Result<(), Fault> {
    fs::renameat_with(here, temporary, here, name, fs::RenameFlags::NOREPLACE).map_err(io)
}

/// For file systems without hard links.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_new(_: &OwnedFd, _: &str, _: &OsStr) -> Result<(), Fault> {
    Err(io(Errno::OPNOTSUPP))
}

/// Best effort: a folder that may not be read can still be written in.
fn settle(folder: &Path) {
    if let Ok(descriptor) = fs::openat(CWD, folder, folder_flags(), Bits::empty()) {
        let _ = fs::fsync(descriptor);
    }
}

fn is_missing(folder: &Path) -> bool {
    !folder.as_os_str().is_empty() && matches!(fs::stat(folder), Err(Errno::NOENT))
}

fn folder_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC
}

fn regular(kind: FileType) -> Result<(), Fault> {
    Err(Fault::NotRegular(match kind {
        FileType::RegularFile => return Ok(()),
        FileType::Directory => "folder",
        FileType::Fifo => "pipe",
        FileType::Socket => "socket",
        FileType::CharacterDevice | FileType::BlockDevice => "device",
        FileType::Symlink | FileType::Unknown => "special file",
    }))
}

fn not_folder(errno: Errno) -> Fault {
    match errno {
        Errno::NOTDIR => Fault::NotFolder,
        Errno::LOOP => Fault::Symlink,
        errno => io(errno),
    }
}

fn io(errno: Errno) -> Fault {
    Fault::from(io::Error::from(errno))
}
