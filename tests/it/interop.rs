//! Other people's implementations: the seed's Python against our bank, our client against a bank
//! made of Python's `ssl` and `httpsig`, curl against both.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{Project, Server, have, python, repository, said};

/// Writes the environment `served`: the embedded one's client, at the bank that is served.
fn serve(project: &Project, bank: &Server) {
    let environment = project
        .read("requests/environments/embedded.yaml")
        .replace("host: embedded", &format!("host: {}", bank.fact("host")))
        .replace("tls:\n", &format!("tls:\n  ca: {}\n  ca_only: true\n", bank.fact("ca")));
    project.write("requests/environments/served.yaml", &environment);
}

#[test]
fn the_python_of_the_blog_post_gets_its_greeting_from_our_bank() {
    let Some(python) = python() else { return };
    let project = Project::shipped();
    let bank = Server::sandbox(&project);
    for name in ["ca", "tls_certificate", "tls_key", "signing_key"] {
        assert!(Path::new(bank.fact(name)).is_file(), "{name}");
    }
    let mut client = Command::new(&python)
        .arg(repository().join("tests/interop/seed_client.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(client.stdin.take().unwrap(), "{}", bank.facts).unwrap();
    let said = said(&client.wait_with_output().unwrap());
    said.ends_with(0);
    assert!(said.out.contains("Welcome to ING!"), "{}", said.out);
    assert_eq!(bank.stop(), 0, "the bank ends well when its standard input does");
}

/// The three openssl lines of the blog post, section 4.1.
fn openssl_pair(project: &Project, name: &str) {
    let lines = format!(
        "openssl genrsa -out {name}.key 2048 && \
         openssl req -sha256 -new -key {name}.key -out {name}.csr -subj /CN={name} && \
         openssl x509 -req -sha256 -days 365 -in {name}.csr -signkey {name}.key -out {name}.crt && chmod 600 {name}.key"
    );
    let made = Command::new("sh")
        .args(["-c", &lines])
        .current_dir(project.path().join("certificates"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn a_bank_made_of_other_peoples_code_greets_us_with_certificates_made_by_openssl() {
    let Some(python) = python() else { return };
    if !have("openssl") {
        return;
    }
    let project = Project::shipped().with("certificates/.keep", "");
    openssl_pair(&project, "ing_http");
    openssl_pair(&project, "ing_tls");
    let inspected = project.run(&["certs", "inspect", "certificates/ing_tls.crt"]);
    assert!(inspected.out.contains("X.509 v1") || inspected.out.contains("X.509 v3"), "{}", inspected.out);
    let certificates = project.path().join("certificates");
    let bank = Server::start(
        Command::new(&python)
            .arg(repository().join("tests/interop/foreign_bank.py"))
            .args(["--client-id", "a-client"])
            .arg("--tls-certificate")
            .arg(certificates.join("ing_tls.crt"))
            .arg("--signing-key")
            .arg(certificates.join("ing_http.crt")),
    );
    let environment = format!(
        "host: {}\nvariables: {{client_id: a-client}}\n\
         tls: {{certificate: certificates/ing_tls.crt, key: certificates/ing_tls.key, ca: {}, ca_only: true}}\n\
         signing: {{profile: ing, key: certificates/ing_http.key}}\n",
        bank.fact("host"),
        bank.fact("ca"),
    );
    project.write("requests/environments/foreign.yaml", &environment);
    let said = project.run(&["run", "--env", "foreign", "--snapshots", "no", "greeting"]);
    assert!(said.out.contains("✓ greeting") || said.all().contains("snapshot.changed"), "{}", said.all());
    assert!(!said.all().contains("401"), "{}", said.all());

    // Somebody who verifies nothing would have let this pass too.
    let swapped = environment.replace("key: certificates/ing_http.key", "key: certificates/ing_tls.key");
    project.write("requests/environments/foreign.yaml", &swapped);
    let refused = project.run(&["run", "--env", "foreign", "--snapshots", "no", "token"]);
    refused.ends_with(1);
    assert!(refused.all().contains("401"), "{}", refused.all());
    bank.stop();
}

#[test]
fn the_curl_command_that_explain_prints_works() {
    if !have("curl") {
        return;
    }
    let project = Project::shipped();
    let bank = Server::sandbox(&project);
    serve(&project, &bank);
    let explained = project.run(&["explain", "token", "--env", "served", "--curl"]);
    explained.ends_with(0);
    let answer =
        Command::new("sh").args(["-c", &explained.out]).current_dir(project.path()).output().unwrap();
    let text = String::from_utf8_lossy(&answer.stdout);
    assert!(
        text.contains("access_token"),
        "{}\n{text}{}",
        explained.out,
        String::from_utf8_lossy(&answer.stderr)
    );

    let token = text.split("\"access_token\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    for mode in [&["--curl"][..], &["--send", "--curl"]] {
        let explained = project.run(&[&["explain", "greeting", "--env", "served"], mode].concat());
        assert!(explained.out.contains("$access_token"), "{}", explained.out);
        assert_eq!(explained.err, "# set access_token before running it\n");
        let mut shell = Command::new("sh");
        shell.args(["-c", &explained.out]).env("access_token", token).current_dir(project.path());
        let text = String::from_utf8_lossy(&shell.output().unwrap().stdout).into_owned();
        assert!(text.contains("Welcome to ING!"), "{}\n{text}", explained.out);
    }
    bank.stop();
}

#[test]
fn a_served_bank_gives_our_own_client_the_same_answers_as_the_embedded_one() {
    let project = Project::shipped();
    let bank = Server::sandbox(&project);
    serve(&project, &bank);
    project.run(&["run", "--env", "served"]).ends_with(0);
    // It stops on SIGTERM, as service managers ask.
    assert_eq!(bank.signal("TERM"), 0);
}
