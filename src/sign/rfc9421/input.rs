//! `Signature-Input` and `Signature` (RFC 9421, section 4): two dictionaries with one member for
//! each signature, under its label.
//!
//! Read strictly: a label that stands there twice is refused, though dictionaries let the last one
//! win, since two receivers that differ in this see two different messages.

use std::convert::Infallible;

use sfv::visitor::{DictionaryVisitor, EntryVisitor};
use sfv::{BareItem, Dictionary, InnerList, KeyRef, ListEntry, Parser, StringRef};

use super::field::serialize;
use super::identifier::Identifier;
use super::settings::{ParameterName, Settings};
use crate::limits;
use crate::message::Headers;
use crate::sign::SignError;
use crate::sign::cavage::to_bytes;

/// The field that says what is signed.
pub(super) const INPUT: &str = "Signature-Input";
/// The field that holds the signatures.
pub(super) const SIGNATURE: &str = "Signature";

/// A signature as a message carries it.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    pub label: String,
    pub identifiers: Vec<Identifier>,
    /// The member of `Signature-Input` in the strict form: the value of the last line.
    pub input: String,
    pub list: InnerList,
    pub signature: Vec<u8>,
}

impl Signed {
    /// Reads the signature that the settings mean: the one with their label, or with their tag, or
    /// the only one.
    pub fn read(headers: &Headers, settings: &Settings) -> Result<Self, String> {
        let inputs = dictionary(headers, INPUT)?.ok_or("there is no `Signature-Input` header")?;
        let signatures = dictionary(headers, SIGNATURE)?.ok_or("there is no `Signature` header")?;
        let label = choose(&inputs, settings)?;
        let key = KeyRef::from_str(label).map_err(|_| format!("`{label}` is not a label"))?;
        let member = inputs.get(key).ok_or_else(|| format!("`{INPUT}` has no `{label}`"))?;
        let ListEntry::InnerList(list) = member else {
            return Err(format!("`{label}` of `{INPUT}` is not a list in parentheses"));
        };
        let signature = match signatures.get(key) {
            Some(ListEntry::Item(item)) => item.bare_item.as_byte_sequence(),
            Some(ListEntry::InnerList(_)) => None,
            None => return Err(format!("`{INPUT}` has `{label}`, and `{SIGNATURE}` does not")),
        };
        let signature = signature.ok_or_else(|| format!("`{label}` of `{SIGNATURE}` is not `:base64:`"))?;
        let signed = Self {
            label: label.to_owned(),
            identifiers: identifiers(list).map_err(|reason| format!("`{INPUT}`: {reason}"))?,
            input: serialize(member).unwrap_or_default(),
            list: list.clone(),
            signature: signature.to_vec(),
        };
        signed.check_types().map(|()| signed)
    }

    /// A parameter that is a string.
    pub fn text(&self, parameter: ParameterName) -> Option<&str> {
        Some(self.value(parameter)?.as_string()?.as_str())
    }

    /// A parameter that is a number of seconds.
    pub fn seconds(&self, parameter: ParameterName) -> Option<i64> {
        self.value(parameter)?.as_integer().map(Into::into)
    }

    /// Whether the parameter is there.
    pub fn has(&self, parameter: ParameterName) -> bool {
        self.value(parameter).is_some()
    }

    fn value(&self, parameter: ParameterName) -> Option<&BareItem> {
        self.list.params.get(parameter.name())
    }

    fn check_types(&self) -> Result<(), String> {
        for number in [ParameterName::Created, ParameterName::Expires] {
            if self.has(number) && self.seconds(number).is_none() {
                return Err(format!("`{}` is not a whole number of seconds", number.name()));
            }
        }
        for string in [ParameterName::Nonce, ParameterName::Alg, ParameterName::Keyid, ParameterName::Tag] {
            if self.has(string) && self.text(string).is_none() {
                return Err(format!("`{}` is not a string in quotes", string.name()));
            }
        }
        Ok(())
    }
}

fn identifiers(list: &InnerList) -> Result<Vec<Identifier>, String> {
    let (listed, most) = (list.items.len(), limits::SIGNED_COMPONENTS);
    if listed > most {
        return Err(format!("{listed} components are listed, and at most {most} are taken"));
    }
    let mut identifiers: Vec<Identifier> = Vec::with_capacity(listed);
    for item in &list.items {
        let identifier = Identifier::from_item(item)?;
        if identifiers.iter().any(|known| known.is(&identifier)) {
            return Err(format!("`{identifier}` is listed twice"));
        }
        identifiers.push(identifier);
    }
    Ok(identifiers)
}

