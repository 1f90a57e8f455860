//! Whether every name that a request's templates take from their surroundings will be there.
//!
//! Found before anything is sent: a misspelt name in the third request must not cost a payment
//! made by the first.

use std::collections::BTreeSet;

use super::mentions::Placed;
use super::needs::{Need, Why};
use super::node::Node;
use super::reading::Reading;
use crate::diag::pointer::join;
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::load::{Owner, Suite};
use crate::spec::templates::is_in_with;
use crate::spec::{Request, is_left_out};
use crate::template::Mention;

/// What a template may say behind a request's name, beside its captures.
const ANSWER: &str = "response";

/// What is wrong with the names in the templates of a step.
pub(super) fn check(reading: &Reading<'_>, node: &Node, needs: &[Need]) -> Vec<Diagnostic> {
    let (suite, request) = (reading.suite, reading.request(node));
    let environment = &node.environment;
    let mut problems: Vec<Diagnostic> = token(suite, request, needs).into_iter().collect();
    problems.extend(needs.iter().flat_map(|need| unheard(reading, need)));
    let own = || needs.iter().filter(|need| !matches!(need.why, Why::ForWith(_)));
    for Placed { owner, pointer, mention } in reading.mentions(&node.request, environment).iter() {
        if mention.optional || is_of_another_row(node, pointer) {
            continue;
        }
        let needed = |name: &str| own().find(|need| need.called == name).map(|need| &*need.request);
        let by_with = || {
            Some(mention.name.as_str())
                .filter(|name| is_in_with(pointer) && suite.requests.contains_key(*name))
        };
        let problem = if mention.name == "requests" {
            reached_by_path(suite, mention, needed)
        } else if reading.is_variable(node, &mention.name) {
            None
        } else if let Some(named) = certificate(suite, environment, pointer, mention) {
            named.err()
        } else if let Some(request) = needed(&mention.name).or_else(by_with) {
            captured(suite, (&mention.name, request), &mention.path)
        } else {
            let needed = own().map(|need| need.called.as_str());
            let problem = undefined(&mention.name, reading.variables(node).chain(needed).collect());
            Some(only_in_other_rows(reading, node, &mention.name).into_iter().fold(problem, Diagnostic::help))
        };
        problems.extend(problem.map(|problem| {
            let inside = || suite.locations.inside(owner, pointer, mention.range.clone(), &suite.sources);
            let left_out = || suite.locations.nearest(owner, pointer).map(|at| at.key.unwrap_or(at.value));
            let span = if is_left_out(pointer) { left_out() } else { inside() };
            problem.at(span, "")
        }));
    }
    problems
}

/// What to say of a name that other rows of the request have.
fn only_in_other_rows(reading: &Reading<'_>, node: &Node, name: &str) -> Option<String> {
    let rows = reading.request(node).rows();
    let having = rows.iter().find(|row| row.values.contains_key(name))?;
    let own = rows.get(node.case?)?;
    Some(format!(
        "the case `{}` has it, `{}` does not: a default stands under `variables:`",
        having.name, own.name
    ))
}

/// Whether a pointer leads into a row that is not this step's.
fn is_of_another_row(node: &Node, pointer: &str) -> bool {
    let row = pointer.strip_prefix("/cases/").and_then(|rest| rest.split('/').next());
    row.is_some_and(|row| node.case.is_none_or(|case| case.to_string() != row))
}

/// Variables that are set for a request whose templates never ask for them.
fn unheard(reading: &Reading<'_>, need: &Need) -> Vec<Diagnostic> {
    let Some(with) = &need.with else { return Vec::new() };
    let mentions = reading.mentions(&need.request, &need.environment);
    let known: BTreeSet<&str> = mentions.iter().map(|placed| placed.mention.name.as_str()).collect();
    let unheard = with.values.keys().filter(|name| !known.contains(name.as_str()));
    let problem = |name: &String| {
        let message = format!("no template of `{}` mentions `{name}`, which is set for it", need.request);
        let problem = Diagnostic::error(Code::Undefined, message);
        let owner = Owner::Request(with.asker.request.clone());
        let place = reading.suite.locations.find(&owner, &join(&with.pointer, name));
        let problem = problem.at(place.map(|place| place.key.unwrap_or(place.value)), "");
        match did_you_mean(name, known.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => {
                problem.help(format!("write `{{{{ {name} }}}}` into `{}` where it belongs", need.request))
            }
        }
    };
    unheard.map(problem).collect()
}

/// The request that a token comes from must capture it.
fn token(suite: &Suite, request: &Request, needs: &[Need]) -> Option<Diagnostic> {
    let token = request.token.as_ref()?;
    let from = &needs.iter().find(|need| matches!(need.why, Why::Token | Why::TokenOf))?.request;
    let problem = captured(suite, (from, from), std::slice::from_ref(&token.value))?;
    let owner = Owner::Request(request.name.clone());
    let place =
        ["/token/value", "/token/from", "/token"].iter().find_map(|at| suite.locations.find(&owner, at))?;
    let selector = format!("capture it: `capture: {{{}: $.…}}` in `{from}`", token.value);
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
fn reached_by_path<'a>(
    suite: &'a Suite,
    mention: &Mention,
    needed: impl Fn(&str) -> Option<&'a str>,
) -> Option<Diagnostic> {
    let (name, path) = mention.path.split_first()?;
    let known = suite.requests.get_key_value(name).map(|(name, _)| name.as_str());
    if let Some(request) = needed(name).or(known) {
        return captured(suite, (name, request), path);
    }
    let problem = Diagnostic::error(Code::UnknownRequest, format!("there is no request `{name}`"));
    Some(match did_you_mean(name, suite.requests.keys().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem,
    })
}

/// `NAME.FIELD`: the field must be a capture of the request that is called so, or its answer.
fn captured(suite: &Suite, (name, request): (&str, &str), path: &[String]) -> Option<Diagnostic> {
    let field = path.first()?;
    let request = &suite.requests[request];
    let captures = &request.capture;
    let answers = request.rows().is_empty();
    if (field == ANSWER && answers) || captures.contains_key(field) {
        return None;
    }
    if field == ANSWER {
        let message = format!("`{name}` runs for {} cases: which answer is meant?", request.rows().len());
        return Some(
            Diagnostic::error(Code::AmbiguousNeed, message).help(
                "capture what is needed: the captures of its cases are lists, in the order of its rows",
            ),
        );
    }
    let known = || captures.keys().map(String::as_str).chain(answers.then_some(ANSWER));
    let problem = Diagnostic::error(Code::Undefined, format!("`{name}` captures no `{field}`"));
    if let Some(near) = did_you_mean(field, known()) {
        return Some(problem.help(format!("did you mean `{name}.{near}`?")));
    }
    let listed: Vec<String> = known().map(|field| format!("`{name}.{field}`")).collect();
    Some(problem.help(format!("there are {}", listed.join(", "))))
}
