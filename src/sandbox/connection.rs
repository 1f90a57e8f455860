//! One connection: the handshake, then requests until it ends, all within bounds of time.
//!
//! The version of HTTP is what ALPN agreed on and is not guessed from the first bytes, so that
//! nobody can hold a connection by sending none. Whoever is quiet for too long is let go.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_rustls::server::TlsStream;

use super::answer::{self, Problem, Refusal};
use super::bank::Judgement;
use super::clients::Client;
use super::log::{Check, Entry};
use super::request::{self, Head, Received};
use super::serve::{Limits, Pending, Server};
use super::tls;

/// Who is at the other end.
struct Peer {
    address: SocketAddr,
    client: Arc<Client>,
    /// Whether there is room for it.
    admitted: bool,
    /// How many requests came.
    started: AtomicUsize,
    /// How many of them are done.
    finished: AtomicUsize,
}

/// Serves a connection to its end. `pending` counts it among those that have not shown who they
/// are.
pub(super) async fn serve(
    server: Arc<Server>,
    stream: TcpStream,
    address: SocketAddr,
    pending: Pending,
    mut stop: watch::Receiver<()>,
) {
    let Some(stream) = handshake(&server, stream, address).await else { return };
    let Some(client) = client_of(&server, &stream) else { return };
    let place = server.places.clone().try_acquire_owned().ok();
    let peer = Arc::new(Peer {
        address,
        client,
        admitted: place.is_some(),
        started: AtomicUsize::new(0),
        finished: AtomicUsize::new(0),
    });
    let patience = server.limits.patience;
    if place.is_some() {
        drop(pending);
        requests(server, stream, peer, &mut stop).await;
    } else {
        let _ = timeout(patience, requests(server, stream, peer, &mut stop)).await;
        drop(pending);
    }
}

async fn handshake(server: &Server, stream: TcpStream, address: SocketAddr) -> Option<TlsStream<TcpStream>> {
    let accepting = server.acceptor.accept(stream).into_fallible();
    let reason = match timeout(server.limits.patience, accepting).await {
        Ok(Ok(stream)) => return Some(stream),
        Ok(Err((error, stream))) => {
            let reason = tls::reason(&error);
            linger(stream).await;
            reason
        }
        Err(_) => format!("no TLS handshake within {} seconds", server.limits.patience.as_secs()),
    };
    server.log.write(&Entry {
        check: Some(Check::Tls),
        reason: Some(reason),
        ..Entry::new(server.bank.clock.now(), address)
    });
    None
}

/// Reads what is still on its way before the connection is closed: closing with unread bytes
/// makes the system send a reset, which can overtake the alert that says why.
async fn linger(mut stream: TcpStream) {
    let draining = async {
        stream.shutdown().await.ok()?;
        let mut scrap = [0; 4096];
        while stream.read(&mut scrap).await.ok()? > 0 {}
        Some(())
    };
    let _ = timeout(Duration::from_millis(500), draining).await;
}

fn client_of(server: &Server, stream: &TlsStream<TcpStream>) -> Option<Arc<Client>> {
    let (_, session) = stream.get_ref();
    let shown = session.peer_certificates()?.first()?;
    server.bank.register.by_certificate(shown).cloned()
}

