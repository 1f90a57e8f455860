//! How a connection comes to stand: TCP, perhaps through a proxy, then TLS. Whatever is spoken
//! over it is hyper's business.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use super::lookup::Lookup;
use super::route::Route;
use super::tunnel;
use super::watch::{note, watched};
use super::way::Way;
use crate::spec::{HttpVersion, Proxy, ProxyScheme};

/// Makes the connections of a transport.
#[derive(Clone)]
pub(super) struct Connector {
    pub(super) way: Arc<Way>,
    pub(super) route: Arc<Route>,
    /// With the server.
    pub(super) tls: Arc<ClientConfig>,
    /// With a proxy: it learns nothing of who we are.
    pub(super) proxy_tls: Arc<ClientConfig>,
}

/// What bytes go through.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A stream of any make.
pub(super) type Bytes = Box<dyn Stream>;

/// A connection that stands.
pub(super) struct Line {
    stream: TokioIo<Bytes>,
    /// Whether it leads to a proxy that passes requests on.
    forwards: bool,
    /// Whether TLS has agreed on HTTP/2.
    http2: bool,
    shown: Option<Shown>,
}

/// The certificate of the server, as DER: what a connection remembers for every answer.
#[derive(Debug, Clone)]
pub(super) struct Shown(pub(super) Arc<[u8]>);

/// Whatever keeps a connection from standing.
pub(super) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// It took longer than it may.
#[derive(Debug, thiserror::Error)]
#[error("too slow")]
pub(super) struct Slow;

/// HTTP/2 is asked for, and the server did not agree to it.
#[derive(Debug, thiserror::Error)]
#[error("no HTTP/2")]
pub(super) struct NoHttp2;

impl Connector {
    /// The connection to the host of the URL, ready for HTTP.
    async fn connect(self, to: Uri) -> Result<Line, Broken> {
        let limit = self.way.connect_timeout;
        timeout(limit, self.open(to)).await.unwrap_or_else(|_| Err(Slow.into()))
    }

    async fn open(self, to: Uri) -> Result<Line, Broken> {
        let secure = to.scheme_str() == Some("https");
        let (stream, forwards) = self.stream(&to).await?;
        if !secure {
            return Ok(Line { stream: TokioIo::new(stream), forwards, http2: false, shown: None });
        }
        let name = self.route.server_name(host(&to)).ok_or("no name that TLS could ask for")?;
        let stream = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream).await?;
        let session = stream.get_ref().1;
        let http2 = session.alpn_protocol() == Some(b"h2");
        if self.way.http_version == HttpVersion::Http2 && !http2 {
            return Err(NoHttp2.into());
        }
        let own = session.peer_certificates().and_then(<[_]>::first);
        let shown = own.map(|own| Shown(own.as_ref().into()));
        Ok(Line { stream: TokioIo::new(Box::new(stream)), forwards, http2, shown })
    }

    /// What leads to the server, TLS with it aside, and whether it is a proxy that takes requests
    /// as they are and passes them on.
    pub(super) async fn stream(&self, to: &Uri) -> Result<(Bytes, bool), Broken> {
        let secure = to.scheme_str() == Some("https");
        let (host, port) = (host(to).to_owned(), port(to));
        let Some(proxy) = &self.way.proxy else { return Ok((self.tcp(&host, port).await?, false)) };
        note(|seen| seen.at_proxy = true);
        let stream = self.to_proxy(proxy).await?;
        let forwards = !secure && matches!(proxy.scheme(), ProxyScheme::Http | ProxyScheme::Https);
        let stream = match proxy.scheme() {
            ProxyScheme::Http | ProxyScheme::Https if forwards => stream,
            ProxyScheme::Http | ProxyScheme::Https => tunnel::connect(stream, proxy, (&host, port)).await?,
            ProxyScheme::Socks5 => {
                let lookup = Lookup { route: Arc::clone(&self.route), port };
                let address = lookup.first(&host).await?;
                tunnel::socks(stream, proxy, (&address.ip().to_string(), port)).await?
            }
            ProxyScheme::Socks5h => tunnel::socks(stream, proxy, (&host, port)).await?,
        };
        note(|seen| seen.at_proxy = false);
        Ok((stream, forwards))
    }

    async fn to_proxy(&self, proxy: &Proxy) -> Result<Bytes, Broken> {
        let stream = self.tcp(proxy.host(), proxy.port()).await?;
        if proxy.scheme() != ProxyScheme::Https {
            return Ok(stream);
        }
        let name = Route::default().server_name(proxy.host()).ok_or("no name that TLS could ask for")?;
        Ok(Box::new(TlsConnector::from(Arc::clone(&self.proxy_tls)).connect(name, stream).await?))
    }

    /// The first of the host's addresses that takes a connection.
    async fn tcp(&self, host: &str, port: u16) -> Result<Bytes, Broken> {
        let authority =
            if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        let to = Uri::builder().scheme("http").authority(authority).path_and_query("/").build()?;
        let mut connector = HttpConnector::new_with_resolver(Lookup { route: Arc::clone(&self.route), port });
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(self.way.connect_timeout));
        Ok(Box::new(connector.call(to).await?.into_inner()))
    }
}

/// The host of a URL without the brackets of an address.
pub(super) fn host(to: &Uri) -> &str {
    to.host().unwrap_or_default().trim_matches(['[', ']'])
}

fn port(to: &Uri) -> u16 {
    to.port_u16().unwrap_or(if to.scheme_str() == Some("https") { 443 } else { 80 })
}

impl Service<Uri> for Connector {
    type Response = Line;
    type Error = Broken;
    type Future = Pin<Box<dyn Future<Output = Result<Line, Broken>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Broken>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(watched(self.clone().connect(to)))
    }
}

impl Connection for Line {
    fn connected(&self) -> Connected {
        let facts = Connected::new().proxy(self.forwards);
        let facts = if self.http2 { facts.negotiated_h2() } else { facts };
        match &self.shown {
            Some(shown) => facts.extra(shown.clone()),
            None => facts,
        }
    }
}

impl Read for Line {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl Write for Line {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }
}
