//! A client makes each usual mistake once; the explanation must name that mistake and no other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::keys::PrivateKey;
use crate::message::Message;
use crate::sign::algorithm::EcdsaForm;
use crate::sign::cavage::tests::{covered, key, message};
use crate::sign::digest::Hash;
use crate::sign::key::{Ready, SigningKey};
use crate::sign::verify::VerifyingKey;

const LIST: &str = "(request-target) date digest x-id";
const BODY: &str = r#"{"amount": 1}"#;

fn request() -> Message {
    let digest = crate::sign::digest::value(Hash::Sha256, BODY.as_bytes());
    let headers =
        [("Date", "Tue, 21 Nov 2023 08:09:05 GMT"), ("Digest", &digest), ("X-ID", "7"), ("X-Other", "8")];
    message("POST", "/pay?to=a%20b", &headers, BODY)
}

fn right() -> String {
    let digest = Hash::Sha256.base64_of(BODY.as_bytes());
    format!(
        "(request-target): post /pay?to=a%20b\ndate: Tue, 21 Nov 2023 08:09:05 GMT\ndigest: SHA-256={digest}\nx-id: 7"
    )
}

fn signature(key: PrivateKey, algorithm: Algorithm, text: &[u8]) -> Vec<u8> {
    Ready::new(&SigningKey::from(key), algorithm, EcdsaForm::Der).unwrap().sign(text).unwrap()
}

/// What is said of a signature over `text`.
fn explain(signature: &[u8]) -> Option<Explanation> {
    let message = request();
    let value = format!(r#"keyId="a",headers="{LIST}",signature="{}""#, STANDARD.encode(signature));
    let parameters = Parameters::parse(&value).unwrap();
    let (target, host) = (message.target(), message.host());
    let covered = covered(&message, &target, &host);
    let (signing, tls) = (key("rsa.pkcs8.pem"), key("rsa-1024.pem"));
    let candidates = [
        Candidate::new("the signing key", VerifyingKey::Public(signing.public())),
        Candidate::new("the key of the TLS certificate", VerifyingKey::Public(tls.public())),
    ];
    diagnose(&covered, &parameters, Algorithm::RsaSha256, &candidates)
}

#[test]
fn each_usual_mistake_in_the_signing_string_is_named_and_shown() {
    let right = right();
    let digest = |bytes: &[u8]| {
        right.replace(&Hash::Sha256.base64_of(BODY.as_bytes()), &Hash::Sha256.base64_of(bytes))
    };
    let lines: Vec<&str> = right.lines().collect();
    for (wrong, sentence) in [
        (format!("{right}\n"), "a newline stands at the end"),
        (right.replace('\n', "\r\n"), "joined by CR LF"),
        (right.replace('\n', "\\n"), "joined by a backslash and an `n`"),
        (right.replace(": ", ":"), "the space after each colon is missing"),
        (right.replace("post", "POST"), "the method is in upper case"),
        (right.replace("?to=a%20b", ""), "the query is missing from `(request-target)`; "),
        (
            right.replace("post /pay?to=a%20b", "POST /pay"),
            "the query is missing from `(request-target)`, and",
        ),
        (right.replace("%20", " "), "percent-decoded"),
        (right.replace("post /", "/"), "the method is missing"),
        (right.replace("post /", "post https://example.com/"), "holds the whole URL"),
        (
            right.replace("date", "Date").replace("digest", "Digest").replace("x-id", "X-ID"),
            "header names keep their upper case",
        ),
        (digest(b""), "is that of an empty body"),
        (digest(b"{\"amount\": 1}\n"), "is that of the body with a newline"),
        (digest(b"{\"amount\":1}"), "is that of the same JSON without blanks"),
        (right.replace("SHA-256=", ""), "lacks its `SHA-256=`"),
        (
            [lines[1], lines[0], lines[2], lines[3]].join("\n"),
            "another order than `headers` lists: `date (request-target)",
        ),
        (lines[..3].join("\n"), "`x-id` is listed and was not signed"),
        (format!("{right}\nx-other: 8"), "`x-other` was signed and is not listed"),
    ] {
        let made = signature(key("rsa.pkcs8.pem"), Algorithm::RsaSha256, wrong.as_bytes());
        let found = explain(&made).unwrap_or_else(|| panic!("nothing explains {sentence}"));
        assert!(found.sentence.contains(sentence), "{sentence}: {}", found.sentence);
        assert_eq!((found.built.as_str(), found.verifies), (right.as_str(), wrong));
    }
}

#[test]
fn a_signature_by_the_wrong_key_or_encoded_twice_or_hashed_twice_is_named() {
    let right = right();
    let bytes = right.as_bytes();
    let good = signature(key("rsa.pkcs8.pem"), Algorithm::RsaSha256, bytes);
    for (made, sentence) in [
        (
            signature(key("rsa-1024.pem"), Algorithm::RsaSha256, bytes),
            "it was signed with the key of the TLS certificate; sign with the signing key",
        ),
        (
            signature(key("rsa.pkcs8.pem"), Algorithm::RsaPssSha256, bytes),
            "it was signed with `rsa-pss-sha256`, and the message says `rsa-sha256`",
        ),
        (
            STANDARD.encode(&good).into_bytes(),
            "the signature is encoded in base64 twice; encode the raw signature once",
        ),
        (
            signature(key("rsa.pkcs8.pem"), Algorithm::RsaSha256, &Hash::Sha256.of(bytes)),
            "a hash of the signing string was signed; sign the string itself, signing hashes it",
        ),
    ] {
        assert_eq!(explain(&made).unwrap().sentence, sentence);
    }
    assert_eq!(explain(&good), None, "a good signature needs no explanation");
    assert_eq!(explain(b"noise"), None, "noise is not explained away");
}
