//! Every template of a request, and the names in it, for planning: what it needs, and what is not
//! defined, before a byte is sent.

use indexmap::IndexMap;
use serde_json::Value;

use crate::diag::pointer::{item, join};
use crate::select::{Matcher, Operator, Test};
use crate::spec::{
    Body, ClientAuthentication, Cookies, Dpop, Environment, Expect, Part, PartContent, Request, Skip,
};
use crate::template::{self, Mention};

/// Every name that a request's templates take from their surroundings, with the pointer to the
/// text that it stands in. Templates that can't be read have none: `load` reports them.
pub fn mentions(request: &Request) -> Vec<(String, Mention)> {
    in_templates(templates(request))
}

/// [`mentions`] of what an environment adds to each of its requests: its headers and key id. They
/// see the request's names.
pub fn mentions_of_environment(environment: &Environment) -> Vec<(String, Mention)> {
    let mut found = Vec::new();
    for (name, values) in &environment.headers {
        found.extend(fields("/headers", name, values));
    }
    let key_id = environment.signing.as_ref().and_then(|signing| signing.key_id.as_deref());
    found.extend(key_id.map(|source| ("/signing/key_id".to_owned(), source)));
    in_templates(found)
}

/// [`mentions`] of variables, of a request, an environment or the suite. They see the names of
/// whoever uses them.
pub fn mentions_of_variables(variables: &IndexMap<String, Value>) -> Vec<(String, Mention)> {
    let mut found = Vec::new();
    for (name, value) in variables {
        texts(join("/variables", name), value, &mut found);
    }
    in_templates(found)
}

pub(crate) fn in_templates(templates: Vec<(String, &str)>) -> Vec<(String, Mention)> {
    let mentions = |(pointer, source): (String, &str)| {
        let found = template::mentions(source).unwrap_or_default();
        found.into_iter().map(move |mention| (pointer.clone(), mention))
    };
    templates.into_iter().flat_map(mentions).collect()
}

/// Every text of a request that may be a template, with its pointer, in the order they are filled.
pub fn templates(request: &Request) -> Vec<(String, &str)> {
    let mut found = Vec::new();
    for (name, value) in &request.variables {
        texts(join("/variables", name), value, &mut found);
    }
    rows(request, &mut found);
    for (pointer, with) in withs(request) {
        for (name, value) in with {
            texts(join(&pointer, name), value, &mut found);
        }
    }
    if let Some(Skip::Where(source)) = &request.skip {
        found.push(("/skip".to_owned(), source));
    }
    found.push(("/endpoint".to_owned(), &request.endpoint));
    for (name, value) in &request.query {
        texts(join("/query", name), value, &mut found);
    }
    for (name, values) in &request.headers {
        found.extend(fields("/headers", name, values));
    }
    if let Cookies::With(cookies) = &request.cookies {
        found.extend(cookies.iter().map(|(name, source)| (join("/cookies", name), source.as_str())));
    }
    match &request.body {
        Some(Body::Json(value)) => texts("/body/json".to_owned(), value, &mut found),
        Some(Body::Form(pairs)) => {
            for (name, value) in pairs {
                texts(join("/body/form", name), value, &mut found);
            }
        }
        Some(Body::Text(text)) => found.push(("/body/text".to_owned(), text)),
        Some(Body::File(path)) => found.push(("/body/file".to_owned(), path)),
        Some(Body::Xml(text)) => found.push(("/body/xml".to_owned(), text)),
        Some(Body::Base64(text)) => found.push(("/body/base64".to_owned(), text)),
        Some(Body::GraphQl(graphql)) => {
            found.push(("/body/graphql/query".to_owned(), &graphql.query));
            found.extend(
                graphql.operation.as_deref().map(|text| ("/body/graphql/operation".to_owned(), text)),
            );
            if let Some(value) = &graphql.variables {
                texts("/body/graphql/variables".to_owned(), value, &mut found);
            }
        }
        Some(Body::Multipart(parts)) => parts.iter().for_each(|part| in_part(part, &mut found)),
        None => {}
    }
    found.extend(request.client_authentication.own().into_iter().flat_map(ClientAuthentication::templates));
    found.extend(request.dpop.own().into_iter().flat_map(Dpop::templates));
    if let Some(signature) = &request.expect.signature {
        for (name, source) in [("key", &signature.key), ("secret", &signature.secret)] {
            found.extend(source.as_deref().map(|source| (format!("/expect/signature/{name}"), source)));
        }
    }
    found.extend(request.connecting.url_of_proxy().map(|source| ("/proxy".to_owned(), source)));
    if let Some(until) = &request.until {
        in_matchers("/until", &until.expect, &mut found);
    }
    in_matchers("/expect", &request.expect, &mut found);
    found
}

