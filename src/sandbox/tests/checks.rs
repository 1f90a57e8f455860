//! One test for each check of the published table: an honest request, one thing changed, and the
//! bank's exact answer to it.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::clock::http_date;

use super::call::{Call, FOUR, THREE, signed};
use super::wire::Reply;
use super::{OTHER, SHOP, Town, at, fixed, wire};
use crate::sandbox::{Check, Envelope};

const UNVERIFIED: &str = "Signature could not be successfully verified";

/// The whole answer, and that the log names the same check; returns the log's reason.
fn refused(town: &Town, reply: &Reply, status: u16, check: Check, published: &Value) -> String {
    let entry = town.last();
    assert_eq!((reply.status, entry.status, entry.check), (status, Some(status), Some(check)), "{reply:?}");
    let mut body = reply.body.clone();
    let detail = body.as_object_mut().unwrap().remove("detail").unwrap();
    assert_eq!(&body, published);
    assert_eq!(detail["check"], check.as_str());
    assert_eq!(detail["reason"], entry.reason.clone().unwrap());
    assert_eq!(detail.get("signing_string").cloned(), entry.signing_string.map(Value::from));
    assert!(reply.header("x-ing-response-id").is_some_and(|id| id.len() == 36));
    assert_eq!(reply.header("x-ing-response-id"), entry.response_id.as_deref());
    entry.reason.unwrap()
}

fn nested(code: &str, message: &str) -> Value {
    json!({ "error": { "code": code, "message": message, "severity": "CRITICAL" } })
}

/// The answer of checks 3, 4, 5, 7, 8 and 11.
fn unverified(town: &Town, reply: &Reply, check: Check) -> String {
    refused(town, reply, 401, check, &nested("Unauthorized", UNVERIFIED))
}

#[tokio::test]
async fn an_honest_client_gets_a_token_and_with_it_the_greeting() {
    let town = Town::new().await;
    let call = Call::token(&SHOP);
    let reply = town.send(&call).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("x-ing-reqid"), call.value("x-ing-reqid"));
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    let mut body = reply.body;
    let token = body.as_object_mut().unwrap().remove("access_token").unwrap();
    let keys = body.as_object_mut().unwrap().remove("keys").unwrap();
    assert_eq!(keys[0]["kty"], "EC");
    assert_eq!(
        body,
        json!({
            "expires_in": 905,
            "scope": "greetings:view payment-requests:view",
            "token_type": "Bearer",
            "client_id": SHOP.client_id,
        })
    );
    let reply = town.send(&Call::greeting(&SHOP, token.as_str().unwrap())).await;
    assert_eq!((reply.status, &reply.body["message"]), (200, &json!("Welcome to ING!")));
    let entry = town.last();
    assert_eq!((entry.check, entry.client.as_deref()), (None, Some(SHOP.client_id)));
    assert!(entry.signing_string.unwrap().starts_with("(request-target): get /greetings/single\ndate: "));
}

#[tokio::test]
async fn three_signed_parts_are_as_good_as_four_and_sha512_as_good_as_sha256() {
    let town = Town::new().await;
    let body = "grant_type=client_credentials";
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA512, body.as_bytes());
    let call = Call::bare("POST", "/oauth2/token", body)
        .with("Digest", &format!("SHA-512={}", STANDARD.encode(digest)))
        .without("X-ING-ReqID");
    let value = call.signature(SHOP.client_id, &SHOP.signing_key, THREE);
    let reply = town.send(&call.carrying(&value)).await;
    assert_eq!((reply.status, reply.header("x-ing-reqid")), (200, None));
}

#[tokio::test]
async fn check_1_an_unknown_path_or_method_is_found_before_anything_else() {
    let town = Town::new().await;
    let reply = town.send(&Call::bare("GET", "/accounts", "")).await;
    refused(&town, &reply, 404, Check::Route, &nested("NotFoundError", "Resource not found"));
    let reply = town.send(&Call::bare("DELETE", "/oauth2/token", "")).await;
    refused(&town, &reply, 405, Check::Route, &nested("MethodNotAllowed", "Method not allowed"));
    assert_eq!(reply.header("allow"), Some("post"));
    for target in ["https://localhost/oauth2/token", "/../../etc/passwd", "/%2e%2e%2fetc%2fpasswd"] {
        let reply = town.send(&Call::bare("POST", target, "")).await;
        refused(&town, &reply, 404, Check::Route, &nested("NotFoundError", "Resource not found"));
    }
}

