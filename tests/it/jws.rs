//! JSON Web Signatures against other people's implementations: `jwcrypto`, and the library that
//! `TrueLayer` publishes for its API. They verify what the binary would send, and we judge what they
//! sign.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta};
use countersign::keys::PrivateKey;
use countersign::message::{Message, Received};
use countersign::sign::{Candidate, Judgement, Moment, Profile, VerifyingKey};
use serde_json::{Value, json};

use crate::support::{Project, key_path, python, repository, scripted};

/// What the Python script makes of it, or why it refuses.
fn theirs(python: &Path, action: &str, given: &Value) -> Result<Value, String> {
    scripted(python, "jws.py", action, given)
}

/// A suite with one payment that is signed as `profile` says.
fn payment(profile: &str, key: &str) -> Project {
    let request = "method: POST\nendpoint: /pay\nquery: {to: \"Jan & Piet\"}\n\
                   headers: {Idempotency-Key: idem-1}\nbody: {json: {amount: 1, to: café}}\n";
    let environment = format!(
        "host: https://bank.example\nvariables: {{issuer: 0015800/abc}}\n\
         signing: {{profile: {profile}, key: keys/signing.pem, certificate: keys/signing.crt, key_id: me}}\n"
    );
    let project = Project::empty()
        .with("requests/pay.yaml", request)
        .with("requests/environments/bank.yaml", &environment)
        .with("keys/signing.pem", &std::fs::read_to_string(key_path(key)).unwrap());
    let certificate = if key.starts_with("rsa") { "rsa.v1.crt.pem" } else { "p256.v3.crt.pem" };
    project.write("keys/signing.crt", &std::fs::read_to_string(key_path(certificate)).unwrap());
    if !key.starts_with("rsa") && !key.starts_with("p256") {
        let without = environment.replace("certificate: keys/signing.crt, ", "");
        project.write("requests/environments/bank.yaml", &without);
    }
    project
}

fn explained(project: &Project) -> Value {
    let said = project.run(&["explain", "pay", "--json"]);
    said.ends_with(0);
    serde_json::from_str(&said.out).unwrap()
}

fn header<'v>(request: &'v Value, name: &str) -> &'v str {
    let headers = request["headers"].as_array().unwrap();
    let found = headers.iter().find(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| panic!("{name} is not in {headers:?}"))[1].as_str().unwrap()
}

#[test]
fn jwcrypto_verifies_the_bodies_that_we_sign_with_every_kind_of_key() {
    let Some(python) = python() else { return };
    for (algorithm, key) in [
        ("PS256", "rsa.pkcs8.pem"),
        ("RS256", "rsa.pkcs8.pem"),
        ("ES256", "p256.pkcs8.pem"),
        ("ES384", "p384.sec1.pem"),
        ("ES512", "p521.pkcs8.pem"),
        ("EdDSA", "ed25519.pem"),
    ] {
        let profile =
            format!("{{jws: {{algorithm: {algorithm}, header: Sig, protected: {{kid: '{{key_id}}'}}}}}}");
        let request = explained(&payment(&profile, key));
        let body = STANDARD.decode(request["body_base64"].as_str().unwrap()).unwrap();
        let mut given = json!({
            "signature": header(&request, "sig"), "key": key_path(key), "payload": STANDARD.encode(&body),
        });
        let verified =
            theirs(&python, "verify", &given).unwrap_or_else(|error| panic!("{algorithm}: {error}"));
        assert_eq!(verified["protected"], json!({"alg": algorithm, "kid": "me"}));
        given["payload"] = STANDARD.encode([&body[..], b"\n"].concat()).into();
        let refused = theirs(&python, "verify", &given).unwrap_err();
        assert!(refused.contains("InvalidJWSSignature"), "{algorithm}: {refused}");
    }
}

#[test]
fn jwcrypto_verifies_the_shipped_profiles_payload_by_payload() {
    let Some(python) = python() else { return };
    let key = "rsa.pkcs8.pem";
    for profile in ["ing-jws", "openbanking-uk"] {
        let request = explained(&payment(profile, key));
        let body = STANDARD.decode(request["body_base64"].as_str().unwrap()).unwrap();
        // Put together here from what is sent, as the bank's documentation says.
        let payload = match profile {
            "ing-jws" => format!(
                "(request-target): post /pay?to=Jan%20%26%20Piet\ncontent-type: application/json\ndigest: {}",
                header(&request, "digest")
            )
            .into_bytes(),
            _ => body,
        };
        let given = json!({
            "signature": header(&request, "x-jws-signature"),
            "key": key_path(key),
            "payload": STANDARD.encode(payload),
        });
        theirs(&python, "verify", &given).unwrap_or_else(|error| panic!("{profile}: {error}"));
    }
}

