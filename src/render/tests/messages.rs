//! What goes out.

use bytes::Bytes;
use serde_json::json;

use super::{Desk, ENVIRONMENT};
use crate::message::Answer;
use crate::spec::{mentions, mentions_of_environment, mentions_of_variables};

/// A captured value that tries to be more than a value.
const NASTY: &str = "\"q\" \\ \n{{ secret('X') }}{% if %}é</a>&=+%";

#[test]
fn a_request_goes_out_as_it_is_written() {
    let desk = Desk::new(
        "variables: {iban: NL01, amount: 12.50}\n\
         method: POST\n\
         endpoint: /pay/{{ iban }}?a=b\n\
         query: {q: \"x y\", list: [1, true], n: \"{{ amount }}\"}\n\
         headers: {X-Two: [a, b], X-One: \"{{ amount }}\"}\n\
         body:\n  json: {amount: \"{{ amount }}\", text: \"EUR {{ amount }}\", z: null, a: [1.10, {x: \"{{ iban }}\"}]}\n",
    );
    assert_eq!(
        desk.sent(),
        "POST /base/pay/NL01?a=b&q=x%20y&list=1&list=true&n=12.50 bank.example\n\
         X-Two: a\nX-Two: b\nX-One: 12.50\nContent-Type: application/json\n\n\
         {\"amount\":12.50,\"text\":\"EUR 12.50\",\"z\":null,\"a\":[1.10,{\"x\":\"NL01\"}]}"
    );
}

#[test]
fn every_kind_of_body_has_its_bytes_and_its_type() {
    for (body, wanted) in [
        (
            "form: {grant_type: client_credentials, scope: [a b, c]}",
            "Content-Type: application/x-www-form-urlencoded\n\ngrant_type=client_credentials&scope=a+b&scope=c",
        ),
        ("text: \"a {{ 1 + 1 }}\\n\"", "Content-Type: text/plain; charset=utf-8\n\na 2\n"),
        ("file: bodies/a.json", "Content-Type: application/json\n\n{ \"as\":  \"it is\" }\n"),
        ("json: \"{{ [1, 'a'] }}\"", "Content-Type: application/json\n\n[1,\"a\"]"),
        (
            "json: \"a\\nb\"\nheaders: {content-type: application/vnd.x+json}",
            "content-type: application/vnd.x+json\n\n\"a\\nb\"",
        ),
    ] {
        let sent = Desk::new(&format!("method: POST\nendpoint: /\nbody:\n  {body}\n")).sent();
        assert_eq!(sent, format!("POST /base/ bank.example\n{wanted}"), "{body}");
    }
    assert_eq!(Desk::new("method: GET\nendpoint: /\n").sent(), "GET /base/ bank.example\n\n");
}

#[test]
fn a_captured_value_is_data_wherever_it_is_inserted() {
    let request = "token: token\nmethod: POST\nendpoint: /a/{{ token.v }}/b?c={{ token.v }}\n\
                   query: {q: \"{{ token.v }}\"}\nbody:\n  json: {v: \"{{ token.v }}\", w: \"x{{ token.v }}\"}\n";
    let desk = Desk::new(request).after_token(&json!({"v": NASTY, "access_token": "abc"}), None);
    let encoded = "%22q%22%20%5C%20%0A%7B%7B%20secret%28%27X%27%29%20%7D%7D%7B%25%20if%20%25%7D%C3%A9%3C%2Fa%3E%26%3D%2B%25";
    let sent = desk.sent();
    let (head, body) = sent.split_once("\n\n").unwrap();
    assert_eq!(
        head,
        format!(
            "POST /base/a/{encoded}/b?c={encoded}&q={encoded} bank.example\nAuthorization: Bearer abc\nContent-Type: application/json"
        )
    );
    let body: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(body, json!({"v": NASTY, "w": format!("x{NASTY}")}));
    let form = Desk::new("method: POST\nendpoint: /\nbody: {form: {v: \"{{ token.v }}\"}}\n");
    let sent = form.after_token(&json!({"v": NASTY}), None).sent();
    let body = sent.split_once("\n\n").unwrap().1;
    let pairs: Vec<_> = url::form_urlencoded::parse(body.as_bytes()).collect();
    assert_eq!(pairs, [("v".into(), NASTY.into())]);
}

