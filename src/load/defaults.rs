//! The defaults of the suite that are keys of a request: they are put into each request's document
//! before it is read.
//!
//! So a default means exactly what it would mean in the request, and every place in it is known:
//! it stands in `requests/suite.yaml`.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::locate::Owner;
use super::names::{Loaded, field};
use super::suite::Suite;
use super::yaml::{Entry, Key, Node, Style, Value};
use crate::diag::{Code, Diagnostic, did_you_mean, literal};
use crate::spec::{self, Request};

/// The defaults that are put into requests as they are.
const OF_REQUESTS: &[&str] = &["token", "tags", "sign", "expect", "query", "cookies"];

/// What a suite file says under `defaults` for every request.
#[derive(Debug, Default)]
pub(super) struct OfRequests(Vec<Entry>);

impl OfRequests {
    /// Those of a suite file that was read without mistakes.
    pub(super) fn of(document: &Node) -> Self {
        let Some(Node { value: Value::Map(entries), .. }) = field(document, "defaults") else {
            return Self::default();
        };
        let ours = entries.iter().filter(|entry| OF_REQUESTS.contains(&entry.key.text.as_str()));
        Self(ours.cloned().collect())
    }

    /// A request's document, completed.
    pub(super) fn under(&self, document: Node) -> Node {
        let Value::Map(mut own) = document.value else { return document };
        let writes_cookies = writes_cookies(&own);
        for default in self.0.iter().filter(|default| default.key.text != "cookies" || !writes_cookies) {
            match own.iter_mut().find(|entry| entry.key.text == default.key.text) {
                Some(entry) => entry.value = joined(&default.key.text, &entry.value, &default.value),
                None => own.push(default.clone()),
            }
        }
        Node { value: Value::Map(own), ..document }
    }

    /// The request whose token is sent by default.
    fn token(&self) -> Option<(&Node, &str)> {
        let token = &self.0.iter().find(|entry| entry.key.text == "token")?.value;
        let from = field(token, "from").unwrap_or(token);
        Some((from, from.as_text()?))
    }
}

/// Whether a request has a header `Cookie`, which is sent as it is and stands for all cookies.
fn writes_cookies(request: &[Entry]) -> bool {
    let headers = request.iter().find(|entry| entry.key.text == "headers").map(|entry| &entry.value.value);
    let Some(Value::Map(headers)) = headers else { return false };
    headers.iter().any(|header| header.key.text.eq_ignore_ascii_case("cookie"))
}

/// What a request says, completed from the default of the same key. What is neither a list nor a
/// map replaces it.
fn joined(key: &str, own: &Node, default: &Node) -> Node {
    let value = match (key, &own.value, &default.value) {
        ("tags", Value::List(ours), Value::List(theirs)) => {
            let is_ours = |tag: &&Node| ours.iter().any(|own| own.as_text() == tag.as_text());
            let more = theirs.iter().filter(|tag| !is_ours(tag));
            Value::List(ours.iter().chain(more).cloned().collect())
        }
        ("query", Value::List(ours), Value::Map(theirs)) => {
            let named: Vec<&str> = ours.iter().filter_map(pair_name).collect();
            let more = theirs.iter().filter(|entry| !named.contains(&entry.key.text.as_str())).map(pair);
            Value::List(more.chain(ours.iter().cloned()).collect())
        }
        ("query" | "cookies" | "headers" | "body", Value::Map(ours), Value::Map(theirs)) => {
            let same = |one: &Key, other: &Key| {
                one.text == other.text || (key == "headers" && one.text.eq_ignore_ascii_case(&other.text))
            };
            let is_ours = |entry: &&Entry| ours.iter().any(|own| same(&own.key, &entry.key));
            let more = theirs.iter().filter(|entry| !is_ours(entry));
            Value::Map(more.chain(ours).cloned().collect())
        }
        ("expect", Value::Map(ours), Value::Map(theirs)) => {
            let mut all = ours.clone();
            for default in theirs {
                match all.iter_mut().find(|own| own.key.text == default.key.text) {
                    Some(own) => own.value = joined(&own.key.text, &own.value, &default.value),
                    None => all.push(default.clone()),
                }
            }
            Value::Map(all)
        }
        _ => return own.clone(),
    };
    Node { value, ..own.clone() }
}