#[tokio::test]
async fn check_2_the_token_call_carries_its_signature_in_authorization() {
    let town = Town::new().await;
    let published = json!({ "message": "Missing or invalid Authorization header" });
    let bare = Call::bare("POST", "/oauth2/token", "grant_type=client_credentials");
    let value = bare.signature(SHOP.client_id, &SHOP.signing_key, FOUR);
    for (call, reason) in [
        (bare.clone(), "there is no `Authorization"),
        (bare.clone().with("Signature", &value), "not in a `Signature` field"),
        (bare.clone().bearing("x").with("Signature", &value), "the scheme `Bearer`, not `Signature`"),
        (bare.clone().carrying(&value).and("Authorization", "Bearer x"), "several `Authorization` fields"),
    ] {
        let reply = town.send(&call).await;
        let said = refused(&town, &reply, 400, Check::Carrier, &published);
        assert!(said.contains(reason), "{said}");
    }
}

#[tokio::test]
async fn check_2_every_other_call_carries_its_signature_in_signature() {
    let town = Town::new().await;
    let token = town.token().await;
    let bare = Call::bare("GET", "/greetings/single", "");
    let value = bare.signature(SHOP.client_id, &SHOP.signing_key, FOUR);
    let honest = Call::greeting(&SHOP, &token);
    for (call, reason) in [
        (bare.clone().bearing(&token), "there is no `Signature` field"),
        (bare.clone().carrying(&value), "only the token call has `Authorization: Signature"),
        (
            bare.bearing(&token).with("Signature", &format!("Signature {value}")),
            "begins with the word `Signature`",
        ),
        (honest.and("Signature", &value), "several `Signature` fields"),
    ] {
        let said = unverified(&town, &town.send(&call).await, Check::Carrier);
        assert!(said.contains(reason), "{said}");
    }
}

#[tokio::test]
async fn check_3_parameters_are_complete_unambiguous_and_fit_the_key() {
    let town = Town::new().await;
    let bare = Call::bare("POST", "/oauth2/token", "grant_type=client_credentials");
    let value = bare.signature(SHOP.client_id, &SHOP.signing_key, FOUR);
    let (start, signature) = value.split_once(",signature=").unwrap();
    for (value, reason) in [
        (value.replace("keyId=", "key="), "`keyId` is missing"),
        (value.replace(&format!("headers=\"{FOUR}\","), ""), "`headers` is missing"),
        (start.to_owned(), "`signature` is missing"),
        (format!("{value},keyId=\"x\""), "`keyId` is given twice"),
        (
            value.replace("rsa-sha256", "rsa-sha512"),
            "`rsa-sha512`; the registered key is used with `rsa-sha256`",
        ),
        (value.replace("rsa-sha256", "hs2019"), "`hs2019`"),
        (value.replace(signature, "\"?\""), "not padded base64"),
        ("nonsense".into(), "is not"),
    ] {
        let said = unverified(&town, &town.send(&bare.clone().carrying(&value)).await, Check::Parameters);
        assert!(said.contains(reason), "{said}");
    }
    let silent = value.replace("algorithm=\"rsa-sha256\",", "");
    assert_eq!(town.send(&bare.carrying(&silent)).await.status, 200);
}

#[tokio::test]
async fn check_4_target_date_and_digest_are_signed_and_every_named_header_is_there() {
    let town = Town::new().await;
    let bare = Call::bare("POST", "/oauth2/token", "grant_type=client_credentials");
    for (names, reason) in [
        ("date digest x-ing-reqid", "`(request-target)` must be signed too"),
        ("(request-target)", "`date` and `digest` must be signed too"),
        ("(request-target) date digest x-absent", "`x-absent`"),
        ("(request-target) date digest (created)", "`(created)`"),
    ] {
        let value = bare.signature(SHOP.client_id, &SHOP.signing_key, names);
        let said = unverified(&town, &town.send(&bare.clone().carrying(&value)).await, Check::Components);
        assert!(said.contains(reason), "{said}");
    }
    let said = unverified(&town, &town.send(&Call::token(&SHOP).without("Date")).await, Check::Components);
    assert!(said.contains("`date`"), "{said}");
}

#[tokio::test]
async fn check_5_the_date_is_well_formed_and_within_the_skew() {
    let town = Town::with(|settings, _| settings.clock = fixed(0)).await;
    let dated = |date: &str| {
        Call::bare("POST", "/oauth2/token", "grant_type=client_credentials").with("Date", date).signed(&SHOP)
    };
    for (date, reason) in [
        (http_date(at(-301)), "301 seconds behind the sandbox's clock; 300 are allowed"),
        (http_date(at(301)), "301 seconds ahead of the sandbox's clock"),
        ("2023-11-14T22:13:20Z".into(), "not like `Sun, 06 Nov 1994 08:49:37 GMT`"),
        ("Tue, 14 Nov 2023 22:13:20 +0000".into(), "not like"),
    ] {
        let said = unverified(&town, &town.send(&dated(&date)).await, Check::Date);
        assert!(said.contains(reason), "{said}");
    }
    for seconds in [-300, 300] {
        assert_eq!(town.send(&dated(&http_date(at(seconds)))).await.status, 200);
    }
}

