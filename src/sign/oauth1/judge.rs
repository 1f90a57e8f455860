//! Whether an OAuth 1.0a signature verifies: what the header says first, then the signature.

use zeroize::Zeroizing;

use super::base::Base;
use super::carried::Carried;
use super::settings::{Settings, method};
use super::variations::variations;
use super::{ECDSA, body_hash, is_hashed, key};
use crate::message::Received;
use crate::sign::encoding::Encoding;
use crate::sign::judge::{Candidate, Judgement, Moment, Refusal};
use crate::sign::prove::Claim;
use crate::sign::seen::Seen;

/// Whether the signature of a captured request verifies, and why not. The token's secret is known
/// only where the profile has it as plain text.
pub(in crate::sign) fn judge(
    received: &Received,
    settings: &Settings,
    keys: &[Candidate<'_>],
    moment: Moment,
) -> Judgement {
    let Some(seen) = Seen::of(received) else {
        return Judgement::refused("an answer is not signed with OAuth 1.0a");
    };
    let mut values = seen.headers.all("authorization");
    let value = match (values.next(), values.next()) {
        (Some(value), None) => value,
        (None, _) => return Judgement::refused("there is no signature: no `Authorization: OAuth …`"),
        _ => return Judgement::refused("there are several `Authorization` fields"),
    };
    let carried = match Carried::read(value, settings.values) {
        Ok(carried) => carried,
        Err(reason) => return Judgement::refused(reason),
    };
    let base = Base::of(&seen, &carried.protocol, settings.values);
    let signing_string = base.text();
    let token_secret = settings.token_secret.as_deref().unwrap_or_default();
    let refusal = broken_rule(&seen, settings, &carried, moment).or_else(|| {
        let claim = Claim {
            algorithm: settings.algorithm,
            form: ECDSA,
            text: signing_string.as_bytes(),
            signature: &carried.signature,
            encoding: Encoding::Base64,
            derive: &|secret| Some(key(secret, token_secret)),
            otherwise: &[
                ("the secret of the token is left out of the key", &|secret| Some(key(secret, ""))),
                ("the `&` between the two secrets is missing", &|secret| {
                    Some(Zeroizing::new([secret, token_secret.as_bytes()].concat()))
                }),
                ("the secrets are not percent-encoded in the key", &|secret| {
                    Some(Zeroizing::new([secret, b"&", token_secret.as_bytes()].concat()))
                }),
            ],
        };
        claim.refusal(keys, || variations(&seen, settings, &carried, &base))
    });
    Judgement {
        key_id: carried.get("oauth_consumer_key").map(str::to_owned),
        algorithm: carried.get("oauth_signature_method").map(str::to_owned),
        components: base.components(),
        signing_string,
        refusal,
    }
}

/// What is refused whatever the signature says.
fn broken_rule(seen: &Seen<'_>, settings: &Settings, carried: &Carried, moment: Moment) -> Option<Refusal> {
    wrong_method(settings, carried)
        .or_else(|| wrong_time(carried, moment))
        .or_else(|| wrong_hash(seen, settings, carried))
        .or_else(|| unknown_token_secret(settings))
        .map(Refusal::new)
}

fn wrong_method(settings: &Settings, carried: &Carried) -> Option<String> {
    let (said, asked) = (carried.get("oauth_signature_method"), method(settings.algorithm));
    if said != asked {
        let (said, asked) = (said.unwrap_or_default(), asked.unwrap_or_default());
        return Some(format!("`oauth_signature_method` is `{said}`, and `{asked}` is asked for"));
    }
    let version = carried.get("oauth_version").filter(|version| *version != "1.0");
    version.map(|version| format!("`oauth_version` is `{version}`; the only one is `1.0`"))
}

fn wrong_time(carried: &Carried, moment: Moment) -> Option<String> {
    let written = carried.get("oauth_timestamp").unwrap_or_default();
    let Ok(signed) = written.parse::<i64>() else {
        return Some(format!("`oauth_timestamp` is `{written}`, not a number of seconds since 1970"));
    };
    let age = moment.now.timestamp().saturating_sub(signed);
    let skew = moment.skew.num_seconds();
    if signed > 100_000_000_000 && (moment.now.timestamp() - signed / 1000).abs() <= skew {
        return Some(format!("`oauth_timestamp` is `{written}`: milliseconds, where seconds are asked for"));
    }
    match age {
        age if age > skew => Some(format!("`oauth_timestamp` is {age} s behind the clock")),
        age if age < -skew => {
            Some(format!("`oauth_timestamp` is {} s ahead of the clock", age.unsigned_abs()))
        }
        _ => None,
    }
}

fn wrong_hash(seen: &Seen<'_>, settings: &Settings, carried: &Carried) -> Option<String> {
    let said = carried.get("oauth_body_hash");
    let computed = body_hash(settings.algorithm, seen.body);
    match said {
        Some(said) if said != computed => {
            Some(format!("`oauth_body_hash` is `{said}`, and the body's hash is `{computed}`"))
        }
        None if is_hashed(seen, settings) => {
            Some("`oauth_body_hash` is missing; the body is not signed without it".into())
        }
        _ => None,
    }
}

fn unknown_token_secret(settings: &Settings) -> Option<String> {
    let template = settings.token_secret.as_ref().is_some_and(|source| source.contains("{{"));
    template.then(|| "the secret of the token is a template of the profile, and is not known here".to_owned())
}
