//! What is changed in how a message is signed, and in what it says about its signature.

use crate::sign::{Profile, SignedMessage, Signer};
use std::sync::Arc;

use super::message::changed;
use crate::sign::encoding::percent;

/// Changes one character of the signature; it stays base64 or hexadecimal of the same length.
pub(super) fn signature(signed: &mut SignedMessage) -> Result<(), String> {
    let Some(signature) = signed.signatures.first_mut() else { return Ok(()) };
    let value = changed(&signature.value, 0).ok_or("its signature can't be changed")?;
    let before = std::mem::replace(&mut signature.value, value);
    let carried_in = signature.carried_in.clone();
    let after = signature.value.clone();
    let (encoded_before, encoded_after) = (percent(&before), percent(&after));
    let replaced = replace(signed, &carried_in, &before, &after)
        || replace(signed, &carried_in, &encoded_before, &encoded_after)
        || replace_in_query(signed, &carried_in, &encoded_before, &encoded_after);
    if replaced { Ok(()) } else { Err("its signature is not written out in what carries it".to_owned()) }
}

/// Names another algorithm than the one that signed.
pub(super) fn algorithm(signed: &mut SignedMessage, name: &str) -> Result<(), String> {
    let Some(signature) = signed.signatures.first_mut() else { return Ok(()) };
    if signature.algorithm == name {
        return Err("it is signed with this algorithm".to_owned());
    }
    let before = format!("\"{}\"", signature.algorithm);
    let carried_in = signature.carried_in.clone();
    if replace(signed, &carried_in, &before, &format!("\"{name}\"")) {
        return Ok(());
    }
    Err("its headers do not name the algorithm in clear".to_owned())
}

/// Replaces a text in the headers that carry the signature; whether it was there.
fn replace(signed: &mut SignedMessage, headers: &[String], before: &str, after: &str) -> bool {
    let mut found = false;
    for header in headers {
        let Some(value) = signed.message.headers.get(header) else { continue };
        let (value, there) = (value.replacen(before, after, 1), value.contains(before));
        if there {
            signed.message.headers.set(header, value);
        }
        found |= there;
    }
    found
}

/// Replaces a text in the parameters of the query that carry the signature; whether it was there.
fn replace_in_query(signed: &mut SignedMessage, names: &[String], before: &str, after: &str) -> bool {
    let Some(query) = signed.message.url.query() else { return false };
    let mut found = false;
    let pairs: Vec<String> = query
        .split('&')
        .map(|pair| match pair.split_once('=') {
            Some((name, value)) if value.contains(before) && names.iter().any(|it| percent(it) == name) => {
                found = true;
                format!("{name}={}", value.replacen(before, after, 1))
            }
            _ => pair.to_owned(),
        })
        .collect();
    if found {
        signed.message.url.set_query(Some(&pairs.join("&")));
    }
    found
}

impl Signer {
    /// The same signer with the key of another: what the message says of its key stays as it was.
    #[must_use]
    pub fn with_key_of(&self, other: &Self) -> Self {
        let certificate = self.certificate.clone();
        Self { profile: self.profile.clone(), key: Arc::clone(&other.key), certificate }
    }

    /// The same signer with a profile that does not sign this component.
    pub fn leaving_out(&self, component: &str) -> Result<Self, String> {
        let profile = without(&self.profile, component)?;
        Ok(Self { profile, key: Arc::clone(&self.key), certificate: self.certificate.clone() })
    }
}

/// The profile without one of its `components`, as each scheme that has them calls the list.
fn without(profile: &Profile, component: &str) -> Result<Profile, String> {
    let mut written = serde_json::to_value(profile).map_err(|_| "its profile can't be written out")?;
    let list = written.pointer_mut(&format!("/{}/components", profile.scheme().name()));
    let Some(list) = list.and_then(|list| list.as_array_mut()) else {
        return Err(format!("`{}` has no list of components", profile.scheme().name()));
    };
    let names: Vec<String> = list.iter().filter_map(|item| Some(name(item.as_str()?).to_owned())).collect();
    list.retain(|item| item.as_str().is_none_or(|item| !name(item).eq_ignore_ascii_case(component)));
    if list.len() == names.len() {
        return Err(format!("the profile does not sign it, only `{}`", names.join("`, `")));
    }
    Profile::read(profile.name(), &written).map_err(|_| "nothing would be signed without it".to_owned())
}

/// The name of a component, without its condition and parameters.
fn name(component: &str) -> &str {
    component.split([' ', ';']).next().unwrap_or_default()
}
