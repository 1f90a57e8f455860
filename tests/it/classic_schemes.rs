//! AWS Signature Version 4, OAuth 1.0a and HMAC against other people's implementations: what the
//! binary signs is what botocore, oauthlib, Mastercard's signer and Python's hmac make of the same
//! request, and what they sign verifies here.

use std::io::Write;
use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta};
use countersign::keys::PrivateKey;
use countersign::message::{Headers, Received, Start};
use countersign::sign::{Candidate, Moment, Profile, Scheme, VerifyingKey};
use serde_json::{Value, json};

use crate::support::{Project, python, repository, said};

const NOW: &str = "2023-11-21T08:09:05Z";
const SECRET: &str = "c2VjcmV0LXNlY3JldC1zZWNyZXQ=";
const POST: &str = "method: POST
endpoint: /a%20b/c
query: {z: 1, b: 'x y', a: 'ä&='}
headers: {Content-Type: application/json, X-Id: 'two   blanks'}
body: {json: {n: 1}}
";
const GET: &str = "method: GET
endpoint: /a%20b/c
query: {z: 1, b: 'x y', a: 'ä&='}
headers: {X-Id: 'two   blanks'}
";
const FORM: &str = "method: POST
endpoint: /request
query: {b5: '=%3D', a3: a, c@: '', a2: r b}
body: {form: {c2: '', a3: 2 q}}
";

/// What the binary sends for a request in an environment, and the profile that it signs with.
fn explained(request: &str, signing: &str) -> Value {
    let environment = format!("host: https://api.example\nsigning:\n{signing}\n");
    let project = Project::empty()
        .with("requests/it.yaml", request)
        .with("requests/environments/test.yaml", &environment);
    let said = project.run(&["explain", "it", "--env", "test", "--json", "--now", NOW]);
    said.ends_with(0);
    serde_json::from_str(&said.out).unwrap()
}

