//! A client without opinions: TLS with whatever certificate it is given, and HTTP/1.1 as text, so
//! that a test can send what no HTTP library would.

use std::fmt::Write;
use std::io;
use std::sync::Arc;

use rustls::client::ResolvesClientCert;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SignatureScheme, SupportedProtocolVersion};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::keys::{Certificate, PrivateKey};

use super::call::Call;
use super::{Handle, Party};

#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// In lower case.
    pub(super) head: String,
    pub(super) body: Value,
}

impl Reply {
    pub(super) fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Self {
            status,
            head: head.to_ascii_lowercase(),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")))
    }
}

/// Shows one certificate, whatever it is and whatever the server asks for.
#[derive(Debug)]
struct Shows(Option<Arc<CertifiedKey>>);

impl ResolvesClientCert for Shows {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.clone()
    }

    fn has_certs(&self) -> bool {
        self.0.is_some()
    }
}

pub(super) fn certified(certificate: &Certificate, key: &PrivateKey) -> CertifiedKey {
    let der = PrivateKeyDer::Pkcs8(key.pkcs8().to_vec().into());
    let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&der).unwrap();
    CertifiedKey::new(vec![CertificateDer::from(certificate.der().to_vec())], key)
}

pub(super) fn config(
    handle: &Handle,
    shown: Option<CertifiedKey>,
    versions: &[&'static SupportedProtocolVersion],
) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(handle.authority.der().to_vec())).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_client_cert_resolver(Arc::new(Shows(shown.map(Arc::new))))
}

pub(super) async fn tcp(handle: &Handle) -> TcpStream {
    TcpStream::connect(("127.0.0.1", handle.host.port().unwrap())).await.unwrap()
}

pub(super) async fn tls(handle: &Handle, config: ClientConfig) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from("127.0.0.1").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, tcp(handle).await).await
}

pub(super) async fn connect(handle: &Handle, party: &Party) -> TlsStream<TcpStream> {
    let shown = certified(&party.certificate, &party.tls_key);
    tls(handle, config(handle, Some(shown), rustls::DEFAULT_VERSIONS)).await.unwrap()
}

/// The request as text; the connection ends with the answer.
pub(super) fn text(call: &Call) -> Vec<u8> {
    let mut text =
        format!("{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n", call.method, call.target);
    for (name, value) in &call.headers {
        let _ = write!(text, "{name}: {value}\r\n");
    }
    if !call.body.is_empty() {
        let _ = write!(text, "Content-Length: {}\r\n", call.body.len());
    }
    text.push_str("\r\n");
    [text.as_bytes(), &call.body].concat()
}

pub(super) async fn send(handle: &Handle, party: &Party, call: &Call) -> Reply {
    raw(&mut connect(handle, party).await, &text(call)).await
}

pub(super) async fn raw(stream: &mut TlsStream<TcpStream>, bytes: &[u8]) -> Reply {
    stream.write_all(bytes).await.unwrap();
    rest(stream).await
}

/// What comes until the server ends the connection.
pub(super) async fn rest(stream: &mut TlsStream<TcpStream>) -> Reply {
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer).await {
        assert!(!answer.is_empty(), "{error}");
    }
    Reply::read(&answer)
}
