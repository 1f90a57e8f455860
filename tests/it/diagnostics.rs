//! Every mistake that loading catches, one per file, with what the user sees.
//!
//! `tests/cases/diagnostics/NAME.yaml` is a request file with one mistake. A first line
//! `# file: PATH` says that it is another file of a suite (`requests/environments/test.yaml`).
//! A folder `NAME/` is a suite of its own. What is shown lies in `snapshots/NAME.snap`.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "files of a test's own folder")]

use std::fs;
use std::path::{Path, PathBuf};

use std::sync::Arc;

use countersign::clock::{Clock, Ids};
use countersign::diag::{self, Diagnostic, Sources};
use countersign::files::Root;
use countersign::launch;
use countersign::load::{Suite, load};
use countersign::plan::{Refusal, Selection, plan};
use countersign::run::{Proxies, Surroundings};
use countersign::secret::Redactor;
use countersign::snapshot::Mode;
use countersign::template::Programs;

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/diagnostics");

/// The least number of mistakes that must have a file.
const CAUGHT: usize = 40;

#[test]
fn every_mistake_is_shown_at_its_place_with_what_to_do() {
    let cases = cases();
    assert!(cases.len() >= CAUGHT, "only {} cases", cases.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(CASES).join("snapshots"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut failed = Vec::new();
    for case in &cases {
        let name = case.file_stem().unwrap().to_str().unwrap();
        let shown = shown(case);
        let compared = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            settings.bind(|| insta::assert_snapshot!(name, shown));
        }));
        failed.extend(compared.is_err().then_some(name));
    }
    assert!(failed.is_empty(), "not as in their snapshots: {failed:?}");
}

#[test]
fn every_snapshot_belongs_to_a_case() {
    let names: Vec<_> = cases().iter().map(|case| case.file_stem().unwrap().to_owned()).collect();
    for entry in fs::read_dir(Path::new(CASES).join("snapshots")).unwrap() {
        let path = entry.unwrap().path();
        assert!(names.iter().any(|name| name == path.file_stem().unwrap()), "{} has no case", path.display());
    }
}

/// The files and folders of the cases, sorted.
fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(CASES).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> =
        entries.filter(|path| !path.ends_with("snapshots") && !path.ends_with("README.md")).collect();
    cases.sort();
    cases
}

/// What is shown of the case by the first stage that finds something: loading, planning, reading
/// the key material. Warnings count when there are no errors. Nothing is sent by any of them.
fn shown(case: &Path) -> String {
    let folder = tempfile::tempdir().unwrap();
    if case.is_dir() {
        copy(case, folder.path());
        let keys = folder.path().join("keys");
        fs::create_dir_all(&keys).unwrap();
        copy(&Path::new(CASES).join("../../fixtures/keys"), &keys);
    } else {
        let bytes = read(case);
        let first = String::from_utf8_lossy(&bytes).lines().next().unwrap_or_default().to_owned();
        let path = first.strip_prefix("# file: ").unwrap_or("requests/a.yaml").to_owned();
        write(&folder.path().join(path), &bytes);
    }
    let name = case.display();
    match load(Root::open(folder.path()).unwrap()) {
        Ok(suite) if suite.warnings.is_empty() => {
            planned(&suite).unwrap_or_else(|| panic!("{name} has no mistake"))
        }
        Ok(suite) => diag::render(&suite.warnings, &suite.sources, false),
        Err(problems) => {
            let located = problems.diagnostics.iter().all(|problem| is_located(problem, &problems.sources));
            assert!(located, "{name}: a problem has no place");
            problems.render(false).replace(&*folder.path().canonicalize().unwrap().to_string_lossy(), "SUITE")
        }
    }
}

/// What planning and checking show of a suite that could be loaded.
fn planned(suite: &Suite) -> Option<String> {
    let show = |problems: &[Diagnostic]| {
        let shown = diag::render(problems, &suite.sources, false);
        Some(shown.replace(&*suite.root.path().to_string_lossy(), "SUITE"))
    };
    let plan = match plan(suite, &Selection::default(), None, &[]) {
        Ok(plan) => plan,
        Err(Refusal::Problems(problems)) => return show(&problems),
        Err(Refusal::Nothing(message)) => return Some(message),
    };
    let surroundings = Surroundings {
        clock: Clock::System,
        ids: Ids::Random,
        environment: Arc::default(),
        proxies: Proxies::default(),
        redactor: Redactor::default(),
        programs: Programs::default(),
        given: Vec::new(),
        conduct: countersign::run::Conduct::default(),
        snapshots: Mode::No,
        refuses_insecure: false,
        snapshot_references: None,
    };
    match launch::check(suite, &plan, &surroundings) {
        Err(problems) => show(&problems),
        Ok(checked) if checked.warnings.is_empty() => None,
        Ok(checked) => show(&checked.warnings),
    }
}

/// Whether a problem with the content of a file shows where.
fn is_located(problem: &Diagnostic, sources: &Sources) -> bool {
    let whole_file = matches!(
        problem.code,
        diag::Code::Unreadable | diag::Code::NoSuite | diag::Code::DuplicateName | diag::Code::YamlLimit
    );
    whole_file || problem.labels.iter().any(|label| sources.position(label.span).line > 0)
}

fn copy(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir_all(&target).unwrap();
            copy(&path, &target);
        } else {
            write(&target, &read(&path));
        }
    }
}

fn read(path: &Path) -> Vec<u8> {
    countersign::files::read(path, u64::MAX - 1).unwrap()
}

fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}