/// What another implementation makes of it.
fn others(task: &Value) -> Option<Value> {
    let mut other = Command::new(python()?)
        .arg(repository().join("tests/interop/classic_signers.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    write!(other.stdin.take().unwrap(), "{task}").unwrap();
    let said = said(&other.wait_with_output().unwrap());
    said.ends_with(0);
    Some(serde_json::from_str(&said.out).unwrap())
}

fn header(message: &Value, name: &str) -> String {
    let fields = message["headers"].as_array().unwrap();
    let found = fields.iter().find(|field| field[0].as_str().unwrap().eq_ignore_ascii_case(name));
    found.unwrap_or_else(|| panic!("{name} is not in {message}"))[1].as_str().unwrap().to_owned()
}

/// Why our verifier refuses the message with another `Authorization`, or with another URL.
fn refusal(
    message: &Value,
    url: &str,
    authorization: Option<&str>,
    scheme: &Scheme,
    key: VerifyingKey<'_>,
) -> Option<String> {
    use base64::Engine as _;
    let body =
        base64::engine::general_purpose::STANDARD.decode(message["body_base64"].as_str().unwrap()).unwrap();
    let url: url::Url = url.parse().unwrap();
    let fields = message["headers"].as_array().unwrap().iter();
    let mut headers: Headers =
        fields.map(|field| (field[0].as_str().unwrap(), field[1].as_str().unwrap())).collect();
    match authorization {
        Some(value) => headers.set("Authorization", value),
        None => headers.remove("Authorization"),
    }
    let received = Received {
        start: Start::Request {
            method: message["method"].as_str().unwrap().into(),
            target: url.query().map_or(url.path().into(), |query| format!("{}?{query}", url.path())),
            scheme: url.scheme().into(),
            authority: url.host_str().map(str::to_owned),
        },
        headers,
        body: body.into(),
    };
    let now =
        Moment { now: DateTime::parse_from_rfc3339(NOW).unwrap().to_utc(), skew: TimeDelta::seconds(300) };
    let judgement = scheme.judge(&received, &[Candidate::new("the key", key)], now);
    judgement.refusal.map(|refusal| format!("{}\n{}", refusal.reason, judgement.signing_string))
}

fn profile(settings: &Value) -> Profile {
    Profile::read("own", settings).unwrap()
}

#[test]
fn botocore_signs_what_we_sign_and_we_verify_what_it_signs() {
    for (form, token) in
        [("header", ""), ("header", "token/with+signs="), ("query", ""), ("query", "token/1+=")]
    {
        let settings = json!({
            "region": "eu-central-1", "service": "execute-api", "session_token": token, "carried_in": form,
            "expires_after": 600
        });
        let inline = json!({"key_id": "AKIDEXAMPLE", "aws-sigv4": settings});
        // botocore makes a body into parameters before it signs a URL.
        let request = if form == "header" { POST } else { GET };
        let message = explained(request, &format!("  profile: {inline}\n  secret: {SECRET}"));
        let ours = message["url"].as_str().unwrap();
        let sent = ours.split("&X-Amz-Algorithm").next().unwrap();
        let task = json!({
            "scheme": "aws", "form": form, "message": message, "url": sent, "key_id": "AKIDEXAMPLE",
            "secret": SECRET, "token": token, "region": "eu-central-1", "service": "execute-api",
            "expires": 600, "now": NOW
        });
        let Some(theirs) = others(&task) else { return };
        let scheme = profile(&inline);
        let key = VerifyingKey::Secret(SECRET.as_bytes());
        let authorization = theirs["authorization"].as_str();
        let url = theirs["url"].as_str().unwrap();
        assert_eq!(refusal(&message, url, authorization, scheme.scheme(), key), None, "{form} {token}");
        if form == "header" {
            assert_eq!(authorization.unwrap(), header(&message, "authorization"), "{token}");
        } else {
            let signature = |url: &str| url.split("X-Amz-Signature=").nth(1).unwrap()[..64].to_owned();
            assert_eq!(signature(url), signature(ours), "{token}");
        }
    }
}

/// A parameter of an OAuth header.
fn parameter(header: &str, name: &str) -> String {
    let found = header.split(&format!("{name}=\"")).nth(1).unwrap_or_else(|| panic!("{name} in {header}"));
    found.split('"').next().unwrap().to_owned()
}

#[test]
fn oauthlib_signs_what_we_sign_and_we_verify_what_it_signs() {
    for (algorithm, method) in
        [("hmac-sha1", "HMAC-SHA1"), ("hmac-sha256", "HMAC-SHA256"), ("hmac-sha512", "HMAC-SHA512")]
    {
        // oauthlib hashes a body that is no form with SHA-1, whatever the method.
        let requests: &[&str] = if algorithm == "hmac-sha1" { &[POST, FORM] } else { &[GET, FORM] };
        let body_hash = if algorithm == "hmac-sha1" { "not_forms" } else { "never" };
        for request in requests {
            let settings = json!({"algorithm": algorithm, "token": "a token", "token_secret": "s/e+c ret", "body_hash": body_hash});
            let inline = json!({"key_id": "a key", "oauth1": settings});
            let message = explained(request, &format!("  profile: {inline}\n  secret: {SECRET}"));
            let ours = header(&message, "authorization");
            let task = json!({
                "scheme": "oauth", "message": message, "key_id": "a key", "secret": SECRET,
                "token": "a token", "token_secret": "s/e+c ret", "method": method,
                "nonce": parameter(&ours, "oauth_nonce"), "timestamp": parameter(&ours, "oauth_timestamp"),
            });
            let Some(theirs) = others(&task) else { return };
            let theirs = theirs["authorization"].as_str().unwrap();
            assert_eq!(parameter(theirs, "oauth_signature"), parameter(&ours, "oauth_signature"), "{method}");
            let (scheme, url) = (profile(&inline), message["url"].as_str().unwrap());
            let key = VerifyingKey::Secret(SECRET.as_bytes());
            assert_eq!(refusal(&message, url, Some(theirs), scheme.scheme(), key), None, "{method}");
        }
    }
}

#[test]
fn mastercards_own_signer_writes_the_same_header_and_we_verify_it() {
    let key = repository().join("tests/fixtures/keys/rsa.pkcs8.pem");
    let consumer =
        "L5BsiPgaF-O3qA36znUATgQXwJB6MRoMSdhjd7wt50c97279!50596e52466e3966546d434b7354584c4975693238513d3d";
    let project = Project::empty()
        .with("requests/it.yaml", POST)
        .with("signing.pem", &std::fs::read_to_string(&key).unwrap())
        .with(
            "requests/environments/test.yaml",
            &format!(
                "host: https://sandbox.api.mastercard.com\n\
                 signing: {{profile: mastercard, key_id: '{consumer}', key: signing.pem}}\n"
            ),
        );
    let explained = project.run(&["explain", "it", "--env", "test", "--json", "--now", NOW]);
    explained.ends_with(0);
    let message: Value = serde_json::from_str(&explained.out).unwrap();
    let ours = header(&message, "authorization");
    let task = json!({
        "scheme": "mastercard", "message": message, "key": key, "key_id": consumer,
        "nonce": parameter(&ours, "oauth_nonce"), "timestamp": parameter(&ours, "oauth_timestamp"),
    });
    let Some(theirs) = others(&task) else { return };
    let theirs = theirs["authorization"].as_str().unwrap();
    assert_eq!(theirs, ours);
    let own = PrivateKey::read(&std::fs::read(&key).unwrap()).unwrap();
    let profile = Profile::shipped("mastercard").unwrap();
    let (url, key) = (message["url"].as_str().unwrap(), VerifyingKey::Public(own.public()));
    assert_eq!(refusal(&message, url, Some(theirs), profile.scheme(), key), None);
}

#[test]
fn pythons_hmac_makes_the_signature_of_a_text_of_parts() {
    let settings = json!({
        "string": "{timestamp}{method}{target}{body}", "encoding": "base64", "key_encoding": "base64",
        "carried_in": [
            {"header": "CB-ACCESS-KEY", "value": "{key_id}"},
            {"header": "CB-ACCESS-TIMESTAMP", "value": "{timestamp}"},
            {"header": "CB-ACCESS-SIGN", "value": "{signature}"}
        ]
    });
    let inline = json!({"key_id": "a-key", "hmac": settings});
    let message = explained(POST, &format!("  profile: {inline}\n  secret: {SECRET}"));
    let Some(theirs) = others(&json!({"scheme": "hmac", "message": message, "secret": SECRET})) else {
        return;
    };
    assert_eq!(theirs["signature"], theirs["sent"]);
}
