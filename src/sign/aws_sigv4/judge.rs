//! Whether a signature of AWS Signature Version 4 verifies: the rules of the service first, then
//! the signature itself.

use chrono::TimeDelta;

use super::canonical::{Canonical, UNSIGNED, hash, signed_names};
use super::carried::Carried;
use super::scope::ALGORITHM;
use super::settings::{Payload, Settings};
use super::variations::variations;
use super::{CONTENT, ECDSA, TOKEN, moment};
use crate::message::Received;
use crate::sign::algorithm::Algorithm;
use crate::sign::cavage;
use crate::sign::encoding::Encoding;
use crate::sign::judge::{Candidate, Judgement, Moment, Refusal};
use crate::sign::prove::Claim;
use crate::sign::seen::Seen;

/// Whether the signature of a captured request verifies, and why not.
pub(in crate::sign) fn judge(
    received: &Received,
    settings: &Settings,
    keys: &[Candidate<'_>],
    now: Moment,
) -> Judgement {
    let Some(seen) = Seen::of(received) else {
        return Judgement::refused("an answer is not signed with AWS Signature Version 4");
    };
    let carried = match Carried::read(&seen) {
        Ok(carried) => carried,
        Err(reason) => return Judgement::refused(reason),
    };
    let canonical = canonical(&seen, settings, &carried);
    let bytes = cavage::to_bytes(&canonical.text()).unwrap_or_default();
    let signing_string = carried.scope.string_to_sign(&carried.date, &bytes);
    let refusal = broken_rule(&seen, settings, &carried, now).or_else(|| {
        let claim = Claim {
            algorithm: Algorithm::HmacSha256,
            form: ECDSA,
            text: signing_string.as_bytes(),
            signature: &carried.signature,
            encoding: Encoding::Hex,
            derive: &|secret| Some(carried.scope.key(secret)),
            otherwise: &[("`AWS4` is missing before the secret that the key is derived from", &|secret| {
                Some(carried.scope.key_of(secret))
            })],
        };
        claim.refusal(keys, || variations(&seen, settings, &carried, &canonical))
    });
    Judgement {
        key_id: Some(carried.key_id),
        algorithm: Some(ALGORITHM.to_owned()),
        components: canonical.components(),
        signing_string,
        refusal,
    }
}

fn canonical(seen: &Seen<'_>, settings: &Settings, carried: &Carried) -> Canonical {
    let payload = match (seen.headers.get(CONTENT), settings.payload) {
        (Some(said), _) => said.to_owned(),
        (None, Payload::Signed) => hash(seen.body),
        (None, Payload::Unsigned) => UNSIGNED.to_owned(),
    };
    let skip: &[&str] = if settings.sign_session_token {
        &["X-Amz-Signature"]
    } else {
        &["X-Amz-Signature", "X-Amz-Security-Token"]
    };
    Canonical::of(seen, settings, &carried.names, skip, payload)
}

/// What the service refuses whatever the signature says.
fn broken_rule(seen: &Seen<'_>, settings: &Settings, carried: &Carried, now: Moment) -> Option<Refusal> {
    wrong_names(seen, carried)
        .or_else(|| unsigned_name(seen, settings, carried))
        .or_else(|| wrong_scope(settings, carried))
        .or_else(|| wrong_time(carried, now))
        .or_else(|| wrong_content(seen, settings))
        .map(Refusal::new)
}

fn wrong_names(seen: &Seen<'_>, carried: &Carried) -> Option<String> {
    let names = &carried.names;
    if let Some(upper) = names.iter().find(|name| name.chars().any(|letter| letter.is_ascii_uppercase())) {
        return Some(format!(
            "`SignedHeaders` has `{upper}` in upper case; header names are in lower case there"
        ));
    }
    if !names.is_sorted() {
        return Some("`SignedHeaders` is not in alphabetical order".into());
    }
    if let Some((twice, _)) = names.iter().zip(names.iter().skip(1)).find(|(one, next)| one == next) {
        return Some(format!("`SignedHeaders` has `{twice}` twice"));
    }
    if !names.iter().any(|name| name == "host") {
        return Some("`host` is not signed".into());
    }
    let absent = names.iter().find(|name| *name != "host" && !seen.headers.contains(name));
    absent.map(|name| format!("`{name}` is signed, and the request does not have it"))
}

/// A header that the service wants signed wherever it is sent. Of the others it asks nothing: a proxy
/// or an HTTP library may have added them after signing.
fn unsigned_name(seen: &Seen<'_>, settings: &Settings, carried: &Carried) -> Option<String> {
    let token: &[&str] = if settings.sign_session_token { &[] } else { &[TOKEN] };
    let in_header = carried.expires.is_none();
    let wanted = |name: &String| name.starts_with("x-amz-") || in_header && name == "content-type";
    let mut sent = signed_names(seen, settings, token).into_iter().filter(wanted);
    let unsigned = sent.find(|name| !carried.names.contains(name));
    unsigned
        .map(|name| format!("`{name}` is sent and is not in `SignedHeaders`: the service wants it signed"))
}

/// Settings that are plain text say what the scope must be; templates can't be filled here.
fn wrong_scope(settings: &Settings, carried: &Carried) -> Option<String> {
    let scope = &carried.scope;
    if carried.date.get(..8) != Some(&scope.day) {
        return Some(format!(
            "the credential is of the day `{}`, and `X-Amz-Date` is `{}`",
            scope.day, carried.date
        ));
    }
    let asked = [("region", &settings.region, &scope.region), ("service", &settings.service, &scope.service)];
    let wrong = asked.into_iter().find(|(_, asked, said)| !asked.contains("{{") && asked != said);
    wrong.map(|(what, asked, said)| format!("the {what} of the credential is `{said}`, not `{asked}`"))
}

fn wrong_time(carried: &Carried, now: Moment) -> Option<String> {
    let Some(signed) = moment(&carried.date) else {
        return Some(format!("`X-Amz-Date` is `{}`, not a moment like `20150830T123600Z`", carried.date));
    };
    let age = now.now - signed;
    if age < -now.skew {
        return Some(format!("`X-Amz-Date` is {} s ahead of the clock", -age.num_seconds()));
    }
    let Some(expires) = &carried.expires else {
        let old = age > now.skew;
        return old.then(|| format!("`X-Amz-Date` is {} s behind the clock", age.num_seconds()));
    };
    match expires.parse::<u32>() {
        Ok(seconds) if age > TimeDelta::seconds(seconds.into()) => {
            Some(format!("the signature expired after {seconds} s, and is {} s old", age.num_seconds()))
        }
        Ok(1..=604_800) => None,
        _ => Some(format!("`X-Amz-Expires` is `{expires}`, not a number of seconds up to seven days")),
    }
}

/// A body that is signed can't be called unsigned: whoever changes it on the way would say so too.
fn wrong_content(seen: &Seen<'_>, settings: &Settings) -> Option<String> {
    let computed = hash(seen.body);
    let said = seen.headers.all(CONTENT).find(|said| *said != computed)?;
    let unsigned = said == UNSIGNED;
    if unsigned && settings.payload == Payload::Unsigned {
        return None;
    }
    let wanted = if unsigned { "this service wants it signed: its hash is" } else { "the body's hash is" };
    Some(format!("`{CONTENT}` is `{said}`, and {wanted} `{computed}`"))
}
