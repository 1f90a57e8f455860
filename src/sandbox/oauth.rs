//! `POST /oauth2/token`: the form that asks for a token, and the answer that brings it.
//!
//! Only `client_credentials` is given here. A parameter may stand once and unknown ones are
//! ignored, both as RFC 6749, section 3.2, wants it.

use serde_json::{Value, json};

use super::answer::{Problem, Refusal};
use super::clients::Client;
use super::log::{Check, shown};
use super::request::Received;
use super::routes::{GREETINGS, PAYMENT_REQUESTS};
use super::tokens::LIFE;

/// What the bank can grant; a call that names no scope gets all of it.
const SCOPES: [&str; 2] = [GREETINGS, PAYMENT_REQUESTS];

/// Check 10: the scopes that the form asks for.
pub(super) fn read_form(request: &Received, client: &Client) -> Result<Vec<&'static str>, Refusal> {
    let refuse = |message, reason: String| Refusal::new(Check::Form, Problem::TokenCall(message), reason);
    encoding(request).map_err(|reason| refuse("Missing or invalid Content-Type", reason))?;
    let malformed = |reason| refuse("Missing or invalid request body", reason);
    let form = form(&request.body).map_err(malformed)?;
    match form.value("grant_type").map_err(malformed)? {
        Some("client_credentials") => {}
        Some(other) => {
            let reason =
                format!("`grant_type` is `{}`, only `client_credentials` is given here", shown(other));
            return Err(refuse("Missing or invalid grant_type", reason));
        }
        None => return Err(refuse("Missing or invalid grant_type", "there is no `grant_type`".into())),
    }
    if let Some(other) = form.value("client_id").map_err(malformed)?.filter(|id| *id != client.client_id) {
        let reason = format!("`client_id` is `{}`, not the signer's", shown(other));
        return Err(refuse("Missing or invalid client_id", reason));
    }
    let scope = form.value("scope").map_err(malformed)?.unwrap_or_default();
    scopes(scope).map_err(|reason| refuse("Missing or invalid scope", reason))
}

/// Whether the token is asked for over mutual TLS alone, as some flavours do: nothing is signed, and
/// the form names the client.
pub(super) fn is_unsigned(request: &Received) -> bool {
    let carried = ["authorization", "signature"].iter().any(|name| request.head.headers.contains(name));
    let named = || form(&request.body).is_ok_and(|form| matches!(form.value("client_id"), Ok(Some(_))));
    !carried && named()
}

/// The answer that brings a token. `keys` are those that the bank signs with.
pub(super) fn granted(token: &str, scopes: &[&str], client: &Client, keys: &Value) -> Value {
    json!({
        "access_token": token,
        "expires_in": LIFE,
        "scope": scopes.join(" "),
        "token_type": "Bearer",
        "keys": keys,
        "client_id": client.client_id,
    })
}

fn encoding(request: &Received) -> Result<(), String> {
    let content_type = request.head.only("content-type").unwrap_or_default();
    let media = content_type.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(format!(
            "`Content-Type` is `{}`, not `application/x-www-form-urlencoded`",
            shown(content_type)
        ));
    }
    match request.head.headers.get("content-encoding") {
        None | Some("identity") => Ok(()),
        Some(coding) => Err(format!("`Content-Encoding: {}`: bodies are taken as they are", shown(coding))),
    }
}

fn scopes(asked: &str) -> Result<Vec<&'static str>, String> {
    let granted: Vec<_> = SCOPES
        .into_iter()
        .filter(|scope| asked.is_empty() || asked.split(' ').any(|wanted| wanted == *scope))
        .collect();
    match asked.split(' ').find(|wanted| !wanted.is_empty() && !SCOPES.contains(wanted)) {
        Some(unknown) => {
            Err(format!("there is no scope `{}` here, only `{}`", shown(unknown), SCOPES.join("` and `")))
        }
        None if granted.is_empty() => Err("`scope` is blank".into()),
        None => Ok(granted),
    }
}

struct Form(Vec<(String, String)>);

fn form(body: &[u8]) -> Result<Form, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8")?;
    let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Ok((decoded(name)?, decoded(value)?))
    });
    pairs.collect::<Result<_, String>>().map(Form)
}

fn decoded(text: &str) -> Result<String, String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
    decoded.map(Into::into).map_err(|_| format!("`{}` is not UTF-8 once decoded", shown(text)))
}

impl Form {
    /// The value of a parameter; an empty one counts as left out (RFC 6749, section 3.2).
    fn value(&self, name: &str) -> Result<Option<&str>, String> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let value = values.next().filter(|value| !value.is_empty());
        match values.next() {
            Some(_) => Err(format!("`{name}` stands twice")),
            None => Ok(value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let form = form(b"a=1&b=x+y%2Bz&&c&d=%C3%A9=").unwrap();
        assert_eq!(form.value("a"), Ok(Some("1")));
        assert_eq!(form.value("b"), Ok(Some("x y+z")));
        assert_eq!(form.value("c"), Ok(None));
        assert_eq!(form.value("d"), Ok(Some("é=")));
        assert_eq!(form.value("e"), Ok(None));
    }

    #[test]
    fn a_doubled_or_undecodable_parameter_is_an_error() {
        assert_eq!(form(b"a=1&a=1").unwrap().value("a"), Err("`a` stands twice".into()));
        assert!(form(b"a=%ff").is_err());
        assert!(form(b"a=\xff").is_err());
    }

    #[test]
    fn a_scope_is_granted_only_as_asked_and_known() {
        assert_eq!(scopes(""), Ok(SCOPES.to_vec()));
        assert_eq!(scopes("payment-requests:view"), Ok(vec![PAYMENT_REQUESTS]));
        assert!(scopes("greetings:view everything").unwrap_err().contains("no scope `everything`"));
        assert!(scopes(" ").is_err());
    }
}
