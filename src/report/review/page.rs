//! A snapshot laid out for a width: what it is above, what it says below.

use anstyle::Style;

use super::super::sink::Line;
use super::super::terminal::{Look, look};
use super::super::words;
use super::text::{Writer, flowing};
use super::{DiffLayout, sides, unified};
use crate::secret::Redactor;
use crate::snapshot::{Changes, Diff, changes, whole_diff};

/// A snapshot as a review shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewCard {
    /// Its place, from 1, and how many there are.
    pub position: (usize, usize),
    /// What the request is called.
    pub name: String,
    /// What tells it from other snapshots of the request: `case small`, `environment test`.
    pub parts: Vec<String>,
    /// Method and endpoint as written.
    pub expression: String,
    /// Its file, relative to the suite.
    pub file: String,
    /// What is to be decided about.
    pub contents: ReviewContents,
}

/// What is to be decided about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewContents {
    /// There is none yet.
    New(String),
    /// It differs.
    Changed {
        /// What is stored.
        old: String,
        /// What came.
        new: String,
    },
    /// It can't be shown; a sentence for each thing to say.
    Problem(Vec<String>),
}

/// Lines of one snapshot.
#[derive(Debug, Clone)]
pub struct Page {
    pub(super) heading: Vec<Line>,
    pub(super) body: Vec<Line>,
}

impl Page {
    /// Lays a snapshot out for the columns of `look`.
    pub fn of(card: &ReviewCard, layout: DiffLayout, look: &Look, redactor: &Redactor) -> Self {
        let writer = Writer { look, redactor };
        Self { heading: heading(card, writer), body: body(&card.contents, layout, writer) }
    }
}

fn heading(card: &ReviewCard, writer: Writer<'_>) -> Vec<Line> {
    let (state, style) = match card.contents {
        ReviewContents::New(_) => ("new", look::GOOD),
        ReviewContents::Changed { .. } => ("changed", look::WARN),
        ReviewContents::Problem(_) => ("unreadable", look::BAD),
    };
    let (place, of) = card.position;
    let position = format!("{place} of {of}");
    let room = writer.look.width.saturating_sub(position.len() + state.len() + 4);
    let mut names = writer.lines(&card.name, room).into_iter();
    let first = Line::new()
        .styled(look::QUIET, position)
        .text("  ")
        .styled(style, state)
        .text("  ")
        .styled(look::BOLD, names.next().unwrap_or_default());
    let mut lines = vec![first];
    lines.extend(names.map(|rest| Line::new().styled(look::BOLD, rest)));
    let about: Vec<String> = std::iter::once(&card.expression)
        .filter(|expression| !expression.is_empty())
        .chain(&card.parts)
        .map(|part| writer.shown(part))
        .collect();
    let about = flowing(&about, writer.look.between(), writer.look.width);
    lines.extend(about.into_iter().map(|text| Line::new().text(text)));
    let file = writer.lines(&card.file, writer.look.width);
    lines.extend(file.into_iter().map(|text| Line::new().styled(look::QUIET, text)));
    lines
}

fn body(contents: &ReviewContents, layout: DiffLayout, writer: Writer<'_>) -> Vec<Line> {
    let masked = |text| writer.redactor.redact(text);
    match contents {
        ReviewContents::New(new) => unified::lines(&whole_diff("", &masked(new)), writer),
        ReviewContents::Changed { old, new } => {
            let (old, new) = (masked(old), masked(new));
            let mut lines = places(&changes(&old, &new), writer);
            lines.extend(difference(&whole_diff(&old, &new), layout, writer));
            lines
        }
        ReviewContents::Problem(said) => plain(said, Style::new(), writer),
    }
}

/// What changed, place by place, and an empty line.
fn places(changes: &Changes, writer: Writer<'_>) -> Vec<Line> {
    let mut told: Vec<String> = changes.list.iter().map(|change| change.told(writer.look.arrow())).collect();
    if told.is_empty() {
        return Vec::new();
    }
    if changes.omitted > 0 {
        told.push(format!("{} {}", writer.look.ellipsis(), words::count(changes.omitted, "more change")));
    }
    let mut lines = plain(&told, look::BOLD, writer);
    lines.push(Line::new());
    lines
}

fn difference(diff: &Diff<'_>, layout: DiffLayout, writer: Writer<'_>) -> Vec<Line> {
    if diff.lines.is_empty() {
        let same = "the answer is the same; only the head of the file differs".to_owned();
        return plain(&[same], look::QUIET, writer);
    }
    match layout {
        DiffLayout::Unified => unified::lines(diff, writer),
        DiffLayout::SideBySide => sides::lines(diff, writer),
    }
}

fn plain(texts: &[String], style: Style, writer: Writer<'_>) -> Vec<Line> {
    let lines = texts.iter().flat_map(|text| writer.lines(text, writer.look.width));
    lines.map(|text| Line::new().styled(style, text)).collect()
}
