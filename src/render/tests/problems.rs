//! What is said when a request can't be rendered, and where.

use serde_json::json;

use super::{Desk, ENVIRONMENT};

const PATH: &str = "requests/pay.yaml";

#[test]
fn every_problem_of_a_request_is_reported_at_once_each_at_its_place() {
    let desk = Desk::new(
        "variables:\n  amount: 1\n  broken: \"{{ amuont }}\"\nmethod: POST\nendpoint: /{{ acount }}\n\
         headers:\n  X-A: 'a ''{{ amnt }}'\n  X-B: [\"\\u00e9 {{ broken }}\"]\n\
         body:\n  json:\n    a: \"{{ broken }}\"\n    text: |\n      one\n      {{ nope }} two\n\
         expect:\n  body:\n    $.a: \"{{ expcted }}\"\n    $.b: {equals: [\"{{ amountt }}\"]}\n",
    );
    let defined = "defined here: `amount`, `broken`";
    let meant = "did you mean `amount`?";
    assert_eq!(
        desk.problems(),
        [
            format!("{PATH}:5:15 ‘acount’ render.undefined: `acount` is not defined | {meant} | {defined}"),
            format!("{PATH}:7:16 ‘amnt’ render.undefined: `amnt` is not defined | {defined}"),
            format!("{PATH}:3:15 ‘amuont’ render.undefined: `amuont` is not defined | {meant} | {defined}"),
            format!("{PATH}:14:10 ‘nope’ render.undefined: `nope` is not defined | {defined}"),
            format!("{PATH}:17:14 ‘expcted’ render.undefined: `expcted` is not defined | {defined}"),
            format!(
                "{PATH}:18:24 ‘amountt’ render.undefined: `amountt` is not defined | {meant} | {defined}"
            ),
        ]
    );
}

#[test]
fn variables_that_need_each_other_are_a_circle_not_an_endless_loop() {
    let desk = Desk::new("variables: {a: \"{{ b }}\", b: \"x{{ a }}\"}\nmethod: GET\nendpoint: /{{ a }}\n");
    assert_eq!(
        desk.problems(),
        [format!(
            "{PATH}:1:16 ‘\"{{{{ b }}}}\"’ render.failed: variables need each other: a → b → a | the circle closes here"
        )]
    );
    let desk = Desk::new("variables: {a: \"{{ a }}\"}\nmethod: GET\nendpoint: /{{ a }}\n");
    assert!(desk.problems()[0].contains("the variable `a` needs itself"), "{:?}", desk.problems());
}

#[test]
fn a_value_that_can_not_stand_in_a_header_is_refused_without_being_shown() {
    for (value, fault) in [
        ("hunter2\r\nX-Evil: 1", "has a line break in it"),
        ("hunter2\n", "ends with a line break"),
        ("hunter2\0", "has a control character in it"),
        ("hunter2\u{7f}", "has a control character in it"),
        ("hunter2\u{85}", "has a control character in it"),
        ("hunter2é", "has characters that are not ASCII"),
        (" hunter2", "begins or ends with a blank, which is lost on the way"),
    ] {
        let help = "a header holds printable ASCII on one line; encode other values, as with `| base64`";
        let desk = Desk::new("method: GET\nendpoint: /\nheaders: {X-V: \"{{ token.v }}\"}\n");
        let said = desk.after_token(&json!({"v": value}), None).problems();
        assert_eq!(
            said,
            [format!(
                "{PATH}:3:16 ‘\"{{{{ token.v }}}}\"’ render.unusable: the value of the header `X-V` {fault} | {help}"
            )]
        );
        if value.starts_with(' ') {
            continue;
        }
        let desk = Desk::new("token: token\nmethod: GET\nendpoint: /\n");
        let said = desk.after_token(&json!({"access_token": value}), None).problems();
        assert_eq!(
            said,
            [format!("{PATH}:1:8 ‘token’ render.unusable: the token `access_token` {fault} | {help}")]
        );
    }
}

#[test]
fn a_token_that_is_no_token_is_never_sent() {
    for (captured, wanted) in [
        (json!({}), "render.undefined: `token` has captured no `access_token`"),
        (json!({"access_token": ""}), "render.unusable: the token `access_token` is empty"),
        (json!({"access_token": null}), "render.unusable: the token `access_token` is null, not text"),
        (json!({"access_token": {}}), "render.unusable: the token `access_token` is a map, not text"),
    ] {
        let desk = Desk::new("token: token\nmethod: GET\nendpoint: /\n").after_token(&captured, None);
        let said = desk.problems();
        assert!(said[0].starts_with(&format!("{PATH}:1:8 ‘token’ {wanted}")), "{said:?}");
    }
    let desk = Desk::new("token: token\nmethod: GET\nendpoint: /\nheaders: {authorization: x}\n");
    let said = desk.after_token(&json!({"access_token": "a"}), None).problems();
    assert!(
        said[0].contains("the token goes into `Authorization`, and the request sets that header itself"),
        "{said:?}"
    );
}

