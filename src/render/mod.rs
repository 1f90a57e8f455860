//! The stage that fills a request's templates: step and scope in, message out.
//!
//! Whatever a template inserts is data: it becomes one part of a path, one header value, one JSON
//! string, and can't become more than that. All problems of a request are reported at once.

mod body;
mod client;
mod cookies;
mod fill;
mod headers;
mod hop;
mod multipart;
mod key_source;
mod party;
mod scope;
mod target;
#[cfg(test)]
mod tests;

pub use client::Client;
pub use hop::{Baggage, Hop};
pub use party::{Party, party};
pub use scope::Scope;

use std::ops::Range;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use url::Url;

use indexmap::IndexMap;
use serde_json::Value;

use crate::cookies::Jar;
use crate::diag::pointer::join;
use crate::diag::{Code, Diagnostic, Span};
use crate::load::{Owner, Suite};
use crate::message::Message;
use crate::plan::With;
use crate::select::{Matcher, Test};
use crate::sign::{Filled, Signer};
use crate::spec::templates;
use crate::spec::{AnswerSignature, Connecting, Expect, Request, Skip};
use crate::template::{Engine, Variables};
use fill::{At, Fill};

/// A request, and as whom it is sent.
#[derive(Clone, Copy)]
pub struct Step<'a> {
    /// The request.
    pub request: &'a Request,
    /// The row that it runs for.
    pub case: Option<usize>,
    /// Its environment.
    pub party: &'a Party,
    /// What signs it, in this order; empty: nothing does.
    pub signers: &'a [Arc<Signer>],
    /// What came before.
    pub onward: Onward<'a>,
}

/// What a message takes on from the ones before it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Onward<'a> {
    /// Where an answer has led the request on to; `None`: nowhere.
    pub hop: Option<&'a Hop>,
    /// The cookies that the party was given, and when they are sent.
    pub cookies: Option<(&'a Jar, DateTime<Utc>)>,
}

/// A request with every template filled.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// What is to be signed and sent.
    pub message: Message,
    /// What the templates of each signing profile say; empty: it is not signed.
    pub signing: Vec<Filled>,
    /// Who the client says it is, and what it proves.
    pub client: Client,
    /// The cookies that the request writes, which are secrets.
    pub cookies: Vec<(String, String)>,
    /// What the answer must be.
    pub expect: Expect,
    /// What the answer is waited to be; `None`: the first is the last.
    pub until: Option<Expect>,
    /// The names that templates of the message took from their surroundings, with their values.
    pub variables: Variables,
    /// Whether the message carries a token.
    pub token: bool,
    /// Whether it goes to the environment's own host. Elsewhere nothing of the environment goes
    /// along: no token, no headers, no signature, and it must be sent without client certificate.
    pub own_origin: bool,
}

/// Fills every template of a step.
pub fn render(
    suite: &Suite,
    step: Step<'_>,
    scope: &Scope,
    engine: &Engine,
) -> Result<Rendered, Vec<Diagnostic>> {
    let left = step.onward.hop.map(|hop| hop.left_of(step.request));
    let step = Step { request: left.as_ref().unwrap_or(step.request), ..step };
    let Step { request, case, party, signers, onward } = step;
    let owner = Owner::Request(request.name.clone());
    let mut fill = Fill::new(suite, engine, scope.of_request(request, case));

    let target = match onward.hop {
        Some(hop) => Some(target::of_hop(hop, party)),
        None => target::target(&mut fill, &owner, request, party),
    };
    fill.request = about(request, target.as_ref());
    let own_origin = target.as_ref().is_none_or(|target| target.own_origin);
    let mut headers = headers::of_request(&mut fill, &owner, request);
    let body = body::body(&mut fill, &owner, request);
    let token = own_origin && request.token.is_some();
    if own_origin {
        headers::of_environment(&mut fill, party, &mut headers);
        headers::token(&mut fill, &owner, step, &mut headers);
    }
    let cookies = match &target {
        Some(target) if own_origin => cookies::cookies(&mut fill, step, &target.url, &mut headers),
        _ => Vec::new(),
    };
    if let Some(kind) = body.as_ref().and_then(|body| body.content_type.as_deref())
        && !headers.contains("content-type")
    {
        headers.append("Content-Type", kind);
    }
    let signing = headers::of_profiles(&mut fill, step, if own_origin { signers } else { &[] }, &mut headers);
    let client = target.as_ref().map(|target| {
        client::client(&mut fill, &client::Draft { request, party, target, headers: &headers })
    });
    let until = request.until.as_ref().map(|until| expect(&mut fill, (&owner, "/until"), &until.expect));
    let expect = expect(&mut fill, (&owner, "/expect"), &request.expect);
    let variables = fill.used();
    fill.finish()?;

    let (Some(target), Some(body)) = (target, body) else {
        unreachable!("whatever could not be filled is among the problems")
    };
    let message = Message { method: request.method.clone(), url: target.url, headers, body: body.bytes };
    let client = client.unwrap_or_default();
    Ok(Rendered { message, signing, client, cookies, expect, until, variables, token, own_origin })
}

