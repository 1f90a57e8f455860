//! A snapshot's difference side by side, from its lines: what is stored on the left, what came on
//! the right.

use serde::Serialize;
use similar::{Algorithm, capture_diff_slices};

use super::shown::Shown;
use crate::report::record::{Comparison, Snapshot};
use crate::report::words;

/// What a page says of a snapshot.
#[derive(Debug, Serialize)]
pub(super) struct Difference {
    file: Shown,
    /// What came of the comparison, in a word or two.
    outcome: &'static str,
    pending: bool,
    changes: Vec<Change>,
    more_changes: Option<String>,
    rows: Vec<Row>,
    unused: Vec<Shown>,
}

#[derive(Debug, Serialize)]
struct Change {
    place: Shown,
    old: Option<Shown>,
    new: Option<Shown>,
}

/// One line of both sides.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Row {
    kind: &'static str,
    old: Option<Shown>,
    new: Option<Shown>,
}

impl Difference {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let shown = |value: &Option<String>| value.as_deref().map(Shown::line);
        let change = |change: &crate::report::record::Change| Change {
            place: Shown::line(&change.place),
            old: shown(&change.old),
            new: shown(&change.new),
        };
        Self {
            file: Shown::line(&snapshot.file),
            outcome: match snapshot.comparison {
                Comparison::Match => "the same",
                Comparison::Added => "new, and accepted",
                Comparison::Updated => "changed, and accepted",
                Comparison::New => "there is none yet",
                Comparison::Mismatch => "changed",
            },
            pending: snapshot.pending,
            changes: snapshot.changes.iter().map(change).collect(),
            more_changes: (snapshot.more_changes > 0)
                .then(|| words::count(snapshot.more_changes, "more change")),
            rows: snapshot.diff.as_deref().map(rows).unwrap_or_default(),
            unused: snapshot.unused.iter().map(|rule| Shown::line(rule)).collect(),
        }
    }
}

fn rows(diff: &str) -> Vec<Row> {
    let lines: Vec<&str> = diff.lines().collect();
    let mut rest = lines.as_slice();
    let mut rows = Vec::new();
    while let Some(first) = rest.first() {
        let run = rest.iter().take_while(|line| line.starts_with(['-', '+'])).count();
        if run > 0 {
            changed(&rest[..run], &mut rows);
        } else {
            rows.push(unchanged(first));
        }
        rest = &rest[run.max(1)..];
    }
    rows
}

fn unchanged(line: &str) -> Row {
    match line.strip_prefix(' ') {
        Some(text) => Row { kind: "equal", old: Some(Shown::line(text)), new: Some(Shown::line(text)) },
        None => Row { kind: "gap", old: Some(Shown::line(line)), new: None },
    }
}

/// Lines that go and lines that come: those of the same member beside each other, then as many as
/// there are of both.
fn changed(run: &[&str], rows: &mut Vec<Row>) {
    let of = |mark| run.iter().filter_map(move |line| line.strip_prefix(mark)).collect::<Vec<_>>();
    let (olds, news) = (of('-'), of('+'));
    let member =
        |line: &&str| line.split_once(':').map_or(line.trim(), |(member, _)| member.trim()).to_owned();
    let (old_members, new_members) =
        (olds.iter().map(member).collect::<Vec<_>>(), news.iter().map(member).collect::<Vec<_>>());
    for operation in capture_diff_slices(Algorithm::Myers, &old_members, &new_members) {
        let (old, new) = (&olds[operation.old_range()], &news[operation.new_range()]);
        beside(old, new, rows);
    }
}

fn beside(olds: &[&str], news: &[&str], rows: &mut Vec<Row>) {
    let shown = |lines: &[&str], place: usize| lines.get(place).map(|line| Shown::line(line));
    for place in 0..olds.len().max(news.len()) {
        rows.push(Row { kind: "changed", old: shown(olds, place), new: shown(news, place) });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_go_stand_beside_those_that_come() {
        let row = |kind, old: &str, new: &str| Row {
            kind,
            old: (!old.is_empty()).then(|| Shown::line(old)),
            new: (!new.is_empty()).then(|| Shown::line(new)),
        };
        assert_eq!(
            rows(" a\n-b\n-c\n+d\n e\n…\n+f\n… 3 more lines\n"),
            [
                row("equal", "a", "a"),
                row("changed", "b", "d"),
                row("changed", "c", ""),
                row("equal", "e", "e"),
                row("gap", "…", ""),
                row("changed", "", "f"),
                row("gap", "… 3 more lines", ""),
            ]
        );
        assert_eq!(
            rows("-\"a\": 1\n-\"b\": 2\n+\"b\": 3\n"),
            [row("changed", "\"a\": 1", ""), row("changed", "\"b\": 2", "\"b\": 3")],
            "a member stands beside itself"
        );
    }
}
