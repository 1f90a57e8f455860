//! One file of `requests/environments/` → [`Environment`].

use super::client::{client_authentication, dpop};
use super::connecting::connecting;
use super::contract::contract;
use super::duration::duration;
use super::headers::headers;
use super::reader::{Reader, Shape};
use super::retry::retry;
use super::values::variables;
use super::yaml::{Node, Value};
use super::{key_source, profile, tls_options, url};
use crate::diag::{Code, Diagnostic};
use crate::spec::{Environment, Host, Signing, Tls};

const ENVIRONMENT: Shape = Shape {
    what: "an environment",
    keys: &[
        "host",
        "variables",
        "headers",
        "timeout",
        "retry",
        "connect_timeout",
        "http_version",
        "proxy",
        "tls",
        "signing",
        "client_authentication",
        "dpop",
        "contract",
        "identities",
        "resolve",
        "protected",
    ],
};
const TLS: Shape = Shape {
    what: "`tls`",
    keys: &[
        "certificate",
        "key",
        "pkcs12",
        "passphrase",
        "ca",
        "ca_only",
        "pin",
        "min_version",
        "server_name",
        "verify",
    ],
};
const SIGNING: Shape = Shape {
    what: "`signing`",
    keys: &["profile", "key", "pkcs12", "passphrase", "secret", "certificate", "public_key", "key_id"],
};

/// Reads an environment.
pub(super) fn environment(reader: &mut Reader, node: &Node, name: &str) -> Option<Environment> {
    let fields = reader.fields(node, &ENVIRONMENT)?;
    let host = fields.required("host", "host: https://api.example.com", reader);
    Some(Environment {
        name: name.to_owned(),
        host: host.and_then(|node| host_of(reader, node)).unwrap_or(Host::Embedded),
        variables: fields
            .get("variables")
            .map(|node| variables(reader, node, "`variables`"))
            .unwrap_or_default(),
        headers: fields.get("headers").map(|node| headers(reader, node, "`headers`")).unwrap_or_default(),
        timeout: fields.get("timeout").and_then(|node| duration(reader, node, "`timeout`")),
        retry: fields.get("retry").and_then(|node| retry(reader, node)),
        connecting: connecting(reader, &fields),
        tls: fields.get("tls").and_then(|node| tls(reader, node)).unwrap_or_default(),
        signing: fields.get("signing").and_then(|node| signing(reader, node)),
        resolve: fields.get("resolve").map(|node| tls_options::resolve(reader, node)).unwrap_or_default(),
        client_authentication: fields
            .get("client_authentication")
            .and_then(|node| client_authentication(reader, node)),
        dpop: fields.get("dpop").and_then(|node| dpop(reader, node)),
        contract: fields.get("contract").map(|node| contract(reader, node)).unwrap_or_default(),
        protected: fields
            .get("protected")
            .and_then(|node| reader.boolean(node, "`protected`"))
            .unwrap_or_default(),
    })
}

fn host_of(reader: &mut Reader, node: &Node) -> Option<Host> {
    let text = reader.text(node, "`host`")?;
    if text == "embedded" {
        return Some(Host::Embedded);
    }
    if text.is_empty() {
        reader.wrong(node, "`host`", "a URL such as `https://api.example.com`, or `embedded`", "");
        return None;
    }
    url::host(reader, node, &text)?;
    Some(Host::Url(text))
}

