//! What a receiver refuses though the signature is good, and what it can't even read.

use serde_json::{Value, json};

use super::samples::{at, attempt, filled, judge, key, message, moment, payment, profile, signer};
use super::*;
use crate::message::{Message, Start};
use crate::sign::{Candidate, Filled, Judgement, Signer, VerifyingKey, sign as sign_message, sign_answer};

fn everything() -> Value {
    json!({
        "components": ["@method", "@target-uri", "authorization if sent", "content-digest if body"],
        "expires_after": 120,
        "nonce": "{{ uuid() }}",
        "tag": "pay",
    })
}

fn signed(settings: &Value) -> Received {
    Received::from(attempt(payment(), settings).unwrap().message())
}

fn reason(judgement: Judgement) -> String {
    judgement.refusal.map(|refusal| refusal.reason).unwrap_or_default()
}

#[test]
fn a_good_signature_is_judged_with_everything_that_it_says() {
    let settings = everything();
    let judgement = judge(&signed(&settings), &profile(&settings), &key("ed25519.pem"));
    assert_eq!(judgement.refusal, None);
    assert_eq!(judgement.key_id.as_deref(), Some("me"));
    assert_eq!(judgement.algorithm.as_deref(), Some("ed25519"));
    assert_eq!(judgement.components[0], (r#""@method""#.to_owned(), "POST".to_owned()));
    assert!(
        judgement
            .signing_string
            .ends_with(r#";created=1700554145;expires=1700554265;keyid="me";nonce="once";tag="pay""#)
    );
}

#[test]
fn a_good_signature_over_too_little_or_of_another_time_is_refused() {
    let own =
        |settings: &Value| reason(judge(&signed(&everything()), &profile(settings), &key("ed25519.pem")));
    let with = |key: &str, value: Value| {
        let mut settings = everything();
        settings[key] = value;
        settings
    };
    for (settings, expected) in [
        (with("components", json!(["@method", "@path"])), "`@path` must be signed, and is not"),
        (with("components", json!(["x-other if sent"])), "`x-other` must be signed, and is not"),
        (with("components", json!(["x-not if sent"])), ""),
        (with("tag", json!("other")), "the tag of the signature is `pay`, not `other`"),
        (
            with("parameters", json!(["created", "expires", "nonce", "tag", "alg"])),
            "the profile asks for the parameter `alg`, and the signature has none",
        ),
        (
            with("algorithm", json!("hmac-sha256")),
            "the profile needs a shared secret, and the signing key is an Ed25519 key",
        ),
    ] {
        assert_eq!(own(&settings), expected);
    }
    let ed25519 = key("ed25519.pem");
    let keys = [Candidate::new("the signing key", VerifyingKey::Public(ed25519.public()))];
    let forever = json!({"components": ["@method"]});
    for (settings, later, expected) in [
        (everything(), -60, ""),
        (everything(), -61, "`created` is 61 seconds in the future"),
        (everything(), 180, ""),
        (everything(), 181, "the signature expired 61 seconds ago"),
        (forever.clone(), 60, ""),
        (forever, 61, "the signature is 61 seconds old, and 60 are allowed"),
    ] {
        let judgement = profile(&settings).scheme().judge(&signed(&settings), &keys, moment(later));
        assert_eq!(reason(judgement), expected, "{later}");
    }
    assert_eq!(
        reason(profile(&everything()).scheme().judge(&signed(&everything()), &[], moment(0))),
        "there is no key to verify with"
    );
}

#[test]
fn a_digest_of_another_body_is_refused_though_it_is_signed() {
    let settings = everything();
    let mut message = payment();
    message
        .headers
        .append("Content-Digest", content_digest::value(crate::sign::digest::Hash::Sha256, b"other"));
    let received = Received::from(attempt(message, &settings).unwrap().message());
    let reason = reason(judge(&received, &profile(&settings), &key("ed25519.pem")));
    assert!(reason.starts_with("`Content-Digest` is not the body's: its sha-256 is `:"), "{reason}");
    let mut coded = received;
    coded.headers.append("Content-Encoding", "gzip");
    let reason = self::reason(judge(&coded, &profile(&settings), &key("ed25519.pem")));
    assert!(reason.ends_with("coded as `gzip` on its way: send `Accept-Encoding: identity`"), "{reason}");
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table")]
fn what_can_not_be_read_is_refused_with_what_is_wrong() {
    let own = profile(&everything());
    let received = signed(&everything());
    for (input, signature, expected) in [
        (None, Some("sig1=:AA==:"), "there is no `Signature-Input` header"),
        (Some(r#"sig1=("@method")"#), None, "there is no `Signature` header"),
        (Some("sig1"), Some("sig1=:AA==:"), "`sig1` of `Signature-Input` is not a list in parentheses"),
        (
            Some("sig1=("),
            Some("sig1=:AA==:"),
            "`Signature-Input` is not a dictionary of signatures, such as `sig1=…`",
        ),
        (Some(r"sig1=()"), Some("sig1=AA"), "`sig1` of `Signature` is not `:base64:`"),
        (Some(r"sig1=()"), Some("sig2=:AA==:"), "`Signature-Input` has `sig1`, and `Signature` does not"),
        (Some(r"sig1=()"), Some("sig1=:A_-A:"), "`Signature` is not in base64 but in base64url"),
        (Some(r"sig1=(), sig1=()"), Some("sig1=:AA==:"), "`Signature-Input` has `sig1` twice"),
        (
            Some(r"a=(), b=()"),
            Some("a=:AA==:, b=:AA==:"),
            "there is no signature labelled `sig1`, only `a`, `b`",
        ),
        (
            Some(r#"sig1=("@method" "@method")"#),
            Some("sig1=:AA==:"),
            "`Signature-Input`: `@method` is listed twice",
        ),
        (
            Some(r#"sig1=("Date")"#),
            Some("sig1=:AA==:"),
            "`Signature-Input`: `Date` must be in lower case, as all names of components",
        ),
        (Some(r#"sig1=("@name")"#), Some("sig1=:AA==:"), "`Signature-Input`: there is no `@name`; "),
        (
            Some(r#"sig1=("a";b=1)"#),
            Some("sig1=:AA==:"),
            "`Signature-Input`: `a` has a parameter that is neither",
        ),
        (
            Some(r#"sig1=("x-not")"#),
            Some("sig1=:AA==:"),
            "`x-not` is signed, and the message does not have it",
        ),
        (
            Some(r#"sig1=("x-other";key="a")"#),
            Some("sig1=:AA==:"),
            "`x-other;key=\"a\"` is signed, and the field is not a structured field",
        ),
        (Some(r#"sig1=("@status")"#), Some("sig1=:AA==:"), "`@status` is of answers, and this is a request"),
        (
            Some(r#"sig1=("@method";req)"#),
            Some("sig1=:AA==:"),
            "`@method;req` is of the request that is answered, and this is a request",
        ),
        (Some(r#"sig1=();created="now""#), Some("sig1=:AA==:"), "`created` is not a whole number of seconds"),
        (Some(r"sig1=();keyid=me"), Some("sig1=:AA==:"), "`keyid` is not a string in quotes"),
    ] {
        let mut received = received.clone();
        for (name, value) in [("Signature-Input", input), ("Signature", signature)] {
            received.headers.remove(name);
            if let Some(value) = value {
                received.headers.append(name, value);
            }
        }
        let reason = reason(judge(&received, &own, &key("ed25519.pem")));
        assert!(reason.starts_with(expected), "{expected}: {reason}");
    }
}

#[test]
fn the_signature_with_the_tag_of_the_profile_is_judged_or_else_the_only_one() {
    let labelled = |label: &str, tag: &str| json!({"label": label, "tag": tag, "components": ["@method"]});
    let once = attempt(payment(), &labelled("a", "first")).unwrap();
    let twice = attempt(once.message().clone(), &labelled("b", "second")).unwrap();
    let judged = |message: &Message, settings: &Value| {
        reason(judge(&Received::from(message), &profile(settings), &key("ed25519.pem")))
    };
    assert_eq!(judged(once.message(), &labelled("c", "first")), "");
    assert_eq!(
        judged(once.message(), &labelled("c", "other")),
        "the tag of the signature is `first`, not `other`"
    );
    assert_eq!(judged(twice.message(), &labelled("c", "second")), "");
    assert!(
        judged(twice.message(), &labelled("c", "other")).starts_with("there is no signature labelled `c`")
    );
}

/// A proxy signs over the client's signature, as section 4.3 shows.
#[test]
fn several_signatures_stand_side_by_side_and_one_can_cover_another() {
    let client = everything();
    let proxy = json!({"label": "proxy_sig", "components": ["@authority", "signature;key=sig1"], "parameters": ["created", "alg"]});
    let first = attempt(payment(), &client).unwrap();
    let first_value = &first.signature().unwrap().value;
    let proxies = signer(&profile(&proxy), key("p256.pkcs8.pem"));
    let second = sign_message(first.message().clone(), &proxies, &filled(), at()).unwrap();
    let string = &second.signature().unwrap().signing_string;
    assert!(string.contains(&format!("\"signature\";key=\"sig1\": :{first_value}:\n")), "{string}");
    assert!(string.ends_with(";created=1700554145;alg=\"ecdsa-p256-sha256\""), "{string}");
    let mut received = Received::from(second.message());
    assert_eq!(judge(&received, &profile(&client), &key("ed25519.pem")).refusal, None);
    assert_eq!(judge(&received, &profile(&proxy), &key("p256.pkcs8.pem")).refusal, None);
    assert_eq!(received.headers.all("signature").count(), 1);

    // On the way, the lines of a field may be split, and others put beside them.
    let input = received.headers.get("signature-input").unwrap().to_owned();
    let (one, other) = input.split_once(", proxy_sig").unwrap();
    received.headers.set("Signature-Input", one);
    received.headers.append("Signature-Input", format!("proxy_sig{other}"));
    received.headers.append("Accept-Signature", "sig9=()");
    assert_eq!(judge(&received, &profile(&proxy), &key("p256.pkcs8.pem")).refusal, None);

    let same = attempt(second.message().clone(), &client).unwrap_err();
    assert_eq!(same.to_string(), "the request has a signature labelled `sig1` already");
    for (name, value) in [
        ("Signature", "keyId=\"me\""),
        ("Signature", "mine"),
        ("Signature", "other=:AA==:"),
        ("Signature-Input", "other=()"),
    ] {
        let mut own = payment();
        own.headers.append(name, value);
        let refused = attempt(own, &client).unwrap_err();
        assert_eq!(refused, SignError::Taken { header: name.into() }, "{value}");
    }
}

#[test]
fn an_answer_is_signed_with_what_it_answers_and_a_stolen_one_is_refused() {
    let own = profile(&json!({
        "label": "answer",
        "tag": "fapi-2-response",
        "components": [
            "@status", "@method;req", "@target-uri;req", "content-digest;req if sent", "signature;key=sig1;req if sent",
            "content-digest if body"
        ],
    }));
    let request = signed(&everything());
    let mut answer = Received {
        start: Start::Answer { status: 200, request: Some(Box::new(request)) },
        headers: crate::message::Headers::new(),
        body: bytes::Bytes::from_static(b"paid"),
    };
    let bank = signer(&own, key("p256.pkcs8.pem"));
    let signature = sign_answer(&mut answer, &bank, &filled(), at()).unwrap();
    let names: Vec<&str> = signature.components.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            r#""@status""#,
            r#""@method";req"#,
            r#""@target-uri";req"#,
            r#""content-digest";req"#,
            r#""signature";key="sig1";req"#,
            r#""content-digest""#,
            r#""@signature-params""#
        ]
    );
    let judged = |answer: &Received| reason(judge(answer, &own, &key("p256.pkcs8.pem")));
    assert_eq!(judged(&answer), "");

    let mut stolen = answer.clone();
    let other = attempt(message("POST", "/pay?to=c", &[], "other"), &everything()).unwrap();
    stolen.start = Start::Answer { status: 200, request: Some(Box::new(Received::from(other.message()))) };
    assert!(judged(&stolen).contains("no usual mistake explains it"));
    stolen.start = Start::Answer { status: 200, request: None };
    assert_eq!(judged(&stolen), "`@method;req` is signed, and the request that is answered is not known");
}

#[test]
fn a_list_of_more_components_than_any_signature_has_is_refused_before_it_is_looked_at() {
    let mut received = signed(&everything());
    let many: Vec<String> = (0..=crate::limits::SIGNED_COMPONENTS).map(|at| format!("\"x-{at}\"")).collect();
    received.headers.set("Signature-Input", format!("sig1=({})", many.join(" ")));
    let judged = judge(&received, &profile(&everything()), &key("ed25519.pem"));
    assert_eq!(reason(judged), "`Signature-Input`: 101 components are listed, and at most 100 are taken");
}

#[test]
fn only_answers_are_signed_as_answers() {
    let own = profile(&json!({"components": ["@status"]}));
    let mut request = signed(&everything());
    let refused = sign_answer(&mut request, &signer(&own, key("ed25519.pem")), &filled(), at()).unwrap_err();
    assert_eq!(refused.to_string(), "this is a request, not an answer");
    let Start::Request { .. } = request.start else { panic!("it is a request") };
    request.start = Start::Answer { status: 200, request: None };
    let before = request.headers.clone();
    let mut refused = |profile: &str, file: &str, key_id: &str| {
        let profile = crate::sign::Profile::shipped(profile).unwrap();
        let bank = Signer::new(profile, key(file).into(), None).unwrap();
        sign_answer(&mut request, &bank, &Filled::key_id(key_id), at()).unwrap_err()
    };
    let ing = refused("ing", "rsa.pkcs8.pem", "bank");
    assert_eq!(ing.to_string(), "`cavage` signs requests, and this is an answer");
    assert_eq!(ing.help().unwrap(), "`rfc9421` and `jws` sign answers");
    for (profile, file) in [("fapi2", "ed25519.pem"), ("ing-jws", "rsa.pkcs8.pem")] {
        for key_id in ["", "a\nb"] {
            let error = refused(profile, file, key_id);
            assert_eq!(error, SignError::KeyId { key_id: key_id.into() }, "{profile}");
        }
    }
    assert_eq!(request.headers, before, "what is refused is left as it was");
}
