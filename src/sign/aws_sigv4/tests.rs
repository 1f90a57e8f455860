//! Every case of the published test suite, in both forms, byte for byte; and what the settings do.

use indexmap::IndexMap;
use serde_json::{Value, json};

use super::*;
use crate::message::{Headers, Message, Start};
use crate::sign::{Candidate, Filled, Moment, Profile, Scheme, Signer, SigningKey, VerifyingKey, sign};

/// `awslabs/aws-c-auth` 495329c, `tests/aws-signing-test-suite/v4`.
const VECTORS: &str = include_str!("../../../tests/vectors/aws_sigv4.json");

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// A request as the suite writes it. Its targets hold blanks and letters that no URL has: the
/// target is everything between the method and the version.
pub(super) fn parse(written: &str) -> Received {
    let (head, body) = written.split_once("\n\n").unwrap_or((written.trim_end_matches('\n'), ""));
    let mut lines = head.split('\n');
    let (method, rest) = lines.next().unwrap().split_once(' ').unwrap();
    let target = rest.strip_suffix(" HTTP/1.1").unwrap();
    let mut fields: Vec<(String, String)> = Vec::new();
    for line in lines {
        match fields.last_mut().filter(|_| line.starts_with(' ')) {
            Some((_, value)) => value.push_str(&["\n", line].concat()),
            None => {
                fields.push(line.split_once(':').map(|(name, value)| (name.into(), value.into())).unwrap());
            }
        }
    }
    Received {
        start: Start::Request {
            method: method.into(),
            target: target.into(),
            scheme: "https".into(),
            authority: None,
        },
        headers: fields.into_iter().collect::<Headers>(),
        body: body.to_owned().into(),
    }
}

fn printed(request: &Received) -> String {
    let Start::Request { method, target, .. } = &request.start else { panic!("{request:?}") };
    let fields: String =
        request.headers.iter().map(|(name, value)| [name, ":", value, "\n"].concat()).collect();
    format!("{method} {target} HTTP/1.1\n{fields}\n{}", std::str::from_utf8(&request.body).unwrap())
}

pub(super) fn signer(settings: &Value, secret: &str) -> Signer {
    let profile = Profile::read("own", &json!({ "aws-sigv4": settings })).unwrap();
    Signer::new(profile, SigningKey::secret(secret.as_bytes()), None).unwrap()
}

pub(super) fn settings_of(signer: &Signer) -> &Settings {
    let Scheme::AwsSigv4(settings) = signer.profile().scheme() else { panic!("another scheme") };
    settings
}

pub(super) fn signed(request: &Received, signer: &Signer, values: &[(&str, &str)]) -> (Received, Signature) {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let mut request = request.clone();
    let with = With { key: &signer.key, key_id: "AKIDEXAMPLE", values: &values, certificate: None, at: at() };
    let signature = super::sign(&mut request, settings_of(signer), &with).unwrap();
    (request, signature)
}

pub(super) fn at() -> DateTime<Utc> {
    "2015-08-30T12:36:00Z".parse().unwrap()
}

/// The settings that the context of a case asks for.
fn settings(context: &Value, carried_in: &str) -> Value {
    json!({
        "region": context["region"], "service": context["service"], "carried_in": carried_in,
        "expires_after": context["expiration_in_seconds"], "normalize": context["normalize"],
        "content_sha256": context["sign_body"], "session_token": "{{ token }}",
        "sign_session_token": context["omit_session_token"] != json!(true),
    })
}

#[test]
fn every_case_of_the_published_suite_is_signed_byte_for_byte_in_both_forms() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 38);
    for case in cases {
        let context = &case["context"];
        let credentials = &context["credentials"];
        for form in ["header", "query"] {
            let signer = signer(&settings(context, form), text(credentials, "secret_access_key"));
            let values = [
                ("region", text(context, "region")),
                ("service", text(context, "service")),
                ("session_token", text(credentials, "token")),
            ];
            let (sent, signature) = signed(&parse(text(case, "request")), &signer, &values);
            let name = format!("{} in the {form}", case["name"]);
            let part = |part: &str| text(case, &format!("{form}_{part}")).to_owned();
            assert_eq!(signature.signing_string, part("string_to_sign"), "{name}");
            assert_eq!(signature.value, part("signature"), "{name}");
            assert_eq!(printed(&sent).trim_end(), part("signed_request").trim_end(), "{name}");
            assert_eq!(canonical_of(&signature.components), part("canonical_request"), "{name}");
            judged(&sent, &signer, text(credentials, "secret_access_key"), &name);
        }
    }
}

