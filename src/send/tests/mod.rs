//! Sending, against servers that misbehave in every way we know of: raw sockets and real TLS on
//! loopback. What a fault is called is one table per kind; no test looks at how long it took.

mod coding;
mod http;
mod http2;
mod options;
mod message;
mod pool;
mod tls;
mod tls_server;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

use super::*;
use crate::diag::Code;
use crate::message::{Headers, Message};
use crate::sign::SignedMessage;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(300);

/// What a server does with a connection, one after the other; it closes it at the end.
#[derive(Clone)]
enum Act {
    /// Reads until the head of a request and the body that it announces are there.
    Read,
    /// Writes this.
    Say(Vec<u8>),
    /// Writes this again and again, until nobody reads any more.
    Forever(Vec<u8>),
    /// Writes this, one byte every 20 ms.
    Drip(Vec<u8>),
    /// Does nothing for ever.
    Hold,
    /// Ends the connection with a reset.
    Reset,
}

fn say(text: impl AsRef<[u8]>) -> Act {
    Act::Say(text.as_ref().to_vec())
}

/// A server on loopback, and what it was sent.
struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Plays the n-th script on the n-th connection, the last one ever after.
    async fn start(scripts: Vec<Vec<Act>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&requests);
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else { break };
                let script = scripts[connection.min(scripts.len() - 1)].clone();
                tokio::spawn(play(stream, script, Arc::clone(&heard)));
            }
        });
        Self { port, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }

    fn url(&self) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}/", self.port)).unwrap()
    }
}

async fn play(mut stream: TcpStream, script: Vec<Act>, heard: Arc<Mutex<Vec<String>>>) {
    for act in script {
        if matches!(act, Act::Reset) {
            stream.set_zero_linger().unwrap();
            return;
        }
        if !perform(&mut stream, act, &heard).await {
            return;
        }
    }
    // Without this a close with unread data would be a reset.
    let _ = stream.shutdown().await;
    let _ = tokio::time::timeout(SHORT, stream.read_to_end(&mut Vec::new())).await;
}

/// Whether the connection can go on.
async fn perform<S>(stream: &mut S, act: Act, heard: &Mutex<Vec<String>>) -> bool
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    match act {
        Act::Read => match read_request(stream).await {
            Some(request) => {
                heard.lock().unwrap().push(request);
                true
            }
            None => false,
        },
        Act::Say(bytes) => stream.write_all(&bytes).await.is_ok() && stream.flush().await.is_ok(),
        Act::Forever(bytes) => {
            while stream.write_all(&bytes).await.is_ok() {}
            false
        }
        Act::Drip(bytes) => {
            for byte in bytes {
                if stream.write_all(&[byte]).await.is_err() || stream.flush().await.is_err() {
                    return false;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            true
        }
        Act::Hold => {
            tokio::time::sleep(LONG).await;
            false
        }
        Act::Reset => false,
    }
}

async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut read = Vec::new();
    loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&read[..end]).into_owned();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |length| length.parse::<usize>().unwrap());
            if read.len() >= end + 4 + length {
                return Some(read.iter().map(|byte| char::from(*byte)).collect());
            }
        }
        match stream.read_buf(&mut read).await {
            Ok(0) | Err(_) => return None,
            Ok(_) => {}
        }
    }
}

fn message(method: &str, url: Url) -> SignedMessage {
    let body = if method == "POST" { "a=1".into() } else { bytes::Bytes::new() };
    SignedMessage::unsigned(Message { method: method.into(), url, headers: Headers::new(), body })
}

fn plain() -> Transport {
    Transport::new(TransportSettings {
        way: Way { connect_timeout: SHORT, ..Way::default() },
        ..TransportSettings::default()
    })
    .unwrap()
}

/// What an exchange must end with.
#[track_caller]
fn expect(what: &str, exchange: &Exchange, code: Code, fragment: &str, fate: Fate) {
    let error = match &exchange.answer {
        Ok(answer) => panic!("{what}: an answer came: {answer:?}"),
        Err(error) => error,
    };
    assert_eq!((error.code, error.fate), (code, fate), "{what}: {}", error.message);
    assert!(error.message.contains(fragment), "{what}: `{}` lacks `{fragment}`", error.message);
    for theirs in ["hyper", "reqwest", "rustls", "os error", "error sending", "Error", "operation"] {
        assert!(!error.message.contains(theirs), "{what}: `{}` shows `{theirs}`", error.message);
    }
}

/// A script, and what its exchange must end with.
struct Fault {
    name: &'static str,
    script: Vec<Act>,
    code: Code,
    fragment: &'static str,
}

fn fault(name: &'static str, script: Vec<Act>, code: Code, fragment: &'static str) -> Fault {
    Fault { name, script, code, fragment }
}

async fn check(faults: Vec<Fault>, timeout: Duration) {
    for fault in faults {
        for method in ["GET", "POST"] {
            let server = Server::start(vec![fault.script.clone()]).await;
            let exchange = plain().send(message(method, server.url()), timeout).await;
            let what = format!("{} ({method})", fault.name);
            expect(&what, &exchange, fault.code, fault.fragment, Fate::MaybeExecuted);
            assert!(server.requests().len() <= 1, "{what}: the request was repeated");
        }
    }
}
