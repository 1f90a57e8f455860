//! What a server may try on whoever reads a report, through the whole program (catalogue group O).

use serde_json::Value;

use super::{ended, gitlab, har, junit, xml};
use crate::support::{Project, Scripted, answer};

const NASTY: &str = "]]><!-- </failure></testcase><testcase name=\"x\"/> &lt; \u{1b}[31m \u{0}\u{b}\u{fffe}\u{ffff}\u{85}\n\
    ::error file=a,line=1::planted\n  ::stop-commands::x\n##[error]planted\n##vso[task.complete]\n\
    ``` \n````\n</details><img src=x onerror=alert(1)> @everyone | a | b |\n%0A::warning::planted\n";

/// The reports of a suite whose server answers this, with as many steps that fail.
fn reports(body: &'static str) -> Project {
    let server = Scripted::start(move |_, _| answer(200, "content-type: text/plain", body));
    let request = "method: GET\nendpoint: /a\nexpect: {status: 201, body: {body: {contains: never}}}\n";
    let project = Project::empty()
        .with("requests/environments/bank.yaml", &format!("host: {}\n", server.host()))
        .with("requests/a.yaml", request)
        .with("requests/b.yaml", request);
    let mut command = project.command(&[
        "run",
        "--report",
        "json=report.json",
        "--report",
        "junit=j.xml",
        "--report",
        "gitlab=g.json",
        "--report",
        "har=h.har",
        "--report",
        "tap=t.tap",
        "--report",
        "github=annotations.txt",
    ]);
    command.env("GITHUB_STEP_SUMMARY", project.path().join("summary.md"));
    assert_eq!(command.output().unwrap().status.code(), Some(1));
    project
}

#[test]
fn a_body_full_of_markup_and_commands_changes_no_report() {
    let (nasty, harmless) = (reports(NASTY), reports("harmless"));
    let of = |project: &Project| {
        let text = project.read("j.xml");
        junit::holds(&text);
        let elements: Vec<String> =
            xml(&text).descendants().map(|node| node.tag_name().name().to_owned()).collect();
        let findings: Vec<Value> = serde_json::from_str(&project.read("g.json")).unwrap();
        assert!(jsonschema::is_valid(&gitlab::schema(), &findings.clone().into()));
        let codes: Vec<Value> = findings.iter().map(|finding| finding["check_name"].clone()).collect();
        let entries = har::entries(&project.read("h.har")).len();
        let annotations: Vec<String> = project.read("annotations.txt").lines().map(property).collect();
        (elements, codes, entries, annotations, structure(&project.read("summary.md")), ended(project).len())
    };
    assert_eq!(of(&nasty), of(&harmless));
    if let Some(counts) = junit::counted_by_python(&nasty, "j.xml") {
        assert_eq!(counts, "2 2 0 0");
    }
    let entry = &har::entries(&nasty.read("h.har"))[0];
    assert_eq!(entry["response"]["content"]["text"].as_str(), Some(NASTY), "the text is the same, decoded");
    for path in ["j.xml", "t.tap", "annotations.txt", "summary.md", "g.json", "h.har"] {
        let text = nasty.read(path);
        let planted = |line: &str| {
            line.trim_start().starts_with("::stop") || line.contains("##[") || line.contains("##vso[")
        };
        assert!(
            !text.lines().any(planted) && !text.contains(['\u{1b}', '\u{0}', '\u{ffff}']),
            "{path}: {text}"
        );
    }
}

/// Everything of a command that is no data.
fn property(line: &str) -> String {
    line.split("::").take(2).collect::<Vec<_>>().join("::")
}

/// The elements of Markdown, without their text; blocks of HTML with their tags.
fn structure(markdown: &str) -> Vec<String> {
    use pulldown_cmark::{Event, Options, Parser};
    let tag = regex::Regex::new("</?[a-z]+[^>]*>").unwrap();
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
        .filter_map(|event| match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                Some(tag.find_iter(&html).map(|found| found.as_str().to_owned()).collect::<String>())
            }
            Event::Start(tag) => Some(format!("{tag:?}")),
            Event::End(tag) => Some(format!("{tag:?}")),
            _ => None,
        })
        .collect()
}
