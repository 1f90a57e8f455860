//! `countersign verify`: recorded messages of every form, each outcome, and what is told of it.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::files;
use serde_json::{Value, json};

use crate::support::{Project, Said, Server, have, raw, repository, said};

const MOMENT: &str = "2026-11-23T09:00:00Z";

/// The example suite with a signing key that is always the same, so that signatures are too.
fn project() -> Project {
    let project = Project::shipped();
    let key = repository().join("tests/fixtures/keys/rsa.pkcs8.pem");
    let path = project.path().join("certificates/signing.key");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let pem = fs::read(key).unwrap();
    files::write(&path, &pem, files::Mode::Private, files::Existing::Keep).unwrap();
    let environment = project
        .read("requests/environments/embedded.yaml")
        .replace("certificates/embedded_signing.key", "certificates/signing.key");
    project.write("requests/environments/embedded.yaml", &environment);
    project.write(
        "requests/payment.yaml",
        "method: POST\nendpoint: /payments\nquery: {currency: EUR}\nheaders: {Authorization: Bearer t0ken-t0ken}\n\
         body:\n  json: {amount: 1}\n",
    );
    project.run(&["check"]).ends_with(0);
    project
}

/// What `explain` says would be sent.
fn explained(project: &Project, name: &str, environment: &str) -> Value {
    let arguments = ["explain", name, "--env", environment, "--json", "--now", MOMENT, "--seed", "7"];
    let said = project.run(&arguments);
    said.ends_with(0);
    serde_json::from_str(&said.out).unwrap()
}

fn verify(project: &Project, message: &str, arguments: &[&str]) -> Said {
    project.write("message.http", message);
    project.run(&[&["verify", "message.http"], arguments].concat())
}

const KEY: [&str; 4] = ["--profile", "ing", "--key", "certificates/signing.key"];

#[test]
fn a_message_that_verifies_is_told_with_everything_that_is_signed() {
    let project = project();
    let said = verify(&project, &raw(&explained(&project, "payment", "embedded")), &KEY);
    said.ends_with(0);
    insta::assert_snapshot!(said.out);
}

#[test]
fn a_dropped_query_is_shown_line_by_line() {
    let project = project();
    let message =
        raw(&explained(&project, "payment", "embedded")).replace("/payments?", "/payments?lang=en&");
    let said = verify(&project, &message, &KEY);
    said.ends_with(1);
    let message =
        raw(&explained(&project, "token", "embedded")).replace("/oauth2/token", "/oauth2/token?lang=en");
    let said = verify(&project, &message, &KEY);
    said.ends_with(1);
    insta::assert_snapshot!(said.out);
}

