//! The TLS side of a connection: whom we trust, who we are, what we remember.
//!
//! Sessions are remembered per transport and never shared: a session that one identity opened,
//! resumed by another, would speak in the first one's name.

use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{
    ClientSessionMemoryCache, ClientSessionStore, Resumption, Tls12ClientSessionValue,
    Tls13ClientSessionValue, WebPkiServerVerifier,
};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, NamedGroup, RootCertStore, SignatureScheme,
};
use rustls_platform_verifier::Verifier;

use super::identity::Identity;
use super::provider::provider;
use super::watch::{ServerChain, note};
use crate::keys::{Certificate, Pin};
use crate::spec::{HttpVersion, TlsOptions, TlsVersion};

/// How many TLS sessions are remembered.
const SESSIONS: usize = 256;

/// The settings of every TLS connection of a transport: 1.2 or 1.3.
pub(super) fn config(identity: Identity, trust: Trust) -> ClientConfig {
    let versions: &[_] = match trust.options.min_version {
        TlsVersion::Tls12 => &[&TLS13, &TLS12],
        TlsVersion::Tls13 => &[&TLS13],
    };
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .expect("the provider has suites for both versions")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust))
        .with_client_cert_resolver(Arc::new(identity));
    config.resumption = Resumption::store(Arc::new(Sessions(ClientSessionMemoryCache::new(SESSIONS))));
    config
}

/// What is offered to the server to speak.
pub(super) fn offer(config: &mut ClientConfig, version: HttpVersion) {
    let protocols: &[&[u8]] = match version {
        HttpVersion::Auto => &[b"h2", b"http/1.1"],
        HttpVersion::Http11 => &[b"http/1.1"],
        HttpVersion::Http2 => &[b"h2"],
    };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.to_vec()).collect();
}

/// Whose certificates a server may show.
///
/// The suite's own authorities are asked first, the system's only about what those do not know:
/// loading the system's roots takes 5 ms, which a run against the embedded bank need not spend.
pub(super) struct Trust {
    own: Option<Arc<WebPkiServerVerifier>>,
    system: Option<OnceLock<Option<Verifier>>>,
    options: TlsOptions,
}

impl Trust {
    /// Trusts these authorities, and the system's if asked to, as far as the options say.
    pub(super) fn new(authorities: RootCertStore, system: bool, options: TlsOptions) -> Self {
        // The builder fails only when there are no authorities.
        let own = WebPkiServerVerifier::builder_with_provider(Arc::new(authorities), provider()).build().ok();
        Self { own, system: system.then(OnceLock::new), options }
    }

    /// Whether the key is one that is asked for, if any is.
    fn check_pin(&self, end_entity: &[u8]) -> Result<(), Error> {
        let pin = Pin::of(end_entity);
        let pins = &self.options.pins;
        if pins.is_empty() || pin.is_some_and(|pin| pins.contains(&pin)) {
            return Ok(());
        }
        let shown = pin.map_or_else(|| "no key that can be read".to_owned(), |pin| format!("`{pin}`"));
        let asked: Vec<String> = pins.iter().map(|pin| format!("`{pin}`")).collect();
        note(|seen| seen.wrong_pin = Some([shown, asked.join(" or ")]));
        Err(Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure))
    }

    fn system(&self) -> Option<&Verifier> {
        self.system.as_ref()?.get_or_init(|| Verifier::new(provider()).ok()).as_ref()
    }
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if !self.options.verify {
            return Ok(ServerCertVerified::assertion());
        }
        let unknown = || Err(Error::InvalidCertificate(CertificateError::UnknownIssuer));
        let ask = |verifier: &dyn ServerCertVerifier| {
            verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        };
        let mut verdict = self.own.as_deref().map_or_else(unknown, |own| ask(own));
        if verdict
            .as_ref()
            .is_err_and(|error| *error == Error::InvalidCertificate(CertificateError::UnknownIssuer))
        {
            verdict = self.system().map_or(verdict, |system| ask(system));
        }
        if verdict.is_err() {
            let shown = ServerChain::read(end_entity, intermediates.len());
            note(|seen| seen.refused_server = shown);
        }
        let verdict = verdict?;
        self.check_pin(end_entity).map(|()| verdict)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if !self.options.verify {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls12_signature(message, certificate, signature, &provider().signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        if !self.options.verify {
            return Ok(HandshakeSignatureValid::assertion());
        }
        verify_tls13_signature(message, certificate, signature, &provider().signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

impl ServerChain {
    fn read(end_entity: &[u8], intermediates: usize) -> Option<Self> {
        let shown = Certificate::read_all(end_entity).ok()?;
        let own = shown.first()?;
        Some(Self {
            subject: own.subject().to_owned(),
            issuer: own.issuer().to_owned(),
            sent: intermediates + 1,
        })
    }
}

impl fmt::Debug for Trust {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Trust")
    }
}

/// The sessions of one transport. That it is asked for a hint is the first sign of a handshake:
/// the TCP connection stands.
#[derive(Debug)]
struct Sessions(ClientSessionMemoryCache);

impl ClientSessionStore for Sessions {
    fn kx_hint(&self, server: &ServerName<'_>) -> Option<NamedGroup> {
        note(super::watch::Seen::handshake_begins);
        self.0.kx_hint(server)
    }

    fn set_kx_hint(&self, server: ServerName<'static>, group: NamedGroup) {
        self.0.set_kx_hint(server, group);
    }

    fn set_tls12_session(&self, server: ServerName<'static>, session: Tls12ClientSessionValue) {
        self.0.set_tls12_session(server, session);
    }

    fn tls12_session(&self, server: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        self.0.tls12_session(server)
    }

    fn remove_tls12_session(&self, server: &ServerName<'static>) {
        self.0.remove_tls12_session(server);
    }

    fn insert_tls13_ticket(&self, server: ServerName<'static>, ticket: Tls13ClientSessionValue) {
        self.0.insert_tls13_ticket(server, ticket);
    }

    fn take_tls13_ticket(&self, server: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        self.0.take_tls13_ticket(server)
    }
}
