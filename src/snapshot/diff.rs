//! The difference between two snapshots, as data: a reporter colours it, the terminal review shows
//! it whole.

use std::borrow::Cow;
use std::fmt;
use std::time::Instant;

use similar::{Algorithm, DiffOp, capture_diff_slices_deadline, group_diff_ops};

use crate::diag::is_invisible;
use crate::limits;

/// The lines that differ, with three lines around each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff<'a> {
    /// In order.
    pub lines: Vec<DiffLine<'a>>,
    /// How many more lines there would be.
    pub omitted: usize,
}

/// One line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiffLine<'a> {
    /// Where it is found.
    pub tag: DiffTag,
    /// Its number in the stored snapshot, from 1.
    pub old: Option<usize>,
    /// Its number in the new one, from 1.
    pub new: Option<usize>,
    /// The line, without anything that a terminal would act on.
    pub text: Cow<'a, str>,
}

/// Where a line is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffTag {
    /// In both.
    Equal,
    /// Only in the stored one.
    Delete,
    /// Only in the new one.
    Insert,
    /// Nowhere: lines that are equal were left out here.
    Gap,
}

/// The difference in at most [`limits::DIFF_LINES`] lines of bounded length.
pub fn diff<'a>(old: &'a str, new: &'a str) -> Diff<'a> {
    Builder { limit: limits::DIFF_LINES, width: limits::PHRASE }.build(old, new)
}

/// The whole difference, for a review: what is accepted must have been seen.
pub fn whole_diff<'a>(old: &'a str, new: &'a str) -> Diff<'a> {
    Builder { limit: usize::MAX, width: usize::MAX }.build(old, new)
}

struct Builder {
    limit: usize,
    width: usize,
}

impl Builder {
    fn build<'a>(&self, old: &'a str, new: &'a str) -> Diff<'a> {
        let split = |text: &'a str| -> Vec<&'a str> {
            if text.is_empty() { Vec::new() } else { text.trim_end().split('\n').collect() }
        };
        let (old, new) = (split(old), split(new));
        let deadline = Instant::now() + limits::DIFF_TIME;
        let operations = capture_diff_slices_deadline(Algorithm::Myers, &old, &new, Some(deadline));
        let mut diff = Diff { lines: Vec::new(), omitted: 0 };
        for (place, group) in group_diff_ops(operations, 3).iter().enumerate() {
            if place > 0 {
                self.push(&mut diff, DiffLine { tag: DiffTag::Gap, old: None, new: None, text: "".into() });
            }
            for operation in group {
                self.operation(operation, &old, &new, &mut diff);
            }
        }
        diff
    }

    fn operation<'a>(&self, operation: &DiffOp, old: &[&'a str], new: &[&'a str], diff: &mut Diff<'a>) {
        let (olds, news) = (operation.old_range(), operation.new_range());
        if let DiffOp::Equal { .. } = operation {
            for (old_index, new_index) in olds.zip(news) {
                let (old_number, new_number) = (Some(old_index + 1), Some(new_index + 1));
                let text = self.shown(old[old_index]);
                self.push(diff, DiffLine { tag: DiffTag::Equal, old: old_number, new: new_number, text });
            }
            return;
        }
        for index in olds {
            let text = self.shown(old[index]);
            self.push(diff, DiffLine { tag: DiffTag::Delete, old: Some(index + 1), new: None, text });
        }
        for index in news {
            let text = self.shown(new[index]);
            self.push(diff, DiffLine { tag: DiffTag::Insert, old: None, new: Some(index + 1), text });
        }
    }

    fn push<'a>(&self, diff: &mut Diff<'a>, line: DiffLine<'a>) {
        if diff.lines.len() < self.limit {
            diff.lines.push(line);
        } else {
            diff.omitted += 1;
        }
    }

    /// A stored file may have been written by anyone.
    fn shown<'a>(&self, line: &'a str) -> Cow<'a, str> {
        let cut = line.char_indices().nth(self.width).map_or(line.len(), |(place, _)| place);
        let acts = |character: char| character != '\t' && is_invisible(character);
        if cut == line.len() && !line.contains(acts) {
            return Cow::Borrowed(line);
        }
        let mut shown = String::new();
        for character in line[..cut].chars() {
            if acts(character) {
                shown.extend(character.escape_unicode());
            } else {
                shown.push(character);
            }
        }
        if cut < line.len() {
            shown.push('…');
        }
        Cow::Owned(shown)
    }
}

impl fmt::Display for Diff<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            let mark = match line.tag {
                DiffTag::Equal => ' ',
                DiffTag::Delete => '-',
                DiffTag::Insert => '+',
                DiffTag::Gap => '…',
            };
            writeln!(formatter, "{mark}{}", line.text)?;
        }
        match self.omitted {
            0 => Ok(()),
            omitted => writeln!(formatter, "… {omitted} more lines"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_shows_three_lines_around_each_change() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm";
        let new = "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\u{1b}[31m";
        let diff = diff(old, new);
        assert_eq!(diff.to_string(), " a\n-b\n+B\n c\n d\n e\n…\n k\n l\n m\n+n\\u{1b}[31m\n");
        assert_eq!((diff.lines[1].old, diff.lines[1].new), (Some(2), None));
        assert_eq!(diff.lines.last().unwrap().new, Some(14));
    }

    #[test]
    fn nothing_differs_from_itself_and_everything_from_nothing() {
        assert_eq!(diff("a\nb", "a\nb").lines, []);
        assert_eq!(diff("", "a\nb").to_string(), "+a\n+b\n");
    }

    #[test]
    fn a_huge_difference_is_cut_in_time_and_size() {
        let lines = |salt: usize| {
            (0..200_000).map(|number| format!("  \"{}\": 1", number * salt)).collect::<Vec<_>>().join("\n")
        };
        let (old, new) = (lines(3), lines(7));
        let started = Instant::now();
        let diff = diff(&old, &new);
        assert!(started.elapsed().as_secs() < 10);
        assert_eq!(diff.lines.len(), limits::DIFF_LINES);
        assert!(diff.omitted > 100_000);
        let long = "x".repeat(1_000_000);
        assert!(super::diff("", &long).to_string().len() < 1000);
        assert_eq!(whole_diff("", &long).to_string().len(), 1_000_002);
    }
}
