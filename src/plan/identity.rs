//! As which identity a request acts, and that nothing crosses from one to another.

use super::needs::{Need, Why};
use crate::diag::{Code, Diagnostic, did_you_mean, pointer};
use crate::load::{Owner, Suite};
use crate::sign::Tamper;
use crate::spec::{Request, acting, parted};

/// The environment in which a selected request acts: its identity's, else `environment` as it is.
pub(super) fn environment_for(
    suite: &Suite,
    request: &Request,
    environment: &str,
) -> Result<String, Diagnostic> {
    match &request.identity {
        Some(identity) => known(suite, request, environment, (identity, "/identity")),
        None => Ok(environment.to_owned()),
    }
}

/// What is wrong with the identities that a request's `tamper` names: there is none of that name,
/// or it is the one that the request has anyway.
pub(super) fn strangers(suite: &Suite, request: &Request, environment: &str) -> Vec<Diagnostic> {
    let named = request.tamper.iter().enumerate().filter_map(|(index, tamper)| {
        let item = pointer(["tamper", &index.to_string()]);
        let place =
            if suite.locations.find(&owner(request), &item).is_some() { item } else { "/tamper".into() };
        let name = known(suite, request, environment, (tamper.identity()?, &place));
        match name {
            Err(problem) => Some(problem),
            Ok(name) => (name == environment).then(|| unchanged(suite, request, tamper, &place)),
        }
    });
    named.collect()
}

fn unchanged(suite: &Suite, request: &Request, tamper: &Tamper, written_at: &str) -> Diagnostic {
    let message = format!(
        "`{}` can't be tampered with: `{tamper}` changes nothing: the request acts as that identity anyway",
        request.name
    );
    let problem = Diagnostic::error(Code::Signing, message).help("name another identity of the environment");
    match suite.locations.find(&owner(request), written_at) {
        Some(place) => problem.at(place.value, ""),
        None => problem,
    }
}

/// The environment of an identity that a request names, as written at its pointer.
fn known(
    suite: &Suite,
    request: &Request,
    environment: &str,
    (identity, written_at): (&str, &str),
) -> Result<String, Diagnostic> {
    let name = acting(environment, identity);
    if suite.environments.contains_key(&name) {
        return Ok(name);
    }
    let (base, _) = parted(environment);
    let known: Vec<&str> = suite
        .environments
        .keys()
        .filter_map(|name| parted(name).1.filter(|_| parted(name).0 == base))
        .collect();
    let message = format!("there is no identity `{identity}` in the environment `{base}`");
    let problem = Diagnostic::error(Code::UnknownIdentity, message);
    let problem = match suite.locations.find(&owner(request), written_at) {
        Some(place) => problem.at(place.value, ""),
        None => problem,
    };
    Err(match did_you_mean(identity, known.iter().copied()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None if known.is_empty() => {
            problem.help(format!("add it under `identities` in `requests/environments/{base}.yaml`"))
        }
        None => problem.help(format!("there are `default`, `{}`", known.join("`, `"))),
    })
}

/// What is wrong with a need whose request is somebody else's: what it learns must not cross over.
pub(super) fn crossing(suite: &Suite, request: &Request, need: &Need) -> Option<Diagnostic> {
    let needed = suite.requests.get(&need.request)?;
    let identity = needed.identity.as_deref()?;
    if acting(&need.environment, identity) == need.environment {
        return None;
    }
    let acts = parted(&need.environment).1.unwrap_or(crate::spec::DEFAULT_IDENTITY);
    let message = format!(
        "`{}` acts as `{acts}` and needs `{}`, which acts as `{identity}`",
        request.name, needed.name
    );
    let here = suite.locations.find(&need.owner, &need.pointer).map(|place| place.value);
    let fixed = suite.locations.find(&owner(needed), "/identity").map(|place| place.value);
    let help = format!("remove `identity` from `{}`: what is needed acts as whoever needs it", needed.name);
    let problem = Diagnostic::error(Code::ForeignIdentity, message)
        .at(here, "needed here")
        .at(fixed, "fixed here")
        .help(help);
    Some(if matches!(need.why, Why::Token) {
        problem.help(format!("to send another party's token on purpose: `tamper: token_of({identity})`"))
    } else {
        problem
    })
}

fn owner(request: &Request) -> Owner {
    Owner::Request(request.name.clone())
}
