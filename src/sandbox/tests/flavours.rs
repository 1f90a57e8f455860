//! The other ways to a token and past it: PSD2's certificate that names itself, and mutual TLS alone.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PSS_2048_8192_SHA256, RSA_PSS_SHA256, RsaKeyPair, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::keys::Certificate;

use super::call::{Call, FOUR};
use super::{OTHER, Party, SHOP, Town, at, certificate, fixed};
use crate::sandbox::Check;

/// The names that PSD2 signs.
const PSD2: &str = "(request-target) date digest x-request-id";

fn signing_certificate(party: &Party) -> Certificate {
    certificate(&party.signing_key, |params| params.serial_number = Some(0x00ab_cdef_u64.into()))
}

/// The certificate as a header holds it.
fn line(certificate: &Certificate) -> String {
    certificate.to_pem().replace('\n', "")
}

/// The token call as PSD2 makes it.
fn psd2(key_id: &str, certificate: &str) -> Call {
    let id = "0f0e0d0c-0000-4000-8000-000000000001";
    let call = Call::bare("POST", "/oauth2/token", "grant_type=client_credentials")
        .without("X-ING-ReqID")
        .with("X-Request-ID", id)
        .with("TPP-Signature-Certificate", certificate);
    let value = call.signature(key_id, &SHOP.signing_key, PSD2);
    call.carrying(&value)
}

#[tokio::test]
async fn psd2_names_its_certificate_for_the_token_and_the_returned_client_id_from_then_on() {
    let town = Town::new().await;
    let own = signing_certificate(&SHOP);
    assert_eq!(own.serial_hex().to_ascii_lowercase(), "abcdef");
    let call = psd2("SN=ABCDEF", &line(&own));
    let reply = town.send(&call).await;
    assert_eq!((reply.status, reply.header("x-request-id")), (200, call.value("x-request-id")), "{reply:?}");
    let client_id = reply.body["client_id"].as_str().unwrap();
    let bare =
        Call::bare("GET", "/greetings/single", "").bearing(reply.body["access_token"].as_str().unwrap());
    let value = bare.signature(client_id, &SHOP.signing_key, FOUR);
    assert_eq!(town.send(&bare.clone().carrying(&value)).await.status, 200);
    let again = bare.signature("SN=abcdef", &SHOP.signing_key, FOUR);
    let reply = town.send(&bare.with("TPP-Signature-Certificate", &line(&own)).carrying(&again)).await;
    assert_eq!((reply.status, &reply.body["detail"]["check"]), (401, &json!("key_id")));
    assert!(town.last().reason.unwrap().contains("later calls name the `client_id`"));
}

#[tokio::test]
async fn a_certificate_that_is_not_the_one_named_is_refused_with_what_is_wrong_with_it() {
    let town = Town::new().await;
    let own = line(&signing_certificate(&SHOP));
    for (key_id, certificate, reason) in [
        ("SN=abcdee", own.as_str(), "`SN=abcdee`, and the serial number of the certificate"),
        ("SN=abcdef", &line(&signing_certificate(&OTHER)), "is not over the registered signing key"),
        ("SN=abcdef", "-----BEGIN CERTIFICATE-----", "is not a certificate in PEM, on one line"),
        (
            "SN=abcdef",
            "-----BEGIN CERTIFICATE-----AA==-----END CERTIFICATE-----",
            "is not a certificate in PEM",
        ),
    ] {
        let reply = town.send(&psd2(key_id, certificate)).await;
        let entry = town.last();
        assert_eq!((reply.status, entry.check), (401, Some(Check::KeyId)), "{reply:?}");
        assert!(entry.reason.as_ref().unwrap().contains(reason), "{entry:?}");
    }
    let without = psd2("SN=abcdef", &own).without("TPP-Signature-Certificate");
    assert_eq!(town.send(&without).await.status, 401);
    assert!(town.last().reason.unwrap().contains("there is no `TPP-Signature-Certificate` field"));
    let later = Town::with(|settings, _| settings.clock = fixed(86_400 * 365 * 3000)).await;
    let date = crate::clock::http_date(at(86_400 * 365 * 3000));
    let expired = psd2("SN=abcdef", &own).with("Date", &date).without("Authorization");
    let value = expired.signature("SN=abcdef", &SHOP.signing_key, PSD2);
    assert_eq!(later.send(&expired.carrying(&value)).await.status, 401);
    assert!(later.last().reason.unwrap().contains("is valid from"));
}

#[tokio::test]
async fn mutual_tls_alone_gets_a_token_for_the_client_that_the_form_names_and_the_greeting_with_it() {
    let town = Town::new().await;
    let form = format!("grant_type=client_credentials&client_id={}", SHOP.client_id);
    let reply = town.send(&Call::bare("POST", "/oauth2/token", &form)).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let token = reply.body["access_token"].as_str().unwrap();
    let greeting = Call::bare("GET", "/mtls-only/greetings", "");
    let reply = town.send(&greeting.clone().bearing(token)).await;
    assert_eq!((reply.status, &reply.body["message"]), (200, &json!("Welcome to ING!")));
    let reply = town.send(&greeting.clone()).await;
    assert_eq!((reply.status, town.last().check), (401, Some(Check::Token)));
    let reply = town.send(&greeting.bearing("unknown-token")).await;
    assert_eq!((reply.status, town.last().check), (401, Some(Check::Token)));
    let foreign = form.replace(SHOP.client_id, OTHER.client_id);
    let reply = town.send(&Call::bare("POST", "/oauth2/token", &foreign)).await;
    assert_eq!((reply.status, town.last().check), (400, Some(Check::Form)));
    assert_eq!(reply.body["message"], "Missing or invalid client_id");
}