#[test]
fn each_usual_mistake_is_named() {
    let project = project();
    let good = raw(&explained(&project, "payment", "embedded"));
    let other =
        ["--profile", "ing", "--key", "certificates/embedded_tls.crt", "--key", "certificates/signing.key"];
    let mut told = String::new();
    for (what, message, arguments) in [
        ("another body", good.replace("\"amount\":1", "\"amount\":2"), &KEY[..]),
        ("another date", good.replace("09:00:00 GMT", "09:00:01 GMT"), &KEY),
        ("another method", good.replacen("POST", "PUT", 1), &KEY),
        ("a header that is signed is gone", good.replace("X-ING-ReqID", "X-Other"), &KEY),
        ("another key, and the right one", good.clone(), &other[..]),
        ("another key", good.clone(), &other[..4]),
        ("no signature", good.replace("\nSignature: ", "\nX-Signature: "), &KEY),
        ("a damaged signature", good.replace("signature=\"", "signature=\"="), &KEY),
        ("a later clock", good.clone(), &[&KEY[..], &["--at", "2026-11-23T10:00:00Z"]].concat()),
    ] {
        let said = verify(&project, &message, arguments);
        said.ends_with(1);
        let reason = said.out.split("\n\n").nth(1).unwrap();
        writeln!(told, "{what}:\n  {reason}").unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn the_same_result_as_json_for_programs() {
    let project = project();
    let message =
        raw(&explained(&project, "token", "embedded")).replace("/oauth2/token", "/oauth2/token?lang=en");
    let said = verify(&project, &message, &[&KEY[..], &["--json"]].concat());
    said.ends_with(1);
    let mut result: Value = serde_json::from_str(&said.out).unwrap();
    let taken = |result: &mut Value, name: &str| result[name].take().as_str().unwrap().to_owned();
    assert!(
        taken(&mut result, "signing_string").starts_with("(request-target): post /oauth2/token?lang=en\n")
    );
    assert!(taken(&mut result, "verifies").starts_with("(request-target): post /oauth2/token\n"));
    assert!(taken(&mut result, "reason").contains("the query is missing"));
    assert_eq!(result["components"].take().as_array().unwrap().len(), 4);
    assert_eq!(
        result,
        json!({
            "verified": false, "message": "POST /oauth2/token?lang=en", "reason": null, "profile": "ing",
            "scheme": "cavage", "guessed": null, "key": "`certificates/signing.key`",
            "key_id": "5ca1ab1e-c0de-4bad-8c0d-0123456789ab", "algorithm": "rsa-sha256",
            "judged_at": MOMENT, "read_from": "a raw message", "components": null, "signing_string": null, "verifies": null, "notes": [],
        })
    );
}

/// A request signed as another profile says, with the same key and at the same moment.
fn as_profile(project: &Project, profile: &str) -> String {
    let certificate = fs::read_to_string(repository().join("tests/fixtures/keys/rsa.v1.crt.pem")).unwrap();
    project.write("certificates/signing.crt", &certificate);
    project.write(
        "requests/environments/fixed.yaml",
        &format!(
            "host: https://api.bank.example\nvariables: {{client_id: example, issuer: 0015800001041RbAAI}}\n\
             signing:\n  profile: {profile}\n  key: certificates/signing.key\n  \
             certificate: certificates/signing.crt\n  key_id: example-key\n"
        ),
    );
    raw(&explained(project, "payment", "fixed"))
}

#[test]
fn every_scheme_tells_what_is_signed_and_what_differs() {
    for profile in ["fapi2", "openbanking-uk", "ing-jws"] {
        let project = project();
        let good = as_profile(&project, profile);
        let arguments = ["--profile", profile, "--key", "certificates/signing.key"];
        let said = verify(&project, &good, &arguments);
        said.ends_with(0);
        let tampered = good.replace(r#"{"amount":1}"#, r#"{"amount":2}"#);
        let refused = verify(&project, &tampered, &arguments);
        refused.ends_with(1);
        insta::assert_snapshot!(format!("tells_{profile}"), format!("{}\n---\n\n{}", said.out, refused.out));
    }
}

#[test]
fn a_token_in_the_message_is_never_shown() {
    let project = project();
    let message =
        raw(&explained(&project, "payment", "embedded")).replace("x-ing-reqid\"", "authorization\"");
    assert!(message.contains("t0ken-t0ken"));
    for arguments in [&KEY[..], &[&KEY[..], &["--json"]].concat()] {
        let said = verify(&project, &message, arguments);
        said.ends_with(1);
        assert!(said.out.contains("authorization") && !said.all().contains("t0ken"), "{}", said.all());
    }
}

#[test]
fn the_body_and_its_newlines_are_read_as_the_message_says() {
    let project = project();
    let good = raw(&explained(&project, "token", "embedded"));
    let length = good.split_once("\n\n").unwrap().1.len();
    let sized = good.replacen("\n\n", &format!("\nContent-Length: {length}\n\n"), 1);
    for (message, note) in [
        (good.clone(), None),
        (good.replace('\n', "\r\n"), None),
        (format!("{good}\n"), Some("was taken for an editor's")),
        (format!("{sized}\n"), Some("is not part of the body")),
    ] {
        let said = verify(&project, &message, &KEY);
        said.ends_with(0);
        assert_eq!(note.is_some(), said.out.contains("\nnotes\n"), "{}", said.out);
        assert!(said.out.contains(note.unwrap_or_default()), "{}", said.out);
    }
}

#[test]
fn profile_and_keys_come_from_the_command_line_the_environment_or_the_message() {
    let project = project();
    let good = raw(&explained(&project, "token", "embedded"));
    let jwk = json!({"keys": [jwk(&project)]}).to_string();
    project.write("jwks.json", &jwk);
    for (arguments, told) in [
        (&["--env", "embedded"][..], "profile    ing (cavage)\n"),
        (&["-k", "certificates/signing.key"], "scheme     cavage, guessed from `Authorization`\n"),
        (
            &["-k", "certificates/signing.key", "--scheme", "cavage"],
            "scheme     cavage, the rest read from `Auth",
        ),
        (&["-p", "ing", "-k", "jwks.json"], "key        the key `k1` of `jwks.json`\n"),
        (&["-p", "ing", "--env", "embedded", "--at", "Mon, 23 Nov 2026 09:04:00 GMT"], ", as asked\n"),
    ] {
        let said = verify(&project, &good, arguments);
        said.ends_with(0);
        assert!(said.out.contains(told), "{told}: {}", said.out);
    }
    let mut stdin = project.command(&["verify", "-", "--env", "embedded"]);
    let mut child =
        stdin.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), good.as_bytes()).unwrap();
    said(&child.wait_with_output().unwrap()).ends_with(0);
}

/// The public half of the signing key.
fn jwk(project: &Project) -> Value {
    let key =
        countersign::keys::PrivateKey::read(project.read("certificates/signing.key").as_bytes()).unwrap();
    let countersign::keys::Numbers::Rsa { modulus, exponent } = key.public().numbers() else { panic!("RSA") };
    let text = |bytes: &[u8]| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
    json!({"kty": "RSA", "kid": "k1", "n": text(&modulus), "e": text(&exponent)})
}

#[test]
fn what_cannot_be_judged_ends_with_the_code_of_its_class() {
    let project = project();
    let good = raw(&explained(&project, "token", "embedded"));
    let mut told = String::new();
    for (message, arguments, code) in [
        (good.as_str(), &[][..], 2),
        ("GET / HTTP/1.1\n\n", &["-k", "certificates/signing.key"], 2),
        (&good, &["--scheme", "hmac", "-k", "certificates/signing.key"], 2),
        (&good, &["--env", "embedded", "--request", "message.http"], 2),
        ("Hello\n", &KEY, 3),
        (&good, &["--profile", "ign", "-k", "certificates/signing.key"], 3),
        (&good, &["--env", "embeded"], 3),
        (&good, &["--env", "embedded", "--entry", "2"], 3),
        (&good, &["--env", "embedded", "--answer"], 3),
        (&good, &["-k", "message.http"], 4),
        (&good, &["-k", "certificates/none.key"], 4),
        (&good, &["-p", "ing", "--secret-env", "NONE"], 4),
    ] {
        let said = verify(&project, message, arguments);
        said.ends_with(code);
        assert_eq!(said.out, "");
        writeln!(told, "{}\n{}", arguments.join(" "), said.err.trim_end()).unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_har_file_is_verified_by_entry() {
    let project = project();
    let entry = |name: &str| {
        let message = explained(&project, name, "embedded");
        let fields = message["headers"].as_array().unwrap().iter();
        let headers: Vec<_> = fields.map(|field| json!({"name": field[0], "value": field[1]})).collect();
        let body = STANDARD.decode(message["body_base64"].as_str().unwrap()).unwrap();
        json!({
            "request": {
                "method": message["method"], "url": message["url"], "headers": headers,
                "postData": {"mimeType": "", "text": String::from_utf8(body).unwrap()},
            },
            "response": {"status": 200, "headers": [], "content": {"text": "{}"}},
        })
    };
    let har = json!({"log": {"entries": [entry("token"), entry("payment")]}}).to_string();
    let said = verify(&project, &har, &KEY);
    said.ends_with(3);
    assert!(said.err.contains("say which with `--entry`, 1 to 2"), "{}", said.err);
    for (entry, line) in [("1", "POST /oauth2/token\n"), ("2", "POST /payments?currency=EUR\n")] {
        let said = verify(&project, &har, &[&KEY[..], &["--entry", entry]].concat());
        said.ends_with(0);
        assert!(said.out.contains(line), "{}", said.out);
    }
}

/// What curl itself writes, talking to the sandbox: `--verbose` without the body, both traces with it.
#[test]
fn what_curl_records_of_an_explained_request_verifies() {
    if !have("curl") {
        return;
    }
    let project = project();
    let bank = Server::sandbox(&project);
    let environment = project.read("requests/environments/embedded.yaml");
    let tls = format!("tls:\n  ca: certificates/sandbox_{}_ca.pem\n", bank.port());
    let served = environment
        .replace("host: embedded", &format!("host: {}", bank.fact("host")))
        .replace("tls:\n", &tls);
    project.write("requests/environments/served.yaml", &served);
    project.write("body", "grant_type=client_credentials");
    for (option, log, arguments) in [
        ("--verbose", "2>&1", &["--data", "body"][..]),
        ("--verbose --http1.1", "2>&1", &["--data", "body"]),
        ("--trace -", "", &[]),
        ("--trace-ascii -", "", &[]),
    ] {
        let said = project.run(&["explain", "token", "--env", "served", "--curl"]);
        said.ends_with(0);
        let command =
            said.out.replace("curl --silent --show-error --include", &format!("curl --silent {option}"));
        let script = format!("{} {log}", command.trim_end());
        let shell = Command::new("sh").args(["-c", &script]).current_dir(project.path()).output().unwrap();
        let recorded = String::from_utf8(shell.stdout).unwrap();
        assert!(recorded.contains("access_token") || option == "--trace -", "{recorded}");
        let said = verify(&project, &recorded, &[&["--env", "served"], arguments].concat());
        said.ends_with(0);
        assert!(said.out.starts_with("verified  POST /oauth2/token\n"), "{option}: {}", said.out);
        let tampered = recorded
            .replace("POST /oauth2/token", "POST /oauth2/tokem")
            .replace("0010: 65 6e 20 48", "0010: 65 6d 20 48");
        assert!(tampered != recorded, "{option}");
        verify(&project, &tampered, &[&["--env", "served"], arguments].concat()).ends_with(1);
    }
    assert_eq!(bank.stop(), 0);
}

/// The message and the output of `docs/verify.md`, which come from a key that is published here.
#[test]
fn the_page_shows_what_the_command_says() {
    let page = fs::read_to_string(repository().join("docs/verify.md")).unwrap();
    let block = |fence: &str| {
        page.split_once(fence).and_then(|(_, rest)| rest.split_once("```")).expect("a block").0.to_owned()
    };
    let (message, console) = (block("```http\n"), block("```console\n"));
    let (command, output) = console.split_once('\n').unwrap();
    let project = Project::empty().with("refused.http", &message);
    let key = repository().join("tests/fixtures/keys/rsa.public.pem");
    project.write("signing.pem", &fs::read_to_string(key).unwrap());
    let arguments: Vec<_> = command.strip_prefix("$ countersign ").unwrap().split(' ').collect();
    let said = project.run(&arguments);
    said.ends_with(1);
    assert_eq!(said.out, output);
}

#[test]
fn what_stands_in_a_recording_can_not_forge_the_report_nor_show_a_secret_of_its_query() {
    let project = project();
    let message = raw(&explained(&project, "payment", "embedded"));
    let forged = message.replace("keyId=\"", "keyId=\"k\\\nverified  POST /forged\\\n").replacen(
        "/payments?",
        "/payments?client_secret=Sup3rS3cretValue&",
        1,
    );
    let said = verify(&project, &forged, &KEY);
    assert_ne!(said.code, 0, "{}", said.all());
    assert!(!said.out.lines().any(|line| line.starts_with("verified")), "{}", said.out);
    assert!(!said.all().contains("Sup3rS3cretValue"), "{}", said.all());
}
