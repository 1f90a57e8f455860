//! Whether a token is bound to what the client showed: to the key of its proof (RFC 9449), to the
//! certificate of its connection (RFC 8705). Only a token that is a JWT can be looked into; an
//! opaque one is the server's word.

use serde_json::Value;

use super::Outcome;
use crate::diag::Code;
use crate::json::excerpt;
use crate::message::Answer;
use crate::secret::Redactor;
use crate::sign::unverified_claims;

/// What a request for a token showed.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The thumbprint of the key that its proof was made with.
    pub key: Option<&'a str>,
    /// The thumbprint of the certificate that it came with.
    pub certificate: Option<&'a str>,
    /// Whether the request says who the client is: what it says there it says of the certificate.
    pub authenticates: bool,
}

/// Judges the token in an answer, if there is one.
pub fn binding(shown: &Shown<'_>, answer: &Answer, redactor: &Redactor) -> Vec<Outcome> {
    let Some(body) = token_answer(answer) else { return Vec::new() };
    let claims = body["access_token"].as_str().and_then(unverified_claims).unwrap_or_default();
    let confirmed = |member: &str| claims["cnf"][member].as_str();
    let mut outcomes: Vec<Outcome> = shown.key.map(|_| token_type(&body, redactor)).into_iter().collect();
    if let (Some(ours), Some(bound)) = (shown.key, confirmed("jkt")) {
        outcomes.push(bound_to("/dpop", "jkt", ("the key of the proof", Some(ours)), bound));
    }
    if let Some(bound) = confirmed("x5t#S256") {
        let pointer = if shown.authenticates { "/client_authentication" } else { "/dpop" };
        outcomes.push(bound_to(pointer, "x5t#S256", ("the client certificate", shown.certificate), bound));
    }
    outcomes
}

/// The body of an answer that brings a token.
fn token_answer(answer: &Answer) -> Option<Value> {
    let body = serde_json::from_slice::<Value>(&answer.body).ok();
    body.filter(|body| answer.status / 100 == 2 && body["access_token"].is_string())
}

/// A token that a proof was sent for is a DPoP token; as any other it would be worth stealing.
fn token_type(body: &Value, redactor: &Redactor) -> Outcome {
    let got = body.get("token_type");
    let held = got.and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("DPoP"));
    Outcome {
        pointer: "/dpop".to_owned(),
        code: Code::ExpectToken,
        held,
        selector: "$.token_type".into(),
        wanted: "`DPoP`, since the request proves a key".into(),
        got: got.map_or_else(|| "not there".into(), |got| excerpt(got.to_string().as_bytes(), redactor)),
    }
}

fn bound_to(pointer: &str, member: &str, (what, ours): (&str, Option<&str>), bound: &str) -> Outcome {
    Outcome {
        pointer: pointer.to_owned(),
        code: Code::ExpectToken,
        held: ours == Some(bound),
        selector: format!("$.access_token, cnf.{member}"),
        wanted: match ours {
            Some(ours) => format!("the thumbprint of {what}: `{ours}`"),
            None => format!("no `{member}`: the request showed nothing of the kind"),
        },
        got: format!("`{}`", crate::diag::escape(bound)),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::message::Headers;

    fn answer(status: u16, kind: &str, cnf: &str) -> Answer {
        let claims = URL_SAFE_NO_PAD.encode(format!("{{\"cnf\":{cnf}}}"));
        let body = format!("{{\"access_token\":\"e30.{claims}.\",\"token_type\":\"{kind}\"}}");
        Answer { status, version: "HTTP/1.1".into(), headers: Headers::new(), body: body.into() }
    }

    fn failures(shown: &Shown<'_>, answer: &Answer) -> Vec<String> {
        let outcomes = binding(shown, answer, &Redactor::default());
        let failed = outcomes.iter().filter(|outcome| !outcome.held);
        failed
            .map(|outcome| format!("{}: {}, not {}", outcome.selector, outcome.got, outcome.wanted))
            .collect()
    }

    #[test]
    fn a_token_that_is_bound_to_something_else_is_told_with_both_thumbprints() {
        let shown = Shown { key: Some("ours"), certificate: Some("cert"), authenticates: false };
        assert_eq!(failures(&shown, &answer(200, "dpop", r#"{"jkt":"ours","x5t#S256":"cert"}"#)), [""; 0]);
        assert_eq!(
            failures(&shown, &answer(200, "Bearer", r#"{"jkt":"theirs","x5t#S256":"other"}"#)),
            [
                "$.token_type: \"Bearer\", not `DPoP`, since the request proves a key",
                "$.access_token, cnf.jkt: `theirs`, not the thumbprint of the key of the proof: `ours`",
                "$.access_token, cnf.x5t#S256: `other`, not the thumbprint of the client certificate: `cert`",
            ]
        );
        let no_certificate = Shown { certificate: None, ..shown };
        assert_eq!(
            failures(&no_certificate, &answer(200, "DPoP", r#"{"x5t#S256":"other"}"#)),
            [
                "$.access_token, cnf.x5t#S256: `other`, not no `x5t#S256`: the request showed nothing of the kind"
            ]
        );
    }

    #[test]
    fn a_refusal_an_opaque_token_and_an_answer_without_one_are_not_judged() {
        let shown = Shown { key: None, certificate: Some("cert"), authenticates: false };
        assert_eq!(failures(&shown, &answer(400, "Bearer", r#"{"x5t#S256":"other"}"#)), [""; 0]);
        assert_eq!(failures(&shown, &answer(200, "Bearer", "{}")), [""; 0]);
        let opaque = Answer { body: r#"{"access_token":"abc"}"#.into(), ..answer(200, "", "{}") };
        assert_eq!(failures(&shown, &opaque), [""; 0]);
    }
}
