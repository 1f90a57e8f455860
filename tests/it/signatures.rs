//! What we sign, another implementation verifies: the openssl command, where there is one.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "fixtures, and files for another program")]

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::keys::PrivateKey;
use countersign::message::{Headers, Message};
use countersign::sign::{Filled, Profile, Signer, sign};
use serde_json::json;

/// Whether openssl accepts the signature over the text.
fn openssl_verifies(folder: &Path, key: &str, options: &[&str]) -> bool {
    let fixture = format!("{}/tests/fixtures/keys/{key}", env!("CARGO_MANIFEST_DIR"));
    let public = folder.join("public.pem");
    let made =
        Command::new("openssl").args(["pkey", "-in", &fixture, "-pubout", "-out"]).arg(&public).status();
    assert!(made.unwrap().success(), "openssl reads {key}");
    let verified = Command::new("openssl")
        .arg("dgst")
        .args(options)
        .arg("-verify")
        .arg(&public)
        .arg("-signature")
        .arg(folder.join("signature"))
        .arg(folder.join("text"))
        .output()
        .unwrap();
    verified.status.success()
}

#[test]
fn openssl_verifies_what_is_signed_with_every_kind_of_key_that_it_has_a_command_for() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: there is no openssl command here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let pss = ["-sha512", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:64"];
    for (algorithm, key, options) in [
        ("rsa-sha256", "rsa.pkcs8.pem", &["-sha256"][..]),
        ("rsa-sha256", "rsa-1024.pem", &["-sha256"]),
        ("rsa-sha512", "rsa.pkcs8.pem", &["-sha512"]),
        ("rsa-pss-sha512", "rsa.pkcs8.pem", &pss),
        ("hs2019", "rsa.pkcs8.pem", &pss),
        ("ecdsa-sha256", "p256.pkcs8.pem", &["-sha256"]),
        ("ecdsa-sha384", "p384.sec1.pem", &["-sha384"]),
        ("ecdsa-sha512", "p521.pkcs8.pem", &["-sha512"]),
    ] {
        let settings =
            json!({"cavage": {"algorithm": algorithm, "components": ["(request-target)", "date", "digest"]}});
        let bytes =
            std::fs::read(format!("{}/tests/fixtures/keys/{key}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let profile = Profile::read("own", &settings).unwrap();
        let signer = Signer::new(profile, PrivateKey::read(&bytes).unwrap().into(), None).unwrap();
        let message = Message {
            method: "POST".into(),
            url: "https://bank.example/payments?dry=1".parse().unwrap(),
            headers: Headers::new(),
            body: "{}".into(),
        };
        let at = chrono::DateTime::from_timestamp(1_700_554_145, 0).unwrap();
        let sent = sign(message, &signer, &Filled::key_id("client"), at).unwrap();
        let signature = sent.signature().unwrap();
        std::fs::write(folder.path().join("text"), &signature.signing_string).unwrap();
        std::fs::write(folder.path().join("signature"), STANDARD.decode(&signature.value).unwrap()).unwrap();
        assert!(openssl_verifies(folder.path(), key, options), "{algorithm} with {key}");
        std::fs::write(folder.path().join("text"), "something else").unwrap();
        assert!(!openssl_verifies(folder.path(), key, options), "{algorithm} with {key}, another text");
    }
}

#[test]
fn openssl_verifies_a_json_web_signature_in_ps256_over_the_payload_as_it_is() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: there is no openssl command here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let bytes = std::fs::read(format!("{}/tests/fixtures/keys/rsa.pkcs8.pem", env!("CARGO_MANIFEST_DIR")));
    let settings = json!({"jws": {"protected": {"b64": false, "crit": ["b64"]}}});
    let profile = Profile::read("own", &settings).unwrap();
    let signer = Signer::new(profile, PrivateKey::read(&bytes.unwrap()).unwrap().into(), None).unwrap();
    let message = Message {
        method: "POST".into(),
        url: "https://bank.example/payments".parse().unwrap(),
        headers: Headers::new(),
        body: "{\"amount\": 1}".into(),
    };
    let at = chrono::DateTime::from_timestamp(1_700_554_145, 0).unwrap();
    let sent = sign(message, &signer, &Filled::key_id("client"), at).unwrap();
    let value = sent.message().headers.get("x-jws-signature").unwrap();
    let (header, signature) = value.split_once("..").unwrap();
    // Put together by hand: RFC 7797, section 5.2.
    std::fs::write(folder.path().join("text"), format!("{header}.{{\"amount\": 1}}")).unwrap();
    let signature = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(signature).unwrap();
    std::fs::write(folder.path().join("signature"), signature).unwrap();
    let salt = |length: &str| format!("rsa_pss_saltlen:{length}");
    for (length, verifies) in [("32", true), ("20", false)] {
        let options = ["-sha256", "-sigopt", "rsa_padding_mode:pss", "-sigopt", &salt(length)];
        assert_eq!(openssl_verifies(folder.path(), "rsa.pkcs8.pem", &options), verifies, "salt {length}");
    }
}

#[test]
fn the_guide_shows_the_shipped_profile_and_one_of_ones_own_that_can_be_used() {
    let guide = include_str!("../../docs/signing.md");
    let blocks: Vec<&str> =
        guide.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let shipped = Profile::shipped("ing").unwrap().to_yaml().into_owned();
    let uncommented: Vec<&str> = shipped.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(blocks[0].lines().collect::<Vec<_>>(), uncommented);
    let suite: serde_json::Value = serde_yaml::from_str(blocks[1]).unwrap();
    Profile::read("our-bank", &suite["signing_profiles"]["our-bank"]).unwrap();
}
