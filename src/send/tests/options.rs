//! What an environment asks of connections: pins, versions, names, addresses, and nothing at all.

use rcgen::{ExtendedKeyUsagePurpose, SanType};

use super::tls_server::{Authority, Bank, Leaf, VERSIONS};
use super::*;
use crate::keys::Pin;
use crate::spec::{Resolve, TlsOptions, TlsVersion};

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

fn fine() -> Vec<Act> {
    vec![Act::Read, say(OK), Act::Hold]
}

fn transport(authority: &Authority, options: TlsOptions) -> Transport {
    let authorities = vec![authority.certificate.clone()];
    Transport::new(TransportSettings { authorities, options, ..TransportSettings::default() }).unwrap()
}

fn https(host: &str, port: u16) -> Url {
    Url::parse(&format!("https://{host}:{port}/")).unwrap()
}

/// A certificate for one name only.
fn named(authority: &Authority, name: &str) -> Leaf {
    authority.issue(|params| params.subject_alt_names = vec![SanType::DnsName(name.try_into().unwrap())])
}

#[tokio::test]
async fn a_server_with_another_key_than_the_pinned_one_gets_no_request() {
    let authority = Authority::new("root");
    for version in VERSIONS {
        let bank = Bank { versions: vec![version], ..Bank::new(&authority) };
        let own = Pin::of(&bank.leaf.chain[0]).unwrap();
        let other = Pin::of(&authority.issue(|_| {}).chain[0]).unwrap();
        let server = bank.start(fine()).await;
        let pinned = |pins: Vec<Pin>| transport(&authority, TlsOptions { pins, ..TlsOptions::default() });
        let url = https("127.0.0.1", server.port);
        let exchange = pinned(vec![other]).send(message("GET", url.clone()), LONG).await;
        let sentence =
            format!("the key of `127.0.0.1:{}` is `{own}`, and `tls.pin` asks for `{other}`", server.port);
        expect("pin", &exchange, Code::Pin, &sentence, Fate::NotSent);
        assert!(server.requests().is_empty());
        let exchange = pinned(vec![other, own]).send(message("GET", url), LONG).await;
        assert_eq!(exchange.answer.unwrap().status, 200);
    }
}

#[tokio::test]
async fn a_pin_does_not_stand_in_for_a_certificate_that_can_not_be_trusted() {
    let (authority, stranger) = (Authority::new("root"), Authority::new("stranger"));
    let bank = Bank::new(&stranger);
    let pins = vec![Pin::of(&bank.leaf.chain[0]).unwrap()];
    let server = bank.start(fine()).await;
    let transport = transport(&authority, TlsOptions { pins, ..TlsOptions::default() });
    let exchange = transport.send(message("GET", https("127.0.0.1", server.port)), LONG).await;
    expect("stranger", &exchange, Code::ServerCertificate, "can't be trusted", Fate::NotSent);
}

#[tokio::test]
async fn a_server_of_an_older_version_is_refused_where_the_newer_is_asked_for() {
    let authority = Authority::new("root");
    let options = || TlsOptions { min_version: TlsVersion::Tls13, ..TlsOptions::default() };
    for (version, answers) in VERSIONS.into_iter().zip([false, true]) {
        let server = Bank { versions: vec![version], ..Bank::new(&authority) }.start(fine()).await;
        let transport = transport(&authority, options());
        let exchange = transport.send(message("GET", https("127.0.0.1", server.port)), LONG).await;
        assert_eq!(exchange.answer.is_ok(), answers);
        if !answers {
            expect("1.2", &exchange, Code::Tls, "TLS", Fate::NotSent);
        }
    }
}

#[tokio::test]
async fn a_server_is_asked_for_another_name_and_the_host_field_keeps_the_true_one() {
    let authority = Authority::new("root");
    let bank = Bank { leaf: named(&authority, "api.bank.example"), ..Bank::new(&authority) };
    let server = bank.start(fine()).await;
    let url = https("127.0.0.1", server.port);
    let plain = transport(&authority, TlsOptions::default());
    let exchange = plain.send(message("GET", url.clone()), LONG).await;
    expect("by address", &exchange, Code::ServerCertificate, "can't be trusted", Fate::NotSent);
    let server_name = Some("api.bank.example".to_owned());
    let renamed = transport(&authority, TlsOptions { server_name, ..TlsOptions::default() });
    let exchange = renamed.send(message("GET", url), LONG).await;
    assert_eq!(exchange.answer.unwrap().version, "HTTP/1.1");
    let host = format!("host: 127.0.0.1:{}", server.port);
    assert!(server.requests()[0].to_lowercase().contains(&host), "{:?}", server.requests());
}

#[tokio::test]
async fn an_address_of_the_environment_is_used_for_its_host_and_port_alone() {
    let authority = Authority::new("root");
    let bank = Bank { leaf: named(&authority, "bank.invalid"), ..Bank::new(&authority) };
    let server = bank.start(fine()).await;
    let entry = |port| Resolve { host: "bank.invalid".into(), port, address: [127, 0, 0, 1].into() };
    let transport = |port| {
        let authorities = vec![authority.certificate.clone()];
        let settings =
            TransportSettings { authorities, resolve: vec![entry(port)], ..TransportSettings::default() };
        Transport::new(settings).unwrap()
    };
    let url = https("bank.invalid", server.port);
    let exchange = transport(server.port).send(message("GET", url.clone()), LONG).await;
    assert_eq!(exchange.answer.unwrap().status, 200);
    let exchange = transport(1).send(message("GET", url), LONG).await;
    expect("other port", &exchange, Code::Resolve, "`bank.invalid` has no address", Fate::NotSent);
}

#[tokio::test]
async fn whoever_verifies_nothing_reaches_any_server() {
    let (authority, stranger) = (Authority::new("root"), Authority::new("stranger"));
    for version in VERSIONS {
        let leaf = stranger.issue(|params| {
            params.subject_alt_names.clear();
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
        });
        let server = Bank { leaf, versions: vec![version], ..Bank::new(&authority) }.start(fine()).await;
        let transport = transport(&authority, TlsOptions { verify: false, ..TlsOptions::default() });
        let exchange = transport.send(message("GET", https("127.0.0.1", server.port)), LONG).await;
        assert_eq!(exchange.answer.unwrap().status, 200);
    }
}
