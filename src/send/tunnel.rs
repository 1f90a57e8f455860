//! The way through a proxy: CONNECT (RFC 9110, section 9.3.6) and SOCKS (RFC 1928).
//!
//! CONNECT is written out here because its library says only that a proxy did not want to, and the
//! status is what tells a rule of the proxy from a server that is down.

use std::future::{Ready, ready};
use std::io;
use std::task::{Context, Poll};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::Uri;
use hyper_util::client::legacy::connect::proxy::SocksV5;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tower_service::Service;

use super::connect::{Broken, Bytes};
use crate::spec::Proxy;

/// Most bytes of the head of an answer to CONNECT.
const HEAD: usize = 16 * 1024;

/// The proxy does not let us through.
#[derive(Debug, thiserror::Error)]
#[error("refused")]
pub(super) struct Refused {
    /// What it answered, where it speaks HTTP.
    pub(super) status: Option<u16>,
}

/// The header field that says who we are to an HTTP proxy.
pub(super) fn authorization(proxy: &Proxy) -> Option<String> {
    let (user, password) = proxy.credentials()?;
    Some(format!("Basic {}", BASE64_STANDARD.encode(format!("{user}:{password}"))))
}

/// Has an HTTP proxy connect the stream with host and port.
pub(super) async fn connect(mut stream: Bytes, proxy: &Proxy, to: (&str, u16)) -> Result<Bytes, Broken> {
    let to = authority(to);
    let field = |value: String| format!("Proxy-Authorization: {value}\r\n");
    let authorization = authorization(proxy).map(field).unwrap_or_default();
    let head = format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n{authorization}\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await?;
    match status(&read_head(&mut stream).await?) {
        Some(200..=299) => Ok(stream),
        status => Err(Refused { status }.into()),
    }
}

/// Byte for byte: what follows the head belongs to the server.
async fn read_head(stream: &mut Bytes) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && !head.ends_with(b"\n\n") {
        if head.len() >= HEAD {
            return Err(io::ErrorKind::InvalidData.into());
        }
        head.push(stream.read_u8().await?);
    }
    Ok(head)
}

/// `HTTP/1.1 407 Proxy Authentication Required`
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\n').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split_ascii_whitespace();
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

/// Has a SOCKS proxy connect the stream with host and port.
pub(super) async fn socks(stream: Bytes, proxy: &Proxy, to: (&str, u16)) -> Result<Bytes, Broken> {
    let to = Uri::builder().scheme("https").authority(authority(to)).path_and_query("/").build()?;
    let mut socks = SocksV5::new(Uri::from_static("http://proxy"), Standing(Some(stream)));
    if let Some((user, password)) = proxy.credentials() {
        socks = socks.with_auth(user.to_owned(), password.to_owned());
    }
    let stream = socks.call(to).await.map_err(|_| Refused { status: None })?;
    Ok(stream.into_inner())
}

fn authority((host, port): (&str, u16)) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// A connection that stands already, as SOCKS wants it.
struct Standing(Option<Bytes>);

impl Service<Uri> for Standing {
    type Response = TokioIo<Bytes>;
    type Error = io::Error;
    type Future = Ready<io::Result<TokioIo<Bytes>>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        ready(self.0.take().map(TokioIo::new).ok_or_else(|| io::ErrorKind::NotConnected.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_proxy_is_read_from_its_first_line() {
        assert_eq!(status(b"HTTP/1.1 407 Proxy Authentication Required\r\nx: y\r\n\r\n"), Some(407));
        assert_eq!(status(b"HTTP/1.0 200 OK\r\n\r\n"), Some(200));
        assert_eq!(status(b"SSH-2.0-OpenSSH\n\n"), None);
    }
}
