//! Every message that can be made before anything is known is made, and thrown away, before
//! anything is sent: a file that is not there or a header that can't be signed must not be found
//! when half of the suite has already acted.
//!
//! What cannot be rehearsed is a message whose templates use what another request will capture;
//! there, only the names and the environment variables are known to be good.

use std::sync::Arc;

use url::Url;

use indexmap::IndexMap;
use serde_json::Value;

use super::Surroundings;
use super::clients::StepClient;
use super::compose::{Failure, How, compose};
use super::nonces::Nonces;
use super::stop::Stop;
use crate::diag::Diagnostic;
use crate::load::Suite;
use crate::plan::{Plan, Step};
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
    for (index, step) in plan.steps.iter().enumerate() {
        let request = &suite.requests[&step.request];
        let party = parties.iter().find(|party| party.environment == step.environment);
        let engine = surroundings.engine(&suite.root, "rehearsal");
        let (Some(party), false) = (party, step.needs.iter().any(|edge| edge.mentioned)) else {
            problems.extend(render::unset(suite, request, &step.environment, &engine));
            continue;
        };
        let party = with_host(party);
        let (signers, client) = keys(index);
        let whole = render::Step { request, party: &party, signers };
        let making = Making { at: moment(&request.tamper, surroundings.clock.now()), rehearsal: true };
        let how = How { client, nonces: &Nonces::default(), making };
        let scope = with_tokens(suite, plan, step, &party.scope);
        match compose(suite, whole, &scope, &engine, &how) {
            Ok(_) => {}
            Err(Failure::Rendering(found)) => problems.extend(found),
            Err(Failure::Client(error)) => {
                problems.extend(Stop { suite, request }.client(&error).diagnostic);
            }
            Err(Failure::Signing { error, index }) => {
                problems.extend(Stop { suite, request }.signing(&error, index).diagnostic);
            }
        }
    }
    problems
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
fn with_tokens(suite: &Suite, plan: &Plan, step: &Step, scope: &Scope) -> Scope {
    let mut scope = scope.clone();
    for edge in &step.needs {
        let needed = &suite.requests[&plan.steps[edge.step].request];
        let names: IndexMap<String, Value> =
            needed.capture.keys().map(|name| (name.clone(), Value::String(name.clone()))).collect();
        scope = scope.with_captures(&edge.called(&needed.name), &names, None);
    }
    scope
}
