//! The addresses of a host: the environment's, else the system resolver's. Watched.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::vec::IntoIter;

use hyper_util::client::legacy::connect::dns::Name;
use tower_service::Service;

use super::route::Route;
use super::watch::{Seen, note};

/// Looks up the host of one connection.
#[derive(Clone)]
pub(super) struct Lookup {
    pub(super) route: Arc<Route>,
    /// The port that is connected to, which the environment's addresses depend on.
    pub(super) port: u16,
}

/// The host has no address.
#[derive(Debug, thiserror::Error)]
#[error("no address")]
pub(super) struct Unresolved;

impl Service<Name> for Lookup {
    type Response = IntoIter<SocketAddr>;
    type Error = Unresolved;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let Self { route, port } = self.clone();
        Box::pin(async move {
            note(Seen::resolving);
            let found: Vec<_> = if let Some(address) = route.known(name.as_str(), port) {
                vec![SocketAddr::new(address, port)]
            } else {
                let looked_up = tokio::net::lookup_host((name.as_str(), port)).await;
                looked_up.map_err(|_| Unresolved)?.collect()
            };
            note(|seen| seen.resolved(found.len()));
            if found.is_empty() { Err(Unresolved) } else { Ok(found.into_iter()) }
        })
    }
}

/// The resolver of a proxy that wants an address: the first there is.
impl Lookup {
    pub(super) async fn first(&self, host: &str) -> Result<SocketAddr, Unresolved> {
        if let Some(address) = self.route.known(host, self.port) {
            return Ok(SocketAddr::new(address, self.port));
        }
        let mut found = tokio::net::lookup_host((host, self.port)).await.map_err(|_| Unresolved)?;
        found.next().ok_or(Unresolved)
    }
}
