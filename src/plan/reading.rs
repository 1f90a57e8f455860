//! What planning reads of a suite, each thing once: a request with ten thousand rows has the same
//! templates in all of them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use serde_json::Value;

use super::mentions::{Placed, mentions};
use super::node::Node;
use crate::load::Suite;
use crate::spec::Request;

/// A request and its environment.
type Where = (String, String);

/// A suite, and the names of the variables that the command line sets.
pub(super) struct Reading<'a> {
    pub(super) suite: &'a Suite,
    pub(super) given: &'a [&'a str],
    mentions: RefCell<HashMap<Where, Rc<Vec<Placed>>>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(suite: &'a Suite, given: &'a [&'a str]) -> Self {
        Self { suite, given, mentions: RefCell::default() }
    }

    pub(super) fn request(&self, node: &Node) -> &'a Request {
        &self.suite.requests[&node.request]
    }

    /// The names that the templates of a request take from their surroundings.
    pub(super) fn mentions(&self, request: &str, environment: &str) -> Rc<Vec<Placed>> {
        let key = (request.to_owned(), environment.to_owned());
        let mut known = self.mentions.borrow_mut();
        let found = || Rc::new(mentions(self.suite, &self.suite.requests[request], environment));
        Rc::clone(known.entry(key).or_insert_with(found))
    }

    /// Whether `name` is a variable for `node`.
    pub(super) fn is_variable(&self, node: &Node, name: &str) -> bool {
        self.variables(node).any(|variable| variable == name)
    }

    /// The variables that there are for `node`.
    pub(super) fn variables<'n>(&'n self, node: &'n Node) -> impl Iterator<Item = &'n str> {
        let environment = self.suite.environments.get(&node.environment);
        let environment = environment.map(|environment| environment.variables.keys());
        let shared = self.suite.file.variables.keys().chain(self.request(node).variables.keys());
        let written = shared.chain(environment.into_iter().flatten()).map(String::as_str);
        written.chain(node.own_variables(self.suite)).chain(self.given.iter().copied())
    }

    /// What a variable of the environment, else of the suite, says.
    pub(super) fn shared_variable(&self, environment: &str, name: &str) -> Option<&'a Value> {
        let own = self.suite.environments.get(environment).and_then(|known| known.variables.get(name));
        own.or_else(|| self.suite.file.variables.get(name))
    }
}
