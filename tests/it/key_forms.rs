//! Keys as people have them: encrypted, in PKCS#12 stores, and what is said when they can't be
//! opened. The files are those of `tests/fixtures/keys`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "files of a test's own folder")]

use std::os::unix::fs::PermissionsExt;

use crate::support::{Project, Said, repository};

const REQUEST: &str = "method: GET\nendpoint: /a\n";

/// A suite for `bank.example` with these lines under `tls` and `signing`, and every fixture.
fn suite(tls: &str, signing: &str) -> Project {
    let environment = format!(
        "host: https://bank.example\nvariables: {{client_id: me}}\ntls: {{{tls}}}\nsigning: {{profile: ing, {signing}}}\n"
    );
    let project = Project::empty()
        .with("requests/a.yaml", REQUEST)
        .with("requests/environments/bank.yaml", &environment);
    fixtures(&project);
    project
}

/// Copies the fixtures into `keys/`, for nobody else to read.
fn fixtures(project: &Project) {
    std::fs::create_dir(project.path().join("keys")).unwrap();
    for entry in std::fs::read_dir(repository().join("tests/fixtures/keys")).unwrap() {
        let from = entry.unwrap().path();
        let to = project.path().join("keys").join(from.file_name().unwrap());
        std::fs::copy(from, &to).unwrap();
        std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
}

fn with_passphrase(project: &Project, passphrase: &str, arguments: &[&str]) -> Said {
    crate::support::said(&project.command(arguments).env("KEY_PASSPHRASE", passphrase).output().unwrap())
}

const SECRET: &str = r#"passphrase: "{{ secret('KEY_PASSPHRASE') }}""#;
const PLAIN: &str = "key: keys/rsa.pkcs8.pem";

#[test]
fn a_key_under_a_passphrase_works_for_connections_and_signatures() {
    let tls =
        format!("certificate: keys/store.crt.pem, key: keys/p256.aes-256-cbc.hmacWithSHA256.pem, {SECRET}");
    let project = suite(&tls, &format!("key: keys/rsa.encrypted.der, {SECRET}"));
    let said = with_passphrase(&project, "test", &["check"]);
    said.ends_with(0);
    assert_eq!(said.err, "");
    let said = with_passphrase(&project, "test", &["explain", "a"]);
    said.ends_with(0);
    assert!(said.out.contains("Signature"), "{}", said.out);
}

#[test]
fn a_store_holds_key_and_certificate_for_connections_and_signatures() {
    for file in ["store.p12", "store.legacy.p12"] {
        let tls = format!("pkcs12: keys/{file}, {SECRET}");
        let project = suite(&tls, PLAIN);
        let said = with_passphrase(&project, "test", &["certs", "check", "--env", "bank"]);
        said.ends_with(0);
        assert_eq!(said.err, "");
        let told = format!("bank: tls      keys/{file} holds a key and its certificate; valid until ");
        assert!(said.out.starts_with(&told), "{}", said.out);
    }
    // The certificate is there for templates, and the key signs.
    let signing = format!("pkcs12: keys/rsa.p12, {SECRET}, key_id: '{{{{ certificate.serial_hex }}}}'");
    let project = suite("ca: []", &signing);
    let said = with_passphrase(&project, "test", &["explain", "a"]);
    said.ends_with(0);
    assert!(said.out.contains(r#"keyId="0A1B2C3D4E5F60718293""#), "{}", said.out);
}

#[test]
fn what_keeps_a_key_closed_is_said_at_its_line() {
    let project = suite("ca: []", "key: keys/rsa.encrypted.pem");
    insta::assert_snapshot!(project.run(&["check"]).ends_with(4).err.trim_end());
    let project = suite("ca: []", &format!("key: keys/rsa.encrypted.pem, {SECRET}"));
    insta::assert_snapshot!(
        with_passphrase(&project, "wrong, of course", &["check"]).ends_with(4).err.trim_end()
    );
    let project = suite("ca: []", &format!("{PLAIN}, {SECRET}"));
    insta::assert_snapshot!(
        with_passphrase(&project, "nobody needs it", &["check"]).ends_with(0).err.trim_end()
    );
    let project = suite("pkcs12: keys/store.p12", PLAIN);
    insta::assert_snapshot!(project.run(&["check"]).ends_with(4).err.trim_end());
    let project = suite(&format!("pkcs12: keys/store.no-key.p12, {SECRET}"), PLAIN);
    insta::assert_snapshot!(with_passphrase(&project, "test", &["check"]).ends_with(4).err.trim_end());
    let project = suite("certificate: keys/store.p12, key: keys/store.p12", PLAIN);
    insta::assert_snapshot!(project.run(&["check"]).ends_with(4).err.trim_end());
    let project = suite("ca: []", "key: keys/p256.pbes1.pem, passphrase: \"{{ secret('KEY_PASSPHRASE') }}\"");
    insta::assert_snapshot!(with_passphrase(&project, "test", &["check"]).ends_with(4).err.trim_end());
}

#[test]
fn every_store_that_can_not_be_used_says_what_it_is() {
    for (file, passphrase, sentence) in [
        ("store.no-certificate.p12", "test", "is a PKCS#12 store without a certificate"),
        ("store.two-keys.p12", "testtest", "holds 2 private keys: keep the one that is meant"),
        ("store.p12", "wrong", "can't be decrypted: the passphrase is wrong, or the file is damaged"),
        ("rsa.pkcs8.der", "test", "is a private key, not a PKCS#12 store"),
    ] {
        let project = suite(&format!("pkcs12: keys/{file}, {SECRET}"), PLAIN);
        let said = with_passphrase(&project, passphrase, &["check"]);
        said.ends_with(4);
        assert!(
            said.err.contains(&format!("error[credentials.key]: `keys/{file}` {sentence}")),
            "{}",
            said.err
        );
    }
}

#[test]
fn a_passphrase_in_plain_text_works_is_warned_of_and_never_shown() {
    let project = suite("ca: []", "key: keys/store.p12, passphrase: hunter2-hunter2");
    for command in [vec!["check"], vec!["run"], vec!["explain", "a"], vec!["explain", "a", "--curl"]] {
        let said = project.run(&command);
        said.ends_with(4);
        assert!(
            said.err.contains("warning[credentials.secret]: `passphrase` is written in plain text"),
            "{}",
            said.err
        );
        assert!(!said.all().contains("hunter2"), "{}", said.all());
    }
}

#[test]
fn curl_gets_the_store_and_a_variable_for_its_passphrase() {
    let project = suite(&format!("pkcs12: keys/store.p12, {SECRET}"), PLAIN);
    for passphrase in ["test", "and a much longer one"] {
        let said = with_passphrase(&project, passphrase, &["explain", "a", "--curl"]);
        if passphrase == "test" {
            said.ends_with(0);
            assert!(
                said.out
                    .contains("--cert-type P12 --cert keys/store.p12 \\\n  --pass \"$KEY_PASSPHRASE\" \\\n"),
                "{}",
                said.out
            );
        } else {
            said.ends_with(4);
        }
        assert!(!said.all().contains(passphrase) || passphrase == "test");
    }
    let tls = format!("certificate: keys/store.crt.pem, key: keys/p256.scrypt.pem, {SECRET}");
    let said = with_passphrase(&suite(&tls, PLAIN), "test", &["explain", "a", "--curl"]);
    said.ends_with(0);
    assert!(said.out.contains("--key keys/p256.scrypt.pem \\\n  --pass \"$KEY_PASSPHRASE\""), "{}", said.out);
}

#[test]
fn inspect_opens_what_it_gets_the_passphrase_for() {
    let project = suite("ca: []", PLAIN);
    project.write("passphrase", "test\n");
    let files = ["certs", "inspect", "keys/store.legacy.p12", "keys/rsa.encrypted.pem"];
    let said = project.run(&files);
    said.ends_with(0);
    insta::assert_snapshot!(said.out.trim_end());
    let from_file = project.run(&[&files[..], &["--passphrase-file", "passphrase"]].concat());
    from_file.ends_with(0);
    insta::assert_snapshot!(from_file.out.trim_end());
    let from_variable =
        with_passphrase(&project, "test", &[&files[..], &["--passphrase-env", "KEY_PASSPHRASE"]].concat());
    assert_eq!(from_variable.out, from_file.out);
    let said = project.run(&[&files[..], &["--passphrase-env", "NOT_SET"]].concat());
    said.ends_with(4);
    assert!(said.err.contains("the environment variable `NOT_SET` is not set"), "{}", said.err);
    let pair = [
        "certs",
        "check",
        "keys/rsa.encrypted.pem",
        "keys/rsa.v1.crt.pem",
        "--passphrase-file",
        "passphrase",
    ];
    project.run(&pair).ends_with(0);
}

/// A request that proves itself with a key, and is not signed: nothing else reads the key.
fn proving(signing: &str, dpop: &str) -> Project {
    let project = suite("ca: []", signing);
    project.write("requests/a.yaml", &format!("{REQUEST}sign: false\ndpop: {dpop}\n"));
    project.write("requests/environments/bank.yaml", &{
        let environment = project.read("requests/environments/bank.yaml");
        format!("{environment}dpop: {{}}\n")
    });
    project
}

#[test]
fn the_key_of_a_proof_is_opened_and_refused_as_that_of_a_signature_is() {
    let locked = proving("key: keys/rsa.encrypted.pem", "true").run(&["check"]);
    locked.ends_with(4);
    assert!(locked.err.contains("add `passphrase: "), "{}", locked.err);
    assert!(locked.err.contains("environments/bank.yaml:4:"), "{}", locked.err);

    let signing = format!("key: keys/rsa.encrypted.pem, {SECRET}");
    let wrong = with_passphrase(&proving(&signing, "true"), "wrong, of course", &["check"]);
    wrong.ends_with(4);
    assert!(wrong.err.contains("secret('KEY_PASSPHRASE')"), "it points at the passphrase: {}", wrong.err);
    assert!(!wrong.err.contains("wrong, of course"), "{}", wrong.err);

    let own = proving("key: keys/rsa.pkcs8.pem", "{key: keys/rsa.encrypted.pem}").run(&["check"]);
    own.ends_with(4);
    assert!(own.err.contains("name it under `signing` in the environment"), "{}", own.err);
}

#[test]
fn explain_names_the_store_that_the_key_of_a_proof_is_in() {
    let project = proving(&format!("pkcs12: keys/store.p12, {SECRET}"), "true");
    let said = with_passphrase(&project, "test", &["explain", "a"]);
    said.ends_with(0);
    assert!(said.out.contains("the public half of `keys/store.p12`"), "{}", said.out);
}

#[test]
fn a_proofs_key_that_is_kept_in_git_is_warned_of() {
    let project = proving("key: keys/rsa.pkcs8.pem", "{key: keys/p256.pkcs8.pem}");
    let git = |arguments: &[&str]| {
        let done = std::process::Command::new("git").args(arguments).current_dir(project.path()).output();
        assert!(done.unwrap().status.success());
    };
    git(&["init", "-q"]);
    git(&["add", "-f", "keys/p256.pkcs8.pem"]);
    let said = project.run(&["check"]);
    said.ends_with(0);
    assert!(said.err.contains("`keys/p256.pkcs8.pem`") && said.err.contains("Git"), "{}", said.err);
}
