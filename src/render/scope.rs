//! What a template may name: variables, and what earlier requests left behind.
//!
//! A variable may itself be a template. It sees the names of the step that uses it, not those of
//! the file that defines it, and is filled once for each message: two mentions of `{{ id }}` with
//! `id: "{{ uuid() }}"` are the same id, and the next attempt has a new one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::Value;

use crate::diag::pointer::pointer;
use crate::load::Owner;
use crate::message::Answer;
use crate::spec::{Given, Request};
use crate::template::Node;

/// The names that templates may mention. Immutable: it grows by making a new one.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    given: Arc<BTreeMap<String, Node>>,
    set: BTreeMap<String, Node>,
    variables: BTreeMap<String, Arc<Definition>>,
    requests: BTreeMap<String, Node>,
}

/// A variable as a file writes it.
pub(super) struct Definition {
    pub(super) value: Value,
    pub(super) owner: Owner,
    pub(super) pointer: String,
}

/// What stands behind a name.
pub(super) enum Meaning {
    /// A value that is never read as a template.
    Data(Node),
    /// A variable that may be a template.
    Written(Arc<Definition>),
}

/// The name behind which every request is found by its own name, whatever it is.
pub(super) const REQUESTS: &str = "requests";

impl Scope {
    /// Only what the command line gives: these names win over any file, and their values are
    /// taken as they are.
    pub fn new(given: &[Given]) -> Self {
        let given =
            given.iter().map(|given| (given.name.clone(), Node::value(given.value.clone()))).collect();
        Self { given: Arc::new(given), ..Self::default() }
    }

    /// With the variables of one more file; they win over those that are there.
    #[must_use]
    pub fn with_variables(&self, owner: &Owner, variables: &IndexMap<String, Value>) -> Self {
        let mut scope = self.clone();
        for (name, value) in variables {
            let pointer = pointer(["variables", name]);
            let definition = Definition { value: value.clone(), owner: owner.clone(), pointer };
            scope.variables.insert(name.clone(), Arc::new(definition));
        }
        scope
    }

    /// With the variables of a request, and of the row that it runs for. Those that are set for it
    /// win over both.
    #[must_use]
    pub fn of_request(&self, request: &Request, case: Option<usize>) -> Self {
        let owner = Owner::Request(request.name.clone());
        let mut scope = self.with_variables(&owner, &request.variables);
        let (Some(cases), Some(row)) = (&request.cases, request.row(case)) else { return scope };
        for (name, value) in &row.values {
            if cases.are_written() {
                let row = case.unwrap_or_default().to_string();
                let pointer = pointer(["cases", &row, name]);
                let definition = Definition { value: value.clone(), owner: owner.clone(), pointer };
                scope.variables.insert(name.clone(), Arc::new(definition));
            } else {
                scope.set.entry(name.clone()).or_insert_with(|| Node::value(value.clone()));
            }
        }
        scope
    }

    /// With variables that are set for the step: they win over those of its files.
    #[must_use]
    pub fn with_set(&self, values: IndexMap<String, Value>) -> Self {
        let mut scope = self.clone();
        scope.set.extend(values.into_iter().map(|(name, value)| (name, Node::value(value))));
        scope
    }

    /// With a value that is never read as a template, under the name of a variable.
    #[must_use]
    pub fn with_value(&self, name: &str, value: Value) -> Self {
        let mut scope = self.clone();
        Arc::make_mut(&mut scope.given).insert(name.to_owned(), Node::value(value));
        scope
    }

    /// With what a request left behind, under its name: its captures, and its answer as `response`.
    #[must_use]
    pub fn with_captures<'v>(
        &self,
        request: &str,
        captures: impl IntoIterator<Item = (&'v String, &'v Value)>,
        answer: Option<&Answer>,
    ) -> Self {
        let captures = captures.into_iter().map(|(name, value)| (name.clone(), Node::value(value.clone())));
        let response = answer.map(|answer| ("response".to_owned(), response(answer)));
        let mut scope = self.clone();
        scope.requests.insert(request.to_owned(), Node::map(captures.chain(response)));
        scope
    }

    /// With what the cases of a request left behind, under its name: each capture is a list, in the
    /// order of the rows.
    #[must_use]
    pub fn with_lists(&self, request: &str, captures: IndexMap<String, Vec<Value>>) -> Self {
        let lists = captures.into_iter().map(|(name, list)| (name, Node::value(Value::Array(list))));
        let mut scope = self.clone();
        scope.requests.insert(request.to_owned(), Node::map(lists));
        scope
    }

    /// With what a request will leave behind once it is sent: pairs of a capture and what that is
    /// called until then; its answer is called `REQUEST.response`. `written` says how such a name
    /// stands in a message.
    #[must_use]
    pub fn with_unknown(
        &self,
        request: &str,
        captures: impl IntoIterator<Item = (String, String)>,
        written: fn(&str) -> String,
    ) -> Self {
        let response = ("response".to_owned(), format!("{request}.response"));
        let members = captures.into_iter().chain([response]);
        let members = members.map(|(name, called)| (name, Node::unknown(called, written)));
        let mut scope = self.clone();
        scope.requests.insert(request.to_owned(), Node::map(members));
        scope
    }

    /// What a request captured under a name.
    pub(super) fn captured(&self, request: &str, capture: &str) -> Option<Value> {
        self.requests.get(request)?.member(capture)?.to_value()
    }

    /// What stands behind a name; requests come before variables, the command line before files.
    pub(super) fn meaning(&self, name: &str) -> Option<Meaning> {
        if name == REQUESTS && !self.requests.is_empty() {
            return Some(Meaning::Data(Node::map(self.requests.clone())));
        }
        if let Some(data) =
            self.requests.get(name).or_else(|| self.given.get(name)).or_else(|| self.set.get(name))
        {
            return Some(Meaning::Data(data.clone()));
        }
        self.variables.get(name).map(|definition| Meaning::Written(Arc::clone(definition)))
    }

    /// Every name that a template can write, in alphabetical order: not what another identity lent.
    pub fn names(&self) -> BTreeSet<&str> {
        let names =
            self.given.keys().chain(self.set.keys()).chain(self.variables.keys()).chain(self.requests.keys());
        names.map(String::as_str).filter(|name| !name.contains('\0')).collect()
    }
}

impl std::fmt::Debug for Definition {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:?} {}", self.owner, self.pointer)
    }
}

/// `status`, `headers` (found in any case; several values of a field are joined by commas) and
/// `body`: what its JSON says, else its text.
fn response(answer: &Answer) -> Node {
    let mut headers: IndexMap<String, String> = IndexMap::new();
    for (name, value) in answer.headers.iter() {
        headers
            .entry(name.to_ascii_lowercase())
            .and_modify(|all| *all = format!("{all}, {value}"))
            .or_insert_with(|| value.to_owned());
    }
    let headers = headers.into_iter().map(|(name, value)| (name, Node::value(Value::String(value))));
    let body = crate::json::parse(&answer.body)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&answer.body).into_owned()));
    Node::map([
        ("status".to_owned(), Node::value(Value::from(answer.status))),
        ("headers".to_owned(), Node::caseless(headers)),
        ("body".to_owned(), Node::value(body)),
    ])
}
