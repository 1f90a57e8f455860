//! RFC 9421 against somebody else's implementation, the Python library `http-message-signatures`:
//! it verifies what the binary would send, and we judge what it signs.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta};
use countersign::clock::Clock;
use countersign::keys::PrivateKey;
use countersign::message::{Headers, Message, Received, Start};
use countersign::sign::{Candidate, Filled, Judgement, Moment, Profile, Signer, VerifyingKey, sign_answer};
use serde_json::{Value, json};

use crate::support::{Project, Server, key_path, python, repository, said, scripted};

/// Each algorithm with a key of the fixtures; HMAC has a secret.
const KEYS: [(&str, &str); 6] = [
    ("rsa-pss-sha512", "rsa.pkcs8.pem"),
    ("rsa-v1_5-sha256", "rsa.pkcs8.pem"),
    ("ecdsa-p256-sha256", "p256.pkcs8.pem"),
    ("ecdsa-p384-sha384", "p384.sec1.pem"),
    ("ed25519", "ed25519.pem"),
    ("hmac-sha256", ""),
];

const SECRET: &str = "correct horse battery staple";

/// What the Python script makes of it, or why it refuses.
fn theirs(python: &Path, action: &str, given: &Value) -> Result<Value, String> {
    scripted(python, "message_signatures.py", action, given)
}

/// A key as the Python script takes it.
fn with_key(mut given: Value, algorithm: &str, key: &str) -> Value {
    given["algorithm"] = algorithm.into();
    match key {
        "" => given["secret"] = SECRET.into(),
        key => given["key"] = key_path(key).into(),
    }
    given
}

/// A suite with one signed payment.
fn payment(algorithm: &str, key: &str) -> Project {
    let signing = if key.is_empty() { "secret: \"{{ secret('HMAC') }}\"" } else { "key: keys/signing.pem" };
    let suite = format!(
        "signing_profiles:
  ours:
    key_id: me
    rfc9421:
      algorithm: {algorithm}
      components:
        - \"@method\"
        - \"@target-uri\"
        - \"@authority\"
        - \"@request-target\"
        - \"@path\"
        - \"@query\"
        - '\"@query-param\";name=\"to\"'
        - x-list
        - x-list;bs
        - x-dict;key=b
        - priority;sf
        - content-digest if body
        - authorization if sent
      parameters: [created, expires, nonce, alg, keyid, tag]
      expires_after: 60
      nonce: \"{{{{ uuid() }}}}\"
      tag: pay
"
    );
    let request = r#"method: POST
endpoint: /pay
query: {to: "Jan & Piet's ~ café"}
headers: {X-List: [one, "two,  three"], X-Dict: "a=1,   b=(x  y);z", Priority: "u=1,   i", Authorization: Bearer abc}
body: {json: {amount: 1}}
"#;
    let environment = format!("host: https://Bank.example:8443\nsigning: {{profile: ours, {signing}}}\n");
    let project = Project::empty()
        .with("requests/suite.yaml", &suite)
        .with("requests/pay.yaml", request)
        .with("requests/environments/bank.yaml", &environment);
    if !key.is_empty() {
        project.write("keys/signing.pem", &std::fs::read_to_string(key_path(key)).unwrap());
    }
    project
}

fn explained(project: &Project) -> Value {
    let mut command = project.command(&["explain", "pay", "--json"]);
    let said = said(&command.env("HMAC", SECRET).output().unwrap());
    said.ends_with(0);
    serde_json::from_str(&said.out).unwrap()
}

#[test]
fn somebody_elses_library_verifies_what_we_sign_with_every_algorithm() {
    let Some(python) = python() else { return };
    for (algorithm, key) in KEYS {
        let mut request = with_key(explained(&payment(algorithm, key)), algorithm, key);
        request["tag"] = "pay".into();
        request["components"] =
            json!(["@method", "@target-uri", "\"x-list\";bs", "content-digest", "authorization"]);
        let verified =
            theirs(&python, "verify", &request).unwrap_or_else(|error| panic!("{algorithm}: {error}"));
        assert_eq!(verified["signing_string"], request["signing_string"], "{algorithm}");

        let mut changed = request.clone();
        changed["method"] = "PUT".into();
        let refused = theirs(&python, "verify", &changed).unwrap_err();
        assert!(refused.contains("InvalidSignature"), "{algorithm}: {refused}");
    }
}

/// With what differs from one signature to the next replaced.
fn settled(text: &str) -> String {
    let rules =
        [(r"=\d{10}\b", "=[time]"), (r"[A-Za-z0-9+/]{86}==", "[signature]"), (r"[0-9a-f-]{36}", "[uuid]")];
    rules.iter().fold(text.to_owned(), |text, (pattern, with)| {
        regex::Regex::new(pattern).unwrap().replace_all(&text, *with).into_owned()
    })
}

