//! AWS Signature Version 4, in a header or in the query (a presigned URL).
//!
//! What is signed is a text with the hash of the canonical request in it, which therefore is the
//! thing to look at when a signature is refused: its parts are the components of the signature.

mod canonical;
mod carried;
mod judge;
mod scope;
mod settings;
mod variations;
#[cfg(test)]
mod judge_tests;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDateTime, Utc};
use data_encoding::HEXLOWER;

pub(super) use judge::judge;
pub use settings::{CarriedIn, Payload, Settings};

use super::algorithm::EcdsaForm;
use super::seen::{Seen, add_parameter};
use super::{SignError, Signature, With, cavage};
use crate::message::Received;
use canonical::{Canonical, UNSIGNED, hash, signed_names};
use scope::{ALGORITHM, Scope};

/// The name of the scheme.
pub const NAME: &str = "aws-sigv4";

/// How ECDSA signatures are written; there are none.
pub(super) const ECDSA: EcdsaForm = EcdsaForm::Raw;

const DATE: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";
const CONTENT: &str = "x-amz-content-sha256";
/// How AWS writes a moment.
const FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// Signs the request, of which the target may be one that no URL can hold.
pub(super) fn sign(
    request: &mut Received,
    settings: &Settings,
    with: &With<'_>,
) -> Result<Signature, SignError> {
    let token = with.values.get("session_token").filter(|token| !token.is_empty()).map(String::as_str);
    match settings.carried_in {
        CarriedIn::Header => in_header(request, settings, with, token),
        CarriedIn::Query => in_query(request, settings, with, token),
    }
}

fn in_header(
    request: &mut Received,
    settings: &Settings,
    with: &With<'_>,
    token: Option<&str>,
) -> Result<Signature, SignError> {
    if request.headers.contains("authorization") {
        return Err(SignError::Taken { header: "Authorization".into() });
    }
    let payload = payload(request, settings);
    if let Some(token) = token.filter(|_| !request.headers.contains(TOKEN)) {
        request.headers.append("X-Amz-Security-Token", token);
    }
    if !request.headers.contains(DATE) {
        request.headers.append("X-Amz-Date", written(with.at));
    }
    if settings.content_sha256 && !request.headers.contains(CONTENT) {
        request.headers.append(CONTENT, payload.clone());
    }
    let date = request.headers.get(DATE).unwrap_or_default().to_owned();
    let unsigned: &[&str] = if settings.sign_session_token { &[] } else { &[TOKEN] };
    let seen = seen(request);
    let names = signed_names(&seen, settings, unsigned);
    let canonical = Canonical::of(&seen, settings, &names, &[], payload);
    let scope = scope(&date, with);
    let mut signature = signature(&canonical, &scope, &date, with)?;
    let value = format!(
        "{ALGORITHM} Credential={}/{}, SignedHeaders={}, Signature={}",
        with.key_id,
        scope.text(),
        canonical.names(),
        signature.value
    );
    request.headers.append("Authorization", value);
    signature.carried_in = vec!["Authorization".into()];
    Ok(signature)
}

fn in_query(
    request: &mut Received,
    settings: &Settings,
    with: &With<'_>,
    token: Option<&str>,
) -> Result<Signature, SignError> {
    let date = written(with.at);
    let scope = scope(&date, with);
    let payload = payload(request, settings);
    let names = signed_names(&seen(request), settings, &[]);
    let credential = format!("{}/{}", with.key_id, scope.text());
    for (name, value) in [
        ("X-Amz-Algorithm", ALGORITHM),
        ("X-Amz-Credential", &credential),
        ("X-Amz-Date", &date),
        ("X-Amz-SignedHeaders", &names.join(";")),
        ("X-Amz-Expires", &settings.expires_after.to_string()),
    ] {
        add_parameter(request, name, value);
    }
    if let Some(token) = token {
        add_parameter(request, "X-Amz-Security-Token", token);
    }
    let unsigned: &[&str] = if settings.sign_session_token { &[] } else { &["X-Amz-Security-Token"] };
    let canonical = Canonical::of(&seen(request), settings, &names, unsigned, payload);
    let mut signature = signature(&canonical, &scope, &date, with)?;
    add_parameter(request, "X-Amz-Signature", &signature.value);
    signature.carried_in = vec!["X-Amz-Signature".into()];
    Ok(signature)
}

/// What stands for the body. A request that says it itself is believed, right or wrong.
fn payload(request: &Received, settings: &Settings) -> String {
    match (request.headers.get(CONTENT), settings.payload) {
        (Some(own), _) => own.to_owned(),
        (None, Payload::Signed) => hash(&request.body),
        (None, Payload::Unsigned) => UNSIGNED.to_owned(),
    }
}

fn scope(date: &str, with: &With<'_>) -> Scope {
    let value = |name: &str| with.values.get(name).cloned().unwrap_or_default();
    // A date that the request sets wrong is sent to see it refused; the scope stays a good one.
    let day = moment(date).map_or_else(|| written(with.at), written);
    Scope { day: day[..8].to_owned(), region: value("region"), service: value("service") }
}

fn signature(
    canonical: &Canonical,
    scope: &Scope,
    date: &str,
    with: &With<'_>,
) -> Result<Signature, SignError> {
    let bytes = cavage::to_bytes(&canonical.text()).ok_or_else(|| unsendable(canonical))?;
    let signing_string = scope.string_to_sign(date, &bytes);
    let key = with.key.derive(|secret| scope.key(secret));
    Ok(Signature {
        profile: String::new(),
        scheme: NAME,
        key_id: with.key_id.to_owned(),
        algorithm: ALGORITHM.to_owned(),
        components: canonical.components(),
        value: HEXLOWER.encode(&key.sign(signing_string.as_bytes())?),
        signing_string,
        carried_in: Vec::new(),
    })
}

fn unsendable(canonical: &Canonical) -> SignError {
    let mut headers = canonical.headers.iter();
    let header = headers.find(|(_, value)| cavage::to_bytes(value).is_none()).map(|(name, _)| name.clone());
    SignError::Unsendable { header: header.unwrap_or_default() }
}

fn seen(request: &Received) -> Seen<'_> {
    Seen::of(request).expect("what is signed is a request")
}

fn written(at: DateTime<Utc>) -> String {
    at.format(FORMAT).to_string()
}

fn moment(date: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(date, FORMAT).ok().map(|moment| moment.and_utc())
}
