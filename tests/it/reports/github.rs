//! Annotations and job summary of GitHub Actions, from the command line.

use std::fs;

use super::every_way_to_end;
use crate::support::{Project, Said, said};

/// A run as in a job of GitHub Actions.
fn job(project: &Project, arguments: &[&str]) -> Said {
    let mut command = project.command(&[&["run"], arguments].concat());
    let summary = project.path().join("summary.md");
    said(&command.env("CI", "true").env("GITHUB_STEP_SUMMARY", summary).output().unwrap())
}

fn annotations(said: &Said) -> Vec<&str> {
    said.out.lines().filter(|line| line.starts_with("::")).collect()
}

#[test]
fn an_annotation_stands_at_the_line_of_yaml_and_the_log_can_still_be_read() {
    let project = every_way_to_end();
    fs::create_dir(project.path().join(".git")).unwrap();
    let said = job(&project, &["--report", "github"]);
    said.ends_with(5);
    let annotations = annotations(&said);
    assert_eq!(annotations.len(), 3, "{annotations:?}");
    assert_eq!(
        annotations[1],
        "::error file=requests/payments/pay.yaml,line=7,col=28,title=payments/pay@bad%3A expect.body::\
         `$.message` is \"Welcome to ING!\"%0A --> requests/payments/pay.yaml:7:28%0A  |%0A\
         7 | expect: {body: {$.message: \"{{ wanted }}\"}}%0A\
         \u{20} |                            ^^^^^^^^^^^^^^ wanted equals \"Goodbye\""
    );
    assert!(
        said.out.contains("✗ payments/pay@bad"),
        "the terminal's report stands before them: {}",
        said.out
    );
}

#[test]
fn a_report_for_machines_is_not_mixed_with_annotations() {
    let project = Project::shipped();
    let said = project.run(&["run", "--report", "json", "--report", "github"]);
    said.ends_with(2);
    assert!(said.err.contains("only one report can go to standard output"), "{}", said.err);
    project.run(&["run", "--report", "json=r.json", "--report", "github"]).ends_with(0);
    project.run(&["run", "--report", "terminal", "--report", "github"]).ends_with(0);
}

#[test]
fn what_waits_for_review_is_a_notice() {
    let project = every_way_to_end();
    let said = project.run(&["run", "new", "--report", "github"]);
    said.ends_with(1);
    assert!(
        said.out.ends_with("::notice title=pending snapshots::1 waiting: `countersign snapshots review`\n"),
        "{}",
        said.out
    );
}

#[test]
fn the_summary_is_added_to_what_other_commands_of_the_job_wrote() {
    let project = every_way_to_end().with("summary.md", "# before\n\n");
    job(&project, &["--report", "github"]).ends_with(5);
    let summary = project.read("summary.md");
    assert!(summary.starts_with("# before\n\n## countersign: 3 of 8 did not pass\n\n"), "{summary}");
    for part in [
        "| 3 | 2 | 1 | 2 |",
        "<td><code>payments/pay@bad</code></td><td><code>expect.body</code><br>\
         <code>`$.message` is \"Welcome to ING!\", wanted equals \"Goodbye\"</code></td><td><code>requests/payments/pay.yaml:7</code></td>",
        "<details><summary><code>new</code></summary>\n\n",
        "```diff\n",
        "<summary>slowest requests</summary>",
    ] {
        assert!(summary.contains(part), "{part} is not in {summary}");
    }
    let without = job(&project, &["--report", "json=r.json"]);
    without.ends_with(5);
    assert_eq!(project.read("summary.md"), summary, "only whoever asks for the report gets a summary");
}

#[test]
fn a_summary_that_cannot_be_written_is_told_and_ends_with_6() {
    let project = Project::shipped();
    fs::create_dir(project.path().join("summary.md")).unwrap();
    let said = job(&project, &["--report", "github"]);
    said.ends_with(6);
    assert!(said.err.contains("the github report can't be written"), "{}", said.err);
}

#[test]
fn a_report_that_is_joined_from_shards_names_files_from_the_repository_too() {
    let project = every_way_to_end();
    fs::create_dir(project.path().join(".git")).unwrap();
    let whole = job(&project, &["--report", "json=r.json", "--report", "github"]);
    fs::remove_file(project.path().join("summary.md")).unwrap();
    let mut merge = project.command(&["report", "merge", "r.json", "--report", "github"]);
    let merged = said(&merge.env("GITHUB_STEP_SUMMARY", project.path().join("summary.md")).output().unwrap());
    merged.ends_with(5);
    assert_eq!(annotations(&merged), annotations(&whole));
    assert!(project.read("summary.md").starts_with("## countersign: 3 of 8 did not pass\n"));
}
