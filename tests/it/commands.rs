//! Programs that sign: openssl in the place of an HSM, through the real binary, judged by the
//! embedded bank.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "files of a test's own folder")]

use crate::support::{Project, Said, have, said};

const ENVIRONMENT: &str = "\
host: embedded
variables: {client_id: 5ca1ab1e-c0de-4bad-8c0d-0123456789ab}
tls: {certificate: certificates/tls.crt, key: certificates/tls.key}
signing:
  profile: PROFILE
  key_id: '{{ client_id }}'
";

const TOKEN: &str = "\
method: POST
endpoint: /oauth2/token
body: {form: {grant_type: client_credentials}}
capture: {access_token: $.access_token}
snapshot: false
";

const GREETING: &str = "\
method: GET
endpoint: /greetings/single
token: token
expect: {status: 200}
snapshot: false
";

/// A suite for the embedded bank whose requests this signs.
fn suite(profile: &str, signing: &str) -> Project {
    let environment = ENVIRONMENT.replace("PROFILE", profile) + signing;
    let project = Project::empty()
        .with("requests/environments/embedded.yaml", &environment)
        .with("requests/token.yaml", TOKEN)
        .with("requests/greeting.yaml", GREETING);
    project.run(&["certs", "new", "tls", "http"]).ends_with(0);
    let public = ["pkey", "-in", "certificates/http.key", "-pubout", "-out", "certificates/http.pub"];
    if have("openssl") {
        assert!(openssl(&project, &public).status.success());
    }
    project
}

fn openssl(project: &Project, arguments: &[&str]) -> std::process::Output {
    std::process::Command::new("openssl").args(arguments).current_dir(project.path()).output().unwrap()
}

fn run(project: &Project) -> Said {
    project.run(&["run"])
}

#[test]
fn the_bank_takes_what_a_program_signs_in_whatever_way_it_is_asked() {
    if !have("openssl") {
        return;
    }
    let dgst = "[openssl, dgst, -sha256, -sign, 'certificates/{{ key_name }}']";
    let pkeyutl = "[openssl, pkeyutl, -sign, -inkey, certificates/http.key, -pkeyopt, 'digest:sha256']";
    let encoded = "[sh, -c, 'openssl dgst -sha256 -sign certificates/http.key | base64']";
    for key in [
        format!("{{command: {dgst}, timeout: 20s}}"),
        format!("{{command: {pkeyutl}, input: digest}}"),
        format!("{{command: {encoded}, output: base64}}"),
        "{command: [sh, -c, 'openssl dgst -sha256 -sign certificates/http.key | od -An -v -tx1'], output: hex}".to_owned(),
    ] {
        for half in ["public_key: certificates/http.pub", "certificate: certificates/http.crt"] {
            let project = suite("ing", &format!("  key: {key}\n  {half}\n"));
            let environment = project.read("requests/environments/embedded.yaml");
            let named = environment.replace("variables: {", "variables: {key_name: http.key, ");
            project.write("requests/environments/embedded.yaml", &named);
            run(&project).ends_with(0);
        }
    }
}

#[test]
fn a_signature_of_another_key_is_never_sent() {
    if !have("openssl") {
        return;
    }
    let key = "  key: {command: [openssl, dgst, -sha256, -sign, certificates/tls.key]}\n";
    let project = suite("ing", &format!("{key}  certificate: certificates/http.crt\n"));
    let ran = run(&project);
    ran.ends_with(4);
    assert!(
        ran.all().contains("`openssl` answered with a signature that does not belong to this certificate"),
        "{}",
        ran.all()
    );
}

#[test]
fn check_never_runs_the_program() {
    let key = "  key: {command: [sh, -c, 'touch it-ran; exit 1']}\n  certificate: certificates/http.crt\n";
    let project = suite("ing", key);
    project.run(&["check"]).ends_with(0);
    let said = project.run(&["certs", "check"]);
    said.ends_with(0);
    let told = "signing  not checked: the program `sh` is not run; certificates/http.crt is valid until";
    assert!(said.out.contains(told), "{}", said.out);
    assert!(!project.has("it-ran"));
    run(&project).ends_with(4);
    assert!(project.has("it-ran"), "it runs in the root of the suite");
}

