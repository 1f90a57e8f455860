//! Every form that people have, and every wrong file with the sentence that it gets. The files
//! were made by OpenSSL and OpenSSH; `tests/fixtures/keys/README.md` says how.

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/fixtures/keys/", $name)).as_slice()
    };
}

const RSA: &[u8] = fixture!("rsa.pkcs8.pem");

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_private_key_is_the_same_key_in_every_form() {
    let rsa = PrivateKey::read(RSA).unwrap();
    assert_eq!(rsa.kind(), KeyKind::Rsa(2048));
    for form in [fixture!("rsa.pkcs1.pem"), fixture!("rsa.pkcs1.der"), fixture!("rsa.pkcs8.der")] {
        assert_eq!(PrivateKey::read(form).unwrap().pkcs8(), rsa.pkcs8());
    }
    assert_eq!(rsa.pkcs8(), fixture!("rsa.pkcs8.der"));
    let p256 = PrivateKey::read(fixture!("p256.pkcs8.pem")).unwrap();
    for form in [fixture!("p256.sec1.pem"), fixture!("p256.sec1.der")] {
        assert_eq!(PrivateKey::read(form).unwrap().pkcs8(), p256.pkcs8());
    }
}

#[test]
fn every_kind_of_key_is_read_and_written_back() {
    for (file, kind) in [
        (fixture!("rsa-1024.pem"), KeyKind::Rsa(1024)),
        (fixture!("rsa-pss.pem"), KeyKind::Rsa(2048)),
        (fixture!("p256.sec1.pem"), KeyKind::P256),
        (fixture!("p384.sec1.pem"), KeyKind::P384),
        (fixture!("p521.pkcs8.pem"), KeyKind::P521),
        (fixture!("ed25519.pem"), KeyKind::Ed25519),
    ] {
        let key = PrivateKey::read(file).unwrap();
        assert_eq!(key.kind(), kind);
        let again = PrivateKey::read(key.to_pem().as_bytes()).unwrap();
        assert_eq!(again.pkcs8(), key.pkcs8());
        assert_eq!(PublicKey::read(key.public().to_pem().as_bytes()).unwrap(), *key.public());
        assert_eq!(PublicKey::read(key.public().spki()).unwrap(), *key.public());
    }
}

#[test]
fn a_generated_key_is_of_the_kind_asked_for_and_no_other_is_like_it() {
    let kinds = [
        KeyKind::Rsa(2048),
        KeyKind::Rsa(3072),
        KeyKind::P256,
        KeyKind::P384,
        KeyKind::P521,
        KeyKind::Ed25519,
    ];
    for kind in kinds {
        let key = PrivateKey::generate(kind).unwrap();
        assert_eq!(key.kind(), kind);
        assert!(PrivateKey::read(key.to_pem().as_bytes()).unwrap() == key);
        assert!(PrivateKey::generate(kind).unwrap() != key);
    }
    assert_eq!(PrivateKey::generate(KeyKind::Rsa(1000)).err(), Some(KeyError::NotMade(KeyKind::Rsa(1000))));
}

#[test]
fn a_public_key_is_the_same_whether_it_comes_alone_or_in_a_certificate() {
    let rsa = PrivateKey::read(RSA).unwrap();
    for file in [
        fixture!("rsa.public.pem"),
        fixture!("rsa.public.der"),
        fixture!("rsa.pkcs1-public.pem"),
        fixture!("rsa.v1.crt.pem"),
        fixture!("rsa.v1.crt.der"),
        fixture!("rsa.trusted.crt.pem"),
    ] {
        assert_eq!(PublicKey::read(file).unwrap(), *rsa.public());
    }
    assert_eq!(rsa.public().spki(), fixture!("rsa.public.der"));
    let p256 = PrivateKey::read(fixture!("p256.sec1.pem")).unwrap();
    for file in
        [fixture!("p256.public.pem"), fixture!("p256.public-compressed.pem"), fixture!("p256.v3.crt.pem")]
    {
        assert_eq!(PublicKey::read(file).unwrap(), *p256.public());
    }
}

#[test]
fn what_editors_and_mail_programs_do_to_a_file_does_no_harm() {
    let (key, certificate) = (text(RSA), text(fixture!("rsa.v1.crt.pem")));
    for (what, file) in [
        ("windows line ends", key.replace('\n', "\r\n")),
        ("a byte order mark", format!("\u{feff}{key}")),
        ("no final newline", key.trim_end().to_owned()),
        ("text around it", format!("Bag Attributes\n    friendlyName: é\n{key}and more\n")),
        ("blanks at line ends", key.replace('\n', "  \n")),
        ("its certificate before it", format!("{certificate}{key}")),
        ("its certificate behind it", format!("{key}{certificate}")),
    ] {
        let read = PrivateKey::read(file.as_bytes());
        assert!(read.is_ok_and(|read| read == PrivateKey::read(RSA).unwrap()), "{what}");
    }
    let both = format!("{key}{certificate}");
    assert_eq!(Certificate::read_all(both.as_bytes()), Certificate::read_all(certificate.as_bytes()));
}

