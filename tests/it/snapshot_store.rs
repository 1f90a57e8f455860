//! The snapshots of a team on real disks: killed processes, two writers, disks that are full or may
//! not be written, and what is no file at all.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use countersign::files::Root;
use countersign::snapshot::{Comparison, Content, Metadata, Mode, SnapshotError, Store};

use crate::support::{Project, Said, Scripted, answer, said};

/// How many snapshots wait in a suite.
const WAITING: usize = 8;

fn suite() -> Project {
    Project::empty()
        .with("requests/environments/bank.yaml", "host: https://api.bank.example\n")
        .with("requests/a.yaml", "method: GET\nendpoint: /a\n")
}

fn answer_of(body: &'static str) -> Scripted {
    Scripted::start(move |_, _| answer(200, "content-type: application/json", body))
}

fn file(number: usize) -> String {
    format!("snapshots/folder/case-{number}.snap")
}

/// A snapshot of some kilobytes.
fn text(what: &str, number: usize) -> String {
    let lines = format!("{what} {number}\n").repeat(500);
    format!("---\nsource: requests/gone.yaml\nexpression: GET /a\n---\nHTTP 200\n\n{lines}end\n")
}

/// Stores the old of every snapshot and lets the new one wait.
fn wait(project: &Project) {
    for number in 0..WAITING {
        project.write(&file(number), &text("old", number));
        project.write(&format!("{}.new", file(number)), &text("new", number));
    }
}

