//! The files that expectations name, read before anything is sent: that a bank's certificate or a
//! schema is not there must not be found out after the payment.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::check::{AnswerKey, Schema};
use crate::contract::{Contract, Coverage};
use crate::diag::{Code, Diagnostic, escape};
use crate::files;
use crate::keys::{Certificate, PublicKey, certificate_of};
use crate::limits;
use crate::load::{Owner, Suite};
use crate::plan::Plan;
use crate::render::{self, Party};
use crate::spec::{AnswerSignature, ContractOf, Request};

use super::Surroundings;
use super::prepare::Prepared;

/// What is asked of a step's answer and was read from files.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub(super) signature: Option<Arc<AnswerKey>>,
    pub(super) schema: Option<Arc<Schema>>,
    pub(super) contract: Option<Arc<Contract>>,
    /// Whether the request is held against the contract too.
    pub(super) requests: bool,
}

/// What is asked of each step's answer.
pub(super) fn asked(
    suite: &Suite,
    plan: &Plan,
    parties: &[Party],
    surroundings: &Surroundings,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Asked> {
    let mut known = BTreeMap::new();
    let mut keys = BTreeMap::new();
    let mut found = Vec::new();
    for step in &plan.steps {
        let request = &suite.requests[&step.request];
        let party = parties.iter().find(|party| party.environment == step.environment);
        let key = match (&request.expect.signature, party) {
            (Some(written), Some(party)) => {
                let whole = render::Step {
                    request,
                    case: step.case,
                    party,
                    signers: &[],
                    onward: render::Onward::default(),
                };
                answer_key(suite, whole, (written, &mut keys), surroundings)
            }
            _ => Ok(None),
        };
        let signature = key.unwrap_or_else(|found| {
            problems.extend(found);
            None
        });
        let schema = request.expect.schema.as_ref().and_then(|file| {
            let read = || schema(suite, request, file, problems);
            known.entry(file.clone()).or_insert_with(read).clone()
        });
        let ContractOf { file, requests } = suite.contract(request, &step.environment);
        let contract = file.and_then(|file| suite.contracts.get(&file).cloned());
        found.push(Asked { signature, schema, contract, requests });
    }
    found
}

/// Every contract of a plan's steps, nothing of it reached yet.
pub(super) fn contracts(prepared: &Prepared) -> Vec<Coverage> {
    let asked = (0..prepared.plan.steps.len()).map(|index| prepared.asked(index));
    let mut contracts: IndexMap<&str, Coverage> = IndexMap::new();
    for contract in asked.filter_map(|asked| asked.contract.as_ref()) {
        contracts.entry(&contract.file).or_insert_with(|| Coverage::none_of(contract));
    }
    contracts.into_values().collect()
}

fn schema(
    suite: &Suite,
    request: &Request,
    file: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<Schema>> {
    match Schema::read(&suite.root, file) {
        Ok(schema) => Some(Arc::new(schema)),
        Err(error) => {
            let problem = Diagnostic::error(Code::Schema, format!("`{file}` {}", escape(&error.message)));
            let problem = error.help.into_iter().fold(problem, Diagnostic::help);
            let place = suite.locations.find(&Owner::Request(request.name.clone()), "/expect/schema");
            problems.push(problem.at(place.map(|place| place.value), ""));
            None
        }
    }
}

/// The keys that were read, by what says which.
type Keys = BTreeMap<(String, Option<String>, Option<String>), Option<Arc<AnswerKey>>>;

/// The key of a step's answer; rows that name the same share it.
fn answer_key(
    suite: &Suite,
    step: render::Step<'_>,
    (written, keys): (&AnswerSignature, &mut Keys),
    surroundings: &Surroundings,
) -> Result<Option<Arc<AnswerKey>>, Vec<Diagnostic>> {
    let engine = surroundings.engine_for_keys(&suite.root, "answer key");
    let filled = render::answer_signature(suite, step, written, &engine)?;
    let named = (step.request.name.clone(), filled.key.clone(), filled.secret.clone());
    if let Some(known) = keys.get(&named) {
        return Ok(known.clone());
    }
    let read = key(suite, step.request, (written, filled), surroundings)?;
    keys.insert(named, read.clone());
    Ok(read)
}

fn key(
    suite: &Suite,
    request: &Request,
    (written, filled): (&AnswerSignature, AnswerSignature),
    surroundings: &Surroundings,
) -> Result<Option<Arc<AnswerKey>>, Vec<Diagnostic>> {
    // Names that do not exist were refused when the suite was loaded.
    let Some(profile) = suite.chosen(&written.profile) else {
        return Ok(None);
    };
    let (named, key, certificate) = match (filled.key, filled.secret) {
        (Some(file), _) => {
            let (key, certificate) = read(suite, &file).map_err(|problem| {
                let owner = Owner::Request(request.name.clone());
                let place = suite.locations.find(&owner, "/expect/signature/key");
                vec![problem.at(place.map(|place| place.value), "")]
            })?;
            (format!("`{file}`"), key.into(), certificate)
        }
        (None, Some(secret)) => {
            surroundings.redactor.remember("secret", &secret);
            ("the shared secret".to_owned(), secret.into(), None)
        }
        (None, None) => return Ok(None),
    };
    Ok(Some(Arc::new(AnswerKey { profile, named, key, certificate })))
}

/// A public key, and the certificate that holds it where it is one.
fn read(suite: &Suite, file: &str) -> Result<(PublicKey, Option<Certificate>), Diagnostic> {
    let unusable = |what: String, help: Option<String>| {
        let mut problem = Diagnostic::error(Code::Key, format!("`{file}` {what}"));
        problem.help.extend(help);
        problem
    };
    let bytes = files::read(&suite.root.join(file), limits::KEY_FILE).map_err(|error| {
        let help = "paths are relative to the folder that holds `requests/`";
        unusable(format!("can't be read: {}", error.fault), Some(help.to_owned()))
    })?;
    let key = PublicKey::read(&bytes).map_err(|error| unusable(error.to_string(), error.help()))?;
    let certificate = certificate_of(&bytes, &key);
    Ok((key, certificate))
}
