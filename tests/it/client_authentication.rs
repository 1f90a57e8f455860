//! Client authentication and DPoP, from the command line: an authorisation server made of Python's
//! `ssl` and `jwcrypto` is told who the client is, and verifies what it is shown.

use std::process::Command;

use serde_json::Value;

use crate::support::{Project, Said, Server, have, python, repository, said};

/// Long enough for HS256, with what a form and a URL escape.
const SECRET: &str = "top secret: 100% & more than thirty-two bytes";
const FORM: &str = "body: {form: {grant_type: client_credentials}}\n";

struct Desk {
    project: Project,
    server: Server,
}

impl Desk {
    /// A suite with three keys, and a server that knows its client; `None` where there is no Python.
    fn open(kind: &str) -> Option<Self> {
        let python = python().filter(|_| have("openssl"))?;
        let project =
            Project::empty().with("requests/suite.yaml", "environment: bank\ndefaults: {snapshot: false}\n");
        project.run(&["certs", "new", "tls", "client", "dpop", "--kind", kind]).ends_with(0);
        let certificates = project.path().join("certificates");
        let public = Command::new("openssl")
            .args(["pkey", "-pubout", "-in", "client.key", "-out", "client.pub"])
            .current_dir(&certificates)
            .status();
        assert!(public.unwrap().success(), "openssl reads the key");
        let server = Server::start(
            Command::new(python)
                .arg(repository().join("tests/interop/authorization_server.py"))
                .args(["--client-id", "me", "--secret", SECRET, "--key"])
                .arg(certificates.join("client.pub"))
                .arg("--tls-certificate")
                .arg(certificates.join("tls.crt")),
        );
        let environment = format!(
            "host: {}\nvariables: {{client_id: me}}\n\
             tls: {{certificate: certificates/tls.crt, key: certificates/tls.key, ca: {}, ca_only: true}}\n\
             client_authentication: {{private_key_jwt: {{key: certificates/client.key}}}}\n\
             dpop: {{key: certificates/dpop.key}}\n",
            server.fact("host"),
            server.fact("ca"),
        );
        project.write("requests/environments/bank.yaml", &environment);
        Some(Self { project, server })
    }

    /// A request for a token.
    fn token(&self, name: &str, path: &str, lines: &str) {
        let request = format!(
            "method: POST\nendpoint: {path}\n{lines}{}expect: {{status: 200}}\ncapture: {{access_token: $.access_token}}\n",
            if lines.contains("body: {form") { "" } else { FORM },
        );
        self.project.write(&format!("requests/{name}.yaml"), &request);
    }

    fn run(&self, arguments: &[&str]) -> Said {
        said(&self.project.command(arguments).env("CLIENT_SECRET", SECRET).output().unwrap())
    }
}

/// The steps of a JSON report that ended, by name.
fn steps(said: &Said) -> serde_json::Map<String, Value> {
    let lines = said.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let ended = lines.filter(|line| line["type"] == "step_finished");
    ended.map(|line| (line["step"]["name"].as_str().unwrap().to_owned(), line)).collect()
}

#[test]
fn a_server_knows_the_client_by_every_method_and_every_kind_of_key() {
    for kind in ["p-256", "p-384", "ed25519", "rsa-2048"] {
        let Some(desk) = Desk::open(kind) else { return };
        desk.token("assertion", "/token", "client_authentication: true\n");
        if kind == "p-256" {
            let secret = "{secret: \"{{ secret('CLIENT_SECRET') }}\"}";
            desk.token("basic", "/token", &format!("client_authentication: {{basic: {secret}}}\n"));
            desk.token("body", "/token", &format!("client_authentication: {{body: {secret}}}\n"));
            desk.token(
                "secret-jwt",
                "/token",
                &format!("client_authentication: {{client_secret_jwt: {secret}}}\n"),
            );
            desk.token("tls", "/token", "client_authentication: tls\n");
        }
        let said = desk.run(&["run"]);
        said.ends_with(0);
        assert!(!said.all().contains("top"), "{}", said.all());
        desk.server.stop();
    }
}

