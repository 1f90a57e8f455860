//! countersign as a library: suites run from Rust, and requests as tests of their own. What is run
//! here is what `examples/rust-tests` shows.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};
use std::{env, fs};

use countersign::snapshot::Mode;
use countersign::{Error, Outcome, Suite};
use serde_json::Value;

use crate::support::{Project, Said, repository, said, settle};

fn open(project: &Project) -> Suite {
    Suite::open(project.path().join("requests")).unwrap().process_environment::<&str, &str>([])
}

fn greeting_that_expects(message: &str) -> Project {
    let project = Project::shipped();
    let text = project.read("requests/greeting.yaml").replace("Welcome to ING!", message);
    project.with("requests/greeting.yaml", &text)
}

/// What a failed assertion says.
fn panic_of(outcome: &Outcome) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| outcome.assert_passed())).unwrap_err();
    panic.downcast_ref::<String>().unwrap().clone()
}

#[test]
fn a_rust_test_runs_a_suite_and_reads_what_was_answered() {
    let project = Project::shipped();
    for path in [project.path().to_owned(), project.path().join("requests"), project.path().join("requests/")]
    {
        let outcome = Suite::open(path).unwrap().environment("embedded").run().unwrap();
        outcome.assert_passed();
        let names: Vec<&str> = outcome.requests().iter().map(countersign::RequestOutcome::name).collect();
        assert_eq!(names, ["token", "greeting"]);
        let answer = outcome.request("greeting").unwrap().answer().unwrap();
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.header("Content-Type"), Some("application/json"));
        assert_eq!(answer.json().unwrap()["message"], "Welcome to ING!");
    }
}

#[test]
fn a_failure_reads_like_the_terminal_s_and_shows_no_token() {
    let project = greeting_that_expects("Welcome to my bank!");
    let now = "2026-11-23T09:00:00Z";
    let outcome = open(&project).snapshots(Mode::No).now(now.parse().unwrap()).run().unwrap();
    let at_the_terminal = project.run(&["run", "--snapshots", "no", "--now", now]);
    at_the_terminal.ends_with(1);
    assert_eq!(settle(&outcome.to_string()), settle(at_the_terminal.out.trim_end()));

    assert!(!outcome.passed());
    let failure = panic_of(&outcome);
    assert!(failure.contains("error[expect.body]: `$.message` is \"Welcome to ING!\""), "{failure}");
    assert!(failure.contains("requests/greeting.yaml:11:16"), "{failure}");
    assert!(failure.contains("1 passed, 1 failed"), "{failure}");

    let greeting = outcome.request("greeting").unwrap();
    assert_eq!(greeting.problems()[0].code().as_str(), "expect.body");
    assert!(greeting.problems()[0].to_string().starts_with("error[expect.body]"), "{greeting}");
    let token = outcome.request("token").unwrap().answer().unwrap();
    let secret = token.json().unwrap()["access_token"].as_str().unwrap().to_owned();
    for shown in [token.to_string(), format!("{token:?}"), format!("{outcome:?}"), failure] {
        assert!(!shown.contains(&secret), "{shown}");
    }
    assert!(token.to_string().contains("[access_token]"), "{token}");
}

#[test]
fn a_mistake_in_the_suite_is_an_error_that_reads_like_check_does() {
    let text = "endpoit: /x\nmethod: GET\nendpoint: /x\n";
    let project = Project::embedded().with("requests/a.yaml", text);
    let error = Suite::open(project.path()).unwrap_err();
    assert_eq!(error.to_string(), project.run(&["check"]).ends_with(3).err.trim_end());
    assert_eq!(format!("{error:?}"), error.to_string());
    assert_eq!(error.problems()[0].code().as_str(), "format.unknown_key");

    let nothing = open(&Project::shipped()).select("greting").run().unwrap_err();
    assert_eq!(nothing.problems()[0].code().as_str(), "plan.nothing_selected");
    assert!(nothing.to_string().contains("did you mean `greeting`?"), "{nothing}");
    let nowhere = Suite::open("there/is/none").unwrap_err();
    assert_eq!(nowhere.problems()[0].code().as_str(), "suite.not_found");
}

#[test]
fn a_blocking_run_in_async_code_is_refused_and_the_async_one_works_there() {
    let project = Project::shipped();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let suite = open(&project).select("greeting");
        let refused = suite.run().unwrap_err();
        assert!(matches!(refused, Error::InsideRuntime), "{refused}");
        assert!(refused.to_string().contains("await `run_async`"), "{refused}");
        suite.run_async().await.unwrap().assert_passed();
    });
}

