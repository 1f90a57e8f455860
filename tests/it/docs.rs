//! What the documentation says is what the program does.

use std::collections::BTreeSet;
use std::fs;

use countersign::diag::Code;

use crate::support::{Project, repository};

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn every_code_is_documented_once_with_the_exit_code_that_it_has() {
    let documented = read("docs/errors.md");
    for code in Code::ALL {
        let class = match code.class() {
            countersign::diag::Class::Nothing => 7,
            countersign::diag::Class::Failed => 1,
            countersign::diag::Class::Suite => 3,
            countersign::diag::Class::Credentials => 4,
            countersign::diag::Class::Exchange => 5,
            countersign::diag::Class::Io => 6,
            countersign::diag::Class::Bug => 70,
        };
        let row = format!("| `{code}` | {class} |");
        assert_eq!(documented.matches(&row).count(), 1, "docs/errors.md has one row beginning `{row}`");
    }
    let rows =
        documented.lines().filter(|line| line.starts_with("| `") && line.matches('.').count() > 0).count();
    assert_eq!(rows, Code::ALL.len(), "docs/errors.md has no codes that do not exist");
    let distinct: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(distinct.len(), Code::ALL.len(), "no code is used twice");
}

/// The links between the pages lead somewhere.
#[test]
fn no_page_links_to_a_file_that_is_not_there() {
    let mut pages = vec!["README.md".to_owned(), "ARCHITECTURE.md".into(), "CONTRIBUTING.md".into()];
    for folder in ["docs", "docs/signing"] {
        for entry in fs::read_dir(repository().join(folder)).unwrap() {
            pages.push(format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy()));
        }
    }
    let link = regex::Regex::new(r"\]\(([^)#]+)[^)]*\)").unwrap();
    for page in pages.iter().filter(|page| page.ends_with(".md")) {
        let text = read(page);
        let folder = repository().join(page).parent().unwrap().to_owned();
        for target in link.captures_iter(&text).map(|found| found[1].to_owned()) {
            assert!(target.starts_with("http") || folder.join(&target).exists(), "{page} links to {target}");
        }
    }
}

/// The YAML of the pages is checked by the program itself.
#[test]
fn the_examples_of_the_format_page_are_accepted() {
    let page = read("docs/format.md");
    let blocks: Vec<&str> =
        page.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let [request, environment, suite] = blocks.as_slice() else { panic!("three YAML examples: {blocks:#?}") };
    let project = Project::embedded()
        .with("requests/token.yaml", &Project::shipped().read("requests/token.yaml"))
        .with("requests/greeting.yaml", request)
        .with("requests/environments/sandbox.yaml", environment)
        .with("requests/suite.yaml", suite);
    project.run(&["check"]).ends_with(0);
    let said = project.run(&["profiles", "list"]);
    assert!(said.out.contains("my-bank"), "{}", said.out);
}

#[test]
fn the_shipped_files_satisfy_the_published_schemas() {
    let project = Project::shipped();
    for (what, files) in [
        ("request", vec!["requests/token.yaml", "requests/greeting.yaml"]),
        (
            "environment",
            vec![
                "requests/environments/embedded.yaml",
                "requests/environments/sandbox.yaml",
                "requests/environments/production.yaml",
            ],
        ),
        ("suite", vec!["requests/suite.yaml"]),
    ] {
        let said = project.run(&["schema", what]);
        said.ends_with(0);
        let schema: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        for file in files {
            let value: serde_json::Value = serde_yaml::from_str(&project.read(file)).unwrap();
            let known = schema["properties"].as_object().unwrap();
            for key in value.as_object().unwrap().keys() {
                assert!(known.contains_key(key), "{file}: `{key}` is not in the schema of a {what}");
            }
        }
    }
}

#[test]
fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let said = Project::empty().run(&["completions", shell]);
        said.ends_with(0);
        assert!(said.out.contains("countersign"), "{shell}");
    }
}

/// What programs read is documented field by field.
#[test]
fn every_field_of_explain_and_list_is_documented() {
    let page = read("docs/running.md");
    let project = Project::shipped();
    for command in [["explain", "token"], ["list", "token"]] {
        let said = project.run(&[&command[..], &["--json"]].concat());
        let value: serde_json::Value = serde_json::from_str(&said.out).unwrap();
        for field in value.as_object().unwrap().keys() {
            assert!(page.contains(&format!("`{field}`")), "docs/running.md lacks `{field}` of {command:?}");
        }
    }
}

#[test]
fn a_digest_is_given_in_the_encodings_that_the_format_page_names() {
    let request = "method: GET\nendpoint: /\nheaders: {A: \"{{ 'a' | sha256 }}\", B: \"{{ 'a' | sha256('base64') }}\"}\n";
    let said = Project::embedded().with("requests/a.yaml", request).run(&["explain", "a"]);
    assert!(
        said.out.contains("A: ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
        "{}",
        said.out
    );
    assert!(said.out.contains("B: ypeBEsobvcr6wjGzmiPcTaeG7/gUfE5yuYB3ha/uSLs="), "{}", said.out);
}
