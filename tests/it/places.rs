//! Where the problems of a run point: at the line that there is to change.

use crate::support::Project;

const ENDPOINT: &str = "name: a\nmethod: GET\nendpoint: /greetings/single\n";

/// Where the only problem of a run of `requests/a.yaml` with this code points.
#[track_caller]
fn place(request: &str, suite: &str, code: &str) -> String {
    let project = Project::embedded().with("requests/a.yaml", request).with("requests/suite.yaml", suite);
    let said = project.run(&["run"]).all();
    let (_, behind) =
        said.split_once(&format!("[{code}]")).unwrap_or_else(|| panic!("no {code} in:\n{said}"));
    let line = behind.lines().find(|line| line.trim_start().starts_with("--> "));
    line.unwrap_or_else(|| panic!("no place in:\n{said}")).trim_start().replace("--> requests/", "")
}

#[test]
fn a_snapshot_that_is_not_there_yet_points_at_the_key_that_asks_for_it() {
    let refused = "expect: {status: 401}\n";
    let written = format!("{ENDPOINT}{refused}snapshot:\n  headers: [content-type]\n");
    assert_eq!(place(&written, "environment: embedded\n", "snapshot.new"), "a.yaml:5:1");
    let by_default = format!("{ENDPOINT}{refused}");
    let suite = "defaults: {snapshot: {headers: [content-type]}}\n";
    assert_eq!(place(&by_default, suite, "snapshot.new"), "a.yaml:3:11");
}

#[test]
fn a_request_that_can_not_be_signed_points_at_the_header_in_the_way() {
    let taken = format!("{ENDPOINT}headers:\n  authorization: mine\n  signature: mine\n");
    assert_eq!(place(&taken, "environment: embedded\n", "sign.failed"), "a.yaml:6:3");
    let absent = "signing_profiles: {mine: {key_id: x, cavage: {algorithm: rsa-sha256, components: [x-none], carried_in: [{header: Signature}]}}}\n";
    let signed = format!("{ENDPOINT}sign: mine\n");
    assert_eq!(place(&signed, absent, "sign.failed"), "a.yaml:4:7");
}
