//! What a protected header says must be understood (RFC 7515, section 4.1.11).

use serde_json::Value;

use super::judge::Carried;
use super::settings::Settings;

/// The members of RFC 7515 (section 4.1), which `crit` must not name.
const REGISTERED: [&str; 11] =
    ["alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"];

/// What no `crit` may name, the profile's as little as the sender's.
pub(super) fn misnamed(names: &[&str]) -> Option<String> {
    let registered = names.iter().find(|name| REGISTERED.contains(name)).map(|name| {
        format!(
            "`{name}` is a member that everybody understands: it must not be named in `crit` (RFC 7515, section 4.1.11)"
        )
    });
    let twice = || {
        let (_, name) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name))?;
        Some(format!("`{name}` is named in `crit` twice"))
    };
    registered.or_else(twice)
}

/// A critical member that nobody understands refuses the signature, and what the profile has as
/// critical must be so in the message.
pub(super) fn check(settings: &Settings, carried: &Carried) -> Result<(), String> {
    let Some(critical) = carried.protected.get("crit") else { return Ok(()) };
    let names: Option<Vec<&str>> =
        critical.as_array().and_then(|names| names.iter().map(Value::as_str).collect());
    let names = names.filter(|names| !names.is_empty()).ok_or("`crit` is not a list of names")?;
    for name in &names {
        let known = *name == "b64" || settings.protected.contains_key(*name);
        if !known || !carried.protected.contains_key(*name) {
            let why = if known { "is not there" } else { "means nothing here" };
            return Err(format!("`crit` names `{name}`, which {why}"));
        }
    }
    if let Some(reason) = misnamed(&names) {
        return Err(reason);
    }
    if !carried.encodes() && !names.contains(&"b64") {
        return Err("`b64: false` must be named in `crit` (RFC 7797, section 6)".into());
    }
    match settings.critical().unwrap_or_default().into_iter().find(|name| !names.contains(name)) {
        Some(name) => Err(format!("`crit` must name `{name}`, and does not")),
        None => Ok(()),
    }
}
