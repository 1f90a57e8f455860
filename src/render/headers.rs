//! The header fields of a message, in the order they are sent: the request's own, the
//! environment's where the request has none, the token, the profile's.
//!
//! What can't stand in a header is refused, never repaired: a value that was trimmed or folded on
//! the way would no longer be the one that was signed.

use std::sync::Arc;

use indexmap::IndexMap;

use super::fill::{At, Fill};
use super::{Party, Step};
use crate::diag::pointer::{item, join};
use crate::diag::{Code, Diagnostic};
use crate::load::Owner;
use crate::message::Headers;
use crate::plan::lent;
use crate::sign::{DPOP, Filled, Profile, Signer, certificate_variables, token_in};
use crate::spec::templates::fields;
use crate::spec::{Request, Sign, TokenUse};

/// The request's own fields.
pub(super) fn of_request(fill: &mut Fill<'_>, owner: &Owner, request: &Request) -> Headers {
    let mut headers = Headers::new();
    add(fill, owner, &request.headers, &mut headers);
    headers
}

/// The environment's fields that are not there yet.
pub(super) fn of_environment(fill: &mut Fill<'_>, party: &Party, headers: &mut Headers) {
    let owner = Owner::Environment(party.environment.clone());
    let missing: Vec<_> = party.headers.iter().filter(|(name, _)| !headers.contains(name)).cloned().collect();
    add(fill, &owner, &missing, headers);
}

/// The token, from what the request before captured.
pub(super) fn token(fill: &mut Fill<'_>, owner: &Owner, step: Step<'_>, headers: &mut Headers) {
    let Step { request, .. } = step;
    let Some(token) = &request.token else { return };
    let at = At::new(owner, "/token");
    if request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(&token.header)) {
        let message =
            format!("the token goes into `{}`, and the request sets that header itself", token.header);
        let at = At::new(owner, join("/headers", &token.header));
        return fill.problem(
            &at,
            None,
            Diagnostic::error(Code::Unusable, message).help("remove one of them"),
            "",
        );
    }
    let from = request.token_of().map_or_else(|| token.from.clone(), |_| lent(&token.from));
    let Some(value) = fill.scope.captured(&from, &token.value).as_ref().map(super::target::text) else {
        let message = format!("`{}` has captured no `{}`", token.from, token.value);
        let help = format!(
            "add it to `capture:` of `{}`, or name another capture with `token: {{value: …}}`",
            token.from
        );
        return fill.problem(&at, None, Diagnostic::error(Code::Undefined, message).help(help), "");
    };
    let value = match value {
        Ok(value) if token.scheme.is_empty() => value,
        Ok(value) if !value.is_empty() => format!("{} {value}", scheme(fill, owner, step, token)),
        Ok(_) => return unsendable(fill, &at, &format!("the token `{}` is empty", token.value)),
        Err(what) => {
            return unsendable(fill, &at, &format!("the token `{}` is {what}, not text", token.value));
        }
    };
    match fault(&value) {
        Some(fault) => unsendable(fill, &at, &format!("the token `{}` {fault}", token.value)),
        None => headers.set(&token.header, value),
    }
}

/// The word before the token: a token that is bound to a key is sent with it under `DPoP` (RFC
/// 9449, section 7.1), unless the request writes another word itself.
fn scheme<'t>(fill: &Fill<'_>, owner: &Owner, step: Step<'_>, token: &'t TokenUse) -> &'t str {
    let is_written = fill.is_there(&At::new(owner, "/token/scheme"));
    let is_bound = fill.suite.dpop(step.request, &step.party.environment).is_some();
    if is_bound && !is_written { DPOP } else { &token.scheme }
}

/// A header field that a profile sets: its name and its template.
type Set<'s> = (&'s str, &'s str);

/// The fields of every profile, and its other templates: all before the first one signs, so that
/// each signs the fields of the others too where it is asked to.
pub(super) fn of_profiles(
    fill: &mut Fill<'_>,
    step: Step<'_>,
    signers: &[Arc<Signer>],
    headers: &mut Headers,
) -> Vec<Filled> {
    let mut set = Vec::new();
    let mut filled = Vec::new();
    for (index, signer) in signers.iter().enumerate() {
        match signer.certificate() {
            Some(certificate) => {
                fill.scope = fill.scope.with_value("certificate", certificate_variables(certificate));
            }
            None => fill.without_certificate = Some(step.party.environment.clone()),
        }
        let at = place(step, index);
        filled.extend(of_profile(fill, (step, &at), signer.profile(), &mut set, headers));
    }
    filled
}

/// Where a step's profile is named.
fn place(step: Step<'_>, index: usize) -> At {
    match step.request.sign {
        Sign::AsEnvironment => {
            let owner = Owner::Environment(step.party.environment.clone());
            At::new(&owner, item("/signing/profile", index))
        }
        _ => At::new(&Owner::Request(step.request.name.clone()), item("/sign", index)),
    }
}

