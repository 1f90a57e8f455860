//! TLS: what a server may show us, and what it thinks of what we show it.

use rcgen::{BasicConstraints, ExtendedKeyUsagePurpose, IsCa, SanType};
use rustls::CertificateError;

use super::tls_server::{Authority, Bank, Leaf, Manner, Opinion, VERSIONS, client};
use super::*;
use crate::keys::{Certificate, PrivateKey};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn fine() -> Vec<Act> {
    vec![Act::Read, say(OK), Act::Read, say(OK), Act::Hold]
}

fn transport(authority: &Authority, client: Option<ClientCertificate>) -> Transport {
    let settings = TransportSettings {
        client,
        authorities: vec![authority.certificate.clone()],
        ..TransportSettings::default()
    };
    Transport::new(settings).unwrap()
}

fn https(port: u16) -> Url {
    Url::parse(&format!("https://127.0.0.1:{port}/")).unwrap()
}

#[tokio::test]
async fn a_client_certificate_is_shown_once_and_the_connection_used_again() {
    let authority = Authority::new("root");
    for version in VERSIONS {
        let bank = Bank { opinion: Some(Opinion::Accept), versions: vec![version], ..Bank::new(&authority) };
        let server = bank.start(fine()).await;
        let transport = transport(&authority, Some(client("us")));
        let token = transport.send(message("POST", https(server.port)), LONG).await;
        let greeting = transport.send(message("GET", https(server.port)), LONG).await;
        assert_eq!(&token.answer.unwrap().body[..], b"ok");
        assert_eq!(&greeting.answer.unwrap().body[..], b"ok");
        assert!(token.phases.connect.is_some() && token.phases.tls.is_some());
        assert_eq!((greeting.phases.connect, greeting.phases.tls), (None, None));
    }
}

