//! What real APIs vary, each as a profile would say it and as it stands on the wire.

use serde_json::{Value, json};

use super::tests::{at, covered, key, message, profile};
use super::*;
use crate::message::Message;
use crate::sign::digest::Hash;
use crate::sign::key::Ready;
use crate::sign::{Filled, SignedMessage, Signer, SigningKey, VerifyingKey, sign, verify};

const EMPTY: &str = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

fn attempt(message: Message, settings: &Value) -> Result<SignedMessage, SignError> {
    sign(
        message,
        &Signer::new(profile(settings), key("rsa.pkcs8.pem").into(), None).unwrap(),
        &Filled::key_id("Test"),
        at(),
    )
}

fn string(message: Message, settings: &Value) -> String {
    attempt(message, settings).unwrap().signature().unwrap().signing_string.clone()
}

#[test]
fn the_signing_string_follows_every_setting() {
    let get = || message("GET", "/a?b=c", &[("Content-Type", "text/plain"), ("X-Id", " 7 ")], "");
    let post = || message("POST", "/a", &[("Content-Type", "text/plain")], "body");
    for (message, settings, expected) in [
        (
            get(),
            json!({"components": ["(request-target)"], "target": "path"}),
            "(request-target): get /a".to_owned(),
        ),
        (get(), json!({"components": ["x-id"], "trailing_newline": true}), "x-id: 7\n".to_owned()),
        (
            get(),
            json!({"components": ["(request-target)", "Digest"], "names": "as_written"}),
            format!("(request-target): get /a?b=c\nDigest: SHA-256={EMPTY}"),
        ),
        (
            get(),
            json!({"components": ["host", "x-id if sent", "content-type if body", "x-not if sent"]}),
            "host: example.com\nx-id: 7".to_owned(),
        ),
        (
            post(),
            json!({"components": ["content-type if body", "content-length"]}),
            "content-type: text/plain\ncontent-length: 4".to_owned(),
        ),
        (
            get(),
            json!({"components": ["x-when"], "date": {"header": "X-When", "format": "rfc3339"}}),
            "x-when: 2023-11-21T08:09:05Z".to_owned(),
        ),
        (
            get(),
            json!({"components": ["date if sent", "digest if sent", "x-id"], "date": {"when": "never"}, "digest": {"when": "with_body"}}),
            "x-id: 7".to_owned(),
        ),
        (
            post(),
            json!({"components": ["x-hash"], "digest": {"header": "X-Hash", "prefix": "", "when": "with_body"}}),
            format!("x-hash: {}", Hash::Sha256.base64_of(b"body")),
        ),
        (
            post(),
            json!({"components": ["digest"], "digest": {"algorithm": "sha-512", "prefix": "sha-512="}}),
            format!("digest: sha-512={}", Hash::Sha512.base64_of(b"body")),
        ),
        (
            get(),
            json!({"components": ["(created)", "(expires)"], "label": "hs2019", "expires_after": 60}),
            "(created): 1700554145\n(expires): 1700554205".to_owned(),
        ),
    ] {
        assert_eq!(string(message, &settings), expected, "{settings}");
    }
}

