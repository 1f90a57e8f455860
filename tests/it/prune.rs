//! `countersign snapshots prune`: which snapshots have no request, and that nothing else goes.

use std::fs;

use crate::support::Project;

fn snapshot(source: &str) -> String {
    format!("---\nsource: {source}\nexpression: GET /\n---\nHTTP 204\n")
}

/// A suite with two requests, and snapshots of them, of none and of a Rust project.
fn suite() -> Project {
    let request = "method: GET\nendpoint: /\n";
    let project = Project::empty()
        .with(
            "requests/environments/test.yaml",
            "host: https://bank.example\nidentities: {partner: {variables: {a: 1}}}\n",
        )
        .with("requests/environments/other.yaml", "host: https://bank.example\n")
        .with("requests/suite.yaml", "environment: test\n")
        .with("requests/plain.yaml", request)
        .with("requests/skipped.yaml", &format!("{request}skip: later\ncases: [{{case: a}}]\n"))
        .with(
            "requests/each.yaml",
            &format!("{request}cases: [{{case: a/b}}]\nsnapshot: {{per_environment: true}}\n"),
        )
        .with("requests/none.yaml", &format!("{request}snapshot: false\n"));
    for id in ["PLAIN", "skipped@a", "each@a%2Fb@test", "each@a%2Fb@test@partner", "each@a%2Fb@other"] {
        project.write(&format!("snapshots/{id}.snap"), &snapshot("requests/x.yaml"));
    }
    for file in [
        "old.snap",
        "none.snap",
        "each@a%2Fb.snap",
        "skipped@b.snap.new",
        "gone/deep/a.snap",
        "gone/deep/a.snap.new",
    ] {
        project.write(&format!("snapshots/{file}"), &snapshot("requests/gone/deep/a.yml"));
    }
    project
}

const ORPHANS: &str = "\
snapshots/each@a%2Fb.snap
snapshots/gone/deep/a.snap
snapshots/gone/deep/a.snap.new
snapshots/none.snap
snapshots/old.snap
snapshots/skipped@b.snap.new
";

/// Every file below `snapshots/`, sorted.
fn files(project: &Project) -> Vec<String> {
    let (mut found, mut folders) = (Vec::new(), vec![project.path().join("snapshots")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            found.push(path.strip_prefix(project.path()).unwrap().display().to_string());
            if path.is_dir() && !path.is_symlink() {
                folders.push(path);
            }
        }
    }
    found.sort();
    found
}

