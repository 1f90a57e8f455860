//! Whether every name that a request's templates take from their surroundings will be there.
//!
//! Found before anything is sent: a misspelt name in the third request must not cost a payment
//! made by the first.

use super::mentions::{Placed, mentions};
use super::needs::Need;
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::load::{Owner, Suite};
use crate::spec::{Request, is_left_out};
use crate::template::Mention;

/// What a template may say behind a request's name, beside its captures.
const ANSWER: &str = "response";

/// Whether `name` is a variable where `request` runs in `environment`.
pub(super) fn is_variable(
    suite: &Suite,
    request: &Request,
    environment: &str,
    given: &[&str],
    name: &str,
) -> bool {
    variables(suite, request, environment, given).any(|variable| variable == name)
}

fn variables<'a>(
    suite: &'a Suite,
    request: &'a Request,
    environment: &str,
    given: &'a [&'a str],
) -> impl Iterator<Item = &'a str> {
    let environment = suite.environments.get(environment).map(|environment| environment.variables.keys());
    let written =
        suite.file.variables.keys().chain(request.variables.keys()).chain(environment.into_iter().flatten());
    written.map(String::as_str).chain(given.iter().copied())
}

/// What is wrong with the names in `request`'s templates.
pub(super) fn check(
    suite: &Suite,
    request: &str,
    environment: &str,
    needs: &[Need],
    given: &[&str],
) -> Vec<Diagnostic> {
    let request = &suite.requests[request];
    let mut problems: Vec<Diagnostic> = token(suite, request).into_iter().collect();
    for Placed { owner, pointer, mention } in mentions(suite, request, environment) {
        if mention.optional {
            continue;
        }
        let problem = if mention.name == "requests" {
            reached_by_path(suite, &mention)
        } else if is_variable(suite, request, environment, given, &mention.name) {
            None
        } else if let Some(named) = certificate(suite, environment, &pointer, &mention) {
            named.err()
        } else if needs.iter().any(|need| need.request == mention.name) {
            captured(suite, &mention.name, &mention.path)
        } else {
            let needed = needs.iter().map(|need| need.request.as_str());
            Some(undefined(
                &mention.name,
                variables(suite, request, environment, given).chain(needed).collect(),
            ))
        };
        problems.extend(problem.map(|problem| {
            let inside = || suite.locations.inside(&owner, &pointer, mention.range.clone(), &suite.sources);
            let left_out = || suite.locations.nearest(&owner, &pointer).map(|at| at.key.unwrap_or(at.value));
            let span = if is_left_out(&pointer) { left_out() } else { inside() };
            span.into_iter().fold(problem, |problem, span| problem.at(span, ""))
        }));
    }
    problems
}

/// The request that a token comes from must capture it.
fn token(suite: &Suite, request: &Request) -> Option<Diagnostic> {
    let token = request.token.as_ref()?;
    let problem = captured(suite, &token.from, std::slice::from_ref(&token.value))?;
    let owner = Owner::Request(request.name.clone());
    let place =
        ["/token/value", "/token/from", "/token"].iter().find_map(|at| suite.locations.find(&owner, at))?;
    let selector = format!("capture it: `capture: {{{}: $.…}}` in `{}`", token.value, token.from);
    Some(problem.at(place.value, "its token is sent").help(selector))
}

/// The one name that only a key id has: the certificate under `signing`. None when it is not that.
fn certificate(
    suite: &Suite,
    environment: &str,
    pointer: &str,
    mention: &Mention,
) -> Option<Result<(), Diagnostic>> {
    let signing = suite.environments.get(environment)?.signing.as_ref()?;
    if pointer != "/signing/key_id" || mention.name != "certificate" {
        return None;
    }
    let missing = || {
        Diagnostic::error(Code::Undefined, "`certificate` is not defined")
            .help(format!("add `signing.certificate` to the environment `{environment}`"))
    };
    let certificate = signing.certificate.as_ref().or(signing.pkcs12.as_ref());
    Some(certificate.map(drop).ok_or_else(missing))
}

fn undefined(name: &str, mut defined: Vec<&str>) -> Diagnostic {
    defined.sort_unstable();
    defined.dedup();
    let problem = Diagnostic::error(Code::Undefined, format!("`{name}` is not defined"));
    let problem = match did_you_mean(name, defined.iter().copied()) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    };
    if defined.is_empty() {
        return problem.help("nothing is defined here; give it under `variables:`");
    }
    let listed: Vec<String> = defined.iter().map(|name| format!("`{name}`")).collect();
    problem.help(format!("defined here: {}", listed.join(", ")))
}

/// `requests["NAME"].FIELD`
fn reached_by_path(suite: &Suite, mention: &Mention) -> Option<Diagnostic> {
    let (name, path) = mention.path.split_first()?;
    if suite.requests.contains_key(name) {
        return captured(suite, name, path);
    }
    let problem = Diagnostic::error(Code::UnknownRequest, format!("there is no request `{name}`"));
    Some(match did_you_mean(name, suite.requests.keys().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    })
}

/// `NAME.FIELD`: the field must be a capture of the request, or its answer.
fn captured(suite: &Suite, name: &str, path: &[String]) -> Option<Diagnostic> {
    let field = path.first()?;
    let captures = &suite.requests[name].capture;
    if field == ANSWER || captures.contains_key(field) {
        return None;
    }
    let known = || captures.keys().map(String::as_str).chain([ANSWER]);
    let problem = Diagnostic::error(Code::Undefined, format!("`{name}` captures no `{field}`"));
    if let Some(near) = did_you_mean(field, known()) {
        return Some(problem.help(format!("did you mean `{name}.{near}`?")));
    }
    let listed: Vec<String> = known().map(|field| format!("`{name}.{field}`")).collect();
    Some(problem.help(format!("there are {}", listed.join(", "))))
}
