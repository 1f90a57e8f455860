//! `identities` of an environment: each becomes an environment of its own.
//!
//! What an identity does not say it takes from the environment. That is decided on the nodes, not
//! on what was read from them: every key that an environment may have works in an identity too,
//! and every mistake points to the line that made it.

use super::headers::is_token;
use super::reader::{Reader, Shape};
use super::yaml::{Entry, Node, Value};
use crate::diag::{Code, Diagnostic, literal};
use crate::spec::DEFAULT_IDENTITY;

const IDENTITY: Shape = Shape {
    what: "an identity",
    keys: &["variables", "headers", "tls", "signing", "client_authentication", "dpop"],
};

/// Keys that belong together: whoever gives one of them takes none of the environment's.
const TLS_PAIR: &[&str] = &["certificate", "key", "pkcs12", "passphrase"];
const SIGNING_PAIR: &[&str] = &["key", "secret", "certificate", "pkcs12", "passphrase", "public_key"];

/// Name and document of every identity of an environment.
pub(super) fn identities(reader: &mut Reader, document: &Node) -> Vec<(String, Node)> {
    let Value::Map(environment) = &document.value else { return Vec::new() };
    let Some(written) = entry(environment, "identities") else { return Vec::new() };
    let named = reader.map(&written.value, "`identities`", "").unwrap_or_default();
    named
        .iter()
        .filter_map(|named| {
            if !is_name(reader, named) {
                return None;
            }
            reader.fields(&named.value, &IDENTITY)?;
            let Value::Map(own) = &named.value.value else { return None };
            let value = Value::Map(over(own, environment));
            Some((named.key.text.clone(), Node { value, ..document.clone() }))
        })
        .collect()
}

/// The environment's entries with those of an identity over them.
fn over(own: &[Entry], environment: &[Entry]) -> Vec<Entry> {
    let inherited = environment.iter().filter(|entry| entry.key.text != "identities");
    let mut merged: Vec<Entry> = inherited.cloned().collect();
    for own in own {
        match merged.iter_mut().find(|entry| entry.key.text == own.key.text) {
            Some(inherited) => *inherited = joined(own, inherited),
            None => merged.push(own.clone()),
        }
    }
    merged
}

/// One key of an identity, completed from the same key of the environment.
fn joined(own: &Entry, inherited: &Entry) -> Entry {
    let pair = match own.key.text.as_str() {
        "variables" | "headers" => &[],
        "tls" => TLS_PAIR,
        "signing" => SIGNING_PAIR,
        _ => return own.clone(),
    };
    let (Value::Map(ours), Value::Map(theirs)) = (&own.value.value, &inherited.value.value) else {
        return own.clone();
    };
    let replaces = pair.iter().any(|key| entry(ours, key).is_some());
    let is_header = own.key.text == "headers";
    let same = |one: &str, other: &str| one == other || (is_header && one.eq_ignore_ascii_case(other));
    let kept = theirs.iter().filter(|theirs| {
        let key = theirs.key.text.as_str();
        !(ours.iter().any(|own| same(&own.key.text, key)) || (replaces && pair.contains(&key)))
    });
    let value = Value::Map(ours.iter().chain(kept).cloned().collect());
    Entry { value: Node { value, ..own.value.clone() }, ..own.clone() }
}

fn entry<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Entry> {
    entries.iter().find(|entry| entry.key.text == key)
}

fn is_name(reader: &mut Reader, entry: &Entry) -> bool {
    let name = entry.key.text.as_str();
    let problem = if name == DEFAULT_IDENTITY {
        Diagnostic::error(Code::WrongValue, "no identity can be named `default`")
            .at(entry.key.span, "this is what the environment itself is called")
            .help("give its values in the environment, or choose another name")
    } else if is_token(name) {
        return true;
    } else {
        Diagnostic::error(Code::WrongValue, format!("{} can't be the name of an identity", literal(name)))
            .at(entry.key.span, "")
            .help("a name is made of letters, digits, `-`, `_` and `.`")
    };
    reader.problems.push(problem);
    false
}