#[test]
fn the_value_and_its_header_follow_the_profile() {
    let bearer = [("Authorization", "Bearer abc")];
    let settings = json!({
        "components": ["Date"],
        "names": "as_written",
        "algorithm": "rsa-sha512",
        "label": "RSA",
        "parameters": r#"keyid="{key_id}";alg={algorithm};headers="{headers}";signature="{signature}""#,
        "carried_in": [{"header": "Authorization", "prefix": "Signature ", "join": ";"}, {"header": "X-Copy"}]
    });
    let signed = attempt(message("GET", "/", &bearer, ""), &settings).unwrap();
    let value = &signed.signature().unwrap().value;
    let written = format!(r#"keyid="Test";alg=RSA;headers="Date";signature="{value}""#);
    assert_eq!(
        signed.message().headers.get("authorization"),
        Some(&*format!("Bearer abc;Signature {written}"))
    );
    assert_eq!(signed.message().headers.get("x-copy"), Some(&*written));
    assert_eq!(signed.signature().unwrap().carried_in, ["Authorization", "X-Copy"]);
    let timed = json!({"components": ["(created)"], "algorithm": "hs2019"});
    let signed = attempt(message("GET", "/", &[], ""), &timed).unwrap();
    let sent = signed.message().headers.get("signature").unwrap();
    assert!(sent.contains(r#"algorithm="hs2019",created=1700554145,headers="(created)""#), "{sent}");
}

#[test]
fn a_date_or_digest_that_the_request_sets_is_signed_as_it_is_even_a_wrong_one() {
    let wrong = [("digest", "SHA-256=d3Jvbmc="), ("date", "yesterday")];
    let signed =
        attempt(message("POST", "/", &wrong, "body"), &json!({"components": ["date", "digest"]})).unwrap();
    assert_eq!(signed.signature().unwrap().signing_string, "date: yesterday\ndigest: SHA-256=d3Jvbmc=");
    assert_eq!(signed.message().headers.all("Digest").count(), 1);
    assert_eq!(signed.message().headers.all("Date").count(), 1);
}

#[test]
fn a_length_that_is_signed_without_a_body_is_also_sent() {
    let signed =
        attempt(message("DELETE", "/", &[], ""), &json!({"components": ["content-length"]})).unwrap();
    assert_eq!(signed.signature().unwrap().signing_string, "content-length: 0");
    assert_eq!(signed.message().headers.get("content-length"), Some("0"));
    let signed =
        attempt(message("POST", "/", &[], "body"), &json!({"components": ["content-length"]})).unwrap();
    assert_eq!(signed.message().headers.get("content-length"), None, "the client says it itself");
}

#[test]
fn what_can_not_be_signed_is_an_error_before_anything_is_sent() {
    let own = [("Signature", "mine"), ("X-Word", "\u{20ac}")];
    for (settings, reason) in [
        (json!({"components": ["x-id"]}), "the profile signs `x-id`, and the request does not send it"),
        (
            json!({"components": ["x-id if sent"]}),
            "nothing of this request is signed: every component of the profile is conditional",
        ),
        (
            json!({"components": ["x-word"], "carried_in": [{"header": "X-Sign"}]}),
            "`x-word` holds characters that a header can't hold",
        ),
        (
            json!({"components": ["date"]}),
            "the signature goes into `Signature`, and the request sets that header itself",
        ),
        (
            json!({"components": ["date"], "carried_in": [{"header": "X-Sign", "when": "with_token"}]}),
            "no header carries the signature of a request without a token",
        ),
    ] {
        let refused = attempt(message("GET", "/", &own, ""), &settings).unwrap_err();
        assert_eq!(refused.to_string(), reason);
    }
    let signer =
        Signer::new(profile(&json!({"components": ["date"]})), key("rsa.pkcs8.pem").into(), None).unwrap();
    for key_id in ["", " ", "a\nb", "\u{e9}"] {
        let refused = sign(message("GET", "/", &[], ""), &signer, &Filled::key_id(key_id), at()).unwrap_err();
        assert!(matches!(refused, SignError::KeyId { .. }), "{key_id}");
    }
}

#[test]
fn a_header_in_latin_1_is_signed_as_the_bytes_that_are_sent() {
    let settings = json!({"components": ["x-name"]});
    let signed = attempt(message("GET", "/", &[("X-Name", "Zo\u{eb}\u{a0}")], ""), &settings).unwrap();
    let value = STANDARD.decode(&signed.signature().unwrap().value).unwrap();
    let public = key("rsa.pkcs8.pem").public().clone();
    let good =
        |text: &[u8]| verify(VerifyingKey::Public(&public), crate::sign::Algorithm::RsaSha256, text, &value);
    assert!(good(b"x-name: Zo\xeb\xa0"));
    assert!(!good("x-name: Zo\u{eb}\u{a0}".as_bytes()));
}

#[test]
fn a_key_of_the_wrong_kind_is_refused_when_the_signer_is_made() {
    let refused = |algorithm: &str, key: SigningKey| {
        let profile = profile(&json!({"components": ["date"], "algorithm": algorithm}));
        Signer::new(profile, key, None).err().unwrap().to_string()
    };
    assert_eq!(
        refused("rsa-sha256", key("p256.pkcs8.pem").into()),
        "`rsa-sha256` needs an RSA key, and this is an ECDSA key on P-256"
    );
    assert_eq!(
        refused("ecdsa-sha256", key("p384.sec1.pem").into()),
        "`ecdsa-sha256` needs an ECDSA key on P-256, and this is an ECDSA key on P-384"
    );
    assert_eq!(
        refused("hmac-sha256", key("rsa.pkcs8.pem").into()),
        "`hmac-sha256` needs a shared secret, and this is an RSA key of 2048 bits"
    );
    assert_eq!(refused("hmac-sha256", SigningKey::secret(b"")), "the shared secret is empty");
}

#[test]
fn every_algorithm_signs_what_it_verifies_and_nothing_else() {
    use crate::sign::Algorithm;
    let pairs =
        ["rsa.pkcs8.pem", "rsa-1024.pem", "p256.pkcs8.pem", "p384.sec1.pem", "p521.pkcs8.pem", "ed25519.pem"];
    let mut signed = 0;
    for algorithm in Algorithm::ALL.iter().copied() {
        for name in pairs {
            let public = key(name).public().clone();
            let Ok(ready) = Ready::new(&key(name).into(), algorithm, EcdsaForm::Der) else { continue };
            let Ok(signature) = ready.sign(b"text") else {
                assert_eq!(name, "rsa-1024.pem", "{algorithm}: PSS with SHA-512 needs 1040 bits");
                continue;
            };
            let good = |text: &[u8]| verify(VerifyingKey::Public(&public), algorithm, text, &signature);
            assert!(good(b"text") && !good(b"texT"), "{algorithm} with {name}");
            signed += 1;
        }
        if let Ok(ready) = Ready::new(&SigningKey::secret(b"shared"), algorithm, EcdsaForm::Der) {
            let signature = ready.sign(b"text").unwrap();
            assert!(verify(VerifyingKey::Secret(b"shared"), algorithm, b"text", &signature));
            assert!(!verify(VerifyingKey::Secret(b"Shared"), algorithm, b"text", &signature));
            signed += 1;
        }
    }
    assert_eq!(signed, 4 + 3 + 1 + 3 + 5 + 4);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_signed_is_what_the_other_side_builds_whatever_is_in_it(
        key_id in "[!-~][ -~]{0,39}",
        values in proptest::collection::vec("[ -~\u{a0}-\u{ff}]{0,30}", 1..4),
        body in "\\PC{0,40}",
    ) {
        let headers: Vec<(&str, &str)> = values.iter().map(|value| ("X-Value", value.as_str())).collect();
        let settings = json!({"components": ["(request-target)", "host", "digest", "x-value"]});
        let signer = Signer::new(profile(&settings), SigningKey::secret(b"shared"), None);
        proptest::prop_assert!(signer.is_err(), "an RSA profile takes no secret");
        let settings = json!({"algorithm": "hmac-sha256", "components": ["(request-target)", "host", "digest", "x-value"]});
        let signer = Signer::new(profile(&settings), SigningKey::secret(b"shared"), None).unwrap();
        let sent = sign(message("POST", "/a?b=%20", &headers, &body), &signer, &Filled::key_id(&*key_id), at()).unwrap();
        let value = sent.message().headers.get("signature").unwrap();
        let parameters = Parameters::parse(value).unwrap();
        let (target, host) = (sent.message().target(), sent.message().host());
        let built = signing_string(&covered(sent.message(), &target, &host), &parameters).unwrap();
        proptest::prop_assert_eq!(&built, &sent.signature().unwrap().signing_string);
        proptest::prop_assert_eq!(&parameters.key_id, &key_id);
        let good = verify(
            VerifyingKey::Secret(b"shared"),
            crate::sign::Algorithm::HmacSha256,
            &to_bytes(&built).unwrap(),
            &parameters.signature,
        );
        proptest::prop_assert!(good);
    }
}
