//! Whether a captured message is signed as its profile says.
//!
//! The signature is checked before what it covers, and that before its times and the body's
//! digest: of several mistakes the most fundamental is named, as it will hide the others at the
//! real API too.

use super::algorithm::{registered_name, spoken_name};
use super::base::{Lines, lines};
use super::component::Component;
use super::content_digest;
use super::diagnose::{Question, diagnose};
use super::input::Signed;
use super::make::applies;
use super::settings::{ParameterName, Settings};
use super::{ECDSA, field};
use crate::message::Received;
use crate::sign::algorithm::Algorithm;
use crate::sign::cavage::{join, to_bytes};
use crate::sign::judge::{Candidate, Judgement, Moment, Refusal};
use crate::sign::verify::verify_in;

/// Whether the signature of a captured message verifies, and why not.
pub(in crate::sign) fn judge(
    received: &Received,
    settings: &Settings,
    keys: &[Candidate<'_>],
    moment: Moment,
) -> Judgement {
    let signed = match Signed::read(&received.headers, settings) {
        Ok(signed) => signed,
        Err(reason) => return Judgement::refused(reason),
    };
    let mut judgement = Judgement {
        key_id: signed.text(ParameterName::Keyid).map(str::to_owned),
        algorithm: signed.text(ParameterName::Alg).map(str::to_owned),
        ..Judgement::refused("")
    };
    let (algorithm, lines) = match question(received, settings, &signed, keys) {
        Ok(question) => question,
        Err(reason) => return Judgement { refusal: Some(Refusal::new(reason)), ..judgement },
    };
    let name = registered_name(algorithm).map(str::to_owned);
    judgement.algorithm = judgement.algorithm.or(name);
    judgement.signing_string = join(&lines);
    judgement.refusal = check_signature(received, &signed, &lines, algorithm, keys)
        .or_else(|| check_rest(received, settings, &signed, moment).err().map(Refusal::new));
    judgement.components = lines;
    judgement
}

/// What is to be verified: with which algorithm, over which lines.
fn question(
    received: &Received,
    settings: &Settings,
    signed: &Signed,
    keys: &[Candidate<'_>],
) -> Result<(Algorithm, Lines), String> {
    let key = keys.first().ok_or("there is no key to verify with")?;
    let material = key.key.material();
    let algorithm = settings.algorithm.with(material).ok_or_else(|| {
        let wanted = settings.algorithm().wants();
        let wanted = if wanted == "a key" { "a key pair, on P-256 or P-384 if it is ECDSA" } else { wanted };
        format!("the profile needs {wanted}, and {} is {material}", key.name)
    })?;
    let lines = lines(received, &signed.identifiers, &signed.input).map_err(|error| error.to_string())?;
    Ok((algorithm, lines))
}

fn check_signature(
    received: &Received,
    signed: &Signed,
    lines: &Lines,
    algorithm: Algorithm,
    keys: &[Candidate<'_>],
) -> Option<Refusal> {
    let named = signed.text(ParameterName::Alg);
    let asked = registered_name(algorithm);
    let other_name = named.filter(|named| Some(*named) != asked).map(|named| {
        format!("the message says `alg` is `{named}`, and the profile asks for `{}`", spoken_name(algorithm))
    });
    let (key, others) = keys.split_first()?;
    let good = to_bytes(&join(lines))
        .is_some_and(|text| verify_in(ECDSA, key.key, algorithm, &text, &signed.signature));
    if good {
        return other_name.map(Refusal::new);
    }
    let question = Question { received, signed, lines, algorithm, key: *key, others };
    let found = diagnose(&question);
    let verifies = found.as_ref().map(|found| found.verifies.clone());
    let reason = found.map(|found| found.sentence).or(other_name);
    let reason = reason.unwrap_or_else(|| {
        format!("the signature is not of this text and {}, and no usual mistake explains it", key.name)
    });
    Some(Refusal { reason, verifies })
}

/// What else a receiver looks at when the signature is good.
fn check_rest(
    received: &Received,
    settings: &Settings,
    signed: &Signed,
    moment: Moment,
) -> Result<(), String> {
    check_coverage(received, settings, signed)?;
    check_parameters(settings, signed)?;
    check_times(signed, moment)?;
    check_digest(received, &settings.digest.header)
}

/// The digest is of the body as it was sent (RFC 9530, section 2), and an answer's is decoded when
/// it gets here.
fn check_digest(received: &Received, field: &str) -> Result<(), String> {
    let Some(digest) = field::joined(received, field) else { return Ok(()) };
    content_digest::check(field, &digest, &received.body).map_err(|reason| {
        let coding = received.headers.get("content-encoding").filter(|coding| *coding != "identity");
        coding.map_or(reason, |coding| {
            format!(
                "`{field}` can't be checked, since the body was coded as `{coding}` on its way: \
                 send `Accept-Encoding: identity`"
            )
        })
    })
}

/// What the profile signs of this message must be signed.
fn check_coverage(received: &Received, settings: &Settings, signed: &Signed) -> Result<(), String> {
    let wanted = settings.components.iter().filter(|component| applies(component, received));
    for identifier in wanted.map(Component::identifier) {
        if !signed.identifiers.iter().any(|known| known.is(identifier)) {
            return Err(format!("`{identifier}` must be signed, and is not"));
        }
    }
    Ok(())
}

fn check_parameters(settings: &Settings, signed: &Signed) -> Result<(), String> {
    for parameter in settings.parameters() {
        if !signed.has(parameter) {
            let name = parameter.name();
            return Err(format!("the profile asks for the parameter `{name}`, and the signature has none"));
        }
    }
    match (&settings.tag, signed.text(ParameterName::Tag)) {
        (Some(wanted), Some(given)) if wanted != given => {
            Err(format!("the tag of the signature is `{given}`, not `{wanted}`"))
        }
        _ => Ok(()),
    }
}

/// Not made later than now, and not expired; one that never expires must be fresh.
fn check_times(signed: &Signed, moment: Moment) -> Result<(), String> {
    let (now, skew) = (moment.now.timestamp(), moment.skew.num_seconds());
    let created = signed.seconds(ParameterName::Created);
    let expires = signed.seconds(ParameterName::Expires);
    let off = |at: i64| now.abs_diff(at);
    match (created, expires) {
        (Some(created), Some(expires)) if expires <= created => {
            Err("`expires` is not later than `created`".to_owned())
        }
        (Some(created), _) if created > now.saturating_add(skew) => {
            Err(format!("`created` is {} seconds in the future", off(created)))
        }
        (_, Some(expires)) if expires < now.saturating_sub(skew) => {
            Err(format!("the signature expired {} seconds ago", off(expires)))
        }
        (Some(created), None) if created < now.saturating_sub(skew) => {
            Err(format!("the signature is {} seconds old, and {skew} are allowed", off(created)))
        }
        _ => Ok(()),
    }
}
