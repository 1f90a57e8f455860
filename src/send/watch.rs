//! What can be seen of an exchange while it happens: where it is, and since when.
//!
//! The record belongs to the task of the exchange (a task-local), because the parts that know
//! (resolver, connector, TLS callbacks) are called by the client and can't be handed anything. Whatever
//! runs outside of the task, such as a connection that the pool opened and another answer made
//! superfluous, writes into nobody's record.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::exchange::Phases;

tokio::task_local! {
    static WATCH: Arc<Watch>;
}

/// The record of one attempt.
#[derive(Debug, Default)]
pub(super) struct Watch {
    seen: Mutex<Seen>,
}

/// What has been seen so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    connecting: Option<Instant>,
    resolving: Option<Instant>,
    resolved: Option<Instant>,
    handshaking: Option<Instant>,
    connected: Option<Instant>,
    superfluous: bool,
    /// Whether a proxy is what the connection waits for.
    pub(super) at_proxy: bool,
    /// How many addresses the name has.
    pub(super) addresses: usize,
    /// Whether the server asked for a client certificate, and what it got.
    pub(super) asked: Asked,
    /// The server's certificate, when it was not trusted.
    pub(super) refused_server: Option<ServerChain>,
    /// The pin of the server's key, when it was not the one that is asked for, and that one.
    pub(super) wrong_pin: Option<[String; 2]>,
    /// The certificate of the server that answered, as DER.
    pub(super) server: Option<Arc<[u8]>>,
    /// When the head of the answer had come.
    pub(super) answered: Option<Instant>,
    /// How many bytes of the body had come, before decoding.
    pub(super) received: usize,
    /// How many were announced.
    pub(super) declared: Option<u64>,
}

/// Whether the server asked for a client certificate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Asked {
    /// It did not.
    #[default]
    No,
    /// It did, and got ours.
    Sent,
    /// It did, and we have none.
    Nothing,
    /// It did, and takes no signature that our key can make.
    Unsuitable,
}

/// A server's certificate that was not trusted.
#[derive(Debug, Clone)]
pub(super) struct ServerChain {
    /// Whose it is.
    pub(super) subject: String,
    /// Who issued it.
    pub(super) issuer: String,
    /// How many certificates the server sent.
    pub(super) sent: usize,
}

/// Where an exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    /// Looking up the host's name.
    Resolving,
    /// Opening the TCP connection.
    Connecting,
    /// In the TLS handshake.
    Handshaking,
    /// The request is out, or going out.
    Waiting,
    /// The head of the answer has come.
    Reading,
}

impl Watch {
    /// What has been seen so far.
    pub(super) fn seen(&self) -> Seen {
        self.seen.lock().expect("nothing panics while it holds the lock").clone()
    }

    fn edit(&self, edit: impl FnOnce(&mut Seen)) {
        edit(&mut self.seen.lock().expect("nothing panics while it holds the lock"));
    }

    /// Runs a future whose parts write into this record.
    pub(super) async fn over<F: Future>(self: &Arc<Self>, future: F) -> F::Output {
        WATCH.scope(Arc::clone(self), future).await
    }

    fn is_current(self: &Arc<Self>) -> bool {
        WATCH.try_with(|current| Arc::ptr_eq(current, self)).unwrap_or(false)
    }
}

/// Writes into the record of the exchange that this is part of, if it is part of one.
pub(super) fn note(edit: impl FnOnce(&mut Seen)) {
    // An error says that there is none: a connection nobody waits for.
    let _ = WATCH.try_with(|watch| watch.edit(edit));
}

impl Seen {
    /// Where the exchange is.
    pub(super) fn step(&self) -> Step {
        if self.answered.is_some() {
            return Step::Reading;
        }
        match self {
            Self { superfluous: true, .. }
            | Self { connecting: None, .. }
            | Self { connected: Some(_), .. } => Step::Waiting,
            Self { handshaking: Some(_), .. } => Step::Handshaking,
            Self { resolving: Some(_), resolved: None, .. } => Step::Resolving,
            Self { .. } => Step::Connecting,
        }
    }

    /// Whether a connection had to be opened.
    pub(super) fn opened(&self) -> bool {
        self.connecting.is_some() && !self.superfluous
    }

    /// Whether a connection was used that an earlier exchange had opened.
    pub(super) fn reused(&self) -> bool {
        self.step() >= Step::Waiting && !self.opened()
    }

    /// Notes that a name is looked up.
    pub(super) fn resolving(&mut self) {
        self.resolving = Some(Instant::now());
    }

    /// Notes how many addresses a name has.
    pub(super) fn resolved(&mut self, addresses: usize) {
        self.resolved = Some(Instant::now());
        self.addresses = addresses;
    }

    /// Notes that a TLS handshake begins: the TCP connection stands.
    pub(super) fn handshake_begins(&mut self) {
        self.handshaking.get_or_insert_with(Instant::now);
    }

    /// How long the parts took, as far as they were carried out.
    pub(super) fn phases(&self, began: Instant) -> Phases {
        let total = began.elapsed();
        let opened = self.connecting.filter(|_| self.opened());
        let tcp_began = self.resolved.or(opened);
        let tcp_ended = self.handshaking.or(self.connected);
        let between = |from: Option<Instant>, to: Option<Instant>| {
            opened.and(from).zip(opened.and(to)).map(|(from, to)| to.saturating_duration_since(from))
        };
        let sent = opened.and(self.connected).unwrap_or(began);
        Phases {
            dns: between(self.resolving, self.resolved),
            connect: between(tcp_began, tcp_ended),
            tls: between(self.handshaking, self.connected),
            first_byte: self.answered.map(|answered| answered.saturating_duration_since(sent)),
            total,
        }
    }
}

/// Notes the beginning and the end of connecting.
pub(super) async fn watched<T, E>(connecting: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let watch = WATCH.try_with(Arc::clone).ok();
    note(|seen| seen.connecting = Some(Instant::now()));
    let mut connecting = pin!(connecting);
    let connected = poll_fn(|context| {
        // Another connection became free first, and the pool goes on with this one on its own.
        if let Some(watch) = watch.as_ref().filter(|watch| !watch.is_current()) {
            watch.edit(|seen| seen.superfluous = true);
        }
        connecting.as_mut().poll(context)
    })
    .await;
    if connected.is_ok() {
        note(|seen| seen.connected = Some(Instant::now()));
    }
    connected
}
