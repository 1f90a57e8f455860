//! A page in a terminal of so many rows: its heading, the part of its body that there is room for,
//! and the keys.

use super::super::sink::Line;
use super::super::terminal::{Look, look};
use super::text::flowing;
use super::{DiffLayout, Page};

/// What stands below a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Footing {
    /// The keys; how many snapshots are not decided, and the layout that `d` would leave, where
    /// there are two.
    Keys {
        /// With the one that is shown.
        remaining: usize,
        /// How the difference is laid out now.
        layout: Option<DiffLayout>,
    },
    /// Whether really all that remain are meant.
    Asking {
        /// With the one that is shown.
        remaining: usize,
    },
    /// What each key does, in place of the page.
    Help,
}

/// A way to move in a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scroll {
    /// A line up.
    Up,
    /// A line down.
    Down,
    /// As much up as is shown.
    PageUp,
    /// As much down as is shown.
    PageDown,
    /// To the beginning.
    Top,
    /// To the end.
    Bottom,
}

/// A page that is looked at.
#[derive(Debug, Clone)]
pub struct View {
    page: Page,
    top: usize,
    /// What just went wrong.
    pub message: Option<String>,
}

const KEYS: [(&str, &str); 11] = [
    ("a", "accept: it is stored"),
    ("r", "reject: it is thrown away"),
    ("s", "skip: it waits on"),
    ("A", "accept all that remain, after one more question"),
    ("u", "undo the last decision, then the one before it"),
    ("d", "one column, or two beside each other"),
    ("up, down, k, j", "a line up or down"),
    ("page up, page down, b, space", "a page up or down"),
    ("home, end, g, G", "to the beginning or the end"),
    ("q", "quit; what was decided stays decided"),
    ("?", "this help"),
];

impl View {
    /// From the beginning of a page.
    pub const fn new(page: Page) -> Self {
        Self { page, top: 0, message: None }
    }

    /// The same place of the same snapshot, laid out anew.
    pub fn lay_out(&mut self, page: Page) {
        self.page = page;
    }

    /// Moves, in a terminal of the size of `look` and `rows`.
    pub fn scroll(&mut self, by: Scroll, room: usize) {
        let last = self.page.body.len().saturating_sub(room);
        let page = room.saturating_sub(1).max(1);
        self.top = match by {
            Scroll::Up => self.top.saturating_sub(1),
            Scroll::Down => self.top + 1,
            Scroll::PageUp => self.top.saturating_sub(page),
            Scroll::PageDown => self.top + page,
            Scroll::Top => 0,
            Scroll::Bottom => last,
        }
        .min(last);
    }

    /// How many lines of the body are shown.
    pub fn room(&self, footing: &Footing, look: &Look, rows: usize) -> usize {
        let around = self.page.heading.len() + 2 + self.footer(footing, look).len();
        rows.saturating_sub(around).max(1)
    }

    /// Whether a terminal of so many rows shows what it is about, and a line of it: what is not shown
    /// must not be decided.
    pub fn is_readable(&self, footing: &Footing, look: &Look, rows: usize) -> bool {
        self.page.heading.len() + 3 + self.footer(footing, look).len() <= rows
    }

    /// Exactly `rows` lines; the top is moved where the page would end before the screen.
    pub fn draw(&mut self, footing: &Footing, look: &Look, rows: usize) -> Vec<Line> {
        let room = self.room(footing, look, rows);
        let footer = self.footer(footing, look);
        let (mut lines, body) = match footing {
            Footing::Help => (vec![Line::new().styled(look::BOLD, "keys")], help()),
            Footing::Keys { .. } | Footing::Asking { .. } => {
                self.top = self.top.min(self.page.body.len().saturating_sub(room));
                let shown = self.page.body.iter().skip(self.top).take(room);
                (self.page.heading.clone(), shown.cloned().collect())
            }
        };
        lines.push(rule(look, ""));
        let shown = body.len();
        lines.extend(body);
        // A terminal of a few rows keeps its keys.
        lines.truncate(rows.saturating_sub(footer.len() + 1));
        lines.resize_with(rows.saturating_sub(footer.len() + 1), Line::new);
        let place = if *footing == Footing::Help { String::new() } else { self.place(shown, look) };
        lines.push(rule(look, &place));
        lines.extend(footer);
        lines.truncate(rows);
        lines
    }

    /// Which lines are shown, where it is not all of them.
    fn place(&self, shown: usize, look: &Look) -> String {
        let all = self.page.body.len();
        if shown >= all {
            return String::new();
        }
        let dash = if look.unicode { "–" } else { "-" };
        let more = if self.top + shown < all { ", space for more" } else { "" };
        format!(" {}{dash}{} of {all}{more} ", self.top + 1, self.top + shown)
    }

    fn footer(&self, footing: &Footing, look: &Look) -> Vec<Line> {
        let words = match footing {
            Footing::Keys { remaining, layout } => keys(*remaining, *layout),
            Footing::Asking { remaining } => {
                let question = format!("accept all {remaining} that remain, unseen?");
                vec![question, "y accepts them".into(), "any other key goes back".into()]
            }
            Footing::Help => vec!["any key goes back".into()],
        };
        let message: Vec<String> =
            self.message.iter().flat_map(|text| text.split(' ')).map(str::to_owned).collect();
        let message = flowing(&message, " ", look.width);
        let message = message.into_iter().map(|text| Line::new().styled(look::WARN, text));
        let words = flowing(&words, "  ", look.width);
        message.chain(words.into_iter().map(|text| Line::new().styled(look::BOLD, text))).collect()
    }
}

fn keys(remaining: usize, layout: Option<DiffLayout>) -> Vec<String> {
    let toggle = layout.map(|layout| match layout {
        DiffLayout::Unified => "d two columns",
        DiffLayout::SideBySide => "d one column",
    });
    let all = format!("A all {remaining}");
    let words = ["a accept", "r reject", "s skip", &all, "u undo"].map(str::to_owned);
    let more = toggle.into_iter().chain(["? help", "q quit"]).map(str::to_owned);
    words.into_iter().chain(more).collect()
}

fn help() -> Vec<Line> {
    let width = KEYS.iter().map(|(keys, _)| keys.len()).max().unwrap_or_default();
    let line = |(keys, does): &(&str, &str)| {
        Line::new().styled(look::BOLD, format!("{keys:width$}")).text(format!("  {does}"))
    };
    KEYS.iter().map(line).collect()
}

/// A line across the terminal, with `text` near its end.
fn rule(look: &Look, text: &str) -> Line {
    let stroke = if look.unicode { "─" } else { "-" };
    let length = look.width.saturating_sub(text.chars().count());
    let tail = if text.is_empty() { 0 } else { length.min(2) };
    Line::new().styled(look::QUIET, format!("{}{text}{}", stroke.repeat(length - tail), stroke.repeat(tail)))
}