#[test]
fn what_a_test_sets_goes_before_what_the_files_and_the_process_say() {
    let bank = Bank::start();
    let echo = "method: GET\nendpoint: /echo\nheaders:\n  X-Now: '{{ now() }}'\n  X-Id: '{{ uuid() }}'\n  \
                X-File: '{{ env(\"FROM_FILE\") }}'\n  X-Password: '{{ secret(\"PASSWORD\") }}'\n  \
                X-Var: '{{ chosen }}'\nvariables: {chosen: by-the-file}\nexpect: {status: 418}\nsnapshot: false\n";
    let project = bank.project(&[]).with("requests/echo.yaml", echo);
    project.write(".env", "FROM_FILE=of-the-file\nPASSWORD=overruled-by-the-test\n");
    let suite = open(&project)
        .select("echo")
        .process_environment([("PASSWORD", "s3cr3t-T0ken")])
        .var("chosen", "by-the-test")
        .var("unheard", "of")
        .seed(7)
        .now("2026-11-23T09:00:00Z".parse().unwrap())
        .jobs(1);
    let outcome = suite.run().unwrap();
    assert_eq!(outcome.summary().failed, 1, "{outcome}");
    assert!(outcome.warnings()[0].to_string().contains("`--var unheard=…` changes nothing"), "{outcome}");
    suite.clone().run().unwrap();
    let heads = bank.heads("GET /echo").into_iter().map(|head| head.to_lowercase());
    let heads: Vec<String> = heads.collect();
    for sent in [
        "x-now: 2026-11-23t09:00:00",
        "x-file: of-the-file",
        "x-password: s3cr3t-t0ken",
        "x-var: by-the-test",
    ] {
        assert!(heads[0].contains(sent), "{sent} in {}", heads[0]);
    }
    assert_eq!(heads[0], heads[1], "the seed decides the id");
}

#[test]
fn tags_choose_what_a_test_runs_and_what_is_needed_says_so() {
    let project = Project::shipped();
    let outcome = open(&project).tag("showcase").run().unwrap();
    let selected: Vec<(&str, bool)> =
        outcome.requests().iter().map(|request| (request.name(), request.is_selected())).collect();
    assert_eq!(selected, [("token", false), ("greeting", true)]);
    let without = open(&project).skip_tag("showcase").run().unwrap();
    assert!(without.request("greeting").is_none());
}

#[test]
fn a_snapshot_waits_for_review_unless_the_test_says_no() {
    let project = Project::shipped();
    fs::remove_dir_all(project.path().join("snapshots")).unwrap();
    let outcome = open(&project).snapshots(Mode::No).run().unwrap();
    assert!(!outcome.passed());
    assert!(!project.has("snapshots"), "nothing is written");
    assert_eq!(open(&project).run().unwrap().summary().pending, 2);
    assert!(project.has("snapshots/greeting.snap.new"));
    let in_ci = open(&project).process_environment([("CI", "true"), ("INSTA_UPDATE", "always")]);
    assert!(!in_ci.run().unwrap().passed());
    assert!(!project.has("snapshots/greeting.snap"), "nothing is accepted in CI");
}

/// A server that remembers what came, and answers everything with a token: `/slow` only when the
/// client is gone.
struct Bank {
    port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Bank {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&heads);
        std::thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || answer(connection, &kept));
            }
        });
        Self { port, heads }
    }

    /// The heads that began so.
    fn heads(&self, start: &str) -> Vec<String> {
        self.heads.lock().unwrap().iter().filter(|head| head.starts_with(start)).cloned().collect()
    }

    /// A suite for it: a token, and requests of these names that need it.
    fn project(&self, names: &[&str]) -> Project {
        let end = "expect: {status: 200}\nsnapshot: false\n";
        let token = "method: POST\nendpoint: /token\ncapture: {access_token: $.access_token}\n";
        let project = Project::empty()
            .with("requests/environments/bank.yaml", &format!("host: http://127.0.0.1:{}\n", self.port))
            .with("requests/token.yaml", &format!("{token}{end}"));
        names.iter().fold(project, |project, name| {
            let text = format!("token: token\nmethod: GET\nendpoint: /{name}\n{end}");
            project.with(&format!("requests/{name}.yaml"), &text)
        })
    }
}

fn answer(mut connection: TcpStream, kept: &Mutex<Vec<String>>) {
    let mut lines = BufReader::new(connection.try_clone().unwrap()).lines().map_while(Result::ok);
    let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
    let slow = head.first().is_some_and(|line| line.contains("/slow"));
    kept.lock().unwrap().push(head.join("\n"));
    if slow {
        assert_eq!(lines.next(), None);
        kept.lock().unwrap().push("closed".to_owned());
    }
    let body = "{\"access_token\": \"t0ken-from-the-bank\"}";
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n";
    let _ = write!(connection, "{head}content-length: {}\r\n\r\n{body}", body.len());
}