/// The label of the signature that is meant.
fn choose<'a>(inputs: &'a Dictionary, settings: &Settings) -> Result<&'a str, String> {
    let labels = || inputs.keys().map(|label| label.as_str());
    if let Some(label) = labels().find(|label| *label == settings.label) {
        return Ok(label);
    }
    let tagged = |member: &ListEntry| match member {
        ListEntry::InnerList(list) => {
            let tag = list.params.get(ParameterName::Tag.name()).and_then(BareItem::as_string);
            settings.tag.is_some() && tag.map(StringRef::as_str) == settings.tag.as_deref()
        }
        ListEntry::Item(_) => false,
    };
    let mut tagged = inputs.iter().filter(|(_, member)| tagged(member)).map(|(label, _)| label.as_str());
    match (tagged.next(), tagged.next(), inputs.len()) {
        (Some(label), None, _) => Ok(label),
        (_, _, 1) => labels().next().ok_or_else(String::new),
        _ => {
            let labels = labels().map(|label| format!("`{label}`")).collect::<Vec<_>>().join(", ");
            Err(format!("there is no signature labelled `{}`, only {labels}", settings.label))
        }
    }
}

/// A dictionary of a message; `None` when it does not have the field.
fn dictionary(headers: &Headers, name: &str) -> Result<Option<Dictionary>, String> {
    if !headers.contains(name) {
        return Ok(None);
    }
    let joined = headers.all(name).collect::<Vec<_>>().join(", ");
    let mut twice = None;
    let visitor = Strict { members: Dictionary::new(), twice: &mut twice };
    let bytes = to_bytes(&joined).ok_or_else(|| format!("`{name}` is not a dictionary"))?;
    let parsed = Parser::new(&bytes).parse_dictionary_with_visitor(visitor);
    match (parsed, twice) {
        (_, Some(label)) => Err(format!("`{name}` has `{label}` twice")),
        (Ok(members), None) if !members.is_empty() => Ok(Some(members)),
        (Ok(_) | Err(_), None) => Err(unreadable(name, &joined)),
    }
}

/// Why a field is no dictionary; base64url, in which tokens are written, is the usual reason.
fn unreadable(name: &str, joined: &str) -> String {
    let standard = joined.replace('-', "+").replace('_', "/");
    if name == SIGNATURE && standard != joined && Parser::new(&standard).parse::<Dictionary>().is_ok() {
        return format!("`{name}` is not in base64 but in base64url; write `+` for `-` and `/` for `_`");
    }
    format!("`{name}` is not a dictionary of signatures, such as `sig1=…`")
}

/// Takes members as a dictionary does, and notes one that comes again.
struct Strict<'a> {
    members: Dictionary,
    twice: &'a mut Option<String>,
}

impl<'de> DictionaryVisitor<'de> for Strict<'_> {
    type Out = Dictionary;
    type Error = Infallible;

    fn entry(&mut self, key: &'de KeyRef) -> Result<impl EntryVisitor<'de>, Infallible> {
        if self.members.contains_key(key) {
            self.twice.get_or_insert_with(|| key.to_string());
        }
        DictionaryVisitor::entry(&mut self.members, key)
    }

    fn finish(self) -> Result<Dictionary, Infallible> {
        Ok(self.members)
    }
}

/// Adds a signature to those that the message has. Fields that hold no signatures are the
/// request's own, and are never overwritten.
pub(super) fn join(headers: &mut Headers, label: &str, input: &str, value: &str) -> Result<(), SignError> {
    let taken = |header: &str| SignError::Taken { header: header.to_owned() };
    let [inputs, signatures] = [INPUT, SIGNATURE].map(|name| {
        let members = dictionary(headers, name).map_err(|_| taken(name));
        members.map(Option::unwrap_or_default)
    });
    let (inputs, signatures) = (inputs?, signatures?);
    if signatures.keys().any(|label| !inputs.contains_key(label)) {
        return Err(taken(SIGNATURE));
    }
    if inputs.keys().any(|label| !signatures.contains_key(label)) {
        return Err(taken(INPUT));
    }
    if inputs.contains_key(label) {
        return Err(SignError::Unsignable {
            message: format!("the request has a signature labelled `{label}` already"),
            help: Some("give the profile another `label`".into()),
        });
    }
    for (name, member) in [(INPUT, input), (SIGNATURE, value)] {
        let mut members: Vec<&str> = headers.all(name).collect();
        let member = format!("{label}={member}");
        members.push(&member);
        let joined = members.join(", ");
        headers.set(name, joined);
    }
    Ok(())
}
