//! Why there is no answer, in one sentence: what is, then what to do.
//!
//! A library's own wording never gets through: it names its parts, not the user's. What each of
//! these sentences is said about is held by the table of faults in the tests.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use rustls::{AlertDescription, Error as TlsError, InvalidMessage};

use super::body::BodyError;
use super::cause::{find, io_kind, is_slow};
use super::connect::{NoHttp2, Slow};
use super::decode::Coding;
use super::exchange::{ExchangeError, Fate};
use super::lookup::Unresolved;
use super::tunnel::Refused;
use super::watch::{Asked, Seen, Step};
use super::way::Way;
use super::words;
use crate::diag::Code;
use crate::limits;
use crate::spec::HttpVersion;

/// What the sentences are about.
pub(super) struct Context<'a> {
    /// Host and port.
    pub(super) server: &'a str,
    /// Our client certificate: subject and file.
    pub(super) client: Option<&'a str>,
    /// What has been seen of the exchange.
    pub(super) seen: &'a Seen,
    /// How the connection is made.
    pub(super) way: &'a Way,
    /// Whether TLS is spoken with the server.
    pub(super) secure: bool,
    /// How long the whole exchange may take.
    pub(super) whole: Duration,
}

impl Context<'_> {
    pub(super) fn error(&self, code: Code, message: impl Into<String>) -> ExchangeError {
        let fate = if self.seen.step() < Step::Waiting { Fate::NotSent } else { Fate::MaybeExecuted };
        ExchangeError { code, message: message.into(), help: None, fate }
    }

    /// The message can't be put on the wire.
    pub(super) fn unsendable(&self, what: &str) -> ExchangeError {
        ExchangeError { fate: Fate::NotSent, ..self.error(Code::Unusable, what) }
    }

    /// The deadline has passed.
    pub(super) fn too_late(&self) -> ExchangeError {
        match &self.way.proxy {
            Some(proxy) if self.seen.at_proxy => self.no_proxy(proxy, &Slow),
            _ => self.late(self.whole),
        }
    }

    fn late(&self, limit: Duration) -> ExchangeError {
        let (server, limit) = (self.server, span(limit));
        let connect = |what: String| self.error(Code::ConnectTimeout, what);
        match self.seen.step() {
            Step::Resolving => connect(format!("the name lookup of `{server}` took longer than {limit}")),
            Step::Connecting => connect(format!("no TCP connection to `{server}` within {limit}"))
                .help("check host and port, and whether a firewall or VPN is in the way"),
            Step::Handshaking => {
                connect(format!("the TLS handshake with `{server}` took longer than {limit}"))
            }
            Step::Waiting => {
                self.error(Code::AnswerTimeout, format!("no answer from `{server}` within {limit}"))
            }
            Step::Reading => {
                let got = self.progress();
                let message = format!("the answer of `{server}` was not complete within {limit}: {got}");
                self.error(Code::AnswerTimeout, message)
            }
        }
    }

    fn progress(&self) -> String {
        let received = self.seen.received;
        match self.seen.declared {
            Some(declared) => format!("{received} of {declared} bytes of the body had come"),
            None => format!("{} of the body had come", bytes(received)),
        }
    }

    /// The request could not be sent, or nothing came back.
    pub(super) fn failed(&self, error: &(dyn Error + 'static)) -> ExchangeError {
        if let Some(refused) = find::<Refused>(error) {
            return self.proxy_refused(refused);
        }
        if let (true, Some(proxy)) = (self.seen.at_proxy, &self.way.proxy) {
            return self.no_proxy(proxy, error);
        }
        if find::<NoHttp2>(error).is_some() {
            return self.other_version();
        }
        if let Some(error) = find::<TlsError>(error) {
            return self.tls(error);
        }
        if find::<Unresolved>(error).is_some() {
            return self.unresolved();
        }
        if self.seen.step() < Step::Waiting {
            return if is_slow(error) {
                self.late(self.way.connect_timeout)
            } else {
                self.unconnected(io_kind(error))
            };
        }
        match find::<hyper::Error>(error) {
            Some(hyper) => self.unasked(self.http(hyper)),
            None => self.error(Code::Protocol, format!("the connection to `{}` failed", self.server)),
        }
    }

    fn unresolved(&self) -> ExchangeError {
        let host = self.server.rsplit_once(':').map_or(self.server, |(host, _)| host);
        self.error(Code::Resolve, format!("`{host}` has no address")).help(
            "check the spelling of the host, and whether its name can only be looked up in another network",
        )
    }

    fn unconnected(&self, kind: Option<ErrorKind>) -> ExchangeError {
        let server = self.server;
        if self.seen.step() == Step::Handshaking {
            return self
                .error(Code::Tls, format!("`{server}` ended the connection during the TLS handshake"));
        }
        let tried = match self.seen.addresses {
            0 | 1 => String::new(),
            many => format!(" (tried {many} addresses)"),
        };
        let message = match kind {
            Some(ErrorKind::ConnectionRefused) => format!("`{server}` refused the connection{tried}"),
            Some(ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable) => {
                format!("there is no route to `{server}`{tried}")
            }
            Some(ErrorKind::TimedOut) => return self.late(self.way.connect_timeout),
            Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted) => {
                format!("`{server}` ended the connection before it stood{tried}")
            }
            Some(ErrorKind::PermissionDenied) => {
                format!("this machine does not allow connecting to `{server}`")
            }
            _ => format!("no connection to `{server}`{tried}"),
        };
        self.error(Code::Connect, message).help("check host and port, and whether the server is running")
    }

    fn tls(&self, error: &TlsError) -> ExchangeError {
        let server = self.server;
        match error {
            TlsError::AlertReceived(alert) => self.alert(*alert),
            TlsError::InvalidCertificate(_) if self.seen.wrong_pin.is_some() => self.pin(),
            TlsError::InvalidCertificate(reason) => {
                let (what, help) = words::certificate(reason, self.seen.refused_server.as_ref());
                let message = format!("the certificate of `{server}` can't be trusted: {what}");
                ExchangeError { help, ..self.error(Code::ServerCertificate, message) }
            }
            TlsError::InvalidMessage(InvalidMessage::InvalidContentType)
                if self.seen.step() < Step::Waiting =>
            {
                self.error(Code::Tls, format!("`{server}` does not speak TLS on this port"))
                    .help("check the port, or whether the host is to be reached by `http://`")
            }
            TlsError::PeerIncompatible(reason) => {
                self.error(Code::Tls, format!("no TLS with `{server}`: {}", words::incompatible(reason)))
            }
            TlsError::NoApplicationProtocol => self.other_version(),
            TlsError::InvalidMessage(_) | TlsError::DecryptError | TlsError::PeerSentOversizedRecord => {
                self.error(Code::Tls, format!("`{server}` sent damaged TLS data"))
            }
            TlsError::PeerMisbehaved(_)
            | TlsError::InappropriateMessage { .. }
            | TlsError::InappropriateHandshakeMessage { .. } => {
                self.error(Code::Tls, format!("`{server}` broke the rules of TLS"))
            }
            _ => self.error(Code::Tls, format!("no TLS session with `{server}`")),
        }
    }

    /// The server's certificate is good, and its key is not the one that was agreed on.
    fn pin(&self) -> ExchangeError {
        let [shown, asked] = self.seen.wrong_pin.clone().unwrap_or_default();
        let message = format!("the key of `{}` is {shown}, and `tls.pin` asks for {asked}", self.server);
        self.error(Code::Pin, message).help(
            "ask whoever runs the server whether its key has changed, and only then change the pin; \
             somebody who listens in looks the same",
        )
    }

    /// The server ended TLS with an alert.
    pub(super) fn alert(&self, alert: AlertDescription) -> ExchangeError {
        let (server, step) = (self.server, self.seen.step());
        if alert == AlertDescription::NoApplicationProtocol && self.way.http_version != HttpVersion::Auto {
            return self.other_version();
        }
        if words::is_about_certificate(alert)
            && step <= Step::Waiting
            && let Some(error) = self.refused(Some(alert))
        {
            return error;
        }
        let name = words::alert(alert);
        if step >= Step::Waiting {
            return self.error(Code::Tls, format!("`{server}` broke off the TLS session: {name}"));
        }
        let meaning = words::alert_meaning(alert).map(|meaning| format!(" ({meaning})")).unwrap_or_default();
        self.error(Code::Tls, format!("`{server}` refused TLS: {name}{meaning}"))
    }

    /// The server wanted a client certificate, and did not want what it got. It is the server that
    /// ends the handshake then, so the request was not looked at, even if it was on its way.
    pub(super) fn refused(&self, alert: Option<AlertDescription>) -> Option<ExchangeError> {
        let server = self.server;
        let client = self.client.unwrap_or("that is configured");
        let (code, message, help) = match self.seen.asked {
            Asked::No => return None,
            Asked::Nothing => (
                Code::ClientCertificateMissing,
                format!("`{server}` wants a client certificate, and none is configured"),
                "set `tls.certificate` and `tls.key` in the environment file",
            ),
            Asked::Unsuitable => (
                Code::ClientCertificateRefused,
                format!(
                    "`{server}` takes no signature that the key of our client certificate {client} can make"
                ),
                "use a certificate with an RSA or P-256 key",
            ),
            Asked::Sent => {
                let why = alert.map_or_else(|| "it gives no reason".to_owned(), words::alert);
                (
                    Code::ClientCertificateRefused,
                    format!("the server refused our client certificate {client}: {why}"),
                    words::alert_help(alert),
                )
            }
        };
        Some(ExchangeError { code, message, help: Some(help.to_owned()), fate: Fate::NotSent })
    }

    fn http(&self, error: &hyper::Error) -> ExchangeError {
        let server = self.server;
        if error.is_parse_too_large() {
            return self.large_head("a head that is larger than the limit");
        }
        if error.is_canceled() {
            let error = self.error(
                Code::Protocol,
                format!("`{server}` closed the connection before the request was sent"),
            );
            return ExchangeError { fate: Fate::NotSent, ..error };
        }
        if error.is_parse() {
            return self
                .error(Code::Protocol, format!("`{server}` does not answer in HTTP: {}", malformed(error)));
        }
        if let Some(reset) = error.source().and_then(|source| find::<h2::Error>(source)) {
            return self.http2(reset);
        }
        let again = if self.seen.reused() { "a connection that was kept open" } else { "the connection" };
        let message = match io_kind(error) {
            _ if error.is_incomplete_message() => {
                format!("`{server}` closed {again} without a complete answer")
            }
            Some(ErrorKind::UnexpectedEof) => format!("`{server}` closed {again} without a complete answer"),
            Some(ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted) => {
                format!("`{server}` reset {again} without a complete answer")
            }
            _ => format!("{again} to `{server}` failed before the answer came"),
        };
        self.error(Code::Protocol, message)
    }

    fn http2(&self, error: &h2::Error) -> ExchangeError {
        let server = self.server;
        let what = if error.is_go_away() { "connection" } else { "stream" };
        match error.reason() {
            Some(reason) if error.is_remote() => {
                self.error(Code::Protocol, format!("`{server}` closed the HTTP/2 {what}: {reason:?}"))
            }
            Some(reason) => {
                let message =
                    format!("`{server}` broke the rules of HTTP/2, and the {what} was closed: {reason:?}");
                self.error(Code::Protocol, message)
            }
            None => self.error(Code::Protocol, format!("the HTTP/2 connection to `{server}` broke")),
        }
    }

    /// The head of the answer is larger than we read.
    pub(super) fn large_head(&self, what: &str) -> ExchangeError {
        self.error(Code::TooLarge, format!("the answer of `{}` has {what}", self.server))
    }

    /// The head came, but no body that can be used.
    pub(super) fn body(&self, error: &BodyError) -> ExchangeError {
        let server = self.server;
        let limit = limits::ANSWER_BODY / (1024 * 1024);
        match error {
            BodyError::TooLarge(Some(declared)) => self.error(
                Code::TooLarge,
                format!(
                    "the answer of `{server}` declares a body of {declared} bytes; the limit is {limit} MiB"
                ),
            ),
            BodyError::TooLarge(None) => self.error(
                Code::TooLarge,
                format!("the body of the answer of `{server}` is larger than {limit} MiB"),
            ),
            BodyError::Unknown(coding) => self
                .error(
                    Code::Encoding,
                    format!(
                        "the answer of `{server}` has the content coding `{}`, which is not supported",
                        coding.escape_debug()
                    ),
                )
                .help(format!(
                    "one of {} is; an `accept-encoding` of `identity` asks for none",
                    Coding::OFFER
                )),
            BodyError::Damaged(coding) => self.error(
                Code::Encoding,
                format!(
                    "the body of the answer of `{server}` is damaged: it is not {}, or not all of it",
                    coding.name()
                ),
            ),
            BodyError::Transfer(coding) => {
                let coding = coding.escape_debug();
                let message = format!(
                    "the answer of `{server}` has the transfer coding `{coding}`, which is not supported"
                );
                self.error(Code::Protocol, message)
            }
            BodyError::Cut(error) => self.cut(&**error),
        }
    }

    fn cut(&self, error: &(dyn Error + 'static)) -> ExchangeError {
        let (server, got) = (self.server, self.progress());
        if let Some(error) = find::<TlsError>(error) {
            return self.tls(error);
        }
        if let Some(reset) = find::<h2::Error>(error) {
            return self.http2(reset);
        }
        let message = match io_kind(error) {
            Some(ErrorKind::InvalidInput | ErrorKind::InvalidData) => {
                format!("the body of the answer of `{server}` is not well-formed chunks: {got}")
            }
            Some(ErrorKind::UnexpectedEof) if self.seen.declared.is_none() => {
                format!(
                    "`{server}` ended the connection in the middle of the answer: {got}, and nothing says that this is all"
                )
            }
            _ => format!("`{server}` ended the connection in the middle of the answer: {got}"),
        };
        self.error(Code::Protocol, message)
    }
}

impl ExchangeError {
    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// hyper tells these apart in its text only; what it does not tell is said in general.
fn malformed(error: &hyper::Error) -> &'static str {
    match error.to_string().as_str() {
        "invalid HTTP version parsed" => "what comes first is not an HTTP version",
        "invalid HTTP status-code parsed" => "the status is not three digits",
        "invalid HTTP header parsed" => "a line of the head is not a header field",
        "invalid content-length parsed" => "its `content-length` is contradictory or not a number",
        "unexpected transfer-encoding parsed" => "it has a `transfer-encoding` that can't be",
        _ => "the head is malformed",
    }
}

fn span(limit: Duration) -> String {
    if limit.subsec_millis() == 0 {
        format!("{} s", limit.as_secs())
    } else {
        format!("{} ms", limit.as_millis())
    }
}

fn bytes(count: usize) -> String {
    if count == 1 { "1 byte".to_owned() } else { format!("{count} bytes") }
}
