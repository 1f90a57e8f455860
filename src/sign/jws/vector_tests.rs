//! The signatures that the RFCs print, as a receiver gets them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::tests::{VECTORS, at, filled, judge, profile};
use crate::keys::{PrivateKey, PublicKey};
use crate::message::{Headers, Message, Received};
use crate::sign::{Signer, jose, sign};

fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
    vector[name].as_str().unwrap()
}

fn unsigned(vector: &Value) -> Message {
    Message {
        method: "POST".into(),
        url: "https://bank.example/".parse().unwrap(),
        headers: Headers::new(),
        body: Bytes::from(jose::decode(text(vector, "payload")).unwrap()),
    }
}

#[test]
fn the_signatures_that_the_rfcs_print_verify_and_those_that_have_one_form_are_made_again() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let signatures = vectors["rfc"]["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 4);
    for vector in signatures {
        let id = text(vector, "id");
        let key = PublicKey::read(text(vector, "public_pem").as_bytes()).unwrap();
        let settings = json!({"algorithm": vector["algorithm"], "header": "Sig", "detached": false});
        let mut received = Received::from(&unsigned(vector));
        received.headers.append("Sig", text(vector, "compact"));
        assert_eq!(judge(&received, &profile(&settings), &key).refusal, None, "{id}");

        let [header, payload, signature] = text(vector, "compact").split('.').collect::<Vec<_>>()[..] else {
            panic!("{id} has three parts")
        };
        let detached = json!({"algorithm": vector["algorithm"], "header": "Sig"});
        received.headers.set("Sig", format!("{header}..{signature}"));
        assert_eq!(judge(&received, &profile(&detached), &key).refusal, None, "{id}");
        received.headers.set("Sig", format!("{header}.{payload}.{signature}"));
        assert!(!judge(&received, &profile(&detached), &key).verified(), "{id}");

        let Some(private) = vector["private_pem"].as_str() else { continue };
        let private = PrivateKey::read(private.as_bytes()).unwrap();
        let signer = Signer::new(profile(&settings), private.into(), None).unwrap();
        let made = sign(unsigned(vector), &signer, &filled(), at()).unwrap();
        assert_eq!(made.message().headers.get("Sig"), Some(text(vector, "compact")), "{id}");
    }
}
