//! The way to one party: its identity, its trust, its connections.
//!
//! Connections are kept and used again, since a run asks one host for many things. A kept
//! connection may be closed by the server just when the next request sets out. Such a request is
//! sent once more, over a new connection, when nothing was answered and its method is GET, HEAD or
//! OPTIONS; anything else is never repeated, because the server may have acted on it, and over
//! HTTP/1.1 sets out on a connection of its own.

use std::error::Error;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use http::header::{HeaderValue, PROXY_AUTHORIZATION};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use tokio::time::timeout_at;

use super::body::{self, BodyError};
use super::cause::{find, io_kind};
use super::connect::{Broken, Connector};
use super::exchange::{Exchange, ExchangeError};
use super::explain::Context;
use super::identity::{ClientCertificate, Identity};
use super::probe::{Finding, probe};
use super::requests::Requests;
use super::route::Route;
use super::tls::{Trust, config, offer};
use super::tunnel::{self, Refused};
use super::watch::{Asked, Seen, Step, Watch};
use super::way::Way;
use super::wire;
use crate::diag::Code;
use crate::keys::Certificate;
use crate::message::{Answer, Message};
use crate::sign::SignedMessage;
use crate::spec::{HttpVersion, Resolve, TlsOptions};

/// Who we are to the server, and whom we trust.
#[derive(Default)]
pub struct TransportSettings {
    /// Our client certificate.
    pub client: Option<ClientCertificate>,
    /// Authorities that are trusted.
    pub authorities: Vec<Certificate>,
    /// Whether the system's authorities are trusted too.
    pub system_roots: bool,
    /// What else is asked of a connection.
    pub options: TlsOptions,
    /// Addresses that are known without asking.
    pub resolve: Vec<Resolve>,
    /// How connections are made, unless a message asks for another way.
    pub way: Way,
}

/// Why a transport can't be made: key material that can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// The stable code.
    pub code: Code,
    /// One sentence: a lower-case fragment.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl TransportError {
    pub(super) fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), help: None }
    }

    pub(super) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// Sends messages as one party, one way. Its connections are its own.
pub struct Transport {
    connector: Connector,
    client: Requests,
    // Without kept connections: for what is sent a second time, and what must not be.
    fresh: OnceLock<Requests>,
    used: AtomicBool,
    multiplexed: AtomicBool,
    certificate: Option<String>,
    // The certificate that the server showed last: it is parsed once.
    server: Mutex<Option<Arc<Certificate>>>,
}

/// Why an attempt brought no answer.
enum Failure {
    /// What can't be sent.
    Unsendable(String),
    /// The deadline passed.
    Late,
    /// The request could not be sent, or no head came back.
    Wire(Broken),
    /// A proxy that passes requests on did not pass it on.
    Proxy(Refused),
    /// The head is larger than we read.
    LargeHead(String),
    /// The head came, but no body that can be used.
    Body(BodyError),
}

impl Transport {
    /// Checks the key material; opens nothing.
    pub fn new(settings: TransportSettings) -> Result<Self, TransportError> {
        let TransportSettings { client: own, authorities, system_roots, options, resolve, way } = settings;
        let route = Route { server_name: options.server_name.clone(), resolve };
        let roots = roots(&authorities)?;
        let stranger = Trust::new(roots.clone(), system_roots, TlsOptions::default());
        let mut proxy_tls = config(Identity::new(None)?, stranger);
        proxy_tls.alpn_protocols.clear();
        let connector = Connector {
            route: Arc::new(route),
            tls: Arc::new(config(Identity::new(own.as_ref())?, Trust::new(roots, system_roots, options))),
            proxy_tls: Arc::new(proxy_tls),
            way: Arc::new(Way::default()),
        };
        let certificate = own.map(|own| describe(&own.chain, &own.certificate_file));
        Ok(Self::over(connector, way, certificate))
    }

    /// The same party, another way. TLS sessions are shared, connections are not.
    #[must_use]
    pub fn along(&self, way: Way) -> Self {
        Self::over(self.connector.clone(), way, self.certificate.clone())
    }

    fn over(mut connector: Connector, way: Way, certificate: Option<String>) -> Self {
        let version = match connector.route.server_name {
            Some(_) if way.http_version == HttpVersion::Auto => HttpVersion::Http11,
            _ => way.http_version,
        };
        offer(Arc::make_mut(&mut connector.tls), version);
        connector.way = Arc::new(Way { http_version: version, ..way });
        Self {
            client: Requests::new(&connector, usize::MAX),
            fresh: OnceLock::new(),
            used: AtomicBool::new(false),
            multiplexed: AtomicBool::new(false),
            server: Mutex::default(),
            certificate,
            connector,
        }
    }

    /// Sends the message and reads the answer, all of it within the timeout.
    pub async fn send(&self, signed: SignedMessage, timeout: Duration) -> Exchange {
        let began = Instant::now();
        let limit = Limit { timeout, deadline: tokio::time::Instant::from_std(began) + timeout };
        // Lets the connections that the server has closed find out before one is chosen.
        tokio::task::yield_now().await;
        let message = signed.message();
        let (mut outcome, mut seen) = self.attempt(self.client_for(message), message, limit).await;
        if may_repeat(message, &outcome, &seen) {
            (outcome, seen) = self.attempt(self.fresh(), message, limit).await;
        }
        if outcome.as_ref().is_ok_and(|answer| answer.version == "HTTP/2") {
            self.multiplexed.store(true, Ordering::Relaxed);
        }
        let answer = match outcome {
            Ok(answer) => Ok(answer),
            Err(failure) => Err(self.explain(message, &failure, &seen, limit).await),
        };
        let phases = seen.phases(began);
        let server = seen.server.as_deref().and_then(|der| self.server(der));
        Exchange { signed, answer, phases, server }
    }

