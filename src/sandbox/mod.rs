//! The embedded bank: mutual TLS on loopback, signed requests, tokens, a greeting.
//!
//! It makes the same checks as the bank's sandbox, in the same order and with the same answers,
//! and says in its log and in a `detail` field why a request was refused. It is a real server
//! with its own CA, not a mock inside the client: what passes here has been through TLS, HTTP and
//! a verifier that shares no state with the signer.

use std::fmt;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::TimeDelta;
use tokio::net::TcpListener;
use tokio::runtime;
use tokio::sync::{Semaphore, oneshot, watch};
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::clock::{Clock, Ids};
use crate::keys::Certificate;
use crate::sign::Profile;

mod answer;
mod bank;
mod clients;
mod connection;
mod log;
mod oauth;
mod profiles;
mod psd2;
mod replay;
mod request;
mod routes;
mod seal;
mod serve;
mod showcase;
mod tls;
mod tokens;
mod verify;

#[cfg(test)]
mod tests;

pub use answer::Envelope;
pub use clients::{Client, ClientKey};
pub use log::{Check, Entry, Log};

use bank::{Bank, Books};
use clients::Register;
use seal::Seal;
use serve::{Limits, Server};

/// How far a request's `Date` may be from the sandbox's clock unless [`Settings::skew`] says
/// otherwise.
pub const SKEW: Duration = Duration::from_mins(5);

/// How the bank is set up.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The port on loopback; 0 takes a free one.
    pub port: u16,
    /// How far a request's `Date` may be from the clock, both ways.
    pub skew: Duration,
    /// How errors are wrapped.
    pub envelope: Envelope,
    /// Who may connect.
    pub clients: Vec<Client>,
    /// What dates and the life of tokens are judged by.
    pub clock: Clock,
    /// Where the ids in answers come from.
    pub ids: Ids,
    /// Who is told about each request.
    pub log: Log,
    /// Signing profiles to verify on every path, in place of the bank's own endpoints.
    pub profiles: Vec<Profile>,
}

impl Settings {
    /// The usual settings: a free port, the machine's clock, no log.
    pub fn new(clients: Vec<Client>) -> Self {
        Self {
            port: 0,
            skew: SKEW,
            envelope: Envelope::default(),
            clients,
            clock: Clock::System,
            ids: Ids::Random,
            log: Log::silent(),
            profiles: Vec::new(),
        }
    }
}

/// A running bank. Dropping it stops it as [`Handle::stop`] does, without waiting.
pub struct Handle {
    /// Where it listens, such as `https://127.0.0.1:4711/`.
    pub host: Url,
    /// The CA of its certificate, which a client has to trust.
    pub authority: Certificate,
    seal: Seal,
    stop: watch::Sender<()>,
    stopped: oneshot::Receiver<()>,
}

impl fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Handle").field("host", &self.host.as_str()).finish_non_exhaustive()
    }
}

impl Handle {
    /// The certificate of the key that signs the answers of the JWS flavour; made when first asked for.
    pub fn signing_certificate(&self) -> &Certificate {
        self.seal.certificate()
    }

    /// Takes no more connections, lets open requests finish for a second, and ends.
    pub async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.stopped.await;
    }

    /// [`Handle::stop`] for a caller without a runtime, such as the owner of a bank that runs on
    /// its own thread. It must not be called inside a runtime.
    pub fn stop_and_wait(self) {
        let _ = self.stop.send(());
        let _ = self.stopped.blocking_recv();
    }
}

