//! Fills templates for one message, and collects what is wrong with them, each at its place.
//!
//! A variable is filled when the first template mentions it; a mistake in it is reported where it
//! is written, once, however many templates use it.

use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::{Map, Value};

use super::scope::{Definition, Meaning, Scope};
use crate::diag::pointer::{item, join};
use crate::diag::{Code, Diagnostic};
use crate::load::{Owner, Suite};
use crate::template::{Engine, Mention, Node, TemplateError, Variables};

/// The name under which a signing profile finds the request that it signs.
const REQUEST: &str = "request";

/// The place of a value in the user's files.
#[derive(Debug, Clone)]
pub(super) struct At {
    pub(super) owner: Owner,
    pub(super) pointer: String,
}

impl At {
    pub(super) fn new(owner: &Owner, pointer: impl Into<String>) -> Self {
        Self { owner: owner.clone(), pointer: pointer.into() }
    }

    fn member(&self, name: &str) -> Self {
        Self::new(&self.owner, join(&self.pointer, name))
    }

    fn item(&self, index: usize) -> Self {
        Self::new(&self.owner, item(&self.pointer, index))
    }
}

pub(super) struct Fill<'a> {
    pub(super) suite: &'a Suite,
    pub(super) engine: &'a Engine,
    pub(super) scope: Scope,
    /// The environment, where `certificate` would be defined had it one that signs.
    pub(super) without_certificate: Option<String>,
    /// What the templates of a signing profile may say of the request: `request.host`.
    pub(super) request: Value,
    /// The names that templates have mentioned so far, with their final values.
    variables: Variables,
    /// Variables that could not be filled; their problem is known.
    failed: BTreeSet<String>,
    /// Variables being filled, outermost first.
    filling: Vec<String>,
    problems: Vec<Diagnostic>,
}

