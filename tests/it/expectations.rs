//! Every operator and selector, from the command line: one suite in which all hold, one in which none does.

use crate::support::{Canned, Project};

const TOKEN: &str = "method: POST
endpoint: /oauth2/token
body: {form: {grant_type: client_credentials}}
snapshot: false
expect:
  status: 200
  headers:
    content-length: {above: 20, below: 100000}
    content-type: {starts_with: application/, ends_with: json}
  body:
";

/// An expectation of the token answer that holds, and the same that does not.
const OPERATORS: &[(&str, &str)] = &[
    ("$.token_type: {equals: Bearer}", "$.token_type: {equals: MAC}"),
    ("$.error: {not: {exists: true}}", "$.token_type: {not: Bearer}"),
    ("$.scope: {contains: greetings}", "$.scope: {contains: payments}"),
    ("$: {includes: {token_type: Bearer}}", "$: {includes: {token_type: MAC}}"),
    ("$.keys[0].kty: {in: [RSA, EC]}", "$.keys[0].kty: {in: [oct]}"),
    ("$['token_type','token_type']: {unordered: [Bearer, Bearer]}", "$.keys: {unordered: []}"),
    ("$.access_token: {matches: '^[A-Za-z0-9_-]+$'}", "$.access_token: {matches: '^$'}"),
    ("$.expires_in: {type: integer}", "$.expires_in: {type: string}"),
    ("$.expires_in: {at_least: 900, at_most: 905}", "$.expires_in: {at_least: 906}"),
    ("$.expires_in: {near: {value: 900, by: 5}}", "$.expires_in: {near: {value: 0, by: 1}}"),
    ("$.access_token: {length: {at_least: 20}}", "$.access_token: {length: 1}"),
    ("$.keys: {each: {includes: {kty: EC}}}", "$.keys: {each: {includes: {kty: oct}}}"),
    ("$.keys: {any: {includes: {kty: EC}}}", "$.keys: {any: {includes: {kty: oct}}}"),
    ("header.date: {after: 2020-01-01}", "header.date: {before: 2020-01-01}"),
    ("size: {above: 100}", "size: {below: 100}"),
    ("'regex:\"token_type\":\"(\\w+)\"': Bearer", "'regex:\"token_type\":\"(\\w+)\"': MAC"),
    ("duration: {at_least: 0, below: 600000}", "duration: {above: 600000}"),
    ("url: {ends_with: /oauth2/token}", "url: {starts_with: 'http:'}"),
    ("certificate.subject: {contains: CN=}", "certificate.subject: CN=nobody"),
    ("certificate.issuer: {exists: true}", "certificate.issuer: {exists: false}"),
    ("certificate.san: {contains: 127.0.0.1}", "certificate.san: {contains: bank.example}"),
    ("certificate.serial: {matches: '^[0-9A-F]+$'}", "certificate.serial: '00'"),
    ("certificate.sha256: {matches: '^[0-9a-f]{64}$'}", "certificate.sha256: {length: 63}"),
    ("certificate.pin: {starts_with: sha256/}", "certificate.pin: {ends_with: sha256/}"),
    ("certificate.not_before: {before: \"{{ now() }}\"}", "certificate.not_before: {after: \"{{ now() }}\"}"),
    (
        "certificate.not_after: {after: \"{{ now(offset='+1h') }}\"}",
        "certificate.not_after: {after: \"{{ now(offset='+5200w') }}\"}",
    ),
    ("cookie.SID: {exists: false}", "cookie.SID: {exists: true}"),
    (
        "$.token_type: {sha256: \"{{ 'Bearer' | sha256 }}\"}",
        "$.token_type: {sha256: \"{{ 'bearer' | sha256 }}\"}",
    ),
];

fn token(expectation: &str) -> String {
    format!("{TOKEN}    {expectation}\n")
}

#[test]
fn every_operator_of_the_format_judges_a_real_answer() {
    let mut project = Project::embedded();
    for (number, (holds, fails)) in OPERATORS.iter().enumerate() {
        project = project
            .with(&format!("requests/holds/a{number}.yaml"), &token(holds))
            .with(&format!("requests/fails/a{number}.yaml"), &token(fails));
    }
    let said = project.run(&["run", "holds/**"]);
    said.ends_with(0);
    assert!(said.out.contains(&format!("{} passed", OPERATORS.len())), "{}", said.all());
    let said = project.run(&["run", "fails/**"]);
    said.ends_with(1);
    assert!(said.out.contains(&format!("{} failed", OPERATORS.len())), "{}", said.all());
}

#[test]
fn the_certificate_of_a_kept_connection_is_still_known() {
    let check = "method: GET\nendpoint: /oauth2/token\nsnapshot: false\nneeds: [NEEDED]\ncapture: {seen: certificate.sha256}\n";
    let mut project = Project::embedded().with("requests/r0.yaml", &check.replace("needs: [NEEDED]\n", ""));
    for number in 1..4 {
        let needed = format!("r{}", number - 1);
        let same = format!("expect: {{body: {{certificate.sha256: '{{{{ {needed}.seen }}}}'}}}}\n");
        project =
            project.with(&format!("requests/r{number}.yaml"), &(check.replace("NEEDED", &needed) + &same));
    }
    let said = project.run(&["run", "r3", "--report", "json"]);
    said.ends_with(0);
    let reused = said.out.lines().filter(|line| line.contains("\"tls_ms\":null")).count();
    assert!(reused > 0, "every request opened a connection of its own:\n{}", said.out);
}

