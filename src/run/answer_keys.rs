//! The keys that answers must be signed with, read before anything is sent: a bank's certificate
//! that is not there must not be found out after the payment.

use std::sync::Arc;

use crate::check::AnswerKey;
use crate::diag::{Code, Diagnostic};
use crate::files;
use crate::keys::PublicKey;
use crate::limits;
use crate::load::{Owner, Suite};
use crate::plan::Plan;
use crate::render::{self, Party};
use crate::spec::{AnswerSignature, Request, Sign};

use super::Surroundings;

/// What each step's answer must be signed with; `None` where nothing is asked.
pub(super) fn answer_keys(
    suite: &Suite,
    plan: &Plan,
    parties: &[Party],
    surroundings: &Surroundings,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Option<Arc<AnswerKey>>> {
    let mut keys = Vec::new();
    for step in &plan.steps {
        let request = &suite.requests[&step.request];
        let party = parties.iter().find(|party| party.environment == step.environment);
        let key = match (&request.expect.signature, party) {
            (Some(written), Some(party)) => key(suite, request, written, party, surroundings),
            _ => Ok(None),
        };
        keys.push(key.unwrap_or_else(|found| {
            problems.extend(found);
            None
        }));
    }
    keys
}

fn key(
    suite: &Suite,
    request: &Request,
    written: &AnswerSignature,
    party: &Party,
    surroundings: &Surroundings,
) -> Result<Option<Arc<AnswerKey>>, Vec<Diagnostic>> {
    let engine = surroundings.engine(&suite.root, "answer key");
    let filled = render::answer_signature(suite, request, written, party, &engine)?;
    // Names that do not exist were refused when the suite was loaded.
    let Some(profile) = suite.profile_of(&Sign::AsEnvironment, Some(&written.profile)) else {
        return Ok(None);
    };
    let (named, key) = match (filled.key, filled.secret) {
        (Some(file), _) => {
            let key = read(suite, &file).map_err(|problem| {
                let owner = Owner::Request(request.name.clone());
                let place = suite.locations.find(&owner, "/expect/signature/key");
                vec![place.into_iter().fold(problem, |problem, place| problem.at(place.value, ""))]
            })?;
            (format!("`{file}`"), key.into())
        }
        (None, Some(secret)) => {
            surroundings.redactor.remember("secret", &secret);
            ("the shared secret".to_owned(), secret.into())
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(Arc::new(AnswerKey { profile, named, key })))
}

fn read(suite: &Suite, file: &str) -> Result<PublicKey, Diagnostic> {
    let unusable = |what: String, help: Option<String>| {
        let mut problem = Diagnostic::error(Code::Key, format!("`{file}` {what}"));
        problem.help.extend(help);
        problem
    };
    let bytes = files::read(&suite.root.join(file), limits::KEY_FILE).map_err(|error| {
        let help = "paths are relative to the folder that holds `requests/`";
        unusable(format!("can't be read: {}", error.fault), Some(help.to_owned()))
    })?;
    PublicKey::read(&bytes).map_err(|error| unusable(error.to_string(), error.help()))
}
