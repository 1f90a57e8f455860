//! The listener: takes connections, bounds them, and ends them when it is stopped.
//!
//! Connections that have not shown who they are (*pending*) are bounded apart from those that
//! have. When too many are pending the oldest is dropped, not the newest refused: a crowd that
//! never finishes its handshakes can't keep a client out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::answer::Envelope;
use super::bank::Bank;
use super::connection;
use super::log::Log;

/// What the listener takes at most.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// A handshake, a request's head, a request's body: each of them.
    pub(super) patience: Duration,
    /// Between two requests on one connection.
    pub(super) quiet: Duration,
    /// Connections of clients that have shown who they are; one more is answered with 503.
    pub(super) connections: usize,
    /// Connections that have not.
    pub(super) pending: usize,
    /// Requests open at once on one HTTP/2 connection.
    pub(super) streams: u32,
    /// A body, in bytes.
    pub(super) body: usize,
    /// A head, in bytes.
    pub(super) head: usize,
    /// Fields of a head.
    pub(super) fields: usize,
    /// What is given to open requests once the listener is stopped.
    pub(super) drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            patience: Duration::from_secs(10),
            quiet: Duration::from_mins(1),
            connections: 256,
            pending: 512,
            streams: 128,
            body: 1024 * 1024,
            head: 32 * 1024,
            fields: 100,
            drain: Duration::from_secs(1),
        }
    }
}

/// What every connection shares.
pub(super) struct Server {
    pub(super) bank: Bank,
    pub(super) envelope: Envelope,
    pub(super) log: Log,
    pub(super) limits: Limits,
    pub(super) acceptor: TlsAcceptor,
    pub(super) places: Arc<Semaphore>,
}

/// Serves until `stop` is signalled or its sender is gone, then lets open requests finish.
pub(super) async fn run(listener: TcpListener, server: Server, mut stop: watch::Receiver<()>) {
    let server = Arc::new(server);
    let crowd = Crowd::new(server.limits.pending);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.changed() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => {
                    let _ = stream.set_nodelay(true);
                    let pending = crowd.enter();
                    let id = pending.id;
                    let task = connection::serve(Arc::clone(&server), stream, address, pending, stop.clone());
                    crowd.remember(id, connections.spawn(task));
                }
                // Out of file descriptors, most likely: some connection has to end first.
                Err(_) => sleep(Duration::from_millis(20)).await,
            }
        }
    }
    drop(listener);
    let _ = timeout(server.limits.drain, async { while connections.join_next().await.is_some() {} }).await;
    connections.shutdown().await;
}

/// The connections that are pending, oldest first.
#[derive(Clone)]
struct Crowd {
    most: usize,
    members: Arc<Mutex<Members>>,
}

#[derive(Default)]
struct Members {
    next: u64,
    tasks: BTreeMap<u64, Option<AbortHandle>>,
}

/// A place among the pending connections, given back when dropped.
pub(super) struct Pending {
    id: u64,
    crowd: Crowd,
}

impl Crowd {
    fn new(most: usize) -> Self {
        Self { most, members: Arc::default() }
    }

    /// A place; the oldest connection loses its own when there are none left.
    fn enter(&self) -> Pending {
        let mut members = self.members();
        if members.tasks.len() >= self.most
            && let Some((_, Some(oldest))) = members.tasks.pop_first()
        {
            oldest.abort();
        }
        let id = members.next;
        members.next += 1;
        members.tasks.insert(id, None);
        Pending { id, crowd: self.clone() }
    }

    /// How to end the connection, unless it is no longer pending.
    fn remember(&self, id: u64, task: AbortHandle) {
        if let Some(member) = self.members().tasks.get_mut(&id) {
            *member = Some(task);
        }
    }

    fn members(&self) -> MutexGuard<'_, Members> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.crowd.members().tasks.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_of_too_many_pending_connections_loses_its_place() {
        let crowd = Crowd::new(2);
        let first = crowd.enter();
        let second = crowd.enter();
        let third = crowd.enter();
        let ids = |crowd: &Crowd| crowd.members().tasks.keys().copied().collect::<Vec<_>>();
        assert_eq!(ids(&crowd), [second.id, third.id]);
        drop(first);
        drop(second);
        assert_eq!(ids(&crowd), [third.id]);
    }
}
