//! A bank's TLS on loopback: its certificates, and what it thinks of ours.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, ServerConfig, SignatureScheme,
    SupportedProtocolVersion, client::danger::HandshakeSignatureValid,
};
use tokio::io::ReadBuf;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::super::provider::provider;
use super::*;
use crate::keys::{Certificate, PrivateKey};

pub(super) const VERSIONS: [&SupportedProtocolVersion; 2] =
    [&rustls::version::TLS12, &rustls::version::TLS13];

/// An authority that issues server certificates.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(super) certificate: Certificate,
}

impl Authority {
    pub(super) fn new(name: &str) -> Self {
        let mut params = named(name, &[]);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = read(params.self_signed(&key).unwrap().der());
        Self { issuer: Issuer::new(params, key), certificate }
    }

    /// A server certificate, bent by the caller.
    pub(super) fn issue(&self, bend: impl FnOnce(&mut CertificateParams)) -> Leaf {
        let mut params = named("bank", &["localhost", "127.0.0.1"]);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        bend(&mut params);
        let key = KeyPair::generate().unwrap();
        let leaf = params.signed_by(&key, &self.issuer).unwrap();
        Leaf { chain: vec![leaf.der().clone()], key: key.serialize_der() }
    }
}

/// What a server shows.
#[derive(Clone)]
pub(super) struct Leaf {
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: Vec<u8>,
}

fn named(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut params = CertificateParams::new(hosts).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn read(der: &[u8]) -> Certificate {
    Certificate::read_all(der).unwrap().remove(0)
}

/// A client certificate that nobody issued.
pub(super) fn client(name: &str) -> ClientCertificate {
    let key = KeyPair::generate().unwrap();
    let certificate = named(name, &[]).self_signed(&key).unwrap();
    ClientCertificate {
        chain: vec![read(certificate.der())],
        key: PrivateKey::read(&key.serialize_der()).unwrap(),
        certificate_file: "certificates/client.cer".into(),
    }
}

/// What the server thinks of a client certificate.
#[derive(Debug, Clone)]
pub(super) enum Opinion {
    /// Any will do.
    Accept,
    /// None will do, for this reason.
    Refuse(CertificateError),
}

/// How a server behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// As it should.
    Proper,
    /// It closes without `close_notify`.
    Abrupt,
    /// It ends a handshake without saying why.
    Mute,
    /// It serves its first connection only, and leaves the others waiting.
    Sole,
}

/// A server with TLS.
pub(super) struct Bank {
    pub(super) leaf: Leaf,
    pub(super) versions: Vec<&'static SupportedProtocolVersion>,
    pub(super) opinion: Option<Opinion>,
    /// Whom it was shown a certificate of, in full handshakes.
    pub(super) shown: Arc<Mutex<Vec<String>>>,
    /// What is odd about it.
    pub(super) manner: Manner,
    /// Whether it chooses HTTP/2.
    pub(super) http2: bool,
}

impl Bank {
    pub(super) fn new(authority: &Authority) -> Self {
        Self {
            leaf: authority.issue(|_| {}),
            versions: VERSIONS.to_vec(),
            opinion: None,
            shown: Arc::default(),
            manner: Manner::Proper,
            http2: false,
        }
    }

    pub(super) async fn start(self, script: Vec<Act>) -> Server {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&requests);
        let polite = self.manner != Manner::Abrupt;
        let port = self
            .serve(move |mut stream| {
                let (script, heard) = (script.clone(), Arc::clone(&heard));
                async move {
                    for act in script {
                        if !perform(&mut stream, act, &heard).await {
                            return;
                        }
                    }
                    if polite {
                        let _ = stream.shutdown().await;
                    }
                }
            })
            .await;
        Server { port, requests }
    }

    /// Serves every TLS session that comes about; answers the port.
    pub(super) async fn serve<F>(self, serve: impl Fn(TlsStream<Wire>) -> F + Clone + Send + 'static) -> u16
    where
        F: Future<Output = ()> + Send,
    {
        let acceptor = TlsAcceptor::from(Arc::new(self.config()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            for connection in 0.. {
                let Ok((tcp, _)) = listener.accept().await else { break };
                if self.manner == Manner::Sole && connection > 0 {
                    waiting.push(tcp);
                    continue;
                }
                let (acceptor, serve) = (acceptor.clone(), serve.clone());
                let wire = Wire { tcp, mute: self.manner == Manner::Mute, heard: 0 };
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(wire).await {
                        serve(stream).await;
                    }
                });
            }
        });
        port
    }

    fn config(&self) -> ServerConfig {
        let builder =
            ServerConfig::builder_with_provider(provider()).with_protocol_versions(&self.versions).unwrap();
        let builder = match self.opinion.clone() {
            Some(opinion) => {
                builder.with_client_cert_verifier(Arc::new(Doorman(opinion, Arc::clone(&self.shown))))
            }
            None => builder.with_no_client_auth(),
        };
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(self.leaf.key.clone()));
        let mut config = builder.with_single_cert(self.leaf.chain.clone(), key).unwrap();
        if self.http2 {
            config.alpn_protocols = vec![b"h2".to_vec()];
        }
        config
    }
}

/// A TCP connection; a mute one says nothing more once it has heard the client's certificate.
pub(super) struct Wire {
    tcp: TcpStream,
    mute: bool,
    heard: usize,
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = ready!(Pin::new(&mut self.tcp).poll_read(context, buffer));
        // One read is the client's hello; what follows has its certificate.
        self.heard += usize::from(buffer.filled().len() > before);
        Poll::Ready(read)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.mute && self.heard > 1 {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.tcp).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(context)
    }
}

/// Looks at the signature of a client as a bank does that pins certificates: with the raw key.
#[derive(Debug)]
struct Doorman(Opinion, Arc<Mutex<Vec<String>>>);

impl ClientCertVerifier for Doorman {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.1.lock().unwrap().push(read(end_entity).subject().to_owned());
        match &self.0 {
            Opinion::Accept => Ok(ClientCertVerified::assertion()),
            Opinion::Refuse(reason) => Err(Error::InvalidCertificate(reason.clone())),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

fn verify(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signature: &DigitallySignedStruct,
) -> Result<HandshakeSignatureValid, Error> {
    use aws_lc_rs::signature::{self as signed, UnparsedPublicKey};
    let spki = read(certificate).public_key().spki().to_vec();
    let algorithm: &dyn signed::VerificationAlgorithm = match signature.scheme {
        SignatureScheme::RSA_PSS_SHA256 => &signed::RSA_PSS_2048_8192_SHA256,
        SignatureScheme::RSA_PSS_SHA384 => &signed::RSA_PSS_2048_8192_SHA384,
        SignatureScheme::RSA_PSS_SHA512 => &signed::RSA_PSS_2048_8192_SHA512,
        SignatureScheme::ECDSA_NISTP256_SHA256 => &signed::ECDSA_P256_SHA256_ASN1,
        other => panic!("the tests use no {other:?}"),
    };
    UnparsedPublicKey::new(algorithm, spki)
        .verify(message, signature.signature())
        .map(|()| HandshakeSignatureValid::assertion())
        .map_err(|_| Error::InvalidCertificate(CertificateError::BadSignature))
}
