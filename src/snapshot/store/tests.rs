//! What happens to the files, and what must not.

use std::fs;

use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::message::Answer;
use crate::secret::Redactor;
use crate::snapshot::{Settings, content};

struct Suite {
    folder: TempDir,
    store: Store,
}

impl Suite {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&Root::open(folder.path()).unwrap()).unwrap();
        Self { folder, store }
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("snapshots").join(file)
    }

    fn put(&self, file: &str, text: impl AsRef<[u8]>) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        #[allow(clippy::disallowed_methods, reason = "a test writes what it likes")]
        fs::write(path, text).unwrap();
    }

    #[allow(clippy::disallowed_methods, reason = "a test reads what it likes")]
    fn text(&self, file: &str) -> Option<String> {
        fs::read_to_string(self.path(file)).ok()
    }

    fn compare(&self, content: &str, mode: Mode) -> Result<Comparison, SnapshotError> {
        self.store.compare("a/b", &metadata(), &text(content), mode)
    }
}

fn metadata() -> Metadata {
    Metadata { source: "requests/a/b.yaml".into(), expression: "GET /b".into(), request: None }
}

fn text(text: &str) -> Content {
    Content { text: text.into(), ..Content::default() }
}

const STORED: &str = "---\nsource: requests/a/b.yaml\nexpression: GET /b\n---\nHTTP 200\n\nold\n";
const PENDING: &str = "---\nsource: requests/a/b.yaml\nexpression: GET /b\n---\nHTTP 200\n\nnew\n";

/// A pending file, and what it says of the stored one.
fn pending(stored: &str) -> String {
    PENDING.replacen("/b\n---", &format!("/b\nstored: {stored}\n---"), 1)
}

#[test]
fn each_mode_does_to_the_files_what_it_promises() {
    use Comparison::{Added, Match, Mismatch, New, Updated};
    let new = |pending| New { content: "HTTP 200\n\nnew".into(), pending };
    let mismatch =
        |pending| Mismatch { old: "HTTP 200\n\nold".into(), new: "HTTP 200\n\nnew".into(), pending };
    let (old, changed) = (Some(STORED), Some(PENDING));
    let (new_one, newer) = (pending("none"), pending(&fingerprint(b"HTTP 200\n\nold")));
    let (new_one, newer) = (Some(new_one.as_str()), Some(newer.as_str()));
    let table = [
        (None, Mode::New, new(true), None, new_one),
        (None, Mode::Always, Added, changed, None),
        (None, Mode::Unseen, Added, changed, None),
        (None, Mode::No, new(false), None, None),
        (old, Mode::New, mismatch(true), old, newer),
        (old, Mode::Always, Updated, changed, None),
        (old, Mode::Unseen, mismatch(true), old, newer),
        (old, Mode::No, mismatch(false), old, None),
        (changed, Mode::New, Match, changed, None),
        (changed, Mode::Always, Match, changed, None),
    ];
    for (before, mode, comparison, stored, pending) in table {
        let suite = Suite::new();
        if let Some(text) = before {
            suite.put("a/b.snap", text);
        }
        assert_eq!(suite.compare("HTTP 200\n\nnew", mode).unwrap(), comparison);
        assert_eq!(suite.text("a/b.snap").as_deref(), stored, "{mode:?}");
        assert_eq!(suite.text("a/b.snap.new").as_deref(), pending, "{mode:?}");
    }
}

#[test]
fn a_stale_pending_file_goes_when_the_answer_is_right_again() {
    let suite = Suite::new();
    suite.put("a/b.snap", STORED);
    suite.put("a/b.snap.new", PENDING);
    assert_eq!(suite.compare("HTTP 200\n\nold", Mode::No).unwrap(), Comparison::Match);
    assert!(suite.text("a/b.snap.new").is_some(), "nothing is removed where nothing may be written");
    assert_eq!(suite.compare("HTTP 200\n\nold", Mode::New).unwrap(), Comparison::Match);
    assert_eq!(suite.text("a/b.snap.new"), None);
}