#[test]
fn an_answer_that_takes_longer_than_it_may_fails_at_its_line() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let late = Canned::start(answer, std::time::Duration::from_millis(20));
    let project = Project::empty()
        .with("requests/environments/test.yaml", &format!("host: {}\n", late.url()))
        .with("requests/late.yaml", "method: GET\nendpoint: /\nsnapshot: false\nexpect: {within: 1ms}\n")
        .with("requests/fine.yaml", "method: GET\nendpoint: /\nsnapshot: false\nexpect: {within: 10m, body: {certificate.subject: {exists: false}}}\n");
    let said = project.run(&["run", "late"]);
    said.ends_with(1);
    assert!(said.out.contains("error[expect.duration]: `duration` is "), "{}", said.all());
    assert!(said.out.contains("wanted at most 1 ms"), "{}", said.all());
    assert!(said.out.contains("requests/late.yaml:4:18"), "{}", said.all());
    project.run(&["run", "fine"]).ends_with(0);
    assert_eq!(late.heads().len(), 2);
}

#[test]
fn a_template_takes_a_part_out_of_a_file_and_never_shows_a_part_of_a_secret() {
    let project = Project::embedded()
        .with("data/accounts.json", r#"[{"iban": "NL69INGB0123456789"}, {"iban": "NL02ABNA0123456789"}]"#)
        .with(".env", "CREDENTIALS='{\"user\": {\"word\": \"c0rrect-horse\"}}'\n")
        .with(
            "requests/a.yaml",
            r#"method: POST
endpoint: /anything
body:
  json:
    one: "{{ file('data/accounts.json') | jsonpath('$[1].iban') }}"
    all: "{{ file('data/accounts.json') | jsonpath('$[*].iban') }}"
    none: "{{ file('data/accounts.json') | jsonpath('$[7]', 'nobody') }}"
    word: "{{ secret('CREDENTIALS') | jsonpath('$.user.word') }}"
"#,
        )
        .with("requests/b.yaml", "method: GET\nendpoint: /\nquery: {a: \"{{ '{}' | jsonpath('$.x') }}\"}\n");
    let said = project.run(&["explain", "a"]);
    said.ends_with(0);
    for part in [
        "\"one\":\"NL02ABNA0123456789\"",
        "\"all\":[\"NL69INGB0123456789\",\"NL02ABNA0123456789\"]",
        "\"none\":\"nobody\"",
        "[CREDENTIALS]",
    ] {
        assert!(said.out.contains(part), "{part} is not in\n{}", said.all());
    }
    assert!(!said.all().contains("c0rrect"), "{}", said.all());
    let said = project.run(&["check", "b"]);
    said.ends_with(3);
    assert!(said.err.contains("finds nothing") && said.err.contains("requests/b.yaml:3:"), "{}", said.all());
}

#[test]
fn what_is_no_date_or_no_number_is_called_so() {
    let project = Project::embedded()
        .with("requests/date.yaml", &token("$.token_type: {before: 2020-01-01}"))
        .with("requests/number.yaml", &token("$.token_type: {above: 3}"));
    let said = project.run(&["run"]);
    said.ends_with(1);
    for sentence in [
        "`$.token_type` is \"Bearer\", which is not a date",
        "`$.token_type` is \"Bearer\", which is not a number",
    ] {
        assert!(said.all().contains(sentence), "{}", said.all());
    }
}

#[test]
fn a_failing_element_is_named_with_its_place() {
    let request = token("$['token_type','scope']: {each: {equals: Bearer}}");
    let said = Project::embedded().with("requests/a.yaml", &request).run(&["run", "a"]);
    said.ends_with(1);
    assert!(said.out.contains("; its element 1 is "), "{}", said.all());
    assert!(said.out.contains("wanted each equals \"Bearer\""), "{}", said.all());
}

#[test]
fn a_schema_judges_the_answer_and_names_each_place_that_is_wrong() {
    let good =
        r#"{"required": ["access_token"], "properties": {"expires_in": {"$ref": "parts/seconds.yaml"}}}"#;
    let wrong = r#"{"required": ["id"], "properties": {"expires_in": {"type": "string"}, "keys": {"items": {"required": ["n"]}}}}"#;
    let project = Project::embedded()
        .with("requests/good.yaml", &TOKEN.replace("  body:\n", "  schema: schemas/token.json\n"))
        .with("requests/wrong.yaml", &TOKEN.replace("  body:\n", "  schema: schemas/wrong.json\n"))
        .with("schemas/token.json", good)
        .with("schemas/parts/seconds.yaml", "type: integer\nminimum: 1\n")
        .with("schemas/wrong.json", wrong);
    project.run(&["run", "good"]).ends_with(0);
    let said = project.run(&["run", "wrong"]);
    said.ends_with(1);
    for line in [
        "error[expect.schema]: `$.expires_in` is wrong: 905 is not of type \"string\"",
        "`$.keys[0]` is wrong: ",
        "`$` is wrong: ",
        "wanted what `schemas/wrong.json` says",
        "requests/wrong.yaml:10:11",
    ] {
        assert!(said.out.contains(line), "{line} is not in\n{}", said.all());
    }
}

#[test]
fn a_mistake_in_an_xpath_is_told_at_its_place() {
    let request = "method: GET\nendpoint: /\nexpect: {body: {'xpath://Sts[last()]': ACSC}}\n";
    let said = Project::embedded().with("requests/a.yaml", request).run(&["check"]);
    said.ends_with(3);
    assert!(said.err.contains("the function `last()` is not supported"), "{}", said.all());
    assert!(said.err.contains("requests/a.yaml:3:"), "{}", said.all());
}
