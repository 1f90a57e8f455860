//! The reports that `--report` asks for: which, and where each goes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use countersign::diag::{Code, Diagnostic, pointer};
use countersign::files;
use countersign::load::{Owner, Suite};
use countersign::report::Format;

use super::context::Context;
use super::exit::Exit;

/// A report that was asked for.
pub(super) struct Asked<'a> {
    pub(super) format: Format,
    /// `None`: standard output.
    pub(super) path: Option<&'a str>,
}

/// All of them.
#[derive(Default)]
pub(super) struct AllAsked<'a> {
    pub(super) reports: Vec<Asked<'a>>,
    /// The one that standard output is there for.
    pub(super) at_stdout: Option<Format>,
    /// Whether one stands behind it for whoever reads the log.
    logged: bool,
    paths: BTreeSet<PathBuf>,
}

impl<'a> AllAsked<'a> {
    /// Reads what was asked for. `refuses` may say why a report can't go to a path.
    pub(super) fn of(
        context: &Context<'_>,
        asked: &'a [String],
        refuses: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Exit> {
        let mut all = Self::default();
        for text in asked {
            let added = all.add(text, &refuses);
            added.map_err(|message| usage(context, &message))?;
        }
        Ok(all)
    }

    fn add(&mut self, asked: &'a str, refuses: impl Fn(&str) -> Option<String>) -> Result<(), String> {
        let (name, path) = asked.split_once('=').map_or((asked, None), |(name, path)| (name, Some(path)));
        let format: Format = name.parse()?;
        match path {
            Some("-") => return Err("a report goes to standard output when no path is named".into()),
            Some("") => return Err(format!("`--report {asked}` names no file")),
            Some(path) => {
                if let Some(why) = refuses(path) {
                    return Err(why);
                }
                if !self.paths.insert(settled(path)) {
                    return Err(format!("two reports can't both go to `{path}`"));
                }
            }
            None if !self.goes_to_stdout(format) => {
                return Err("only one report can go to standard output".into());
            }
            None => {}
        }
        self.reports.push(Asked { format, path });
        Ok(())
    }

    /// Whether this report can go to standard output too.
    fn goes_to_stdout(&mut self, format: Format) -> bool {
        let is_first = if format.is_for_a_log() {
            !std::mem::replace(&mut self.logged, true)
        } else {
            self.at_stdout.replace(format).is_none()
        };
        is_first && (!self.logged || self.at_stdout.is_none_or(|taken| taken == Format::Terminal))
    }
}

/// The same for every spelling of a path, as far as its folder is there.
fn settled(path: &str) -> PathBuf {
    let path = Path::new(path);
    match (files::folder_of(path).canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
    }
}

/// What is wrong with the reports that profiles of the suite ask for.
pub(super) fn wrong_in_profiles(suite: &Suite) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    for (name, profile) in &suite.file.profiles {
        let mut all = AllAsked::default();
        for (index, asked) in profile.reports.iter().enumerate() {
            if let Err(message) = all.add(asked, |_| None) {
                let pointer = pointer(["profiles", name, "reports", &index.to_string()]);
                let place = suite.locations.find(&Owner::SuiteFile, &pointer);
                let diagnostic = Diagnostic::error(Code::WrongValue, message).help("write it as `json=PATH`");
                wrong.push(diagnostic.at(place.map(|place| place.value), ""));
            }
        }
    }
    wrong
}

/// Says what is wrong with `--report`.
pub(super) fn usage(context: &Context<'_>, message: &str) -> Exit {
    context.output.fail(message, Some("write it as `--report json=PATH`"));
    Exit::Usage
}
