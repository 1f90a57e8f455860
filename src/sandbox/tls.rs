//! The bank's side of mutual TLS: its own certificate, and who is let in.
//!
//! rustls' own verifier wants a chain to a CA and refuses X.509 v1, which is what the openssl
//! lines that everyone uses make. Here the certificate is pinned by its bytes and the handshake
//! signature is checked with the public key that stands in it, so any certificate that was
//! registered works.

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{
    CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, SubjectPublicKeyInfoDer, UnixTime,
};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, OtherError, PeerMisbehaved,
    ServerConfig, SignatureScheme,
};
use serde_json::{Value, json};
use webpki::RawPublicKeyEntity;

use crate::certs::{self, CertsError, Issued};
use crate::clock::Clock;
use crate::keys::{Certificate, PrivateKey};

use super::StartError;
use super::clients::Register;
use super::log::shown;

/// What the bank shows of itself.
pub(super) struct Identity {
    pub(super) authority: Certificate,
    certificate: Certificate,
    key: PrivateKey,
}

impl Identity {
    /// A new CA and a certificate for this machine's own names, by the machine's clock: that is
    /// what the other side of a handshake judges them by. The CA's key is forgotten at once, so
    /// that nobody can make another certificate for whoever trusts the CA.
    pub(super) fn new() -> Result<Self, StartError> {
        let made = |error: CertsError| StartError::Tls(error.to_string());
        let now = Clock::System.now();
        let authority = certs::authority(now).map_err(made)?;
        let Issued { certificate, key } = authority.issue(now).map_err(made)?;
        Ok(Self { authority: authority.certificate().clone(), certificate, key })
    }
}

/// The bank's public key as a list of JWK (RFC 7517), named by its thumbprint (RFC 7638).
pub(super) fn jwks(identity: &Identity) -> Value {
    let spki = identity.key.public().spki();
    // SubjectPublicKeyInfo of P-256 ends with the uncompressed point: 4, x, y (RFC 5480).
    let (x, y) = spki[spki.len() - 64..].split_at(32);
    let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
    let thumbprint = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
    let thumbprint = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, thumbprint.as_bytes());
    let kid = URL_SAFE_NO_PAD.encode(thumbprint);
    json!([{ "kty": "EC", "crv": "P-256", "x": x, "y": y, "use": "sig", "alg": "ES256", "kid": kid }])
}

/// The TLS settings of the listener.
pub(super) fn config(identity: &Identity, register: Arc<Register>) -> Result<ServerConfig, StartError> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = Arc::new(Pinned::new(register, &provider));
    let chain = vec![identity.certificate.der().to_vec().into()];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(identity.key.pkcs8().to_vec()));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StartError::Tls(error.to_string()))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|error| StartError::Tls(error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Lets in whoever shows a registered certificate and has its key.
#[derive(Debug)]
struct Pinned {
    register: Arc<Register>,
    algorithms: WebPkiSupportedAlgorithms,
}

impl Pinned {
    fn new(register: Arc<Register>, provider: &CryptoProvider) -> Self {
        Self { register, algorithms: provider.signature_verification_algorithms }
    }

    fn key(&self, certificate: &CertificateDer<'_>) -> Result<SubjectPublicKeyInfoDer<'_>, Error> {
        let client = self.register.by_certificate(certificate).ok_or(CertificateError::BadEncoding)?;
        Ok(SubjectPublicKeyInfoDer::from(client.tls_certificate.public_key().spki()))
    }
}

impl ClientCertVerifier for Pinned {
    /// No hint: a self-signed certificate has no issuer that a client could look for.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let Some(client) = self.register.by_certificate(end_entity) else {
            return Err(
                CertificateError::Other(OtherError(Arc::new(Unregistered(described(end_entity))))).into()
            );
        };
        let certificate = &client.tls_certificate;
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if now > certificate.not_after().timestamp() {
            return Err(CertificateError::Expired.into());
        }
        if now < certificate.not_before().timestamp() {
            return Err(CertificateError::NotValidYet.into());
        }
        Ok(ClientCertVerified::assertion())
    }

    /// TLS 1.2 names a hash but no curve, so that several algorithms can be meant.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let spki = self.key(certificate)?;
        let key = RawPublicKeyEntity::try_from(&spki).map_err(|_| CertificateError::BadEncoding)?;
        let mapping = self.algorithms.mapping.iter();
        let candidates = mapping.filter(|(scheme, _)| *scheme == signed.scheme).flat_map(|(_, them)| *them);
        let mut verdict = Error::from(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme);
        for algorithm in candidates {
            match key.verify_signature(*algorithm, message, signed.signature()) {
                Ok(()) => return Ok(HandshakeSignatureValid::assertion()),
                Err(_) => verdict = CertificateError::BadSignature.into(),
            }
        }
        Err(verdict)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature_with_raw_key(message, &self.key(certificate)?, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

/// Nobody registered this certificate, for which rustls has no word of its own.
#[derive(Debug)]
struct Unregistered(String);

impl fmt::Display for Unregistered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the client certificate ({}) is not registered", self.0)
    }
}

impl std::error::Error for Unregistered {}

/// Why a handshake came to nothing, in our words.
pub(super) fn reason(error: &std::io::Error) -> String {
    let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) else {
        return format!("the connection ended before the handshake was complete ({})", error.kind());
    };
    match error {
        Error::NoCertificatesPresented => "no client certificate was shown".into(),
        Error::InvalidCertificate(CertificateError::Other(OtherError(refused))) => refused.to_string(),
        Error::InvalidCertificate(CertificateError::Expired) => "the client certificate has expired".into(),
        Error::InvalidCertificate(CertificateError::NotValidYet) => {
            "the client certificate is not valid yet".into()
        }
        Error::InvalidCertificate(CertificateError::BadSignature) => {
            "the handshake was not signed with the key of the client certificate".into()
        }
        Error::AlertReceived(alert) => format!("the client gave up with the TLS alert `{alert:?}`"),
        Error::InvalidMessage(_) => "what came is not a TLS handshake".into(),
        other => format!("no TLS session: {other}"),
    }
}

/// A certificate that nobody registered, as people compare it.
fn described(der: &[u8]) -> String {
    let subject = Certificate::read_all(der).ok().and_then(|read| Some(shown(read.first()?.subject())));
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    let mut text = subject.map(|subject| format!("`{subject}`, ")).unwrap_or_default();
    text.push_str("sha256:");
    text + &HEXLOWER.encode(digest.as_ref())
}
