//! The stage that tells. Reporters only listen: the run hands them one [`Event`] after another.
//!
//! Nothing that a reporter is given is masked or escaped yet; both happen at the last moment, in
//! the sink, so that no reporter can forget it.

mod event;
mod escape;
mod excerpt;
mod words;
mod sink;
mod answer;
mod terminal;
mod review;
mod record;
mod json;
mod collected;
mod account;
mod junit;
mod tap;
mod html;
mod summary;
mod github;
mod gitlab;
mod har;
mod file;
mod threads;
mod reporters;
mod aside;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod killed;

pub use answer::answer_text;
pub use aside::Aside;
pub use collected::{Collected, CollectedFile};
pub use event::{
    Earlier, Event, Excerpt, Place, Problem, SnapshotResult, Status, StepLabel, StepResult, Summary,
};
pub use file::{Buffer, File, write_failure};
pub use json::{Json, json_schema};
pub use record::{MergeError, Merged, ReadError, Record, Tree, merge};
pub use reporters::{Failure, Reporters};
pub use review::{DiffLayout, Footing, Page, ReviewCard, ReviewContents, Scroll, View};
pub use sink::{Line, Sink, shown, shown_json, shown_lines};
pub use summary::summary;
pub use terminal::{Look, Terminal, Verbosity};
pub use words::quoted;

use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;

use crate::diag::did_you_mean;
use crate::files::{self, Existing, FileError, Mode};

/// Listens to a run and tells somebody.
pub trait Reporter {
    /// Something happened.
    fn event(&mut self, event: &Event<'_>) -> io::Result<()>;

    /// Nothing more will happen, whether the run ended or was interrupted: what is held back is
    /// written.
    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Makes a whole report.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// As a text.
    Text(fn(&Tree) -> String),
    /// Piece by piece: it may be many times what is known of a run.
    Pieces(fn(&Tree, &mut dyn Write) -> io::Result<()>),
}

impl Form {
    /// Writes the report of a run.
    pub fn write(self, tree: &Tree, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text(form) => out.write_all(form(tree).as_bytes()),
            Self::Pieces(form) => form(tree, out),
        }
    }

    /// Writes it into a file: whole, in one step, readable by its owner only.
    pub fn write_file(self, tree: &Tree, path: &Path) -> Result<(), FileError> {
        files::write_with(path, Mode::Private, Existing::Replace, |out| self.write(tree, out))
    }
}

/// How a report is made.
#[derive(Debug, Clone, Copy)]
pub enum Making {
    /// For people, while the run goes on ([`Terminal`]).
    Terminal,
    /// A line for each event, while the run goes on ([`Json`]); the form is for a run that is known as
    /// a whole.
    Lines(Form),
    /// From the result tree, at the end ([`Collected`]).
    Whole(Form),
}

/// The forms of report that there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    Terminal,
    /// One event a line, for machines.
    Json,
    /// JUnit XML, for CI systems.
    Junit,
    /// TAP 14, for harnesses that read it.
    Tap,
    /// Annotations of GitHub Actions.
    Github,
    /// Code quality of GitLab.
    Gitlab,
    /// HAR 1.2: every exchange.
    Har,
    /// One page, for people who were not there.
    Html,
}

impl Format {
    /// Every form.
    pub const ALL: [Self; 8] = [
        Self::Terminal,
        Self::Json,
        Self::Junit,
        Self::Tap,
        Self::Github,
        Self::Gitlab,
        Self::Har,
        Self::Html,
    ];

    /// What it is called on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terminal => "terminal",
            Self::Json => "json",
            Self::Junit => "junit",
            Self::Tap => "tap",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Har => "har",
            Self::Html => "html",
        }
    }

    /// How it is made.
    pub fn making(self) -> Making {
        match self {
            Self::Terminal => Making::Terminal,
            Self::Json => Making::Lines(Form::Text(json::lines)),
            Self::Junit => Making::Whole(Form::Text(junit::junit)),
            Self::Tap => Making::Whole(Form::Text(tap::tap)),
            Self::Github => Making::Whole(Form::Text(github::annotations)),
            Self::Gitlab => Making::Whole(Form::Text(gitlab::gitlab)),
            Self::Har => Making::Whole(Form::Text(har::har)),
            Self::Html => Making::Whole(Form::Pieces(html::html)),
        }
    }

    /// What is added to the summary of the CI job.
    pub fn summary(self) -> Option<Form> {
        (self == Self::Github).then_some(Form::Text(github::summary))
    }

    /// Whether it stands behind the terminal's report, for whoever reads commands in a log.
    pub fn is_for_a_log(self) -> bool {
        self == Self::Github
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::as_str);
        Self::ALL.into_iter().find(|format| format.as_str() == text).ok_or_else(|| {
            let meant = did_you_mean(text, names).map(|name| format!("; did you mean `{name}`?"));
            let meant = meant.unwrap_or_else(|| format!("; there are `{}`", names.join("`, `")));
            format!("no report is called `{text}`{meant}")
        })
    }
}