/// The name of a pair of a list.
fn pair_name(item: &Node) -> Option<&str> {
    match &item.value {
        Value::List(pair) => pair.first()?.as_text(),
        Value::Map(entries) => entries.first().map(|entry| entry.key.text.as_str()),
        _ => None,
    }
}

/// An entry of a map as an item of a list of pairs.
fn pair(entry: &Entry) -> Node {
    let value = Value::Map(vec![entry.clone()]);
    Node { span: entry.key.span, style: Style::Collection, alias: None, value }
}

/// Takes the default token from the requests that it needs itself: it must not need itself.
pub(super) fn settle_token(
    suite: &mut Suite,
    defaults: &OfRequests,
    by_default: &BTreeSet<String>,
) -> Option<Diagnostic> {
    let (place, from) = defaults.token()?;
    if !suite.requests.contains_key(from) {
        let message = format!("there is no request {}", literal(from));
        let problem =
            Diagnostic::error(Code::UnknownRequest, message).at(place.span, "every request needs it");
        return Some(match did_you_mean(from, suite.requests.keys().map(String::as_str)) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("name the request that fetches the token"),
        });
    }
    for name in needed_by(suite, from, by_default) {
        if by_default.contains(&name) {
            suite.requests[&name].token = None;
            suite.locations.forget(&Owner::Request(name), "/token");
        }
    }
    None
}

/// The request itself and everything that it needs, at any distance, but for the default token.
fn needed_by(suite: &Suite, request: &str, by_default: &BTreeSet<String>) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    let mut waiting = vec![request.to_owned()];
    while let Some(name) = waiting.pop() {
        let Some(request) = suite.requests.get(&name).filter(|_| !needed.contains(&name)) else { continue };
        let token = request.token.as_ref().filter(|_| !by_default.contains(&name));
        waiting.extend(token.map(|token| token.from.clone()));
        waiting.extend(request.needs.iter().map(|need| need.request.clone()));
        waiting.extend(mentioned(suite, request));
        needed.insert(name);
    }
    needed
}

/// The names that the templates of a request mention in whatever environment, and those in the
/// variables that they use.
fn mentioned(suite: &Suite, request: &Request) -> BTreeSet<String> {
    let shared =
        || std::iter::once(&suite.file.variables).chain(suite.environments.values().map(|it| &it.variables));
    let added = suite.environments.values().flat_map(spec::mentions_of_environment);
    let mut waiting: Vec<_> =
        spec::mentions(request).into_iter().chain(added).map(|(_, mention)| mention).collect();
    let (mut requests, mut variables) = (BTreeSet::new(), BTreeSet::new());
    while let Some(mention) = waiting.pop() {
        if mention.name == "requests" {
            requests.extend(mention.path.first().cloned());
        } else if request.variables.contains_key(&mention.name) {
            // What it mentions is among the request's own.
        } else if shared().any(|variables| variables.contains_key(&mention.name)) {
            if variables.insert(mention.name.clone()) {
                let defined = shared().filter_map(|variables| variables.get_key_value(&mention.name));
                let defined = defined.map(|(name, value)| IndexMap::from([(name.clone(), value.clone())]));
                waiting.extend(
                    defined.flat_map(|one| spec::mentions_of_variables(&one)).map(|(_, mention)| mention),
                );
            }
        } else {
            requests.insert(mention.name);
        }
    }
    requests
}

/// Whether a request has the default token: it says nothing of its own.
pub(super) fn has_default_token(loaded: &Loaded, defaults: &OfRequests) -> bool {
    let Some((default, _)) = defaults.token() else { return false };
    let token = field(&loaded.document, "token");
    token.is_some_and(|token| field(token, "from").unwrap_or(token).span == default.span)
}