fn files(project: &Project) -> Vec<String> {
    let entries = fs::read_dir(project.path().join("snapshots/folder")).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_process_killed_while_it_accepts_leaves_every_snapshot_whole_and_loses_none() {
    let project = suite();
    wait(&project);
    let began = Instant::now();
    project.run(&["snapshots", "accept"]).ends_with(0);
    let whole = began.elapsed();
    let mut midway = 0;
    for round in 0..200_u32 {
        wait(&project);
        let mut accepting = project.command(&["snapshots", "accept"]).stdout(Stdio::null()).spawn().unwrap();
        // Every point of the time that it takes, in no order.
        std::thread::sleep(whole * (round * 73 % 200) / 180);
        accepting.kill().unwrap();
        accepting.wait().unwrap();
        let mut accepted = 0;
        for number in 0..WAITING {
            let stored = project.read(&file(number));
            if stored == text("new", number) {
                accepted += 1;
                continue;
            }
            assert!(stored == text("old", number), "round {round}: torn");
            assert!(
                project.read(&format!("{}.new", file(number))) == text("new", number),
                "round {round}: lost"
            );
        }
        midway += usize::from(0 < accepted && accepted < WAITING);
    }
    assert!(midway >= 3, "only {midway} of 200 were killed while they wrote");
    wait(&project);
    project.run(&["snapshots", "accept"]).ends_with(0);
    assert_eq!(files(&project).len(), WAITING, "something was left behind: {:?}", files(&project));
}

#[test]
fn two_acceptances_at_once_accept_every_snapshot_once() {
    let project = suite();
    for round in 0..20 {
        wait(&project);
        let accepting = [(); 2].map(|()| {
            let mut command = project.command(&["snapshots", "accept"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        });
        let accepting = accepting.map(|child| said(&child.wait_with_output().unwrap()));
        assert!(accepting.iter().all(|said| matches!(said.code, 0 | 7)), "round {round}: {accepting:?}");
        let accepted =
            accepting.iter().flat_map(|said| said.out.lines()).filter(|line| line.starts_with("accepted "));
        assert_eq!(accepted.count(), WAITING, "round {round}: {accepting:?}");
        assert_eq!(files(&project).len(), WAITING);
    }
}

#[test]
fn two_writers_at_once_never_mix_what_they_write() {
    let project = suite();
    let content = |who: &str| Content {
        text: format!("HTTP 200\n\n{}end", format!("{who}\n").repeat(2_000)),
        ..Content::default()
    };
    let metadata = |who: &str| Metadata {
        source: format!("requests/{who}.yaml"),
        expression: "GET /a".into(),
        request: None,
    };
    let open = || Store::open(&Root::open(project.path()).unwrap()).unwrap();
    let whole = |who: &str| {
        let (Metadata { source, expression, .. }, content) = (metadata(who), content(who));
        format!("---\nsource: {source}\nexpression: {expression}\n---\n{}\n", content.text)
    };
    let (first, second) = (whole("first"), whole("second"));
    let barrier = std::sync::Barrier::new(3);
    let write = |who: &str| {
        let (store, content, metadata) = (open(), content(who), metadata(who));
        for _ in 0..500 {
            barrier.wait();
            store.compare("stored", &metadata, &content, Mode::Always).unwrap();
            store.compare("waiting", &metadata, &content, Mode::New).unwrap();
            // The other one may have decided about it, or stored another since.
            match store.accept("waiting") {
                Ok(()) | Err(SnapshotError::NothingPending(_) | SnapshotError::Stale { .. }) => {}
                Err(error) => panic!("{error}"),
            }
            barrier.wait();
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(|| write("first"));
        scope.spawn(|| write("second"));
        for round in 0..500 {
            barrier.wait();
            barrier.wait();
            for name in ["stored", "waiting"] {
                let stored = project.read(&format!("snapshots/{name}.snap"));
                assert!(stored == first || stored == second, "round {round}: `{name}` is mixed");
            }
        }
    });
}

#[test]
fn who_finds_the_store_in_use_waits_and_then_says_so() {
    let project = suite();
    let root = Root::open(project.path()).unwrap();
    let lock = root.lock("snapshots", Duration::ZERO).unwrap();
    let error = root.lock("snapshots", Duration::from_millis(30)).err().unwrap();
    assert_eq!(error.to_string(), "`snapshots` is in use by another countersign");
    wait(&project);
    let accepting = project.command(&["snapshots", "accept"]).stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    assert!(files(&project).len() == 2 * WAITING, "it did not wait");
    drop(lock);
    assert_eq!(said(&accepting.wait_with_output().unwrap()).code, 0);
    assert_eq!(files(&project).len(), WAITING);
}

/// Runs a shell script with mounts of its own, in the suite's folder; `None`, with a line that says
/// so, where this machine does not let us.
fn with_mounts(project: &Project, script: &str) -> Option<Said> {
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--mount", "--map-root-user", "sh", "-euc", script]);
        command.current_dir(project.path()).env_remove("CI").stdin(Stdio::null());
        command.env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign")).output()
    };
    if !unshare("mount -t tmpfs tmpfs /mnt").is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: this machine does not let a test mount a disk");
        return None;
    }
    Some(said(&unshare(script).unwrap()))
}

#[test]
fn a_full_disk_costs_neither_the_old_snapshot_nor_the_one_that_waits() {
    let project = suite();
    wait(&project);
    let script = "
        cp -r snapshots /tmp/countersign-old.$$
        mount -t tmpfs -o size=300k tmpfs snapshots
        cp -r /tmp/countersign-old.$$/. snapshots && rm -r /tmp/countersign-old.$$
        dd if=/dev/zero of=snapshots/filler bs=1k 2>/dev/null || true
        code=0; $COUNTERSIGN snapshots accept folder/case-0 || code=$?
        cat snapshots/folder/case-0.snap snapshots/folder/case-0.snap.new
        ls -A snapshots/folder | grep -c tmp || true
        exit $code";
    if let Some(said) = with_mounts(&project, script) {
        said.ends_with(6);
        assert!(
            said.err.contains("error[snapshot.io]") && said.err.contains("the disk is full"),
            "{}",
            said.err
        );
        assert_eq!(said.out, format!("{}{}0\n", text("old", 0), text("new", 0)));
    }
    // The same by a limit on the size of files, which every machine has.
    let accept = "ulimit -f 4; trap '' XFSZ; exec $COUNTERSIGN snapshots accept folder/case-1";
    let mut command = Command::new("sh");
    command.args(["-c", accept]).current_dir(project.path()).env_remove("CI");
    let limited = said(&command.env("COUNTERSIGN", env!("CARGO_BIN_EXE_countersign")).output().unwrap());
    limited.ends_with(6);
    assert_eq!(project.read(&file(1)), text("old", 1));
    assert_eq!(project.read(&format!("{}.new", file(1))), text("new", 1));
    assert!(!files(&project).iter().any(|name| name.contains("tmp")), "{:?}", files(&project));
}

#[test]
fn a_folder_that_may_not_be_written_is_named_and_left_as_it_is() {
    let project = suite();
    wait(&project);
    let script = "
        mount --bind snapshots snapshots && mount -o remount,ro,bind snapshots
        $COUNTERSIGN snapshots accept folder/case-0";
    let Some(said) = with_mounts(&project, script) else { return };
    said.ends_with(6);
    assert!(said.err.contains("the file system is read-only"), "{}", said.err);
    assert_eq!(project.read(&file(0)), text("old", 0));
}

/// Puts something at a path; the second is a file elsewhere.
type Place = fn(&Path, &Path);

#[test]
fn what_is_no_regular_file_is_named_and_neither_followed_nor_waited_for() {
    let outside = tempfile::tempdir().unwrap();
    let target = outside.path().join("target");
    fs::write(&target, text("old", 0)).unwrap();
    let table: [(&str, Place, &str); 4] = [
        ("a symlink", |at, target| symlink(target, at).unwrap(), "is a symlink"),
        ("a folder", |at, _| fs::create_dir(at).unwrap(), "is a folder"),
        ("a pipe", |at, _| assert!(Command::new("mkfifo").arg(at).status().unwrap().success()), "is a pipe"),
        (
            "two gigabytes",
            |at, _| fs::File::create(at).unwrap().set_len(2 << 30).unwrap(),
            "is larger than 16777216 bytes",
        ),
    ];
    for (what, place, message) in table {
        for name in ["a.snap", "a.snap.new"] {
            let server = answer_of("{}");
            let project = suite();
            project.write("requests/environments/bank.yaml", &format!("host: {}\n", server.host()));
            fs::create_dir(project.path().join("snapshots")).unwrap();
            place(&project.path().join("snapshots").join(name), &target);
            // What waits is only replaced; nobody reads it before.
            let replaces = what == "two gigabytes" && name == "a.snap.new";
            let said = project.run(&["run", "--snapshots", "new"]);
            said.ends_with(if replaces { 1 } else { 6 });
            assert!(replaces || said.out.contains(message), "{what} at {name}: {}", said.out);
            assert_eq!(fs::read_to_string(&target).unwrap(), text("old", 0), "{what} at {name}");
        }
    }
    // A whole folder that leads elsewhere.
    let project = suite();
    symlink(outside.path(), project.path().join("snapshots")).unwrap();
    let said = project.run(&["snapshots", "accept"]);
    said.ends_with(6);
    assert!(said.err.contains("is a symlink"), "{}", said.err);
}

#[test]
fn a_damaged_snapshot_is_a_failure_and_never_new() {
    let server = answer_of("{\"id\":1}");
    let project = suite();
    project.write("requests/environments/bank.yaml", &format!("host: {}\n", server.host()));
    project.run(&["run", "--update"]).ends_with(0);
    let whole = project.read("snapshots/a.snap");
    let damages = [
        (String::new(), "it is empty (line 1)"),
        (whole.replacen("---\n", "", 1), "it does not begin with `---` (line 1)"),
        (whole.replacen("source:", "source: [", 1), "its head is not YAML"),
        (format!("\u{feff}{whole}"), "it begins with a byte order mark (line 1)"),
        (
            whole.replace("  \"id\": 1\n", "<<<<<<< HEAD\n  \"id\": 1\n=======\n  \"id\": 2\n>>>>>>> x\n"),
            "a conflict marker of a merge (line 9)",
        ),
    ];
    for (damaged, reason) in damages {
        project.write("snapshots/a.snap", &damaged);
        for mode in ["new", "always", "unseen", "no"] {
            let said = project.run(&["run", "--snapshots", mode]);
            said.ends_with(1);
            assert!(
                said.out.contains("error[snapshot.damaged]") && said.out.contains(reason),
                "{}",
                said.out
            );
            assert_eq!(project.read("snapshots/a.snap"), damaged);
            assert!(!project.has("snapshots/a.snap.new"));
        }
    }
    // What git may do to line ends is no damage.
    project.write("snapshots/a.snap", &whole.replace('\n', "\r\n"));
    project.run(&["run"]).ends_with(0);
}

#[test]
fn what_is_out_of_date_is_not_accepted_until_the_request_has_run_again() {
    let server = answer_of("{\"id\":1}");
    let project = suite();
    project.write("requests/environments/bank.yaml", &format!("host: {}\n", server.host()));
    project.write("requests/b.yaml", "method: GET\nendpoint: /b\n");
    project.run(&["run", "--snapshots", "new"]).ends_with(1);
    // The request says something else now, so its answer may be another.
    project.write("requests/a.yaml", "method: GET\nendpoint: /a?page=2\n");
    let listed = project.run(&["snapshots", "list"]);
    assert_eq!(listed.out, "stale    a  snapshots/a.snap\nnew      b  snapshots/b.snap\n");
    let said = project.run(&["snapshots", "accept"]);
    said.ends_with(1);
    insta::assert_snapshot!(said.err, @r"
    error[snapshot.stale]: what waits for review of `a` is out of date: `requests/a.yaml` has changed since
     |
     = help: run the request again, or reject what waits
    ");
    assert_eq!(said.out, "accepted snapshots/b.snap\n");
    assert!(!project.has("snapshots/a.snap"));
    project.run(&["run", "a", "--snapshots", "new"]).ends_with(1);
    // Somebody else's snapshot came in with a merge.
    project.write("snapshots/a.snap", &text("old", 0));
    let said = project.run(&["snapshots", "accept", "a"]);
    said.ends_with(1);
    assert!(said.err.contains("the stored snapshot has changed since"), "{}", said.err);
    assert_eq!(project.read("snapshots/a.snap"), text("old", 0));
    project.run(&["run", "a", "--snapshots", "new"]).ends_with(1);
    // So may what the whole suite says; line ends that git rewrote say nothing.
    project.write("requests/suite.yaml", "defaults: {snapshot: {redact: {$.id: \"[id]\"}}}\n");
    let said = project.run(&["snapshots", "accept", "a"]);
    said.ends_with(1);
    assert!(said.err.contains("`requests/suite.yaml` has changed since"), "{}", said.err);
    fs::remove_file(project.path().join("requests/suite.yaml")).unwrap();
    project.write("requests/a.yaml", &project.read("requests/a.yaml").replace('\n', "\r\n"));
    project.run(&["snapshots", "accept", "a"]).ends_with(0);
    project.run(&["run"]).ends_with(0);
}

#[test]
fn an_acceptance_that_was_cut_short_can_be_finished() {
    let project = suite();
    project.write(&file(0), &text("new", 0));
    let waiting = text("new", 0).replacen("/a\n---", "/a\nstored: 0123456789abcdef\n---", 1);
    project.write(&format!("{}.new", file(0)), &waiting);
    project.run(&["snapshots", "accept"]).ends_with(0);
    assert_eq!((files(&project), project.read(&file(0))), (vec!["case-0.snap".to_owned()], text("new", 0)));
}

#[test]
fn nothing_is_written_in_ci_unless_the_command_line_says_so() {
    let server = answer_of("{\"id\":1}");
    let project = suite();
    project.write("requests/environments/bank.yaml", &format!("host: {}\n", server.host()));
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = project.command(&[&["run"], arguments].concat());
        said(&command.envs(variables.iter().copied()).output().unwrap())
    };
    let forced: [&[(&str, &str)]; 4] = [
        &[("CI", "true")],
        &[("CI", "1"), ("INSTA_UPDATE", "always")],
        &[("CI", "yes"), ("INSTA_UPDATE", "new")],
        &[("CI", "true"), ("INSTA_FORCE_PASS", "1")],
    ];
    for variables in forced {
        let said = run(&[], variables);
        said.ends_with(1);
        assert!(said.out.contains("at your desk, run `countersign run a --snapshots new`"), "{}", said.out);
        assert!(!project.has("snapshots"), "{variables:?} wrote something");
    }
    run(&["--snapshots", "new"], &[("CI", "true")]).ends_with(1);
    assert!(project.has("snapshots/a.snap.new"));
    run(&["--update"], &[("CI", "true")]).ends_with(0);
    assert!(project.has("snapshots/a.snap") && !project.has("snapshots/a.snap.new"));
    // `CI=false` is a desk.
    project.write("snapshots/a.snap", &project.read("snapshots/a.snap").replace('1', "2"));
    run(&[], &[("CI", "false")]).ends_with(1);
    assert!(project.has("snapshots/a.snap.new"));
}

#[test]
fn a_name_too_long_for_a_file_is_cut_and_no_two_are_alike() {
    let server = answer_of("{}");
    let long = "x".repeat(300);
    let request = format!(
        "method: GET\nendpoint: /a\ncases: [{{case: {long}1}}, {{case: {long}2}}, {{case: \"{}\"}}]\n",
        "ü/".repeat(100)
    );
    let project = suite();
    project.write("requests/environments/bank.yaml", &format!("host: {}\n", server.host()));
    project.write("requests/a.yaml", &request);
    project.run(&["run", "--update"]).ends_with(0);
    assert_eq!(fs::read_dir(project.path().join("snapshots")).unwrap().count(), 3);
    project.run(&["run"]).ends_with(0);
}

#[test]
fn the_snapshots_of_the_example_suite_are_what_the_tool_writes() {
    let project = Project::shipped();
    let names = ["snapshots/token.snap", "snapshots/greeting.snap"];
    let shipped = names.map(|name| project.read(name));
    fs::remove_dir_all(project.path().join("snapshots")).unwrap();
    project.run(&["run", "--update"]).ends_with(0);
    assert_eq!(names.map(|name| project.read(name)), shipped);
}

#[test]
fn a_comparison_that_writes_nothing_takes_no_lock() {
    let project = suite();
    let root = Root::open(project.path()).unwrap();
    let store = Store::open(&root).unwrap();
    let metadata = Metadata::default();
    let content = Content { text: "HTTP 200".into(), ..Content::default() };
    store.compare("a", &metadata, &content, Mode::Always).unwrap();
    let _lock = root.lock("snapshots", Duration::ZERO).unwrap();
    assert_eq!(store.compare("a", &metadata, &content, Mode::No).unwrap(), Comparison::Match);
}
