//! The URL of a message: the environment's host, the endpoint, the query.
//!
//! What the endpoint says itself stays as written; what a template inserts into it is
//! percent-encoded, so that a captured value is one part of the path or query and can't change
//! where the request goes. `| safe` inserts a value as it is; a request that thereby, or because
//! its endpoint says so, leaves the environment's host leaves its credentials behind.

use serde_json::Value;
use url::Url;

use super::fill::{At, Fill};
use super::hop::{Baggage, Hop};
use super::party::Party;
use crate::diag::pointer::join;
use crate::diag::{Code, Diagnostic};
use crate::load::Owner;
use crate::spec::Request;
use crate::template::url_part;

/// Where a message goes.
pub(super) struct Target {
    pub(super) url: Url,
    /// Whether that is the environment's host.
    pub(super) own_origin: bool,
}

/// The URL of `request`.
pub(super) fn target(fill: &mut Fill<'_>, owner: &Owner, request: &Request, party: &Party) -> Option<Target> {
    let at = At::new(owner, "/endpoint");
    let endpoint = fill.url(&at, &request.endpoint);
    let query = query(fill, owner, &request.query);
    let (endpoint, query) = (endpoint?, query?);
    let target = usable(&endpoint, request.endpoint != endpoint)
        .and_then(|()| joined(&endpoint, &query, party.host.as_ref()));
    match target {
        Ok(target) => Some(target),
        Err(problem) => {
            fill.problem(&at, None, problem, "");
            None
        }
    }
}

/// Where an answer has led a request on to.
pub(super) fn of_hop(hop: &Hop, party: &Party) -> Target {
    let is_host = party.host.as_ref().is_some_and(|host| host.origin() == hop.url.origin());
    Target { url: hop.url.clone(), own_origin: is_host && hop.baggage != Baggage::Nothing }
}

fn unusable(message: impl Into<String>, help: &str) -> Diagnostic {
    Diagnostic::error(Code::Unusable, message).help(help)
}

/// Refuses an endpoint that the URL parser would silently read as another.
fn usable(endpoint: &str, templated: bool) -> Result<(), Diagnostic> {
    if endpoint.chars().any(char::is_control) {
        return Err(unusable("the endpoint has a line break or control character", "write it on one line"));
    }
    if endpoint.contains('#') {
        let help = "what follows `#` is never sent; write `%23` for a `#` in the path or query";
        return Err(unusable("the endpoint has a fragment", help));
    }
    let begins = |inserted: &str| {
        endpoint.get(..inserted.len()).is_some_and(|head| head.eq_ignore_ascii_case(inserted))
    };
    if templated && ["%2F", "http%3A", "https%3A"].iter().any(|inserted| begins(inserted)) {
        let help = "what a template inserts is one part of the path; write `{{ … | safe }}` to insert a path or URL as it is";
        return Err(unusable("the endpoint begins with an inserted value that has a `/`", help));
    }
    let path = endpoint.split('?').next().unwrap_or_default();
    if templated && path.split(['/', '\\']).any(is_dots) {
        return Err(unusable(
            "the path of the endpoint has a `.` or `..` in it, which leads elsewhere",
            "check the values that are inserted",
        ));
    }
    Ok(())
}

/// `.` and `..`, in every spelling that the URL parser knows.
fn is_dots(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

fn joined(endpoint: &str, query: &str, host: Option<&Url>) -> Result<Target, Diagnostic> {
    let absolute = endpoint.split_once("://").filter(|(scheme, _)| !scheme.contains(['/', '?']));
    let Some(host) = host else {
        return Err(unusable(
            "the environment has no host yet",
            "its embedded sandbox must be started first",
        ));
    };
    let written = match absolute {
        Some(_) => endpoint.to_owned(),
        None => below(host, endpoint),
    };
    let separator = match (query.is_empty(), written.contains('?')) {
        (true, _) => "",
        (false, true) => "&",
        (false, false) => "?",
    };
    let url = parse(&format!("{written}{separator}{query}"), "the endpoint")?;
    let own_origin = url.origin() == host.origin();
    if absolute.is_none() && !own_origin {
        return Err(unusable("the endpoint leaves the environment's host", "begin it with `/`"));
    }
    Ok(Target { url, own_origin })
}

/// `endpoint` below the host and its base path.
fn below(host: &Url, endpoint: &str) -> String {
    let base = host.as_str().trim_end_matches('/');
    if endpoint.starts_with(['/', '?']) { format!("{base}{endpoint}") } else { format!("{base}/{endpoint}") }
}

/// An absolute URL that may be sent to.
pub(super) fn parse(text: &str, subject: &str) -> Result<Url, Diagnostic> {
    let url = Url::parse(text).map_err(|error| {
        Diagnostic::error(Code::Unusable, format!("{subject} is not a URL: {error}"))
            .help("write `https://NAME/PATH`")
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        let help = "send them as a header: `authorization: Basic {{ secret(\"LOGIN\") | base64 }}`";
        return Err(unusable(format!("{subject} contains credentials"), help));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => {
            let help =
                "write `https://…`; plain `http` is allowed to `localhost`, `127.0.0.1` and `[::1]` only";
            Err(unusable(format!("{subject} is not encrypted"), help))
        }
        _ => Err(unusable(format!("{subject} is not sent over HTTP"), "write `https://…`")),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The pairs of `query`, percent-encoded; a list repeats its name.
fn query(fill: &mut Fill<'_>, owner: &Owner, pairs: &[(String, Value)]) -> Option<String> {
    let pairs = texts(fill, owner, "/query", pairs)?;
    let pairs = pairs.iter().map(|(name, value)| format!("{}={}", url_part(name), url_part(value)));
    Some(pairs.collect::<Vec<_>>().join("&"))
}

/// Pairs of names and texts, filled; a list repeats its name.
pub(super) fn texts(
    fill: &mut Fill<'_>,
    owner: &Owner,
    parent: &str,
    pairs: &[(String, Value)],
) -> Option<Vec<(String, String)>> {
    let mut found = Some(Vec::new());
    for (name, value) in pairs {
        let at = At::new(owner, join(parent, name));
        let filled = fill.tree(&at, value);
        let values = match filled {
            Some(Value::Array(values)) => values,
            Some(value) => vec![value],
            None => {
                found = None;
                continue;
            }
        };
        for value in values {
            match text(&value) {
                Ok(text) => found.iter_mut().for_each(|found| found.push((name.clone(), text.clone()))),
                Err(what) => {
                    let problem = Diagnostic::error(Code::Unusable, format!("`{name}` is {what}"));
                    fill.problem(
                        &at,
                        None,
                        problem.help("its value must be text, a number, or a list of these"),
                        "",
                    );
                    found = None;
                }
            }
        }
    }
    found
}

/// A scalar as text; else what it is.
pub(super) fn text(value: &Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        Value::Bool(bool) => Ok(bool.to_string()),
        Value::Null => Err("null"),
        Value::Array(_) => Err("a list within a list"),
        Value::Object(_) => Err("a map"),
    }
}
