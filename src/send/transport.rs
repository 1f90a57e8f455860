//! The way to one party: its identity, its trust, its connections.
//!
//! Connections are kept and used again, since a run asks one host for many things. A kept
//! connection may be closed by the server just when the next request sets out. Such a request is
//! sent once more, over a new connection, when nothing was answered and its method is GET, HEAD or
//! OPTIONS; anything else is never repeated, because the server may have acted on it, and over
//! HTTP/1.1 sets out on a connection of its own.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use reqwest::tls::TlsInfo;
use reqwest::{Client, redirect, retry};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout_at;

use super::body::{self, BodyError};
use super::cause::{find, io_kind};
use super::exchange::{Exchange, ExchangeError};
use super::explain::Context;
use super::identity::{ClientCertificate, Identity};
use super::probe::{Finding, probe};
use super::route::{Route, Target};
use super::tls::{Trust, config};
use super::watch::{Asked, Seen, Step, Watch, WatchedConnector, WatchedResolver};
use super::wire;
use crate::diag::Code;
use crate::keys::Certificate;
use crate::limits;
use crate::message::{Answer, Message};
use crate::sign::SignedMessage;
use crate::spec::{Resolve, TlsOptions};

/// How long an unused connection is kept: less than the five seconds after which the most
/// impatient servers close it.
const IDLE: Duration = Duration::from_secs(4);

/// Who we are to the server, and whom we trust.
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
    /// How long connecting may take: name lookup, TCP and TLS together.
    pub connect_timeout: Duration,
}

impl Default for TransportSettings {
    fn default() -> Self {
        Self {
            client: None,
            authorities: Vec::new(),
            system_roots: false,
            options: TlsOptions::default(),
            resolve: Vec::new(),
            connect_timeout: limits::CONNECT_TIMEOUT,
        }
    }
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

/// Sends messages as one party. Its connections and TLS sessions are its own.
pub struct Transport {
    tls: ClientConfig,
    client: Client,
    // Without kept connections: for what is sent a second time, and what must not be.
    fresh: OnceLock<Client>,
    used: AtomicBool,
    multiplexed: AtomicBool,
    certificate: Option<String>,
    connect_timeout: Duration,
    route: Arc<Route>,
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
    Wire(reqwest::Error),
    /// The head is larger than we read.
    LargeHead(String),
    /// The head came, but no body that can be used.
    Body(BodyError),
}

impl Transport {
    /// Checks the key material; opens nothing.
    pub fn new(settings: TransportSettings) -> Result<Self, TransportError> {
        let TransportSettings { client: own, authorities, system_roots, options, resolve, connect_timeout } =
            settings;
        let route = Arc::new(Route { server_name: options.server_name.clone(), resolve });
        let trust = Trust::new(roots(&authorities)?, system_roots, options);
        let tls = config(Identity::new(own.as_ref())?, trust);
        Ok(Self {
            client: client(&tls, &route, connect_timeout, usize::MAX),
            fresh: OnceLock::new(),
            used: AtomicBool::new(false),
            multiplexed: AtomicBool::new(false),
            certificate: own.map(|own| describe(&own.chain, &own.certificate_file)),
            connect_timeout,
            route,
            tls,
            server: Mutex::default(),
        })
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
    fn client_for(&self, message: &Message) -> &Client {
        let first = !self.used.swap(true, Ordering::Relaxed);
        let safe = first || is_repeatable(message) || self.multiplexed.load(Ordering::Relaxed);
        if safe { &self.client } else { self.fresh() }
    }

    async fn attempt(
        &self,
        client: &Client,
        message: &Message,
        limit: Limit,
    ) -> (Result<Answer, Failure>, Seen) {
        let watch = Arc::new(Watch::of(Target::of(&message.url)));
        let exchange = exchange(client, message, &self.route);
        let outcome = watch.over(timeout_at(limit.deadline, exchange)).await;
        (outcome.unwrap_or(Err(Failure::Late)), watch.seen())
    }

    fn fresh(&self) -> &Client {
        self.fresh.get_or_init(|| client(&self.tls, &self.route, self.connect_timeout, 0))
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
            connect: self.connect_timeout,
            whole: limit.timeout,
        };
        match failure {
            Failure::Unsendable(what) => context.unsendable(what),
            Failure::Late => context.too_late(),
            Failure::LargeHead(what) => context.large_head(what),
            Failure::Body(error) => context.body(error),
            Failure::Wire(error) if is_unexplained(error, seen) => {
                let refused = match probe(&self.tls, (&message.url, &self.route), limit.deadline).await {
                    Finding::Alert(alert) => Some(context.alert(alert)),
                    Finding::Closed => context.refused(None),
                    Finding::Nothing => None,
                };
                refused.unwrap_or_else(|| context.failed(error))
            }
            Failure::Wire(error) => context.failed(error),
        }
    }
}

/// How long an exchange may take, and until when that is.
#[derive(Clone, Copy)]
struct Limit {
    timeout: Duration,
    deadline: tokio::time::Instant,
}

async fn exchange(client: &Client, message: &Message, route: &Route) -> Result<Answer, Failure> {
    let mut request = wire::request(message).map_err(Failure::Unsendable)?;
    route.rename(&mut request);
    let response = client.execute(request).await.map_err(Failure::Wire)?;
    let shown = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
    super::watch::note(|seen| {
        seen.answered = Some(Instant::now());
        seen.server = shown.map(<[u8]>::to_vec);
    });
    let head = wire::head(&response).map_err(Failure::LargeHead)?;
    let body = body::read(&message.method, &head, response).await.map_err(Failure::Body)?;
    Ok(Answer { body, ..head })
}

/// Whether the server closed a kept connection under a request that may be sent twice.
fn may_repeat(message: &Message, outcome: &Result<Answer, Failure>, seen: &Seen) -> bool {
    is_repeatable(message)
        && seen.reused()
        && matches!(outcome, Err(Failure::Wire(error)) if is_closed(error))
}

fn is_repeatable(message: &Message) -> bool {
    matches!(message.method.as_str(), "GET" | "HEAD" | "OPTIONS")
}

fn is_closed(error: &reqwest::Error) -> bool {
    use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let hyper = find::<hyper::Error>(error);
    hyper.is_some_and(|error| error.is_incomplete_message() || error.is_canceled() || error.is_closed())
        || matches!(io_kind(error), Some(BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof))
}

/// Whether the connection broke after a client certificate was asked for, with nothing that says why.
fn is_unexplained(error: &reqwest::Error, seen: &Seen) -> bool {
    let within = matches!(seen.step(), Step::Handshaking | Step::Waiting);
    within
        && seen.opened()
        && seen.asked != Asked::No
        && find::<rustls::Error>(error).is_none()
        && !error.is_timeout()
}

fn client(tls: &ClientConfig, route: &Arc<Route>, connect_timeout: Duration, idle: usize) -> Client {
    Client::builder()
        .tls_backend_preconfigured(tls.clone())
        .dns_resolver(WatchedResolver(Arc::clone(route)))
        .connector_layer(WatchedConnector)
        .connect_timeout(connect_timeout)
        .tls_info(true)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(idle)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .http1_max_headers(limits::ANSWER_FIELDS)
        .http2_max_header_list_size(u32::try_from(limits::ANSWER_HEAD).expect("the limit is far below 4 GiB"))
        .build()
        .expect("the TLS settings are handed over ready-made, and nothing else can fail")
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
