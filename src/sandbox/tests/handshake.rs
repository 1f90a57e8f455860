//! Check 0: who is let in, and what the others are told.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use rustls::version::{TLS12, TLS13};
use rustls::{AlertDescription, ClientConfig, Error};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::keys::{Certificate, KeyKind, PrivateKey};

use super::call::Call;
use super::{Client, OTHER, Party, SHOP, Town, certificate, wire};
use crate::sandbox::Check;

/// The alert that the server answers with, now or to the first read: in TLS 1.3 the client's side
/// of the handshake is over before the server has seen the certificate.
async fn alert(town: &Town, config: ClientConfig) -> AlertDescription {
    let error = match wire::tls(&town.handle, config).await {
        Err(error) => error,
        Ok(mut stream) => {
            let _ = stream.write_all(&wire::text(&Call::token(&SHOP))).await;
            stream.read(&mut [0; 16]).await.expect_err("the server let it in")
        }
    };
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::AlertReceived(alert)) => *alert,
        _ => panic!("no alert, but {error}"),
    }
}

async fn refused(town: &Town, shown: Option<(&Certificate, &PrivateKey)>) -> (AlertDescription, String) {
    let mut alerts = Vec::new();
    for version in [&TLS12, &TLS13] {
        let shown = shown.map(|(certificate, key)| wire::certified(certificate, key));
        alerts.push(alert(town, wire::config(&town.handle, shown, &[version])).await);
    }
    assert_eq!(alerts[0], alerts[1]);
    let entries = town.logged(2).await;
    assert!(entries.iter().all(|entry| entry.check == Some(Check::Tls) && entry.status.is_none()));
    assert_eq!(entries[0].reason, entries[1].reason);
    (alerts[0], entries[1].reason.clone().unwrap())
}

#[tokio::test]
async fn registered_certificates_are_let_in_with_every_version_of_tls() {
    let town = Town::new().await;
    for party in [&SHOP, &OTHER] {
        for version in [&TLS12, &TLS13] {
            let shown = wire::certified(&party.certificate, &party.tls_key);
            let config = wire::config(&town.handle, Some(shown), &[version]);
            let mut stream = wire::tls(&town.handle, config).await.unwrap();
            let reply = wire::raw(&mut stream, &wire::text(&Call::token(party))).await;
            assert_eq!(reply.status, 200, "{reply:?}");
        }
    }
}

#[tokio::test]
async fn a_certificate_that_nobody_registered_gets_an_alert_and_a_line_in_the_log() {
    let town = Town::new().await;
    let stranger = PrivateKey::generate(KeyKind::P256).unwrap();
    let shown = certificate(&stranger, |_| ());
    let (alert, reason) = refused(&town, Some((&shown, &stranger))).await;
    assert_eq!(alert, AlertDescription::CertificateUnknown);
    assert!(reason.contains(&shown.fingerprint()) && reason.contains("is not registered"), "{reason}");
}

#[tokio::test]
async fn another_certificate_over_a_registered_key_is_not_the_registered_one() {
    let town = Town::new().await;
    let copy = certificate(&SHOP.tls_key, |params| params.serial_number = Some(7.into()));
    let (alert, _) = refused(&town, Some((&copy, &SHOP.tls_key))).await;
    assert_eq!(alert, AlertDescription::CertificateUnknown);
}

#[tokio::test]
async fn no_certificate_gets_an_alert_and_a_line_in_the_log() {
    let town = Town::new().await;
    let (alert, reason) = refused(&town, None).await;
    assert_eq!(alert, AlertDescription::CertificateRequired);
    assert_eq!(reason, "no client certificate was shown");
}

#[tokio::test]
async fn a_registered_certificate_without_its_key_is_not_enough() {
    let town = Town::new().await;
    let thief = PrivateKey::generate(KeyKind::P256).unwrap();
    let (alert, reason) = refused(&town, Some((&OTHER.certificate, &thief))).await;
    assert_eq!(alert, AlertDescription::DecryptError);
    assert!(reason.contains("not signed with the key of the client certificate"), "{reason}");
}

