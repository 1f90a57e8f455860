//! What is said of files and pairs that people really have.

use chrono::{DateTime, Utc};

use super::*;
use crate::keys::{Certificate, KeyKind, PrivateKey};

const RSA_KEY: &[u8] = include_bytes!("../../tests/fixtures/keys/rsa.pkcs1.pem");
const RSA_V1: &[u8] = include_bytes!("../../tests/fixtures/keys/rsa.v1.crt.pem");

fn day(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(&format!("{text}T12:00:00Z")).unwrap().to_utc()
}

/// A key and its certificate, valid for 30 days from 2026-06-01.
fn pair() -> (PrivateKey, Certificate) {
    let key = PrivateKey::generate(KeyKind::P256).unwrap();
    let subject = Subject::common_name("ing_tls").unwrap();
    let certificate = certificate_for(&key, &subject, 30, day("2026-06-01")).unwrap();
    (key, certificate)
}

fn said(key: &PrivateKey, chain: &[Certificate], now: &str) -> Vec<String> {
    let pair = Pair { key, key_file: "a.key", chain, certificate_file: "a.crt" };
    check(&pair, Some(Purpose::Tls), day(now)).iter().map(ToString::to_string).collect()
}

#[test]
fn a_sound_pair_is_passed_over_in_silence_until_it_is_about_to_expire() {
    let (key, certificate) = pair();
    for (now, expected) in [
        ("2026-06-01", None),
        ("2026-06-17", None),
        ("2026-06-18", Some("`a.crt` expires 2026-07-01 12:00 UTC (13 days left)")),
        ("2026-06-30", Some("`a.crt` expires 2026-07-01 12:00 UTC (1 day left)")),
        ("2026-07-01", Some("`a.crt` expires 2026-07-01 12:00 UTC (less than a day left)")),
        ("2026-07-31", Some("`a.crt` expired 2026-07-01 12:00 UTC (30 days ago)")),
        ("2026-05-31", Some("`a.crt` is valid only from 2026-06-01 12:00 UTC")),
    ] {
        let said = said(&key, std::slice::from_ref(&certificate), now);
        assert_eq!(said, expected.into_iter().collect::<Vec<_>>(), "{now}");
    }
}

#[test]
fn a_key_and_a_certificate_of_different_pairs_are_both_named() {
    let ((key, own), (_, other)) = (pair(), pair());
    let (mine, theirs) = (own.public_key().fingerprint(), other.public_key().fingerprint());
    let sentence = format!(
        "`a.key` and `a.crt` do not belong together: the key's public half is {mine}, the certificate's is {theirs}"
    );
    assert_eq!(said(&key, std::slice::from_ref(&other), "2026-06-02"), [sentence]);
    assert_eq!(
        said(&key, &[other, own], "2026-06-02"),
        ["`a.crt` has the certificate of this key in place 2: put it first"]
    );
    assert_eq!(said(&key, &[], "2026-06-02"), ["`a.crt` holds no certificate"]);
}

