//! Making a signature, of a request that is about to be sent or of an answer to one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, InnerList, Key, ListEntry, Parameters, StringRef};

use super::algorithm::registered_name;
use super::base::{self, Lines, lines};
use super::component::Component;
use super::content_digest;
use super::field::serialize;
use super::identifier::Identifier;
use super::input::{INPUT, SIGNATURE, join};
use super::settings::{ParameterName, Settings};
use crate::message::{Headers, Received};
use crate::sign::algorithm::Algorithm;
use crate::sign::cavage::{self, Only, to_bytes};
use crate::sign::{SignError, Signature, With};

/// A signature, and the member of `Signature-Input` that it belongs to.
pub(super) struct Made {
    input: String,
    signature: Signature,
}

/// Adds the digest of the body where the settings want it and the message has none.
pub(super) fn add_digest(headers: &mut Headers, body: &[u8], settings: &Settings) {
    let field = &settings.digest;
    if field.when.applies(!body.is_empty()) && !headers.contains(&field.header) {
        headers.append(&field.header, content_digest::value(field.algorithm, body));
    }
}

/// Signs the message as its receiver will see it.
pub(super) fn make(message: &Received, settings: &Settings, with: &With<'_>) -> Result<Made, SignError> {
    let chosen = settings.components.iter().filter(|component| applies(component, message));
    let identifiers: Vec<Identifier> = chosen.map(|component| component.identifier().clone()).collect();
    if identifiers.is_empty() && !settings.components.is_empty() {
        return Err(SignError::NothingToSign);
    }
    let algorithm = with.key.algorithm();
    let algorithm = registered_name(algorithm).ok_or_else(|| unregistered(algorithm))?;
    let list = InnerList::with_params(
        identifiers.iter().map(Identifier::item).collect(),
        parameters(settings, algorithm, with)?,
    );
    let input = serialize(&ListEntry::InnerList(list)).unwrap_or_default();
    let lines = lines(message, &identifiers, &input)?;
    let signing_string = cavage::join(&lines);
    let bytes = to_bytes(&signing_string).ok_or_else(|| unsendable(&lines))?;
    let value = STANDARD.encode(with.key.sign(&bytes)?);
    let signature = Signature {
        profile: String::new(),
        scheme: super::NAME,
        key_id: with.key_id.to_owned(),
        algorithm: algorithm.to_owned(),
        components: lines,
        signing_string,
        value,
        carried_in: vec![INPUT.to_owned(), SIGNATURE.to_owned()],
    };
    Ok(Made { input, signature })
}

impl Made {
    /// Adds it to the headers, beside the signatures that are there.
    pub fn carry(self, headers: &mut Headers, settings: &Settings) -> Result<Signature, SignError> {
        join(headers, &settings.label, &self.input, &format!(":{}:", self.signature.value))?;
        Ok(self.signature)
    }
}

/// Whether a component is of this message.
pub(super) fn applies(component: &Component, message: &Received) -> bool {
    let identifier = component.identifier();
    match component.only() {
        Only::Always => true,
        Only::IfBody => base::meant(message, identifier).is_ok_and(|meant| !meant.body.is_empty()),
        Only::IfSent => is_sent(message, identifier),
    }
}

/// Whether the message has it. A dictionary that lacks the member does not; a field that can't be
/// read does, so that signing it says why it can't be.
fn is_sent(message: &Received, identifier: &Identifier) -> bool {
    use base::BaseError::{Absent, NoMember, NothingAnswered, OfAnswers, OfRequests, UnknownRequest};
    let value = base::value(message, identifier);
    !matches!(
        value,
        Err(Absent(_) | NoMember(_) | NothingAnswered(_) | OfAnswers(_) | OfRequests(_) | UnknownRequest(_))
    )
}

fn parameters(settings: &Settings, algorithm: &str, with: &With<'_>) -> Result<Parameters, SignError> {
    let created = with.at.timestamp();
    let mut parameters = Parameters::new();
    for parameter in settings.parameters() {
        let value = match parameter {
            ParameterName::Created => seconds(created),
            ParameterName::Expires => {
                seconds(created.saturating_add(settings.expires_after.unwrap_or_default().into()))
            }
            ParameterName::Nonce => {
                text("nonce", with.values.get("nonce").map(String::as_str).unwrap_or_default())
            }
            ParameterName::Alg => text("alg", algorithm),
            ParameterName::Keyid => text("keyid", with.key_id),
            ParameterName::Tag => text("tag", settings.tag.as_deref().unwrap_or_default()),
        };
        parameters.insert(key(parameter), value?);
    }
    Ok(parameters)
}

fn key(parameter: ParameterName) -> Key {
    Key::from_string(parameter.name().to_owned()).expect("the names of parameters are keys")
}

fn seconds(seconds: i64) -> Result<BareItem, SignError> {
    let number = sfv::Integer::try_from(seconds);
    number.map(BareItem::Integer).map_err(|_| SignError::Unsignable {
        message: format!("the time {seconds} is too far away to be written"),
        help: None,
    })
}

fn text(name: &str, value: &str) -> Result<BareItem, SignError> {
    let printable = StringRef::from_str(value).ok().filter(|_| !value.is_empty());
    printable.map(BareItem::from).ok_or_else(|| SignError::Unsignable {
        message: format!("`{name}` is {value:?}: it must be printable ASCII, and not empty"),
        help: None,
    })
}

/// What `by_key` can't mean.
fn unregistered(algorithm: Algorithm) -> SignError {
    let (message, help) = match algorithm {
        Algorithm::EcdsaSha512 => (
            "RFC 9421 has no algorithm for an ECDSA key on P-521",
            "use a key on P-256 or P-384, or one of another kind",
        ),
        _ => (
            "`algorithm: by_key` is for key pairs, and this is a shared secret",
            "use a key pair, or a profile with `algorithm: hmac-sha256`",
        ),
    };
    SignError::Unsignable { message: message.into(), help: Some(help.into()) }
}

fn unsendable(lines: &Lines) -> SignError {
    let wrong = lines.iter().find(|(_, value)| to_bytes(value).is_none());
    SignError::Unsendable {
        header: wrong.map(|(name, _)| name.trim_matches('"').to_owned()).unwrap_or_default(),
    }
}