#[test]
fn a_program_that_does_not_sign_is_named_with_what_it_said() {
    for (script, rest, sentence) in [
        (
            "echo 'no such slot' >&2; echo more >&2; exit 3",
            "",
            "`sh` ended with exit code 3: no such slot; more",
        ),
        ("cat > /dev/null", "", "`sh` wrote nothing to its standard output"),
        ("kill -9 $$", "", "`sh` was ended by signal 9"),
        ("sleep 30", ", timeout: 200ms", "`sh` was not done within 200 ms"),
        ("sleep 30 & sleep 30", ", timeout: 200ms", "`sh` was not done within 200 ms"),
        ("yes", "", "`sh` wrote more than 4096 bytes"),
        ("echo '!'", ", output: base64", "`sh` answered with something that is not base64"),
        ("echo xyz", ", output: hex", "`sh` answered with something that is not hexadecimal"),
        ("printf '\\033[2J' >&2; exit 1", "", r"`sh` ended with exit code 1: \u{1b}[2J"),
        ("echo \"not: $TOKEN_OF_THE_HSM.\" >&2; exit 1", "", "exit code 1: not: ."),
    ] {
        let script = script.replace('\'', "''");
        let key = format!(
            "  key: {{command: [sh, -c, '{script}', \"{{{{ secret('TOKEN_OF_THE_HSM') }}}}\"]{rest}}}\n"
        );
        let project = suite("ing", &format!("{key}  certificate: certificates/http.crt\n"));
        let output = project.command(&["run"]).env("TOKEN_OF_THE_HSM", "s3cr3t-of-the-hsm").output();
        let ran = said(&output.unwrap());
        ran.ends_with(4);
        assert!(ran.all().contains(sentence), "{script}\n{}", ran.all());
        assert!(!ran.all().contains("s3cr3t"), "{}", ran.all());
    }
    let project = suite("ing", "  key: {command: [no-such-program]}\n  certificate: certificates/http.crt\n");
    for command in ["run", "check"] {
        let said = project.run(&[command]);
        said.ends_with(4);
        assert!(said.err.contains("the program `no-such-program` is not there"), "{}", said.err);
        assert!(said.err.contains("requests/environments/embedded.yaml:7:8"), "{}", said.err);
    }
}

#[test]
fn a_program_whose_key_nobody_knows_is_warned_of_and_named_by_explain() {
    let environment =
        "host: https://bank.example\nsigning:\n  profile: PROFILE\n  key_id: a\n  key: {command: ['true']}\n";
    let project = Project::empty()
        .with("requests/a.yaml", "method: GET\nendpoint: /a\n")
        .with("requests/environments/bank.yaml", &environment.replace("PROFILE", "ing"));
    let said = project.run(&["check"]);
    said.ends_with(0);
    assert_eq!(said.out, "1 request in bank: nothing but warnings\n");
    assert!(
        said.err.contains("what the program `true` answers can't be verified before it is sent"),
        "{}",
        said.err
    );
    let profile = "{cavage: {algorithm: hs2019, components: [(created)], carried_in: [{header: Signature}]}}";
    project.write("requests/environments/bank.yaml", &environment.replace("PROFILE", profile));
    let said = project.run(&["check"]);
    said.ends_with(4);
    assert!(said.err.contains("the algorithm follows the kind of the key"), "{}", said.err);
    assert!(
        said.err.contains("= help: name its `public_key` or `certificate` under `signing`"),
        "{}",
        said.err
    );
}

#[test]
fn explain_says_that_a_program_has_the_key() {
    if !have("openssl") {
        return;
    }
    let key = "  key: {command: [openssl, dgst, -sha256, -sign, certificates/http.key]}\n";
    let said =
        suite("ing", &format!("{key}  certificate: certificates/http.crt\n")).run(&["explain", "token"]);
    assert!(said.out.contains("\n  key        the program openssl\n"), "{}", said.all());
}

#[test]
fn a_program_is_told_the_algorithm_and_the_key_id_and_gets_the_environment() {
    let script = "echo \"$COUNTERSIGN_ALGORITHM $COUNTERSIGN_KEY_ID $LOGIN\" >&2; exit 1";
    let key = format!("  key: {{command: [sh, -c, '{script}']}}\n  certificate: certificates/http.crt\n");
    let output = suite("ing", &key).command(&["run"]).env("LOGIN", "of-the-cloud").output();
    let ran = said(&output.unwrap());
    let told = "exit code 1: rsa-sha256 5ca1ab1e-c0de-4bad-8c0d-0123456789ab of-the-cloud";
    assert!(ran.all().contains(told), "{}", ran.all());
}

#[test]
fn a_program_whose_certificate_does_not_fit_the_algorithm_is_refused_before_anything_runs() {
    let key = "  key: {command: ['false']}\n  certificate: certificates/http.crt\n";
    let project = suite("ing", key);
    project.run(&["certs", "new", "http", "--kind", "p-256", "--force"]).ends_with(0);
    let ran = project.run(&["check"]);
    ran.ends_with(4);
    assert!(ran.err.contains("`rsa-sha256` needs an RSA key"), "{}", ran.err);
}
