//! The lines of a text before and after an edit.

use super::super::yaml::{Entry, Node, Value};
use crate::diag::Span;

/// By how many blanks the first map of a document that stands below its key is indented.
pub(super) fn step(text: &str, document: &Node) -> usize {
    let column = |span: Span| {
        let before = text.get(..span.start as usize).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |newline| newline + 1)
    };
    let Value::Map(entries) = &document.value else { return INDENTATION };
    let below = entries.iter().filter(|entry| matches!(&entry.value.value, Value::Map(_)));
    let is_block = |entry: &&Entry| {
        entry.value.alias.is_none() && !text[entry.value.span.start as usize..].starts_with('{')
    };
    let first = below.into_iter().find(is_block);
    let step = first.and_then(|entry| column(entry.value.span).checked_sub(column(entry.key.span)));
    step.filter(|step| (1..=8).contains(step)).unwrap_or(INDENTATION)
}

/// Blanks for a level where a document shows no habit.
const INDENTATION: usize = 2;

/// What was inserted, indented as the rest of the document is.
pub(super) fn indented(before: &str, after: &str, step: usize) -> String {
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let same = |(left, right): &(&&str, &&str)| left.trim_end() == right.trim_end();
    let ahead = old.iter().zip(&new).take_while(same).count();
    let behind = old[ahead..].iter().rev().zip(new[ahead..].iter().rev()).take_while(same).count();
    let mut above = None;
    let indent = |(number, line): (usize, &&str)| {
        let content = line.trim_start_matches(' ');
        let own = line.len() - content.len();
        let inserted = (ahead..new.len() - behind).contains(&number);
        let indentation = above.filter(|_| inserted).map_or(own, |above| above + step);
        let opens = ["snapshot:", "redact:", "filters:"].iter().any(|key| content.starts_with(key));
        above = (inserted && opens).then_some(indentation);
        " ".repeat(indentation) + content
    };
    new.iter().enumerate().map(indent).collect()
}

/// Whether a text is another one with one part inserted; of `snapshot: true` the word gives way.
pub(super) fn is_insertion(before: &str, after: &str) -> bool {
    let same = |(left, right): &(u8, u8)| left == right;
    let ahead = before.bytes().zip(after.bytes()).take_while(same).count();
    let behind = before.bytes().rev().zip(after.bytes().rev()).take_while(same).count();
    if ahead + behind >= before.len() {
        return true;
    }
    let (old, new): (Vec<&str>, Vec<&str>) =
        (before.split_inclusive('\n').collect(), after.split_inclusive('\n').collect());
    let ahead = old.iter().zip(&new).take_while(|(left, right)| left == right).count();
    let behind = old.iter().rev().zip(new.iter().rev()).take_while(|(left, right)| left == right).count();
    let without = |line: &str| line.replacen("true", "", 1).split_whitespace().collect::<Vec<_>>().join(" ");
    let [changed] = old.get(ahead..old.len().saturating_sub(behind)).unwrap_or_default() else {
        return false;
    };
    let kept = new.get(ahead).map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    kept.is_some_and(|kept| kept == without(changed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_leaves_every_other_byte_alone_is_an_insertion() {
        let table = [
            ("a: 1\nb: 2\n", "a: 1\nx: y\nb: 2\n", true),
            ("a: 1", "a: 1\nx: y", true),
            ("a: 1\na: 1\n", "a: 1\na: 1\na: 1\n", true),
            ("snapshot: true # why\nb: 2\n", "snapshot: # why\n  x: y\nb: 2\n", true),
            ("snapshot: true\nb: 2\n", "snapshot:\n  x: y\nb: 3\n", false),
            ("a: 1\nb: 2\n", "a: 1\nx: y\nb:  2\n", false),
            ("a: 1 # why\n", "a: 1\nx: y\n", false),
            ("a: 'x'\nb: 2\n", "a: x\nb: 2\nx: y\n", false),
            ("a: 1\r\nb: 2\r\n", "a: 1\nb: 2\nx: y\n", false),
        ];
        for (before, after, expected) in table {
            assert_eq!(is_insertion(before, after), expected, "{before:?} {after:?}");
        }
    }
}
