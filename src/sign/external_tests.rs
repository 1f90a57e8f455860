//! openssl as the program that signs, and what is made of its answers.

#![allow(clippy::disallowed_methods, reason = "files of a test's own, and whether openssl is here")]

use std::sync::Arc;

use super::algorithm::{Algorithm, EcdsaForm};
use super::external::{Call, External, ProgramInput, ProgramOutput};
use super::{SignError, ecdsa};
use crate::keys::{PrivateKey, Program};

const TEXT: &[u8] = b"(request-target): get /a";

fn external(key: &str, words: &[&str], input: ProgramInput) -> External {
    let folder = std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/keys"));
    let public = PrivateKey::read(&std::fs::read(folder.join(key)).unwrap()).unwrap().public().clone();
    let path = std::env::var("PATH").unwrap_or_default();
    let program = Program {
        words: words.iter().map(|word| (*word).to_owned()).collect(),
        timeout: std::time::Duration::from_secs(20),
        longest: crate::limits::PROGRAM_ANSWER,
        folder,
        environment: Arc::new([("PATH".to_owned(), path)].into()),
        redactor: crate::secret::Redactor::default(),
    };
    External { program, public: Some((public, "public key")), input, output: ProgramOutput::Raw }
}

fn call(algorithm: Algorithm, form: EcdsaForm) -> Call<'static> {
    Call { algorithm, form, key_id: "me" }
}

/// Where the tests of the command line require openssl, this is one of them.
fn is_missing(result: &Result<Vec<u8>, SignError>) -> bool {
    let missing = result.as_ref().is_err_and(|error| error.to_string().ends_with("is not there"));
    assert!(!missing || std::env::var_os("COUNTERSIGN_TEST_REQUIRE_TOOLS").is_none(), "openssl is not here");
    missing
}

#[test]
fn whatever_openssl_signs_is_verified_and_comes_in_the_form_that_the_scheme_wants() {
    let digest = |hash: &'static str| ["openssl", "dgst", hash, "-sign"];
    let raw = |key: &'static str| ["openssl", "pkeyutl", "-sign", "-inkey", key];
    for form in [EcdsaForm::Der, EcdsaForm::Raw] {
        for (key, algorithm, hash, size) in [
            ("p256.pkcs8.pem", Algorithm::EcdsaSha256, "-sha256", 32),
            ("p384.sec1.pem", Algorithm::EcdsaSha384, "-sha384", 48),
            ("p521.pkcs8.pem", Algorithm::EcdsaSha512, "-sha512", 66),
        ] {
            let words = [&digest(hash)[..], &[key]].concat();
            let signed = external(key, &words, ProgramInput::Message).sign(&call(algorithm, form), TEXT);
            if is_missing(&signed) {
                return;
            }
            let signature = signed.unwrap();
            assert!(form == EcdsaForm::Der || signature.len() == 2 * size);
            external(key, &raw(key), ProgramInput::Digest).sign(&call(algorithm, form), TEXT).unwrap();
        }
    }
    let key = "rsa.pkcs8.pem";
    for (algorithm, hash, padding) in [
        (Algorithm::RsaSha256, "digest:sha256", "rsa_padding_mode:pkcs1"),
        (Algorithm::RsaSha512, "digest:sha512", "rsa_padding_mode:pkcs1"),
        (Algorithm::RsaPssSha256, "digest:sha256", "rsa_padding_mode:pss"),
        (Algorithm::RsaPssSha512, "digest:sha512", "rsa_padding_mode:pss"),
    ] {
        let mut words = [&raw(key)[..], &["-pkeyopt", hash, "-pkeyopt", padding]].concat();
        if padding.ends_with("pss") {
            words.extend(["-pkeyopt", "rsa_pss_saltlen:digest"]);
        }
        external(key, &words, ProgramInput::Digest).sign(&call(algorithm, EcdsaForm::Der), TEXT).unwrap();
    }
}

#[test]
fn a_raw_signature_with_a_line_break_behind_it_is_taken_for_der_too() {
    let words = ["openssl", "dgst", "-sha256", "-sign", "p256.pkcs8.pem"];
    let signed = external("p256.pkcs8.pem", &words, ProgramInput::Message)
        .sign(&call(Algorithm::EcdsaSha256, EcdsaForm::Raw), TEXT);
    if is_missing(&signed) {
        return;
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), [signed.unwrap().as_slice(), b"\n"].concat()).unwrap();
    let words = ["cat", file.path().to_str().unwrap()];
    let call = call(Algorithm::EcdsaSha256, EcdsaForm::Der);
    let signature = external("p256.pkcs8.pem", &words, ProgramInput::Message).sign(&call, TEXT).unwrap();
    assert!(ecdsa::parts(&signature, 32).is_some() && signature[0] == 0x30);
}

#[test]
fn a_signature_of_something_else_is_refused() {
    let words = ["cat", "rsa.public.der"];
    let signer = external("rsa.pkcs8.pem", &words, ProgramInput::Message);
    let error = signer.sign(&call(Algorithm::RsaSha256, EcdsaForm::Der), TEXT).unwrap_err();
    assert_eq!(error.to_string(), "`cat` answered with a signature that does not belong to this public key");
    let signer = external("ed25519.pem", &words, ProgramInput::Digest);
    assert!(signer.check(Algorithm::Ed25519).is_err());
}