#[test]
fn no_inserted_value_changes_the_host() {
    for value in [
        "@evil.example",
        "//evil.example",
        "\\\\evil.example",
        ".evil.example",
        ":1@evil.example",
        "?x",
        "#x",
    ] {
        for endpoint in ["/{{ token.v }}", "/a{{ token.v }}/b", "{{ token.v }}", "?{{ token.v }}"] {
            let desk = Desk::new(&format!("token: token\nmethod: GET\nendpoint: \"{endpoint}\"\n"));
            let desk = desk.after_token(&json!({"v": value, "access_token": "abc"}), None);
            if let Ok(rendered) = desk.render() {
                assert_eq!(rendered.message.host(), "bank.example", "{endpoint} {value}");
                assert!(rendered.own_origin, "{endpoint} {value}");
            }
        }
    }
}

#[test]
fn nothing_of_the_environment_goes_to_another_host() {
    let environment = "host: https://bank.example\nheaders: {X-Api-Key: k3y}\n";
    let request = |endpoint: &str| {
        format!("token: token\nmethod: GET\nendpoint: \"{endpoint}\"\nheaders: {{X-Own: a}}\n")
    };
    let captured = json!({"access_token": "abc", "next": "https://other.example/page?n=2"});
    for (endpoint, own, wanted) in [
        ("https://other.example/x", false, "GET /x other.example\nX-Own: a\n\n"),
        ("{{ token.next | safe }}", false, "GET /page?n=2 other.example\nX-Own: a\n\n"),
        ("http://127.0.0.1:8080/x", false, "GET /x 127.0.0.1:8080\nX-Own: a\n\n"),
        (
            "https://bank.example:443/x",
            true,
            "GET /x bank.example\nX-Own: a\nX-Api-Key: k3y\nAuthorization: Bearer abc\n\n",
        ),
        ("https://bank.example:444/x", false, "GET /x bank.example:444\nX-Own: a\n\n"),
        ("/x", true, "GET /x bank.example\nX-Own: a\nX-Api-Key: k3y\nAuthorization: Bearer abc\n\n"),
    ] {
        let desk = Desk::with(&request(endpoint), environment).after_token(&captured, None);
        assert_eq!(desk.sent(), wanted, "{endpoint}");
        let rendered = desk.render().unwrap();
        assert_eq!((rendered.own_origin, rendered.token), (own, own), "{endpoint}");
    }
}

#[test]
fn a_variable_is_filled_once_for_each_message_and_sees_the_names_of_its_user() {
    let environment = "host: https://bank.example\nvariables: {base: \"{{ bank }}-{{ id }}\", bank: a, list: [\"{{ bank }}\", 1]}\n";
    let request = "variables: {bank: b, id: \"{{ uuid() }}\"}\nmethod: POST\nendpoint: /\n\
                   body:\n  json: [\"{{ base }}\", \"{{ id }}\", \"{{ list }}\"]\n";
    let desk = Desk::with(request, environment);
    let sent = desk.sent();
    let body: Vec<serde_json::Value> = serde_json::from_str(sent.split_once("\n\n").unwrap().1).unwrap();
    assert_eq!(body[0], format!("b-{}", body[1].as_str().unwrap()));
    assert_eq!(body[2], json!(["b", 1]));
}

#[test]
fn what_the_command_line_gives_wins_and_is_taken_as_it_is() {
    let mut desk = Desk::new("variables: {v: file}\nmethod: GET\nendpoint: /\nheaders: {V: \"{{ v }}\"}\n");
    let by = crate::spec::GivenBy::Option;
    desk.given = vec![crate::spec::Given { name: "v".into(), value: "{{ nothing }}".into(), by }];
    assert_eq!(desk.sent(), "GET /base/ bank.example\nV: {{ nothing }}\n\n");
}

#[test]
fn an_answer_can_be_asked_for_everything_under_both_names() {
    let answer = Answer {
        status: 201,
        version: "HTTP/1.1".into(),
        headers: [("etag", "abc"), ("x", "1"), ("x", "2")].into_iter().collect(),
        body: Bytes::from_static(b"{\"items\":[{\"n\":1.10}]}"),
    };
    let request = "method: POST\nendpoint: /\nbody:\n  json:\n\
                   \x20   - \"{{ token.response.status }}\"\n\
                   \x20   - \"{{ requests['token'].response.headers['ETag'] }}{{ token.response.headers.x }}\"\n\
                   \x20   - \"{{ token.response.body['items'][0].n }}\"\n";
    let desk = Desk::new(request).after_token(&json!({}), Some(&answer));
    assert_eq!(desk.sent().split_once("\n\n").unwrap().1, "[201,\"abc1, 2\",1.10]");
    let text = Answer { body: Bytes::from_static(b"not {json}"), ..answer };
    let request = "method: POST\nendpoint: /\nbody: {text: \"{{ token.response.body }}\"}\n";
    let desk = Desk::new(request).after_token(&json!({}), Some(&text));
    assert_eq!(desk.sent().split_once("\n\n").unwrap().1, "not {json}");
}