/// The test programs of the example crate, by name. They are built as the tests of this crate are,
/// with everything that these were built with.
fn example(name: &str) -> PathBuf {
    static BUILT: OnceLock<Vec<(String, PathBuf)>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // This crate is named too, so that dependencies have the features that its tests ask for:
        // they are not built a second time.
        command.args(["test", "--no-run", "--locked", "--offline", "--message-format=json"]);
        command.args(["-p", "countersign", "-p", "example-rust-tests", "--test", "bank", "--test", "suite"]);
        let output = command.current_dir(repository()).stderr(Stdio::piped()).output().expect("cargo runs");
        let said = said(&output);
        said.ends_with(0);
        let messages = said.out.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let program = |message: Value| {
            let path = message["executable"].as_str()?.into();
            Some((message["target"]["name"].as_str()?.to_owned(), path))
        };
        messages.filter_map(program).collect()
    });
    let found = built.iter().find(|(known, _)| known == name);
    found.unwrap_or_else(|| panic!("no test program `{name}` among {built:?}")).1.clone()
}

/// A test program of the example in a folder.
fn tested(name: &str, folder: &Path, arguments: &[&str]) -> Said {
    let mut command = Command::new(example(name));
    command.args(arguments).current_dir(folder).env_clear().stdin(Stdio::null());
    said(&command.output().expect("it runs"))
}

fn harness(project: &Project, arguments: &[&str]) -> Said {
    tested("bank", project.path(), arguments)
}

#[test]
fn the_example_crate_passes_as_it_is_shown() {
    let folder = repository().join("examples/rust-tests");
    let bank = tested("bank", &folder, &[]);
    bank.ends_with(0);
    assert!(bank.out.contains("test greeting ... ok"), "{}", bank.out);
    let suite = tested("suite", &folder, &[]);
    suite.ends_with(0);
    assert!(suite.out.contains("3 passed"), "{}", suite.out);
}

#[test]
fn each_request_is_a_test_and_what_several_need_is_fetched_once() {
    let bank = Bank::start();
    let project = bank.project(&["one", "two", "three"]);
    let said = harness(&project, &["--test-threads", "2"]);
    said.ends_with(0);
    for name in ["token", "one", "two", "three"] {
        assert!(said.out.contains(&format!("test {name} ")), "{}", said.out);
    }
    assert!(said.out.contains("4 passed"), "{}", said.out);
    assert_eq!(bank.heads("POST /token").len(), 1, "the token is fetched once");

    let bank = Bank::start();
    harness(&bank.project(&["one", "two"]), &["--exact", "two", "--nocapture"]).ends_with(0);
    let sent = bank.heads("");
    assert_eq!(sent.len(), 2, "only what was asked for and its token: {sent:#?}");
}

#[test]
fn an_async_run_that_nobody_waits_for_any_more_is_interrupted() {
    let bank = Bank::start();
    let slow = "token: token\nmethod: GET\nendpoint: /slow\nexpect: {status: 200}\nsnapshot: false\n";
    let project = bank.project(&["later"]).with("requests/slow.yaml", slow);
    project.write(
        "requests/later.yaml",
        &slow.replace("token: token", "needs: [slow]").replace("/slow", "/later"),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let run = open(&project).run_async();
        tokio::select! {
            _ = run => panic!("the bank answers /slow only when the run is over"),
            () = async { while bank.heads("GET /slow").is_empty() { tokio::task::yield_now().await } } => {}
        }
    });
    // Its connection is closed, which the bank waits for before it answers.
    while bank.heads("closed").is_empty() {
        std::thread::yield_now();
    }
    assert!(bank.heads("GET /later").is_empty());
}

#[test]
fn listing_tests_needs_no_keys_and_opens_no_bank() {
    let project = Project::shipped();
    let said = harness(&project, &["--list", "--format", "terse"]);
    said.ends_with(0);
    let mut names: Vec<&str> = said.out.lines().collect();
    names.sort_unstable();
    assert_eq!(names, ["greeting: test", "token: test"]);
    assert!(!project.has("certificates"), "no example certificates were made");
    assert_eq!(harness(&project, &["--list", "--format", "terse", "--ignored"]).ends_with(0).out.trim(), "");
}

