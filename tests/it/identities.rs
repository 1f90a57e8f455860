//! Several parties in one environment, against the embedded bank.

use crate::support::Project;

/// The second client of [`two_clients`].
const INTRUDER: &str = "
identities:
  intruder:
    variables:
      client_id: 0ddba11e-c0de-4bad-8c0d-0123456789ab
    tls:
      certificate: certificates/intruder_tls.crt
      key: certificates/intruder_tls.key
    signing:
      key: certificates/intruder_signing.key
";

/// A suite with a second client, and requests that keep no snapshots.
pub fn two_clients() -> Project {
    let project = Project::embedded();
    let environment = project.read("requests/environments/embedded.yaml") + INTRUDER;
    project
        .with("requests/environments/embedded.yaml", &environment)
        .with("requests/suite.yaml", "defaults: {snapshot: false}\n")
        .with(
            "requests/token.yaml",
            "method: POST\nendpoint: /oauth2/token\nbody: {form: {grant_type: client_credentials}}\n\
             expect: {status: 200, body: {$.client_id: '{{ client_id }}'}}\n\
             capture: {access_token: $.access_token}\n",
        )
}

const GREETING: &str = "token: token\nmethod: GET\nendpoint: /greetings/single\n";

#[test]
fn each_identity_gets_its_own_token_over_its_own_connection() {
    let project = two_clients()
        .with("requests/mine.yaml", &format!("{GREETING}expect: {{status: 200}}\n"))
        .with("requests/theirs.yaml", &format!("identity: intruder\n{GREETING}expect: {{status: 200}}\n"));
    let said = project.run(&["run", "mine", "theirs"]);
    said.ends_with(0);
    insta::assert_snapshot!(said.settled(), @r"
    countersign 0.1.0  embedded, embedded/intruder  4 requests

      ✓ token    POST /oauth2/token       200 [time]  signed ing · needed
      ✓ mine     GET  /greetings/single   200 [time]  signed ing
      ✓ token    POST /oauth2/token       200 [time]  signed ing · as intruder · needed
      ✓ theirs   GET  /greetings/single   200 [time]  signed ing · as intruder

    4 passed in [time]
    ");
    let listed = project.run(&["list", "theirs"]);
    insta::assert_snapshot!(listed.out, @r"
    token   POST /oauth2/token      embedded/intruder  (needed)
    theirs  GET  /greetings/single  embedded/intruder  after token
    ");
    let line = project.run(&["list", "theirs", "--json"]).out;
    assert!(line.contains(r#""identity":"intruder""#), "{line}");
    let explained = project.run(&["explain", "theirs"]).out;
    assert!(explained.contains("theirs  embedded/intruder"), "{explained}");
    assert!(explained.contains("token as intruder: its token is sent"), "{explained}");
    assert!(explained.contains("certificate certificates/intruder_tls.crt"), "{explained}");
    assert!(explained.contains("key        certificates/intruder_signing.key"), "{explained}");
}

#[test]
fn a_whole_suite_acts_as_an_identity_that_the_command_line_names() {
    let project = two_clients().with("requests/mine.yaml", &format!("{GREETING}expect: {{status: 200}}\n"));
    let said = project.run(&["run", "--env", "embedded/intruder"]);
    said.ends_with(0);
    assert!(said.out.contains("as intruder") && said.out.contains("2 passed"), "{}", said.out);
    let checked = project.run(&["certs", "check", "--env", "embedded/intruder"]);
    checked.ends_with(0);
    assert!(
        checked.out.contains("certificates/intruder_tls.key and certificates/intruder_tls.crt"),
        "{}",
        checked.out
    );
}

#[test]
fn every_key_of_every_identity_is_checked_before_anything_is_sent() {
    let project = two_clients()
        .with("requests/mine.yaml", &format!("{GREETING}expect: {{status: 200}}\n"))
        .with("requests/theirs.yaml", &format!("identity: intruder\n{GREETING}"))
        .with("certificates/intruder_tls.crt", "nothing")
        .with("certificates/intruder_tls.key", "nothing");
    let said = project.run(&["run"]);
    said.ends_with(4);
    assert!(!said.out.contains('✓'), "{}", said.out);
    assert!(said.err.contains("requests/environments/embedded.yaml:20:12"), "{}", said.err);
}
