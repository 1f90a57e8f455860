//! What `requests/suite.yaml` says for every request, against the embedded bank.

use crate::support::Project;

const TOKEN: &str = "method: POST\nendpoint: /oauth2/token\nbody: {form: {grant_type: client_credentials}}\n\
                     capture: {access_token: $.access_token}\n";
const GREETING: &str = "method: GET\nendpoint: /greetings/single\n";

/// A suite with these defaults, a token and a greeting that says nothing of its own.
fn suite(defaults: &str) -> Project {
    Project::embedded()
        .with("requests/suite.yaml", &format!("defaults:\n  snapshot: false\n{defaults}"))
        .with("requests/token.yaml", TOKEN)
        .with("requests/greeting.yaml", GREETING)
}

#[test]
fn a_default_token_is_sent_by_every_request_but_those_that_it_needs_and_those_that_switch_it_off() {
    let session = "method: POST\nendpoint: /oauth2/token\nbody: {form: {grant_type: client_credentials}}\n\
                   capture: {id: $.client_id}\n";
    let project = suite("  token: token\n")
        .with("requests/session.yaml", session)
        .with("requests/token.yaml", &format!("{TOKEN}headers: {{X-Session: '{{{{ session.id }}}}'}}\n"))
        .with("requests/open.yaml", &format!("{GREETING}token: false\nexpect: {{status: 401}}\n"));
    let said = project.run(&["list"]);
    said.ends_with(0);
    insta::assert_snapshot!(said.out, @r"
    open      GET  /greetings/single  embedded
    session   POST /oauth2/token      embedded
    token     POST /oauth2/token      embedded  after session
    greeting  GET  /greetings/single  embedded  after token
    ");
    project.run(&["run"]).ends_with(0);
    let explained = project.run(&["explain", "greeting"]);
    assert!(explained.out.contains("Authorization: Bearer [access_token]"), "{}", explained.out);
    for name in ["session", "token", "open"] {
        let explained = project.run(&["explain", name]);
        assert!(!explained.out.contains("Bearer"), "{}", explained.out);
    }
}

#[test]
fn an_expectation_of_a_request_replaces_the_default_of_the_same_key_or_selector_only() {
    let project = suite(
        "  token: token\n  expect:\n    status: 200\n    body: {$.message: Nothing, $.id: {format: uuid}}\n",
    )
    .with(
        "requests/token.yaml",
        &format!("{TOKEN}expect: {{body: {{$.message: {{exists: false}}, $.id: {{exists: false}}}}}}\n"),
    )
    .with("requests/own.yaml", &format!("{GREETING}expect: {{body: {{$.message: Welcome to ING!}}}}\n"))
    .with(
        "requests/status.yaml",
        &format!("{GREETING}expect: {{status: 201, body: {{$.message: {{exists: true}}}}}}\n"),
    );
    let said = project.run(&["run"]);
    said.ends_with(1);
    for part in [
        "✓ token",
        "✓ own",
        "✗ greeting",
        "✗ status",
        "requests/suite.yaml:6:23",
        "requests/status.yaml:3:18",
    ] {
        assert!(said.all().contains(part), "{part} is not in:\n{}", said.all());
    }
    assert!(!said.all().contains("requests/suite.yaml:5:"), "the default status holds or is replaced");
}

#[test]
fn tags_are_added_to_and_query_is_completed_name_by_name() {
    let project = suite("  tags: [smoke, bank]\n  query: {channel: web, trace: 1}\n")
        .with(
            "requests/a.yaml",
            "method: GET\nendpoint: /a\ntags: [mine, bank]\nquery: {channel: app, own: 2}\n",
        )
        .with("requests/b.yaml", "method: GET\nendpoint: /b\nquery: [[own, 1], [trace, 2], [own, 3]]\n");
    let line = project.run(&["list", "a", "--json", "--tag", "smoke", "--tag", "mine"]);
    line.ends_with(0);
    assert!(line.out.contains(r#""tags":["mine","bank","smoke"]"#), "{}", line.out);
    for (name, wanted) in [
        ("a", "/a?trace=1&channel=app&own=2\n"),
        ("b", "/b?channel=web&own=1&trace=2&own=3\n"),
        ("greeting", "/greetings/single?channel=web&trace=1\n"),
    ] {
        let explained = project.run(&["explain", name]);
        explained.ends_with(0);
        assert!(explained.out.contains(wanted), "{wanted} is not in:\n{}", explained.out);
    }
}

#[test]
fn a_default_says_how_requests_are_signed_and_a_request_says_otherwise() {
    let project = suite("  sign: false\n").with("requests/signed.yaml", &format!("{GREETING}sign: ing\n"));
    assert!(project.run(&["explain", "greeting"]).out.contains("\nsignature\n  none\n"));
    assert!(project.run(&["explain", "signed"]).out.contains("profile    ing"));
    project.write("requests/suite.yaml", "defaults:\n  sign: inng\n");
    let said = project.run(&["check"]);
    said.ends_with(3);
    assert_eq!(said.err.matches("there is no signing profile").count(), 1, "{}", said.err);
    assert!(said.err.contains("requests/suite.yaml:2:9"), "{}", said.err);
}

#[test]
fn a_template_in_a_default_is_filled_for_each_request_and_told_of_at_its_place() {
    let project = suite("  query: {who: '{{ name }}'}\n")
        .with("requests/greeting.yaml", &format!("{GREETING}variables: {{name: Ada}}\n"));
    assert!(project.run(&["explain", "greeting"]).out.contains("?who=Ada"));
    let said = project.run(&["check"]);
    said.ends_with(3);
    assert!(said.err.contains("`name` is not defined"), "{}", said.err);
    assert!(said.err.contains("requests/suite.yaml:3:20"), "{}", said.err);
}
