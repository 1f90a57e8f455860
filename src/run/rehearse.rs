//! Every message that can be made before anything is known is made, and thrown away, before
//! anything is sent: a file that is not there or a header that can't be signed must not be found
//! when half of the suite has already acted.
//!
//! What cannot be rehearsed is a message whose templates use what another request will capture;
//! there, only the names and the environment variables are known to be good.

use url::Url;

use indexmap::IndexMap;
use serde_json::Value;

use super::stop::Stop;
use super::{Failure, Surroundings, compose};
use crate::diag::Diagnostic;
use crate::load::Suite;
use crate::plan::{Plan, Step};
use crate::render::{self, Party, Scope};
use crate::sign::{Signer, moment, rehearse as sign};

/// What is wrong with the messages of a plan's steps. `parties` are the environments that could
/// be rendered, `signer` gives what signs a step.
pub(super) fn rehearse<'s>(
    suite: &Suite,
    plan: &Plan,
    parties: &[Party],
    surroundings: &Surroundings,
    signer: impl Fn(usize) -> Option<&'s Signer>,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let request = &suite.requests[&step.request];
        let party = parties.iter().find(|party| party.environment == step.environment);
        let engine = surroundings.engine(&suite.root, "rehearsal");
        let (Some(party), false) = (party, step.needs.iter().any(|edge| edge.mentioned)) else {
            problems.extend(render::unset(suite, request, &engine));
            continue;
        };
        let party = with_host(party);
        let whole = render::Step { request, party: &party, signer: signer(index) };
        let scope = with_tokens(suite, plan, step, &party.scope);
        match compose(suite, whole, &scope, &engine, |message, signer, filled| {
            sign(message, signer, filled, moment(&request.tamper, surroundings.clock.now()))
        }) {
            Ok(_) => {}
            Err(Failure::Rendering(found)) => problems.extend(found),
            Err(Failure::Signing(error)) => {
                problems.extend(Stop { suite, request }.signing(&error).diagnostic);
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