#[test]
fn a_snapshot_is_reviewed_accepted_and_rejected() {
    let suite = Suite::new();
    suite.compare("HTTP 200\n\nold", Mode::New).unwrap();
    suite.store.compare("c", &metadata(), &text("HTTP 404"), Mode::New).unwrap();
    assert_eq!(suite.store.pending().unwrap(), ["a/b", "c"]);
    assert_eq!(suite.store.review("a/b").unwrap().old, None);
    suite.store.accept("a/b").unwrap();
    assert_eq!(suite.text("a/b.snap").as_deref(), Some(STORED));
    suite.store.reject("c").unwrap();
    assert_eq!(
        (suite.store.pending().unwrap().len(), suite.store.stored().unwrap()),
        (0, vec!["a/b".to_owned()])
    );
    suite.compare("HTTP 200\n\nnew", Mode::New).unwrap();
    let review = suite.store.review("a/b").unwrap();
    assert_eq!((review.old.as_deref(), review.new.as_str()), (Some("HTTP 200\n\nold"), "HTTP 200\n\nnew"));
    assert_eq!(review.metadata, metadata());
    for nothing in [suite.store.accept("c"), suite.store.reject("c")] {
        assert!(matches!(nothing, Err(SnapshotError::NothingPending(id)) if id == "c"));
    }
}

#[test]
fn a_damaged_snapshot_is_neither_new_nor_overwritten() {
    let damages: [&[u8]; 5] = [
        b"",
        b"HTTP 200\n",
        b"---\nsource: a\n---\nHTTP 200\n\n<<<<<<< HEAD\n",
        b"---\n[\n---\nHTTP 200",
        b"---\n\xff",
    ];
    for text in damages {
        for mode in [Mode::New, Mode::Always, Mode::Unseen, Mode::No] {
            let suite = Suite::new();
            suite.put("a/b.snap", text);
            let error = suite.compare("HTTP 200", mode).unwrap_err();
            assert_eq!(error.code(), crate::diag::Code::SnapshotDamaged, "{error}");
            assert!(error.to_string().contains("snapshots/a/b.snap"), "{error}");
            assert_eq!(files::read(&suite.path("a/b.snap"), 1000).unwrap(), text);
            assert!(!suite.path("a/b.snap.new").exists());
        }
    }
    let suite = Suite::new();
    suite.put("a/b.snap.new", b"---\nsource: a\n");
    assert!(matches!(suite.store.accept("a/b"), Err(SnapshotError::Damaged { line: 2, .. })));
}

#[test]
fn a_checkout_with_windows_line_ends_is_equal() {
    let suite = Suite::new();
    suite.put("a/b.snap", STORED.replace('\n', "\r\n"));
    assert_eq!(suite.compare("HTTP 200\n\nold", Mode::New).unwrap(), Comparison::Match);
}

#[test]
fn a_head_that_insta_or_a_person_extended_is_read() {
    let suite = Suite::new();
    suite.put(
        "a/b.snap",
        "---\nsource: x\ndescription: d\nexpression: y\ninfo:\n  a: 1\n---\nHTTP 200\n\nold\n\n\n",
    );
    assert_eq!(suite.compare("HTTP 200\n\nold", Mode::New).unwrap(), Comparison::Match);
}

