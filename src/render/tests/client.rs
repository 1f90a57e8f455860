//! Who the client is: told once, at the right host, or not at all.

use serde_json::json;

use super::Desk;

const ENVIRONMENT: &str = "host: https://bank.example\nvariables: {client_id: me}\n";

fn desk(lines: &str) -> Desk {
    Desk::with(&format!("method: POST\n{lines}body: {{form: {{a: b}}}}\n"), ENVIRONMENT)
}

#[test]
fn another_host_is_told_who_the_client_is_only_where_the_request_writes_it_out() {
    let body = "client_authentication: {body: {secret: s3cret}}\n";
    let told = desk(&format!("endpoint: https://auth.example/token\n{body}")).render().unwrap();
    assert_eq!(told.client.authentication.unwrap().client_id, "me");

    let led =
        desk(&format!("endpoint: \"{{{{ 'https://auth.example' | safe }}}}/token\"\n{body}")).problems();
    assert!(led[0].contains("a template leads to `https://auth.example`"), "{led:?}");

    let tls = desk("endpoint: https://auth.example/token\nclient_authentication: tls\n").problems();
    assert!(tls[0].contains("certificate does not go to `https://auth.example`"), "{tls:?}");
}

#[test]
fn a_token_goes_under_the_word_of_its_kind_and_its_proof_is_for_it() {
    let request = "token: token\nmethod: GET\nendpoint: /\ndpop: {key: k}\n";
    let captured = json!({"access_token": "abc"});
    let sent = Desk::with(request, ENVIRONMENT).after_token(&captured, None).render().unwrap();
    assert_eq!(sent.message.headers.get("authorization"), Some("DPoP abc"));
    assert_eq!(sent.client.proof.unwrap().token.as_deref(), Some("abc"));

    let own_word = request.replace("token: token", "token: {from: token, scheme: Bearer, header: X-Token}");
    let sent = Desk::with(&own_word, ENVIRONMENT).after_token(&captured, None).render().unwrap();
    assert_eq!(sent.message.headers.get("x-token"), Some("Bearer abc"));
    assert_eq!(sent.client.proof.unwrap().token.as_deref(), Some("abc"));
}

#[test]
fn credentials_are_no_token() {
    let request = "method: GET\nendpoint: /\ndpop: {key: k}\nheaders: {Authorization: Basic bWU6c2VjcmV0}\n";
    let sent = Desk::with(request, ENVIRONMENT).render().unwrap();
    assert_eq!(sent.client.proof.unwrap().token, None);
    assert!(!crate::sign::has_token(&sent.message));
}
