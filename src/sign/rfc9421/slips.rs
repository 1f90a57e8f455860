//! Values that people sign in place of the right one: for each component the mistakes that are
//! made with it.

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::base;
use super::derived::{Parts, encoded_name};
use super::field;
use super::identifier::Identifier;
use crate::message::{Received, Start};
use crate::sign::cavage::variations::other_bodies;
use crate::sign::digest::Hash;

/// A value that may have been signed by mistake.
pub(super) struct Slip {
    /// What the mistake is.
    pub sentence: String,
    /// The value with it.
    pub value: String,
}

/// The mistakes that are made with a component whose value should be `right`.
pub(super) fn of(received: &Received, identifier: &Identifier, right: &str) -> Vec<Slip> {
    let Ok(message) = base::meant(received, identifier) else { return Vec::new() };
    let mut slips = match Parts::of(message) {
        Some(parts) if identifier.is_derived() => derived(&parts, identifier),
        _ if identifier.is_derived() => Vec::new(),
        _ => of_a_field(message, identifier, right),
    };
    if identifier.is_of_request() {
        slips.extend(of_the_answer(received, identifier));
    }
    slips
        .into_iter()
        .filter(|slip| slip.0 != right)
        .map(|(value, sentence)| Slip { sentence, value })
        .collect()
}

type Slips = Vec<(String, String)>;

fn derived(parts: &Parts<'_>, identifier: &Identifier) -> Slips {
    let slips = match identifier.name() {
        "@method" => of_method(parts),
        "@target-uri" => of_target_uri(parts),
        "@authority" => authorities(parts, &|host| host),
        "@scheme" => of_scheme(parts),
        "@request-target" => of_request_target(parts),
        "@path" => of_path(parts),
        "@query" => of_query(parts),
        "@query-param" => of_query_parameter(parts, identifier),
        _ => Vec::new(),
    };
    slips.into_iter().map(|(value, sentence)| (value, sentence.to_owned())).collect()
}

type Fixed = Vec<(String, &'static str)>;

fn of_method(parts: &Parts<'_>) -> Fixed {
    let Parts { method, target, .. } = parts;
    vec![
        (method.to_ascii_lowercase(), "`@method` is in lower case; it is signed as it is sent"),
        (format!("{method} {target}"), "`@method` holds the target too"),
    ]
}

fn of_target_uri(parts: &Parts<'_>) -> Fixed {
    let (Parts { scheme, path, .. }, authority) = (parts, parts.authority());
    let whole = parts.path_and_query();
    let mut slips = authorities(parts, &|host| format!("{scheme}://{host}{whole}"));
    slips.extend([
        (format!("{scheme}://{authority}{path}"), "the query is missing from `@target-uri`"),
        (whole.clone(), "`@target-uri` is only path and query; it is the whole URL"),
        ((*path).to_owned(), "`@target-uri` is only the path; it is the whole URL"),
        (format!("{}://{authority}{whole}", other_scheme(parts)), "`@target-uri` has another scheme"),
    ]);
    if whole == "/" {
        slips.push((format!("{scheme}://{authority}"), "`@target-uri` lacks the `/` of the empty path"));
    }
    slips
}

fn of_scheme(parts: &Parts<'_>) -> Fixed {
    vec![
        (parts.scheme.to_ascii_uppercase(), "`@scheme` is in upper case; it is signed in lower case"),
        (other_scheme(parts).to_owned(), "`@scheme` is another one"),
    ]
}

fn other_scheme(parts: &Parts<'_>) -> &'static str {
    if parts.scheme == "https" { "http" } else { "https" }
}

fn of_request_target(parts: &Parts<'_>) -> Fixed {
    let Parts { method, target, scheme, path, .. } = parts;
    let url = format!("{scheme}://{}{}", parts.authority(), parts.path_and_query());
    vec![
        ((*path).to_owned(), "the query is missing from `@request-target`"),
        (
            format!("{} {target}", method.to_ascii_lowercase()),
            "`@request-target` holds the method, as draft-cavage has it; here it is the target alone",
        ),
        (format!("{method} {target}"), "`@request-target` holds the method; it is the target alone"),
        (url, "`@request-target` is the whole URL; it is what the request line holds"),
    ]
}

fn of_path(parts: &Parts<'_>) -> Fixed {
    let path = parts.path;
    vec![
        (parts.path_and_query(), "`@path` holds the query too; that is `@request-target`"),
        (decoded(path), "`@path` is percent-decoded; sign it as it is sent"),
        (path.trim_end_matches('/').to_owned(), "`@path` lacks the `/` at its end"),
        (format!("{path}/"), "`@path` has a `/` at its end, and the request has none"),
    ]
}

fn of_query(parts: &Parts<'_>) -> Fixed {
    let query = parts.query.unwrap_or_default();
    vec![
        (query.to_owned(), "the `?` is missing from `@query`"),
        (decoded(&format!("?{query}")), "`@query` is percent-decoded; sign it as it is sent"),
    ]
}

/// The host written otherwise, where `place` puts it.
fn authorities(parts: &Parts<'_>, place: &dyn Fn(String) -> String) -> Fixed {
    let authority = parts.authority();
    let bare = authority.rsplit_once(':').map_or(authority.as_str(), |(host, _)| host).to_owned();
    vec![
        (
            place(format!("{authority}:{}", parts.default_port())),
            "the host is signed with its port; the scheme's own port is left out",
        ),
        (
            place(parts.host.clone()),
            "the host is signed as it is sent; it is signed in lower case, without the scheme's own port",
        ),
        (place(authority.to_ascii_uppercase()), "the host is in upper case; it is signed in lower case"),
        (place(bare), "the host is signed without its port"),
    ]
}

/// The value before it is decoded and encoded, and between the two.
fn of_query_parameter(parts: &Parts<'_>, identifier: &Identifier) -> Fixed {
    let Some(name) = identifier.query_name() else { return Vec::new() };
    let query = parts.query.unwrap_or_default();
    let mut slips = Fixed::new();
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        if encoded_name(&key.replace('+', " ")) == name {
            let sentence = "the query parameter is signed as it is sent; it is decoded and encoded anew";
            slips.push((value.to_owned(), sentence));
        }
    }
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        if encoded_name(&key) == name {
            let plus = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            slips.push((plus, "the blanks of the query parameter are `+`; they are `%20`"));
            slips.push((value.into_owned(), "the query parameter is decoded; it is percent-encoded again"));
        }
    }
    slips
}