#[test]
fn an_assertion_that_is_wrong_on_purpose_is_refused_by_somebody_elses_code() {
    let Some(desk) = Desk::open("p-256") else { return };
    for (name, settings, reason) in [
        ("key", "{key: certificates/dpop.key}", "jwcrypto"),
        (
            "audience",
            "{key: certificates/client.key, audience: https://elsewhere.example}",
            "elsewhere.example",
        ),
        ("late", "{key: certificates/client.key, claims: {exp: 1}}", "not good now"),
        ("again", "{key: certificates/client.key, claims: {jti: \"\"}}", "used before"),
        ("who", "{key: certificates/client.key, claims: {sub: you}}", "not clear whom"),
    ] {
        desk.token(name, "/token", &format!("client_authentication: {{private_key_jwt: {settings}}}\n"));
        let said = desk.run(&["run", name]);
        said.ends_with(1);
        assert!(said.out.contains(reason), "{name}: {}", said.out);
    }
}

#[test]
fn a_proof_binds_the_token_to_its_key_and_goes_along_with_it_from_then_on() {
    for kind in ["p-256", "rsa-2048"] {
        let Some(desk) = Desk::open(kind) else { return };
        desk.token("token", "/token", "client_authentication: true\ndpop: true\n");
        let resource = "token: token\nmethod: GET\nendpoint: /resource?page=2\nexpect: {status: 200}\n";
        desk.project.write("requests/resource.yaml", resource);
        let stolen = format!("{resource}dpop: {{key: certificates/client.key}}\n");
        desk.project.write("requests/stolen.yaml", &stolen);
        desk.project.write("requests/bearer.yaml", &format!("{resource}dpop: false\n"));
        let said = desk.run(&["run", "--report", "json"]);
        said.ends_with(1);
        let steps = steps(&said);
        assert_eq!(steps["resource"]["status"], "passed", "{said:?}");
        assert_eq!(steps["resource"]["request"]["headers"][0][1], "DPoP [access_token]");
        assert_eq!(steps["resource"]["request"]["headers"][1][1], "[dpop_proof]");
        for (name, reason) in [("stolen", "bound to another key"), ("bearer", "comes as Bearer")] {
            let body = steps[name]["answer"]["body"]["text"].as_str().unwrap();
            assert!(body.contains(reason), "{name}: {body}");
        }
        desk.server.stop();
    }
}

#[test]
fn a_server_that_wants_a_nonce_gets_it_in_one_new_request_and_never_in_a_third() {
    let Some(desk) = Desk::open("p-256") else { return };
    desk.token("token", "/nonce/token", "client_authentication: true\ndpop: true\n");
    for path in ["nonce", "always"] {
        let request =
            format!("token: token\nmethod: GET\nendpoint: /{path}/resource\nexpect: {{status: 200}}\n");
        desk.project.write(&format!("requests/{path}.yaml"), &request);
    }
    // Even what is drawn from a seed is new the second time: the server refuses a jti it has seen.
    let said = desk.run(&["run", "--seed", "7", "--report", "json"]);
    said.ends_with(1);
    let steps = steps(&said);
    let attempts = |name: &str| steps[name]["earlier_attempts"].as_array().unwrap().clone();
    assert_eq!(steps["token"]["status"], "passed");
    let [first] = attempts("token").try_into().unwrap();
    assert_eq!(first["answer"]["status"], 400);
    assert_eq!(first["why"], "the server gave a nonce for the DPoP proof");
    assert_eq!(first["request"]["headers"].as_array().unwrap().len(), 2);
    // The nonce is kept: what comes next is sent once.
    assert_eq!(steps["nonce"]["status"], "passed");
    assert_eq!(attempts("nonce").len(), 0);
    assert_eq!((attempts("always").len(), &steps["always"]["answer"]["status"]), (1, &401.into()));

    let said = desk.run(&["run", "nonce"]);
    assert!(said.out.contains("client assertion · DPoP proof · sent 2 times"), "{}", said.out);
}

