//! Several profiles for one request: each signs the message as the one before left it, and whoever
//! knows only one of them verifies that one.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Project, Server, python, raw, repository, said};

const PROFILES: &str = r#"signing_profiles:
  client:
    key_id: "{{ client_id }}"
    headers: {X-Request-ID: "{{ uuid() }}"}
    rfc9421:
      label: client
      tag: of-client
      components: ["@method", "@target-uri", content-digest, x-request-id]
  gateway:
    key_id: "{{ client_id }}"
    headers: {X-Request-ID: "{{ uuid() }}"}
    rfc9421:
      label: gateway
      tag: of-gateway
      components: ["@authority", x-request-id, signature;key=client]
"#;

const REQUEST: &str = "method: POST\nendpoint: /payments\nbody: {json: {amount: \"10.00\"}}\n";

/// What makes two runs of the binary say the same, with a key whose signatures do not differ.
const FIXED: [&str; 5] = ["--now", "2026-11-24T20:00:00Z", "--seed", "1", "--json"];

fn fixture(key: &str) -> String {
    std::fs::read_to_string(repository().join("tests/fixtures/keys").join(key)).unwrap()
}

fn project(key: &str, profile: &str, request: &str) -> Project {
    let environment = format!(
        "host: https://bank.example\nvariables: {{client_id: me}}\n\
         signing: {{profile: {profile}, key: keys/signing.pem}}\n"
    );
    Project::empty()
        .with("requests/suite.yaml", PROFILES)
        .with("requests/pay.yaml", request)
        .with("requests/environments/bank.yaml", &environment)
        .with("keys/signing.pem", &fixture(key))
}

fn asking(lines: &str) -> String {
    format!("{REQUEST}{lines}\n")
}

fn explained(project: &Project, arguments: &[&str]) -> Value {
    let said = project.run(&[&["explain", "pay"], arguments].concat());
    said.ends_with(0);
    serde_json::from_str(&said.out).unwrap()
}

fn header<'a>(message: &'a Value, name: &str) -> Vec<&'a str> {
    let lines = message["headers"].as_array().unwrap().iter();
    lines.filter(|line| line[0] == name).map(|line| line[1].as_str().unwrap()).collect()
}

#[test]
fn both_signatures_verify_and_the_second_covers_the_first() {
    let project = project("p256.pkcs8.pem", "client", &asking("sign: [client, gateway]"));
    let message = explained(&project, &["--json"]);
    let [inputs, values, ids] =
        ["Signature-Input", "Signature", "X-Request-ID"].map(|name| header(&message, name));
    assert_eq!((inputs.len(), values.len(), ids.len()), (1, 1, 1), "{message}");
    let first = &message["signatures"][0];
    let second = &message["signatures"][1];
    assert_eq!([&first["profile"], &second["profile"]], ["client", "gateway"]);
    assert_eq!(first["signature"], message["signature"]);
    let covered = format!("\"signature\";key=\"client\": :{}:\n", first["signature"].as_str().unwrap());
    assert!(second["signing_string"].as_str().unwrap().contains(&covered), "{second}");

    project.write("message.http", &raw(&message));
    let verify = |profile: &str| {
        project.run(&["verify", "message.http", "--profile", profile, "--key", "keys/signing.pem"])
    };
    verify("client").ends_with(0);
    verify("gateway").ends_with(0);
    let which = project.run(&["verify", "message.http", "--env", "bank"]);
    which.ends_with(0);

    // With another signature of the client, the gateway's is one over something else.
    let first = first["signature"].as_str().unwrap();
    let forged = raw(&message).replace(first, &format!("AAAA{}", &first[4..]));
    assert_ne!(forged, raw(&message));
    project.write("message.http", &forged);
    verify("client").ends_with(1);
    verify("gateway").ends_with(1);
}

