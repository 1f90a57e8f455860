//! The other ways to a token and past it: PSD2's certificate that names itself, and mutual TLS alone.

use serde_json::json;

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