#[tokio::test]
async fn a_registered_certificate_ends_when_it_says_so() {
    for (from, to, wanted) in [(2001, 2002, "has expired"), (3000, 3001, "is not valid yet")] {
        let key = PrivateKey::generate(KeyKind::P256).unwrap();
        let shown = certificate(&key, |params| {
            params.not_before = rcgen::date_time_ymd(from, 1, 1);
            params.not_after = rcgen::date_time_ymd(to, 1, 1);
        });
        let signing_key = SHOP.signing_key.public().clone();
        let client = Client {
            client_id: "dated".into(),
            tls_certificate: shown.clone(),
            signing_key: signing_key.into(),
        };
        let town = Town::with(|settings, _| settings.clients.push(client)).await;
        let (alert, reason) = refused(&town, Some((&shown, &key))).await;
        assert_eq!(alert, AlertDescription::CertificateExpired);
        assert!(reason.contains(wanted), "{reason}");
    }
}

#[tokio::test]
async fn what_is_not_tls_gets_no_plain_answer() {
    let town = Town::new().await;
    let mut stream = wire::tcp(&town.handle).await;
    stream.write_all(b"GET /greetings/single HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
    let entries = town.logged(1).await;
    assert_eq!(entries[0].reason.as_deref(), Some("what came is not a TLS handshake"));
}

#[tokio::test]
async fn a_resumed_session_is_still_the_same_client() {
    let town = Town::new().await;
    let shown = wire::certified(&SHOP.certificate, &SHOP.tls_key);
    let config = wire::config(&town.handle, Some(shown), &[&TLS13]);
    for kind in [rustls::HandshakeKind::Full, rustls::HandshakeKind::Resumed] {
        let mut stream = wire::tls(&town.handle, config.clone()).await.unwrap();
        let reply = wire::raw(&mut stream, &wire::text(&Call::token(&SHOP))).await;
        assert_eq!((reply.status, stream.get_ref().1.handshake_kind()), (200, Some(kind)));
    }
}

/// The openssl lines of the bank's guides, which make X.509 v1 on OpenSSL 3.0.
fn openssl_pair(folder: &Path, name: &str) -> io::Result<(Certificate, PrivateKey)> {
    let file = |end: &str| folder.join(format!("{name}.{end}")).display().to_string();
    let (key, csr, crt) = (file("key"), file("csr"), file("crt"));
    for line in [
        vec!["genrsa", "-out", &key, "2048"],
        vec!["req", "-sha256", "-new", "-key", &key, "-out", &csr, "-subj", "/CN=shop"],
        vec!["x509", "-req", "-sha256", "-days", "365", "-in", &csr, "-signkey", &key, "-out", &crt],
    ] {
        let made = Command::new("openssl").args(&line).stderr(Stdio::null()).status()?;
        assert!(made.success(), "openssl {line:?}");
    }
    let read = |path: &str| crate::files::read(Path::new(path), 1 << 20).unwrap();
    Ok((Certificate::read_all(&read(&crt)).unwrap().remove(0), PrivateKey::read(&read(&key)).unwrap()))
}

#[tokio::test]
async fn the_certificates_that_the_usual_openssl_lines_make_are_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let (Ok((certificate, tls_key)), Ok((_, signing_key))) =
        (openssl_pair(folder.path(), "tls"), openssl_pair(folder.path(), "http"))
    else {
        return; // no openssl here
    };
    let party = Party { client_id: "made-by-openssl", certificate, tls_key, signing_key };
    let town = Town::with(|settings, _| settings.clients.push(party.client())).await;
    for version in [&TLS12, &TLS13] {
        let shown = wire::certified(&party.certificate, &party.tls_key);
        let config = wire::config(&town.handle, Some(shown), &[version]);
        let mut stream = wire::tls(&town.handle, config).await.unwrap();
        let reply = wire::raw(&mut stream, &wire::text(&Call::token(&party))).await;
        assert_eq!((reply.status, &reply.body["client_id"]), (200, &party.client_id.into()));
    }
}
