//! Whether a key is kept in a Git repository: there everybody who clones it has it, also long
//! after it was deleted.
//!
//! The index of the repository is searched for the path, without running `git`: a program found on
//! the way would be run by a mere check. Its entries (gitformat-index, versions 2 and 3) hold whole
//! paths, each behind two bytes with its length; version 4, which shares prefixes, is not read.

use std::fmt;

use crate::diag::{Code, Diagnostic};

/// A private key in a Git repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracked {
    /// The key's file.
    pub file: String,
}

/// Longest path whose length an index says.
const LONGEST: usize = 0xfff;

/// Whether the index of a repository lists this path, which is relative to its top.
pub fn is_tracked(index: &[u8], path: &str) -> bool {
    let length = path.len();
    if !index.starts_with(b"DIRC")
        || index.get(4..8) == Some(&[0, 0, 0, 4])
        || !(1..LONGEST).contains(&length)
    {
        return false;
    }
    let entry = [path.as_bytes(), b"\0"].concat();
    let says_length = |at: usize| {
        // The two bytes of an extended entry stand between the length and the path.
        let flags = |from: usize| index.get(from..from + 2).map(|two| u16::from_be_bytes([two[0], two[1]]));
        let is = |flags: Option<u16>| flags.is_some_and(|flags| usize::from(flags & 0xfff) == length);
        is(at.checked_sub(2).and_then(flags)) || is(at.checked_sub(4).and_then(flags))
    };
    index.windows(entry.len()).enumerate().any(|(at, window)| window == entry && says_length(at))
}

impl Tracked {
    /// As a warning without a place.
    pub fn diagnostic(&self) -> Diagnostic {
        let help = "make a new pair, register it, and keep its key out with a line `*.key` in `.gitignore`";
        Diagnostic::warning(Code::Key, self.to_string()).help(help)
    }
}

impl fmt::Display for Tracked {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` is a private key that this Git repository tracks", self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An index of version 2 with one entry.
    fn index(path: &str) -> Vec<u8> {
        let length = u16::try_from(path.len()).unwrap();
        [b"DIRC\0\0\0\x02\0\0\0\x01".as_slice(), &[0; 60], &length.to_be_bytes(), path.as_bytes(), b"\0\0\0"]
            .concat()
    }

    #[test]
    fn a_path_is_tracked_only_as_a_whole() {
        let listed = index("bank/certificates/a.key");
        assert!(is_tracked(&listed, "bank/certificates/a.key"));
        for other in ["certificates/a.key", "a.key", "bank/certificates/a", "b.key", ""] {
            assert!(!is_tracked(&listed, other), "{other}");
        }
        for damaged in [b"".as_slice(), b"DIRC", b"DIRC\0\0\0\x04bank", &listed[..70]] {
            assert!(!is_tracked(damaged, "bank/certificates/a.key"));
        }
    }
}
