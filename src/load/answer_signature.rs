//! `expect.signature` → [`AnswerSignature`].

use super::environment::path;
use super::names::field;
use super::profile;
use super::reader::{Fields, Reader, Shape};
use super::yaml::{Node, Value};
use crate::diag::{Code, Diagnostic};
use crate::spec::AnswerSignature;

const SIGNATURE: Shape = Shape { what: "`signature`", keys: &["profile", "key", "secret"] };

/// Reads how the answer is expected to be signed.
pub(super) fn answer_signature(reader: &mut Reader, node: &Node) -> Option<AnswerSignature> {
    let fields = reader.fields(node, &SIGNATURE)?;
    let profile = fields.required("profile", "profile: ing-jws", reader);
    let key = fields.get("key").and_then(|node| path(reader, node, "`key`"));
    let secret = fields.get("secret").and_then(|node| reader.text(node, "`secret`"));
    match (fields.entry("key"), fields.entry("secret")) {
        (Some(first), Some(second)) => reader.problems.push(
            Diagnostic::error(Code::WrongValue, "`signature` has both `key` and `secret`")
                .at(second.key.span, "the shared secret of an HMAC")
                .at(first.key.span, "the public key, or a certificate")
                .help("keep the one that the profile's algorithm needs"),
        ),
        (None, None) => {
            let help = "add `key: certificates/bank_signing.crt`: the server's public key or certificate";
            reader.problems.push(
                Diagnostic::error(Code::MissingKey, "`signature` does not say whose it must be")
                    .at(node.span, "no `key` here")
                    .help(help),
            );
        }
        _ => {}
    }
    Some(AnswerSignature {
        profile: profile.and_then(|node| profile::choice(reader, node, &profile::OF_ANSWER))?,
        key,
        secret,
    })
}

/// Says that the selector `signature` of a request looks at what nothing asks for.
pub(super) fn check_selectors(reader: &mut Reader, request: &Fields<'_>) {
    let expect = request.get("expect");
    if expect.and_then(|node| field(node, "signature")).is_some() {
        return;
    }
    let entries = |node: Option<&'_ Node>| match node.map(|node| &node.value) {
        Some(Value::Map(entries)) => entries.clone(),
        _ => Vec::new(),
    };
    let body = entries(expect.and_then(|node| field(node, "body"))).into_iter();
    let keys = body.filter(|entry| entry.key.text == "signature").map(|entry| entry.key.span);
    let captures = entries(request.get("capture")).into_iter().filter_map(|entry| {
        let select = field(&entry.value, "select").unwrap_or(&entry.value);
        (select.as_text() == Some("signature")).then_some(select.span)
    });
    for span in keys.chain(captures) {
        let message = "`signature` is whether an answer is signed as `expect.signature` says";
        reader.problems.push(
            Diagnostic::error(Code::MissingKey, message)
                .at(span, "there is no `expect.signature`")
                .help("add it, with `profile` and the `key` of the server"),
        );
    }
}
