//! What is made is judged by the programs that will have to take it: OpenSSL where it is
//! installed, and the TLS library that the sandbox's clients use.

use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::*;
use crate::files;
use crate::keys::{Certificate, KeyKind, PrivateKey};

const KINDS: [KeyKind; 5] =
    [KeyKind::Rsa(2048), KeyKind::P256, KeyKind::P384, KeyKind::P521, KeyKind::Ed25519];

fn now() -> DateTime<Utc> {
    crate::clock::Clock::System.now()
}

fn order(subject: &str, kind: KeyKind) -> Order {
    Order::plain(Subject::parse(subject).unwrap(), 365, kind)
}

/// Runs the real `openssl` in a folder; says so where there is none.
fn openssl(folder: &Path, arguments: &str) -> Option<Output> {
    let run = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output();
    if run.is_err() {
        println!("skipped: there is no `openssl` here");
    }
    run.ok()
}

/// What `openssl` prints, when it succeeds.
fn printed(folder: &Path, arguments: &str) -> Option<String> {
    let output = openssl(folder, arguments)?;
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "openssl {arguments}: {said}");
    Some(said)
}

fn write(folder: &Path, name: &str, contents: &[u8]) {
    files::write(&folder.join(name), contents, files::Mode::Private, files::Existing::Replace).unwrap();
}

#[test]
fn openssl_accepts_the_request_and_the_certificate_of_every_kind_of_key() {
    let folder = tempfile::tempdir().unwrap();
    for kind in KINDS {
        let made = new(&order("CN=ing_http,O=Example\\, Inc.,C=NL", kind), None, now()).unwrap();
        for file in made.files("ing_http").unwrap() {
            write(folder.path(), &file.name, file.contents);
        }
        let Some(request) = printed(folder.path(), "req -verify -noout -in ing_http.csr") else { return };
        assert!(request.contains("verify OK"), "{request}");
        printed(folder.path(), "pkey -in ing_http.key -check -noout");
        for purpose in ["sslclient", "any"] {
            let verify = format!("verify -purpose {purpose} -CAfile ing_http.crt ing_http.crt");
            printed(folder.path(), &verify);
        }
        let keys = [
            "pkey -in ing_http.key -pubout",
            "x509 -in ing_http.crt -noout -pubkey",
            "req -in ing_http.csr -noout -pubkey",
        ];
        let keys = keys.map(|arguments| printed(folder.path(), arguments).unwrap());
        assert!(keys[0] == keys[1] && keys[1] == keys[2], "{keys:?}");
    }
}

#[test]
fn openssl_and_we_read_the_same_in_a_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let made = new(&order("CN=ing_http,O=Example\\, Inc.,C=NL", KeyKind::Rsa(2048)), None, now()).unwrap();
    write(folder.path(), "a.crt", made.certificate.as_bytes());
    write(folder.path(), "a.key", made.key.as_bytes());
    let [certificate] = Certificate::read_all(made.certificate.as_bytes()).unwrap().try_into().unwrap();
    assert_eq!(certificate.subject(), "CN=ing_http,O=Example\\, Inc.,C=NL");
    assert_eq!((certificate.not_after() - certificate.not_before()).num_days(), 365);
    let show = "x509 -in a.crt -noout -nameopt RFC2253 -subject -issuer -serial -fingerprint -sha256";
    let Some(shown) = printed(folder.path(), show) else { return };
    let print = certificate.fingerprint().replace("sha256:", "").to_uppercase();
    let pairs: Vec<&str> =
        print.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap()).collect();
    let (name, serial) = (certificate.subject(), certificate.serial_hex());
    let expected =
        format!("subject={name}\nissuer={name}\nserial={serial}\nsha256 Fingerprint={}\n", pairs.join(":"));
    assert_eq!(shown, expected);
    let text = printed(folder.path(), "x509 -in a.crt -noout -text").unwrap();
    assert!(text.contains("Version: 3") && text.contains("CA:FALSE"), "{text}");
    assert_eq!(
        printed(folder.path(), "rsa -in a.key -noout -modulus"),
        printed(folder.path(), "x509 -in a.crt -noout -modulus")
    );
}

