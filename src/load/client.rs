//! `client_authentication` and `dpop` → [`ClientAuthentication`] and [`Dpop`].
//!
//! A method with nothing to say is written by its name alone: `client_authentication: tls`.

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::duration::duration;
use super::environment::path;
use super::reader::{Fields, Reader, Shape};
use super::yaml::{Node, Value};
use crate::diag::{Code, Diagnostic, did_you_mean, literal};
use crate::sign::{Algorithm, ClientMethod, jose_algorithm, jose_algorithms, jose_name};
use crate::spec::{ClientAuthentication, Dpop, Wanted};

const METHODS: Shape = Shape {
    what: "`client_authentication`",
    keys: &["private_key_jwt", "client_secret_jwt", "basic", "body", "tls"],
};
const PRIVATE_KEY_JWT: Shape = Shape {
    what: "`private_key_jwt`",
    keys: &["client_id", "key", "algorithm", "audience", "key_id", "lifetime", "header", "claims"],
};
const CLIENT_SECRET_JWT: Shape = Shape {
    what: "`client_secret_jwt`",
    keys: &["client_id", "secret", "algorithm", "audience", "key_id", "lifetime", "header", "claims"],
};
const BASIC: Shape = Shape { what: "`basic`", keys: &["client_id", "secret"] };
const BODY: Shape = Shape { what: "`body`", keys: &["client_id", "secret"] };
const TLS: Shape = Shape { what: "`tls`", keys: &["client_id"] };
const DPOP: Shape = Shape { what: "`dpop`", keys: &["key", "algorithm"] };

/// What a request says: `true` and `false` are its environment's business.
pub(super) fn wanted<T>(
    reader: &mut Reader,
    node: &Node,
    read: impl Fn(&mut Reader, &Node) -> Option<T>,
) -> Wanted<T> {
    match node.value {
        Value::Bool(true) => Wanted::AsEnvironment,
        Value::Bool(false) => Wanted::Off,
        _ => read(reader, node).map_or(Wanted::Unsaid, Wanted::Own),
    }
}

/// Reads how a client says who it is: exactly one method.
pub(super) fn client_authentication(reader: &mut Reader, node: &Node) -> Option<ClientAuthentication> {
    if let Value::Text(name) = &node.value {
        return by_name(reader, node, name);
    }
    let fields = reader.fields(node, &METHODS)?;
    let mut given: Vec<_> = METHODS.keys.iter().filter_map(|key| fields.entry(key)).collect();
    given.sort_by_key(|entry| entry.key.span);
    match given.as_slice() {
        [one] => {
            let method = ClientMethod::named(&one.key.text)?;
            settings(reader, &one.value, method)
        }
        [] => {
            let help = "write `client_authentication: {private_key_jwt: {key: certificates/client.key}}`";
            reader.wrong(node, METHODS.what, &one_of(), help);
            None
        }
        [first, second, ..] => {
            let (first, second) = (&first.key, &second.key);
            let message =
                format!("`client_authentication` has two methods: `{}` and `{}`", first.text, second.text);
            reader.problems.push(
                Diagnostic::error(Code::WrongValue, message)
                    .at(second.span, "the second")
                    .at(first.span, "the first")
                    .help("keep exactly one: a server refuses a client that says twice who it is"),
            );
            None
        }
    }
}

/// A method by its name alone, where every setting has a default.
fn by_name(reader: &mut Reader, node: &Node, name: &str) -> Option<ClientAuthentication> {
    match ClientMethod::named(name) {
        Some(method) if method.has_secret() => {
            let help = format!(
                "write `client_authentication: {{{name}: {{secret: \"{{{{ secret('CLIENT_SECRET') }}}}\"}}}}`"
            );
            reader.unusable(node, format!("`{name}` needs `secret`"), "no secret is given", &help);
            None
        }
        Some(method) => Some(empty(method)),
        None => {
            let meant = did_you_mean(name, METHODS.keys.iter().copied());
            let help = meant.map_or_else(String::new, |meant| format!("did you mean `{meant}`?"));
            reader.wrong(node, METHODS.what, &format!("{}, or `true`", one_of()), &help);
            None
        }
    }
}