/// Asserts what is said of a file that should be a private key.
fn said_of_a_key(file: &[u8], sentence: &str) {
    assert_eq!(PrivateKey::read(file).err().map(|error| error.to_string()).as_deref(), Some(sentence));
}

#[test]
fn a_file_that_is_not_a_private_key_is_called_what_it_is() {
    let unsupported = "which is not supported: use RSA, P-256, P-384, P-521 or Ed25519";
    for (file, sentence) in [
        (fixture!("rsa.v1.crt.pem"), "is a certificate, not a private key"),
        (fixture!("rsa.v1.crt.der"), "is a certificate, not a private key"),
        (fixture!("rsa.public.pem"), "is a public key, not a private key"),
        (fixture!("rsa.pkcs1-public.pem"), "is a public key, not a private key"),
        (fixture!("rsa.public.der"), "is a public key, not a private key"),
        (fixture!("rsa.csr.pem"), "is a certificate signing request, not a private key"),
        (fixture!("openssh.key"), "is an OpenSSH key, not a private key"),
        (fixture!("openssh.public"), "is an OpenSSH public key, not a private key"),
        (fixture!("rsa.p12"), "is a PKCS#12 store, not a private key"),
        (fixture!("rsa.p7b.pem"), "is a PKCS#7 bundle, not a private key"),
        (fixture!("rsa.encrypted.pem"), "is encrypted, and there is no passphrase for it"),
        (fixture!("rsa-512.pem"), "holds an RSA key of 512 bits; RSA keys of 1024 to 8192 bits can be used"),
        (fixture!("secp256k1.pem"), &format!("holds a key on the curve secp256k1, {unsupported}")),
        (fixture!("ed448.pem"), &format!("holds an Ed448 key, {unsupported}")),
    ] {
        said_of_a_key(file, sentence);
    }
}

#[test]
fn a_file_that_can_be_converted_comes_with_the_command_that_converts_it() {
    let key = |file: &[u8]| PrivateKey::read(file).err().unwrap().help();
    let certificate = |file: &[u8]| Certificate::read_all(file).err().unwrap().help();
    for (help, expected) in [
        (
            key(fixture!("openssh.key")),
            "convert a copy of an RSA or ECDSA key with `ssh-keygen -p -m PKCS8 -f COPY`".into(),
        ),
        (
            key(fixture!("rsa.p12")),
            "take it out with `openssl pkcs12 -in FILE -nocerts -nodes -out KEY`".into(),
        ),
        (
            certificate(fixture!("rsa.p12")),
            "take it out with `openssl pkcs12 -in FILE -nokeys -out CERTIFICATE`".into(),
        ),
        (
            certificate(fixture!("rsa.p7b.pem")),
            "take it out with `openssl pkcs7 -in FILE -print_certs -out CERTIFICATE`".into(),
        ),
    ] {
        assert_eq!(help, Some(expected));
    }
    assert_eq!(key(fixture!("rsa.v1.crt.pem")), None);
}

#[test]
fn the_damage_of_a_file_is_named_and_its_contents_are_not() {
    let (key, der) = (text(RSA), fixture!("rsa.pkcs8.der"));
    let unknown = "is neither PEM nor a key or certificate in DER";
    for (file, sentence) in [
        (Vec::new(), "is empty"),
        (b"\xef\xbb\xbf \r\n".to_vec(), "is empty"),
        (b"s3cr3t, and no key at all".to_vec(), "has no PEM block (`-----BEGIN …-----`)"),
        (b"0 is how DER begins".to_vec(), "has no PEM block (`-----BEGIN …-----`)"),
        (vec![0x7f, b'E', b'L', b'F', 0, 0xff], unknown),
        (vec![0x30, 0x03, 0x01, 0x01, 0xff], unknown),
        (b"\xff\xfe-\0-\0".to_vec(), "is text in UTF-16: save it as UTF-8"),
        (der[..700].to_vec(), "looks like DER, but its length is wrong: the file is cut off"),
        (
            key[..700].into(),
            "is damaged PEM at line 1: the block that begins there has no end; the file is cut off",
        ),
        (key.replace("\nM", "\n*").into(), "is damaged PEM at line 2: it is not base64"),
        (key.replace('\n', "").into(), "is damaged PEM at line 1: the line breaks of the block are lost"),
        (key.repeat(2).into(), "holds 2 private keys: keep the one that is meant"),
        ([RSA, fixture!("rsa.encrypted.pem")].concat(), "holds 2 private keys: keep the one that is meant"),
        (
            pem::encode("PRIVATE KEY", b"\x30\x03not").as_bytes().to_vec(),
            "holds a PEM block at line 1 that is not a PKCS#1, PKCS#8 or SEC1 key",
        ),
        (
            [&der[..300], &[0xff; 60], &der[360..]].concat(),
            "looks like DER, but is not a PKCS#1, PKCS#8 or SEC1 key",
        ),
    ] {
        said_of_a_key(&file, sentence);
    }
}