#[tokio::test]
async fn check_5_the_skew_is_a_setting() {
    let town = Town::with(|settings, _| {
        settings.clock = fixed(0);
        settings.skew = Duration::from_secs(5);
    })
    .await;
    let call = Call::bare("POST", "/oauth2/token", "").with("Date", &http_date(at(-6))).signed(&SHOP);
    assert!(unverified(&town, &town.send(&call).await, Check::Date).contains("5 are allowed"));
}

#[tokio::test]
async fn check_6_the_digest_is_that_of_the_body_even_of_an_empty_one() {
    let town = Town::new().await;
    let published = nested("DigestError", "Missing or invalid Digest header");
    let mut call = Call::token(&SHOP);
    call.body[0] = b'G';
    refused(&town, &town.send(&call).await, 400, Check::Digest, &published);
    let token = town.token().await;
    for digest in ["SHA-256=", "md5=1B2M2Y8AsgTpgAmY7PhCfg==", ""] {
        let call = Call::bare("GET", "/greetings/single", "").with("Digest", digest);
        let reply = town.send(&call.bearing(&token).signed(&SHOP)).await;
        refused(&town, &reply, 400, Check::Digest, &published);
    }
    let body = Call { body: b"x".to_vec(), ..Call::greeting(&SHOP, &token) };
    refused(&town, &town.send(&body).await, 400, Check::Digest, &published);
}

#[tokio::test]
async fn check_7_the_key_belongs_to_the_client_of_the_tls_certificate() {
    let town = Town::new().await;
    let bare = Call::bare("POST", "/oauth2/token", "grant_type=client_credentials");
    for (key_id, reason) in [(OTHER.client_id, "another client"), ("nobody", "there is no client `nobody`")] {
        let value = bare.signature(key_id, &OTHER.signing_key, FOUR);
        let said = unverified(&town, &town.send(&bare.clone().carrying(&value)).await, Check::KeyId);
        assert!(said.contains(reason) && said.contains(SHOP.client_id), "{said}");
    }
    let reply = wire::send(&town.handle, &OTHER, &Call::token(&SHOP)).await;
    unverified(&town, &reply, Check::KeyId);
}

#[tokio::test]
async fn check_8_a_signature_over_anything_else_does_not_verify() {
    let town = Town::new().await;
    let token = town.token().await;
    let moved = Call { target: "/greetings/single?a=1".into(), ..Call::greeting(&SHOP, &token) };
    let bare = Call::bare("GET", "/greetings/single", "").bearing(&token);
    let other_key = bare.signature(SHOP.client_id, &OTHER.signing_key, FOUR);
    let other_names = bare.signature(SHOP.client_id, &SHOP.signing_key, FOUR).replace(FOUR, THREE);
    for call in [
        moved,
        Call::greeting(&SHOP, &token).with("X-ING-ReqID", "another"),
        bare.clone().carrying(&other_key),
        bare.carrying(&other_names),
    ] {
        let reply = town.send(&call).await;
        unverified(&town, &reply, Check::Signature);
        let built = reply.body["detail"]["signing_string"].as_str().unwrap();
        assert!(built.starts_with("(request-target): get /greetings/single"), "{built}");
    }
}

#[tokio::test]
async fn check_8_a_usual_mistake_is_named_with_the_string_that_would_have_verified() {
    let town = Town::new().await;
    let bare = Call::bare("POST", "/oauth2/token?x=1", "grant_type=client_credentials");
    let value = |text: &str, key| {
        let signature = signed(key, text);
        format!(
            r#"keyId="{}",algorithm="rsa-sha256",headers="{THREE}",signature="{signature}""#,
            SHOP.client_id
        )
    };
    let (date, digest) = (bare.value("date").unwrap(), bare.value("digest").unwrap());
    let right = format!("(request-target): post /oauth2/token?x=1\ndate: {date}\ndigest: {digest}");
    for mistaken in [
        right.replace("?x=1", ""),
        right.replace("post", "POST"),
        format!("{right}\n"),
        format!("date: {date}\n(request-target): post /oauth2/token?x=1\ndigest: {digest}"),
    ] {
        let reply = town.send(&bare.clone().carrying(&value(&mistaken, &SHOP.signing_key))).await;
        unverified(&town, &reply, Check::Signature);
        assert_eq!(reply.body["detail"]["signing_string"], right);
        assert_eq!(reply.body["detail"]["verifies"], mistaken);
        assert_eq!(town.last().verifies.as_deref(), Some(&*mistaken));
    }
    let reply = town.send(&bare.clone().carrying(&value(&right, &SHOP.tls_key))).await;
    let said = unverified(&town, &reply, Check::Signature);
    assert!(said.contains("TLS"), "{said}");
}