#[tokio::test]
async fn a_version_1_certificate_as_openssl_makes_it_is_shown_all_the_same() {
    let authority = Authority::new("root");
    for version in VERSIONS {
        let own = ClientCertificate {
            chain: Certificate::read_all(include_bytes!("../../../tests/fixtures/keys/rsa.v1.crt.pem"))
                .unwrap(),
            key: PrivateKey::read(include_bytes!("../../../tests/fixtures/keys/rsa.pkcs8.pem")).unwrap(),
            certificate_file: "v1.cer".into(),
        };
        assert!(own.chain[0].is_v1());
        let bank = Bank { opinion: Some(Opinion::Accept), versions: vec![version], ..Bank::new(&authority) };
        let server = bank.start(fine()).await;
        let exchange = transport(&authority, Some(own)).send(message("GET", https(server.port)), LONG).await;
        assert_eq!(exchange.answer.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_refused_client_certificate_is_named_with_its_reason_twenty_times_of_twenty() {
    let authority = Authority::new("root");
    let cases = [
        (CertificateError::Expired, "certificate_expired"),
        (CertificateError::Revoked, "certificate_revoked"),
        (CertificateError::UnknownIssuer, "unknown_ca"),
        (CertificateError::BadSignature, "decrypt_error"),
        (CertificateError::InvalidPurpose, "unsupported_certificate"),
        (CertificateError::ApplicationVerificationFailure, "access_denied"),
    ];
    for (reason, alert) in cases {
        for version in VERSIONS {
            for http2 in [false, true] {
                let opinion = Some(Opinion::Refuse(reason.clone()));
                let bank = Bank { opinion, http2, versions: vec![version], ..Bank::new(&authority) };
                let server = bank.start(fine()).await;
                let transport = transport(&authority, Some(client("us")));
                let expected = format!(
                    "the server refused our client certificate `CN=us` (certificates/client.cer): {alert}"
                );
                for attempt in 0..20 {
                    let exchange = transport.send(message("POST", https(server.port)), LONG).await;
                    let what = format!("{:?}, HTTP/2 {http2}, attempt {attempt}", version.version);
                    expect(&what, &exchange, Code::ClientCertificateRefused, &expected, Fate::NotSent);
                }
                assert!(server.requests().is_empty());
            }
        }
    }
}

#[tokio::test]
async fn a_server_that_refuses_without_a_word_is_still_seen_to_refuse_the_certificate() {
    let authority = Authority::new("root");
    for version in VERSIONS {
        for (own, code, fragment) in [
            (
                Some(client("us")),
                Code::ClientCertificateRefused,
                "`CN=us` (certificates/client.cer): it gives no reason",
            ),
            (None, Code::ClientCertificateMissing, "wants a client certificate, and none is configured"),
        ] {
            let opinion = Some(Opinion::Refuse(CertificateError::Expired));
            let bank =
                Bank { opinion, manner: Manner::Mute, versions: vec![version], ..Bank::new(&authority) };
            let server = bank.start(fine()).await;
            let transport = transport(&authority, own);
            for _ in 0..20 {
                let exchange = transport.send(message("POST", https(server.port)), LONG).await;
                expect("mute", &exchange, code, fragment, Fate::NotSent);
            }
        }
    }
}

#[tokio::test]
async fn a_missing_client_certificate_is_said_the_same_under_both_versions_every_time() {
    let authority = Authority::new("root");
    for version in VERSIONS {
        let bank = Bank { opinion: Some(Opinion::Accept), versions: vec![version], ..Bank::new(&authority) };
        let server = bank.start(fine()).await;
        let transport = transport(&authority, None);
        for _ in 0..20 {
            let exchange = transport.send(message("POST", https(server.port)), LONG).await;
            let expected =
                format!("`127.0.0.1:{}` wants a client certificate, and none is configured", server.port);
            expect("missing", &exchange, Code::ClientCertificateMissing, &expected, Fate::NotSent);
        }
    }
}

#[tokio::test]
async fn a_session_is_resumed_by_the_one_who_opened_it_and_by_nobody_else() {
    let authority = Authority::new("root");
    for version in VERSIONS {
        let bank = Bank { opinion: Some(Opinion::Accept), versions: vec![version], ..Bank::new(&authority) };
        let shown = Arc::clone(&bank.shown);
        let closing = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok";
        let server = bank.start(vec![Act::Read, say(closing)]).await;
        for name in ["us", "them"] {
            let transport = transport(&authority, Some(client(name)));
            for _ in 0..3 {
                let exchange = transport.send(message("GET", https(server.port)), LONG).await;
                assert!(exchange.answer.is_ok() && exchange.phases.tls.is_some());
            }
        }
        assert_eq!(*shown.lock().unwrap(), ["CN=us", "CN=them"]);
    }
}

#[tokio::test]
async fn a_server_certificate_that_can_not_be_trusted_is_explained_and_nothing_is_sent() {
    let (authority, stranger) = (Authority::new("root"), Authority::new("stranger"));
    let year = |year| rcgen::date_time_ymd(year, 2, 3);
    let issue = |bend: fn(&mut rcgen::CertificateParams)| authority.issue(bend);
    let cases: Vec<(&str, Leaf, &str)> = vec![
        (
            "expired",
            authority.issue(|leaf| leaf.not_after = year(2001)),
            "it expired on 2001-02-03 00:00:00 UTC, and it is now 20",
        ),
        (
            "not yet",
            authority.issue(|leaf| leaf.not_before = year(2090)),
            "it is valid from 2090-02-03 00:00:00 UTC on",
        ),
        (
            "other host",
            issue(|leaf| leaf.subject_alt_names = vec![SanType::DnsName("bank.example".try_into().unwrap())]),
            "it is for `bank.example`, not for `127.0.0.1`",
        ),
        ("no host", issue(|leaf| leaf.subject_alt_names.clear()), "it is for no host at all"),
        (
            "stranger",
            stranger.issue(|_| {}),
            "no trusted authority stands behind its issuer `CN=stranger` (the server sent 1 certificate)",
        ),
        (
            "client's",
            issue(|leaf| leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]),
            "it is not meant for a server",
        ),
        (
            "an authority's",
            issue(|leaf| leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained)),
            "it is an authority's certificate, not a server's",
        ),
    ];
    for (what, leaf, fragment) in cases {
        for version in VERSIONS {
            let bank = Bank { leaf: leaf.clone(), versions: vec![version], ..Bank::new(&authority) };
            let server = bank.start(fine()).await;
            let exchange = transport(&authority, None).send(message("POST", https(server.port)), LONG).await;
            expect(what, &exchange, Code::ServerCertificate, fragment, Fate::NotSent);
            assert!(server.requests().is_empty(), "{what}");
        }
    }
}

#[tokio::test]
async fn the_system_is_asked_only_about_what_the_suite_does_not_know() {
    let (authority, stranger) = (Authority::new("root"), Authority::new("stranger"));
    for (trusted, answered) in [(&authority, true), (&stranger, false)] {
        let server = Bank::new(&authority).start(fine()).await;
        let authorities = vec![trusted.certificate.clone()];
        let settings = TransportSettings { authorities, system_roots: true, ..TransportSettings::default() };
        let exchange = Transport::new(settings).unwrap().send(message("GET", https(server.port)), LONG).await;
        assert_eq!(exchange.answer.is_ok(), answered);
    }
    let server = Bank::new(&authority).start(fine()).await;
    let nobody = Transport::new(TransportSettings::default()).unwrap();
    let exchange = nobody.send(message("GET", https(server.port)), LONG).await;
    expect("nobody is trusted", &exchange, Code::ServerCertificate, "`CN=root`", Fate::NotSent);
}

#[tokio::test]
async fn what_is_not_tls_is_called_so() {
    let cases = [
        ("HTTP", vec![say("HTTP/1.1 400 Bad Request\r\n\r\n")], "does not speak TLS on this port"),
        ("SSH", vec![say("SSH-2.0-OpenSSH_9.2p1\r\n")], "does not speak TLS on this port"),
        ("closed", vec![], "ended the connection during the TLS handshake"),
        ("reset", vec![Act::Reset], "ended the connection during the TLS handshake"),
        (
            "alert 40",
            vec![say([21, 3, 3, 0, 2, 2, 40])],
            "refused TLS: handshake_failure (there is no cipher",
        ),
        (
            "alert 70",
            vec![say([21, 3, 1, 0, 2, 2, 70])],
            "refused TLS: protocol_version (it offers no TLS version",
        ),
        ("alert 112", vec![say([21, 3, 3, 0, 2, 2, 112])], "refused TLS: unrecognized_name"),
        ("alert 120", vec![say([21, 3, 3, 0, 2, 2, 120])], "refused TLS: no_application_protocol"),
        ("alert 80", vec![say([21, 3, 3, 0, 2, 2, 80])], "refused TLS: internal_error"),
        ("alert 255", vec![say([21, 3, 3, 0, 2, 2, 255])], "refused TLS: alert 255"),
        ("noise", vec![say([22, 3, 3, 0, 5, 99, 0, 0, 1, 0])], "TLS"),
    ];
    for (what, script, fragment) in cases {
        let server = Server::start(vec![script]).await;
        let patient = Transport::new(TransportSettings::default()).unwrap();
        let exchange = patient.send(message("POST", https(server.port)), LONG).await;
        expect(what, &exchange, Code::Tls, fragment, Fate::NotSent);
    }
    let server = Server::start(vec![vec![Act::Hold]]).await;
    let exchange = plain().send(message("POST", https(server.port)), LONG).await;
    let fragment = "the TLS handshake with `127.0.0.1:";
    expect("silence", &exchange, Code::ConnectTimeout, fragment, Fate::NotSent);
    let hurried = Transport::new(TransportSettings::default()).unwrap();
    let exchange = hurried.send(message("POST", https(server.port)), SHORT).await;
    expect("silence", &exchange, Code::ConnectTimeout, fragment, Fate::NotSent);
}

#[tokio::test]
async fn an_answer_that_ends_without_a_word_of_tls_may_be_cut() {
    let authority = Authority::new("root");
    let until_close = || vec![Act::Read, say("HTTP/1.1 200 OK\r\n\r\n{\"amount\": 100")];
    let framed = || vec![Act::Read, say(OK)];
    for version in VERSIONS {
        let bank = |manner| Bank { manner, versions: vec![version], ..Bank::new(&authority) };
        let send = async |server: &Server| {
            transport(&authority, None).send(message("GET", https(server.port)), LONG).await
        };
        let server = bank(Manner::Abrupt).start(until_close()).await;
        let fragment = "14 bytes of the body had come, and nothing says that this is all";
        expect("no close_notify", &send(&server).await, Code::Protocol, fragment, Fate::MaybeExecuted);
        let server = bank(Manner::Proper).start(until_close()).await;
        assert!(send(&server).await.answer.is_ok(), "close_notify says that it is all");
        let server = bank(Manner::Abrupt).start(framed()).await;
        assert!(send(&server).await.answer.is_ok(), "the length says that it is all");
    }
}

#[tokio::test]
async fn a_key_that_is_not_the_certificates_is_refused_before_anything_is_opened() {
    let mut own = client("us");
    own.key = client("them").key;
    let error = Transport::new(TransportSettings { client: Some(own), ..TransportSettings::default() })
        .err()
        .unwrap();
    assert_eq!(error.code, Code::Pair);
    assert!(error.message.contains("`certificates/client.cer`"), "{error}");
}

#[tokio::test]
async fn a_request_that_went_out_on_another_connection_than_its_own_may_have_been_executed() {
    let authority = Authority::new("root");
    let slow = vec![Act::Read, Act::Drip(OK[..5].into()), say(&OK[5..]), Act::Read, Act::Hold];
    let server = Bank { manner: Manner::Sole, ..Bank::new(&authority) }.start(slow).await;
    let transport = transport(&authority, None);
    let first = transport.send(message("GET", https(server.port)), LONG);
    let second = async {
        // The first has its connection by now, and is waiting on it.
        while server.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        transport.send(message("GET", https(server.port)), 2 * SHORT).await
    };
    let (first, second) = tokio::join!(first, second);
    assert!(first.answer.is_ok());
    assert_eq!(server.requests().len(), 2);
    expect("the second", &second, Code::AnswerTimeout, "no answer from", Fate::MaybeExecuted);
    assert_eq!((second.phases.connect, second.phases.tls), (None, None));
}
