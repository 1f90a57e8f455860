//! A client makes each usual mistake once; the refusal must name that mistake and no other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::samples::{BODY, key, moment, payment, profile, signer};
use super::samples::{at, filled};
use crate::keys::PrivateKey;
use crate::message::{Message, Received};
use crate::sign::digest::Hash;
use crate::sign::key::Ready;
use crate::sign::{Algorithm, Candidate, EcdsaForm, Judgement, Profile, SigningKey, VerifyingKey, sign};

fn payments() -> Profile {
    profile(&json!({
        "algorithm": "rsa-pss-sha512",
        "components": ["@method", "@target-uri", "content-type", "content-digest"],
        "parameters": ["created", "keyid", "alg"],
    }))
}

/// A signed message, and its signing string.
fn signed(message: Message, profile: &Profile) -> (Received, String) {
    let made = sign(message, &signer(profile, key("rsa.pkcs8.pem")), &filled(), at()).unwrap();
    (Received::from(made.message()), made.signature().unwrap().signing_string.clone())
}

fn signature(key: PrivateKey, algorithm: Algorithm, form: EcdsaForm, text: &str) -> Vec<u8> {
    Ready::new(&SigningKey::from(key), algorithm, form).unwrap().sign(text.as_bytes()).unwrap()
}

/// What is said of the message when this is its signature.
fn judged(received: &Received, profile: &Profile, signature: &[u8]) -> Judgement {
    let mut received = received.clone();
    received.headers.set("Signature", format!("sig1=:{}:", STANDARD.encode(signature)));
    let (signing, tls) = (key("rsa.pkcs8.pem"), key("rsa-1024.pem"));
    let keys = [
        Candidate::new("the signing key", VerifyingKey::Public(signing.public())),
        Candidate::new("the key of the TLS certificate", VerifyingKey::Public(tls.public())),
    ];
    profile.scheme().judge(&received, &keys, moment(0))
}

/// Signs each wrong text, and finds the sentence that belongs to it.
fn all_named(received: &Received, profile: &Profile, cases: &[(String, &str)]) {
    for (wrong, sentence) in cases {
        let made = signature(key("rsa.pkcs8.pem"), Algorithm::RsaPssSha512, EcdsaForm::Raw, wrong);
        let refusal = judged(received, profile, &made).refusal.expect("it is refused");
        assert!(refusal.reason.contains(sentence), "{sentence}: {}", refusal.reason);
        assert_eq!(refusal.verifies.as_deref(), Some(wrong.as_str()), "{sentence}");
    }
}

#[test]
fn each_usual_mistake_in_a_value_is_named_and_shown() {
    let profile = payments();
    let (received, right) = signed(payment(), &profile);
    let uri = "https://bank.example/pay?to=a%20b";
    let digest = |bytes: &[u8]| {
        right.replace(&Hash::Sha256.base64_of(BODY.as_bytes()), &Hash::Sha256.base64_of(bytes))
    };
    let base64 = Hash::Sha256.base64_of(BODY.as_bytes());
    let cases = [
        (right.replace("POST", "post"), "`@method` is in lower case"),
        (right.replace(uri, "https://bank.example/pay"), "the query is missing from `@target-uri`"),
        (right.replace(uri, "/pay?to=a%20b"), "`@target-uri` is only path and query"),
        (right.replace(uri, "/pay"), "`@target-uri` is only the path"),
        (right.replace("bank.example", "bank.example:443"), "the host is signed with its port"),
        (right.replace("bank.example", "BANK.EXAMPLE"), "the host is in upper case"),
        (right.replace("https:", "http:"), "`@target-uri` has another scheme"),
        (digest(b""), "is that of an empty body"),
        (digest(b"{\"amount\":1}"), "is that of the same JSON without blanks"),
        (right.replace(&format!("sha-256=:{base64}:"), &format!("SHA-256={base64}")), "as `Digest` is"),
        (right.replace(&format!(":{base64}:"), &base64), "lacks the colons"),
        (
            right.replace("application/json", "application/json; charset=utf-8"),
            "signed with `; charset=utf-8`",
        ),
    ];
    all_named(&received, &profile, &cases);
}