fn tls(reader: &mut Reader, node: &Node) -> Option<Tls> {
    let fields = reader.fields(node, &TLS)?;
    for (present, absent) in [("certificate", "key"), ("key", "certificate")] {
        if let (Some(entry), None) = (fields.entry(present), fields.get(absent)) {
            reader.problems.push(
                Diagnostic::error(Code::MissingKey, format!("`tls` has a `{present}` and no `{absent}`"))
                    .at(entry.key.span, format!("needs `{absent}` beside it"))
                    .help(format!("add `{absent}: certificates/…`; if both are in one file, name it twice")),
            );
        }
    }
    key_source::check_passphrase(reader, &fields, "`tls`");
    let tls = Tls {
        certificate: fields.get("certificate").and_then(|node| path(reader, node, "`certificate`")),
        key: fields.get("key").and_then(|node| path(reader, node, "`key`")),
        pkcs12: key_source::store(reader, &fields, &["certificate", "key"]),
        passphrase: fields.get("passphrase").and_then(|node| key_source::passphrase(reader, node)),
        ca: fields.get("ca").map(|node| authorities(reader, node)).unwrap_or_default(),
        ca_only: fields.get("ca_only").and_then(|node| reader.boolean(node, "`ca_only`")).unwrap_or_default(),
        options: tls_options::options(reader, &fields),
    };
    if let (true, None, Some(entry)) = (tls.ca_only, fields.get("ca"), fields.entry("ca_only")) {
        reader.problems.push(
            Diagnostic::error(Code::MissingKey, "`ca_only` needs `ca`")
                .at(entry.key.span, "no server at all would be trusted")
                .help("add `ca: certificates/ca.pem`"),
        );
    }
    Some(tls)
}

fn authorities(reader: &mut Reader, node: &Node) -> Vec<String> {
    match &node.value {
        Value::List(items) => items.iter().filter_map(|item| path(reader, item, "`ca`")).collect(),
        _ => path(reader, node, "`ca`").into_iter().collect(),
    }
}

pub(super) fn path(reader: &mut Reader, node: &Node, subject: &str) -> Option<String> {
    let path = reader.text(node, subject)?;
    if path.contains("-----BEGIN ") {
        let help = "write it to a file and name the file here; a key does not belong into a suite's YAML";
        reader.secrets.push(node.span);
        reader.unusable(node, format!("{subject} must be the path of a file"), "this is the content", help);
        return None;
    }
    if path.trim().is_empty() || path.contains(['\n', '\0']) {
        reader.wrong(node, subject, "the path of a file", "");
        return None;
    }
    Some(path)
}

fn signing(reader: &mut Reader, node: &Node) -> Option<Signing> {
    let fields = reader.fields(node, &SIGNING)?;
    let profile = fields.required("profile", "profile: ing", reader);
    let is_command = |node: &&Node| matches!(node.value, Value::Map(_));
    let command = fields.get("key").filter(is_command).and_then(|node| key_source::command(reader, node));
    let key = fields.get("key").filter(|node| !is_command(node)).and_then(|node| path(reader, node, "`key`"));
    let pkcs12 = key_source::store(reader, &fields, &["key", "certificate", "secret"]);
    let passphrase = fields.get("passphrase").and_then(|node| key_source::passphrase(reader, node));
    key_source::check_passphrase(reader, &fields, "`signing`");
    key_source::check_public_key(reader, &fields);
    let public_key = fields.get("public_key").and_then(|node| path(reader, node, "`public_key`"));
    let secret = fields.get("secret").and_then(|node| reader.text(node, "`secret`"));
    let certificate = fields.get("certificate").and_then(|node| path(reader, node, "`certificate`"));
    let key_id = fields.get("key_id").and_then(|node| reader.text(node, "`key_id`"));
    if let (Some(first), Some(second)) = (fields.entry("key"), fields.entry("secret")) {
        reader.problems.push(
            Diagnostic::error(Code::WrongValue, "`signing` has both `key` and `secret`")
                .at(second.key.span, "the shared secret of an HMAC")
                .at(first.key.span, "the private key of a signature")
                .help("keep the one that the profile's algorithm needs"),
        );
    }
    let profiles = profile.and_then(|node| profile::choices(reader, node, &profile::OF_ENVIRONMENT))?;
    Some(Signing { profiles, key, command, pkcs12, passphrase, secret, certificate, public_key, key_id })
}
