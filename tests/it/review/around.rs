//! A review and what goes on around it: other runs, signals, a connection that drops, and the way
//! from a first answer to a run that passes.

use rustix::process::Signal;

use super::{BALANCES_FILE, SMALL, balances, new, review, suite};
use crate::support::{Project, Pty};

#[test]
fn what_was_decided_stays_decided_however_the_review_ends() {
    type End = fn(Pty) -> u32;
    let ends: [(&str, u32, End); 4] = [
        ("control-c", 130, |mut terminal| {
            terminal.press("\u{3}");
            let (code, after) = terminal.end();
            assert!(after.contains("accepted 1, left 2"), "{after}");
            assert!(terminal.is_cooked());
            assert_eq!(terminal.is_full_screen(), (false, true));
            code
        }),
        ("control-d", 0, |mut terminal| {
            terminal.press("\u{4}");
            terminal.end().0
        }),
        ("terminated", 143, |mut terminal| {
            terminal.signal(Signal::TERM);
            let (code, _) = terminal.end();
            assert!(terminal.is_cooked());
            code
        }),
        ("hung up", 129, Pty::hang_up),
    ];
    for (what, expected, end) in ends {
        let project = suite();
        let mut terminal = review(&project, SMALL);
        terminal.see("1 of 3");
        terminal.press_and_see("a", "2 of 3");
        assert_eq!(end(terminal), expected, "{what}");
        assert_eq!(project.read(BALANCES_FILE), balances("12.50"), "{what}");
        assert!(!project.has(&new(BALANCES_FILE)) && project.has("snapshots/greeting.snap.new"), "{what}");
    }
}

#[test]
fn what_another_run_wrote_meanwhile_is_shown_before_it_is_accepted() {
    let project = suite();
    let mut terminal = review(&project, SMALL);
    terminal.see("10.00 → 12.50");
    project.write(&new(BALANCES_FILE), &balances("99.99"));
    let again = terminal.press_and_see("a", "10.00 → 99.99");
    assert!(again.contains("changed while it was shown; this is"), "{again}");
    assert_eq!(project.read(BALANCES_FILE), balances("10.00"));
    terminal.press_and_see("a", "2 of 3");
    assert_eq!(project.read(BALANCES_FILE), balances("99.99"));

    std::fs::remove_file(project.path().join("snapshots/greeting.snap.new")).unwrap();
    terminal.press_and_see("a", "no snapshot of `greeting` waits for review");
    terminal.press_and_see("s", "3 of 3");
    project.write("snapshots/hello/world.snap.new", "torn");
    let torn = terminal.press_and_see("r", "is damaged");
    assert!(torn.contains("unreadable"), "{torn}");
    terminal.press("r");
    let (code, after) = terminal.end();
    assert_eq!(code, 0);
    assert!(after.ends_with("accepted 1, rejected 1, skipped 1"), "{after}");
}

#[test]
fn a_snapshot_that_is_out_of_date_says_so_and_the_next_one_comes() {
    let project = suite();
    let marked = balances("12.50").replace("\n---\nHTTP", "\nstored: 0123456789abcdef\n---\nHTTP");
    project.write(&new(BALANCES_FILE), &marked);
    let mut terminal = review(&project, SMALL);
    let first = terminal.see("out of date: the stored snapshot has changed since");
    assert!(first.contains("1 of 3"), "{first}");
    let refused = terminal.press_and_see("a", "what waits for review of");
    assert!(refused.contains("1 of 3"), "{refused}");
    assert_eq!(project.read(BALANCES_FILE), balances("10.00"));
    terminal.press_and_see("s", "2 of 3");
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn one_damaged_file_hides_none_of_the_others() {
    let project = suite();
    project.write("snapshots/greeting.snap.new", "torn");
    let said = project.run(&["snapshots", "list"]);
    assert_eq!(said.ends_with(1).out.lines().count(), 2, "{}", said.out);
    assert!(said.err.starts_with("error[snapshot.damaged]: "), "{}", said.err);
}

#[test]
fn nobody_is_asked_without_a_terminal_or_in_ci() {
    let project = suite();
    let said = project.run(&["snapshots", "review"]);
    said.ends_with(2);
    insta::assert_snapshot!(said.err, @"
    error: a review needs a terminal
      = help: `countersign snapshots list` shows what waits, `countersign snapshots accept NAME` stores it
    ");
    let mut terminal = Pty::start(project.path(), &["snapshots", "review"], SMALL, &[("CI", "true")]);
    let (code, shown) = terminal.end();
    assert_eq!(code, 2);
    assert!(shown.contains("`CI` is set") && shown.contains("snapshots list"), "{shown}");
    let mut terminal = Pty::start(project.path(), &["snapshots", "review"], SMALL, &[("TERM", "dumb")]);
    assert_eq!(terminal.end().0, 2);
    let mut terminal = Pty::start(project.path(), &["snapshots", "review", "nothing"], SMALL, &[]);
    assert_eq!(terminal.end().0, 7);
}

#[test]
fn from_the_first_answer_to_a_run_that_passes_every_time() {
    let project = Project::shipped();
    let request = project.read("requests/greeting.yaml");
    project.write("requests/greeting.yaml", request.split_once("snapshot:").unwrap().0);
    std::fs::remove_file(project.path().join("snapshots/greeting.snap")).unwrap();
    let run = |code| {
        let said = project.run(&["run", "greeting"]);
        said.ends_with(code);
        said.out
    };
    assert!(run(1).contains("1 snapshot to review: `countersign snapshots review`"));
    let accept = |expected: &str| {
        let mut terminal = review(&project, SMALL);
        terminal.see(expected);
        terminal.press("a");
        let (code, after) = terminal.end();
        assert!(code == 0 && after.ends_with("accepted 1"), "{after}");
    };
    accept("1 of 1  new  greeting");

    // Its id and its moment differ every time.
    run(1);
    let suggest = ["snapshots", "suggest", "greeting", "--write"];
    let mut terminal = Pty::start(project.path(), &suggest, SMALL, &[]);
    let (code, shown) = terminal.end();
    assert!(code == 0 && shown.contains("wrote 2 rules to requests/greeting.yaml"), "{shown}");
    let mut terminal = review(&project, SMALL);
    terminal.see("out of date: `requests/greeting.yaml` has changed since");
    terminal.press("q");
    terminal.end();

    run(1);
    accept("→ \"[uuid]\"");
    run(0);
    run(0);
}