/// How the connection of a request is made: as it says, else as its environment does. Filled
/// before anything is known of other requests, since connections are made before.
pub fn connecting(suite: &Suite, step: Step<'_>, engine: &Engine) -> Result<Connecting, Vec<Diagnostic>> {
    let Step { request, case, party, .. } = step;
    let owner = Owner::Request(request.name.clone());
    let mut fill = Fill::new(suite, engine, party.scope.of_request(request, case));
    let own = party::connecting(&mut fill, &owner, &request.connecting);
    fill.finish()?;
    Ok(own.or(&party.connecting))
}

/// Fills what a request's `expect.signature` says, with what is known before anything is sent.
pub fn answer_signature(
    suite: &Suite,
    step: Step<'_>,
    written: &AnswerSignature,
    engine: &Engine,
) -> Result<AnswerSignature, Vec<Diagnostic>> {
    let Step { request, case, party, .. } = step;
    let owner = Owner::Request(request.name.clone());
    let mut fill = Fill::new(suite, engine, party.scope.of_request(request, case));
    let mut text = |name: &str, source: Option<&String>| {
        source.and_then(|source| fill.text(&At::new(&owner, format!("/expect/signature/{name}")), source))
    };
    let (key, secret) = (text("key", written.key.as_ref()), text("secret", written.secret.as_ref()));
    fill.finish()?;
    Ok(AnswerSignature { profile: written.profile.clone(), key, secret })
}

/// Fills the variables that a request sets for one that it needs. `scope` is that of who sets them,
/// without its own variables.
pub fn with(
    suite: &Suite,
    with: &With,
    scope: &Scope,
    engine: &Engine,
) -> Result<IndexMap<String, Value>, Vec<Diagnostic>> {
    let request = &suite.requests[&with.asker.request];
    let owner = Owner::Request(request.name.clone());
    let mut fill = Fill::new(suite, engine, scope.of_request(request, with.asker.case));
    let mut filled = IndexMap::new();
    for (name, value) in &with.values {
        let value = fill.tree(&At::new(&owner, join(&with.pointer, name)), value);
        filled.extend(value.map(|value| (name.clone(), value)));
    }
    fill.finish()?;
    Ok(filled)
}

/// Why a step does not run, where its `skip` says so; the reason may be empty.
pub fn skip(
    suite: &Suite,
    step: Step<'_>,
    scope: &Scope,
    engine: &Engine,
) -> Result<Option<String>, Vec<Diagnostic>> {
    let source = match &step.request.skip {
        None => return Ok(None),
        Some(Skip::Always(reason)) => return Ok(Some(reason.clone())),
        Some(Skip::Where(source)) => Value::String(source.clone()),
    };
    let at = At::new(&Owner::Request(step.request.name.clone()), "/skip");
    let mut fill = Fill::new(suite, engine, scope.of_request(step.request, step.case));
    let filled = fill.tree(&at, &source);
    fill.finish()?;
    Ok(match filled {
        None | Some(Value::Null | Value::Bool(false)) => None,
        Some(Value::Bool(true)) => Some(String::new()),
        // Variables of CSV files and of the command line are text.
        Some(Value::String(reason)) => match reason.trim() {
            "" | "false" => None,
            "true" => Some(String::new()),
            reason => Some(reason.to_owned()),
        },
        Some(other) => {
            let message = format!("`skip` is {other}, which is neither a reason nor `true` or `false`");
            let problem = Diagnostic::error(Code::Unusable, message);
            let place = suite.locations.find(&at.owner, "/skip");
            return Err(vec![problem.at(place.map(|place| place.value), "")]);
        }
    })
}

