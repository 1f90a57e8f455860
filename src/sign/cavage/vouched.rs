//! The headers that vouch for something: the digest for the body's bytes, the date for the moment.
//! How a profile has them written, and whether what came holds.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::parameters::Parameters;
use super::settings::{DateField, DigestField};
use super::variations::other_bodies;
use crate::sign::digest::{self, Hash};
use crate::sign::judge::Moment;

/// The value of the digest header for a body.
pub(super) fn written(field: &DigestField, body: &[u8]) -> String {
    if let Some(word) = field.empty.as_ref().filter(|_| body.is_empty()) {
        return word.clone();
    }
    format!("{}{}", prefix(field), field.algorithm.base64_of(body))
}

/// Whether the value of the digest header vouches for the body; why not, as a whole clause.
pub(super) fn digest(field: &DigestField, value: &str, body: &[u8]) -> Result<(), String> {
    let header = &field.header;
    if let Some(word) = field.empty.as_ref().filter(|_| body.is_empty()) {
        let reason = || format!("`{header}` of a message without a body is `{word}`, not `{value}`");
        return if value == word { Ok(()) } else { Err(reason()) };
    }
    let of_the_rfc = Hash::named(prefix(field).trim_end_matches('=')).is_some();
    let checked = if of_the_rfc {
        digest::check(value, body).map_err(|error| error.to_string())
    } else if value == written(field, body) {
        Ok(())
    } else {
        Err(format!("the body's digest is `{}`, not `{value}`", written(field, body)))
    };
    checked.map_err(|reason| match whose(value, body) {
        Some(which) => format!("`{header}`: {reason}; that is the digest of {which}"),
        None => format!("`{header}`: {reason}"),
    })
}

fn prefix(field: &DigestField) -> Cow<'_, str> {
    match &field.prefix {
        Some(prefix) => Cow::Borrowed(prefix.as_str()),
        None => Cow::Owned(format!("{}=", field.algorithm.name())),
    }
}

/// Which other bytes people digest by mistake have this digest.
fn whose(value: &str, body: &[u8]) -> Option<&'static str> {
    let encoded = value.split_once('=').filter(|(name, _)| Hash::named(name).is_some());
    let sent = STANDARD.decode(encoded.map_or(value, |(_, encoded)| encoded)).ok()?;
    let hash = [Hash::Sha256, Hash::Sha512].into_iter().find(|hash| hash.of(b"").len() == sent.len())?;
    other_bodies(body).into_iter().find(|(_, bytes)| hash.of(bytes) == sent).map(|(which, _)| which)
}

/// Whether the date header is of this moment.
pub(super) fn date(field: &DateField, value: &str, moment: Moment) -> Result<(), String> {
    let DateField { header, format, .. } = field;
    let date = format
        .read(value.trim())
        .ok_or_else(|| format!("`{header}` is `{value}`, not written like `{}`", format.write(moment.now)))?;
    let off = moment.now.signed_duration_since(date);
    if off.abs() <= moment.skew {
        return Ok(());
    }
    let side = if off.num_seconds() > 0 { "behind" } else { "ahead of" };
    let (seconds, allowed) = (off.num_seconds().abs(), moment.skew.num_seconds());
    Err(format!("`{header}` is {seconds} seconds {side} the clock; {allowed} are allowed"))
}

/// Whether the signature's own times hold (draft-cavage-12, sections 2.1.4 and 2.1.5).
pub(super) fn times(parameters: &Parameters, moment: Moment) -> Result<(), String> {
    let (now, skew) = (moment.now.timestamp(), moment.skew.num_seconds());
    let whole = |text: &String| text.split('.').next().and_then(|digits| digits.parse::<i64>().ok());
    if let Some(text) = &parameters.created {
        let created = whole(text).ok_or("`created` is not a number of seconds")?;
        if created > now.saturating_add(skew) {
            return Err(format!(
                "`created` is {} seconds ahead of the clock; {skew} are allowed",
                created.saturating_sub(now)
            ));
        }
    }
    if let Some(text) = &parameters.expires {
        let expires = whole(text).ok_or("`expires` is not a number of seconds")?;
        if expires < now.saturating_sub(skew) {
            return Err(format!("the signature expired {} seconds ago", now.saturating_sub(expires)));
        }
    }
    Ok(())
}
