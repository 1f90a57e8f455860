//! A text made of parts of the message, signed as it is: what most APIs mean by "sign with HMAC".
//!
//! The name of the scheme is the usual case; any other algorithm signs the text in the same way.

mod judge;
mod layout;
mod settings;
mod values;
mod variations;
#[cfg(test)]
mod judge_tests;
#[cfg(test)]
mod tests;

pub(super) use judge::judge;
pub use layout::{Layout, Place};
pub use settings::{Carrier, Settings};

use super::algorithm::EcdsaForm;
use super::encoding::unpercent;
use super::seen::{Seen, add_parameter, pairs};
use super::{SignError, Signature, With};
use crate::message::Received;
use settings::Spot;
use values::Values;

/// The name of the scheme.
pub const NAME: &str = "hmac";

/// How ECDSA signatures are written: as OpenSSL does.
pub(super) const ECDSA: EcdsaForm = EcdsaForm::Der;

/// Signs the message: adds what goes along with the signature, then signs the text, and puts the
/// signature where the profile wants it.
pub(super) fn sign(
    request: &mut Received,
    settings: &Settings,
    with: &With<'_>,
) -> Result<Signature, SignError> {
    let own = Own::of(request, settings, with);
    for carrier in settings.carried_in.iter().filter(|carrier| !carrier.carries_signature()) {
        if present(request, carrier.spot()).is_none() {
            let value = text(&carrier.value, &own.values(request, with, ""))?;
            put(request, carrier.spot(), &value);
        }
    }
    let values = own.values(request, with, "");
    let mut components = Vec::new();
    let bytes = settings.string.fill(|place| {
        let value = values.of(place)?;
        components.push((place.name().into_owned(), String::from_utf8_lossy(&value).into_owned()));
        Ok::<_, SignError>(value)
    })?;
    let value = settings.encoding.write(&with.key.sign(&bytes)?);
    let mut carried_in = Vec::new();
    for carrier in settings.carried_in.iter().filter(|carrier| carrier.carries_signature()) {
        let spot = carrier.spot();
        if present(request, spot).is_some() {
            return Err(SignError::Taken { header: spot.name().to_owned() });
        }
        let value = text(&carrier.value, &own.values(request, with, &value))?;
        put(request, spot, &value);
        carried_in.push(spot.name().to_owned());
    }
    Ok(Signature {
        profile: String::new(),
        scheme: NAME,
        key_id: with.key_id.to_owned(),
        algorithm: with.key.algorithm().name().to_owned(),
        components,
        signing_string: String::from_utf8_lossy(&bytes).into_owned(),
        value,
        carried_in,
    })
}

/// Timestamp and nonce: those of the request where it sets them itself, right or wrong.
struct Own {
    timestamp: String,
    nonce: String,
}

impl Own {
    fn of(request: &Received, settings: &Settings, with: &With<'_>) -> Self {
        let set = |place: &Place| {
            let carrier = settings.carried_in.iter().find(|carrier| carrier.value.is(place))?;
            present(request, carrier.spot())
        };
        Self {
            timestamp: set(&Place::Timestamp).unwrap_or_else(|| settings.timestamp.write(with.at)),
            nonce: set(&Place::Nonce).or_else(|| with.values.get("nonce").cloned()).unwrap_or_default(),
        }
    }

    fn values<'v>(&'v self, request: &'v Received, with: &'v With<'_>, signature: &'v str) -> Values<'v> {
        Values {
            seen: Seen::of(request).expect("what is signed is a request"),
            timestamp: &self.timestamp,
            nonce: &self.nonce,
            key_id: with.key_id,
            signature,
        }
    }
}

/// What is signed, placeholder by placeholder.
fn components(settings: &Settings, values: &Values<'_>) -> Vec<(String, String)> {
    let value = |place: &Place| String::from_utf8_lossy(&values.of(place).unwrap_or_default()).into_owned();
    settings.string.places().map(|place| (place.name().into_owned(), value(place))).collect()
}

fn text(layout: &Layout, values: &Values<'_>) -> Result<String, SignError> {
    let bytes = layout.fill(|place| values.of(place))?;
    // Header values are Latin-1 in a message.
    Ok(bytes.into_iter().map(char::from).collect())
}

fn present(request: &Received, spot: Spot<'_>) -> Option<String> {
    match spot {
        Spot::Header(name) => request.headers.get(name).map(str::to_owned),
        Spot::Query(name) => {
            let found = pairs(Seen::of(request)?.query())
                .into_iter()
                .find(|(known, _)| unpercent(known) == name.as_bytes());
            found.map(|(_, value)| String::from_utf8_lossy(&unpercent(value)).into_owned())
        }
    }
}

fn put(request: &mut Received, spot: Spot<'_>, value: &str) {
    match spot {
        Spot::Header(name) => request.headers.append(name, value),
        Spot::Query(name) => add_parameter(request, name, value),
    }
}