#[test]
fn somebody_elses_library_verifies_both_signatures() {
    let Some(python) = python() else { return };
    let project = project("p256.pkcs8.pem", "[client, gateway]", REQUEST);
    let mut message = explained(&project, &["--json"]);
    message["algorithm"] = "ecdsa-p256-sha256".into();
    message["key"] = project.path().join("keys/signing.pem").display().to_string().into();
    let of_client = (0, "of-client", json!(["@method", "content-digest"]));
    let of_gateway = (1, "of-gateway", json!(["@authority", "\"signature\";key=\"client\""]));
    for (index, tag, components) in [of_client, of_gateway] {
        message["tag"] = tag.into();
        message["components"] = components;
        // Their check of the body wants the digest signed each time; it is the client's matter here.
        message["checks_body"] = (index == 0).into();
        let mut script = Command::new(&python)
            .arg(repository().join("tests/interop/message_signatures.py"))
            .arg("verify")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        writeln!(script.stdin.take().unwrap(), "{message}").unwrap();
        let said = said(&script.wait_with_output().unwrap());
        said.ends_with(0);
        let verified: Value = serde_json::from_str(&said.out).unwrap();
        assert_eq!(verified["signing_string"], message["signatures"][index]["signing_string"]);
    }
}

#[test]
fn a_list_of_one_is_that_profile_and_the_environments_list_is_the_requests() {
    let message = |profile: &str, lines: &str| {
        explained(&project("ed25519.pem", profile, &asking(lines)), &FIXED)["headers"].clone()
    };
    let one = message("client", "");
    assert_eq!(message("[client]", ""), one);
    assert_eq!(message("gateway", "sign: [client]"), one);
    let both = message("client", "sign: [client, gateway]");
    assert_ne!(both, one);
    assert_eq!(message("[client, gateway]", ""), both);
    assert_eq!(
        header(&json!({"headers": message("[client, gateway]", "sign: false")}), "Signature").len(),
        0
    );

    let several = project("ed25519.pem", "[client, gateway]", REQUEST);
    several.write(
        "message.http",
        &raw(&json!({
            "method": "POST", "url": "https://bank.example/payments", "headers": both,
            "body_base64": "eyJhbW91bnQiOiIxMC4wMCJ9",
        })),
    );
    let which = several.run(&["verify", "message.http", "--env", "bank"]);
    which.ends_with(2);
    assert!(which.err.contains("name the one that is meant with `--profile`"), "{}", which.err);
    several
        .run(&[
            "verify",
            "message.http",
            "--env",
            "bank",
            "--profile",
            "gateway",
            "--at",
            "2026-11-24T20:00:00Z",
        ])
        .ends_with(0);
}

