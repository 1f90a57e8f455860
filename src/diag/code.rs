//! The stable codes of everything that can go wrong. A code is never reused and never renamed.

/// What went wrong, for machines. [`Code::as_str`] is what tests, JSON and JUnit show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// The file is not well-formed YAML.
    YamlSyntax,
    /// The file is too large, too deep, or grows too much.
    YamlLimit,
    /// The file is not text in UTF-8.
    YamlEncoding,
    /// A tag, anchor form or key that the format does not have.
    YamlUnsupported,
    /// A key is given twice.
    DuplicateKey,
    /// A key that the format does not know.
    UnknownKey,
    /// A key that is missing.
    MissingKey,
    /// A value of the wrong type or out of its range.
    WrongValue,
    /// A `{{` outside quotes, which YAML reads as a map.
    UnquotedTemplate,
    /// A file has no request in it.
    EmptyFile,
    /// A file of the suite can't be read.
    Unreadable,
    /// Two requests, or two cases of one, have one name.
    DuplicateName,
    /// The rows of a request can't be read from their file.
    DataFile,
    /// No suite here.
    NoSuite,
    /// The environment does not exist.
    UnknownEnvironment,
    /// A protected environment was not named on the command line.
    ProtectedEnvironment,
    /// An identity that the environment does not have.
    UnknownIdentity,
    /// What is needed acts as another identity.
    ForeignIdentity,
    /// The profile does not exist.
    UnknownProfile,
    /// A template is malformed.
    TemplateSyntax,
    /// A template names something that is not defined.
    Undefined,
    /// A template can't be carried out.
    TemplateFailed,
    /// A template takes too many steps or its value grows too much.
    TemplateLimit,
    /// A rendered value can't stand where it is used.
    Unusable,
    /// A needed request does not exist.
    UnknownRequest,
    /// The embedded bank can't be started.
    Sandbox,
    /// No request is what the command line asks for.
    NothingSelected,
    /// No template mentions a variable that the command line sets.
    UnusedVariable,
    /// The embedded bank can't listen: its port is taken, or the system refuses.
    SandboxPort,
    /// Requests need each other.
    DependencyCycle,
    /// Two needs of a request have one name, or one name means several cases.
    AmbiguousNeed,
    /// A selector is malformed.
    Selector,
    /// A private key can't be used.
    Key,
    /// A certificate can't be used.
    Certificate,
    /// A CA file can't be used.
    Authority,
    /// Key and certificate do not belong together.
    Pair,
    /// An environment trusts any server, and a CI job must not.
    Insecure,
    /// A secret is not there, or the program that knows it does not tell it.
    Secret,
    /// The request can't be signed as its profile asks.
    Signing,
    /// A recorded message can't be read.
    Recording,
    /// The host's name has no address.
    Resolve,
    /// No connection to the host.
    Connect,
    /// No connection within the limit.
    ConnectTimeout,
    /// No complete answer within the limit.
    AnswerTimeout,
    /// The server's certificate can't be trusted.
    ServerCertificate,
    /// The server's key is not the one that is pinned.
    Pin,
    /// The server refused our client certificate.
    ClientCertificateRefused,
    /// The server wants a client certificate and none is configured.
    ClientCertificateMissing,
    /// No TLS session with the server.
    Tls,
    /// What came is not a complete HTTP answer.
    Protocol,
    /// The body's content coding is unknown or damaged.
    Encoding,
    /// There is no way through the proxy: it can't be reached or spoken to.
    Proxy,
    /// The proxy does not let us through.
    ProxyRefused,
    /// The answer is larger than the limit.
    TooLarge,
    /// The server redirects in a circle.
    RedirectLoop,
    /// The server redirects more often than the request follows.
    RedirectTooMany,
    /// The server redirects from `https` to `http`.
    RedirectDowngrade,
    /// The server redirects to where the request can't follow.
    RedirectRefused,
    /// The status is not the expected one.
    ExpectStatus,
    /// A header field is not as expected.
    ExpectHeader,
    /// A part of the body is not as expected.
    ExpectBody,
    /// The body is not what its schema says.
    ExpectSchema,
    /// The answer took longer than expected.
    ExpectDuration,
    /// The answer came from another URL than expected.
    ExpectUrl,
    /// The server's certificate is not as expected.
    ExpectCertificate,
    /// A schema can't be used.
    Schema,
    /// The answer is not signed as expected.
    ExpectSignature,
    /// A token is not bound to the key or certificate that was shown for it.
    ExpectToken,
    /// What `until` waits for did not come in time.
    UntilNotReached,
    /// An OpenAPI document can't be used as a contract.
    ContractDocument,
    /// The contract has no such operation.
    ContractOperation,
    /// The contract does not declare an answer of this status.
    ContractStatus,
    /// The contract does not declare this media type of the answer.
    ContractContentType,
    /// A header field is not what the contract says.
    ContractHeader,
    /// The body is not what the contract says.
    ContractBody,
    /// The request is not what the contract asks for.
    ContractRequest,
    /// The body is not JSON, and a selector needs it to be.
    AnswerNotJson,
    /// A capture found nothing.
    CaptureMissing,
    /// The answer differs from its snapshot.
    SnapshotChanged,
    /// The answer has no snapshot yet.
    SnapshotNew,
    /// The stored snapshot can't be read.
    SnapshotDamaged,
    /// A snapshot can't be read or written.
    SnapshotIo,
    /// A request is not sent twice for comparing: what it does would be done twice.
    NotSentTwice,
    /// Suggested rules can't be written into the file of a request.
    RulesNotWritten,
    /// No snapshot of that request waits for review.
    NothingPending,
    /// No request has the snapshot.
    SnapshotUnreferenced,
    /// Every snapshot that was asked about has its request.
    NothingUnreferenced,
    /// An answer that is no JSON can't be masked where it is said to be.
    SnapshotUnmasked,
    /// A filter takes away the status of a snapshot.
    SnapshotFilter,
    /// What waits for review was made from a request or snapshot that has changed since.
    SnapshotStale,
    /// A new key or certificate can't be written.
    CertificateIo,
    /// A report can't be written.
    ReportIo,
    /// A request that this one needs did not pass.
    SkippedDependency,
    /// The request says itself that it does not run, or one that it needs does.
    SkippedRequest,
    /// A token that expired could not be fetched again.
    TokenRefresh,
    /// Another step did not pass, and nothing more was started.
    SkippedFailFast,
    /// The run took as long as it may.
    RunDeadline,
    /// It passed only when it was tried again.
    Flaky,
    /// The run was told to stop before the request was done.
    Interrupted,
    /// countersign itself broke while it carried out a step.
    Panic,
}

