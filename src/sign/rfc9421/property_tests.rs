//! What must hold for every message: what is signed verifies, and no byte of it can change.

use proptest::prelude::*;
use serde_json::json;

use super::samples::{at, filled, judge, key, message, profile, signer};
use crate::message::{Received, Start};
use crate::sign::{Profile, sign};

/// Header values: printable, with blanks, commas, quotes and bytes above 0x7f.
fn value() -> impl Strategy<Value = String> {
    "[ -~¡-ÿ]{0,20}"
}

fn target() -> impl Strategy<Value = String> {
    "/[a-z/]{0,10}(\\?[a-z]{1,3}=[a-z0-9+%]{0,1})?".prop_map(|target| target.replace('%', "%2F"))
}

fn own() -> Profile {
    let components = json!([
        "@method",
        "@target-uri",
        "@authority",
        "@path",
        "@query",
        "x-one",
        "x-one;bs",
        "x-two if sent",
        "content-digest if body"
    ]);
    profile(&json!({"components": components, "tag": "test", "expires_after": 60}))
}

fn signed(target: &str, one: &str, two: Option<&str>, body: &str) -> Received {
    let mut headers = vec![("X-One", one), ("X-One", "again")];
    headers.extend(two.map(|two| ("X-Two", two)));
    let made =
        sign(message("POST", target, &headers, body), &signer(&own(), key("ed25519.pem")), &filled(), at());
    Received::from(made.expect("it can be signed").message())
}

/// Every way to change one thing that is signed.
fn changes(received: &Received) -> Vec<Received> {
    let mut changed = Vec::new();
    let mut add = |change: &dyn Fn(&mut Received)| {
        let mut other = received.clone();
        change(&mut other);
        changed.push(other);
    };
    add(&|message| match &mut message.start {
        Start::Request { method, .. } => method.push('X'),
        Start::Answer { .. } => {}
    });
    add(&|message| match &mut message.start {
        Start::Request { target, .. } => target.push('x'),
        Start::Answer { .. } => {}
    });
    add(&|message| match &mut message.start {
        Start::Request { authority, .. } => *authority = Some("other.example".into()),
        Start::Answer { .. } => {}
    });
    add(&|message| message.headers.append("X-One", "more"));
    add(&|message| message.headers.append("X-Two", "more"));
    add(&|message| message.headers.remove("X-One"));
    add(&|message| message.body = [&message.body[..], b"x"].concat().into());
    for (from, to) in
        [("created=1", "created=2"), ("\"me\"", "\"you\""), ("\"test\"", "\"rest\""), ("\"x-one\" ", "")]
    {
        add(&|message| {
            let input = message.headers.get("signature-input").expect("it is signed").replacen(from, to, 1);
            message.headers.set("Signature-Input", input);
        });
    }
    changed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn what_is_signed_verifies_and_nothing_of_it_can_change(
        target in target(), one in value(), two in proptest::option::of(value()), body in ".{0,30}"
    ) {
        let received = signed(&target, &one, two.as_deref(), &body);
        let (own, key) = (own(), key("ed25519.pem"));
        prop_assert_eq!(judge(&received, &own, &key).refusal, None);
        for other in changes(&received) {
            let refusal = judge(&other, &own, &key).refusal;
            prop_assert!(refusal.is_some(), "{other:?}");
        }
    }

    #[test]
    fn nothing_that_arrives_makes_judging_panic(
        input in ".{0,60}", listed in "[\"a-z@;= ]{0,30}", signature in ".{0,40}"
    ) {
        for input in [input.clone(), format!("sig1=({listed});{input}"), format!("sig1=(\"@method\");created={input}")] {
            for signature in [signature.clone(), "sig1=:AA==:".to_owned()] {
                let mut received = signed("/", "1", None, "body");
                received.headers.set("Signature-Input", input.clone());
                received.headers.set("Signature", signature);
                prop_assert!(judge(&received, &own(), &key("ed25519.pem")).refusal.is_some());
            }
        }
    }
}
