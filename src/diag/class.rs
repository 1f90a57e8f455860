//! The exit class of every code.

use super::Code;

/// Exit classes, weakest first: the strongest of a run wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Nothing was selected.
    Nothing,
    /// An answer came; an expectation or a snapshot did not hold.
    Failed,
    /// No usable answer.
    Exchange,
    /// A snapshot or report could not be read or written, or a port not be opened.
    Io,
    /// A key, certificate, CA or secret can't be used; nothing was sent.
    Credentials,
    /// A request file, template, variable, graph or environment is wrong; nothing was sent.
    Suite,
    /// countersign itself broke.
    Bug,
}

impl Class {
    /// How a process ends for it.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Suite => 3,
            Self::Credentials => 4,
            Self::Exchange => 5,
            Self::Io => 6,
            Self::Nothing => 7,
            Self::Bug => 70,
        }
    }
}

impl Code {
    /// The exit class that the problem belongs to.
    #[allow(clippy::too_many_lines, reason = "one line for each code")]
    pub const fn class(self) -> Class {
        match self {
            Self::Key | Self::Certificate | Self::Authority | Self::Pair | Self::Insecure | Self::Secret => {
                Class::Credentials
            }
            _ if self.is_of_the_exchange() => Class::Exchange,
            _ if self.is_of_the_verdict() => Class::Failed,
            Self::NothingSelected
            | Self::NothingPending
            | Self::NothingUnreferenced
            | Self::SkippedRequest => Class::Nothing,
            Self::SnapshotIo
            | Self::RulesNotWritten
            | Self::CertificateIo
            | Self::ReportIo
            | Self::SandboxPort => Class::Io,
            Self::Panic => Class::Bug,
            _ => Class::Suite,
        }
    }

    /// Whether there was no usable answer.
    const fn is_of_the_exchange(self) -> bool {
        matches!(
            self,
            Self::Resolve
                | Self::Connect
                | Self::ConnectTimeout
                | Self::AnswerTimeout
                | Self::ServerCertificate
                | Self::Pin
                | Self::ClientCertificateRefused
                | Self::ClientCertificateMissing
                | Self::Tls
                | Self::Protocol
                | Self::Encoding
                | Self::Proxy
                | Self::ProxyRefused
                | Self::TooLarge
                | Self::RedirectLoop
                | Self::RedirectTooMany
                | Self::RedirectDowngrade
                | Self::RedirectRefused
                | Self::RunDeadline
                | Self::Interrupted
        )
    }

    /// Whether an answer came, and something did not hold.
    const fn is_of_the_verdict(self) -> bool {
        matches!(
            self,
            Self::ExpectStatus
                | Self::ExpectHeader
                | Self::ExpectBody
                | Self::ExpectDuration
                | Self::ExpectUrl
                | Self::ExpectCertificate
                | Self::ExpectSchema
                | Self::ExpectSignature
                | Self::ExpectToken
                | Self::ContractOperation
                | Self::ContractStatus
                | Self::ContractContentType
                | Self::ContractHeader
                | Self::ContractBody
                | Self::ContractRequest
                | Self::UntilNotReached
                | Self::AnswerNotJson
                | Self::CaptureMissing
                | Self::SnapshotChanged
                | Self::SnapshotNew
                | Self::SnapshotDamaged
                | Self::SnapshotStale
                | Self::SnapshotUnmasked
                | Self::SnapshotFilter
                | Self::SnapshotUnreferenced
                | Self::SkippedDependency
                | Self::SkippedFailFast
                | Self::Flaky
                | Self::TokenRefresh
        )
    }
}