/// The token of the JWS flavour, and the keys that come with it.
async fn jws_token(town: &Town) -> (String, Value) {
    let form = format!("grant_type=client_credentials&client_id={}", SHOP.client_id);
    let reply = town.send(&Call::bare("POST", "/oauth2/token", &form)).await;
    let token = reply.body["access_token"].as_str().unwrap().to_owned();
    (token, reply.body["keys"].clone())
}

/// The JWS of a request, put together as RFC 7797 and ETSI TS 119 182-1 say.
fn jws(call: &Call, names: &[&str]) -> String {
    let header = json!({
        "alg": "PS256", "b64": false, "x5t#S256": "AAAA", "crit": ["sigT", "sigD", "b64"],
        "sigT": Clock::System.now().format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "sigD": { "pars": names, "mId": "http://uri.etsi.org/19182/HttpHeaders" },
    });
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let lines: Vec<_> = names.iter().map(|name| call.line(name)).collect();
    let text = format!("{header}.{}", lines.join("\n"));
    let pair = RsaKeyPair::from_pkcs8(SHOP.signing_key.pkcs8()).unwrap();
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), text.as_bytes(), &mut signature).unwrap();
    format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature))
}

const SIGNED: [&str; 3] = ["(request-target)", "content-type", "digest"];

#[tokio::test]
async fn the_jws_flavour_takes_a_signature_over_header_fields_and_signs_its_answer() {
    let town = Town::new().await;
    let (token, keys) = jws_token(&town).await;
    let call = Call::bare("GET", "/signed/greetings", "").bearing(&token);
    let reply = town.send(&call.clone().with("X-JWS-Signature", &jws(&call, &SIGNED))).await;
    assert_eq!((reply.status, &reply.body["message"]), (200, &json!("Welcome to ING!")), "{reply:?}");
    assert!(town.last().signing_string.unwrap().contains(".(request-target): get /signed/greetings\n"));
    // The head of a reply is in lower case, so the signature is looked at where case is kept: below.
    assert!(reply.header("digest").is_some_and(|digest| digest.starts_with("sha-256=")), "{}", reply.head);
    assert_eq!(keys[1]["alg"], "PS256");
    let certificate = town.handle.signing_certificate();
    assert_eq!(keys[1]["kid"], URL_SAFE_NO_PAD.encode(certificate.sha256()));
}

#[tokio::test]
async fn an_answer_of_the_jws_flavour_verifies_with_the_published_certificate() {
    let seal = super::super::seal::Seal::default();
    let mut headers = http::HeaderMap::new();
    headers.insert("content-type", http::HeaderValue::from_static("application/json"));
    seal.sign(200, &mut headers, &"{}".into(), at(0));
    let value = headers["x-jws-signature"].to_str().unwrap();
    let (header, signature) = value.split_once("..").unwrap();
    let read: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    assert_eq!(read["sigD"]["pars"], json!(["content-type", "digest"]));
    assert_eq!(read["x5t#S256"], URL_SAFE_NO_PAD.encode(seal.certificate().sha256()));
    let digest = "SHA-256=RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=";
    let text = format!("{header}.content-type: application/json\ndigest: {digest}");
    let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, seal.certificate().public_key().spki());
    key.verify(text.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
}

#[tokio::test]
async fn the_jws_flavour_refuses_what_is_not_signed_right_and_what_has_no_token() {
    let town = Town::new().await;
    let (token, _) = jws_token(&town).await;
    let call = Call::bare("GET", "/signed/greetings", "").bearing(&token);
    let good = jws(&call, &SIGNED);
    let elsewhere = Call { target: "/signed/greetings?x=1".into(), ..call.clone() };
    for (call, reason) in [
        (call.clone(), "there is no `X-JWS-Signature`"),
        (elsewhere.with("X-JWS-Signature", &good), "the query is missing from `(request-target)`"),
        (call.clone().with("X-JWS-Signature", &jws(&call, &SIGNED[..2])), "`digest` must be signed"),
        (call.clone().with("X-JWS-Signature", &good.replace("..", ".")), "one point"),
    ] {
        let reply = town.send(&call).await;
        let entry = town.last();
        assert_eq!((reply.status, entry.check), (401, Some(Check::Signature)), "{reply:?}");
        let said = entry.reason.unwrap();
        assert!(said.contains(reason), "{said}");
        assert_eq!(reply.header("x-jws-signature"), None);
    }
    let without = call.without("Authorization").with("X-JWS-Signature", &good);
    let reply = town.send(&without).await;
    assert_eq!((reply.status, town.last().check), (401, Some(Check::Token)));
}