#[test]
fn expectations_are_filled_with_their_types() {
    let request = "variables: {n: 3}\nmethod: GET\nendpoint: /\nexpect:\n  status: 2xx\n  headers: {x: {contains: \"{{ n }}\"}}\n  \
                   body: {$.n: \"{{ n }}\", $.all: {equals: [\"{{ n }}\"], exists: true}}\n";
    let rendered = Desk::new(request).render().unwrap();
    assert_eq!(rendered.expect.headers[0].1.0[0].operand, json!(3));
    assert_eq!(rendered.expect.body[0].1.0[0].operand, json!(3));
    assert_eq!(rendered.expect.body[1].1.0[0].operand, json!([3]));
}

#[test]
fn an_environment_is_filled_but_for_what_must_be_fresh() {
    let environment = "host: \"https://{{ name }}.example/v1\"\nvariables: {name: bank, id: client-1}\n\
                       tls: {certificate: \"c/{{ name }}.cer\", key: \"c/{{ name }}.key\", ca: [\"{{ name }}.ca\"]}\n\
                       headers: {X-Id: \"{{ uuid() }}\"}\n\
                       signing: {profile: ing, key: \"c/{{ name }}.pem\", key_id: \"{{ id }}\"}\n";
    let desk = Desk::with("method: GET\nendpoint: /x\n", environment);
    let party = desk.party().unwrap();
    assert_eq!(party.host.as_ref().unwrap().as_str(), "https://bank.example/v1");
    assert_eq!(party.tls.key.as_deref(), Some("c/bank.key"));
    assert_eq!(party.tls.ca, ["bank.ca"]);
    assert_eq!(party.signing.as_ref().unwrap().key.as_deref(), Some("c/bank.pem"));
    assert_eq!(party.client_id().as_deref(), Some("client-1"));
    assert_eq!(party.headers[0].1, ["{{ uuid() }}"]);
    assert!(desk.sent().starts_with("GET /v1/x bank.example\nX-Id: "));
    assert_eq!(Desk::with("method: GET\nendpoint: /\n", "host: embedded\n").party().unwrap().host, None);
}

#[test]
fn planning_finds_every_mention_with_its_place() {
    let desk = Desk::with(
        "variables: {a: [\"{{ v1 }}\"]}\nmethod: GET\nendpoint: /{{ e }}\nquery: {q: [\"{{ q1 }}\"]}\n\
         headers: {h: [\"{{ h1 }}\", \"{{ h2 }}\"], i: \"{{ i1 }}\"}\nbody: {json: {a/b: \"{{ token.access_token }}\"}}\n\
         expect: {body: {$.x: \"{{ x1 }}\", $.y: {contains: \"{{ y1 }}\"}}}\n",
        ENVIRONMENT,
    );
    let found: Vec<String> = mentions(&desk.suite.requests["pay"])
        .into_iter()
        .map(|(pointer, mention)| {
            format!("{pointer} {}", [vec![mention.name], mention.path].concat().join("."))
        })
        .collect();
    assert_eq!(
        found,
        [
            "/variables/a/0 v1",
            "/endpoint e",
            "/query/q/0 q1",
            "/headers/h/0 h1",
            "/headers/h/1 h2",
            "/headers/i i1",
            "/body/json/a~1b token.access_token",
            "/expect/body/$.x x1",
            "/expect/body/$.y/contains y1",
        ]
    );
}

#[test]
fn planning_finds_what_an_environment_adds_to_its_requests() {
    let environment = "host: https://bank.example\nvariables: {v: [\"{{ token.v }}\"]}\n\
                       headers: {X-A: \"{{ a }}\"}\nsigning: {profile: ing, key: k, key_id: \"{{ token.client_id }}\"}\n";
    let desk = Desk::with("method: GET\nendpoint: /\n", environment);
    let environment = &desk.suite.environments["e"];
    let found =
        [mentions_of_environment(environment), mentions_of_variables(&environment.variables)].concat();
    let found: Vec<String> =
        found.into_iter().map(|(pointer, mention)| format!("{pointer} {}", mention.name)).collect();
    assert_eq!(found, ["/headers/X-A a", "/signing/key_id token", "/variables/v/0 token"]);
}
