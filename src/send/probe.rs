//! Asks a server a second time why it did not want us.
//!
//! Under TLS 1.3 the client is done before the server has looked at its certificate, so the
//! refusal arrives while the request is being written, and more often than not the broken
//! connection is seen before the alert that explains it. The probe makes the same handshake, sends
//! nothing, and listens: the alert then comes every time.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::Uri;
use rustls::client::Resumption;
use rustls::{AlertDescription, ClientConfig, Error};
use tokio::io::AsyncReadExt;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use url::Url;

use super::cause::find;
use super::connect::{Connector, host};

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
pub(super) async fn probe(connector: &Connector, url: &Url, deadline: Instant) -> Finding {
    let deadline = deadline.min(Instant::now() + PATIENCE);
    timeout_at(deadline, handshake(connector, url)).await.unwrap_or(Finding::Nothing)
}

async fn handshake(connector: &Connector, url: &Url) -> Finding {
    let Ok(to) = url.as_str().parse::<Uri>() else { return Finding::Nothing };
    let (Some(name), Ok((stream, _))) = (connector.route.server_name(host(&to)), connector.stream(&to).await)
    else {
        return Finding::Nothing;
    };
    // A resumed session would not be asked for a certificate.
    let mut config = ClientConfig::clone(&connector.tls);
    config.resumption = Resumption::disabled();
    let outcome = async {
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
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