/// As cargo-nextest runs tests: each in a process of its own.
#[test]
fn a_process_that_is_asked_for_one_test_runs_that_request_and_what_it_needs() {
    let project = Project::shipped().with(
        "requests/broken.yaml",
        "method: GET\nendpoint: https://127.0.0.1:1/\nexpect: {status: 200}\nsnapshot: false\n",
    );
    let one = harness(&project, &["--exact", "greeting", "--nocapture"]);
    one.ends_with(0);
    assert!(one.out.contains("running 1 test") && one.out.contains("1 passed"), "{}", one.out);
    let other = harness(&project, &["--exact", "broken", "--nocapture"]);
    other.ends_with(101);
    assert!(other.out.contains("error[connect.failed]"), "{}", other.out);
    harness(&project, &["--skip", "broken"]).ends_with(0);
}

#[test]
fn a_failed_test_says_what_the_terminal_says_and_what_needs_it_fails_too() {
    let project = Project::shipped();
    let text = project.read("requests/token.yaml").replace("Bearer", "MAC");
    let project = project.with("requests/token.yaml", &text);
    let all = harness(&project, &[]);
    all.ends_with(101);
    assert!(all.out.contains("error[expect.body]: `$.token_type` is \"Bearer\""), "{}", all.out);
    assert!(all.out.contains("--> requests/token.yaml:"), "{}", all.out);
    assert!(all.out.contains("skipped: `token` did not pass"), "{}", all.out);
    assert!(all.out.contains("0 passed; 2 failed"), "{}", all.out);
    // The token is no test of this process, and its failure is told with that of the one that is.
    let one = harness(&project, &["--exact", "greeting"]);
    one.ends_with(101);
    assert!(one.out.contains("error[expect.body]: `$.token_type` is \"Bearer\""), "{}", one.out);
    assert!(!all.out.contains("access_token\":\"ey"), "{}", all.out);
}

#[test]
fn a_skipped_request_is_an_ignored_test_and_each_case_is_a_test() {
    let bank = Bank::start();
    let end = "expect: {status: 200}\nsnapshot: false\n";
    let project = bank
        .project(&["one"])
        .with("requests/later.yaml", &format!("method: GET\nendpoint: /later\nskip: not built yet\n{end}"))
        .with(
            "requests/now.yaml",
            &format!("method: GET\nendpoint: /now\nvariables: {{on: yes}}\nskip: '{{{{ \"asked not to\" if on }}}}'\n{end}"),
        )
        .with(
            "requests/pay.yaml",
            &format!("method: GET\nendpoint: /pay/{{{{ n }}}}\ncases: [{{case: small, n: 1}}, {{case: large, n: 2}}]\n{end}"),
        );
    let all = harness(&project, &["--test-threads", "1"]);
    all.ends_with(0);
    assert!(all.out.contains("4 passed; 0 failed; 2 ignored"), "{}{}", all.out, all.err);
    assert!(all.out.contains("asked not to"), "{}", all.out);
    let listed = harness(&project, &["--list", "--format", "terse", "--ignored"]);
    assert_eq!(listed.out.trim(), "later: test");
    harness(&project, &["--exact", "pay@large"]).ends_with(0);
    assert_eq!(bank.heads("GET /pay/2").len(), 2);
    assert_eq!(bank.heads("GET /pay/1").len(), 1);
}

#[test]
fn a_suite_that_can_t_run_fails_its_tests_with_the_reason() {
    let project = Project::shipped().with("requests/wrong.yaml", "method: GET\nendpoit: /x\n");
    for arguments in [&["--list"][..], &[]] {
        let said = harness(&project, arguments);
        said.ends_with(101);
        assert!(
            said.err.contains("error[format.unknown_key]: a request has no key `endpoit`"),
            "{}",
            said.err
        );
    }
    let project = Project::shipped().with("certificates/embedded_tls.key", "no key\n");
    let said = harness(&project, &[]);
    said.ends_with(101);
    assert!(said.err.contains("error[credentials.key]"), "{}", said.err);
}

/// What the page shows is what the example holds.
#[test]
fn the_code_of_the_page_is_the_code_of_the_example() {
    let page = fs::read_to_string(repository().join("docs/library.md")).unwrap();
    let read = |path: &str| {
        let path = repository().join("examples/rust-tests").join(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    };
    let blocks = page.split("```rust\n").skip(1).map(|rest| rest.split("\n```").next().unwrap());
    let blocks: Vec<&str> = blocks.collect();
    assert!(blocks.len() >= 4, "{blocks:#?}");
    let example = read("tests/bank.rs") + &read("tests/suite.rs");
    for block in blocks {
        assert!(example.contains(block), "the example has no\n{block}");
    }
    assert!(read("Cargo.toml").contains("[[test]]\nname = \"bank\"\nharness = false"));
}
