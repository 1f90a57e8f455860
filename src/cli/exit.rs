//! Exit codes: one class each, the strongest wins.

use std::process::ExitCode;

use countersign::diag::Class;

/// How the process ends, weakest first after `Ok`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Everything selected ran and held.
    Ok,
    /// Nothing was selected, or all was skipped.
    Nothing,
    /// An expectation or a snapshot did not hold.
    Failed,
    /// No usable answer.
    Exchange,
    /// A snapshot, report or key could not be read or written, or a port not be opened.
    Io,
    /// A key, certificate, CA or secret can't be used.
    Credentials,
    /// The suite is wrong.
    Suite,
    /// The command line is wrong.
    Usage,
    /// A panic was caught.
    Bug,
    /// The terminal of a review is gone.
    HungUp,
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Failed => Class::Failed.exit_code(),
            Self::Usage => 2,
            Self::Suite => Class::Suite.exit_code(),
            Self::Credentials => Class::Credentials.exit_code(),
            Self::Exchange => Class::Exchange.exit_code(),
            Self::Io => Class::Io.exit_code(),
            Self::Nothing => Class::Nothing.exit_code(),
            Self::Bug => Class::Bug.exit_code(),
            Self::HungUp => 129,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Ends the process where it stands.
    pub(crate) fn now(self) -> ! {
        std::process::exit(self.code().into())
    }
}

impl From<Class> for Exit {
    fn from(class: Class) -> Self {
        match class {
            Class::Nothing => Self::Nothing,
            Class::Failed => Self::Failed,
            Class::Exchange => Self::Exchange,
            Class::Io => Self::Io,
            Class::Credentials => Self::Credentials,
            Class::Suite => Self::Suite,
            Class::Bug => Self::Bug,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