fn one_of() -> String {
    format!("one of `{}`", METHODS.keys.join("`, `"))
}

const fn shape(method: ClientMethod) -> &'static Shape {
    match method {
        ClientMethod::PrivateKeyJwt => &PRIVATE_KEY_JWT,
        ClientMethod::ClientSecretJwt => &CLIENT_SECRET_JWT,
        ClientMethod::Basic => &BASIC,
        ClientMethod::Body => &BODY,
        ClientMethod::Tls => &TLS,
    }
}

fn empty(method: ClientMethod) -> ClientAuthentication {
    ClientAuthentication {
        method,
        client_id: None,
        secret: None,
        key: None,
        algorithm: None,
        audience: None,
        key_id: None,
        lifetime: None,
        header: IndexMap::new(),
        claims: IndexMap::new(),
    }
}

fn settings(reader: &mut Reader, node: &Node, method: ClientMethod) -> Option<ClientAuthentication> {
    let fields = reader.fields(node, shape(method))?;
    if method.has_secret() {
        fields.required("secret", "secret: \"{{ secret('CLIENT_SECRET') }}\"", reader);
    }
    let of_secret = method == ClientMethod::ClientSecretJwt;
    Some(ClientAuthentication {
        client_id: fields.get("client_id").and_then(|node| reader.text(node, "`client_id`")),
        secret: fields.get("secret").and_then(|node| reader.text(node, "`secret`")),
        key: fields.get("key").and_then(|node| path(reader, node, "`key`")),
        algorithm: fields.get("algorithm").and_then(|node| algorithm(reader, node, of_secret)),
        audience: fields.get("audience").and_then(|node| reader.text(node, "`audience`")),
        key_id: fields.get("key_id").and_then(|node| reader.text(node, "`key_id`")),
        lifetime: fields.get("lifetime").and_then(|node| duration(reader, node, "`lifetime`")),
        header: members(reader, &fields, "header"),
        claims: members(reader, &fields, "claims"),
        ..empty(method)
    })
}

fn members(reader: &mut Reader, fields: &Fields<'_>, key: &str) -> IndexMap<String, Json> {
    let entries = fields.get(key).and_then(|node| reader.map(node, &literal(key), ""));
    let entries = entries.unwrap_or_default().iter();
    entries.map(|entry| (entry.key.text.clone(), entry.value.to_json())).collect()
}

/// Reads with which key a client proves that its tokens are its own.
pub(super) fn dpop(reader: &mut Reader, node: &Node) -> Option<Dpop> {
    if let Value::Text(path) = &node.value {
        reader.wrong(node, DPOP.what, "a map", &format!("write `dpop: {{key: {path}}}`"));
        return None;
    }
    let fields = reader.fields(node, &DPOP)?;
    Some(Dpop {
        key: fields.get("key").and_then(|node| path(reader, node, "`key`")),
        algorithm: fields.get("algorithm").and_then(|node| algorithm(reader, node, false)),
    })
}

/// The name of an algorithm in JOSE, of a shared secret or of a private key.
fn algorithm(reader: &mut Reader, node: &Node, of_secret: bool) -> Option<Algorithm> {
    let name = reader.fixed(node, "`algorithm`")?;
    let is_of_secret = |algorithm: Algorithm| jose_name(algorithm).starts_with("HS");
    let known = |name: &str| jose_algorithm(name).filter(|found| is_of_secret(*found) == of_secret);
    if let Some(algorithm) = known(&name) {
        return Some(algorithm);
    }
    let names: Vec<&str> = jose_algorithms().filter(|name| known(name).is_some()).collect();
    let listed = names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
    let label = match jose_algorithm(&name) {
        Some(_) if of_secret => "this one needs a private key: `private_key_jwt`".to_owned(),
        Some(_) => "this one needs a shared secret: `client_secret_jwt`".to_owned(),
        None => did_you_mean(&name.to_uppercase(), names.iter().copied())
            .map_or_else(|| "unknown".to_owned(), |meant| format!("did you mean `{meant}`?")),
    };
    reader.unusable(
        node,
        format!("{} can't be used here", literal(&name)),
        &label,
        &format!("there are {listed}; without `algorithm` it follows the key"),
    );
    None
}