impl Code {
    /// Every code, for the documentation and the test of uniqueness.
    pub const ALL: &[Self] = &[
        Self::YamlSyntax,
        Self::YamlLimit,
        Self::YamlEncoding,
        Self::YamlUnsupported,
        Self::DuplicateKey,
        Self::UnknownKey,
        Self::MissingKey,
        Self::WrongValue,
        Self::UnquotedTemplate,
        Self::EmptyFile,
        Self::Unreadable,
        Self::DuplicateName,
        Self::DataFile,
        Self::NoSuite,
        Self::UnknownEnvironment,
        Self::ProtectedEnvironment,
        Self::UnknownIdentity,
        Self::ForeignIdentity,
        Self::UnknownProfile,
        Self::TemplateSyntax,
        Self::Undefined,
        Self::TemplateFailed,
        Self::TemplateLimit,
        Self::Unusable,
        Self::UnknownRequest,
        Self::Sandbox,
        Self::NothingSelected,
        Self::UnusedVariable,
        Self::SandboxPort,
        Self::DependencyCycle,
        Self::AmbiguousNeed,
        Self::Selector,
        Self::Key,
        Self::Certificate,
        Self::Authority,
        Self::Pair,
        Self::Insecure,
        Self::Secret,
        Self::Signing,
        Self::Recording,
        Self::Resolve,
        Self::Connect,
        Self::ConnectTimeout,
        Self::AnswerTimeout,
        Self::ServerCertificate,
        Self::Pin,
        Self::ClientCertificateRefused,
        Self::ClientCertificateMissing,
        Self::Tls,
        Self::Protocol,
        Self::Encoding,
        Self::Proxy,
        Self::ProxyRefused,
        Self::TooLarge,
        Self::RedirectLoop,
        Self::RedirectTooMany,
        Self::RedirectDowngrade,
        Self::RedirectRefused,
        Self::ExpectStatus,
        Self::ExpectHeader,
        Self::ExpectBody,
        Self::ExpectDuration,
        Self::ExpectUrl,
        Self::ExpectCertificate,
        Self::ExpectSchema,
        Self::Schema,
        Self::ExpectSignature,
        Self::ExpectToken,
        Self::UntilNotReached,
        Self::ContractDocument,
        Self::ContractOperation,
        Self::ContractStatus,
        Self::ContractContentType,
        Self::ContractHeader,
        Self::ContractBody,
        Self::ContractRequest,
        Self::AnswerNotJson,
        Self::CaptureMissing,
        Self::SnapshotChanged,
        Self::SnapshotNew,
        Self::SnapshotDamaged,
        Self::SnapshotIo,
        Self::NotSentTwice,
        Self::RulesNotWritten,
        Self::NothingPending,
        Self::SnapshotUnreferenced,
        Self::NothingUnreferenced,
        Self::SnapshotStale,
        Self::SnapshotUnmasked,
        Self::SnapshotFilter,
        Self::CertificateIo,
        Self::ReportIo,
        Self::SkippedDependency,
        Self::SkippedRequest,
        Self::TokenRefresh,
        Self::Interrupted,
        Self::SkippedFailFast,
        Self::RunDeadline,
        Self::Flaky,
        Self::Panic,
    ];
}