async fn requests(
    server: Arc<Server>,
    stream: TlsStream<TcpStream>,
    peer: Arc<Peer>,
    stop: &mut watch::Receiver<()>,
) {
    let limits = server.limits;
    let builder = builder(&limits, stream.get_ref().1.alpn_protocol() == Some(b"h2"));
    let service = service_fn({
        let peer = Arc::clone(&peer);
        move |request| {
            let (server, peer) = (Arc::clone(&server), Arc::clone(&peer));
            async move { Ok::<_, Infallible>(counted(&server, &peer, request).await) }
        }
    });
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let mut seen = 0;
    let mut deadline = Instant::now() + limits.patience;
    loop {
        tokio::select! {
            _ = connection.as_mut() => return,
            _ = stop.changed() => break,
            () = sleep_until(deadline) => {
                if peer.is_quiet_since(&mut seen) {
                    break;
                }
                deadline = Instant::now() + limits.quiet;
            }
        }
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(limits.patience, connection).await;
}

impl Peer {
    /// Whether nothing is open and nothing came since the last time this was asked.
    fn is_quiet_since(&self, seen: &mut usize) -> bool {
        let started = self.started.load(Ordering::Relaxed);
        let before = std::mem::replace(seen, started);
        started == before && self.finished.load(Ordering::Relaxed) == started
    }
}

async fn counted(server: &Server, peer: &Peer, request: Request<Incoming>) -> Response<Full<Bytes>> {
    peer.started.fetch_add(1, Ordering::Relaxed);
    let response = respond(server, peer, request).await;
    peer.finished.fetch_add(1, Ordering::Relaxed);
    response
}

async fn respond(server: &Server, peer: &Peer, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let (parts, body) = request.into_parts();
    let response_id = server.bank.ids.uuid().to_string();
    let ids = answer::Ids { response: response_id, request: request::echoed(&parts) };
    let (head, judgement) = judged(server, peer, &parts, body).await;
    let sealed = judgement.outcome.is_ok() && server.bank.signs_answers_to(&head);
    let seal = sealed.then(|| (&server.bank.seal, server.bank.clock.now()));
    let response = answer::response(&judgement.outcome, server.envelope, &ids, parts.version, seal);
    let entry = Entry {
        client: Some(peer.client.client_id.clone()),
        status: Some(response.status().as_u16()),
        target: Some(head.masked(&head.target)),
        request_id: head.request_id().map(|id| head.masked(id)),
        method: Some(head.method),
        response_id: Some(ids.response),
        ..Entry::new(server.bank.clock.now(), peer.address)
    };
    server.log.write(&judgement.told(entry));
    response
}

async fn judged(
    server: &Server,
    peer: &Peer,
    parts: &http::request::Parts,
    body: Incoming,
) -> (Head, Judgement) {
    let head = Head::new(parts);
    let route = admitted(peer).and_then(|()| request::for_us(parts)).and_then(|()| server.bank.route(&head));
    let route = match route {
        Ok(route) => route,
        Err(refusal) => return (head, refusal.into()),
    };
    let body = match request::body(parts, body, server.limits.body, server.limits.patience).await {
        Ok(body) => body,
        Err(refusal) => return (head, refusal.into()),
    };
    let received = Received { head, body };
    let judging = AssertUnwindSafe(|| server.bank.judge(route, &peer.client, &received));
    let judgement = catch_unwind(judging).unwrap_or_else(|_| defect().into());
    (received.head, judgement)
}

fn admitted(peer: &Peer) -> Result<(), Refusal> {
    if peer.admitted {
        return Ok(());
    }
    Err(Refusal::new(Check::Limits, Problem::Busy, "as many connections are open as the sandbox takes"))
}

fn defect() -> Refusal {
    Refusal::new(Check::Limits, Problem::Internal, "a defect of the sandbox; its log has the request")
}

impl Judgement {
    fn told(self, entry: Entry) -> Entry {
        let Self { outcome, signing_string } = self;
        match outcome {
            Ok(_) => Entry { signing_string, ..entry },
            Err(Refusal { check, reason, verifies, .. }) => {
                Entry { signing_string, verifies, check: Some(check), reason: Some(reason), ..entry }
            }
        }
    }
}

fn builder(limits: &Limits, http2: bool) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.patience)
        .max_headers(limits.fields)
        .max_buf_size(limits.head);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(u32::try_from(limits.head).unwrap_or(u32::MAX))
        .max_concurrent_streams(limits.streams)
        .keep_alive_interval(limits.patience)
        .keep_alive_timeout(limits.patience);
    if http2 { builder.http2_only() } else { builder.http1_only() }
}
