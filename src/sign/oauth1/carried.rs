//! What `Authorization: OAuth …` says (RFC 5849, section 3.5.1).

use super::settings::ValueForm;
use crate::sign::encoding::unpercent;

/// The parameters of the header, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Carried {
    /// All but the realm and the signature, in the order they came.
    pub protocol: Vec<(String, String)>,
    pub realm: Option<String>,
    pub signature: String,
}

impl Carried {
    /// Reads the value of `Authorization`; the error is a clause without a full stop.
    pub fn read(value: &str, form: ValueForm) -> Result<Self, String> {
        let list = match value.trim().split_once(' ') {
            Some((word, list)) if word.eq_ignore_ascii_case("OAuth") => list,
            _ => return Err("`Authorization` does not begin with `OAuth `".into()),
        };
        let (mut protocol, mut realm, mut signature) = (Vec::new(), None, None);
        for part in parts(list).map(str::trim).filter(|part| !part.is_empty()) {
            let (name, value) = parameter(part)?;
            match name.as_str() {
                "realm" if realm.is_none() => realm = Some(value),
                "oauth_signature" if signature.is_none() => signature = Some(decoded(&value)?),
                "realm" | "oauth_signature" => return Err(format!("`{name}` is given twice")),
                _ if protocol.iter().any(|(known, _)| *known == name) => {
                    return Err(format!("`{name}` is given twice"));
                }
                _ if form == ValueForm::Raw => protocol.push((name, value)),
                _ => protocol.push((name, decoded(&value)?)),
            }
        }
        let signature = signature.ok_or("`Authorization` has no `oauth_signature`")?;
        let carried = Self { protocol, realm, signature };
        let needed = ["oauth_consumer_key", "oauth_signature_method", "oauth_timestamp", "oauth_nonce"];
        match needed.into_iter().find(|name| carried.get(name).is_none()) {
            Some(missing) => Err(format!("`Authorization` has no `{missing}`")),
            None => Ok(carried),
        }
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.protocol.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The entries of the list: a comma within quotes is part of a value.
fn parts(list: &str) -> impl Iterator<Item = &str> {
    let (mut quoted, mut escaped) = (false, false);
    list.split(move |character| {
        let taken = std::mem::take(&mut escaped);
        match character {
            _ if taken => {}
            '\\' => escaped = quoted,
            '"' => quoted = !quoted,
            _ => {}
        }
        character == ',' && !quoted
    })
}

fn parameter(part: &str) -> Result<(String, String), String> {
    let malformed = || format!(r#"`{part}` is not of the form `name="value"`"#);
    let (name, value) = part.split_once('=').ok_or_else(malformed)?;
    Ok((decoded(name)?, unquoted(value).ok_or_else(malformed)?))
}

/// What a quoted string says (RFC 9110, section 5.6.4).
fn unquoted(value: &str) -> Option<String> {
    let mut inner = value.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut said = String::new();
    while let Some(character) = inner.next() {
        match character {
            '"' => return None,
            '\\' => said.push(inner.next()?),
            other => said.push(other),
        }
    }
    Some(said)
}

fn decoded(text: &str) -> Result<String, String> {
    String::from_utf8(unpercent(text)).map_err(|_| format!("`{text}` is not the percent-encoding of a text"))
}