impl<'a> Fill<'a> {
    pub(super) fn new(suite: &'a Suite, engine: &'a Engine, scope: Scope) -> Self {
        Self {
            suite,
            engine,
            scope,
            without_certificate: None,
            request: Value::Null,
            variables: Variables::new(),
            failed: BTreeSet::new(),
            filling: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The names that templates have mentioned so far, with their values.
    pub(super) fn used(&self) -> Variables {
        self.variables.clone()
    }

    /// The problems that were found, if any.
    pub(super) fn finish(self) -> Result<(), Vec<Diagnostic>> {
        if self.problems.is_empty() { Ok(()) } else { Err(self.problems) }
    }

    /// A template as text.
    pub(super) fn text(&mut self, at: &At, source: &str) -> Option<String> {
        self.ready(at, source)?;
        let filled = self.engine.text(source, &self.variables);
        self.take(at, filled)
    }

    /// A template as part of a URL.
    pub(super) fn url(&mut self, at: &At, source: &str) -> Option<String> {
        self.ready(at, source)?;
        let filled = self.engine.url(source, &self.variables);
        self.take(at, filled)
    }

    /// A template as XML.
    pub(super) fn xml(&mut self, at: &At, source: &str) -> Option<String> {
        self.ready(at, source)?;
        let filled = self.engine.xml(source, &self.variables);
        self.take(at, filled)
    }

    /// A value with every text in it filled; a text that is one expression becomes what that is.
    pub(super) fn tree(&mut self, at: &At, value: &Value) -> Option<Value> {
        match value {
            Value::String(source) => {
                self.ready(at, source)?;
                let filled = self.engine.value(source, &self.variables);
                self.take(at, filled)
            }
            Value::Array(items) => {
                let filled: Vec<_> = items
                    .iter()
                    .enumerate()
                    .map(|(index, value)| self.tree(&at.item(index), value))
                    .collect();
                filled.into_iter().collect::<Option<_>>().map(Value::Array)
            }
            Value::Object(members) => {
                let filled: Vec<_> =
                    members.iter().map(|(name, value)| (name, self.tree(&at.member(name), value))).collect();
                let filled = filled.into_iter().map(|(name, value)| Some((name.clone(), value?)));
                filled.collect::<Option<Map<_, _>>>().map(Value::Object)
            }
            plain => Some(plain.clone()),
        }
    }

    /// Whether something stands at a place.
    pub(super) fn is_there(&self, at: &At) -> bool {
        self.suite.locations.find(&at.owner, &at.pointer).is_some()
    }

    /// Notes a problem at a place, or at some bytes of the text that stands there.
    pub(super) fn problem(
        &mut self,
        at: &At,
        range: Option<&Range<usize>>,
        problem: Diagnostic,
        label: &str,
    ) {
        self.problems.push(match super::span(self.suite, &at.owner, &at.pointer, range) {
            Some(span) => problem.at(span, label),
            None => problem,
        });
    }

    /// Notes what is wrong with a template that does not stand in the user's files but applies
    /// at this place; `what` names it.
    pub(super) fn foreign<T>(&mut self, at: &At, what: &str, filled: Result<T, TemplateError>) -> Option<T> {
        filled
            .map_err(|error| {
                let problem = Diagnostic::error(error.code, format!("{what}: {}", error.message));
                let problem = error.help.into_iter().fold(problem, Diagnostic::help);
                self.problem(at, None, problem, &error.label.unwrap_or_default());
            })
            .ok()
    }

    /// The names that a template outside the user's files may mention, those that it does made
    /// ready. Beside the user's there is `request`, which no variable can take from a profile.
    pub(super) fn names_of(&mut self, source: &str) -> Result<Variables, TemplateError> {
        for mention in crate::template::mentions(source)? {
            if mention.name != REQUEST && !self.name(&mention) && !mention.optional {
                return Err(self.undefined(&mention));
            }
        }
        let mut variables = self.variables.clone();
        variables.set(REQUEST, Node::value(self.request.clone()));
        Ok(variables)
    }

    fn undefined(&self, mention: &Mention) -> TemplateError {
        let error = TemplateError::undefined(mention, self.scope.names());
        match &self.without_certificate {
            Some(environment) if mention.name == "certificate" => {
                error.help(format!("add `signing.certificate` to the environment `{environment}`"))
            }
            _ => error,
        }
    }

    fn take<T>(&mut self, at: &At, filled: Result<T, TemplateError>) -> Option<T> {
        filled.map_err(|error| self.template_problem(at, error)).ok()
    }

    pub(super) fn template_problem(&mut self, at: &At, error: TemplateError) {
        let problem = Diagnostic::error(error.code, error.message);
        let problem = error.help.into_iter().fold(problem, Diagnostic::help);
        self.problem(at, Some(&error.range), problem, &error.label.unwrap_or_default());
    }

    /// Makes the names ready that a template mentions; each that is not there is a problem.
    fn ready(&mut self, at: &At, source: &str) -> Option<()> {
        let found = crate::template::mentions(source);
        let mentions = self.take(at, found)?;
        let mut all = true;
        for mention in &mentions {
            if !self.name(mention) && !mention.optional {
                all = false;
                if !self.failed.contains(&mention.name) {
                    let error = self.undefined(mention);
                    self.template_problem(at, error);
                }
            }
        }
        all.then_some(())
    }

    /// Makes one name ready; whether it is.
    fn name(&mut self, mention: &Mention) -> bool {
        let name = &mention.name;
        if self.variables.get(name).is_some() {
            return true;
        }
        if self.failed.contains(name) {
            return false;
        }
        let node = match self.scope.meaning(name) {
            None => return false,
            Some(Meaning::Data(node)) => Some(node),
            Some(Meaning::Written(definition)) => self.written(name, &definition).map(Node::value),
        };
        match node {
            Some(node) => self.variables.set(name.clone(), node),
            None => drop(self.failed.insert(name.clone())),
        }
        !self.failed.contains(name)
    }

    fn written(&mut self, name: &str, definition: &Definition) -> Option<Value> {
        let at = At::new(&definition.owner, &definition.pointer);
        if let Some(first) = self.filling.iter().position(|outer| outer == name) {
            let mut circle: Vec<&str> = self.filling[first..].iter().map(String::as_str).collect();
            circle.push(name);
            let message = match circle.as_slice() {
                [own, _] => format!("the variable `{own}` needs itself"),
                _ => format!("variables need each other: {}", circle.join(" → ")),
            };
            self.problem(
                &at,
                None,
                Diagnostic::error(Code::TemplateFailed, message),
                "the circle closes here",
            );
            return None;
        }
        self.filling.push(name.to_owned());
        let value = self.tree(&at, &definition.value);
        self.filling.pop();
        value
    }
}