    /// The certificate of the server, where it is one that we can read.
    fn server(&self, der: &[u8]) -> Option<Arc<Certificate>> {
        let mut known = self.server.lock().expect("nothing panics while it holds the lock");
        if known.as_ref().is_none_or(|known| known.der() != der) {
            *known = Certificate::read_all(der).ok().and_then(|mut read| read.pop()).map(Arc::new);
        }
        known.clone()
    }

    /// A request that must not be repeated does not set out on a kept HTTP/1.1 connection, which
    /// the server may be closing at this very moment: that would fail now and then for no fault of
    /// the suite. HTTP/2 says goodbye first, and the first request finds no kept connection.
    fn client_for(&self, message: &Message) -> &Requests {
        let first = !self.used.swap(true, Ordering::Relaxed);
        let safe = first || is_repeatable(message) || self.multiplexed.load(Ordering::Relaxed);
        if safe { &self.client } else { self.fresh() }
    }

    async fn attempt(
        &self,
        client: &Requests,
        message: &Message,
        limit: Limit,
    ) -> (Result<Answer, Failure>, Seen) {
        let watch = Arc::new(Watch::default());
        let exchange = self.exchange(client, message);
        let outcome = watch.over(timeout_at(limit.deadline, exchange)).await;
        (outcome.unwrap_or(Err(Failure::Late)), watch.seen())
    }

    async fn exchange(&self, client: &Requests, message: &Message) -> Result<Answer, Failure> {
        let mut request = wire::request(message).map_err(Failure::Unsendable)?;
        let forwarding = self.connector.way.proxy.as_ref().filter(|_| message.url.scheme() == "http");
        let authorization = forwarding.and_then(tunnel::authorization);
        let authorization = authorization.and_then(|value| HeaderValue::from_str(&value).ok());
        request.headers_mut().extend(authorization.map(|value| (PROXY_AUTHORIZATION, value)));
        let (response, shown) = client.send(request).await.map_err(Failure::Wire)?;
        super::watch::note(|seen| {
            seen.answered = Some(Instant::now());
            seen.server = shown;
        });
        if forwarding.is_some() && response.status() == http::StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return Err(Failure::Proxy(Refused { status: Some(407) }));
        }
        let head = wire::head(&response).map_err(Failure::LargeHead)?;
        let body = body::read(&message.method, &head, response.into_body()).await.map_err(Failure::Body)?;
        Ok(Answer { body, ..head })
    }

    fn fresh(&self) -> &Requests {
        self.fresh.get_or_init(|| Requests::new(&self.connector, 0))
    }

    async fn explain(
        &self,
        message: &Message,
        failure: &Failure,
        seen: &Seen,
        limit: Limit,
    ) -> ExchangeError {
        let host = message.url.host_str().unwrap_or_default();
        let port = message.url.port_or_known_default().unwrap_or_default();
        let context = Context {
            server: &format!("{host}:{port}"),
            client: self.certificate.as_deref(),
            seen,
            way: &self.connector.way,
            secure: message.url.scheme() == "https",
            whole: limit.timeout,
        };
        match failure {
            Failure::Unsendable(what) => context.unsendable(what),
            Failure::Late => context.too_late(),
            Failure::LargeHead(what) => context.large_head(what),
            Failure::Body(error) => context.body(error),
            Failure::Proxy(refused) => context.proxy_refused(refused),
            Failure::Wire(error) if is_unexplained(&**error, seen) => {
                let refused = match probe(&self.connector, &message.url, limit.deadline).await {
                    Finding::Alert(alert) => Some(context.alert(alert)),
                    Finding::Closed => context.refused(None),
                    Finding::Nothing => None,
                };
                refused.unwrap_or_else(|| context.failed(&**error))
            }
            Failure::Wire(error) => context.failed(&**error),
        }
    }
}

/// How long an exchange may take, and until when that is.
#[derive(Clone, Copy)]
struct Limit {
    timeout: Duration,
    deadline: tokio::time::Instant,
}

/// Whether the server closed a kept connection under a request that may be sent twice.
fn may_repeat(message: &Message, outcome: &Result<Answer, Failure>, seen: &Seen) -> bool {
    is_repeatable(message)
        && seen.reused()
        && matches!(outcome, Err(Failure::Wire(error)) if is_closed(&**error))
}

fn is_repeatable(message: &Message) -> bool {
    matches!(message.method.as_str(), "GET" | "HEAD" | "OPTIONS")
}

fn is_closed(error: &(dyn Error + 'static)) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let hyper = find::<hyper::Error>(error);
    hyper.is_some_and(|error| error.is_incomplete_message() || error.is_canceled() || error.is_closed())
        || matches!(io_kind(error), Some(BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof))
}

/// Whether the connection broke after a client certificate was asked for, with nothing that says why.
fn is_unexplained(error: &(dyn Error + 'static), seen: &Seen) -> bool {
    let within = matches!(seen.step(), Step::Handshaking | Step::Waiting);
    within
        && seen.opened()
        && seen.asked != Asked::No
        && find::<rustls::Error>(error).is_none()
        && !super::cause::is_slow(error)
}

fn roots(authorities: &[Certificate]) -> Result<RootCertStore, TransportError> {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(CertificateDer::from(authority.der().to_vec())).map_err(|_| {
            let message = format!("the certificate of `{}` can't be an authority", authority.subject());
            TransportError::new(Code::Authority, message)
                .help("name the certificate that signs the server's under `tls.ca`")
        })?;
    }
    Ok(roots)
}

fn describe(chain: &[Certificate], file: &Path) -> String {
    let subject = chain.first().map(Certificate::subject).unwrap_or_default();
    format!("`{subject}` ({})", file.display())
}
