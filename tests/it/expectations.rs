//! Every operator and selector, from the command line: one suite in which all hold, one in which none does.

use crate::support::Project;

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
