//! JUnit XML, from the command line: by the rules of the schema, and with Python's parser.

use std::collections::BTreeSet;
use std::process::Command;

use roxmltree::Node;

use super::{every_way_to_end, run, xml};
use crate::support::{Project, have, python, said};

/// An element of `junit-10.xsd`: its attributes, those that must be there with `!`, and its elements.
/// Attributes and elements that countersign has no use for are left out.
type Rule = (&'static str, &'static [&'static str], &'static [&'static str]);

/// The form of Jenkins' schema that knows where a test case stands (JUnit 5 is tested with it).
const RULES: [Rule; 9] = [
    ("testsuites", &["name", "time", "tests", "failures", "errors"], &["testsuite"]),
    (
        "testsuite",
        &["name!", "tests!", "failures!", "errors!", "time", "skipped", "timestamp"],
        &["properties", "testcase"],
    ),
    ("properties", &[], &["property"]),
    ("property", &["name!", "value!"], &[]),
    (
        "testcase",
        &["name!", "time", "timestamp", "classname", "file", "line"],
        &["skipped", "error", "failure", "system-out"],
    ),
    ("skipped", &["type", "message"], &[]),
    ("error", &["type", "message"], &[]),
    ("failure", &["type", "message"], &[]),
    ("system-out", &[], &[]),
];

/// Panics where the report is not what the schema allows.
pub(super) fn holds(text: &str) {
    let document = xml(text);
    assert_eq!(document.root_element().tag_name().name(), "testsuites");
    for node in document.descendants().filter(Node::is_element) {
        let name = node.tag_name().name();
        let (_, attributes, elements) =
            RULES.iter().find(|rule| rule.0 == name).unwrap_or_else(|| panic!("<{name}>"));
        let allowed: BTreeSet<&str> = attributes.iter().map(|it| it.trim_end_matches('!')).collect();
        for attribute in node.attributes() {
            assert!(allowed.contains(attribute.name()), "<{name} {}>", attribute.name());
        }
        for required in attributes.iter().filter_map(|it| it.strip_suffix('!')) {
            assert!(node.has_attribute(required), "<{name}> without {required}");
        }
        for child in node.children().filter(Node::is_element) {
            assert!(elements.contains(&child.tag_name().name()), "<{}> in <{name}>", child.tag_name().name());
        }
        if let Some(time) = node.attribute("time") {
            assert!(time.parse::<f64>().is_ok_and(|time| time >= 0.0), "{time}");
        }
    }
}

fn case<'a>(document: &'a roxmltree::Document<'_>, name: &str) -> Node<'a, 'a> {
    let mut cases = document.descendants().filter(|node| node.has_tag_name("testcase"));
    cases.find(|case| case.attribute("name") == Some(name)).unwrap_or_else(|| panic!("{name}"))
}

fn text<'a>(case: Node<'a, 'a>, element: &str) -> &'a str {
    case.children()
        .find(|child| child.has_tag_name(element))
        .and_then(|child| child.text())
        .unwrap_or_default()
}

#[test]
fn a_ci_system_learns_from_junit_what_failed_where_and_why() {
    let project = every_way_to_end();
    let said = run(&project, &["junit"]);
    said.ends_with(5);
    holds(&said.out);
    let document = xml(&said.out);
    let suites: Vec<&str> = document
        .descendants()
        .filter(|node| node.has_tag_name("testsuite"))
        .map(|suite| suite.attribute("name").unwrap())
        .collect();
    let folders: BTreeSet<&str> = suites.iter().copied().collect();
    assert_eq!(suites.len(), folders.len(), "{suites:?}");
    let wanted = ["requests (embedded)", "requests/payments (embedded)", "requests/payments (lost)"];
    assert_eq!(folders, BTreeSet::from(wanted));

    let bad = case(&document, "payments/pay@bad");
    assert_eq!(bad.attribute("classname"), Some("requests/payments/pay.yaml (embedded)"));
    assert_eq!(
        (bad.attribute("file"), bad.attribute("line")),
        (Some("requests/payments/pay.yaml"), Some("7"))
    );
    assert!(chrono::DateTime::parse_from_rfc3339(bad.attribute("timestamp").unwrap()).is_ok());
    let failure = bad.children().find(|child| child.has_tag_name("failure")).unwrap();
    assert_eq!(failure.attribute("type"), Some("expect.body"));
    let told = "`$.message` is \"Welcome to ING!\", wanted equals \"Goodbye\"";
    assert_eq!(failure.attribute("message"), Some(told));
    for part in
        ["expect.body: `$.message` is", "--> requests/payments/pay.yaml:7:28", "^^ wanted equals \"Goodbye\""]
    {
        assert!(text(bad, "failure").contains(part), "{part} is not in {}", text(bad, "failure"));
    }
    for part in [
        "[[PROPERTY|environment=embedded]]",
        "[[PROPERTY|attempts=1]]",
        "> GET https://127.0.0.1:",
        "< HTTP/",
    ] {
        assert!(text(bad, "system-out").contains(part), "{part} is not in {}", text(bad, "system-out"));
    }
    let new = text(case(&document, "new"), "failure");
    assert!(
        new.contains("snapshot.new: there is no snapshot")
            && new.contains("\n+  \"message\": \"Welcome to ING!\","),
        "{new}"
    );
    let greeting = text(case(&document, "greeting"), "system-out");
    assert!(
        greeting.contains("[[PROPERTY|snapshot=snapshots/greeting.snap]]\n[[PROPERTY|comparison=match]]"),
        "{greeting}"
    );
    let error =
        case(&document, "payments/lost").children().find(|child| child.has_tag_name("error")).unwrap();
    assert_eq!(error.attribute("type"), Some("connect.failed"));
    let off = case(&document, "off").children().find(|child| child.has_tag_name("skipped")).unwrap();
    assert_eq!(off.attribute("message"), Some("not # now"));
}

#[test]
fn files_are_named_from_the_repository_so_that_a_ci_system_finds_them() {
    let project = Project::shipped();
    std::fs::create_dir(project.path().join("bank")).unwrap();
    for folder in ["requests", "snapshots"] {
        std::fs::rename(project.path().join(folder), project.path().join("bank").join(folder)).unwrap();
    }
    std::fs::create_dir(project.path().join(".git")).unwrap();
    let said = project.run(&["run", "--suite", "bank", "--report", "junit"]);
    said.ends_with(0);
    assert_eq!(case(&xml(&said.out), "token").attribute("file"), Some("bank/requests/token.yaml"));
}

/// Python's parser is expat, which shares nothing with ours.
const COUNTS: &str = "
import sys, xml.etree.ElementTree as tree
root = tree.parse(sys.argv[1]).getroot()
print(*(len(root.findall('.//' + name)) for name in ('testcase', 'failure', 'error', 'skipped')))
";

pub(super) fn counted_by_python(project: &Project, path: &str) -> Option<String> {
    let python = python().or_else(|| have("python3").then(|| "python3".into()))?;
    let counted = Command::new(python).args(["-c", COUNTS]).arg(project.path().join(path)).output().unwrap();
    Some(said(&counted).ends_with(0).out.trim().to_owned())
}

#[test]
fn another_parser_counts_the_same_cases() {
    let project = every_way_to_end();
    run(&project, &["junit=j.xml"]).ends_with(5);
    if let Some(counts) = counted_by_python(&project, "j.xml") {
        assert_eq!(counts, "8 2 1 2");
    }
}