#[test]
fn snapshots_without_a_request_are_listed_and_only_a_word_deletes_them() {
    let project = suite();
    let before = files(&project);
    let said = project.run(&["snapshots", "prune"]);
    assert_eq!(said.ends_with(0).out, ORPHANS);
    insta::assert_snapshot!(said.err, @"5 snapshots have no request: `countersign snapshots prune --unreferenced delete` deletes what has none");
    let said = project.run(&["snapshots", "prune", "--unreferenced", "fail"]);
    assert_eq!(said.ends_with(1).out, ORPHANS);
    insta::assert_snapshot!(said.err, @"
    error[snapshot.unreferenced]: 5 snapshots have no request
     |
     = help: `countersign snapshots prune --unreferenced delete` deletes what has none
    ");
    project.run(&["snapshots", "prune", "--unreferenced", "reject"]).ends_with(1);
    let said = project.run(&["snapshots", "prune", "--unreferenced", "ignore"]);
    assert_eq!(said.ends_with(0).all(), "");
    assert_eq!(files(&project), before);

    let mut command = project.command(&["snapshots", "prune", "--unreferenced", "delete"]);
    let said = crate::support::said(&command.env("CI", "true").output().unwrap());
    let deleted: Vec<String> = ORPHANS.lines().map(|file| format!("deleted {file}")).collect();
    assert_eq!(said.ends_with(0).out.lines().collect::<Vec<_>>(), deleted);
    assert_eq!(
        files(&project),
        [
            "snapshots/PLAIN.snap",
            "snapshots/each@a%2Fb@other.snap",
            "snapshots/each@a%2Fb@test.snap",
            "snapshots/each@a%2Fb@test@partner.snap",
            "snapshots/skipped@a.snap",
        ]
    );
    let said = project.run(&["snapshots", "prune", "--unreferenced", "fail"]);
    assert_eq!(said.ends_with(0).all(), "every snapshot has its request\n");
}

#[test]
fn what_is_no_snapshot_of_a_request_is_named_and_left() {
    let project = Project::embedded();
    project.write("requests/a.yaml", "method: GET\nendpoint: /\n");
    project.write("snapshots/damaged.snap", "torn");
    project.write(
        "snapshots/conflict.snap",
        &snapshot("requests/a.yaml").replace("HTTP 204", "HTTP 204\n\n<<<<<<< HEAD"),
    );
    project.write(
        "snapshots/it__test.snap",
        "---\nsource: tests/it/main.rs\nexpression: value\n---\nHTTP 200\n",
    );
    project.write("snapshots/headless.snap.new", "---\n---\nHTTP 200\n");
    project.write("snapshots/folder/README.md", "about");
    project.write("snapshots/folder/old.snap", &snapshot("requests/old.yaml"));
    project.write("elsewhere/precious.snap", &snapshot("requests/old.yaml"));
    std::os::unix::fs::symlink("../elsewhere/precious.snap", project.path().join("snapshots/link.snap"))
        .unwrap();
    std::os::unix::fs::symlink("../elsewhere", project.path().join("snapshots/linked")).unwrap();
    let said = project.run(&["snapshots", "prune", "--unreferenced", "delete"]);
    assert_eq!(said.ends_with(0).out, "deleted snapshots/folder/old.snap\n");
    insta::assert_snapshot!(said.err, @"
    left alone: `snapshots/conflict.snap`: a conflict marker of a merge (line 7)
    left alone: `snapshots/damaged.snap`: it does not begin with `---` (line 1)
    left alone: `snapshots/headless.snap.new`: its head is not a map (line 2)
    left alone: `snapshots/it__test.snap`: its head names no request file
    left alone: `snapshots/link.snap`: is a symlink, which is not followed here
    ");
    insta::assert_snapshot!(files(&project).join("\n"), @"
    snapshots/conflict.snap
    snapshots/damaged.snap
    snapshots/folder
    snapshots/folder/README.md
    snapshots/headless.snap.new
    snapshots/it__test.snap
    snapshots/link.snap
    snapshots/linked
    ");
    assert!(project.has("elsewhere/precious.snap"));
}

#[test]
fn a_selection_deletes_nothing_else() {
    for (pattern, deleted) in [
        ("old", &["old.snap"][..]),
        ("snapshots/old.snap", &["old.snap"]),
        ("gone", &["gone/deep/a.snap", "gone/deep/a.snap.new"]),
        ("gone/*", &["gone/deep/a.snap", "gone/deep/a.snap.new"]),
        ("requests/none.yaml", &["none.snap"]),
        ("each", &["each@a%2Fb.snap"]),
        ("skipped@b", &["skipped@b.snap.new"]),
    ] {
        let project = suite();
        let said = project.run(&["snapshots", "prune", pattern, "--unreferenced", "delete"]);
        let expected: Vec<String> = deleted.iter().map(|file| format!("deleted snapshots/{file}")).collect();
        assert_eq!(said.ends_with(0).out.lines().collect::<Vec<_>>(), expected, "{pattern}");
    }
    let project = suite();
    // What is fine is no failure, however often it is asked; a name of nothing is.
    for mode in ["fail", "delete"] {
        project.run(&["snapshots", "prune", "plain", "--unreferenced", mode]).ends_with(0);
    }
    let said = project.run(&["snapshots", "prune", "plane", "--unreferenced", "delete"]);
    assert!(said.ends_with(7).err.starts_with("error[snapshot.nothing_unreferenced]: "), "{}", said.err);
    project.write("requests/broken.yaml", "method: [\n");
    project.run(&["snapshots", "prune", "--unreferenced", "delete"]).ends_with(3);
    let project = suite();
    fs::remove_dir_all(project.path().join("requests")).unwrap();
    project.write("requests/environments/bank.yaml", "host: https://api.bank.example\n");
    let said = project.run(&["snapshots", "prune", "--unreferenced", "delete"]);
    assert!(said.ends_with(3).err.contains("the suite has none"), "{}", said.err);
    assert!(project.has("snapshots/old.snap"), "nothing goes when it is not known what the suite has");
}

#[test]
fn a_run_of_the_whole_suite_mentions_them_and_another_one_does_not() {
    let note = "2 snapshots have no request: `countersign snapshots prune`\n";
    let project = Project::embedded()
        .with("requests/a.yaml", "method: GET\nendpoint: /\ntags: [t]\nsnapshot: false\n")
        .with("snapshots/old.snap", &snapshot("requests/old.yaml"))
        .with("snapshots/new.snap.new", &snapshot("requests/new.yaml"));
    assert!(project.run(&["run"]).err.ends_with(note));
    for other in [&["a"][..], &["--tag", "t"], &["--skip-tag", "u"], &["--quiet"]] {
        let said = project.run(&[&["run"], other].concat());
        assert!(!said.err.contains("have no request"), "{other:?}: {}", said.err);
    }
    project.run(&["snapshots", "prune", "--unreferenced", "delete"]).ends_with(0);
    assert!(!project.run(&["run"]).err.contains("no request"));
}