#[test]
fn a_file_that_is_not_a_certificate_is_called_what_it_is() {
    for (file, sentence) in [
        (RSA.to_vec(), "is a private key, not a certificate"),
        (fixture!("rsa.pkcs8.der").into(), "is a private key, not a certificate"),
        (fixture!("rsa.encrypted.pem").into(), "is an encrypted private key, not a certificate"),
        (fixture!("rsa.csr.pem").into(), "is a certificate signing request, not a certificate"),
        (b"".to_vec(), "is empty"),
        (fixture!("rsa.p12").into(), "is a PKCS#12 store, not a certificate"),
        (fixture!("rsa.p7b.pem").into(), "is a PKCS#7 bundle, not a certificate"),
        (
            [fixture!("rsa.v1.crt.pem"), pem::encode("CERTIFICATE", b"bad").as_bytes()].concat(),
            "holds a PEM block at line 19 that is not an X.509 certificate",
        ),
    ] {
        let error = Certificate::read_all(&file).expect_err(sentence);
        assert_eq!(error.to_string(), sentence);
    }
}

#[test]
fn a_certificate_of_version_1_is_read_like_any_other() {
    let [certificate] = Certificate::read_all(fixture!("rsa.v1.crt.pem")).unwrap().try_into().unwrap();
    assert_eq!(certificate.der(), fixture!("rsa.v1.crt.der"));
    assert_eq!(certificate.to_pem().as_bytes(), fixture!("rsa.v1.crt.pem"));
    assert!(certificate.is_v1() && certificate.is_self_issued() && !certificate.is_ca());
    assert_eq!(certificate.subject(), "CN=ing_http,O=Example\\, Inc.,C=NL");
    assert_eq!(certificate.issuer(), certificate.subject());
    assert_eq!(certificate.serial_hex(), "0A1B2C3D4E5F60718293");
    assert_eq!(certificate.serial_decimal(), "47724914708969405121171");
    assert_eq!(certificate.not_before().to_rfc3339(), "2026-11-23T14:19:29+00:00");
    assert_eq!(certificate.not_after().to_rfc3339(), "2126-10-30T14:19:29+00:00");
    assert!(certificate.allows_client_authentication());
}

#[test]
fn what_a_certificate_says_about_its_use_is_known() {
    let [certificate] = Certificate::read_all(fixture!("p256.v3.crt.pem")).unwrap().try_into().unwrap();
    assert!(!certificate.is_v1() && certificate.is_ca());
    assert_eq!(certificate.serial_hex(), "0A");
    assert_eq!(certificate.serial_decimal(), "10");
    assert_eq!(certificate.key_usage(), Some(["digitalSignature"].as_slice()));
    assert_eq!(certificate.extended_key_usage().unwrap(), ["serverAuth", "clientAuth"]);
    assert_eq!(certificate.alternative_names(), ["bank.example", "127.0.0.1", "::1"]);
    assert_eq!(certificate.subject(), "emailAddress=a@b.example,organizationIdentifier=PSDNL-DNB-1,CN=p256");
}

#[test]
fn damage_anywhere_in_a_file_is_an_error_and_never_a_panic() {
    for file in [RSA, fixture!("rsa.pkcs8.der"), fixture!("rsa.v1.crt.der"), fixture!("p256.sec1.der")] {
        for length in 0..file.len().min(400) {
            assert!(PrivateKey::read(&file[..length]).is_err());
            assert!(Certificate::read_all(&file[..length]).is_err());
        }
        for place in 0..file.len().min(120) {
            let mut damaged = file.to_vec();
            damaged[place] ^= 0x80;
            let _ = (PrivateKey::read(&damaged), Certificate::read_all(&damaged), PublicKey::read(&damaged));
        }
    }
}
