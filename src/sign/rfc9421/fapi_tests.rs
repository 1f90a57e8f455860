//! The profile `fapi2`, against a request that somebody else signed.

use serde_json::json;

use super::samples::{at, judge, key, message, profile, signer};
use super::*;
use crate::message::{Message, Start};
use crate::sign::{Filled, Profile, sign as sign_message, sign_answer};

/// Signed by the Python library `http-message-signatures` 3.0.0 with `ed25519.pem` of the fixtures, as
/// `tests/interop/message_signatures.py` does it, without `alg`.
const INPUT: &str = r#"sig1=("@method" "@target-uri" "authorization" "dpop" "content-digest");created=1700554145;keyid="client-1";tag="fapi-2-request""#;
const SIGNATURE: &str =
    "sig1=:dlDA5/UVp7Dij17Q3CZZE6t2VfC0qd4rWeRCe8LNI/rllY7FRvifnmxU65CXsaLvvNNPoQtz/xJyAYdUSICmCw==:";

fn payment() -> Message {
    let headers = [
        ("Authorization", "DPoP Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
        ("DPoP", "eyJ0eXAiOiJkcG9wK2p3dCJ9.e30.c2ln"),
        ("Content-Type", "application/json"),
    ];
    message("POST", "/payments?dry=1", &headers, r#"{"amount":"10.00"}"#)
}

#[test]
fn a_fapi_request_is_the_one_that_somebody_elses_library_makes() {
    let fapi = Profile::shipped("fapi2").unwrap();
    let signer = signer(&fapi, key("ed25519.pem"));
    let signed = sign_message(payment(), &signer, &Filled::key_id("client-1"), at()).unwrap();
    let headers = &signed.message().headers;
    assert_eq!(headers.get("content-digest"), Some("sha-256=:6etJWsy84qDpW74Hm5+eQsyuIDccFRbj7TA20qeHz1M=:"));
    assert_eq!(headers.get("signature-input"), Some(INPUT));
    assert_eq!(headers.get("signature"), Some(SIGNATURE));
    assert_eq!(judge(&Received::from(signed.message()), &fapi, &key("ed25519.pem")).refusal, None);
}

#[test]
fn a_fapi_request_without_body_or_dpop_signs_what_it_has() {
    let fapi = Profile::shipped("fapi2").unwrap();
    let request = message("GET", "/accounts", &[("Authorization", "Bearer abc")], "");
    for (name, algorithm) in [("rsa.pkcs8.pem", "rsa-pss-sha512"), ("p256.pkcs8.pem", "ecdsa-p256-sha256")] {
        let signer = signer(&fapi, key(name));
        let signed = sign_message(request.clone(), &signer, &Filled::key_id("c"), at()).unwrap();
        let signature = signed.signature().unwrap();
        assert_eq!(signature.algorithm, algorithm);
        assert_eq!(signature.carried_in, ["Signature-Input", "Signature"]);
        assert_eq!(
            signature.signing_string,
            "\"@method\": GET\n\"@target-uri\": https://bank.example/accounts\n\"authorization\": Bearer abc\n\
             \"@signature-params\": (\"@method\" \"@target-uri\" \"authorization\");created=1700554145;keyid=\"c\";\
             tag=\"fapi-2-request\""
        );
        assert!(!signed.message().headers.contains("content-digest"));
    }
}

/// The components that FAPI asks of a bank's answer.
#[test]
fn a_fapi_answer_is_bound_to_the_request_and_its_signature() {
    let own = profile(&json!({
        "label": "bank",
        "tag": "fapi-2-response",
        "components": [
            "@status", "@method;req", "@target-uri;req", "content-digest;req if body", "signature;req if sent",
            "signature-input;req if sent", "content-digest if body"
        ],
    }));
    let fapi = Profile::shipped("fapi2").unwrap();
    let client = signer(&fapi, key("ed25519.pem"));
    let signed = sign_message(payment(), &client, &Filled::key_id("client-1"), at()).unwrap();
    let request = Some(Box::new(Received::from(signed.message())));
    let headers = [("Content-Type", "application/json")].into_iter().collect();
    let body = bytes::Bytes::from_static(br#"{"status":"paid"}"#);
    let mut answer = Received { start: Start::Answer { status: 201, request }, headers, body };
    let bank = signer(&own, key("rsa.pkcs8.pem"));
    let made = sign_answer(&mut answer, &bank, &Filled::key_id("bank-1"), at()).unwrap();
    assert!(
        made.signing_string
            .contains(&format!("\"signature\";req: {SIGNATURE}\n\"signature-input\";req: {INPUT}\n"))
    );
    assert_eq!(judge(&answer, &own, &key("rsa.pkcs8.pem")).refusal, None);

    let Start::Answer { request: Some(request), .. } = &mut answer.start else {
        panic!("it has its request")
    };
    request.body = bytes::Bytes::from_static(b"{}");
    request.headers.set("Content-Digest", "sha-256=:AA==:");
    assert!(!judge(&answer, &own, &key("rsa.pkcs8.pem")).verified());
}
