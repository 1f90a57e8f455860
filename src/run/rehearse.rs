//! Every message that can be made before anything is known is made, and thrown away, before
//! anything is sent: a file that is not there or a header that can't be signed must not be found
//! when half of the suite has already acted.
//!
//! What cannot be rehearsed is a message whose templates use what another request will capture;
//! there, only the names and the environment variables are known to be good.

use std::collections::HashSet;
use std::sync::Arc;

use url::Url;

use indexmap::IndexMap;
use serde_json::Value;

use super::Surroundings;
use super::clients::StepClient;
use super::compose::{Failure, How, compose};
use super::nonces::Nonces;
use super::scopes::Scopes;
use super::stop::Stop;
use crate::diag::Diagnostic;
use crate::load::Suite;
use crate::plan::{Edge, Plan, Step};
use crate::render::{self, Party, Scope};
use crate::sign::{Making, Signer, moment};

/// What is wrong with the messages of a plan's steps. `parties` are the environments that could
/// be rendered, `keys` gives what signs a step and what says who its client is.
pub(super) fn rehearse<'s>(
    suite: &Suite,
    plan: &Plan,
    parties: &[Party],
    surroundings: &Surroundings,
    keys: impl Fn(usize) -> (&'s [Arc<Signer>], &'s StepClient),
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let mut told = Told::default();
    let parties: Vec<Party> = parties.iter().map(with_host).collect();
    let scopes = Scopes { suite, plan, surroundings };
    for (index, step) in plan.steps.iter().enumerate() {
        let request = &suite.requests[&step.request];
        let party = parties.iter().find(|party| party.environment == step.environment);
        if request.is_always_skipped() {
            continue;
        }
        let engine = surroundings.engine(&suite.root, "rehearsal");
        let (Some(party), false) = (party, step.needs.iter().any(|edge| edge.mentioned)) else {
            problems.extend(render::unset(suite, request, &step.environment, &engine));
            continue;
        };
        let (signers, client) = keys(index);
        let whole =
            render::Step { request, case: step.case, party, signers, onward: render::Onward::default() };
        let making = Making { at: moment(&request.tamper, surroundings.clock.now()), rehearsal: true };
        let how = How { client, nonces: &Nonces::default(), making };
        let rehearsed = scopes
            .scope(step, &party.scope, &|scope, name, edges| with_tokens(scopes, scope, name, edges))
            .map_err(Failure::Rendering)
            .and_then(|scope| {
                let skip = render::skip(suite, whole, &scope, &engine).map_err(Failure::Rendering)?;
                match skip {
                    Some(_) => Ok(()),
                    None => compose(suite, whole, &scope, &engine, &how).map(drop),
                }
            });
        let stop = Stop { suite, request, name: &step.name };
        let found = match rehearsed {
            Ok(()) => Vec::new(),
            Err(Failure::Rendering(found)) => found,
            Err(Failure::Client(error)) => stop.client(&error).diagnostic.into_iter().collect(),
            Err(Failure::Signing { error, index }) => {
                stop.signing(&error, index).diagnostic.into_iter().collect()
            }
        };
        problems.extend(found.into_iter().filter_map(|problem| told.of(step, suite, problem)));
    }
    problems
}

/// What was told already: what is wrong in one row is often wrong in all, and is told of the first.
#[derive(Default)]
struct Told(HashSet<String>);

impl Told {
    fn of(&mut self, step: &Step, suite: &Suite, problem: Diagnostic) -> Option<Diagnostic> {
        let Some(row) = suite.requests[&step.request].row(step.case) else { return Some(problem) };
        let is_new = self.0.insert(format!("{:?} {} {:?}", problem.code, problem.message, problem.labels));
        is_new.then(|| problem.help(format!("seen in the case `{}`", row.name)))
    }
}

/// The embedded bank listens nowhere yet; where does not matter here.
fn with_host(party: &Party) -> Party {
    let mut party = party.clone();
    if party.host.is_none() {
        party.serve_at(Url::parse("https://127.0.0.1/").expect("it is a URL"));
    }
    party
}

/// A token stands for itself: it only becomes a header.
fn with_tokens(scopes: Scopes<'_>, scope: Scope, name: &str, edges: &[&Edge]) -> Scope {
    let Some(edge) = edges.first() else { return scope };
    let needed = &scopes.suite.requests[&scopes.plan.steps[edge.step].request];
    let captures = needed.capture.keys().map(|name| (name.clone(), Value::String(name.clone())));
    if scopes.are_cases(edges) {
        return scope.with_lists(name, captures.map(|(name, value)| (name, vec![value])).collect());
    }
    let captures: IndexMap<String, Value> = captures.collect();
    scope.with_captures(name, &captures, None)
}