#[test]
fn what_a_bank_may_not_like_about_a_pair_is_a_warning_and_errors_come_first() {
    let small = PrivateKey::read(include_bytes!("../../tests/fixtures/keys/rsa-1024.pem")).unwrap();
    let v1 = Certificate::read_all(RSA_V1).unwrap();
    let pair = Pair { key: &small, key_file: "a.key", chain: &v1, certificate_file: "a.crt" };
    let problems = check(&pair, Some(Purpose::Signing), day("2027-01-01"));
    let levels: Vec<Level> = problems.iter().map(Problem::level).collect();
    assert_eq!(levels, [Level::Error, Level::Warning, Level::Note]);
    assert_eq!(problems[1].to_string(), "`a.key` is an RSA key of 1024 bits; banks want 2048 or more");
    assert!(problems[2].to_string().starts_with("`a.crt` is X.509 v1"));
    assert_eq!(problems.iter().filter_map(Problem::diagnostic).count(), 2);

    let server = authority(day("2026-06-01")).unwrap().issue(day("2026-06-01")).unwrap();
    let chain = [server.certificate];
    let pair = Pair { key: &server.key, key_file: "a.key", chain: &chain, certificate_file: "a.crt" };
    let sentence =
        "`a.crt` is not meant to identify a client: it is made for serverAuth, not `clientAuth`".to_owned();
    let said = |purpose| {
        check(&pair, Some(purpose), day("2026-06-02")).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(said(Purpose::Tls), [sentence]);
    assert_eq!(said(Purpose::Signing), Vec::<String>::new());
}

#[test]
fn a_chain_in_the_wrong_order_is_put_right() {
    let authority = authority(day("2026-06-01")).unwrap();
    let server = authority.issue(day("2026-06-01")).unwrap();
    let (own, root, (_, stranger)) = (server.certificate, authority.certificate().clone(), pair());
    let mixed = vec![stranger.clone(), root.clone(), own.clone()];
    let arranged = arrange(server.key.public(), mixed);
    assert_eq!(arranged, Some(vec![own, root, stranger.clone()]));
    assert_eq!(arrange(server.key.public(), vec![stranger]), None);
}

#[test]
fn a_file_is_told_whole_and_its_secrets_are_not() {
    let file = [RSA_KEY, RSA_V1, b"-----BEGIN PRIVATE KEY-----\nAAEC\n-----END PRIVATE KEY-----\n"].concat();
    let things = inspect(&file, None).unwrap();
    let text = things.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(text, @r"
    private key, PKCS#1
      key          RSA-2048
      public key   sha256:9bceb2014405bf81e19b0b90139753768862fee74057cee5bc07adfa1d21774a
    certificate, X.509 v1
      subject      CN=ing_http,O=Example\, Inc.,C=NL
      issuer       itself
      valid        2026-11-23T14:19:29Z to 2126-10-30T14:19:29Z
      serial       0A1B2C3D4E5F60718293 (47724914708969405121171)
      fingerprint  sha256:fd8a98c4bf766f40725f48207eb21c5b3c62516cbd9e97068be441a4953c5546
      key          RSA-2048
      public key   sha256:9bceb2014405bf81e19b0b90139753768862fee74057cee5bc07adfa1d21774a
    private key
      problem      holds a PEM block at line 46 that is not a PKCS#1, PKCS#8 or SEC1 key
    ");
    let json = serde_json::to_string_pretty(&things[1]).unwrap();
    insta::assert_snapshot!(json, @r#"
    {
      "is": "certificate",
      "subject": "CN=ing_http,O=Example\\, Inc.,C=NL",
      "issuer": "CN=ing_http,O=Example\\, Inc.,C=NL",
      "self_issued": true,
      "serial_hex": "0A1B2C3D4E5F60718293",
      "serial_decimal": "47724914708969405121171",
      "not_before": "2026-11-23T14:19:29Z",
      "not_after": "2126-10-30T14:19:29Z",
      "version": 1,
      "authority": false,
      "key_usage": null,
      "extended_key_usage": null,
      "alternative_names": [],
      "fingerprint": "sha256:fd8a98c4bf766f40725f48207eb21c5b3c62516cbd9e97068be441a4953c5546",
      "key": "RSA-2048",
      "public_key": "sha256:9bceb2014405bf81e19b0b90139753768862fee74057cee5bc07adfa1d21774a"
    }
    "#);
    assert_eq!(inspect(b"", None).unwrap_err().to_string(), "is empty");
}

#[test]
fn everything_that_lies_beside_keys_is_named() {
    for (file, expected) in [
        (include_bytes!("../../tests/fixtures/keys/rsa.csr.pem").as_slice(), "certificate signing request"),
        (include_bytes!("../../tests/fixtures/keys/rsa.public.der"), "public key"),
        (include_bytes!("../../tests/fixtures/keys/p256.sec1.der"), "private key, SEC1"),
        (include_bytes!("../../tests/fixtures/keys/p256.v3.crt.pem"), "certificate, X.509 v3"),
        (include_bytes!("../../tests/fixtures/keys/rsa.p12"), "PKCS#12 store"),
        (include_bytes!("../../tests/fixtures/keys/rsa.encrypted.pem"), "encrypted private key"),
        (include_bytes!("../../tests/fixtures/keys/openssh.key"), "OpenSSH key"),
        (include_bytes!("../../tests/fixtures/keys/openssh.public"), "OpenSSH public key"),
    ] {
        assert_eq!(inspect(file, None).unwrap()[0].title(), expected);
    }
}

#[test]
fn a_certificate_of_the_right_pair_and_the_wrong_use_is_told_of() {
    let now = day("2026-06-02");
    let key = PrivateKey::generate(KeyKind::P256).unwrap();
    let order = Order {
        shape: Shape::Authority,
        ..Order::plain(Subject::common_name("ca").unwrap(), 30, KeyKind::P256)
    };
    let made = new(&order, None, now).unwrap();
    let authority_key = PrivateKey::read(made.key.as_bytes()).unwrap();
    let authority = Certificate::read_all(made.certificate.as_bytes()).unwrap().remove(0);
    let pair = Pair {
        key: &authority_key,
        key_file: "ca.key",
        chain: std::slice::from_ref(&authority),
        certificate_file: "ca.crt",
    };
    for (purpose, level) in
        [(None, Level::Note), (Some(Purpose::Tls), Level::Warning), (Some(Purpose::Signing), Level::Warning)]
    {
        let problems = check(&pair, purpose, now);
        let self_issued = purpose.is_none();
        let authority = Problem::Authority { file: "ca.crt".into(), self_issued };
        assert_eq!(problems, [authority], "its key may certify, and nothing else");
        assert_eq!(problems[0].level(), level);
    }
    assert_eq!(Issuer::new(authority.clone(), &key, now).err(), Some(CertsError::IssuerKey));
    let later = day("2027-06-02");
    assert_eq!(
        Issuer::new(authority.clone(), &authority_key, later).err(),
        Some(CertsError::IssuerExpired(authority.not_after()))
    );
    let issuer = Issuer::new(authority, &authority_key, now).unwrap();
    let client = Order { shape: Shape::Client, days: None, ..order };
    let made = new(&client, Some(&issuer), day("2026-06-20")).unwrap();
    let issued = Certificate::read_all(made.certificate.as_bytes()).unwrap().remove(0);
    assert!(issued.not_after() <= day("2026-07-02"), "nobody believes it longer than its CA");
    let too_long = Order { days: Some(20), ..client };
    assert!(matches!(new(&too_long, Some(&issuer), day("2026-06-20")).err(), Some(CertsError::Outlives(_))));
}
