//! Every name that a step's templates take from their surroundings: those of the request, of the
//! headers and key id that its environment adds, and of the shared variables that any of them uses.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::load::{Owner, Suite};
use crate::spec::{self, Environment, Request};
use crate::template::Mention;

/// A mention, and where it stands.
pub(super) struct Placed {
    pub(super) owner: Owner,
    pub(super) pointer: String,
    pub(super) mention: Mention,
}

/// The mentions of `request` in `environment`, its own first.
pub(super) fn mentions(suite: &Suite, request: &Request, environment: &str) -> Vec<Placed> {
    let own = Owner::Request(request.name.clone());
    let mut found = placed(&own, spec::mentions(request));
    if let Some(known) = suite.environments.get(environment) {
        let added = placed(&Owner::Environment(known.name.clone()), spec::mentions_of_environment(known));
        let skipped = |placed: &Placed| {
            placed.pointer == "/signing/key_id"
                && suite.requests.contains_key(&placed.mention.name)
                && is_left_to_the_profile(suite, request, known)
        };
        found.extend(added.into_iter().filter(|placed| !skipped(placed)));
    }
    found.extend(of_client(suite, request, environment));
    let mut followed = BTreeSet::new();
    let mut next = 0;
    while let Some(name) = found.get(next).map(|placed| placed.mention.name.clone()) {
        next += 1;
        if !request.variables.contains_key(&name) && followed.insert(name.clone()) {
            found.extend(of_shared_variable(suite, environment, &name));
        }
    }
    found
}

/// What the client authentication and the proof of a request mention, where its environment says
/// them, or the request that its token comes from.
fn of_client(suite: &Suite, request: &Request, environment: &str) -> Vec<Placed> {
    let own = Owner::Request(request.name.clone());
    let client = suite.client_authentication(request, environment);
    let client = client.map(|chosen| (chosen.owner, chosen.settings.templates()));
    let dpop = suite.dpop(request, environment).map(|chosen| (chosen.owner, chosen.settings.templates()));
    let elsewhere = client.into_iter().chain(dpop).filter(|(owner, _)| *owner != own);
    elsewhere
        .flat_map(|(owner, templates)| placed(&owner, spec::templates::in_templates(templates)))
        .collect()
}

/// A profile whose key id changes with the token leaves to the environment only the one with a
/// token: the request that fetches the token must not need itself.
fn is_left_to_the_profile(suite: &Suite, request: &Request, environment: &Environment) -> bool {
    let authorized = request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"));
    if request.token.is_some() || authorized {
        return false;
    }
    let choices = request.sign.profiles(environment.signing.as_ref());
    let mut profiles = choices.iter().filter_map(|choice| suite.chosen(choice));
    profiles.all(|profile| profile.key_id(true) != profile.key_id(false))
}

/// What the definition of a variable of the environment, else of the suite, mentions.
fn of_shared_variable(suite: &Suite, environment: &str, name: &str) -> Vec<Placed> {
    let of_environment = suite.environments.get(environment).map(|known| &known.variables);
    let owners = [
        (Owner::Environment(environment.to_owned()), of_environment),
        (Owner::SuiteFile, Some(&suite.file.variables)),
    ];
    let defined =
        owners.into_iter().find_map(|(owner, variables)| Some((owner, variables?.get_key_value(name)?)));
    let Some((owner, (name, value))) = defined else { return Vec::new() };
    let variable = IndexMap::from([(name.clone(), value.clone())]);
    placed(&owner, spec::mentions_of_variables(&variable))
}

fn placed(owner: &Owner, mentions: Vec<(String, Mention)>) -> Vec<Placed> {
    let place = |(pointer, mention)| Placed { owner: owner.clone(), pointer, mention };
    mentions.into_iter().map(place).collect()
}
