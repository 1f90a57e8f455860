//! A difference in one column: what goes above what comes, with the numbers of both.

use anstyle::Style;

use super::super::sink::Line;
use super::super::terminal::look;
use super::text::Writer;
use crate::snapshot::{Diff, DiffLine, DiffTag};

pub(super) fn lines(diff: &Diff<'_>, writer: Writer<'_>) -> Vec<Line> {
    let has_old = diff.lines.iter().any(|line| line.old.is_some());
    let gutter = Gutter { digits: digits(diff), has_old };
    diff.lines.iter().flat_map(|line| gutter.line(line, writer)).collect()
}

/// How many digits the largest number of a line has.
pub(super) fn digits(diff: &Diff<'_>) -> usize {
    let numbers = diff.lines.iter().flat_map(|line| [line.old, line.new]);
    numbers.flatten().max().unwrap_or_default().to_string().len()
}

/// The mark and the colour of a line.
pub(super) const fn mark(tag: DiffTag) -> (&'static str, Style) {
    match tag {
        DiffTag::Equal | DiffTag::Gap => (" ", Style::new()),
        DiffTag::Delete => ("-", look::BAD),
        DiffTag::Insert => ("+", look::GOOD),
    }
}

struct Gutter {
    digits: usize,
    /// What is new altogether has one number a line.
    has_old: bool,
}

impl Gutter {
    fn line(&self, line: &DiffLine<'_>, writer: Writer<'_>) -> Vec<Line> {
        if line.tag == DiffTag::Gap {
            return vec![Line::new().styled(look::QUIET, writer.look.ellipsis())];
        }
        let (mark, style) = mark(line.tag);
        let numbers = self.numbers(line.old, line.new);
        let room = writer.look.width.saturating_sub(numbers.len() + 3);
        let texts = writer.lines(&line.text, room).into_iter().enumerate();
        let rest = self.numbers(None, None);
        let piece = |(place, text): (usize, String)| {
            let numbers = if place == 0 { &numbers } else { &rest };
            Line::new().styled(look::QUIET, numbers.clone()).styled(style, format!(" {mark} {text}"))
        };
        texts.map(piece).collect()
    }

    fn numbers(&self, old: Option<usize>, new: Option<usize>) -> String {
        let number = |number: Option<usize>| number.map(|number| number.to_string()).unwrap_or_default();
        let digits = self.digits;
        let new = format!("{:>digits$}", number(new));
        if self.has_old { format!("{:>digits$} {new}", number(old)) } else { new }
    }
}
