//! What a review does to the files.
#![allow(clippy::disallowed_methods, reason = "a test writes what it likes")]

use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::files::Root;
use crate::snapshot::{Content, Metadata, Mode};

struct Suite {
    folder: TempDir,
    store: Store,
}

impl Suite {
    /// A stored and a pending `a`, and a pending `b` and `c`.
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&Root::open(folder.path()).unwrap()).unwrap();
        let suite = Self { folder, store };
        suite.run("a", "HTTP 200\n\nold", Mode::Always);
        for id in ["a", "b", "c"] {
            suite.run(id, "HTTP 200\n\nnew", Mode::New);
        }
        suite
    }

    fn run(&self, id: &str, content: &str, mode: Mode) {
        let metadata =
            Metadata { source: "requests/a.yaml".into(), expression: "GET /".into(), request: None };
        self.store
            .compare(id, &metadata, &Content { text: content.into(), ..Content::default() }, mode)
            .unwrap();
    }

    fn review(&self) -> Review {
        Review::new(self.store.clone(), self.store.pending().unwrap())
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("snapshots").join(file)
    }

    fn bytes(&self, file: &str) -> Option<Vec<u8>> {
        fs::read(self.path(file)).ok()
    }

    fn files(&self) -> Vec<Option<Vec<u8>>> {
        ["a.snap", "a.snap.new", "b.snap", "b.snap.new"].map(|file| self.bytes(file)).to_vec()
    }
}

#[test]
fn every_decision_is_carried_out_at_once() {
    let suite = Suite::new();
    let mut review = suite.review();
    for (id, decision) in [("a", Decision::Accept), ("b", Decision::Reject), ("c", Decision::Skip)] {
        assert_eq!(review.id(), Some(id));
        review.show().unwrap();
        review.decide(decision).unwrap();
    }
    assert_eq!(review.id(), None);
    assert_eq!(review.tally(), Tally { accepted: 1, rejected: 1, skipped: 1, left: 0 });
    assert_eq!(suite.store.pending().unwrap(), ["c"]);
    assert_eq!(suite.store.stored().unwrap(), ["a"]);
}

#[test]
fn what_is_undone_leaves_both_files_as_they_were_to_the_byte() {
    let suite = Suite::new();
    let odd = "---\r\nsource: x\r\ninfo: {a: 1}\r\nexpression: y\r\n---\r\nHTTP 200\r\n\r\nold\r\n\r\n";
    fs::write(suite.path("a.snap"), odd).unwrap();
    let before = suite.files();
    for decision in [Decision::Accept, Decision::Reject, Decision::Skip] {
        let mut review = suite.review();
        for _ in 0..2 {
            review.show().unwrap();
            review.decide(decision).unwrap();
        }
        assert_eq!(suite.files() == before, decision == Decision::Skip, "{decision:?}");
        assert!(review.undo().unwrap() && review.undo().unwrap() && !review.undo().unwrap());
        assert_eq!(review.id(), Some("a"));
        assert_eq!(suite.files(), before, "{decision:?}");
    }
}

#[test]
fn what_another_run_wrote_meanwhile_is_neither_accepted_nor_rejected_unseen() {
    for decision in [Decision::Accept, Decision::Reject] {
        let suite = Suite::new();
        let mut review = suite.review();
        review.show().unwrap();
        suite.run("a", "HTTP 200\n\nnewer", Mode::New);
        let before = suite.files();
        assert!(matches!(review.decide(decision), Err(ReviewError::Changed(_))));
        assert_eq!((suite.files(), review.id()), (before, Some("a")));
        assert_eq!(review.show().unwrap().new, "HTTP 200\n\nnewer");
        review.decide(decision).unwrap();
    }
}

#[test]
fn what_another_run_stored_is_not_overwritten_by_an_undo() {
    let suite = Suite::new();
    let mut review = suite.review();
    review.show().unwrap();
    review.decide(Decision::Accept).unwrap();
    suite.run("a", "HTTP 200\n\nnewer", Mode::Always);
    let after = suite.files();
    assert!(matches!(review.undo(), Err(ReviewError::ChangedSince(_))));
    assert_eq!((suite.files(), review.id()), (after, Some("b")));
}

#[test]
fn it_is_told_how_many_of_the_rest_were_refused() {
    let suite = Suite::new();
    let mut review = suite.review();
    review.show().unwrap();
    for file in ["a.snap.new", "b.snap.new"] {
        fs::write(suite.path(file), "torn").unwrap();
    }
    let error = review.accept_rest().unwrap_err().to_string();
    let expected = "2 were not accepted; the first: `snapshots/a.snap` changed while it was shown; this is what it is now";
    assert_eq!(error, expected);
    assert_eq!((review.tally().accepted, review.id()), (1, Some("a")));
}

#[test]
fn accepting_the_rest_leaves_what_can_not_be_read() {
    let suite = Suite::new();
    fs::write(suite.path("b.snap.new"), "torn").unwrap();
    let mut review = suite.review();
    review.show().unwrap();
    assert!(matches!(review.accept_rest(), Err(ReviewError::Store(SnapshotError::Damaged { .. }))));
    assert_eq!(review.tally(), Tally { accepted: 2, left: 1, ..Tally::default() });
    assert_eq!((review.id(), review.position()), (Some("b"), (3, 3)));
    assert!(review.show().is_err());
    assert!(matches!(review.decide(Decision::Accept), Err(ReviewError::Store(_))));
    assert!(review.undo().unwrap());
    assert_eq!(review.id(), Some("c"));
    assert!(suite.bytes("c.snap").is_none() && suite.bytes("c.snap.new").is_some());
}
