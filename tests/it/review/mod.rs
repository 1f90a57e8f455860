//! `countersign snapshots review` at a real terminal: what it shows, what each key does to the
//! files, and what is left when the terminal goes away.

mod around;

use crate::support::{Project, Pty, repository};

const SMALL: (u16, u16) = (80, 24);
const WIDE: (u16, u16) = (140, 40);

const ENVIRONMENT: &str = "host: https://bank.example\n";
const BALANCES: &str = "\
method: GET
endpoint: /accounts/1/balances
cases: [{case: small}]
snapshot: {per_environment: true}
";
const BALANCES_FILE: &str = "snapshots/balances@small@sandbox.snap";

fn snapshot(source: &str, expression: &str, body: &str) -> String {
    format!(
        "---\nsource: requests/{source}.yaml\nexpression: {expression}\n---\nHTTP 200\ncontent-type: application/json\n\n{body}\n"
    )
}

fn balances(amount: &str) -> String {
    let body = format!(
        "{{\n  \"balances\": [\n    {{\n      \"amount\": {amount},\n      \"currency\": \"EUR\"\n    }}\n  ]\n}}"
    );
    snapshot("balances", "GET /accounts/1/balances", &body)
}

/// A changed snapshot of one case in one environment, and two new ones.
fn suite() -> Project {
    let plain = "method: GET\nendpoint: /greeting\n";
    Project::empty()
        .with("requests/environments/sandbox.yaml", ENVIRONMENT)
        .with("requests/balances.yaml", BALANCES)
        .with("requests/greeting.yaml", plain)
        .with("requests/hello/world.yaml", plain)
        .with(BALANCES_FILE, &balances("10.00"))
        .with(&new(BALANCES_FILE), &balances("12.50"))
        .with(
            "snapshots/greeting.snap.new",
            &snapshot("greeting", "GET /greeting", "{\n  \"message\": \"Hello\"\n}"),
        )
        .with("snapshots/hello/world.snap.new", &snapshot("hello/world", "GET /greeting", "{}"))
}

fn new(file: &str) -> String {
    format!("{file}.new")
}

fn review(project: &Project, size: (u16, u16)) -> Pty {
    Pty::start(project.path(), &["snapshots", "review", "--color", "never"], size, &[])
}

/// The files below `snapshots/` with what is in them.
fn files(project: &Project) -> Vec<(String, String)> {
    let names = ["greeting", "hello/world", "balances@small@sandbox"];
    let paths = names
        .iter()
        .flat_map(|name| [format!("snapshots/{name}.snap"), format!("snapshots/{name}.snap.new")]);
    paths.filter(|path| project.has(path)).map(|path| (path.clone(), project.read(&path))).collect()
}