/// The canonical request, put together of what is shown of it.
fn canonical_of(components: &[(String, String)]) -> String {
    let [(_, method), (_, path), (_, query), headers @ .., (_, payload)] = components else {
        panic!("{components:?}")
    };
    let canonical = Canonical {
        method: method.clone(),
        path: path.clone(),
        query: query.clone(),
        headers: headers.to_vec(),
        payload: payload.clone(),
    };
    canonical.text()
}

fn judged(sent: &Received, signer: &Signer, secret: &str, name: &str) {
    let keys = [Candidate::new("the secret", VerifyingKey::Secret(secret.as_bytes()))];
    let moment = Moment { now: at(), skew: chrono::TimeDelta::seconds(300) };
    let judgement = signer.profile().scheme().judge(sent, &keys, moment);
    assert_eq!(judgement.refusal, None, "{name}");
    assert_eq!(judgement.key_id.as_deref(), Some("AKIDEXAMPLE"), "{name}");
}

/// "GET Object" and the presigned URL of the S3 documentation (API reference, "Signature
/// Calculations for the Authorization Header" and "Authenticating Requests: Using Query
/// Parameters").
#[test]
fn the_examples_of_the_s3_documentation_are_signed_as_printed() {
    let at = "2013-05-24T00:00:00Z".parse().unwrap();
    let message = |headers: &[(&str, &str)]| Message {
        method: "GET".into(),
        url: "https://examplebucket.s3.amazonaws.com/test.txt".parse().unwrap(),
        headers: headers.iter().copied().collect(),
        body: bytes::Bytes::new(),
    };
    let s3 = |carried_in: &str, payload: &str| {
        signer(
            &json!({
                "region": "us-east-1", "service": "s3", "normalize": false, "double_encode": false,
                "content_sha256": carried_in == "header", "carried_in": carried_in, "payload": payload,
                "expires_after": 86400
            }),
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        )
    };
    let filled = Filled {
        key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        values: [("region", "us-east-1"), ("service", "s3")].map(|(a, b)| (a.into(), b.into())).into(),
    };
    let sent = sign(message(&[("Range", "bytes=0-9")]), &s3("header", "signed"), &filled, at).unwrap();
    assert_eq!(
        sent.message().headers.get("authorization"),
        Some(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
             SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, \
             Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        )
    );
    let presigned = sign(message(&[]), &s3("query", "unsigned"), &filled, at).unwrap();
    assert_eq!(
        presigned.message().url.as_str(),
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-SignedHeaders=host&X-Amz-Expires=86400\
         &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    );
}

#[test]
fn a_path_is_encoded_and_normalised_as_the_service_wants_it() {
    for (sent, service, s3) in [
        ("/a%20b", "/a%2520b", "/a%20b"),
        ("/a%2Fb/../c//d", "/c/d", "/a%2Fb/../c//d"),
        ("/", "/", "/"),
        ("/x/.", "/x/", "/x/."),
    ] {
        assert_eq!(canonical::path(sent, true, true), service, "{sent}");
        assert_eq!(canonical::path(sent, false, false), s3, "{sent}");
    }
}

#[test]
fn a_date_or_body_hash_that_the_request_sets_is_kept_and_a_header_in_the_way_is_a_mistake() {
    let signer = signer(&json!({"region": "r", "service": "s", "content_sha256": true}), "secret");
    let own = "POST / HTTP/1.1\nHost:h\nX-Amz-Date:20150101T000000Z\nX-Amz-Content-Sha256:abc\n\nbody";
    let (sent, signature) = signed(&parse(own), &signer, &[("region", "r"), ("service", "s")]);
    assert_eq!(sent.headers.len(), 4);
    assert!(signature.signing_string.contains("\n20150101T000000Z\n20150101/r/s/aws4_request\n"));
    assert_eq!(signature.components.last().unwrap().1, "abc");
    let values = IndexMap::new();
    let with = With { key: &signer.key, key_id: "k", values: &values, certificate: None, at: at() };
    let mut taken = parse("GET / HTTP/1.1\nAuthorization:Bearer x\n");
    let refused = super::sign(&mut taken, settings_of(&signer), &with).unwrap_err();
    assert_eq!(refused, SignError::Taken { header: "Authorization".into() });
}

#[test]
fn a_rehearsal_signs_nothing() {
    let signer = signer(&json!({"region": "r", "service": "s"}), "secret");
    let values = IndexMap::new();
    let rehearsal = signer.key.rehearsal();
    let with = With { key: &rehearsal, key_id: "k", values: &values, certificate: None, at: at() };
    let signature = super::sign(&mut parse("GET / HTTP/1.1\nHost:h\n"), settings_of(&signer), &with).unwrap();
    assert_eq!(signature.value, "0".repeat(64));
}