/// The fields of the profile that are not there yet, and its other templates. They are filled for
/// each message anew, since a request id must never be used twice. `set` is what the profiles
/// before it have set.
fn of_profile<'s>(
    fill: &mut Fill<'_>,
    (step, at): (Step<'_>, &At),
    profile: &'s Profile,
    set: &mut Vec<Set<'s>>,
    headers: &mut Headers,
) -> Option<Filled> {
    let with_token = token_in(headers);
    let own: Vec<Set<'s>> =
        profile.headers(with_token).filter(|(name, _)| !step.request_sets(name)).collect();
    for (name, source) in own.iter().copied() {
        let what = format!("the header `{name}` of the signing profile");
        if let Some((_, before)) = set.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            if *before != source {
                refuse_two_values(fill, at, name);
            }
            continue;
        }
        let filled = filled(fill, source);
        if let Some(value) = fill.foreign(at, &what, filled) {
            match fault(&value) {
                Some(fault) => unsendable(fill, at, &format!("{what} {fault}")),
                None => headers.set(name, value),
            }
        }
    }
    set.extend(own);
    let mut values = IndexMap::new();
    for (name, source) in profile.scheme().templates() {
        let what = format!("`{name}` of the signing profile");
        let filled = filled(fill, source);
        values.insert(name, fill.foreign(at, &what, filled)?);
    }
    Some(Filled { key_id: key_id(fill, step, profile, with_token, at)?, values })
}

/// Profiles that write a field alike mean one field, as a request id is one; others can't both
/// have it as they want it.
fn refuse_two_values(fill: &mut Fill<'_>, at: &At, name: &str) {
    let message = format!("two of its signing profiles set the header `{name}`, each to a value of its own");
    let problem = Diagnostic::error(Code::Unusable, message);
    let help = format!("set `{name}` under `headers` of the request, which both then take");
    fill.problem(at, None, problem.help(help), "");
}

/// What the signature names as its key. A profile whose key id changes with the token, as the
/// client id that the token answer returns, leaves only the one with a token to the environment.
fn key_id(
    fill: &mut Fill<'_>,
    step: Step<'_>,
    profile: &Profile,
    with_token: bool,
    at: &At,
) -> Option<String> {
    let changes = profile.key_id(true) != profile.key_id(false);
    let own = step.party.signing.as_ref().and_then(|signing| signing.key_id.as_deref());
    if let Some(source) = own.filter(|_| with_token || !changes) {
        return fill
            .text(&At::new(&Owner::Environment(step.party.environment.clone()), "/signing/key_id"), source);
    }
    let Some(source) = profile.key_id(with_token) else {
        let problem =
            Diagnostic::error(Code::Unusable, "the signing profile does not say which key id to send");
        fill.problem(at, None, problem.help("add `signing: {key_id: …}` to the environment"), "");
        return None;
    };
    let filled = filled(fill, source);
    fill.foreign(at, "the key id of the signing profile", filled)
}

impl Step<'_> {
    fn request_sets(&self, header: &str) -> bool {
        self.request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header))
    }
}

pub(super) fn filled(fill: &mut Fill<'_>, source: &str) -> Result<String, crate::template::TemplateError> {
    let engine = fill.engine;
    fill.names_of(source).and_then(|variables| engine.text(source, &variables))
}

fn add(fill: &mut Fill<'_>, owner: &Owner, written: &[(String, Vec<String>)], headers: &mut Headers) {
    for (name, values) in written {
        for (pointer, source) in fields("/headers", name, values) {
            let at = At::new(owner, pointer);
            let Some(value) = fill.text(&at, source) else { continue };
            match fault(&value) {
                Some(fault) => unsendable(fill, &at, &format!("the value of the header `{name}` {fault}")),
                None => headers.append(name.clone(), value),
            }
        }
    }
}

fn unsendable(fill: &mut Fill<'_>, at: &At, message: &str) {
    let problem = Diagnostic::error(Code::Unusable, message);
    fill.problem(
        at,
        None,
        problem.help("a header holds printable ASCII on one line; encode other values, as with `| base64`"),
        "",
    );
}

/// Why `value` can't stand in a header as it is (RFC 9110, section 5.5).
fn fault(value: &str) -> Option<&'static str> {
    if value.ends_with(['\n', '\r']) {
        return Some("ends with a line break");
    }
    if value.contains(['\n', '\r']) {
        return Some("has a line break in it");
    }
    if value.chars().any(|character| character.is_control() && character != '\t') {
        return Some("has a control character in it");
    }
    if !value.is_ascii() {
        return Some("has characters that are not ASCII");
    }
    (value.trim_matches([' ', '\t']) != value)
        .then_some("begins or ends with a blank, which is lost on the way")
}
