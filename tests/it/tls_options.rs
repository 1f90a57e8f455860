//! What an environment asks of connections, from the command line: against the bank that
//! `countersign sandbox` serves.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "files of a test's own folder")]

use crate::support::{Project, said};

fn suite(tls: &str, rest: &str) -> Project {
    let environment = format!("host: https://bank.invalid\ntls: {{{tls}}}\n{rest}");
    Project::empty()
        .with("requests/a.yaml", "method: GET\nendpoint: /a\nsign: false\n")
        .with("requests/environments/bank.yaml", &environment)
}

#[test]
fn connections_that_trust_anybody_are_warned_of_every_time_and_refused_in_ci() {
    let project = suite("verify: false", "resolve: {\"bank.invalid:443\": 127.0.0.1}\n");
    for command in ["check", "run"] {
        let said = project.run(&[command]);
        assert!(
            said.err.contains("warning[credentials.insecure]: connections of `bank` trust any server"),
            "{}",
            said.err
        );
    }
    let in_ci = |arguments: &[&str]| said(&project.command(arguments).env("CI", "true").output().unwrap());
    let said = in_ci(&["check"]);
    said.ends_with(4);
    insta::assert_snapshot!(said.err.trim_end());
    in_ci(&["check", "--allow-insecure"]).ends_with(0);
}

#[test]
fn an_address_of_the_environment_is_where_the_connection_goes() {
    // Nothing listens on port 1: that it is refused shows that the name was not asked for.
    let project =
        suite("ca: []", "resolve: {\"bank.invalid:443\": 127.0.0.1, \"bank.invalid:1\": 127.0.0.1}\n");
    project.write(
        "requests/environments/bank.yaml",
        "host: https://bank.invalid:1\nresolve: {\"BANK.invalid:1\": 127.0.0.1}\n",
    );
    let said = project.run(&["run"]);
    said.ends_with(5);
    assert!(said.all().contains("`bank.invalid:1` refused the connection"), "{}", said.all());
}

#[test]
fn curl_gets_the_same_options() {
    let pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let tls = format!("pin: [{pin}, {pin}], min_version: 1.3, server_name: api.bank.example");
    let project = suite(&tls, "resolve: {\"bank.invalid:443\": \"::1\"}\n");
    let said = project.run(&["explain", "a", "--curl"]);
    said.ends_with(0);
    insta::assert_snapshot!(said.out.trim_end());
    let project = suite("verify: false", "");
    assert!(project.run(&["explain", "a", "--curl"]).out.contains("--insecure"));
}

#[test]
fn a_file_of_authorities_that_holds_none_is_an_error_and_never_the_systems_trust() {
    for (content, sentence) in [
        ("", "is empty"),
        ("# to be filled in\n", "has no PEM block"),
        ("-----BEGIN CERTIFICATE-----\nAAEC\n-----END CERTIFICATE-----\n", "is not an X.509 certificate"),
    ] {
        let project = suite("ca: ca.pem, ca_only: true", "").with("ca.pem", content);
        let said = project.run(&["run"]);
        said.ends_with(4);
        assert!(
            said.err.contains("error[credentials.ca]: `ca.pem`") && said.err.contains(sentence),
            "{}",
            said.err
        );
    }
}

#[test]
fn a_bank_with_another_key_than_the_pinned_one_is_told_apart_by_its_code() {
    let project = Project::shipped();
    let environment = "requests/environments/embedded.yaml";
    let written = project.read(environment);
    let with = |option: &str| {
        project.write(environment, &written.replace("tls:\n", &format!("tls:\n  {option}\n")));
        project.run(&["run", "--env", "embedded"])
    };
    let pin = "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    let said = with(&format!("pin: {pin}"));
    said.ends_with(5);
    assert!(said.all().contains("error[tls.pin]: the key of `127.0.0.1:"), "{}", said.all());
    assert!(said.all().contains(&format!("`, and `tls.pin` asks for `{pin}`")), "{}", said.all());
    with("min_version: 1.3").ends_with(0);
}
