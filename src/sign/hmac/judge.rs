//! Whether the signature of a text verifies: what goes along with it first, then the signature.

use super::layout::Place;
use super::settings::{Settings, Spot};
use super::values::{Values, moment};
use super::variations::variations;
use super::{ECDSA, components, present};
use crate::message::{Received, Start};
use crate::sign::SignError;
use crate::sign::judge::{Candidate, Judgement, Moment, Refusal};
use crate::sign::prove::Claim;
use crate::sign::seen::{Seen, without_parameter};

/// What the carriers of a message say.
#[derive(Default)]
struct Carried {
    timestamp: String,
    nonce: String,
    key_id: Option<String>,
    signature: String,
    /// Every other placeholder: the carrier, what it stands for and what it says.
    others: Vec<(String, Place, String)>,
}

/// Whether the signature of a captured request verifies, and why not.
pub(in crate::sign) fn judge(
    received: &Received,
    settings: &Settings,
    keys: &[Candidate<'_>],
    now: Moment,
) -> Judgement {
    let (carried, signed) = match (Carried::read(received, settings), signed(received, settings)) {
        (_, None) => return Judgement::refused("this profile signs requests, and this is an answer"),
        (Err(reason), _) => return Judgement::refused(reason),
        (Ok(carried), Some(signed)) => (carried, signed),
    };
    let values = Values {
        seen: Seen::of(&signed).expect("an answer has been refused"),
        timestamp: &carried.timestamp,
        nonce: &carried.nonce,
        key_id: carried.key_id.as_deref().unwrap_or_default(),
        signature: "",
    };
    let mut judgement = Judgement {
        key_id: carried.key_id.clone(),
        algorithm: Some(settings.algorithm.name().to_owned()),
        components: components(settings, &values),
        signing_string: String::new(),
        refusal: None,
    };
    let text = match settings.string.fill(|place| values.of(place)) {
        Ok(text) => text,
        Err(error) => {
            judgement.refusal = Some(Refusal::new(absent(&error)));
            return judgement;
        }
    };
    judgement.signing_string = String::from_utf8_lossy(&text).into_owned();
    let claim = Claim {
        algorithm: settings.algorithm,
        form: ECDSA,
        text: &text,
        signature: &carried.signature,
        encoding: settings.encoding,
        derive: &|secret| settings.key_encoding.read(secret),
        otherwise: &[],
    };
    judgement.refusal = broken_rule(&carried, &values, settings, now)
        .map(Refusal::new)
        .or_else(|| claim.refusal(keys, || variations(settings, &values, &text)));
    judgement
}

/// The request as it was when it was signed: without the parameters that carry the signature.
fn signed(received: &Received, settings: &Settings) -> Option<Received> {
    let mut request = received.clone();
    let Start::Request { target, .. } = &mut request.start else { return None };
    for carrier in settings.carried_in.iter().filter(|carrier| carrier.carries_signature()) {
        if let Spot::Query(name) = carrier.spot()
            && let Some(without) = without_parameter(target, name)
        {
            *target = without;
        }
    }
    Some(request)
}

impl Carried {
    fn read(received: &Received, settings: &Settings) -> Result<Self, String> {
        let mut carried = Self::default();
        for carrier in &settings.carried_in {
            let spot = carrier.spot();
            let name = spot.name();
            let (what, value) = match spot {
                Spot::Header(name) if received.headers.all(name).count() > 1 => {
                    return Err(format!("there are several headers `{name}`"));
                }
                Spot::Header(_) => ("header", present(received, spot)),
                Spot::Query(_) => ("parameter", present(received, spot)),
            };
            let value = value.ok_or_else(|| format!("there is no {what} `{name}`"))?;
            let read = carrier.value.read(&value);
            let written = String::from(carrier.value.clone());
            for (place, value) in read.ok_or_else(|| format!("`{name}` is not written as `{written}`"))? {
                carried.take(name, place, value);
            }
        }
        Ok(carried)
    }

    fn take(&mut self, carrier: &str, place: &Place, value: &str) {
        let value = value.to_owned();
        match place {
            Place::Timestamp => self.timestamp = value,
            Place::Nonce => self.nonce = value,
            Place::KeyId => self.key_id = Some(value),
            Place::Signature => self.signature = value,
            other => self.others.push((carrier.to_owned(), other.clone(), value)),
        }
    }
}

/// What is refused whatever the signature says.
fn broken_rule(carried: &Carried, values: &Values<'_>, settings: &Settings, now: Moment) -> Option<String> {
    for (carrier, place, said) in &carried.others {
        let is = String::from_utf8_lossy(&values.of(place).unwrap_or_default()).into_owned();
        if is != *said {
            return Some(format!("`{carrier}` says `{said}`, and `{{{}}}` is `{is}`", place.name()));
        }
    }
    let carries = settings.carried_in.iter().any(|carrier| carrier.value.has(&Place::Timestamp));
    if carries { wrong_time(&carried.timestamp, settings, now) } else { None }
}

fn wrong_time(said: &str, settings: &Settings, now: Moment) -> Option<String> {
    let Some(signed) = moment(&settings.timestamp, said) else {
        return Some(format!("the timestamp `{said}` is not written as `{}`", settings.timestamp));
    };
    let age = now.now - signed;
    if age > now.skew {
        return Some(format!("the timestamp `{said}` is {} s behind the clock", age.num_seconds()));
    }
    (age < -now.skew)
        .then(|| format!("the timestamp `{said}` is {} s ahead of the clock", -age.num_seconds()))
}

fn absent(error: &SignError) -> String {
    match error {
        SignError::Absent { header } => format!("`{header}` is signed, and the request does not have it"),
        other => other.to_string(),
    }
}
