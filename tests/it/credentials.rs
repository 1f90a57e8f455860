//! Keys and certificates: what `certs` makes and says, and what a run says of an environment's.

use crate::support::{Project, Said};

const REQUEST: &str = "method: GET\nendpoint: /a\n";

/// A suite with two pairs, and an environment with these lines under `tls` and `signing`.
fn pairs(tls: &str, signing: &str) -> Project {
    let environment = format!(
        "host: https://bank.example\nvariables: {{client_id: me}}\n{tls}signing: {{profile: ing, {signing}}}\n"
    );
    let project = Project::empty()
        .with("requests/a.yaml", REQUEST)
        .with("requests/environments/bank.yaml", &environment);
    project.run(&["certs", "new", "http", "tls"]).ends_with(0);
    project
}

const TLS: &str = "tls: {certificate: certificates/tls.crt, key: certificates/tls.key}\n";

/// With dates replaced.
fn dated(said: &Said) -> String {
    regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC").unwrap().replace_all(&said.out, "[date]").into_owned()
}

#[test]
fn both_pairs_of_an_environment_are_told_of() {
    let project = pairs(TLS, "key: certificates/http.key, certificate: certificates/http.crt");
    let said = project.run(&["certs", "check", "--env", "bank"]);
    said.ends_with(0);
    insta::assert_snapshot!(dated(&said), @r"
    bank: tls      certificates/tls.key and certificates/tls.crt belong together; valid until [date]
    bank: signing  certificates/http.key and certificates/http.crt belong together; valid until [date]
    ");
    let project = pairs("", "key: certificates/http.key");
    // A key that no request uses is told of all the same.
    project.write("requests/a.yaml", "method: GET\nendpoint: /a\nsign: false\n");
    let said = project.run(&["certs", "check"]);
    said.ends_with(0);
    insta::assert_snapshot!(dated(&said), @r"
    bank: tls      no client certificate
    bank: signing  certificates/http.key is a good key (RSA-2048); no certificate is named for it
    ");
    let said = Project::shipped().run(&["certs", "check"]);
    said.ends_with(0);
    insta::assert_snapshot!(dated(&said), @r"
    embedded: tls      certificates/embedded_tls.key and certificates/embedded_tls.crt belong together; valid until [date]
    embedded: signing  certificates/embedded_signing.key is a good key (RSA-2048); no certificate is named for it
    ");
}

#[test]
fn a_certificate_of_another_key_never_goes_along_with_a_signature() {
    let project = pairs(TLS, "key: certificates/http.key, certificate: certificates/tls.crt");
    for command in ["check", "run"] {
        let said = project.run(&[command]);
        said.ends_with(4);
        assert!(said.err.contains("credentials.pair"), "{}", said.err);
        assert!(said.err.contains("bank.yaml:4:66"), "{}", said.err);
    }
    project.run(&["certs", "check"]).ends_with(4);
}

#[test]
fn the_certificate_that_signs_expires_with_a_warning() {
    let project = pairs(TLS, "key: certificates/http.key, certificate: certificates/http.crt");
    project.run(&["certs", "new", "http", "--days", "1", "--force"]).ends_with(0);
    let said = project.run(&["check"]);
    said.ends_with(0);
    assert!(
        said.err.contains("warning[credentials.certificate]: `certificates/http.crt` expires"),
        "{}",
        said.err
    );
}

#[test]
fn one_key_for_the_connection_and_the_signature_is_warned_of() {
    let project = pairs(TLS, "key: certificates/tls.key");
    let said = project.run(&["check"]);
    said.ends_with(0);
    insta::assert_snapshot!(said.err.trim_end(), @r"
    warning[credentials.key]: `certificates/tls.key` signs requests and is the key of the connection too
     --> requests/environments/bank.yaml:4:30
      |
    4 | signing: {profile: ing, key: certificates/tls.key}
      |                              ^^^^^^^^^^^^^^^^^^^^
      |
      = help: banks register two pairs: name the file of the other one, or make it with `countersign certs new`
    ");
    let key = project.read("certificates/tls.key");
    let project = pairs(TLS, "key: certificates/http.key");
    assert_eq!(project.run(&["check"]).err, "");
    // The same key under another name; the pair of the connection has to fit it.
    std::fs::copy(project.path().join("certificates/tls.key"), project.path().join("certificates/http.key"))
        .unwrap();
    let said = project.run(&["check"]);
    assert!(said.err.contains("is the same private key as `certificates/tls.key`"), "{}", said.err);
    assert!(!said.all().contains(key.lines().nth(1).unwrap()));
}

#[test]
fn every_kind_of_key_that_the_page_lists_is_made() {
    let page = std::fs::read_to_string(crate::support::repository().join("docs/certificates.md")).unwrap();
    let row = page.lines().find(|line| line.starts_with("| `--kind KIND`")).unwrap();
    let names = regex::Regex::new(r"`([a-z]+(?:-?\d+))`").unwrap();
    let kinds: Vec<String> = names.captures_iter(row).map(|found| found[1].to_owned()).collect();
    assert_eq!(kinds.len(), 7, "{kinds:?}");
    for kind in kinds.iter().filter(|kind| !matches!(kind.as_str(), "rsa-3072" | "rsa-4096")) {
        let project = Project::empty();
        project.run(&["certs", "new", "x", "--kind", kind]).ends_with(0);
        let said = project.run(&["certs", "check", "certificates/x.crt", "certificates/x.key"]);
        said.ends_with(0);
        assert!(said.out.starts_with("certificates/x.key and certificates/x.crt"), "{}", said.out);
    }
}

#[test]
fn files_that_are_there_are_never_replaced_by_accident() {
    let project = Project::empty();
    project.run(&["certs", "new", "a"]).ends_with(0);
    let key = project.read("certificates/a.key");
    let said = project.run(&["certs", "new", "b", "a"]);
    said.ends_with(6);
    insta::assert_snapshot!(said.err.trim_end(), @r"
    error[certs.io]: `certificates/a.key` and 2 more files are there already; nothing was made
     |
     = help: choose another name, or `--force` to replace them; a bank that knows the old pair has to be given the new one
    ");
    assert!(!project.has("certificates/b.key"), "half a set is worse than none");
    assert_eq!(project.read("certificates/a.key"), key);
    std::fs::remove_file(project.path().join("certificates/a.csr")).unwrap();
    let said = project.run(&["certs", "new", "a"]);
    assert!(said.err.contains("`certificates/a.key` and 1 more file are there already"), "{}", said.err);
    std::fs::remove_file(project.path().join("certificates/a.crt")).unwrap();
    let said = project.run(&["certs", "new", "a"]);
    assert!(said.err.contains("`certificates/a.key` is there already"), "{}", said.err);
    project.run(&["certs", "new", "a", "--force"]).ends_with(0);
    assert_ne!(project.read("certificates/a.key"), key);
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_told_at_once() {
    let project = Project::empty().with("certificates/README.md", "");
    let fifo = project.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    for (path, what) in [("pipe", "pipe"), ("certificates", "folder"), ("none", "does not exist")] {
        for command in [vec!["certs", "inspect", path], vec!["certs", "check", path, path]] {
            let said = project.run(&command);
            said.ends_with(4);
            assert!(said.err.contains(what), "{}", said.err);
        }
    }
}

#[test]
fn a_first_step_without_the_files_says_where_they_come_from() {
    let project = Project::shipped();
    let said = project.run(&["check", "--env", "sandbox"]);
    said.ends_with(4);
    assert!(said.err.contains("countersign certs new NAME"), "{}", said.err);
    assert!(said.err.contains("docs/certificates.md"), "{}", said.err);
}

#[test]
fn the_order_of_a_pair_and_a_file_that_holds_both_do_not_matter() {
    let project = Project::empty();
    project.run(&["certs", "new", "a"]).ends_with(0);
    let both = format!("{}{}", project.read("certificates/a.crt"), project.read("certificates/a.key"));
    project.write("both.pem", &both);
    let (key, certificate) = ("certificates/a.key", "certificates/a.crt");
    let said = project.run(&["certs", "check", "both.pem", "both.pem"]);
    said.ends_with(0);
    assert!(said.out.starts_with("both.pem holds a key and its certificate"), "{}", said.out);
    for pair in [[key, certificate], [certificate, key], ["both.pem", certificate]] {
        let said = project.run(&["certs", "check", pair[0], pair[1]]);
        said.ends_with(0);
        assert!(said.out.contains("belong together"), "{}", said.out);
    }
    let said = project.run(&["certs", "check", key, key]);
    said.ends_with(4);
    assert!(said.err.contains("`certificates/a.key` is a private key"), "{}", said.err);
}

#[test]
fn one_bad_file_does_not_hide_the_others_and_no_name_is_made_twice() {
    let project = Project::empty();
    project.run(&["certs", "new", "a", "a", "--force"]).ends_with(2);
    assert!(!project.has("certificates"));
    project.run(&["certs", "new", "a"]).ends_with(0);
    let said = project.run(&["certs", "inspect", "none", "certificates/a.crt"]);
    said.ends_with(4);
    assert!(said.out.starts_with("certificates/a.crt: certificate"), "{}", said.all());
}

#[test]
fn a_certificate_that_a_template_needs_is_asked_for_by_its_key() {
    let project = pairs(TLS, "key: certificates/http.key, key_id: '{{ certificate.serial_hex }}'");
    let said = project.run(&["run"]);
    assert!(said.all().contains("add `signing.certificate` to the environment `bank`"), "{}", said.all());
    let environment = project.read("requests/environments/bank.yaml");
    let whole = environment.replace("key_id:", "certificate: certificates/http.crt, key_id:");
    project.write("requests/environments/bank.yaml", &whole);
    project.run(&["check"]).ends_with(0);
    let said = project.run(&["explain", "a"]);
    said.ends_with(0);
    assert!(said.out.contains("keyId=\""), "{}", said.out);
}

#[test]
fn a_secret_that_stands_in_a_line_with_a_mistake_is_not_quoted() {
    let environment =
        "host: https://bank.example\nsigning: {profile: aws-sigv4, secret: \"hunter2secret!x9\", nope: 1}\n";
    let request = "method: POST\nendpoint: /\nbody: {form: {a: b}}\nsign: false\n\
                   client_authentication: {client_secret_jwt: {secret: \"hunter2secret!y8\", lifetime: 0s}}\n";
    let project = Project::empty()
        .with("requests/environments/test.yaml", environment)
        .with("requests/a.yaml", request);
    let said = project.run(&["check"]);
    said.ends_with(3);
    assert!(said.err.contains("nope") && said.err.contains("lifetime"), "{}", said.err);
    assert!(!said.all().contains("hunter2secret"), "{}", said.all());
}
