//! `cookies`, from the command line: against a server that gives some and looks which come back.

use crate::support::{Asked, Project, Said, Scripted, answer};

/// Gives the cookies that a path asks for.
fn giving() -> Scripted {
    Scripted::start(|_, heard| {
        let fields = match heard.target.as_str() {
            "/login" => {
                "Set-Cookie: session=s3cret-session-1; Path=/; HttpOnly\nSet-Cookie: only=here; Path=/login"
            }
            "/renew" => "Set-Cookie: session=s3cret-session-2; Path=/",
            "/logout" => "Set-Cookie: session=; Path=/; Max-Age=0",
            "/short" => "Set-Cookie: short=lived-cookie; Path=/; Expires=Mon, 23 Nov 2026 09:00:30 GMT",
            "/foreign" => "Set-Cookie: foreign=planted-cookie; Domain=bank.example; Path=/",
            _ => "",
        };
        answer(200, fields, "{}")
    })
}

fn suite(server: &Scripted) -> Project {
    let project = Project::empty()
        .with("requests/suite.yaml", "environment: bank\ndefaults: {snapshot: false}\n")
        .with(
            "requests/environments/bank.yaml",
            &format!("host: {}\nidentities: {{partner: {{}}}}\n", server.host()),
        );
    for name in ["login", "renew", "logout", "short", "foreign"] {
        project.write(&format!("requests/{name}.yaml"), &format!("method: GET\nendpoint: /{name}\n"));
    }
    project
}

/// What the request `a` sent, run with its needs.
fn sent(project: &Project, server: &Scripted, lines: &str, arguments: &[&str]) -> (String, Said) {
    project.write("requests/a.yaml", &format!("method: GET\nendpoint: /a\n{lines}"));
    let said = project.run(&[&["run", "a"], arguments].concat());
    said.ends_with(0);
    let last: Asked = server.heard().pop().unwrap();
    assert_eq!(last.target, "/a");
    (last.header("cookie").to_owned(), said)
}

#[test]
fn a_request_sends_the_cookies_that_its_needs_were_given_and_no_others() {
    let server = giving();
    let project = suite(&server);
    let cookies = |lines: &str| sent(&project, &server, lines, &[]).0;
    assert_eq!(cookies("needs: [login]\n"), "session=s3cret-session-1");
    assert_eq!(cookies(""), "", "somebody else's login is not its own");
    project.write("requests/renew.yaml", "needs: [login]\nmethod: GET\nendpoint: /renew\n");
    assert_eq!(cookies("needs: [renew]\n"), "session=s3cret-session-2", "through a chain, the newer one");
    project.write("requests/logout.yaml", "needs: [renew]\nmethod: GET\nendpoint: /logout\n");
    assert_eq!(cookies("needs: [logout]\n"), "", "what was taken back is gone");
    assert_eq!(cookies("needs: [foreign]\n"), "", "another domain's is not taken");
    assert_eq!(cookies("needs: [login]\ncookies: false\n"), "");
}

#[test]
fn cookies_of_the_request_stand_beside_the_received_ones_and_replace_those_of_their_name() {
    let server = giving();
    let project = suite(&server);
    let lines = "needs: [login]\nvariables: {id: \"c-1\"}\ncookies: {consent: \"{{ id }}\", count: 3}\n";
    assert_eq!(sent(&project, &server, lines, &[]).0, "session=s3cret-session-1; consent=c-1; count=3");
    let lines = "needs: [login]\ncookies: {session: mine-instead}\n";
    assert_eq!(sent(&project, &server, lines, &[]).0, "session=mine-instead");
    let lines = "needs: [login]\nheaders: {Cookie: by=hand}\n";
    assert_eq!(sent(&project, &server, lines, &[]).0, "by=hand");
}

/// The suite file, with what `cookies` is by default.
fn with_default(project: &Project, cookies: &str) {
    let text = format!("environment: bank\ndefaults:\n  snapshot: false\n  cookies: {cookies}\n");
    project.write("requests/suite.yaml", &text);
}

