//! One document of a request file → [`Request`].

use indexmap::IndexMap;

use super::answer_signature::check_selectors;
use super::body::body;
use super::cases::cases;
use super::client::{client_authentication, dpop, wanted};
use super::connecting::connecting;
use super::contract::contract;
use super::cookies::{self, cookies, redirects};
use super::duration::duration;
use super::expect::{captures, expect};
use super::headers::{headers, is_token, why_no_token};
use super::needs::{needs, token};
use super::profile;
use super::reader::{Fields, Reader, Shape, is_template};
use super::retry::retry;
use super::snapshot::{Wish, snapshot};
use super::tamper::tamper;
use super::until::{self, until};
use super::url::endpoint;
use super::values::{pairs, variables};
use super::yaml::{Node, Value};
use crate::diag::{Code, Diagnostic, literal};
use crate::message::is_idempotent;
use crate::spec::{Expect, Request, Sign, Skip};

/// The keys of a request.
pub(super) const REQUEST: Shape = Shape {
    what: "a request",
    keys: &[
        "name",
        "description",
        "tags",
        "environment",
        "identity",
        "needs",
        "always",
        "skip",
        "cases",
        "token",
        "variables",
        "method",
        "endpoint",
        "query",
        "headers",
        "cookies",
        "body",
        "sign",
        "tamper",
        "client_authentication",
        "dpop",
        "contract",
        "timeout",
        "retry",
        "redirects",
        "until",
        "connect_timeout",
        "http_version",
        "proxy",
        "expect",
        "capture",
        "snapshot",
    ],
};
/// A request, and what it says about its snapshot before the suite's default is known.
pub(super) struct Written {
    pub request: Request,
    pub snapshot: Wish,
}

/// Reads a request; its id and name are those of the file until its place is known.
pub(super) fn request(reader: &mut Reader, node: &Node, id: &str) -> Option<Written> {
    if let Value::List(_) | Value::Text(_) = node.value {
        let help = "write lines like `method: GET`; several requests in a file are separated by `---`";
        reader.wrong(node, REQUEST.what, "a map", help);
        return None;
    }
    let fields = reader.fields(node, &REQUEST)?;
    let method = fields.required("method", "method: GET", reader).and_then(|node| method(reader, node));
    let endpoint =
        fields.required("endpoint", "endpoint: /path", reader).and_then(|node| endpoint(reader, node));
    let name = fields.get("name").and_then(|node| reader.fixed(node, "`name`"));
    let request = Request {
        id: id.to_owned(),
        name: name.unwrap_or_else(|| id.to_owned()),
        description: fields.get("description").and_then(|node| reader.text(node, "`description`")),
        tags: fields.get("tags").map(|node| reader.texts(node, "`tags`")).unwrap_or_default(),
        environment: fields.get("environment").and_then(|node| reader.fixed(node, "`environment`")),
        identity: fields.get("identity").and_then(|node| reader.fixed(node, "`identity`")),
        needs: fields.get("needs").map(|node| needs(reader, node)).unwrap_or_default(),
        always: fields.get("always").and_then(|node| reader.boolean(node, "`always`")).unwrap_or_default(),
        skip: fields.get("skip").and_then(|node| skip(reader, node)),
        cases: fields.get("cases").and_then(|node| cases(reader, node)),
        token: fields.get("token").and_then(|node| token(reader, node)),
        variables: read_map(reader, &fields, "variables", variables),
        query: fields.get("query").map(|node| pairs(reader, node, "`query`")).unwrap_or_default(),
        headers: fields.get("headers").map(|node| headers(reader, node, "`headers`")).unwrap_or_default(),
        cookies: fields.get("cookies").map(|node| cookies(reader, node)).unwrap_or_default(),
        body: fields.get("body").and_then(|node| body(reader, node)),
        sign: fields.get("sign").and_then(|node| sign(reader, node)).unwrap_or_default(),
        tamper: fields.get("tamper").map(|node| tamper(reader, node)).unwrap_or_default(),
        client_authentication: fields
            .get("client_authentication")
            .map(|node| wanted(reader, node, client_authentication))
            .unwrap_or_default(),
        dpop: fields.get("dpop").map(|node| wanted(reader, node, dpop)).unwrap_or_default(),
        contract: fields.get("contract").map(|node| contract(reader, node)).unwrap_or_default(),
        timeout: fields.get("timeout").and_then(|node| duration(reader, node, "`timeout`")),
        retry: fields.get("retry").and_then(|node| retry(reader, node)),
        redirects: fields.get("redirects").and_then(|node| redirects(reader, node)),
        until: fields.get("until").and_then(|node| until(reader, node)),
        connecting: connecting(reader, &fields),
        expect: fields.get("expect").map_or_else(Expect::default, |node| expect(reader, node)),
        capture: fields.get("capture").map(|node| captures(reader, node)).unwrap_or_default(),
        snapshot: None,
        method: method.unwrap_or_default(),
        endpoint: endpoint.unwrap_or_default(),
    };
    check_selectors(reader, &fields);
    check_retry(reader, &fields, &request);
    cookies::check_header(reader, &fields, &request.headers);
    until::check_replay(reader, &fields, &request);
    let snapshot = fields.get("snapshot").map(|node| snapshot(reader, node)).unwrap_or_default();
    Some(Written { request, snapshot })
}