/// Why the bank could not start.
#[derive(Debug, PartialEq, Eq)]
pub enum StartError {
    /// Another program listens there.
    PortTaken(u16),
    /// The operating system refuses the port.
    Port(u16, std::io::ErrorKind),
    /// There is nobody to serve.
    NoClients,
    /// Two clients show the same certificate, so that nobody could tell them apart.
    SharedCertificate(String, String),
    /// Two clients have the same id and different credentials.
    SharedId(String),
    /// The bank's own certificate could not be made or used.
    Tls(String),
    /// The operating system gives no thread or event queue.
    Runtime(std::io::ErrorKind),
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PortTaken(port) => {
                write!(formatter, "port {port} is in use by another program")
            }
            Self::Port(port, kind) => {
                write!(formatter, "port {port} can't be opened ({kind})")
            }
            Self::NoClients => {
                write!(
                    formatter,
                    "the sandbox has no client; register one with its certificate and signing key"
                )
            }
            Self::SharedCertificate(one, other) => write!(
                formatter,
                "the clients `{one}` and `{other}` have the same TLS certificate; give each its own"
            ),
            Self::SharedId(id) => write!(
                formatter,
                "the client id `{id}` is registered with two different certificates or keys; keep one"
            ),
            Self::Tls(reason) => write!(formatter, "the sandbox's certificate can't be used: {reason}"),
            Self::Runtime(kind) => write!(formatter, "the sandbox can't be started ({kind})"),
        }
    }
}

impl std::error::Error for StartError {}

impl StartError {
    /// What to do, where the sentence does not say it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::PortTaken(_) => {
                Some("end the other program, or choose another port with `--port`; 0 takes a free one")
            }
            Self::Port(port, _) if *port < 1024 => {
                Some("ports below 1024 are mostly kept for the system: choose a higher one with `--port`")
            }
            Self::Port(..) => Some("choose another port with `--port`; 0 takes a free one"),
            _ => None,
        }
    }
}

/// Starts the bank on the runtime of the caller; it serves until it is stopped.
pub async fn start(settings: Settings) -> Result<Handle, StartError> {
    start_within(settings, Limits::default()).await
}

/// Starts the bank on a thread of its own, so that its side of the work does not take turns with
/// the client's.
pub fn start_on_thread(settings: Settings) -> Result<Handle, StartError> {
    let failed = |error: std::io::Error| StartError::Runtime(error.kind());
    let runtime = runtime::Builder::new_current_thread().enable_io().enable_time().build().map_err(failed)?;
    let mut handle = runtime.block_on(start(settings))?;
    let (ended, stopped) = oneshot::channel();
    let serving = std::mem::replace(&mut handle.stopped, stopped);
    let thread = std::thread::Builder::new().name("sandbox".into());
    let serve = move || {
        let _ = runtime.block_on(serving);
        drop(runtime);
        let _ = ended.send(());
    };
    thread.spawn(serve).map_err(failed)?;
    Ok(handle)
}

/// Everything that can be refused is refused here, before anything is served.
async fn start_within(settings: Settings, limits: Limits) -> Result<Handle, StartError> {
    let register = Arc::new(Register::new(settings.clients)?);
    let listener = listen(settings.port).await?;
    let port = listener.local_addr().map_err(|error| StartError::Port(settings.port, error.kind()))?.port();
    let identity = tls::Identity::new()?;
    let config = tls::config(&identity, Arc::clone(&register))?;
    let skew = TimeDelta::from_std(settings.skew).unwrap_or(TimeDelta::MAX);
    let seal = Seal::default();
    let server = Server {
        bank: Bank {
            register,
            clock: settings.clock,
            ids: settings.ids,
            skew,
            keys: tls::jwks(&identity),
            books: Mutex::new(Books::new(skew)),
            profiles: settings.profiles,
            seal: seal.clone(),
        },
        envelope: settings.envelope,
        log: settings.log,
        limits,
        acceptor: TlsAcceptor::from(Arc::new(config)),
        places: Arc::new(Semaphore::new(limits.connections)),
    };
    let (stop, stopping) = watch::channel(());
    let (ended, stopped) = oneshot::channel();
    tokio::spawn(async move {
        serve::run(listener, server, stopping).await;
        let _ = ended.send(());
    });
    let host = Url::parse(&format!("https://127.0.0.1:{port}/")).expect("an address and a port make a URL");
    Ok(Handle { host, authority: identity.authority, seal, stop, stopped })
}

async fn listen(port: u16) -> Result<TcpListener, StartError> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => StartError::PortTaken(port),
        kind => StartError::Port(port, kind),
    })
}