#[test]
fn a_token_that_is_bound_to_something_else_is_a_failure_of_its_own() {
    let Some(desk) = Desk::open("p-256") else { return };
    desk.token("careless", "/careless/token", "client_authentication: tls\ndpop: true\n");
    desk.token("mixed", "/mixed/token", "client_authentication: tls\ndpop: true\n");
    desk.token("right", "/token", "client_authentication: tls\ndpop: true\n");
    let said = desk.run(&["run"]);
    said.ends_with(1);
    assert!(said.out.contains("✓ right"), "{}", said.out);
    for told in [
        "error[expect.token]: `$.token_type` is \"Bearer\"",
        "error[expect.token]: `$.access_token, cnf.jkt` is `vIyDpQGSzFSLohDxgh5Z8ZAAQlcNBukGye3riopLE5U`",
        "error[expect.token]: `$.access_token, cnf.x5t#S256` is `3aTyXK5wIGxDuiTlPmBSoMPqM_dQBixnq8oeHLgGIvg`",
        "wanted the thumbprint of the client certificate: `",
        "the server bound the token to no key",
        "requests with this token will be refused",
    ] {
        assert!(said.out.contains(told), "{told} is not in:\n{}", said.out);
    }
}

#[test]
fn a_secret_is_in_no_output_and_the_curl_command_asks_for_it() {
    let Some(desk) = Desk::open("p-256") else { return };
    let secret = "{secret: \"{{ secret('CLIENT_SECRET') }}\"}";
    desk.token("basic", "/token", &format!("client_authentication: {{basic: {secret}}}\n"));
    desk.token("body", "/token", &format!("client_authentication: {{body: {secret}}}\n"));
    let encoded = "bWU6dG9w";
    for arguments in [
        &["run", "-v"][..],
        &["run", "--report", "json"],
        &["explain", "basic"],
        &["explain", "body", "--json"],
        &["explain", "basic", "--curl"],
        &["explain", "body", "--curl"],
    ] {
        let said = desk.run(arguments);
        said.ends_with(0);
        for leak in ["top secret", "top+secret", encoded] {
            assert!(!said.all().contains(leak), "{arguments:?}: {}", said.all());
        }
    }
    assert_eq!(desk.run(&["explain", "basic", "--curl"]).err, "# set client_credentials before running it\n");
}

#[test]
fn the_curl_command_with_an_assertion_and_a_proof_is_accepted_as_it_is() {
    let Some(desk) = Desk::open("p-256") else { return };
    desk.token("token", "/token", "client_authentication: true\ndpop: true\n");
    let explained = desk.run(&["explain", "token", "--curl"]);
    explained.ends_with(0);
    let mut shell = Command::new("sh");
    let answer = said(&shell.args(["-c", &explained.out]).current_dir(desk.project.path()).output().unwrap());
    assert!(answer.out.contains("\"token_type\": \"DPoP\""), "{}\n{}", explained.out, answer.all());
}