#[test]
fn each_usual_mistake_in_the_lines_is_named_and_shown() {
    let profile = payments();
    let (received, right) = signed(payment(), &profile);
    let lines: Vec<&str> = right.lines().collect();
    let input = lines[4].strip_prefix("\"@signature-params\": ").unwrap();
    let swapped = input.replace(r#""@method" "@target-uri""#, r#""@target-uri" "@method""#);
    let cases = [
        (format!("{right}\n"), "a newline stands at the end"),
        (right.replace('\n', "\r\n"), "joined by CR LF"),
        (right.replace(": ", ":"), "the space after each colon is missing"),
        (
            lines.iter().map(|line| line.replacen('"', "", 2)).collect::<Vec<_>>().join("\n"),
            "lack their quotes",
        ),
        (
            right.replace("\n\"content-t", "\n\"Content-T").replace("\n\"content-d", "\n\"Content-D"),
            "keep their upper case",
        ),
        (lines[..4].join("\n"), "the line `@signature-params` is missing"),
        (right.replace(input, &format!("sig1={input}")), "the label stands before the list"),
        (right.replace(";alg=\"rsa-pss-sha512\"", ""), "`alg` is in `Signature-Input`, and was not signed"),
        (
            right.replace(input, &format!("{})", input.split_once(')').unwrap().0)),
            "the parameters are missing",
        ),
        (
            right.replace(r#";keyid="me";alg="rsa-pss-sha512""#, r#";alg="rsa-pss-sha512";keyid="me""#),
            "in another order than they are sent: `created alg keyid`",
        ),
        ([lines[0], lines[2], lines[3], lines[4]].join("\n"), "`@target-uri` is listed and was not signed"),
        (
            [&lines[..4], &["\"x-other\": 8", lines[4]]].concat().join("\n"),
            "`x-other` was signed and is not listed",
        ),
        (
            [lines[1], lines[0], lines[2], lines[3], lines[4]].join("\n"),
            "in another order than they are sent: `\"@target-uri\" \"@method\"",
        ),
        (
            [lines[1], lines[0], lines[2], lines[3], &lines[4].replace(input, &swapped)].join("\n"),
            "in another order than they are sent: `\"@target-uri\" \"@method\"",
        ),
    ];
    all_named(&received, &profile, &cases);
}

#[test]
fn each_usual_mistake_in_other_components_is_named_and_shown() {
    let profile = profile(&json!({
        "algorithm": "rsa-pss-sha512",
        "components": [
            "@authority", "@path", "@query", "@request-target", "@query-param;name=to", "authorization", "x-list;bs", "x-dict;sf"
        ],
    }));
    let mut message = payment();
    message.url.set_path("/a%7Eb");
    for (name, value) in [("Host", "Bank.Example"), ("X-List", "a"), ("X-List", "b"), ("X-Dict", "a=1,  b=2")]
    {
        message.headers.append(name, value);
    }
    let (received, right) = signed(message, &profile);
    let line = |name: &str, right_value: &str, value: &str| {
        let wrong = right.replace(&format!("{name}: {right_value}\n"), &format!("{name}: {value}\n"));
        assert_ne!(wrong, right);
        wrong
    };
    let authority = |value| line("\"@authority\"", "bank.example", value);
    let cases = [
        (authority("Bank.Example"), "the host is signed as it is sent"),
        (authority("bank.example:443"), "the host is signed with its port"),
        (line("\"@path\"", "/a%7Eb", "/a%7Eb?to=a%20b"), "`@path` holds the query too"),
        (line("\"@path\"", "/a%7Eb", "/a~b"), "`@path` is percent-decoded"),
        (line("\"@query\"", "?to=a%20b", "to=a%20b"), "the `?` is missing"),
        (line("\"@request-target\"", "/a%7Eb?to=a%20b", "post /a%7Eb?to=a%20b"), "as draft-cavage has it"),
        (line("\"@query-param\";name=\"to\"", "a%20b", "a+b"), "the blanks of the query parameter are `+`"),
        (line("\"@query-param\";name=\"to\"", "a%20b", "a b"), "the query parameter is decoded"),
        (line("\"authorization\"", "Bearer abc", "abc"), "the word before the token is missing"),
        (line("\"x-list\";bs", ":YQ==:, :Yg==:", "a, b"), "its parameter asks for another form"),
        (line("\"x-dict\";sf", "a=1, b=2", "a=1,  b=2"), "its parameter asks for another form"),
    ];
    all_named(&received, &profile, &cases);
}

/// What is signed is the strict form of `Signature-Input` (section 2.3), whatever its blanks are.
#[test]
fn blanks_in_the_input_do_no_harm_unless_they_are_signed() {
    let profile = payments();
    let (mut received, right) = signed(payment(), &profile);
    let input = received.headers.get("signature-input").unwrap().to_owned();
    let wide = input.replace("\" \"", "\"   \"").replace(";alg", "; alg");
    received.headers.set("Signature-Input", wide.clone());
    let made = |text: &str| signature(key("rsa.pkcs8.pem"), Algorithm::RsaPssSha512, EcdsaForm::Raw, text);
    assert_eq!(judged(&received, &profile, &made(&right)).refusal, None);
    let wrong = right.replace(input.strip_prefix("sig1=").unwrap(), wide.strip_prefix("sig1=").unwrap());
    all_named(&received, &profile, &[(wrong, "is `Signature-Input` as it was sent, with its blanks")]);
}

#[test]
fn the_right_text_signed_otherwise_is_explained_too() {
    let profile = payments();
    let (received, right) = signed(payment(), &profile);
    let rsa = |algorithm| signature(key("rsa.pkcs8.pem"), algorithm, EcdsaForm::Raw, &right);
    let good = rsa(Algorithm::RsaPssSha512);
    let tls = signature(key("rsa-1024.pem"), Algorithm::RsaSha256, EcdsaForm::Raw, &right);
    for (made, sentence) in [
        (STANDARD.encode(&good).into_bytes(), "the signature is encoded in base64 twice"),
        (
            rsa(Algorithm::RsaSha256),
            "it was signed with `rsa-v1_5-sha256`, and must be with `rsa-pss-sha512`",
        ),
        (
            rsa(Algorithm::RsaPssSha256),
            "it was signed with `rsa-pss-sha256`, and must be with `rsa-pss-sha512`",
        ),
        (short_salt(&right), "the salt has another length"),
    ] {
        let refusal = judged(&received, &profile, &made).refusal.unwrap();
        assert!(refusal.reason.contains(sentence), "{sentence}: {}", refusal.reason);
        assert_eq!(refusal.verifies.as_deref(), Some(right.as_str()));
    }
    assert_eq!(judged(&received, &profile, &good).refusal, None);
    let unknown = judged(&received, &profile, &tls).refusal.unwrap();
    assert!(unknown.reason.contains("no usual mistake explains it"), "{}", unknown.reason);
    assert_eq!(unknown.verifies, None);
}

/// PSS with SHA-512 and a salt of 32 bytes, as some libraries make it unless told otherwise.
fn short_salt(text: &str) -> Vec<u8> {
    use rsa::pkcs8::DecodePrivateKey;
    use rsa::signature::{SignatureEncoding, Signer as _};
    let key = rsa::PrivateKey::from_pkcs8_der(key("rsa.pkcs8.pem").pkcs8()).unwrap();
    rsa::pss::SigningKey::<sha2::Sha512>::new_with_salt_len(key, 32).sign(text.as_bytes()).to_vec()
}

#[test]
fn the_key_of_the_tls_certificate_is_recognised_and_so_is_ecdsa_in_der() {
    let profile = profile(&json!({"components": ["@method", "@path"]}));
    let (p256, ed25519) = (key("p256.pkcs8.pem"), key("ed25519.pem"));
    let made = sign(payment(), &signer(&profile, p256.clone()), &filled(), at()).unwrap();
    let right = &made.signature().unwrap().signing_string;
    let keys = [
        Candidate::new("the signing key", VerifyingKey::Public(p256.public())),
        Candidate::new("the key of the TLS certificate", VerifyingKey::Public(ed25519.public())),
    ];
    let judge = |signature: &[u8]| {
        let mut received = Received::from(made.message());
        received.headers.set("Signature", format!("sig1=:{}:", STANDARD.encode(signature)));
        profile.scheme().judge(&received, &keys, moment(0)).refusal.map(|refusal| refusal.reason)
    };
    let sign = |key: &PrivateKey, algorithm, form| signature(key.clone(), algorithm, form, right);
    assert_eq!(judge(&sign(&p256, Algorithm::EcdsaSha256, EcdsaForm::Raw)), None);
    let der = judge(&sign(&p256, Algorithm::EcdsaSha256, EcdsaForm::Der)).unwrap();
    assert!(der.contains("is written in DER"), "{der}");
    let tls = judge(&sign(&ed25519, Algorithm::Ed25519, EcdsaForm::Raw)).unwrap();
    assert_eq!(tls, "it was signed with the key of the TLS certificate; sign with the signing key");
}
