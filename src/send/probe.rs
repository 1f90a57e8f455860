//! Asks a server a second time why it did not want us.
//!
//! Under TLS 1.3 the client is done before the server has looked at its certificate, so the
//! refusal arrives while the request is being written, and more often than not the broken
//! connection is seen before the alert that explains it. The probe makes the same handshake, sends
//! nothing, and listens: the alert then comes every time.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig, Error};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

use super::cause::find;
use super::route::Route;

/// How long an answer is waited for: several round trips to the other side of the world.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the server did with the handshake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Finding {
    /// It refused it, and says why.
    Alert(AlertDescription),
    /// It ended the connection without a word.
    Closed,
    /// Nothing: it waits for a request, or can't be reached.
    Nothing,
}

/// Makes the handshake with the server of the URL, within the deadline.
pub(super) async fn probe(config: &ClientConfig, (url, route): (&Url, &Route), deadline: Instant) -> Finding {
    let deadline = deadline.min(Instant::now() + PATIENCE);
    timeout_at(deadline, handshake(config, url, route)).await.unwrap_or(Finding::Nothing)
}

async fn handshake(config: &ClientConfig, url: &Url, route: &Route) -> Finding {
    let Some((name, tcp)) = connect(url, route).await else { return Finding::Nothing };
    // A resumed session would not be asked for a certificate.
    let mut config = config.clone();
    config.resumption = Resumption::disabled();
    let outcome = async {
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, tcp).await?;
        stream.read(&mut [0]).await
    };
    match outcome.await {
        Ok(0) => Finding::Closed,
        Ok(_) => Finding::Nothing,
        Err(error) => judge(&error),
    }
}

fn judge(error: &io::Error) -> Finding {
    match find::<Error>(error) {
        Some(Error::AlertReceived(alert)) => Finding::Alert(*alert),
        Some(_) => Finding::Nothing,
        None => Finding::Closed,
    }
}

async fn connect(url: &Url, route: &Route) -> Option<(ServerName<'static>, TcpStream)> {
    let port = url.port_or_known_default()?;
    let name = match (route.server_name(url), url.host()?) {
        (Some(name), _) | (None, Host::Domain(name)) => ServerName::try_from(name.to_owned()).ok()?,
        (None, Host::Ipv4(address)) => ServerName::from(IpAddr::from(address)),
        (None, Host::Ipv6(address)) => ServerName::from(IpAddr::from(address)),
    };
    let tcp = match route.address(url) {
        Ok(address) => TcpStream::connect((address, port)).await,
        Err(host) => TcpStream::connect((host, port)).await,
    };
    Some((name, tcp.ok()?))
}
