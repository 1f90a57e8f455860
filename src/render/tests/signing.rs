//! The header fields and the key id that a signing profile adds.

use std::sync::Arc;

use serde_json::json;

use super::Desk;
use crate::certs::{Order, Subject, new};
use crate::clock::Clock;
use crate::keys::{Certificate, KeyKind, PrivateKey};
use crate::sign::{Profile, Signer, SigningKey};

const SIGNED: &str =
    "host: https://bank.example\nvariables: {client_id: c1}\nsigning: {profile: ing, key: k}\n";

/// Signs `pay` with a shipped profile and a certificate of its own.
fn signed(request: &str, environment: &str, profile: &str) -> Desk {
    signed_with(request, environment, profile, Some)
}

fn signed_with(
    request: &str,
    environment: &str,
    profile: &str,
    shown: fn(Certificate) -> Option<Certificate>,
) -> Desk {
    let subject = Subject::parse("/CN=pay").unwrap();
    let order = Order::plain(subject, 10, KeyKind::Rsa(2048));
    let made = new(&order, None, Clock::System.now()).unwrap();
    let certificate = Certificate::read_all(made.certificate.as_bytes()).unwrap().remove(0);
    let key = SigningKey::from(PrivateKey::read(made.key.as_bytes()).unwrap());
    let mut desk = Desk::with(request, environment);
    let signer = Signer::new(Profile::shipped(profile).unwrap(), key, shown(certificate)).unwrap();
    desk.signers = vec![Arc::new(signer)];
    desk
}

#[test]
fn a_profile_adds_its_fields_and_key_id_anew_for_each_message() {
    let desk = signed("method: GET\nendpoint: /\n", SIGNED, "ing");
    let rendered = desk.render().unwrap();
    assert_eq!(rendered.signing[0].key_id, "c1");
    let id = rendered.message.headers.get("x-ing-reqid").unwrap().to_owned();
    assert_eq!(id.len(), 36);
    let engine = desk.engine();
    let party = desk.party().unwrap();
    let step = crate::render::Step {
        request: &desk.suite.requests["pay"],
        case: None,
        party: &party,
        signers: &desk.signers,
        onward: crate::render::Onward::default(),
    };
    let again = || crate::render::render(&desk.suite, step, &party.scope, &engine).unwrap();
    let ids =
        [again(), again()].map(|rendered| rendered.message.headers.get("x-ing-reqid").unwrap().to_owned());
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn a_field_that_the_request_sets_is_left_to_it() {
    let rendered =
        signed("method: GET\nendpoint: /\nheaders: {X-ING-ReqID: own}\n", SIGNED, "ing").render().unwrap();
    assert_eq!(rendered.message.headers.all("x-ing-reqid").collect::<Vec<_>>(), ["own"]);
}

#[test]
fn the_key_id_follows_the_token_and_the_environment() {
    let own = "host: https://bank.example\nvariables: {client_id: c1}\n\
               signing: {profile: ing-psd2, key: k, key_id: \"{{ token.client_id }}\"}\n";
    let captured = json!({"access_token": "abc", "client_id": "c2"});
    let before = signed("method: GET\nendpoint: /\n", own, "ing-psd2").render().unwrap();
    let key_id = before.signing[0].key_id.clone();
    assert!(key_id.starts_with("SN="), "{key_id}");
    assert!(
        before
            .message
            .headers
            .get("tpp-signature-certificate")
            .unwrap()
            .starts_with("-----BEGIN CERTIFICATE-----")
    );
    let after =
        signed("token: token\nmethod: GET\nendpoint: /\n", own, "ing-psd2").after_token(&captured, None);
    let after = after.render().unwrap();
    assert_eq!(after.signing[0].key_id, "c2");
    assert!(!after.message.headers.contains("tpp-signature-certificate"));
}

#[test]
fn another_host_gets_no_signature() {
    let rendered = signed("method: GET\nendpoint: https://other.example/\n", SIGNED, "ing").render().unwrap();
    assert_eq!((rendered.signing, rendered.own_origin), (vec![], false));
    assert!(!rendered.message.headers.contains("x-ing-reqid"));
}

#[test]
fn a_name_that_a_profile_needs_is_asked_for_where_the_profile_is_named() {
    let environment = "host: https://bank.example\nsigning: {profile: ing, key: k}\n";
    let said = signed("method: GET\nendpoint: /\n", environment, "ing").problems();
    assert_eq!(said.len(), 1);
    let wanted = "requests/environments/e.yaml:2:20 ‘ing’ render.undefined: the key id of the signing profile: `client_id` is not defined";
    assert!(said[0].starts_with(wanted), "{said:?}");
}

#[test]
fn a_profile_that_needs_a_certificate_says_that_the_environment_names_none() {
    let environment = "host: https://bank.example\nsigning: {profile: ing-psd2, key: k}\n";
    let said = signed_with("method: GET\nendpoint: /\n", environment, "ing-psd2", |_| None).problems();
    assert!(!said.is_empty());
    for problem in &said {
        assert!(problem.contains("`certificate` is not defined"), "{problem}");
        assert!(problem.contains("add `signing.certificate` to the environment `e`"), "{problem}");
    }
}
