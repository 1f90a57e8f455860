//! What a run learns that must never be shown: remembered before anything else looks at it.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use crate::check::{SECRET_NAMES, is_secret_name};
use crate::message::{Answer, Received, Start};
use crate::render::Client;
use crate::secret::Redactor;
use crate::sign::{SignedMessage, basic};

/// A signature can be replayed for as long as its date is fresh, and so can an assertion and a
/// proof. They are masked until everybody has been told of their request.
pub(super) fn remember_signature(redactor: &Redactor, signed: &SignedMessage) {
    for signature in signed.signatures() {
        redactor.remember_for_now("signature", &signature.value);
    }
    for token in signed.tokens() {
        redactor.remember_for_now(token.kind.mask(), &token.value);
    }
}

/// Everybody has been told.
pub(super) fn forget_signature(redactor: &Redactor, signed: &SignedMessage) {
    signed.signatures().iter().for_each(|signature| redactor.forget(&signature.value));
    signed.tokens().iter().for_each(|token| redactor.forget(&token.value));
}

/// The secret of a client, as it is and as `Authorization: Basic` holds it.
pub(super) fn remember_client(redactor: &Redactor, client: &Client) {
    let Some(filled) = &client.authentication else { return };
    if let Some(secret) = &filled.secret {
        redactor.remember("client_secret", secret);
        redactor.remember("client_credentials", &basic(&filled.client_id, secret));
    }
}

/// The cookies that a request writes, whose values nobody is shown.
pub(super) fn remember_written_cookies(redactor: &Redactor, cookies: &[(String, String)]) {
    for (name, value) in cookies {
        redactor.remember(name, value);
    }
}

/// Tokens in a JSON answer, whether or not the suite captures them.
pub(super) fn remember_answer(redactor: &Redactor, answer: &Answer) {
    if let Ok(body) = serde_json::from_slice::<Value>(&answer.body) {
        remember_tokens(redactor, &body);
    } else {
        remember_written(redactor, &String::from_utf8_lossy(&answer.body));
    }
    if answer
        .headers
        .get("content-type")
        .is_some_and(|kind| kind.to_ascii_lowercase().contains("x-www-form-urlencoded"))
    {
        remember_fields(redactor, &answer.body);
    }
    answer.headers.all("location").for_each(|target| remember_redirect(redactor, target));
    for cookie in answer.headers.all("set-cookie") {
        let pair = cookie.split(';').next().unwrap_or_default();
        if let Some((name, value)) = pair.split_once('=') {
            redactor.remember(name.trim(), value.trim());
        }
    }
}

/// The credentials in a message that somebody recorded: tokens and cookies, in fields and bodies.
pub fn remember_received(redactor: &Redactor, message: &Received) {
    for (name, value) in message.headers.iter() {
        match name.to_ascii_lowercase().as_str() {
            "authorization" | "proxy-authorization" => remember_credentials(redactor, value),
            "cookie" | "set-cookie" => remember_cookies(redactor, value),
            name if NAMES_OF_SECRETS.iter().any(|part| name.contains(part)) => redactor.remember(name, value),
            _ => {}
        }
    }
    if let Ok(body) = serde_json::from_slice::<Value>(&message.body) {
        remember_tokens(redactor, &body);
    }
    remember_fields(redactor, &message.body);
    match &message.start {
        Start::Request { target, .. } => {
            let query = target.split_once('?').map_or("", |(_, query)| query);
            remember_fields(redactor, query.as_bytes());
        }
        Start::Answer { request: Some(request), .. } => remember_received(redactor, request),
        Start::Answer { request: None, .. } => {}
    }
}

/// What an authorization server sends on in a redirect: codes and tokens, in the query or behind `#`
/// (RFC 6749, sections 4.1.2 and 4.2.2).
fn remember_redirect(redactor: &Redactor, target: &str) {
    let (rest, fragment) = target.split_once('#').unwrap_or((target, ""));
    let query = rest.split_once('?').map_or("", |(_, query)| query);
    for encoded in [query, fragment] {
        remember_fields(redactor, encoded.as_bytes());
        let codes = url::form_urlencoded::parse(encoded.as_bytes()).filter(|(name, _)| name == "code");
        codes.for_each(|(name, value)| redactor.remember(&name, &value));
    }
}

/// The secrets among the fields of a query or a form.
fn remember_fields(redactor: &Redactor, encoded: &[u8]) {
    for (name, value) in url::form_urlencoded::parse(encoded) {
        let lower = name.to_ascii_lowercase();
        if is_secret_name(&name) || NAMES_OF_SECRETS.iter().any(|part| lower.contains(part)) {
            redactor.remember(&name, &value);
        }
    }
}

/// Parts of the names of fields that hold a secret.
const NAMES_OF_SECRETS: [&str; 6] = ["api-key", "api_key", "apikey", "token", "secret", "password"];

