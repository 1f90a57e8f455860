//! What `tamper` needs from other identities of the environment, and signers that sign otherwise
//! on purpose. Where several profiles sign, it is the first that does otherwise. All of it is made before anything is sent, as everything else is.

use std::sync::Arc;

use super::credentials::Credentials;
use crate::diag::Diagnostic;
use crate::load::Suite;
use crate::plan::Plan;
use crate::render::Party;
use crate::sign::{SignError, Signer, Tamper};
use crate::spec::{Request, acting};

use super::Surroundings;
use super::stop::Stop;

/// The environments of a plan, and those whose key or connection one of its requests borrows.
pub(super) fn environments(suite: &Suite, plan: &Plan) -> Vec<String> {
    let mut names: Vec<String> = plan.environments().into_iter().map(str::to_owned).collect();
    for step in &plan.steps {
        let tampers = &suite.requests[&step.request].tamper;
        for identity in tampers.iter().filter_map(Tamper::identity) {
            let name = acting(&step.environment, identity);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

/// The environment over whose connection a request is sent.
pub(super) fn connection(request: &Request, own: &str) -> String {
    let borrowed = request.tamper.iter().find_map(|tamper| match tamper {
        Tamper::CertificateOf(identity) => Some(acting(own, identity)),
        _ => None,
    });
    borrowed.unwrap_or_else(|| own.to_owned())
}

/// The environment whose key signs a request.
pub(super) fn key(request: &Request, own: &str) -> String {
    let borrowed = request.tamper.iter().find_map(|tamper| match tamper {
        Tamper::Key(identity) => Some(acting(own, identity)),
        _ => None,
    });
    borrowed.unwrap_or_else(|| own.to_owned())
}

/// Replaces the signers of steps that are signed with another's key, or sign less than they should.
pub(super) fn signers(
    suite: &Suite,
    plan: &Plan,
    (parties, surroundings): (&[Party], &Surroundings),
    signers: &mut [Vec<Arc<Signer>>],
    problems: &mut Vec<Diagnostic>,
) {
    for (step, signers) in plan.steps.iter().zip(signers) {
        let request = &suite.requests[&step.request];
        for tamper in &request.tamper {
            let Some(signer) = signers.first_mut() else { continue };
            let other = match tamper {
                Tamper::Unsigned(component) => signer.leaving_out(component).map(Some),
                Tamper::Key(identity) => {
                    let name = acting(&step.environment, identity);
                    let party = parties.iter().find(|party| party.environment == name);
                    Ok(party.and_then(|party| with_key_of(suite, (party, surroundings), signer, problems)))
                }
                _ => continue,
            };
            match other {
                Ok(Some(other)) => *signer = Arc::new(other),
                // Its key can't be read, which is among the problems.
                Ok(None) => {}
                Err(reason) => {
                    let error = SignError::Tamper { tamper: tamper.to_string(), reason };
                    problems.extend(Stop { suite, request, name: &step.name }.signing(&error, 0).diagnostic);
                }
            }
        }
    }
}

/// The signer with the key of another party.
fn with_key_of(
    suite: &Suite,
    (party, surroundings): (&Party, &Surroundings),
    own: &Signer,
    problems: &mut Vec<Diagnostic>,
) -> Option<Signer> {
    let mut credentials = Credentials::of(party, suite, surroundings);
    let other = credentials.signer(own.profile(), None);
    problems.extend(credentials.finish().0);
    other.map(|other| own.with_key_of(&other))
}