#[test]
fn explain_takes_assertion_and_proof_apart_and_says_where_each_value_came_from() {
    let environment = "host: https://bank.example\nvariables: {client_id: me}\n\
                       client_authentication:\n  private_key_jwt:\n    key: certificates/client.key\n    key_id: kid-1\n    claims: {acr: high}\n";
    let request = "method: POST\nendpoint: /token?trace=1\nclient_authentication: true\ndpop: {key: certificates/dpop.key}\n\
                   body: {form: {grant_type: client_credentials}}\ncapture: {access_token: $.access_token}\n";
    let project = Project::empty()
        .with("requests/environments/bank.yaml", environment)
        .with("requests/token.yaml", request)
        .with("requests/pay.yaml", "token: token\nmethod: GET\nendpoint: /pay\n");
    project.run(&["certs", "new", "client", "dpop", "--kind", "ed25519"]).ends_with(0);
    let fixed = ["--seed", "1", "--now", "2026-11-24T19:00:00Z"];
    let said = project.run(&[&["explain", "token"][..], &fixed].concat());
    said.ends_with(0);
    for told in [
        "private_key_jwt  requests/environments/bank.yaml:5:5",
        "dpop             requests/token.yaml:4:7",
        "header.alg  EdDSA                                 by the key `certificates/client.key`",
        "header.kid  kid-1                                 requests/environments/bank.yaml:6:13",
        "iss         me                                    the variable `client_id`",
        "aud         https://bank.example/token            the URL of the request",
        "iat         1795546800                            the moment it is made",
        "exp         1795546860                            a minute after `iat`",
        "acr         high                                  requests/environments/bank.yaml:7:19",
        "header.jwk.kty  OKP",
        "htm             POST",
        "requests/token.yaml:2:11, without its query",
        "DPoP          the DPoP proof",
    ] {
        assert!(said.out.contains(told), "{told} is not in:\n{}", said.out);
    }
    assert_eq!(
        said.out,
        project.run(&[&["explain", "token"][..], &fixed].concat()).out,
        "the same byte for byte"
    );

    let json: Value = serde_json::from_str(&project.run(&["explain", "token", "--json"]).out).unwrap();
    assert_eq!(json["tokens"][0]["kind"], "client assertion");
    assert_eq!(json["tokens"][0]["claims"]["sub"], "me");
    assert_eq!(json["tokens"][1]["from"]["jti"], "new for each message");

    let pay = project.run(&["explain", "pay"]);
    assert!(pay.out.contains("Authorization: DPoP [access_token]"), "{}", pay.out);
    assert_eq!(pay.err, "warning: signed over placeholders: `access_token`; use `--send` for real values\n");
}

#[test]
fn what_is_added_to_the_form_is_digested_and_signed_with_it() {
    let project = Project::shipped();
    let token = project.read("requests/token.yaml");
    project.write("requests/token.yaml", &format!("{token}client_authentication: private_key_jwt\n"));
    // The bank verifies the digest of the body, and takes no notice of fields that it does not know.
    let said = project.run(&["run", "greeting", "--snapshots", "no"]);
    said.ends_with(0);
    assert!(said.out.contains("signed ing · client assertion"), "{}", said.out);
}

/// The example of the page, at a server that verifies it.
#[test]
fn the_page_about_client_authentication_shows_what_happens() {
    let page = std::fs::read_to_string(repository().join("docs/client-authentication.md")).unwrap();
    let blocks: Vec<&str> =
        page.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let [environment, token, account, basic] = blocks.as_slice() else {
        panic!("four YAML examples: {blocks:#?}")
    };
    let Some(desk) = Desk::open("p-256") else { return };
    let here = format!("host: {}", desk.server.fact("host"));
    let trust = format!("tls:\n  ca: {}\n  ca_only: true\n", desk.server.fact("ca"));
    let environment = environment.replace("host: https://bank.example", &here).replace("tls:\n", &trust);
    desk.project.write("requests/environments/bank.yaml", &environment);
    desk.project.write("requests/token.yaml", &token.replace("/token\n", "/nonce/token\n"));
    desk.project.write("requests/account.yaml", &account.replace("/account\n", "/nonce/resource\n"));
    let said = desk.run(&["run"]);
    said.ends_with(0);
    for line in said.out.lines().filter(|line| line.contains("DPoP")) {
        let notes = line.split("  ").last().unwrap();
        assert!(page.contains(notes), "{notes} is not on the page");
    }
    desk.token("basic", "/token", basic);
    desk.run(&["run", "basic"]).ends_with(0);
    let refused = desk.project.read("requests/token.yaml").replace("/nonce/token", "/careless/token");
    desk.project.write("requests/token.yaml", &refused);
    let said = desk.run(&["run", "token"]);
    let error = page.split("```text\nerror[expect.token]").nth(1).unwrap().split("\n```").next().unwrap();
    for line in error.lines().filter(|line| !line.contains("-->") && !line.starts_with(": ")) {
        let shown = line.trim().split_once("| ").map_or(line.trim(), |(_, shown)| shown);
        assert!(said.out.contains(shown), "{shown} is not in:\n{}", said.out);
    }
}