/// A URL that something may be sent to, as an endpoint may name it.
pub fn sendable(url: &str) -> Result<Url, Diagnostic> {
    target::parse(url, "it")
}

/// What a signing profile may say of the request beside its variables: some APIs want the host
/// once more, in a header of their own.
fn about(request: &Request, target: Option<&target::Target>) -> Value {
    let host = target.map(|target| crate::message::host(&target.url)).unwrap_or_default();
    serde_json::json!({"method": request.method, "host": host})
}

/// Fills the path of a key, with what is known before anything is sent: the names of the
/// environment, and of the request where that is what says it.
pub fn key_path(
    suite: &Suite,
    (owner, pointer): (&Owner, &str),
    source: &str,
    party: &Party,
    engine: &Engine,
) -> Result<String, Vec<Diagnostic>> {
    let scope = match owner {
        Owner::Request(name) => party.scope.of_request(&suite.requests[name], None),
        Owner::Environment(_) | Owner::SuiteFile => party.scope.clone(),
    };
    let mut fill = Fill::new(suite, engine, scope);
    let path = fill.text(&At::new(owner, pointer), source);
    fill.finish()?;
    Ok(path.expect("whatever could not be filled is among the problems"))
}

/// Every `env()` and `secret()` of a request, and of what says who its client is, that is not set, for asking before anything is sent.
pub fn unset(suite: &Suite, request: &Request, environment: &str, engine: &Engine) -> Vec<Diagnostic> {
    let owner = Owner::Request(request.name.clone());
    let mut fill = Fill::new(suite, engine, Scope::default());
    let chosen = suite.client_authentication(request, environment).filter(|chosen| chosen.owner != owner);
    let of_client = chosen.iter().flat_map(|chosen| {
        chosen.settings.templates().into_iter().map(|(pointer, source)| (&chosen.owner, pointer, source))
    });
    let own = templates(request).into_iter().map(|(pointer, source)| (&owner, pointer, source));
    for (owner, pointer, source) in own.chain(of_client) {
        for error in engine.unset(source) {
            fill.template_problem(&At::new(owner, pointer.clone()), error);
        }
    }
    fill.finish().err().unwrap_or_default()
}

/// The bytes of a file behind a range of the text at `pointer`, such as those of a mention; the
/// value itself, or the nearest around it, where that is not text.
pub fn span(suite: &Suite, owner: &Owner, pointer: &str, range: Option<&Range<usize>>) -> Option<Span> {
    for pointer in templates::spellings(pointer) {
        let inside =
            |range: &Range<usize>| suite.locations.inside(owner, &pointer, range.clone(), &suite.sources);
        let whole = || suite.locations.find(owner, &pointer).map(|place| place.value);
        if let Some(span) = range.and_then(inside).or_else(whole) {
            return Some(span);
        }
    }
    suite.locations.nearest(owner, pointer).map(|place| place.value)
}

fn expect(fill: &mut Fill<'_>, (owner, parent): (&Owner, &str), expect: &Expect) -> Expect {
    let mut matchers = |kind: &str, matchers: &[(String, Matcher)]| {
        let rendered = matchers.iter().map(|(name, matcher)| {
            let pointer = join(&format!("{parent}/{kind}"), name);
            let tests = matcher.0.iter().filter_map(|test| {
                let at = At::new(owner, templates::operand(matcher, test, &pointer));
                let filled = Test { operator: test.operator, operand: fill.tree(&at, &test.operand)? };
                if let Err(error) = filled.validate() {
                    let problem = Diagnostic::error(Code::Unusable, error.message);
                    fill.problem(&at, None, error.help.into_iter().fold(problem, Diagnostic::help), "");
                }
                Some(filled)
            });
            (name.clone(), Matcher(tests.collect()))
        });
        rendered.collect()
    };
    let headers = matchers("headers", &expect.headers);
    let body = matchers("body", &expect.body);
    Expect { headers, body, ..expect.clone() }
}
