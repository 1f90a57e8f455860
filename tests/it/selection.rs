//! Which requests, snapshots and variables the command line means, and what it says when it means
//! none.

use crate::support::Project;

const REQUEST: &str = "method: GET\nendpoint: /greetings/single\ntoken: token\n";

fn suite() -> Project {
    Project::shipped()
        .with("requests/hello/one.yaml", &format!("{REQUEST}name: first\ntags: [smoke]\n"))
        .with("requests/hello/two.yaml", REQUEST)
        .with("requests/many.yaml", &format!("name: a\n{REQUEST}---\nname: b\n{REQUEST}"))
}

/// The names of the selected requests.
fn selected(project: &Project, arguments: &[&str]) -> Vec<String> {
    let said = project.run(&[&["list", "--json"], arguments].concat());
    said.ends_with(0);
    let steps = said.out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    steps.filter(|step| step["selected"] == true).map(|step| step["name"].as_str().unwrap().into()).collect()
}

#[test]
fn a_request_is_meant_by_name_file_folder_and_glob() {
    let project = suite();
    for pattern in [
        "hello/*",
        "hello",
        "requests/hello",
        "./requests/hello/",
        "requests/hello/*.yaml",
        "requests/hello/*",
        "requests/h*/*.yaml",
        "hello/{one,two}",
    ] {
        assert_eq!(selected(&project, &[pattern]), ["first", "hello/two"], "{pattern}");
    }
    for pattern in ["first", "hello/one", "hello/o*", "requests/hello/one.yaml", "fir*"] {
        assert_eq!(selected(&project, &[pattern]), ["first"], "{pattern}");
    }
    for pattern in ["requests/many.yaml", "many", "many/*"] {
        assert_eq!(selected(&project, &[pattern]), ["a", "b"], "{pattern}");
    }
}

#[test]
fn a_selection_of_nothing_says_why() {
    let project = suite();
    for (arguments, sentence) in [
        (&["--tag", "smok"][..], "no request has the tag `smok`; did you mean `smoke`?"),
        (&["--tag", "nightly"], "no request has the tag `nightly`; there are `oauth`, `showcase`, `smoke`"),
        (&["token", "--tag", "smoke"], "no request that was asked for has the tag `smoke`"),
        (&["first", "--skip-tag", "smoke"], "every request that was asked for has a tag to skip: `smoke`"),
        (&["greetng"], "no request matches `greetng`; did you mean `greeting`?"),
    ] {
        let said = project.run(&[&["list"], arguments].concat());
        said.ends_with(7);
        assert!(said.err.starts_with(&format!("error[plan.nothing_selected]: {sentence}")), "{}", said.err);
    }
}

#[test]
fn a_snapshot_is_meant_as_its_request_is_or_by_its_file() {
    let project = suite();
    let pending = || {
        project.run(&["run", "hello", "--snapshots", "new"]).ends_with(1);
        let listed = project.run(&["snapshots", "list"]).out;
        assert_eq!(
            listed,
            "new      first      snapshots/hello/one.snap\nnew      hello/two  snapshots/hello/two.snap\n"
        );
    };
    let both = "rejected snapshots/hello/one.snap\nrejected snapshots/hello/two.snap\n";
    for pattern in ["hello", "hello/*", "requests/hello/*.yaml"] {
        pending();
        assert_eq!(project.run(&["snapshots", "reject", pattern]).out, both, "{pattern}");
    }
    for pattern in ["first", "hello/one", "requests/hello/one.yaml", "snapshots/hello/one.snap"] {
        pending();
        let said = project.run(&["snapshots", "reject", pattern]);
        assert_eq!(said.out, "rejected snapshots/hello/one.snap\n", "{pattern}");
    }
    let said = project.run(&["snapshots", "accept", "greeting"]);
    said.ends_with(7);
    assert!(said.err.starts_with("error[snapshot.nothing_pending]: "), "{}", said.err);
}

#[test]
fn a_variable_that_nothing_mentions_is_warned_about() {
    let project =
        suite().with("requests/var.yaml", "method: GET\nendpoint: /{{ zone }}\nvariables: {zone: a}\n");
    let said = project.run(&["check", "var", "--var", "zome=b", "--var", "zone=c", "--var", "client_id=d"]);
    said.ends_with(0);
    assert_eq!(said.err.matches("warning[plan.unused_variable]").count(), 1, "{}", said.err);
    assert!(said.err.contains("`--var zome=…`") && said.err.contains("`zone`?"), "{}", said.err);
    let elsewhere = project.run(&["check", "token", "--var", "zone=c"]);
    assert!(elsewhere.err.contains("`--var zone=…` changes nothing"), "{}", elsewhere.err);
}

#[test]
fn what_is_wrong_with_a_suite_or_its_keys_has_a_code_wherever_it_is_told() {
    let project = suite().with("no.pem", "no key\n").with("no.key", "no key\n");
    for (code, exit, arguments) in [
        ("suite.not_found", 3, &["run", "--suite", "nowhere"][..]),
        ("sign.unknown_profile", 3, &["profiles", "show", "imng"]),
        ("credentials.certificate", 4, &["certs", "inspect", "no.pem"]),
        ("credentials.key", 4, &["certs", "check", "no.key", "no.pem"]),
        ("certs.io", 6, &["certs", "new", "a", "--dir", "no.pem"]),
    ] {
        let said = project.run(arguments);
        said.ends_with(exit);
        assert!(said.err.contains(&format!("error[{code}]: ")), "{arguments:?}:\n{}", said.err);
    }
}

#[test]
fn an_unknown_report_is_refused_with_those_that_there_are() {
    let said = suite().run(&["run", "--report", "bogus"]);
    said.ends_with(2);
    assert!(
        said.err.contains("no report is called `bogus`; there are `terminal`, `json`, `junit`, `tap`, "),
        "{}",
        said.err
    );
}

#[test]
fn the_next_step_is_told_only_where_there_is_something_to_see() {
    let request = "method: GET\nendpoint: /greetings/single\nexpect: {status: 200}\nsnapshot: false\n";
    let project = suite().with("requests/z.yaml", request);
    let refused = project.run(&["run", "z"]);
    assert!(refused.out.contains("see what would be sent: `countersign explain z`"), "{}", refused.out);
    project.write("requests/z.yaml", &format!("{request}headers: {{X: \"{{{{ 1 + 'a' }}}}\"}}\n"));
    let unmade = project.run(&["run", "z"]);
    unmade.ends_with(3);
    assert!(!unmade.out.contains("countersign explain"), "{}", unmade.out);
}
