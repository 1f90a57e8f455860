//! Whether a key file lies open. The mode comes from the caller, who has it from the open file:
//! asking for it by path again could be told about another file.

use std::fmt;

use crate::diag::{Code, Diagnostic};

/// A key file that others than its owner can read or change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    /// The key's file.
    pub file: String,
    /// Its permission bits.
    pub mode: u32,
}

/// Whether a key file is open to others, by the permission bits of the file that was read.
pub fn exposure(file: &str, mode: u32) -> Option<Exposure> {
    let mode = mode & 0o7777;
    (mode & 0o077 != 0).then(|| Exposure { file: file.to_owned(), mode })
}

impl Exposure {
    /// As a warning without a place.
    pub fn diagnostic(&self) -> Diagnostic {
        Diagnostic::warning(Code::Key, self.to_string())
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, mode } = self;
        let may = if mode & 0o044 != 0 { "read" } else { "change or run" };
        write!(
            formatter,
            "`{file}` is a private key that others can {may} (mode {mode:04o}): run `chmod 600` on it"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_only_its_owner_can_use_gets_no_warning() {
        for mode in [0o100_600, 0o600, 0o400, 0o700] {
            assert_eq!(exposure("a.key", mode), None);
        }
        let said = |mode| exposure("a.key", mode).unwrap().to_string();
        assert_eq!(
            said(0o100_644),
            "`a.key` is a private key that others can read (mode 0644): run `chmod 600` on it"
        );
        assert_eq!(
            said(0o100_620),
            "`a.key` is a private key that others can change or run (mode 0620): run `chmod 600` on it"
        );
    }
}
