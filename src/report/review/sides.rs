//! A difference in two columns: what is stored on the left, what came on the right.

use std::iter;

use super::super::sink::Line;
use super::super::terminal::look;
use super::text::{Writer, padded};
use super::unified::{digits, mark};
use crate::snapshot::{Diff, DiffLine, DiffTag};

pub(super) fn lines(diff: &Diff<'_>, writer: Writer<'_>) -> Vec<Line> {
    let between = if writer.look.unicode { " │ " } else { " | " };
    let digits = digits(diff);
    // A number, a blank, the mark and a blank.
    let columns = (writer.look.width.saturating_sub(3) / 2).saturating_sub(digits + 3);
    let sides = Sides { writer, digits, columns, between };
    let mut lines = Vec::new();
    let mut rest = diff.lines.as_slice();
    while let Some(first) = rest.first() {
        let changed = |line: &&DiffLine<'_>| matches!(line.tag, DiffTag::Delete | DiffTag::Insert);
        let run = rest.iter().take_while(changed).count();
        if run > 0 {
            sides.changed(&rest[..run], &mut lines);
        } else if first.tag == DiffTag::Gap {
            lines.push(Line::new().styled(look::QUIET, writer.look.ellipsis()));
        } else {
            sides.row(Some(first), Some(first), &mut lines);
        }
        rest = &rest[run.max(1)..];
    }
    lines
}

struct Sides<'a> {
    writer: Writer<'a>,
    digits: usize,
    /// Of the text on each side.
    columns: usize,
    between: &'static str,
}

impl Sides<'_> {
    /// Lines that go and lines that come, as many beside each other as there are of both.
    fn changed(&self, run: &[DiffLine<'_>], lines: &mut Vec<Line>) {
        let of = |tag| run.iter().filter(move |line| line.tag == tag).map(Some).chain(iter::repeat(None));
        let longer = run.iter().filter(|line| line.tag == DiffTag::Delete).count();
        let longer = longer.max(run.len() - longer);
        for (old, new) in of(DiffTag::Delete).zip(of(DiffTag::Insert)).take(longer) {
            self.row(old, new, lines);
        }
    }

    fn row(&self, old: Option<&DiffLine<'_>>, new: Option<&DiffLine<'_>>, lines: &mut Vec<Line>) {
        let left = self.side(old, |line| line.old);
        let right = self.side(new, |line| line.new);
        let (digits, columns) = (self.digits, self.columns);
        for place in 0..left.texts.len().max(right.texts.len()) {
            let mut line = Line::new();
            for (side, end) in [(&left, self.between), (&right, "")] {
                let number = if place == 0 { side.number.as_str() } else { "" };
                let text = side.texts.get(place).map_or("", String::as_str);
                line = line
                    .styled(look::QUIET, format!("{number:>digits$}"))
                    .styled(side.style, format!(" {} {}", side.mark, padded(text, columns)))
                    .styled(look::QUIET, end);
            }
            lines.push(line);
        }
    }

    fn side(&self, line: Option<&DiffLine<'_>>, number: impl Fn(&DiffLine<'_>) -> Option<usize>) -> Side {
        let (mark, style) = mark(line.map_or(DiffTag::Gap, |line| line.tag));
        let texts = line.map(|line| self.writer.lines(&line.text, self.columns)).unwrap_or_default();
        let number = line.and_then(number).map(|number| number.to_string()).unwrap_or_default();
        Side { number, mark, style, texts }
    }
}

struct Side {
    number: String,
    mark: &'static str,
    style: anstyle::Style,
    texts: Vec<String>,
}