#[test]
fn schemes_of_different_headers_sign_one_message() {
    let profiles = "signing_profiles:
  old:
    key_id: me
    cavage: {algorithm: rsa-sha256, components: [\"(request-target)\", date, digest]}
";
    let project = project("rsa.pkcs8.pem", "old", &asking("sign: [old, ing-jws]"))
        .with("requests/suite.yaml", profiles);
    let environment = project.read("requests/environments/bank.yaml").replace("}\n", "\n");
    let environment = environment.replace("variables: {client_id: me", "variables: {client_id: me}");
    let environment = environment.replace("signing.pem", "signing.pem, certificate: keys/signing.crt}");
    project.write("requests/environments/bank.yaml", &environment);
    project.run(&["certs", "new", "signing", "--kind", "rsa-2048"]).ends_with(0);
    project.write("keys/signing.pem", &project.read("certificates/signing.key"));
    project.write("keys/signing.crt", &project.read("certificates/signing.crt"));
    let message = explained(&project, &["--json"]);
    let schemes: Vec<_> = message["signatures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|made| made["scheme"].as_str().unwrap())
        .collect();
    assert_eq!(schemes, ["cavage", "jws"]);
    assert_eq!(header(&message, "Digest").len(), 1, "{message}");
    project.write("message.http", &raw(&message));
    for profile in ["old", "ing-jws"] {
        project
            .run(&["verify", "message.http", "--profile", profile, "--key", "keys/signing.crt"])
            .ends_with(0);
    }
}

#[test]
fn tampering_breaks_the_first_signature_and_leaves_the_second_as_its_profile_says() {
    let request = asking("sign: [client, gateway]\ntamper: unsigned(x-request-id)");
    let message = explained(&project("p256.pkcs8.pem", "client", &request), &["--json"]);
    let strings = [0, 1].map(|index| message["signatures"][index]["signing_string"].as_str().unwrap());
    assert!(!strings[0].contains("x-request-id"), "{}", strings[0]);
    assert!(strings[1].contains("x-request-id"), "{}", strings[1]);
}

#[test]
fn explain_has_a_section_for_each_signature() {
    let project = project("p256.pkcs8.pem", "client", &asking("sign: [client, gateway]"));
    let said = project.run(&["explain", "pay"]);
    said.ends_with(0);
    for told in [
        "X-Request-ID     the profile `client`: `{{ uuid() }}`",
        "Content-Digest   the profile `client`, made when signing",
        "Signature-Input  2 signatures",
        "Signature        2 signatures",
        "signature 1 of 2\n  profile    client (rfc9421)",
        "signature 2 of 2\n  profile    gateway (rfc9421)",
        "\"signature\";key=\"client\"  the signature of `client`",
    ] {
        assert!(said.out.contains(told), "{told} is not in:\n{}", said.out);
    }
}

#[test]
fn the_section_about_several_signatures_shows_what_explain_prints() {
    let page = std::fs::read_to_string(repository().join("docs/signing/rfc9421.md")).unwrap();
    let section = page.split("## Several signatures\n").nth(1).unwrap();
    let block = |kind: &str, at: usize| {
        section.split(&format!("```{kind}\n")).nth(at).unwrap().split("```").next().unwrap()
    };
    let settled = |text: &str| {
        [(r"=\d{10}\b", "=[time]"), (r"[A-Za-z0-9+/]{86}==", "[signature]")].iter().fold(
            text.to_owned(),
            |text, (pattern, with)| {
                regex::Regex::new(pattern).unwrap().replace_all(&text, *with).into_owned()
            },
        )
    };
    let project =
        project("p256.pkcs8.pem", "client", block("yaml", 2)).with("requests/suite.yaml", block("yaml", 1));
    let environment = project.read("requests/environments/bank.yaml");
    let environment = environment
        .replace("client_id: me", "client_id: client-7")
        .replace("keys/signing.pem", "certificates/signing.key");
    project.write("requests/environments/bank.yaml", &environment);
    project.write("certificates/signing.key", &fixture("p256.pkcs8.pem"));
    let said = project.run(&["explain", "pay"]);
    said.ends_with(0);
    let out = settled(&said.out);
    for part in settled(block("text", 1)).split("\n\n") {
        assert!(out.contains(part.trim_end()), "{part}\nis not in:\n{out}");
    }
}

/// A server that knows only one of the profiles takes the request, and no report shows a signature.
#[test]
fn a_server_of_either_profile_takes_the_request_and_no_signature_is_shown() {
    let shown = regex::Regex::new(r"=:[A-Za-z0-9+/]{86}==:").unwrap();
    for profile in ["client", "gateway"] {
        let project = Project::empty().with("requests/suite.yaml", PROFILES);
        for (name, kind) in [("tls", "p-256"), ("signing", "ed25519")] {
            project.run(&["certs", "new", name, "--kind", kind]).ends_with(0);
        }
        let environment = |host: &str, tls: &str| {
            format!(
                "host: {host}\nvariables: {{client_id: example-client}}\n\
                 tls: {{certificate: certificates/tls.crt, key: certificates/tls.key{tls}}}\n\
                 signing: {{profile: [client, gateway], key: certificates/signing.key}}\n"
            )
        };
        project.write("requests/environments/bank.yaml", &environment("embedded", ""));
        let arguments = ["sandbox", "--env", "bank", "--profile", profile, "--json", "--stop-with-stdin"];
        let bank = Server::start(&mut project.command(&arguments));
        let tls = format!(", ca: certificates/sandbox_{}_ca.pem, ca_only: true", bank.port());
        project.write("requests/environments/client.yaml", &environment(bank.fact("host"), &tls));
        project.write(
            "requests/pay.yaml",
            &asking(&format!("expect: {{body: {{$.profile: {profile}}}}}\nsnapshot: false")),
        );
        let run =
            project.run(&["run", "pay", "--env", "client", "--verbose", "--report", "json=report.json"]);
        run.ends_with(0);
        assert!(run.all().contains("signed client · signed gateway"), "{}", run.all());
        let report = project.read("report.json");
        assert!(
            report.contains(r#""further_signatures":[{"profile":"gateway","scheme":"rfc9421""#),
            "{report}"
        );
        for text in [run.all(), report] {
            assert!(!shown.is_match(&text), "{text}");
        }
        bank.stop();
    }
}