#[test]
fn each_key_does_what_the_screen_says_it_does() {
    let project = suite();
    let (was, is) = (balances("10.00"), balances("12.50"));
    let mut terminal = review(&project, SMALL);
    let first = terminal.see("1 of 3");
    insta::assert_snapshot!(first, @r#"
    1 of 3  changed  balances
    GET /accounts/1/balances · case small · environment sandbox
    snapshots/balances@small@sandbox.snap
    ────────────────────────────────────────────────────────────────────────────────
    $.balances[0].amount: 10.00 → 12.50

     4  4   {
     5  5     "balances": [
     6  6       {
     7    -       "amount": 10.00,
        7 +       "amount": 12.50,
     8  8         "currency": "EUR"
     9  9       }
    10 10     ]








    ────────────────────────────────────────────────────────────────────────────────
    a accept  r reject  s skip  A all 3  u undo  d two columns  ? help  q quit
    "#);
    assert_eq!(terminal.is_full_screen(), (true, false));
    assert!(!terminal.is_cooked());

    let second = terminal.press_and_see("a", "2 of 3");
    insta::assert_snapshot!(second, @r#"
    2 of 3  new  greeting
    GET /greeting
    snapshots/greeting.snap
    ────────────────────────────────────────────────────────────────────────────────
    1 + HTTP 200
    2 + content-type: application/json
    3 +
    4 + {
    5 +   "message": "Hello"
    6 + }












    ────────────────────────────────────────────────────────────────────────────────
    a accept  r reject  s skip  A all 2  u undo  ? help  q quit
    "#);
    assert_eq!(project.read(BALANCES_FILE), is);
    assert!(!project.has(&new(BALANCES_FILE)));

    terminal.press_and_see("u", "1 of 3");
    assert_eq!((project.read(BALANCES_FILE), project.read(&new(BALANCES_FILE))), (was.clone(), is));

    terminal.press_and_see("r", "2 of 3");
    assert_eq!(project.read(BALANCES_FILE), was);
    assert!(!project.has(&new(BALANCES_FILE)));
    terminal.press_and_see("s", "3 of 3");
    terminal.press("a");
    let (code, after) = terminal.end();
    assert_eq!(code, 0);
    insta::assert_snapshot!(after, @"
    rejected snapshots/balances@small@sandbox.snap
    skipped snapshots/greeting.snap
    accepted snapshots/hello/world.snap
    accepted 1, rejected 1, skipped 1
    ");
    assert_eq!(terminal.is_full_screen(), (false, true));
    assert!(terminal.is_cooked());
    assert!(project.has("snapshots/greeting.snap.new") && project.has("snapshots/hello/world.snap"));
}

/// The page on snapshots shows what somebody sees.
#[test]
fn the_screen_in_the_documentation_is_the_one_that_there_is() {
    let screen = review(&suite(), (80, 17)).see("1 of 3");
    let page = std::fs::read_to_string(repository().join("docs/snapshots.md")).unwrap();
    assert!(page.contains(&format!("```text\n{screen}\n```")), "docs/snapshots.md does not show\n{screen}");
}

#[test]
fn a_wide_terminal_shows_both_sides_until_it_is_told_otherwise() {
    let project = suite();
    let mut terminal = review(&project, WIDE);
    insta::assert_snapshot!(terminal.see("1 of 3"), @r#"
    1 of 3  changed  balances
    GET /accounts/1/balances · case small · environment sandbox
    snapshots/balances@small@sandbox.snap
    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    $.balances[0].amount: 10.00 → 12.50

     4   {                                                               │  4   {
     5     "balances": [                                                 │  5     "balances": [
     6       {                                                           │  6       {
     7 -       "amount": 10.00,                                          │  7 +       "amount": 12.50,
     8         "currency": "EUR"                                         │  8         "currency": "EUR"
     9       }                                                           │  9       }
    10     ]                                                             │ 10     ]

























    ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    a accept  r reject  s skip  A all 3  u undo  d one column  ? help  q quit
    "#);
    let one = terminal.press_and_see("d", "d two columns");
    assert!(!one.contains('│'), "{one}");
    terminal.press_and_see("d", "d one column");
    terminal.resize(SMALL);
    let narrow = terminal.press_and_see("d", "d two columns");
    assert!(narrow.lines().all(|line| line.chars().count() <= 80), "{narrow}");
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn all_that_remain_are_accepted_only_after_a_second_key() {
    let project = suite();
    let before = files(&project);
    let mut terminal = review(&project, SMALL);
    terminal.see("1 of 3");
    let asked = terminal.press_and_see("A", "accept all 3 that remain, unseen?");
    assert!(asked.contains("1 of 3"), "{asked}");
    for other in ["\r", "n", "a", "A", "q"] {
        terminal.press_and_see(other, "a accept");
        assert_eq!(files(&project), before, "{other:?}");
        terminal.press_and_see("A", "that remain");
    }
    terminal.press("y");
    let (code, after) = terminal.end();
    assert_eq!(code, 0);
    assert!(after.contains("accepted 3"), "{after}");
    assert!(!files(&project).iter().any(|(path, _)| path.ends_with(".new")));
}

#[test]
fn a_key_that_means_nothing_does_nothing() {
    let project = suite();
    let before = files(&project);
    let mut terminal = review(&project, SMALL);
    let first = terminal.see("1 of 3");
    terminal.press("\r\n\t\u{7f}xyzSRUDQ1é\u{1a}\u{1c}\u{13}\u{11}");
    let help = terminal.press_and_see("?", "undo the last decision");
    insta::assert_snapshot!(help, @"
    keys
    ────────────────────────────────────────────────────────────────────────────────
    a                             accept: it is stored
    r                             reject: it is thrown away
    s                             skip: it waits on
    A                             accept all that remain, after one more question
    u                             undo the last decision, then the one before it
    d                             one column, or two beside each other
    up, down, k, j                a line up or down
    page up, page down, b, space  a page up or down
    home, end, g, G               to the beginning or the end
    q                             quit; what was decided stays decided
    ?                             this help









    ────────────────────────────────────────────────────────────────────────────────
    any key goes back
    ");
    let again = terminal.press_and_see("?", "1 of 3");
    assert_eq!(again, first);
    // What nobody knows of them is thrown away: Control-Up ends with an `A`, another one with an `a`.
    for sequence in ["\u{1b}[15~", "\u{1b}[1;5A", "\u{1b}Oa", "\u{1b}[200~a", "\u{1b}a"] {
        assert_eq!(terminal.press_and_watch(sequence), first, "{sequence:?}");
    }
    assert_eq!(files(&project), before);
    let nothing = terminal.press_and_see("u", "nothing was decided yet");
    assert!(nothing.contains("1 of 3"), "{nothing}");
    terminal.press("q");
    let (code, after) = terminal.end();
    assert_eq!((code, after.trim()), (0, "left 3"));
}

#[test]
fn colours_come_where_they_are_wanted_and_ascii_where_there_is_nothing_else() {
    let project = suite();
    let command = ["snapshots", "review", "balances"];
    let mut terminal = Pty::start(project.path(), &command, SMALL, &[]);
    terminal.see("1 of 1");
    assert!(terminal.written().contains("\u{1b}[31m"), "deleted lines are red");
    terminal.press("q");
    terminal.end();
    let plain = [("NO_COLOR", "1"), ("LC_ALL", "C")];
    let mut terminal = Pty::start(project.path(), &command, SMALL, &plain);
    let screen = terminal.see("1 of 1");
    assert!(screen.is_ascii() && screen.contains("10.00 -> 12.50"), "{screen}");
    assert!(!terminal.written().contains("\u{1b}[3"), "{:?}", terminal.written());
    terminal.press("q");
    terminal.end();
}
