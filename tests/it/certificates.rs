//! What `certs new` makes, as OpenSSL sees it: the text, the chain, the statements of PSD2, and a
//! handshake in which both ends were made here.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use crate::support::{Project, have};

const PROVIDER: &[&str] = &[
    "--organization-identifier",
    "PSDES-BDE-3DFD21",
    "--role",
    "PSP_PI",
    "--role",
    "PSP_AI",
    "--nca-name",
    "Bank of Spain",
];

/// A CA, and what it issues.
fn made() -> Project {
    let project = Project::empty();
    let new = |more: &[&str]| project.run(&[&["certs", "new"], more].concat()).ends_with(0).out.clone();
    assert_eq!(new(&["ca", "--ca"]), "certificates/ca.key\ncertificates/ca.crt\n");
    new(&["client", "--issuer", "ca"]);
    new(&["server", "--issuer", "ca", "--shape", "server"]);
    new(&[&["seal", "--issuer", "ca", "--shape", "qsealc"], PROVIDER].concat());
    new(&[&["web", "--issuer", "ca", "--shape", "qwac", "--san", "localhost"], PROVIDER].concat());
    project
}

/// What `openssl` prints when it succeeds.
fn openssl(project: &Project, arguments: &str) -> String {
    let output =
        Command::new("openssl").args(arguments.split(' ')).current_dir(project.path()).output().unwrap();
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "openssl {arguments}: {said}");
    said
}

#[test]
fn openssl_finds_in_each_certificate_what_its_shape_promises_and_a_whole_chain() {
    if !have("openssl") {
        return;
    }
    let project = made();
    for (name, purpose, has, lacks) in [
        (
            "client",
            "sslclient",
            vec!["Digital Signature\n", "TLS Web Client Authentication\n"],
            vec!["qcStatements"],
        ),
        (
            "server",
            "sslserver",
            vec!["TLS Web Server Authentication\n", "DNS:localhost, IP Address:127.0.0.1"],
            vec!["TLS Web Client"],
        ),
        (
            "web",
            "sslclient",
            vec![
                "TLS Web Server Authentication, TLS Web Client Authentication",
                "DNS:localhost",
                "qcStatements",
            ],
            vec!["Non Repudiation"],
        ),
        ("seal", "any", vec!["Digital Signature, Non Repudiation\n", "qcStatements"], vec!["TLS Web"]),
    ] {
        let text = openssl(&project, &format!("x509 -in certificates/{name}.crt -noout -text"));
        for part in has.into_iter().chain(["CA:FALSE", "Version: 3", "Issuer: CN = ca\n"]) {
            assert!(text.contains(part), "{name} has no {part:?}: {text}");
        }
        for part in lacks {
            assert!(!text.contains(part), "{name} has {part:?}: {text}");
        }
        openssl(
            &project,
            &format!(
                "verify -x509_strict -purpose {purpose} -CAfile certificates/ca.crt certificates/{name}.crt"
            ),
        );
        let request = openssl(&project, &format!("req -verify -noout -text -in certificates/{name}.csr"));
        assert!(request.contains("verify OK") && request.contains("Digital Signature"), "{request}");
        let key = openssl(&project, &format!("pkey -in certificates/{name}.key -pubout"));
        assert_eq!(key, openssl(&project, &format!("x509 -in certificates/{name}.crt -noout -pubkey")));
    }
    let authority = openssl(&project, "x509 -in certificates/ca.crt -noout -text");
    for part in ["CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "Permitted:", "DNS:localhost"] {
        assert!(authority.contains(part), "{part}: {authority}");
    }
}