#[test]
fn a_url_that_would_be_another_than_it_seems_is_refused() {
    for (endpoint, value, wanted) in [
        (
            "/a/{{ token.v }}/b",
            "..",
            "the path of the endpoint has a `.` or `..` in it, which leads elsewhere",
        ),
        (
            "/a/.{{ token.v }}/b",
            ".",
            "the path of the endpoint has a `.` or `..` in it, which leads elsewhere",
        ),
        ("{{ token.v }}", "/accounts", "the endpoint begins with an inserted value that has a `/`"),
        (
            "{{ token.v }}",
            "https://bank.example/x",
            "the endpoint begins with an inserted value that has a `/`",
        ),
        (
            "{{ token.v | safe }}",
            "https://bank.example/x\n",
            "the endpoint has a line break or control character",
        ),
        ("{{ token.v | safe }}", "https://u:p@bank.example/x", "the endpoint contains credentials"),
        ("{{ token.v | safe }}", "http://bank.example/x", "the endpoint is not encrypted"),
        ("{{ token.v | safe }}", "file:///etc/passwd", "the endpoint is not sent over HTTP"),
        ("/{{ token.v | safe }}", "a#b", "the endpoint has a fragment"),
    ] {
        let desk = Desk::new(&format!("method: GET\nendpoint: \"{endpoint}\"\n"));
        let said = desk.after_token(&json!({"v": value}), None).problems();
        assert!(
            said[0].starts_with(&format!("{PATH}:2:11 ‘\"{endpoint}\"’ render.unusable: {wanted}")),
            "{said:?}"
        );
    }
}

#[test]
fn what_has_no_text_is_refused_where_text_is_needed() {
    for (request, wanted) in [
        ("query: {q: \"{{ none }}\"}", "`q` is null"),
        ("query: {q: \"{{ token.map }}\"}", "`q` is a map"),
        ("body: {form: {q: \"{{ [[1]] }}\"}}", "`q` is a list within a list"),
        ("headers: {q: \"{{ token.list }}\"}", "`token.list` is a list; join it"),
        ("body: {file: \"{{ token.list[1] }}\"}", "`../outside` lies outside"),
        ("body: {file: \"{{ token.list[0] }}\"}", "`missing.json` "),
    ] {
        let desk = Desk::new(&format!("method: POST\nendpoint: /\n{request}\n"));
        let said =
            desk.after_token(&json!({"map": {}, "list": ["missing.json", "../outside"]}), None).problems();
        assert!(said[0].contains(wanted), "{request}: {said:?}");
    }
}

#[test]
fn a_mistake_in_an_environment_is_reported_in_its_file() {
    for (environment, wanted) in [
        (
            "host: \"https://{{ nam }}.example\"\nvariables: {name: a}\n",
            "requests/environments/e.yaml:1:19 ‘nam’ render.undefined: `nam` is not defined | did you mean `name`?",
        ),
        (
            "host: \"{{ h }}\"\nvariables: {h: \"http://bank.example\"}\n",
            "requests/environments/e.yaml:1:7 ‘\"{{ h }}\"’ render.unusable: `host` is not encrypted",
        ),
        (
            "host: \"{{ h }}\"\nvariables: {h: \"https://bank.example?a\"}\n",
            "requests/environments/e.yaml:1:7 ‘\"{{ h }}\"’ render.unusable: `host` has a query or fragment",
        ),
        (
            "host: https://bank.example\ntls: {certificate: a, key: \"{{ x }}\"}\n",
            "requests/environments/e.yaml:2:32 ‘x’ render.undefined: `x` is not defined",
        ),
    ] {
        let said = Desk::with("method: GET\nendpoint: /\n", environment).problems();
        assert!(said[0].starts_with(wanted), "{said:?}");
    }
    let desk = Desk::with(
        "method: GET\nendpoint: /\n",
        &format!("{ENVIRONMENT}headers: {{X-A: \"{{{{ b }}}}\"}}\n"),
    );
    assert!(desk.problems()[0].starts_with("requests/environments/e.yaml:2:20 ‘b’ render.undefined"));
}

#[test]
fn a_misspelt_capture_is_found_at_its_place() {
    let desk = Desk::new("method: GET\nendpoint: /\nheaders: {A: \"Bearer {{ token.acces_token }}\"}\n");
    let said = desk.after_token(&json!({"access_token": "s3cr3t"}), None).problems();
    assert_eq!(
        said,
        [format!(
            "{PATH}:3:25 ‘token.acces_token’ render.undefined: `token` has no `acces_token` | did you mean `access_token`? | `token` has: `access_token`"
        )]
    );
}

#[test]
fn a_secret_that_is_not_set_is_known_without_rendering() {
    let desk = Desk::new("method: GET\nendpoint: /\nheaders: {A: \"{{ secret('NOPE') }}\"}\n");
    let unset = crate::render::unset(&desk.suite, &desk.suite.requests["pay"], "e", &desk.engine());
    let said: Vec<String> = unset.iter().map(|problem| desk.line(problem)).collect();
    let help = "export `NOPE`, or write `NOPE=…` into `.env`";
    let place = format!("{PATH}:3:18 ‘secret('NOPE')’");
    assert_eq!(said, [format!("{place} credentials.secret: the secret `NOPE` is not set | {help}")]);
}