/// The operands of what an answer is compared with.
fn in_matchers<'v>(parent: &str, expect: &'v Expect, found: &mut Vec<(String, &'v str)>) {
    for (kind, matchers) in [("headers", &expect.headers), ("body", &expect.body)] {
        for (name, matcher) in matchers {
            let pointer = join(&format!("{parent}/{kind}"), name);
            for test in &matcher.0 {
                texts(operand(matcher, test, &pointer), &test.operand, found);
            }
        }
    }
}

/// The text in rows that a request writes out; that of a data file is no template.
fn rows<'v>(request: &'v Request, found: &mut Vec<(String, &'v str)>) {
    let written = request.cases.as_ref().filter(|cases| cases.are_written());
    for (index, row) in written.iter().flat_map(|cases| cases.rows.iter()).enumerate() {
        for (name, value) in &row.values {
            texts(join(&item("/cases", index), name), value, found);
        }
    }
}

/// The variables that a request sets for those that it needs, with the pointers to them.
pub fn withs(request: &Request) -> impl Iterator<Item = (String, &IndexMap<String, Value>)> {
    let token = request.token.as_ref().map(|token| ("/token/with".to_owned(), &token.with));
    let needs = request.needs.iter().enumerate();
    token.into_iter().chain(needs.map(|(index, need)| (format!("/needs/{index}/with"), &need.with)))
}

/// Whether a pointer leads into the variables that a request sets for one that it needs.
pub fn is_in_with(pointer: &str) -> bool {
    let mut parts = pointer.split('/').skip(1);
    match parts.next() {
        Some("token") => parts.next() == Some("with"),
        Some("needs") => parts.nth(1) == Some("with"),
        _ => false,
    }
}

fn in_part<'v>(part: &'v Part, found: &mut Vec<(String, &'v str)>) {
    match &part.content {
        PartContent::Text(text) | PartContent::File(text) => found.push((part.pointer(), text)),
        PartContent::Json(value) => texts(part.pointer(), value, found),
    }
    for (key, text) in [("filename", &part.filename), ("content_type", &part.content_type)] {
        let own = join("/body/multipart", &part.name);
        found.extend(text.as_deref().map(|text| (join(&own, key), text)));
    }
}

/// The values of a header field with their pointers: a single one stands at the name itself.
pub(crate) fn fields<'v>(
    parent: &str,
    name: &str,
    values: &'v [String],
) -> impl Iterator<Item = (String, &'v str)> + use<'v> {
    let pointer = join(parent, name);
    let single = values.len() == 1;
    values.iter().enumerate().map(move |(index, value)| {
        (if single { pointer.clone() } else { item(&pointer, index) }, value.as_str())
    })
}

/// Where an operand stands: a literal at the selector itself.
pub(crate) fn operand(matcher: &Matcher, test: &Test, pointer: &str) -> String {
    match matcher.0.as_slice() {
        [Test { operator: Operator::Equals, .. }] => pointer.to_owned(),
        _ => join(pointer, test.operator.name()),
    }
}

/// The pointers that a place may have in the file: one value may be written as a list of one,
/// a literal as `equals`.
pub(crate) fn spellings(pointer: &str) -> Vec<String> {
    let segments: Vec<&str> = pointer.split('/').collect();
    match segments.as_slice() {
        ["", "headers", _] => vec![item(pointer, 0), pointer.to_owned()],
        ["", "expect" | "until", "headers" | "body", _, rest @ ..] => {
            let written = [&segments[..4], &["equals"], rest].concat().join("/");
            vec![written, pointer.to_owned()]
        }
        _ => vec![pointer.to_owned()],
    }
}

pub(super) fn texts<'v>(pointer: String, value: &'v Value, found: &mut Vec<(String, &'v str)>) {
    match value {
        Value::String(text) => found.push((pointer, text)),
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                texts(item(&pointer, index), value, found);
            }
        }
        Value::Object(members) => {
            for (name, value) in members {
                texts(join(&pointer, name), value, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
