//! Encrypted keys and PKCS#12 stores as OpenSSL and keytool write them; the passphrase is `test`.

use super::*;

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/fixtures/keys/", $name)).as_slice()
    };
}

const CONVERT: &str = "convert it with `openssl pkcs8 -topk8 -v2 aes-256-cbc";

fn said<T>(read: Result<T, KeyError>) -> (String, Option<String>) {
    let error = read.err().expect("it can't be read");
    (error.to_string(), error.help())
}

#[test]
fn a_key_is_the_same_key_whatever_it_was_encrypted_with() {
    let rsa = PrivateKey::read(fixture!("rsa.pkcs8.pem")).unwrap();
    for file in [fixture!("rsa.encrypted.pem"), fixture!("rsa.encrypted.der")] {
        assert!(is_encrypted(file));
        assert_eq!(PrivateKey::read_with(file, "test").unwrap().pkcs8(), rsa.pkcs8());
    }
    let p256 = PrivateKey::read(fixture!("p256.pkcs8.pem")).unwrap();
    for file in [
        fixture!("p256.aes-128-cbc.hmacWithSHA256.pem"),
        fixture!("p256.aes-128-cbc.hmacWithSHA512.pem"),
        fixture!("p256.aes-256-cbc.hmacWithSHA1.pem"),
        fixture!("p256.aes-256-cbc.hmacWithSHA256.pem"),
        fixture!("p256.aes-256-cbc.hmacWithSHA512.pem"),
        fixture!("p256.des3.pem"),
        fixture!("p256.scrypt.pem"),
    ] {
        assert_eq!(PrivateKey::read_with(file, "test").unwrap().pkcs8(), p256.pkcs8());
        assert_eq!(PrivateKey::read(file).err(), Some(KeyError::Encrypted(Armour::Pem)));
    }
    let plain = fixture!("p256.pkcs8.pem");
    assert!(PrivateKey::read_with(plain, "test").unwrap() == p256 && !is_encrypted(plain));
}

#[test]
fn a_wrong_passphrase_is_called_wrong_and_no_other_way_of_failing_is() {
    let wrong = "can't be decrypted: the passphrase is wrong, or the file is damaged";
    for number in 0..400 {
        let read =
            PrivateKey::read_with(fixture!("p256.aes-128-cbc.hmacWithSHA256.pem"), &format!("no {number}"));
        assert_eq!(said(read).0, wrong);
    }
    for passphrase in ["", "tes", "test ", "t\u{e9}st"] {
        assert_eq!(said(PrivateKey::read_with(fixture!("rsa.encrypted.der"), passphrase)).0, wrong);
        assert_eq!(said(KeyStore::read(fixture!("store.p12"), Some(passphrase))).0, wrong);
        assert_eq!(said(KeyStore::read(fixture!("store.legacy.p12"), Some(passphrase))).0, wrong);
    }
}

#[test]
fn an_encryption_of_the_past_comes_with_the_command_that_converts_it() {
    let pbes1 = "is encrypted with PBES1 (DES, Triple DES or RC2), which is not read";
    let proc_type = "is encrypted as PEM was before PKCS#8 (`Proc-Type`), which is not read";
    for (file, sentence, options) in [
        (fixture!("rsa.encrypted-legacy.pem"), proc_type, ""),
        (fixture!("p256.pbes1.pem"), pbes1, " -provider legacy -provider default"),
        (fixture!("p256.pbes1.der"), pbes1, " -provider legacy -provider default -inform DER"),
        (fixture!("p256.pbes1-md5-des.pem"), pbes1, " -provider legacy -provider default"),
    ] {
        let help = format!("{CONVERT}{options} -in FILE -out CONVERTED`");
        let expected = (sentence.to_owned(), Some(help));
        assert_eq!(said(PrivateKey::read(file)), expected);
        assert_eq!(said(PrivateKey::read_with(file, "test")), expected);
    }
}

#[test]
fn a_file_that_asks_for_years_of_key_derivation_is_refused_at_once() {
    let mut file = fixture!("rsa.encrypted.der").to_vec();
    // `iterationCount INTEGER ::= 2048`, behind a salt.
    let place = file.windows(4).position(|bytes| bytes == [0x02, 0x02, 0x08, 0x00]).unwrap();
    assert!(place < 80);
    // The salt gives up two bytes, so that the lengths around it still hold.
    let salt = file[..place].iter().rposition(|byte| *byte == 0x04).unwrap();
    let length = usize::from(file[salt + 1]);
    let rounds = [0x02, 0x04, 0x7f, 0xff, 0xff, 0xff];
    file[salt + 1] -= 2;
    file.splice(salt + length..place + 4, rounds);
    let read = PrivateKey::read_with(&file, "test");
    assert_eq!(read.err(), Some(KeyError::Encryption(Encryption::Unknown, Armour::Der)));
}

#[test]
fn a_store_of_today_and_one_of_the_past_hold_the_same() {
    let key = PrivateKey::read(fixture!("p256.pkcs8.pem")).unwrap();
    let own = Certificate::read_all(fixture!("store.crt.pem")).unwrap().remove(0);
    let issuer = Certificate::read_all(fixture!("store.ca.pem")).unwrap().remove(0);
    for file in [fixture!("store.p12"), fixture!("store.legacy.p12")] {
        let store = KeyStore::read(file, Some("test")).unwrap();
        assert!(store.key == key);
        assert_eq!(store.certificates, [own.clone(), issuer.clone()]);
    }
    for passphrase in [None, Some("")] {
        assert!(KeyStore::read(fixture!("store.empty-passphrase.p12"), passphrase).unwrap().key == key);
    }
}

#[test]
fn a_store_that_can_not_be_used_says_what_it_is() {
    let store = |file: &[u8]| said(KeyStore::read(file, Some("test"))).0;
    assert_eq!(store(fixture!("store.no-key.p12")), "is a PKCS#12 store without a private key");
    assert_eq!(store(fixture!("store.no-certificate.p12")), "is a PKCS#12 store without a certificate");
    assert_eq!(
        said(KeyStore::read(fixture!("store.two-keys.p12"), Some("testtest"))).0,
        "holds 2 private keys: keep the one that is meant"
    );
    assert_eq!(
        said(KeyStore::read(fixture!("store.p12"), None)).0,
        "is a PKCS#12 store with a passphrase, and there is none for it"
    );
    assert_eq!(store(fixture!("store.crt.pem")), "is a certificate, not a PKCS#12 store");
    assert_eq!(store(fixture!("rsa.pkcs8.der")), "is a private key, not a PKCS#12 store");
    let whole = fixture!("store.p12");
    assert_eq!(store(&whole[..900]), "looks like DER, but its length is wrong: the file is cut off");
    let mut damaged = whole.to_vec();
    damaged[40..60].fill(0xff);
    let sentence = store(&damaged);
    assert!(sentence.contains("a whole PKCS#12 store") || sentence.contains("is damaged"), "{sentence}");
}

#[test]
fn damage_anywhere_is_an_error_and_never_a_panic() {
    for file in [fixture!("p256.pbes1.der"), fixture!("rsa.encrypted.der")] {
        for place in 0..120 {
            let mut damaged = file.to_vec();
            damaged[place] ^= 0x41;
            let _ = PrivateKey::read_with(&damaged, "test");
        }
    }
    for place in (0..160).chain(1400..1509) {
        let mut damaged = fixture!("store.legacy.p12").to_vec();
        damaged[place] ^= 0x41;
        let _ = KeyStore::read(&damaged, Some("test"));
    }
}