#[test]
fn the_library_of_truelayer_verifies_what_we_sign_and_refuses_another_path() {
    let Some(python) = python() else { return };
    let request = explained(&payment("truelayer", "p521.pkcs8.pem"));
    let mut given = json!({
        "method": "POST", "path": "/pay?to=Jan%20%26%20Piet",
        "headers": [["Idempotency-Key", "idem-1"], ["X-Other", "1"]],
        "body": request["body_base64"], "key": key_path("p521.pkcs8.pem"),
        "signature": header(&request, "tl-signature"),
    });
    theirs(&python, "truelayer-verify", &given).unwrap();
    given["path"] = "/pay".into();
    theirs(&python, "truelayer-verify", &given).unwrap_err();
}

/// What we say of a request that Python signed.
fn ours(profile: &Profile, message: &Message, key: &str) -> Judgement {
    let private = PrivateKey::read(&std::fs::read(key_path(key)).unwrap()).unwrap();
    let keys = [Candidate::new("their key", VerifyingKey::Public(private.public()))];
    let now = DateTime::from_timestamp(1_700_554_145, 0).unwrap();
    profile.scheme().judge(&Received::from(message), &keys, Moment { now, skew: TimeDelta::seconds(5) })
}

fn message(headers: &[(&str, &str)]) -> Message {
    Message {
        method: "POST".into(),
        url: "https://bank.example/pay?a=b".parse().unwrap(),
        headers: headers.iter().copied().collect(),
        body: "{\"amount\":1}".into(),
    }
}

#[test]
fn we_verify_what_jwcrypto_signs_encoded_or_not() {
    let Some(python) = python() else { return };
    for (algorithm, key) in [
        ("PS256", "rsa.pkcs8.pem"),
        ("ES256", "p256.pkcs8.pem"),
        ("ES512", "p521.pkcs8.pem"),
        ("EdDSA", "ed25519.pem"),
    ] {
        for protected in [json!({"alg": algorithm}), json!({"alg": algorithm, "b64": false, "crit": ["b64"]})]
        {
            let given = json!({
                "key": key_path(key), "payload": STANDARD.encode("{\"amount\":1}"), "protected": protected,
            });
            let signed = theirs(&python, "sign", &given).unwrap();
            let profile = Profile::read(
                "theirs",
                &json!({"jws": {"algorithm": algorithm, "header": "Sig", "protected": protected}}),
            )
            .unwrap();
            let mut sent = message(&[("Sig", signed["signature"].as_str().unwrap())]);
            assert_eq!(ours(&profile, &sent, key).refusal, None, "{protected}");
            sent.body = "{\"amount\":2}".into();
            assert!(!ours(&profile, &sent, key).verified(), "{protected}");
        }
    }
}

#[test]
fn we_verify_what_the_library_of_truelayer_signs() {
    let Some(python) = python() else { return };
    let key = "p521.pkcs8.pem";
    let given = json!({
        "method": "POST", "path": "/pay?a=b", "headers": [["Idempotency-Key", "idem-1"]],
        "body": STANDARD.encode("{\"amount\":1}"), "key": key_path(key), "kid": "them",
    });
    let signed = theirs(&python, "truelayer-sign", &given).unwrap();
    let profile = Profile::shipped("truelayer").unwrap();
    let mut sent =
        message(&[("Idempotency-Key", "idem-1"), ("Tl-Signature", signed["signature"].as_str().unwrap())]);
    let judged = ours(&profile, &sent, key);
    assert_eq!(judged.refusal, None);
    assert_eq!(judged.key_id.as_deref(), Some("them"));
    sent.headers.set("Idempotency-Key", "idem-2");
    assert!(!ours(&profile, &sent, key).verified());
}

#[test]
fn the_page_about_json_web_signatures_shows_what_explain_prints() {
    let page = std::fs::read_to_string(repository().join("docs/signing/jws.md")).unwrap();
    let block = |kind: &str, at: usize| {
        page.split(&format!("```{kind}\n")).nth(at).unwrap().split("```").next().unwrap()
    };
    let project = Project::empty()
        .with("requests/environments/bank.yaml", block("yaml", 1))
        .with("requests/pay.yaml", block("yaml", 2))
        .with("certificates/signing.key", &std::fs::read_to_string(key_path("rsa.pkcs8.pem")).unwrap());
    let said = project.run(&["explain", "pay", "--now", "2026-11-24T10:00:00Z"]);
    said.ends_with(0);
    assert!(said.out.contains(block("text", 1)), "{}", said.out);
    project.write("requests/suite.yaml", block("yaml", 3));
    project.write("requests/pay.yaml", &(block("yaml", 2).to_owned() + "sign: my-bank\n" + block("yaml", 4)));
    let said = project.run(&["check"]);
    said.ends_with(4);
    assert!(
        said.err.contains("certificates/ing_signing.crt"),
        "only the bank's certificate is missing: {}",
        said.err
    );
}
