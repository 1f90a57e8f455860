//! What a run learns that must never be shown: remembered before anything else looks at it.

use serde_json::Value;

use crate::check::is_secret_name;
use crate::message::Answer;
use crate::render::Client;
use crate::secret::Redactor;
use crate::sign::{SignedMessage, basic};

/// A signature can be replayed for as long as its date is fresh, and so can an assertion and a
/// proof. They are masked until everybody has been told of their request.
pub(super) fn remember_signature(redactor: &Redactor, signed: &SignedMessage) {
    if let Some(signature) = signed.signature() {
        redactor.remember_for_now("signature", &signature.value);
    }
    for token in signed.tokens() {
        redactor.remember_for_now(token.kind.mask(), &token.value);
    }
}

/// Everybody has been told.
pub(super) fn forget_signature(redactor: &Redactor, signed: &SignedMessage) {
    if let Some(signature) = signed.signature() {
        redactor.forget(&signature.value);
    }
    signed.tokens().iter().for_each(|token| redactor.forget(&token.value));
}

/// The secret of a client, as it is and as `Authorization: Basic` holds it.
pub(super) fn remember_client(redactor: &Redactor, client: &Client) {
    let Some(filled) = &client.authentication else { return };
    if let Some(secret) = &filled.secret {
        redactor.remember("client_secret", secret);
        redactor.remember("client_credentials", &basic(&filled.client_id, secret));
    }
}

/// Tokens in a JSON answer, whether or not the suite captures them.
pub(super) fn remember_answer(redactor: &Redactor, answer: &Answer) {
    if let Ok(body) = serde_json::from_slice::<Value>(&answer.body) {
        remember_tokens(redactor, &body);
    }
    for cookie in answer.headers.all("set-cookie") {
        let pair = cookie.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=') {
            redactor.remember(name.trim(), value.trim());
        }
    }
}

/// Bounded by `serde_json`'s own limit on nesting.
fn remember_tokens(redactor: &Redactor, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(token) if is_secret_name(name) => {
                        redactor.remember(name, token);
                    }
                    other => remember_tokens(redactor, other),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| remember_tokens(redactor, item)),
        _ => {}
    }
}
