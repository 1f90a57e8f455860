//! The test vectors of Web Bot Auth, which signs with RFC 9421: of requests, and of an answer that
//! is bound to the host that was asked.

use bytes::Bytes;
use serde_json::Value;

use super::input::Signed;
use super::vector_tests::{Keys, at, judged, profile, sign_again, text, vectors};
use super::*;
use crate::message::{Headers, Message, Start};

fn bots() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/web_bot_auth.json")).unwrap()
}

/// The message of a vector without its signature.
fn unsigned(vector: &Value) -> Received {
    let url = url::Url::parse(text(vector, "target_url")).unwrap();
    let message = Message { method: "GET".into(), url, headers: Headers::new(), body: Bytes::new() };
    let mut request = Received::from(&message);
    request.headers.append("Host", message.host());
    if let Some(agent) = vector["signature_agent"].as_str() {
        request.headers.append("Signature-Agent", agent);
    }
    let Some(status) = vector["status"].as_u64() else { return request };
    Received {
        start: Start::Answer { status: status.try_into().unwrap(), request: Some(Box::new(request)) },
        headers: [("Content-Digest", text(vector, "content_digest"))].into_iter().collect(),
        body: Bytes::copy_from_slice(text(vector, "body").as_bytes()),
    }
}

#[test]
fn the_signatures_of_bots_and_of_their_directory_verify_and_are_made_again() {
    let (rfc, bots) = (vectors(), bots());
    let requests = bots["requests"].as_array().unwrap();
    for vector in requests.iter().chain([&bots["answer"]]) {
        let mut signed = unsigned(vector);
        signed.headers.append("Signature-Input", text(vector, "signature_input"));
        signed.headers.append("Signature", text(vector, "signature"));
        let keys = || Keys::of(&rfc, text(vector, "key"));
        let carried = Signed::read(&signed.headers, &Settings::labelled(text(vector, "label"))).unwrap();
        let own = profile(vector, &carried);
        assert_eq!(judged(&signed, &own, keys().public(), at(&carried)).refusal, None, "{vector}");

        let mut ours = unsigned(vector);
        let (_, _, input) = sign_again(&mut ours, &own, &carried, keys());
        assert_eq!(input, text(vector, "signature_input"));
        if text(vector, "alg") == "ed25519" {
            assert_eq!(ours.headers.get("signature"), Some(text(vector, "signature")));
        }
    }
}