#[test]
fn the_page_about_rfc_9421_shows_what_explain_prints() {
    let page = std::fs::read_to_string(repository().join("docs/signing/rfc9421.md")).unwrap();
    let block = |kind: &str, at: usize| {
        page.split(&format!("```{kind}\n")).nth(at).unwrap().split("```").next().unwrap()
    };
    let project = Project::empty()
        .with("requests/suite.yaml", block("yaml", 1))
        .with("requests/environments/test.yaml", block("yaml", 2))
        .with("requests/pay.yaml", block("yaml", 3))
        .with("certificates/signing.key", &std::fs::read_to_string(key_path("p256.pkcs8.pem")).unwrap());
    let said = project.run(&["explain", "pay"]);
    said.ends_with(0);
    let out = settled(&said.out);
    let missing: Vec<_> = block("text", 1).lines().map(settled).filter(|line| !out.contains(line)).collect();
    assert!(missing.is_empty(), "{missing:#?} is not in:\n{out}");
    let suite = block("yaml", 1).to_owned() + block("yaml", 4).strip_prefix("signing_profiles:\n").unwrap();
    project.write("requests/suite.yaml", &suite);
    project.write("requests/pay.yaml", &(block("yaml", 3).to_owned() + block("yaml", 5)));
    project.write("certificates/bank.pem", &std::fs::read_to_string(key_path("p256.public.pem")).unwrap());
    project.run(&["check"]).ends_with(0);
}

/// What we say of a request that Python signed.
fn ours(signed: &Received, algorithm: &str, key: &str) -> Judgement {
    let profile = json!({"rfc9421": {
        "algorithm": algorithm,
        "label": "theirs",
        "components": ["@method", "@target-uri", "@query-param;name=a", "content-type", "x-list;bs", "content-digest"],
        "tag": "pay",
    }});
    let profile = Profile::read("theirs", &profile).unwrap();
    let private =
        (!key.is_empty()).then(|| PrivateKey::read(&std::fs::read(key_path(key)).unwrap()).unwrap());
    let key = match &private {
        Some(key) => VerifyingKey::Public(key.public()),
        None => VerifyingKey::Secret(SECRET.as_bytes()),
    };
    let keys = [Candidate::new("their key", key)];
    let now = DateTime::from_timestamp(1_700_554_145, 0).unwrap();
    profile.scheme().judge(signed, &keys, Moment { now, skew: TimeDelta::seconds(5) })
}