#[tokio::test]
async fn check_9_a_token_is_known_fresh_the_clients_and_wide_enough() {
    let town = Town::new().await;
    let published = nested("Unauthorized", "Missing or invalid Access Token");
    let theirs = wire::send(&town.handle, &OTHER, &Call::token(&OTHER)).await.body;
    let theirs = theirs["access_token"].as_str().unwrap().to_owned();
    let narrow = "grant_type=client_credentials&scope=payment-requests:view";
    let narrow = town.send(&Call::bare("POST", "/oauth2/token", narrow).signed(&SHOP)).await.body;
    let narrow = narrow["access_token"].as_str().unwrap().to_owned();
    let bare = Call::bare("GET", "/greetings/single", "");
    let value = bare.signature(SHOP.client_id, &SHOP.signing_key, FOUR);
    for (call, reason) in [
        (Call::greeting(&SHOP, "made-up"), "was not given out"),
        (Call::greeting(&SHOP, &theirs), "given to another client"),
        (Call::greeting(&SHOP, &narrow), "needs `greetings:view`"),
        (bare.clone().with("Signature", &value), "no `Authorization: Bearer"),
        (bare.clone().with("Authorization", "Basic eDp5").signed(&SHOP), "the scheme `Basic`, not `Bearer`"),
    ] {
        let reply = town.send(&call).await;
        let said = refused(&town, &reply, 401, Check::Token, &published);
        assert!(said.contains(reason), "{said}");
        for secret in ["made-up", &theirs, &narrow, "eDp5"] {
            assert!(!format!("{:?}{:?}", town.last(), reply.body).contains(secret));
        }
    }
}

#[tokio::test]
async fn check_10_the_form_asks_for_client_credentials_once() {
    let town = Town::new().await;
    let form = "grant_type=client_credentials";
    let with_body = |body: &str| Call::bare("POST", "/oauth2/token", body);
    for (call, message) in [
        (with_body("grant_type=password"), "Missing or invalid grant_type"),
        (with_body(""), "Missing or invalid grant_type"),
        (
            with_body("grant_type=client_credentials&grant_type=client_credentials"),
            "Missing or invalid request body",
        ),
        (with_body("grant_type=client_credentials&scope=everything"), "Missing or invalid scope"),
        (with_body("grant_type=client_credentials&client_id=x"), "Missing or invalid client_id"),
        (with_body(form).with("Content-Type", "application/json"), "Missing or invalid Content-Type"),
        (with_body(form).and("Content-Encoding", "gzip"), "Missing or invalid Content-Type"),
    ] {
        let reply = town.send(&call.signed(&SHOP)).await;
        refused(&town, &reply, 400, Check::Form, &json!({ "message": message }));
    }
}

#[tokio::test]
async fn check_11_a_request_id_is_used_once_and_not_at_all_by_a_refused_request() {
    let town = Town::new().await;
    let call = Call::token(&SHOP);
    let mut spoilt = call.clone();
    spoilt.body.push(b'&');
    assert_eq!(town.send(&spoilt).await.status, 400);
    assert_eq!(town.send(&call).await.status, 200);
    let said = unverified(&town, &town.send(&call).await, Check::Replay);
    assert!(said.contains(call.value("x-ing-reqid").unwrap()), "{said}");
}

#[tokio::test]
async fn of_two_mistakes_the_earlier_check_answers() {
    let town = Town::with(|settings, _| settings.clock = fixed(0)).await;
    let mut call = Call::bare("POST", "/oauth2/token", "grant_type=x").with("Date", &http_date(at(900)));
    call = call.signed(&OTHER);
    call.body.push(b'!');
    unverified(&town, &town.send(&call).await, Check::Date);
    let call = call.with("Date", &http_date(at(0)));
    let published = nested("DigestError", "Missing or invalid Digest header");
    refused(&town, &town.send(&call).await, 400, Check::Digest, &published);
}

#[tokio::test]
async fn the_flat_envelope_is_a_setting() {
    let town = Town::with(|settings, _| settings.envelope = Envelope::Flat).await;
    let reply = town.send(&Call::bare("GET", "/", "")).await;
    let published = json!({
        "code": "NotFoundError", "message": "Resource not found", "severity": "CRITICAL", "innerErrors": []
    });
    refused(&town, &reply, 404, Check::Route, &published);
}