/// What must not happen twice is never sent again only because the environment, or a habit, says so.
fn check_retry(reader: &mut Reader, fields: &Fields<'_>, request: &Request) {
    let (Some(retry), Some(entry)) = (&request.retry, fields.entry("retry")) else { return };
    if retry.attempts > 1
        && retry.on.is_none()
        && !request.method.is_empty()
        && !is_idempotent(&request.method)
    {
        let method = &request.method;
        reader.problems.push(
            Diagnostic::error(Code::MissingKey, format!("`retry` of a {method} needs `on`"))
                .at(entry.key.span, "no `on` here")
                .help(format!(
                    "the server may have acted on a {method} that failed: write out after what it is sent \
                     again all the same, such as `on: [connect, 429]`"
                )),
        );
    }
}

fn read_map<T>(
    reader: &mut Reader,
    fields: &Fields<'_>,
    key: &str,
    read: impl Fn(&mut Reader, &Node, &str) -> IndexMap<String, T>,
) -> IndexMap<String, T> {
    fields.get(key).map(|node| read(reader, node, &literal(key))).unwrap_or_default()
}

fn method(reader: &mut Reader, node: &Node) -> Option<String> {
    let text = reader.text(node, "`method`")?;
    if is_template(&text) {
        let help = "write the method out; a request has one";
        reader.unusable(node, "`method` can't be a template", "it is read before anything is filled", help);
        return Some(text);
    }
    if !is_token(&text) {
        reader.unusable(
            node,
            format!("{} is not a method", literal(&text)),
            &why_no_token(&text),
            "write a word such as `GET` or `POST`",
        );
        return None;
    }
    if text.chars().any(|character| character.is_ascii_lowercase()) {
        let help = format!("write `{}`", text.to_ascii_uppercase());
        reader.unusable(node, "`method` must be in capitals", "methods are case-sensitive", &help);
        return None;
    }
    Some(text)
}

/// `true`, a reason, or a template that gives one of these.
fn skip(reader: &mut Reader, node: &Node) -> Option<Skip> {
    match &node.value {
        Value::Bool(false) => None,
        Value::Bool(true) => Some(Skip::Always(String::new())),
        Value::Text(text) if is_template(text) => Some(Skip::Where(text.clone())),
        Value::Text(text) if !text.trim().is_empty() => Some(Skip::Always(text.clone())),
        _ => {
            reader.wrong(node, "`skip`", "`true`, `false`, a reason, or a template", "");
            None
        }
    }
}

pub(super) fn sign(reader: &mut Reader, node: &Node) -> Option<Sign> {
    match &node.value {
        Value::Bool(false) => Some(Sign::Off),
        Value::Bool(true) => {
            let help = "delete it: a request is signed as its environment says";
            reader.wrong(node, "`sign`", profile::OF_REQUEST.expected, help);
            None
        }
        _ => profile::choices(reader, node, &profile::OF_REQUEST).map(Sign::Profiles),
    }
}

/// Says that a document among several has no name.
pub(super) fn nameless(reader: &mut Reader, node: &Node) {
    reader.problems.push(
        Diagnostic::error(Code::MissingKey, "a request in a file of several needs `name`")
            .at(node.span, "no `name` here")
            .help("its id is the path of the file, `/` and its name"),
    );
}
