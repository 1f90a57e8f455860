//! Every way to tamper, against the embedded bank: each is refused by the check it is meant for.

use std::fmt::Write;

use crate::identities::two_clients;

/// Word, status, the check of the bank that refuses it, and a part of the reason.
const REFUSED: &[(&str, u16, &str, &str)] = &[
    ("body", 400, "digest", "the body's digest is"),
    ("digest", 400, "digest", "the body's digest is"),
    ("date(-1h)", 401, "date", "seconds behind"),
    ("date(+10m)", 401, "date", "seconds ahead"),
    ("signature", 401, "signature", "does not verify"),
    ("target", 401, "signature", "the query is missing"),
    ("drop(x-ing-reqid)", 401, "components", "the request does not have it"),
    ("drop(signature)", 401, "carrier", "there is no `Signature` field"),
    ("duplicate(digest)", 400, "digest", "several `Digest` fields"),
    ("duplicate(signature)", 401, "carrier", "several `Signature` fields"),
    ("unsigned(date)", 401, "components", "`date` must be signed too"),
    ("algorithm(rsa-sha512)", 401, "parameters", "the algorithm is `rsa-sha512`"),
    ("key(intruder)", 401, "signature", "the signing key of another client"),
    ("token_of(intruder)", 401, "token", "was given to another client"),
    ("certificate_of(intruder)", 401, "key_id", "another client"),
    ("replay", 401, "replay", "was used before"),
];

#[test]
fn each_word_is_refused_by_exactly_the_check_that_it_is_meant_for() {
    let mut requests = Vec::new();
    for (index, (word, status, check, reason)) in REFUSED.iter().enumerate() {
        let call = if *word == "body" {
            "method: POST\nendpoint: /oauth2/token\nbody: {form: {grant_type: client_credentials}}\n"
        } else {
            "method: GET\nendpoint: /greetings/single\ntoken: token\n"
        };
        let mut request = format!("name: t{index}\n{call}tamper: {word}\n");
        let _ = write!(
            request,
            "expect:\n  status: {status}\n  body:\n    $.detail.check: {check}\n    $.detail.reason: {{contains: {reason:?}}}\n"
        );
        requests.push(request);
    }
    let project = two_clients().with("requests/refused.yaml", &requests.join("---\n"));
    let said = project.run(&["run", "refused"]);
    said.ends_with(0);
    for (word, ..) in REFUSED {
        assert!(said.out.contains(&format!("signed ing · tampered: {word}")), "{word}: {}", said.out);
    }
}

#[test]
fn what_is_tampered_with_is_told_by_explain_and_in_the_report_for_machines() {
    let request = "token: token\nmethod: GET\nendpoint: /greetings/single\n\
                   tamper: [key(intruder), certificate_of(intruder)]\nexpect: {status: 401}\n";
    let project = two_clients().with("requests/refused.yaml", request);
    let explained = project.run(&["explain", "refused"]).out;
    assert!(explained.contains("tampered\n  key(intruder)\n  certificate_of(intruder)\n"), "{explained}");
    assert!(explained.contains("key        certificates/intruder_signing.key"), "{explained}");
    assert!(explained.contains("certificate certificates/intruder_tls.crt"), "{explained}");
    let report = project.run(&["run", "refused", "--report", "json"]);
    report.ends_with(0);
    assert!(
        report.out.contains(r#""tampered":["key(intruder)","certificate_of(intruder)"]"#),
        "{}",
        report.out
    );
}

#[test]
fn a_refusal_that_nobody_expected_says_why_where_the_server_does() {
    let request = "token: token\nmethod: GET\nendpoint: /greetings/single\n\
                   tamper: date(-1h)\nsnapshot: false\nexpect: {status: 200}\n";
    let said = two_clients().with("requests/refused.yaml", request).run(&["run", "refused"]);
    said.ends_with(1);
    // The clock of the server goes on while the request is under way.
    let why = |seconds: u32| {
        format!(
            "= help: the server says why: `Date` is {seconds} seconds behind the sandbox's clock; 300 are allowed"
        )
    };
    assert!((3600..3660).any(|seconds| said.out.contains(&why(seconds))), "{}", said.out);
}
