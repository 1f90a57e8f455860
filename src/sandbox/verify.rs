//! Checks 2 to 8: whether a request is signed as it should be, by whom it should be.
//!
//! Each function is one line of the published table and refuses with that line's answer. The
//! signature itself comes late, as at the bank: a wrong digest is reported as a wrong digest, not
//! as a signature that does not verify.

use chrono::{DateTime, TimeDelta, Utc};

use crate::clock::parse_http_date;
use crate::keys::KeyKind;
use crate::sign::cavage::{self, Covered, Explanation, Parameters};
use crate::sign::{Algorithm, digest as digests, verify};

use super::answer::{Problem, Refusal};
use super::clients::{Client, ClientKey, Register};
use super::log::{Check, shown};
use super::request::{Head, Received};
use super::routes::Guard;
use super::{profiles, psd2};

/// What a request brings to prove itself.
pub(super) struct Credentials<'a> {
    /// The value with the signature's parameters.
    pub(super) signature: &'a str,
    /// The access token.
    pub(super) token: Token<'a>,
}

/// An access token, or why there is none.
pub(super) type Token<'a> = Result<&'a str, String>;

/// A request's signature, and what it should be over.
pub(super) struct Signed {
    pub(super) string: String,
    parameters: Parameters,
    algorithm: Algorithm,
}

/// What has to be signed.
const REQUIRED: [&str; 3] = ["(request-target)", "date", "digest"];

fn unverified(check: Check, reason: impl Into<String>) -> Refusal {
    Refusal::new(check, Problem::Unverified, reason)
}

/// Check 2.
pub(super) fn carried(guard: Guard, head: &Head) -> Result<Credentials<'_>, Refusal> {
    match guard {
        Guard::Signature => in_authorization(head).map_err(|reason| {
            let problem = Problem::TokenCall("Missing or invalid Authorization header");
            Refusal::new(Check::Carrier, problem, reason)
        }),
        Guard::TokenAndSignature(_) | Guard::TokenAndJws(_) | Guard::Token(_) => {
            in_signature(head).map_err(|it| unverified(Check::Carrier, it))
        }
    }
}

fn in_authorization(head: &Head) -> Result<Credentials<'_>, String> {
    let signature = match credentials(head, "authorization", "Signature") {
        Found::Value(signature) => signature,
        Found::Several => return Err("there are several `Authorization` fields".into()),
        Found::Otherwise(scheme) => {
            return Err(format!("`Authorization` has the scheme `{}`, not `Signature`", shown(scheme)));
        }
        Found::Nothing if head.headers.contains("signature") => {
            return Err("the token call carries its signature in `Authorization: Signature …`, \
                        not in a `Signature` field"
                .into());
        }
        Found::Nothing => return Err("there is no `Authorization: Signature …` field".into()),
    };
    Ok(Credentials { signature, token: Err("no token is needed".into()) })
}

/// The token in `Authorization`.
pub(super) fn bearer(head: &Head) -> Token<'_> {
    match credentials(head, "authorization", "Bearer") {
        Found::Value(token) => Ok(token),
        Found::Several => Err("there are several `Authorization` fields".into()),
        Found::Otherwise(scheme) => {
            Err(format!("`Authorization` has the scheme `{}`, not `Bearer`", shown(scheme)))
        }
        Found::Nothing => Err("there is no `Authorization: Bearer …` field".into()),
    }
}

fn in_signature(head: &Head) -> Result<Credentials<'_>, String> {
    let token = bearer(head);
    match head.headers.all("signature").count() {
        1 => {}
        0 if matches!(credentials(head, "authorization", "Signature"), Found::Value(_)) => {
            return Err("this call carries its signature in a `Signature` field, and a token in \
                        `Authorization: Bearer …`; only the token call has `Authorization: Signature …`"
                .into());
        }
        0 => return Err("there is no `Signature` field".into()),
        _ => return Err("there are several `Signature` fields".into()),
    }
    let signature = head.headers.get("signature").unwrap_or_default();
    if signature.get(..10).is_some_and(|word| word.eq_ignore_ascii_case("signature ")) {
        return Err("the `Signature` field begins with the word `Signature`, which belongs in \
                    `Authorization` only"
            .into());
    }
    Ok(Credentials { signature, token })
}

enum Found<'a> {
    Value(&'a str),
    Otherwise(&'a str),
    Several,
    Nothing,
}

/// The credentials of a field with a scheme (RFC 9110, section 11.4).
fn credentials<'a>(head: &'a Head, field: &str, scheme: &str) -> Found<'a> {
    let mut values = head.headers.all(field);
    let Some(value) = values.next() else { return Found::Nothing };
    if values.next().is_some() {
        return Found::Several;
    }
    let (written, rest) = value.split_once(' ').unwrap_or((value, ""));
    if written.eq_ignore_ascii_case(scheme) { Found::Value(rest.trim()) } else { Found::Otherwise(written) }
}

/// Check 3.
pub(super) fn parameters(value: &str, client: &Client) -> Result<(Parameters, Algorithm), Refusal> {
    let refuse = |reason: String| unverified(Check::Parameters, reason);
    let parameters = Parameters::parse(value).map_err(|error| refuse(format!("the signature {error}")))?;
    parameters.named_headers().map_err(|error| refuse(format!("the signature's {error}")))?;
    let ClientKey::Public(key) = &client.signing_key else {
        return Err(refuse("the client is registered with a shared secret, which signs nothing here".into()));
    };
    let expected = algorithm_of(key.kind());
    match &parameters.algorithm {
        Some(named) if Algorithm::named(named) != Some(expected) => Err(refuse(format!(
            "the algorithm is `{}`; the registered key is used with `{expected}`",
            shown(named)
        ))),
        _ => Ok((parameters, expected)),
    }
}