#[test]
fn the_line_that_an_old_encryption_comes_with_really_converts_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let rsa = PrivateKey::read(include_bytes!("../../tests/fixtures/keys/rsa.pkcs8.pem")).unwrap();
    let p256 = PrivateKey::read(include_bytes!("../../tests/fixtures/keys/p256.pkcs8.pem")).unwrap();
    for (encrypted, plain) in [
        (include_bytes!("../../tests/fixtures/keys/rsa.encrypted-legacy.pem").as_slice(), &rsa),
        (include_bytes!("../../tests/fixtures/keys/p256.pbes1.pem"), &p256),
        (include_bytes!("../../tests/fixtures/keys/p256.pbes1.der"), &p256),
        (include_bytes!("../../tests/fixtures/keys/p256.pbes1-md5-des.pem"), &p256),
    ] {
        write(folder.path(), "FILE", encrypted);
        let help = PrivateKey::read(encrypted).err().unwrap().help().unwrap();
        let line = help.split('`').nth(1).and_then(|line| line.strip_prefix("openssl ")).unwrap();
        let line = format!("{line} -passin pass:test -passout pass:again");
        let Some(_) = printed(folder.path(), &line) else { return };
        let converted = files::read(&folder.path().join("CONVERTED"), crate::limits::KEY_FILE).unwrap();
        assert!(PrivateKey::read_with(&converted, "again").is_ok_and(|key| key == *plain));
    }
}

#[test]
fn what_can_not_be_made_is_refused_before_a_key_is_made() {
    for days in [0, 826, 36_500] {
        let order = Order { days: Some(days), ..order("CN=a", KeyKind::P256) };
        assert_eq!(new(&order, None, now()).err(), Some(CertsError::Days(days)));
    }
    assert_eq!(
        new(&order("CN=a", KeyKind::P256), None, DateTime::<Utc>::MAX_UTC).err(),
        Some(CertsError::Moment)
    );
    let made = new(&order("CN=a", KeyKind::P256), None, now()).unwrap();
    for name in ["", "..", "a/b", "-rf", "a b", "é", &"x".repeat(65), "a\0"] {
        assert_eq!(made.files(name).err(), Some(CertsError::Name(name.to_owned())));
    }
    let small = PrivateKey::read(include_bytes!("../../tests/fixtures/keys/rsa-1024.pem")).unwrap();
    let refused = request(&order("CN=a", KeyKind::P256), &small);
    assert_eq!(refused, Err(CertsError::SmallKey(1024)));
}

/// What a client that trusts `authority` says of `leaf` when it calls `name`.
fn judged(authority: &Certificate, leaf: &Certificate, name: &str) -> Result<(), rustls::Error> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from(authority.der().to_vec())).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let verifier = rustls::client::WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .unwrap();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let at =
        UnixTime::since_unix_epoch(std::time::Duration::from_secs(now().timestamp().try_into().unwrap()));
    let leaf = CertificateDer::from(leaf.der().to_vec());
    verifier.verify_server_cert(&leaf, &[], &name, &[], at).map(drop)
}

#[test]
fn clients_that_trust_the_authority_trust_the_server_by_all_its_names() {
    let authority = authority(now()).unwrap();
    let issued = authority.issue(now()).unwrap();
    assert!(issued.certificate.public_key() == issued.key.public());
    for name in ["localhost", "127.0.0.1", "::1"] {
        assert_eq!(judged(authority.certificate(), &issued.certificate, name), Ok(()), "{name}");
    }
    assert!(judged(authority.certificate(), &issued.certificate, "bank.example").is_err());
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "ca.crt", authority.certificate().to_pem().as_bytes());
    write(folder.path(), "leaf.crt", issued.certificate.to_pem().as_bytes());
    let hosts = ["-verify_hostname localhost", "-verify_ip 127.0.0.1", "-verify_ip ::1"];
    for host in hosts {
        printed(
            folder.path(),
            &format!("verify -x509_strict -purpose sslserver {host} -CAfile ca.crt leaf.crt"),
        );
    }
}

#[test]
fn a_stolen_authority_can_not_pose_as_a_bank() {
    let authority = authority(now()).unwrap();
    let bank = vec![rcgen::SanType::DnsName("bank.example".try_into().unwrap())];
    let forged = authority.leaf("bank.example", bank, now()).unwrap();
    let refused = judged(authority.certificate(), &forged.certificate, "bank.example").unwrap_err();
    assert!(format!("{refused:?}").contains("NameConstraintViolation"), "{refused:?}");
    let valid = authority.certificate().not_after() - authority.certificate().not_before();
    assert_eq!(valid.num_days(), 30);
}

#[test]
fn a_name_is_spelled_as_openssl_java_and_the_certificate_itself_have_it() {
    let subject = "CN=A,organizationIdentifier=VATNL-1,O=Example\\, Inc.,C=NL";
    let made = new(&order(subject, KeyKind::P256), None, now()).unwrap();
    let certificate = Certificate::read_all(made.certificate.as_bytes()).unwrap().remove(0);
    let name = certificate.issuer_name();
    assert_eq!(name.readable(), subject);
    assert_eq!(name.rfc2253(), "CN=A,2.5.4.97=#0c075641544e4c2d31,O=Example\\, Inc.,C=NL");
    assert_eq!(name.in_order(), "C=NL,O=Example\\, Inc.,organizationIdentifier=VATNL-1,CN=A");
    assert_eq!(certificate.organization_identifier(), Some("VATNL-1"));
}