/// What follows the scheme (RFC 9110, section 11.4), unless it is a signature: that is what is
/// looked at, and is good for one message.
fn remember_credentials(redactor: &Redactor, value: &str) {
    let (scheme, rest) = value.split_once(' ').unwrap_or(("", value));
    if let Some((_, token)) = rest.split_once("oauth_token=\"") {
        redactor.remember("oauth_token", token.split('"').next().unwrap_or_default());
    }
    if !["Signature", "OAuth", "AWS4-HMAC-SHA256"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        redactor.remember("authorization", rest.split([' ', ',', ';']).next().unwrap_or_default());
    }
}

fn remember_cookies(redactor: &Redactor, value: &str) {
    for (name, value) in value.split(';').filter_map(|pair| pair.split_once('=')) {
        redactor.remember(name.trim(), value.trim());
    }
}

/// Tokens in a text that is no JSON, or not quite: several values, something before or behind one, too
/// deep, in a page or a stream of events; and in XML.
fn remember_written(redactor: &Redactor, text: &str) {
    static NAMED: LazyLock<Regex> = LazyLock::new(|| {
        let name = format!("({})", SECRET_NAMES.join("|"));
        let json = format!(r#"{name}\\*["']?\s*[:=]\s*\\*["']([^"'<>\s]+)"#);
        let xml = format!(r"<(?:[A-Za-z0-9]+:)?{name}(?:\s[^>]*)?>\s*([^<>\s]+)");
        Regex::new(&format!("{json}|{xml}")).expect("a constant")
    });
    for found in NAMED.captures_iter(text) {
        let part = |at: usize| found.get(at).map(|part| part.as_str());
        let (Some(name), Some(value)) = (part(1).or(part(3)), part(2).or(part(4))) else { continue };
        let value = value.trim_end_matches('\\');
        redactor.remember(name, value);
        if let Ok(read) = serde_json::from_str::<String>(&format!("\"{value}\"")) {
            redactor.remember(name, &read);
        }
    }
}

/// Bounded by `serde_json`'s own limit on nesting.
fn remember_tokens(redactor: &Redactor, value: &Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(token) if is_secret_name(name) => {
                        redactor.remember(name, token);
                    }
                    // JSON in a text of JSON.
                    Value::String(text) => remember_written(redactor, text),
                    other => remember_tokens(redactor, other),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| remember_tokens(redactor, item)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_in_an_answer_that_is_not_quite_json() {
        let token = "t0ken/of-the.bank+ABC";
        let deep = format!("{{\"access_token\":\"{token}\",\"x\":{}1{}}}", "[".repeat(200), "]".repeat(200));
        let written = [
            format!("\u{feff}{{\"access_token\":\"{token}\"}}"),
            deep,
            format!("{{\"access_token\": \"{token}\",\"x\":\"\\ud800\"}}"),
            format!("{{\"a\":1}}\n{{\"refresh_token\":\"{token}\"}}\n"),
            format!(")]}}'\n{{\"id_token\":\"{token}\"}}"),
            format!("data: {{\"access_token\":\"{}\"}}\n\n", token.replace('/', "\\/")),
            serde_json::json!({"data": format!("{{\"access_token\":\"{token}\"}}")}).to_string(),
            format!("<r><ns:access_token xmlns:ns=\"x\">{token}</ns:access_token></r>"),
            format!("<script>var s = {{access_token: '{token}'}}</script>"),
        ];
        for body in written {
            let redactor = Redactor::default();
            let headers = crate::message::Headers::default();
            let answer =
                Answer { status: 200, version: "HTTP/1.1".into(), headers, body: body.clone().into() };
            remember_answer(&redactor, &answer);
            assert!(redactor.contains_secret(token), "{body}");
        }
    }

    #[test]
    fn credentials_of_a_recorded_message_are_known_wherever_they_stand_and_signatures_are_not_secret() {
        let headers = [
            ("Authorization", "Bearer t0ken-t0ken;Signature keyid=\"a\",signature=\"c2lnbmF0dXJl\""),
            ("Cookie", "session=c00kie-c00kie; theme=dark"),
            ("X-Api-Key", "ap1key-ap1key"),
        ];
        let body = r#"{"nested": [{"access_token": "b0dy-t0ken-b0dy"}]}"#.into();
        let start = Start::Request {
            method: "GET".into(),
            target: "/".into(),
            scheme: "https".into(),
            authority: None,
        };
        let request = Received { start, headers: headers.into_iter().collect(), body };
        let oauth = [("authorization", r#"OAuth oauth_token="0auth-t0ken",oauth_signature="c2lnbmF0dXJl""#)];
        let answer = Received {
            start: Start::Answer { status: 200, request: Some(Box::new(request)) },
            headers: oauth.into_iter().collect(),
            body: "client_secret=f0rm-secret%21".into(),
        };
        let redactor = Redactor::default();
        remember_received(&redactor, &answer);
        for secret in [
            "t0ken-t0ken",
            "c00kie-c00kie",
            "ap1key-ap1key",
            "b0dy-t0ken-b0dy",
            "0auth-t0ken",
            "f0rm-secret!",
        ] {
            assert!(redactor.contains_secret(secret), "{secret}");
        }
        assert_eq!(redactor.redact("c2lnbmF0dXJl"), "c2lnbmF0dXJl");
    }
}