#[test]
fn we_verify_what_somebody_elses_library_signs_with_every_algorithm() {
    let Some(python) = python() else { return };
    let url = "https://bank.example/pay?a=b%20c&d=%7E";
    for (algorithm, key) in KEYS {
        let given = json!({
            "method": "POST",
            "url": url,
            "headers": [["Content-Type", "application/json"], ["X-List", "1"], ["X-List", "2, 3"]],
            "body_base64": "eyJhbW91bnQiOjF9",
            "key_id": "them",
            "label": "theirs",
            "components": [
                "@method", "@target-uri", "@authority", "\"@query-param\";name=\"a\"", "content-type", "\"x-list\";bs"
            ],
            "created": 1_700_554_145,
            "expires": 1_700_554_205,
            "nonce": "once",
            "tag": "pay",
        });
        let signed = theirs(&python, "sign", &with_key(given, algorithm, key)).unwrap();
        let headers = signed["headers"].as_array().unwrap();
        let message = Message {
            method: "POST".into(),
            url: url::Url::parse(url).unwrap(),
            headers: headers
                .iter()
                .map(|line| (line[0].as_str().unwrap(), line[1].as_str().unwrap()))
                .collect(),
            body: Bytes::from_static(br#"{"amount":1}"#),
        };
        let mut received = Received::from(&message);
        let judgement = ours(&received, algorithm, key);
        assert_eq!(judgement.refusal, None, "{algorithm}");
        assert_eq!(judgement.key_id.as_deref(), Some("them"));
        received.headers.append("X-List", "4");
        assert!(!ours(&received, algorithm, key).verified(), "{algorithm}");
    }
}

/// A payment, and what a bank would answer.
fn exchange() -> (Message, Received) {
    let request = Message {
        method: "POST".into(),
        url: url::Url::parse("https://bank.example/pay?a=b%20c").unwrap(),
        headers: [("Content-Digest", "sha-256=:AA==:"), ("Authorization", "Bearer abc")]
            .into_iter()
            .collect(),
        body: Bytes::from_static(b"{}"),
    };
    let answer = Received {
        start: Start::Answer { status: 201, request: Some(Box::new(Received::from(&request))) },
        headers: [("Content-Type", "application/json")].into_iter().collect(),
        body: Bytes::from_static(br#"{"status":"paid"}"#),
    };
    (request, answer)
}

fn lines(headers: &Headers) -> Vec<(&str, &str)> {
    headers.iter().collect()
}

#[test]
fn somebody_elses_library_verifies_an_answer_that_we_sign() {
    let Some(python) = python() else { return };
    let components = ["@status", "@method;req", "@target-uri;req", "content-digest;req", "content-digest"];
    let own = json!({"rfc9421": {"tag": "fapi-2-response", "components": components}});
    let own = Profile::read("bank", &own).unwrap();
    for (algorithm, name) in
        KEYS.into_iter().filter(|(_, name)| name.starts_with('p') || name.starts_with('e'))
    {
        let key = PrivateKey::read(&std::fs::read(key_path(name)).unwrap()).unwrap();
        let bank = Signer::new(own.clone(), key.into(), None).unwrap();
        let (request, mut answer) = exchange();
        let now = Clock::System.now();
        let signature = sign_answer(&mut answer, &bank, &Filled::key_id("bank"), now).unwrap();
        let given = json!({
            "status": 201,
            "headers": lines(&answer.headers),
            "body_base64": BASE64.encode(&answer.body),
            "request": {
                "method": request.method,
                "url": request.url.as_str(),
                "headers": lines(&request.headers),
                "body_base64": BASE64.encode(&request.body),
            },
            "tag": "fapi-2-response",
            "components": ["@status", "\"@target-uri\";req", "content-digest"],
        });
        let given = with_key(given, algorithm, name);
        let verified =
            theirs(&python, "verify", &given).unwrap_or_else(|error| panic!("{algorithm}: {error}"));
        assert_eq!(verified["signing_string"], signature.signing_string, "{algorithm}");
        let mut stolen = given;
        stolen["request"]["url"] = "https://bank.example/pay?a=other".into();
        assert!(theirs(&python, "verify", &stolen).unwrap_err().contains("InvalidSignature"));
    }
}

/// The whole way: the binary signs, somebody else's server verifies and signs its answer, which
/// `expect.signature` verifies.
#[test]
fn a_fapi_server_takes_our_requests_and_its_signed_answers_are_checked() {
    let Some(python) = python() else { return };
    let server = Server::start(
        Command::new(&python).arg(repository().join("tests/interop/signing_server.py")).args([
            "--client",
            &key_path("p256.pkcs8.pem"),
            "--server",
            &key_path("ed25519.pem"),
        ]),
    );
    let suite = r#"signing_profiles:
  bank:
    rfc9421:
      tag: fapi-2-response
      components: ["@status", "@method;req", "@target-uri;req", signature;req, content-digest if body]
"#;
    let request = r#"method: POST
endpoint: /payments
headers: {Authorization: Bearer abc}
body: {json: {amount: "10.00"}}
expect:
  status: 201
  signature: {profile: bank, key: keys/bank.pem}
snapshot: false
"#;
    let host = server.fact("host");
    let environment = format!(
        "host: {host}\nvariables: {{client_id: me}}\nsigning: {{profile: fapi2, key: keys/signing.pem}}\n"
    );
    let private = std::fs::read(key_path("ed25519.pem")).unwrap();
    let public = PrivateKey::read(&private).unwrap().public().spki().to_vec();
    let public = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", BASE64.encode(public));
    let project = Project::empty()
        .with("requests/suite.yaml", suite)
        .with("requests/pay.yaml", request)
        .with("requests/environments/bank.yaml", &environment)
        .with("keys/bank.pem", &public)
        .with("keys/signing.pem", &std::fs::read_to_string(key_path("p256.pkcs8.pem")).unwrap());
    project.run(&["run"]).ends_with(0);

    // Another bank's key, and another client's.
    project.write("keys/bank.pem", &std::fs::read_to_string(key_path("p256.public.pem")).unwrap());
    let refused = project.run(&["run"]);
    refused.ends_with(1);
    assert!(refused.all().contains("expect.signature"), "{}", refused.all());
    project.write("keys/bank.pem", &public);
    project.write("keys/signing.pem", &std::fs::read_to_string(key_path("p384.sec1.pem")).unwrap());
    let refused = project.run(&["run"]);
    refused.ends_with(1);
    assert!(
        refused.all().contains("401") && !refused.all().contains("expect.signature"),
        "{}",
        refused.all()
    );
    server.stop();
}
