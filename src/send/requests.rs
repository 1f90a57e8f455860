//! Who speaks HTTP: reqwest where the way leads straight to the server, hyper over connections of
//! our own where it does not.
//!
//! reqwest makes its connections itself. It can't be told another name to ask a server for or an
//! address for one port; it would show our client certificate to a proxy, and hides the server's
//! behind one. Such ways go over [`Connector`]; both end in the same answer.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::tls::TlsInfo;
use reqwest::{redirect, retry};
use tower_layer::Layer;
use tower_service::Service;

use super::connect::{Broken, Connector, Shown};
use super::lookup::Unresolved;
use super::watch::{Seen, note, watched};
use crate::limits;
use crate::spec::HttpVersion;

/// How long an unused connection is kept: less than the five seconds after which the most
/// impatient servers close it.
const IDLE: Duration = Duration::from_secs(4);

/// The body of an answer, as it comes.
pub(super) type Incoming = UnsyncBoxBody<Bytes, Broken>;

/// Sends requests over connections that it keeps.
pub(super) enum Requests {
    /// Straight to the server.
    Straight(reqwest::Client),
    /// As the environment or the request says.
    Led(Box<Client<Connector, Full<Bytes>>>),
}

impl Requests {
    /// Keeps at most `idle` connections to a host that nothing is sent over.
    pub(super) fn new(connector: &Connector, idle: usize) -> Self {
        let route = &connector.route;
        let straight = connector.way.proxy.is_none()
            && connector.way.http_version != HttpVersion::Http2
            && route.server_name.is_none()
            && route.resolve.is_empty();
        if straight {
            Self::Straight(straightly(connector, idle))
        } else {
            Self::Led(Box::new(led(connector, idle)))
        }
    }

    /// The answer, and the certificate of the server, as DER.
    pub(super) async fn send(
        &self,
        request: Request<Bytes>,
    ) -> Result<(Response<Incoming>, Option<Arc<[u8]>>), Broken> {
        match self {
            Self::Straight(client) => {
                let response = client.execute(request.try_into()?).await?;
                let shown = response.extensions().get::<TlsInfo>().and_then(TlsInfo::peer_certificate);
                let shown = shown.map(Arc::from);
                let response: Response<reqwest::Body> = response.into();
                Ok((response.map(|body| body.map_err(Into::into).boxed_unsync()), shown))
            }
            Self::Led(client) => {
                let response = client.request(request.map(Full::new)).await?;
                let shown = response.extensions().get::<Shown>().map(|shown| Arc::clone(&shown.0));
                Ok((response.map(|body| body.map_err(Into::into).boxed_unsync()), shown))
            }
        }
    }
}

fn largest_head() -> u32 {
    u32::try_from(limits::ANSWER_HEAD).expect("the limit is far below 4 GiB")
}

fn led(connector: &Connector, idle: usize) -> Client<Connector, Full<Bytes>> {
    Client::builder(TokioExecutor::new())
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(idle)
        .http1_max_headers(limits::ANSWER_FIELDS)
        .http2_only(connector.way.http_version == HttpVersion::Http2)
        .http2_max_header_list_size(largest_head())
        .build(connector.clone())
}

fn straightly(connector: &Connector, idle: usize) -> reqwest::Client {
    reqwest::Client::builder()
        .tls_backend_preconfigured((*connector.tls).clone())
        .dns_resolver(WatchedResolver)
        .connector_layer(WatchedConnector)
        .connect_timeout(connector.way.connect_timeout)
        .tls_info(true)
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(idle)
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .no_proxy()
        .http1_max_headers(limits::ANSWER_FIELDS)
        .http2_max_header_list_size(largest_head())
        .build()
        .expect("the TLS settings are handed over ready-made, and nothing else can fail")
}

/// The system's resolver, watched.
struct WatchedResolver;

impl Resolve for WatchedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            note(Seen::resolving);
            // The port is the connector's business: 0 stands for the one in the URL.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| Unresolved)?;
            let found: Vec<_> = found.collect();
            note(|seen| seen.resolved(found.len()));
            if found.is_empty() {
                return Err(Unresolved.into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Wraps a connector so that its beginning and end are noted.
#[derive(Clone)]
struct WatchedConnector;

impl<S> Layer<S> for WatchedConnector {
    type Service = Watched<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Watched(inner)
    }
}

/// A connector whose beginning and end are noted.
#[derive(Clone)]
struct Watched<S>(S);

impl<S, R> Service<R> for Watched<S>
where
    S: Service<R>,
    S::Response: 'static,
    S::Error: 'static,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, target: R) -> Self::Future {
        Box::pin(watched(self.0.call(target)))
    }
}