/// The one algorithm that the bank uses with a kind of key.
fn algorithm_of(kind: KeyKind) -> Algorithm {
    match kind {
        KeyKind::Rsa(_) => Algorithm::RsaSha256,
        KeyKind::P256 => Algorithm::EcdsaSha256,
        KeyKind::P384 => Algorithm::EcdsaSha384,
        KeyKind::P521 => Algorithm::EcdsaSha512,
        KeyKind::Ed25519 => Algorithm::Ed25519,
    }
}

/// Check 4.
pub(super) fn components(
    (parameters, algorithm): (Parameters, Algorithm),
    request: &Received,
) -> Result<Signed, Refusal> {
    let refuse = |reason: String| unverified(Check::Components, reason);
    let named = parameters.components();
    let missing: Vec<_> = REQUIRED
        .into_iter()
        .filter(|required| !named.iter().any(|name| name.eq_ignore_ascii_case(required)))
        .map(|required| format!("`{required}`"))
        .collect();
    if !missing.is_empty() {
        return Err(refuse(format!("{} must be signed too", missing.join(" and "))));
    }
    let string = cavage::signing_string(&covered(request), &parameters)
        .map_err(|error| refuse(shown(&error.to_string())))?;
    Ok(Signed { string, parameters, algorithm })
}

fn covered(request: &Received) -> Covered<'_> {
    let Head { method, target, headers, .. } = &request.head;
    Covered { method, target, headers, host: None, body: &request.body }
}

/// Check 5.
pub(super) fn date(head: &Head, now: DateTime<Utc>, skew: TimeDelta) -> Result<(), Refusal> {
    let refuse = |reason: String| unverified(Check::Date, reason);
    let written = head.only("date").ok_or_else(|| refuse("there are several `Date` fields".into()))?;
    let date = parse_http_date(written.trim()).ok_or_else(|| {
        refuse(format!("`Date` is `{}`, not like `Sun, 06 Nov 1994 08:49:37 GMT`", shown(written)))
    })?;
    let off = now.signed_duration_since(date);
    if off.abs() <= skew {
        return Ok(());
    }
    let side = if off > TimeDelta::zero() { "behind" } else { "ahead of" };
    let (seconds, allowed) = (off.num_seconds().abs(), skew.num_seconds());
    Err(refuse(format!("`Date` is {seconds} seconds {side} the sandbox's clock; {allowed} are allowed")))
}

/// Check 6.
pub(super) fn digest(request: &Received) -> Result<(), Refusal> {
    let refuse = |reason: String| Refusal::new(Check::Digest, Problem::Digest, reason);
    let written =
        request.head.only("digest").ok_or_else(|| refuse("there are several `Digest` fields".into()))?;
    digests::check(written, &request.body).map_err(|error| refuse(format!("`Digest`: {error}")))
}

/// Check 7. Only the token call may name the certificate in place of the client.
pub(super) fn key_id(
    signed: &Signed,
    guard: Guard,
    request: &Received,
    (client, register): (&Client, &Register),
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let named = &signed.parameters.key_id;
    if *named == client.client_id {
        return Ok(());
    }
    if let Some(serial) = named.strip_prefix("SN=") {
        let found = match guard {
            Guard::Signature => psd2::check(serial, request, client, now),
            _ => Err("`keyId` names a certificate, as only the token call may; later calls name the \
                      `client_id` that the token answer returned"
                .into()),
        };
        return found.map_err(|reason| unverified(Check::KeyId, reason));
    }
    let reason = match register.by_id(named) {
        Some(_) => format!(
            "`keyId` is `{}`, another client; the TLS certificate is that of `{}`",
            shown(named),
            client.client_id
        ),
        None => format!(
            "there is no client `{}`; the TLS certificate is that of `{}`",
            shown(named),
            client.client_id
        ),
    };
    Err(unverified(Check::KeyId, reason))
}

/// Check 8.
pub(super) fn signature(
    signed: &Signed,
    request: &Received,
    client: &Client,
    register: &Register,
) -> Result<(), Refusal> {
    let key = client.signing_key.verifying();
    let text = cavage::to_bytes(&signed.string);
    if text.is_some_and(|text| verify(key, signed.algorithm, &text, &signed.parameters.signature)) {
        return Ok(());
    }
    let refusal =
        unverified(Check::Signature, "the signature does not verify with the registered signing key");
    let Some(found) = explained(signed, request, client, register) else { return Err(refusal) };
    let reason = format!("{}: {}", refusal.reason, found.sentence);
    let verifies = Some(found.verifies).filter(|text| *text != signed.string);
    Err(Refusal { reason, verifies, ..refusal })
}

/// Which usual mistake makes the signature what it is.
fn explained(
    signed: &Signed,
    request: &Received,
    client: &Client,
    register: &Register,
) -> Option<Explanation> {
    let candidates = profiles::candidates(client, register);
    cavage::diagnose(&covered(request), &signed.parameters, signed.algorithm, &candidates)
}