#[test]
fn default_cookies_are_sent_by_every_request_but_those_that_say_otherwise_name_by_name() {
    let server = giving();
    let project = suite(&server);
    with_default(&project, r#"{consent: "{{ id | default('all') }}", channel: web}"#);
    let cookies = |lines: &str| sent(&project, &server, lines, &[]).0;
    assert_eq!(cookies(""), "consent=all; channel=web");
    assert_eq!(cookies("variables: {id: mine}\n"), "consent=mine; channel=web");
    let own = "needs: [login]\ncookies: {channel: app, session: own}\n";
    assert_eq!(cookies(own), "consent=all; channel=app; session=own");
    assert_eq!(cookies("needs: [login]\ncookies: false\n"), "");
    assert_eq!(cookies("headers: {cookie: by=hand}\n"), "by=hand");
    let login = server.heard().into_iter().find(|heard| heard.target == "/login").unwrap();
    assert_eq!(login.header("cookie"), "consent=all; channel=web");
}

#[test]
fn no_cookies_by_default_are_sent_again_where_a_request_has_some_of_its_own() {
    let server = giving();
    let project = suite(&server);
    with_default(&project, "false");
    let cookies = |lines: &str| sent(&project, &server, lines, &[]).0;
    assert_eq!(cookies("needs: [login]\n"), "");
    assert_eq!(cookies("needs: [login]\ncookies: {}\n"), "session=s3cret-session-1");
    assert_eq!(cookies("needs: [login]\ncookies: {own: c-1}\n"), "session=s3cret-session-1; own=c-1");
    assert_eq!(cookies("headers: {Cookie: by=hand}\n"), "by=hand");
}

#[test]
fn a_default_cookie_is_hidden_and_told_of_at_its_place() {
    let server = giving();
    let project = suite(&server);
    with_default(&project, r#"{own: "{{ id }}"}"#);
    let lines = "variables: {id: my-own-cookie-value}\n";
    for arguments in [&["-v"][..], &["--report", "json"]] {
        let (cookie, said) = sent(&project, &server, lines, arguments);
        assert_eq!(cookie, "own=my-own-cookie-value");
        assert!(!said.all().contains("my-own-cookie-value"), "{}", said.all());
    }
    let explained = project.run(&["explain", "a"]);
    explained.ends_with(0);
    assert!(!explained.all().contains("my-own-cookie-value"), "{}", explained.all());
    assert!(explained.out.contains("requests/suite.yaml:4"), "{}", explained.out);
    let before = server.heard().len();
    project.write("requests/a.yaml", "method: GET\nendpoint: /a\nvariables: {id: a b}\n");
    let said = project.run(&["run", "a"]);
    said.ends_with(3);
    assert!(
        said.err.contains("the cookie `own`") && said.err.contains("requests/suite.yaml:4:18"),
        "{}",
        said.err
    );
    assert_eq!(server.heard().len(), before, "nothing was sent");
}

#[test]
fn a_cookie_ends_by_the_clock_of_the_run() {
    let server = giving();
    let project = suite(&server);
    let at = |now: &str| sent(&project, &server, "needs: [short]\n", &["--now", now]).0;
    assert_eq!(at("2026-11-23T09:00:29Z"), "short=lived-cookie");
    assert_eq!(at("2026-11-23T09:00:30Z"), "");
}

#[test]
fn an_identity_has_cookies_of_its_own() {
    let server = giving();
    let project = suite(&server);
    let lines = "identity: partner\nneeds: [login]\n";
    assert_eq!(sent(&project, &server, lines, &[]).0, "session=s3cret-session-1");
    let logins = server.heard().iter().filter(|heard| heard.target == "/login").count();
    assert_eq!(logins, 1, "it logged in itself");
}

#[test]
fn no_value_of_a_cookie_is_ever_shown() {
    let server = giving();
    let project = suite(&server);
    for report in [&["-v"][..], &["--report", "json"]] {
        let lines = "needs: [login]\ncookies: {own: my-own-cookie-value}\n";
        let (cookie, said) = sent(&project, &server, lines, report);
        assert_eq!(cookie, "session=s3cret-session-1; own=my-own-cookie-value");
        for secret in ["s3cret-session-1", "my-own-cookie-value"] {
            assert!(!said.all().contains(secret), "{}", said.all());
        }
    }
    let said = project.run(&["explain", "a", "--send"]);
    said.ends_with(0);
    assert!(
        !said.all().contains("s3cret-session-1") && !said.all().contains("my-own-cookie"),
        "{}",
        said.all()
    );
}

#[test]
fn a_value_that_would_be_two_cookies_is_refused_before_anything_is_sent() {
    let server = giving();
    let project = suite(&server);
    project.write("requests/a.yaml", "method: GET\nendpoint: /a\ncookies: {own: \"a; admin=1\"}\n");
    let said = project.run(&["run", "a"]);
    said.ends_with(3);
    assert!(said.err.contains("requests/a.yaml:3:16"), "{}", said.err);
    assert!(server.heard().is_empty());
}