#[cfg(unix)]
#[test]
fn no_symlink_is_followed_to_read_or_to_write() {
    use std::os::unix::fs::symlink;
    let outside = TempDir::new().unwrap();
    let target = outside.path().join("target");
    let refused = |result: Result<Comparison, SnapshotError>| {
        assert!(
            matches!(result, Err(SnapshotError::File(FileError { fault: Fault::Symlink, .. }))),
            "{result:?}"
        );
        assert!(!target.exists());
    };
    for file in ["a/b.snap", "a/b.snap.new"] {
        let suite = Suite::new();
        fs::create_dir_all(suite.path("a")).unwrap();
        symlink(&target, suite.path(file)).unwrap();
        refused(suite.compare("HTTP 200", Mode::New));
        assert_eq!(suite.store.pending().unwrap(), [] as [&str; 0]);
    }
    let suite = Suite::new();
    fs::create_dir(suite.path("")).unwrap();
    symlink(outside.path(), suite.path("a")).unwrap();
    refused(suite.compare("HTTP 200", Mode::Always));
    let suite = Suite::new();
    symlink(outside.path(), suite.folder.path().join("snapshots")).unwrap();
    refused(suite.compare("HTTP 200", Mode::Always));
    assert!(Store::open(&Root::open(suite.folder.path()).unwrap()).is_err());
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_folder_or_an_id_outside_the_store_is_refused() {
    let suite = Suite::new();
    fs::create_dir_all(suite.path("a/b.snap")).unwrap();
    assert!(matches!(suite.compare("HTTP 200", Mode::New), Err(SnapshotError::File(_))));
    for id in ["../x", "/x", "a//x", "", "a/../../x", "a/./x", "a\0"] {
        let error = suite.store.compare(id, &metadata(), &text("HTTP 200"), Mode::Always).unwrap_err();
        assert!(matches!(error, SnapshotError::File(_)), "{id}");
    }
    assert!(!suite.folder.path().join("x.snap").exists());
}

#[test]
fn every_visited_snapshot_is_noted_for_insta() {
    let suite = Suite::new();
    let list = suite.folder.path().join("references");
    let store = suite.store.clone().with_references(list.clone());
    store.compare("a/b", &metadata(), &text("HTTP 200"), Mode::No).unwrap();
    store.compare("c", &metadata(), &text("HTTP 200"), Mode::No).unwrap();
    let root = suite.store.root.path().display().to_string();
    let expected = format!("{root}/snapshots/a/b.snap\n{root}/snapshots/c.snap\n");
    assert_eq!(files::read_text(&list, 10_000).unwrap(), expected);
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..60),
        any::<String>().prop_map(String::into_bytes),
        r"([ \t\r\n\\]|---|HTTP 200|a: b|<<<<<<<|=======|>>>>>>>|\x{a0}|\x{feff}){0,12}"
            .prop_map(String::into_bytes),
        r#"\{"[a-z]": ?("\PC*"|-?[0-9]{1,20}(\.[0-9]+)?)\}[ \n]?"#.prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever a server sends: what is stored is read back by insta, matches when it comes again,
    /// and does not match when something else comes.
    #[test]
    fn every_body_is_stored_and_found_again(first in body(), second in body()) {
        let suite = Suite::new();
        let answer = |body: &[u8]| Answer {
            status: 200,
            version: "HTTP/1.1".into(),
            headers: [("content-type", "text/plain")].into_iter().collect(),
            body: body.to_vec().into(),
        };
        let made = |body: &[u8]| content(&Settings::default(), &[], &answer(body), &Redactor::default()).unwrap();
        let compare = |body: &[u8], mode| suite.store.compare("a/b", &metadata(), &made(body), mode).unwrap();
        compare(&first, Mode::New);
        suite.store.accept("a/b").unwrap();
        prop_assert_eq!(compare(&first, Mode::New), Comparison::Match);
        let read = Snapshot::from_file(&suite.path("a/b.snap")).unwrap();
        prop_assert_eq!(read.contents().as_text().unwrap().to_string(), made(&first).text);
        prop_assert_eq!(read.metadata().expression(), Some("GET /b"));

        let json = |body: &[u8]| crate::json::parse(body).ok().filter(|value| value.is_array() || value.is_object());
        let same = first == second || json(&first).zip(json(&second)).is_some_and(|(first, second)| crate::json::equal(&first, &second));
        let again = compare(&second, Mode::No);
        prop_assert_eq!(again == Comparison::Match, same);
    }
}
