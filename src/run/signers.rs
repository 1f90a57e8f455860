//! The keys of an environment, and what signs each step with them.

use std::sync::Arc;

use indexmap::IndexMap;

use super::Surroundings;
use super::credentials::{Credentials, SigningPair};
use crate::diag::Diagnostic;
use crate::load::{Owner, Suite};
use crate::plan::Plan;
use crate::render::Party;
use crate::send::TransportSettings;
use crate::sign::Signer;
use crate::spec::{ProfileChoice, Request, Sign};

/// What was read of one environment.
pub(super) type Keys = (Option<TransportSettings>, Option<SigningPair>);

/// Reads the key material of one environment, and makes what signs its steps.
pub(super) fn credentials(
    suite: &Suite,
    plan: &Plan,
    (party, surroundings): (&Party, &Surroundings),
    signers: &mut [Vec<Arc<Signer>>],
    problems: &mut Vec<Diagnostic>,
) -> Keys {
    let mut credentials = Credentials::of(party, suite, surroundings);
    let tls = credentials.tls();
    let mut known: IndexMap<Chosen, Arc<Signer>> = IndexMap::new();
    for (index, step) in
        plan.steps.iter().enumerate().filter(|(_, step)| step.environment == party.environment)
    {
        let request = &suite.requests[&step.request];
        let asked = suite.locations.find(&Owner::Request(step.request.clone()), "/sign");
        for (place, choice) in request.sign.profiles(party.signing.as_ref()).iter().enumerate() {
            let chosen = Chosen::by(request, choice, place);
            if !known.contains_key(&chosen) {
                let signer = suite
                    .chosen(choice)
                    .and_then(|profile| credentials.signer(&profile, asked.map(|place| place.value)));
                known.extend(signer.map(|signer| (chosen.clone(), Arc::new(signer))));
            }
            signers[index].extend(known.get(&chosen).cloned());
        }
    }
    credentials.signing_key_of_the_bank();
    let (found, signing) = credentials.finish();
    problems.extend(found);
    (tls, signing)
}

/// What signs a step: steps that choose the same share a signer, and its key is parsed once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Chosen {
    /// A profile by name.
    Named(String),
    /// The one that the environment writes out, at this place of its list.
    OfEnvironment(usize),
    /// The one that this request writes out, at this place of its list.
    OfRequest(String, usize),
}

impl Chosen {
    fn by(request: &Request, choice: &ProfileChoice, place: usize) -> Self {
        match (choice, &request.sign) {
            (ProfileChoice::Named(name), _) => Self::Named(name.clone()),
            (ProfileChoice::Inline(_), Sign::AsEnvironment) => Self::OfEnvironment(place),
            (ProfileChoice::Inline(_), _) => Self::OfRequest(request.name.clone(), place),
        }
    }
}
