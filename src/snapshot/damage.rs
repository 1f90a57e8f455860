//! Whether a snapshot file is whole. insta reads what it can and takes the rest for missing; a
//! truth that is silently replaced is worse than one that can't be read.

use serde_yaml::Value;

use super::head::{self, Metadata};
use super::lines::is_conflict_marker;
use crate::limits;

/// What is wrong with a file, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Damage {
    /// Counted from 1.
    pub(super) line: usize,
    /// A lower-case fragment.
    pub(super) reason: String,
}

/// What the head of a file says, unless something is wrong with the file.
pub(super) fn look(text: &str) -> Result<(Metadata, Option<String>), Damage> {
    let damage = |line, reason: &str| Err(Damage { line, reason: reason.to_owned() });
    if text.trim().is_empty() {
        return damage(1, "it is empty");
    }
    if text.starts_with('\u{feff}') {
        return damage(1, "it begins with a byte order mark");
    }
    if let Some(line) = text.lines().position(is_conflict_marker) {
        return damage(line + 1, "a conflict marker of a merge");
    }
    let mut lines = text.split_inclusive('\n');
    if lines.next().is_none_or(|line| line.trim_end() != "---") {
        return damage(1, "it does not begin with `---`");
    }
    let head: Vec<&str> = lines.by_ref().take_while(|line| line.trim_end() != "---").collect();
    let length: usize = head.iter().map(|line| line.len()).sum();
    if 2 + head.len() > text.lines().count() {
        return damage(head.len() + 1, "its head has no end (a line `---`)");
    }
    if length > limits::SNAPSHOT_HEAD {
        return damage(2, "its head is too large");
    }
    let told = look_into_head(&head.concat())?;
    match lines.next() {
        Some(first) if first.starts_with("HTTP ") => Ok(told),
        _ => damage(head.len() + 3, "it does not hold an HTTP answer"),
    }
}

/// A strict reader with bounds looks first: what insta's would do with a hostile head is not ours
/// to find out.
fn look_into_head(head: &str) -> Result<(Metadata, Option<String>), Damage> {
    let value: Value = serde_yaml::from_str(head).map_err(|error| {
        let line = error.location().map_or(2, |place| place.line() + 1);
        Damage { line, reason: "its head is not YAML".into() }
    })?;
    match value.as_mapping() {
        None => Err(Damage { line: 2, reason: "its head is not a map".into() }),
        Some(map) if map.get("snapshot_kind").and_then(Value::as_str) == Some("binary") => {
            Err(Damage { line: 2, reason: "it is a binary snapshot".into() })
        }
        Some(map) => Ok(head::read(map)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_told_with_its_line() {
        let bomb = format!(
            "---\na: &a [x]\nb: &b [{0}]\nc: &c [{1}]\nd: &d [{2}]\ne: &e [{3}]\nf: &f [{4}]\n---\nHTTP 200\n",
            vec!["*a"; 20].join(","),
            vec!["*b"; 20].join(","),
            vec!["*c"; 20].join(","),
            vec!["*d"; 20].join(","),
            vec!["*e"; 20].join(",")
        );
        let deep = format!("---\n{}\n---\nHTTP 200\n", "- ".repeat(5000));
        let table = [
            ("", 1, "it is empty"),
            ("\n \n", 1, "it is empty"),
            ("\u{feff}---\nsource: a\n---\nHTTP 200\n", 1, "it begins with a byte order mark"),
            ("HTTP 200\n", 1, "it does not begin with `---`"),
            ("---\nsource: a\nexpression: b\n", 3, "its head has no end (a line `---`)"),
            ("---\nsource: a", 2, "its head has no end (a line `---`)"),
            ("---", 1, "its head has no end (a line `---`)"),
            ("---\nsource: a\n---\n", 4, "it does not hold an HTTP answer"),
            ("---\nsource: a\n---\nhello\n", 4, "it does not hold an HTTP answer"),
            ("---\nsource: [a\n---\nHTTP 200\n", 3, "its head is not YAML"),
            ("---\n- a\n---\nHTTP 200\n", 2, "its head is not a map"),
            ("---\nextension: a\nsnapshot_kind: binary\n---\nHTTP 200\n", 2, "it is a binary snapshot"),
            (
                "---\nsource: a\n---\nHTTP 200\n\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n",
                6,
                "a conflict marker of a merge",
            ),
            ("<<<<<<< HEAD\r\n---\r\n", 1, "a conflict marker of a merge"),
            (&bomb, 2, "its head is not YAML"),
            (&deep, 2, "its head is not YAML"),
        ];
        for (text, line, reason) in table {
            let found = look(text).unwrap_err();
            assert_eq!(found.reason, reason, "{:?}", text.chars().take(60).collect::<String>());
            if text.len() < 200 {
                assert_eq!(found.line, line, "{text:?}");
            }
        }
    }

    #[test]
    fn a_whole_file_is_not_called_damaged() {
        for text in [
            "---\nsource: a\nexpression: b\n---\nHTTP 200\n",
            "---\r\nsource: a\r\n---\r\nHTTP 200\r\n",
            "---\nsource: a\n---\nHTTP 200\n\n---\n",
            "---\nsource: a\ndescription: x\ninfo:\n  b: [1]\n---\nHTTP 204",
        ] {
            assert!(look(text).is_ok(), "{text:?}");
        }
    }
}