#[test]
fn the_statements_of_psd2_are_there_object_by_object() {
    if !have("openssl") {
        return;
    }
    let project = made();
    for (name, kind) in [("seal", "0.4.0.1862.1.6.2"), ("web", "0.4.0.1862.1.6.3")] {
        let listing = openssl(&project, &format!("asn1parse -in certificates/{name}.crt"));
        let mut lines = listing.lines().skip_while(|line| !line.contains(":qcStatements"));
        let offset = lines.nth(1).unwrap().trim().split(':').next().unwrap().to_owned();
        let inside = openssl(&project, &format!("asn1parse -in certificates/{name}.crt -strparse {offset}"));
        let values: Vec<&str> = inside
            .lines()
            .filter(|line| line.contains("OBJECT") || line.contains("UTF8STRING"))
            .map(|line| line.rsplit(':').next().unwrap())
            .collect();
        let expected = [
            "0.4.0.1862.1.1",
            "0.4.0.1862.1.6",
            kind,
            "0.4.0.19495.2",
            "0.4.0.19495.1.2",
            "PSP_PI",
            "0.4.0.19495.1.3",
            "PSP_AI",
            "Bank of Spain",
            "ES-BDE",
        ];
        assert_eq!(values, expected, "{inside}");
        let subject = openssl(&project, &format!("x509 -in certificates/{name}.crt -noout -subject"));
        assert!(subject.contains("organizationIdentifier = PSDES-BDE-3DFD21"), "{subject}");
        assert!(subject.contains("C = ES"), "{subject}");
    }
    let said = project.run(&["certs", "inspect", "certificates/seal.crt"]);
    let shown: Vec<&str> = said
        .out
        .lines()
        .filter(|line| {
            ["key usage", "qualified", "provider", "PSD2"].iter().any(|row| line.trim().starts_with(row))
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    key usage    digitalSignature, nonRepudiation
    qualified    QSealC (eseal), says so
    provider     PSDES-BDE-3DFD21
    PSD2 roles   PSP_PI, PSP_AI
    PSD2 by      Bank of Spain (ES-BDE)
    ");
    let json = project.run(&["certs", "inspect", "--json", "certificates/web.crt"]).out;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        json["holds"][0]["qualified"],
        serde_json::json!({"compliant": true, "kinds": ["QWAC (web)"], "organization_identifier": "PSDES-BDE-3DFD21",
            "roles": ["PSP_PI", "PSP_AI"], "authority": ["Bank of Spain", "ES-BDE"]})
    );
}

/// Ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// OpenSSL's server, which lets in whom this CA certified.
fn server(project: &Project, authority: &str) -> (Running, String) {
    let line = format!(
        "s_server -accept 127.0.0.1:0 -cert certificates/server.crt -key certificates/server.key -CAfile {authority} \
         -Verify 1 -verify_return_error -www"
    );
    let mut child = Command::new("openssl")
        .args(line.split(' '))
        .current_dir(project.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.strip_prefix("ACCEPT ").map(str::to_owned)).expect("it listens");
    std::thread::spawn(move || lines.for_each(drop));
    (Running(child), address)
}

#[test]
fn a_client_certificate_that_a_made_ca_issued_is_let_in_by_openssl_and_a_strangers_is_not() {
    if !have("openssl") {
        return;
    }
    let project = made().with("requests/a.yaml", "method: GET\nendpoint: /\nsign: false\nsnapshot: false\n");
    project.run(&["certs", "new", "other", "--ca"]).ends_with(0);
    let run = |authority: &str, name: &str| {
        let (_running, address) = server(&project, authority);
        let port = address.rsplit(':').next().unwrap();
        let environment = format!(
            "host: https://localhost:{port}\ntls: {{certificate: certificates/{name}.crt, key: certificates/{name}.key, \
             ca: certificates/ca.crt, ca_only: true}}\n"
        );
        project.write("requests/environments/local.yaml", &environment);
        project.run(&["run", "--snapshots", "no"])
    };
    for name in ["client", "web"] {
        let said = run("certificates/ca.crt", name);
        assert!(said.all().contains("✓ a"), "{name}: {}", said.all());
    }
    let refused = run("certificates/other.crt", "client");
    refused.ends_with(5);
}

#[test]
fn what_is_configured_for_the_wrong_use_is_warned_of_before_anything_is_sent() {
    let project = made().with("requests/a.yaml", "method: GET\nendpoint: /a\n");
    let environment = |tls: &str, signing: &str| {
        format!(
            "host: https://bank.example\nvariables: {{client_id: me}}\n\
             tls: {{certificate: certificates/{tls}.crt, key: certificates/{tls}.key}}\n\
             signing: {{profile: ing, key: certificates/{signing}.key, certificate: certificates/{signing}.crt}}\n"
        )
    };
    let warned = |tls: &str, signing: &str| -> Vec<String> {
        project.write("requests/environments/bank.yaml", &environment(tls, signing));
        let said = project.run(&["check"]);
        said.ends_with(0);
        let warnings = said.err.lines().filter_map(|line| line.split_once("]: "));
        warnings.map(|(_, warning)| warning.to_owned()).collect()
    };
    assert_eq!(warned("web", "seal"), [""; 0]);
    assert_eq!(
        warned("seal", "web"),
        [
            "`certificates/seal.crt` is a QSealC (eseal), and is to identify a client",
            "`certificates/web.crt` is a QWAC (web), and is to sign requests",
        ]
    );
    assert_eq!(
        warned("server", "seal"),
        [
            "`certificates/server.crt` is not meant to identify a client: it is made for serverAuth, not `clientAuth`"
        ]
    );
    // Self-issued: a note at `certs check`, and nothing here.
    assert_eq!(warned("ca", "seal"), [""; 0]);
    let said = project.run(&["certs", "check", "certificates/ca.key", "certificates/ca.crt"]);
    assert!(said.all().contains("note: `certificates/ca.crt` is its own CA"), "{}", said.all());
}

#[test]
fn a_key_that_a_git_repository_tracks_is_warned_of() {
    if !have("git") {
        return;
    }
    let project = Project::empty().with("bank/.keep", "");
    let git = |arguments: &[&str]| {
        let done = Command::new("git").args(arguments).current_dir(project.path()).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    git(&["init", "-q"]);
    project.run(&["certs", "new", "a", "b", "--dir", "bank"]).ends_with(0);
    git(&["add", "bank/a.key", "bank/b.crt"]);
    let said = project.run(&["certs", "check", "bank/a.key", "bank/a.crt"]);
    said.ends_with(0);
    insta::assert_snapshot!(said.err.trim_end(), @r"
    warning[credentials.key]: `bank/a.key` is a private key that this Git repository tracks
     |
     = help: make a new pair, register it, and keep its key out with a line `*.key` in `.gitignore`
    ");
    let said = project.run(&["certs", "check", "bank/b.key", "bank/b.crt"]);
    said.ends_with(0);
    assert_eq!(said.err, "");
}

#[test]
fn a_certificate_signed_over_sha_1_is_warned_of() {
    if !have("openssl") {
        return;
    }
    let project = Project::empty();
    openssl(
        &project,
        "req -x509 -sha1 -newkey rsa:2048 -nodes -keyout old.key -out old.crt -subj /CN=old -days 30",
    );
    let said = project.run(&["certs", "check", "old.key", "old.crt"]);
    assert!(said.err.contains("`old.crt` is signed with SHA-1, which can be forged"), "{}", said.err);
}

#[test]
fn what_can_not_be_made_says_what_to_write_and_makes_nothing() {
    let project = Project::empty();
    project.run(&["certs", "new", "ca", "--ca"]).ends_with(0);
    project.run(&["certs", "new", "plain"]).ends_with(0);
    for (arguments, code, said) in [
        (vec!["x", "--shape", "qwac"], 2, "a QWAC or QSealC says who the provider is"),
        (vec!["x", "--role", "PSP_AI"], 2, "are for a QWAC or QSealC"),
        (
            [&["x", "--shape", "qsealc", "--organization-identifier", "ES-1"], &PROVIDER[2..]].concat(),
            2,
            "`ES-1` is not the identifier of a payment service provider: write it like `PSDES-BDE-3DFD21`",
        ),
        (vec!["x", "--san", "*.bank.example"], 2, "`*.bank.example` is not a DNS name or address"),
        (vec!["x", "--days", "826"], 2, "826"),
        (vec!["x", "--issuer", "ca", "--days", "300"], 2, "the CA that signs expires"),
        (vec!["x", "--issuer", "nobody"], 4, "`countersign certs new nobody --ca` makes one"),
        (vec!["x", "--issuer", "plain"], 4, "`certificates/plain.crt`: `CN=plain` may not sign certificates"),
        (vec!["x", "--ca", "--issuer", "ca"], 2, "cannot be used with"),
        (vec!["../x"], 2, "can't name the files"),
    ] {
        let refused = project.run(&[&["certs", "new"], arguments.as_slice()].concat());
        refused.ends_with(code);
        assert!(refused.err.contains(said), "{arguments:?}: {}", refused.err);
        assert!(!project.has("certificates/x.key"), "{arguments:?}");
    }
}

#[test]
fn a_request_for_a_key_that_is_there_asks_for_what_is_said() {
    if !have("openssl") {
        return;
    }
    let project = Project::empty();
    project.run(&["certs", "new", "a", "--kind", "p-256"]).ends_with(0);
    let key = "certificates/a.key";
    project
        .run(&[
            "certs",
            "csr",
            key,
            "--subject",
            "CN=My App,O=My Company,C=NL",
            "-o",
            "a.csr",
            "--san",
            "app.example",
        ])
        .ends_with(0);
    let text = openssl(&project, "req -verify -noout -text -in a.csr");
    for part in ["verify OK", "Subject: C = NL, O = My Company, CN = My App", "DNS:app.example"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    project.run(&["certs", "csr", key, "-o", "a.csr"]).ends_with(6);
    let printed = project.run(&[&["certs", "csr", key, "--shape", "qsealc"], PROVIDER].concat());
    printed.ends_with(0);
    assert!(printed.out.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"), "{}", printed.out);
}

#[test]
fn a_ca_is_never_replaced_by_what_it_issues() {
    let project = Project::empty();
    project.run(&["certs", "new", "ca", "--ca"]).ends_with(0);
    let before = project.read("certificates/ca.key");
    let said = project.run(&["certs", "new", "ca", "--issuer", "ca", "--force"]);
    said.ends_with(2);
    assert!(said.err.contains("`ca` can't issue over itself"), "{}", said.err);
    assert_eq!(project.read("certificates/ca.key"), before);
}