fn of_a_field(message: &Received, identifier: &Identifier, right: &str) -> Slips {
    let name = identifier.name();
    let Some(joined) = field::joined(message, name) else { return Slips::new() };
    let mut slips = vec![
        (
            joined.clone(),
            format!("`{identifier}` is the field as it was sent; its parameter asks for another form"),
        ),
        (
            joined.replace(", ", ","),
            format!("the values of `{name}` are joined by a comma alone; a blank follows it"),
        ),
        (
            message.headers.get(name).unwrap_or_default().trim().to_owned(),
            format!("only the first of the lines of `{name}` was signed"),
        ),
    ];
    match joined.split_once(';') {
        Some((bare, _)) => {
            let bare = bare.trim_end().to_owned();
            slips.push((bare, format!("`{name}` was signed without its parameters, and sent with them")));
        }
        None if name == "content-type" => slips.extend(charsets(&joined)),
        None => {}
    }
    if let (true, Some((_, token))) = (name == "authorization", joined.split_once(' ')) {
        let sentence = "the word before the token is missing from `authorization`".to_owned();
        slips.push((token.to_owned(), sentence));
    }
    if name.ends_with("digest") {
        slips.extend(digests(message, name, right));
    }
    slips
}

/// What libraries add to a content type, before it is signed or behind that.
fn charsets(joined: &str) -> Slips {
    let charsets = ["; charset=utf-8", ";charset=utf-8", "; charset=UTF-8", ";charset=UTF-8"];
    let added = |charset: &str| {
        let sentence = format!("`content-type` was signed with `{charset}`, and sent without it");
        (format!("{joined}{charset}"), sentence)
    };
    charsets.map(added).into()
}

/// Digests of other bytes, or written otherwise.
fn digests(message: &Received, name: &str, right: &str) -> Slips {
    let Some((algorithm, _)) = right.split_once('=') else { return Slips::new() };
    let Some(hash) = Hash::named(algorithm) else { return Slips::new() };
    let mut slips = Slips::new();
    for (which, bytes) in other_bodies(&message.body) {
        let value = format!("{algorithm}=:{}:", hash.base64_of(&bytes));
        slips.push((
            value,
            format!("the `{name}` that was signed is that of {which}, not of the body that was sent"),
        ));
    }
    let base64 = hash.base64_of(&message.body);
    slips.push((
        crate::sign::digest::value(hash, &message.body),
        format!("the `{name}` that was signed is written as `Digest` is: `{}=…`", hash.name()),
    ));
    slips.push((
        format!("{algorithm}={base64}"),
        format!("the `{name}` that was signed lacks the colons around its base64"),
    ));
    slips.push((base64, format!("the `{name}` that was signed is bare base64")));
    slips
}

/// The answer's own component in place of the request's.
fn of_the_answer(received: &Received, identifier: &Identifier) -> Slips {
    let own = match &received.start {
        Start::Answer { .. } => field::joined(received, identifier.name()),
        Start::Request { .. } => None,
    };
    own.map(|own| (own, format!("`{identifier}` is that of the answer; `;req` means the request's")))
        .into_iter()
        .collect()
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
