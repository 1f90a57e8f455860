//! OAuth 1.0a (RFC 5849), carried in `Authorization`, with the body hash extension and the SHA-2
//! signature methods that came after it.
//!
//! Parameters in the query or in a form are not written: RFC 5849 (section 3.5) prefers the header,
//! and so do the services that are left.

mod base;
mod carried;
mod judge;
mod settings;
mod variations;
#[cfg(test)]
mod judge_tests;
#[cfg(test)]
mod tests;

use aws_lc_rs::digest;
use indexmap::IndexMap;
use zeroize::Zeroizing;

pub(super) use judge::judge;
pub use settings::{BodyHash, Settings, ValueForm};

use super::algorithm::{Algorithm, EcdsaForm};
use super::encoding::{Encoding, percent, percent_bytes};
use super::seen::Seen;
use super::{SignError, Signature, With};
use crate::message::Received;
use base::Base;
use settings::{is_hmac, method, parameter};

/// The name of the scheme.
pub const NAME: &str = "oauth1";

/// How ECDSA signatures are written; there are none.
pub(super) const ECDSA: EcdsaForm = EcdsaForm::Der;

/// Signs the message.
pub(super) fn sign(
    request: &mut Received,
    settings: &Settings,
    with: &With<'_>,
) -> Result<Signature, SignError> {
    let (signature, value) = made(request, settings, with)?;
    if request.headers.contains("authorization") {
        return Err(SignError::Taken { header: "Authorization".into() });
    }
    request.headers.append("Authorization", value);
    Ok(signature)
}

/// The signature of a request, and the value of the header that carries it.
fn made(request: &Received, settings: &Settings, with: &With<'_>) -> Result<(Signature, String), SignError> {
    let seen = Seen::of(request).expect("what is signed is a request");
    let protocol = protocol(&seen, settings, with);
    let base = Base::of(&seen, &protocol, settings.values);
    let signing_string = base.text();
    let token_secret = with.values.get("token_secret").map_or("", String::as_str);
    let bytes = if is_hmac(settings.algorithm) {
        with.key.derive(|secret| key(secret, token_secret)).sign(signing_string.as_bytes())?
    } else {
        with.key.sign(signing_string.as_bytes())?
    };
    let value = Encoding::Base64.write(&bytes);
    let header = header(settings, with.values.get("realm"), &protocol, &value);
    if !header.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return Err(SignError::Unsendable { header: "Authorization".into() });
    }
    let signature = Signature {
        profile: String::new(),
        scheme: NAME,
        key_id: with.key_id.to_owned(),
        algorithm: label(settings.algorithm).to_owned(),
        components: base.components(),
        signing_string,
        value,
        carried_in: vec!["Authorization".into()],
    };
    Ok((signature, header))
}

/// The parameters of the protocol but for the signature, in the order they are sent.
fn protocol(seen: &Seen<'_>, settings: &Settings, with: &With<'_>) -> Vec<(String, String)> {
    let value = |values: &IndexMap<String, String>, name: &str| values.get(name).cloned().unwrap_or_default();
    let mut parameters = vec![("oauth_consumer_key", with.key_id.to_owned())];
    parameters.push(("oauth_token", value(with.values, "token")));
    parameters.push(("oauth_nonce", value(with.values, "nonce")));
    parameters.push(("oauth_timestamp", with.at.timestamp().to_string()));
    parameters.push(("oauth_signature_method", label(settings.algorithm).to_owned()));
    if settings.version {
        parameters.push(("oauth_version", "1.0".to_owned()));
    }
    if is_hashed(seen, settings) {
        parameters.push(("oauth_body_hash", body_hash(settings.algorithm, seen.body)));
    }
    parameters
        .extend(settings.parameters.keys().map(|name| (name.as_str(), value(with.values, &parameter(name)))));
    parameters.retain(|(name, value)| *name != "oauth_token" || !value.is_empty());
    parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The header: the realm is quoted as HTTP quotes, every other value is percent-encoded, or left as
/// it is; the signature is percent-encoded in both cases.
fn header(
    settings: &Settings,
    realm: Option<&String>,
    protocol: &[(String, String)],
    signature: &str,
) -> String {
    let quoted = |text: &str| text.replace('\\', r"\\").replace('"', r#"\""#);
    let realm = realm.map(|realm| format!(r#"realm="{}""#, quoted(realm)));
    let written = protocol.iter().map(|(name, value)| match settings.values {
        ValueForm::Encoded => format!(r#"{}="{}""#, percent(name), percent(value)),
        ValueForm::Raw => format!(r#"{name}="{}""#, quoted(value)),
    });
    let signature = format!(r#"oauth_signature="{}""#, percent(signature));
    let list: Vec<String> = realm.into_iter().chain(written).chain([signature]).collect();
    format!("OAuth {}", list.join(","))
}

/// The key of an HMAC: both secrets, encoded, the second one maybe empty (RFC 5849, section 3.4.2).
fn key(secret: &[u8], token_secret: &str) -> Zeroizing<Vec<u8>> {
    let (own, token) = (Zeroizing::new(percent_bytes(secret)), Zeroizing::new(percent(token_secret)));
    Zeroizing::new([own.as_bytes(), b"&", token.as_bytes()].concat())
}

/// Whether `oauth_body_hash` goes along with the request.
fn is_hashed(seen: &Seen<'_>, settings: &Settings) -> bool {
    match settings.body_hash {
        BodyHash::Never => false,
        BodyHash::NotForms => !seen.has_form(),
        BodyHash::Always => true,
    }
}

/// The hash of the body with the hash of the signature method.
fn body_hash(algorithm: Algorithm, body: &[u8]) -> String {
    let hash = match algorithm {
        Algorithm::HmacSha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        Algorithm::HmacSha512 | Algorithm::RsaSha512 => &digest::SHA512,
        _ => &digest::SHA256,
    };
    Encoding::Base64.write(digest::digest(hash, body).as_ref())
}

fn label(algorithm: Algorithm) -> &'static str {
    method(algorithm).expect("a profile with another algorithm is refused")
}
