//! Who is told about a run: the terminal, and whatever `--report` names.

use std::io::{self, Write};
use std::path::Path;

use countersign::diag::Sources;
use countersign::files;
use countersign::load::Suite;
use countersign::report::{
    Aside, Collected, CollectedFile, Event, File, Form, Json, Look, Making, Record, Reporter, Reporters,
    Terminal, Verbosity, write_failure,
};

use super::args::Run;
use super::asked::{AllAsked, Asked};
use super::context::Context;
use super::exit::Exit;
use super::last_run::{LastRun, Notes};
use super::repository;

/// Columns where the environment does not tell.
const WIDTH: usize = 100;

/// Every reporter of a run.
pub(super) struct Reports {
    /// Told before anything goes on: people watch them.
    watched: Reporters,
    /// Made from one recording of the run.
    recorded: Option<Aside>,
    notes: Option<Notes>,
}

impl Reports {
    /// The terminal's report, unless another one takes standard output, and those of `--report`.
    pub(super) fn of_run(context: &Context<'_>, arguments: &Run, suite: &Suite) -> Result<Self, Exit> {
        let refuses = |path: &str| {
            is_of_the_suite(suite, path)
                .then(|| format!("`{path}` is where files of the suite lie, not reports"))
        };
        let asked = AllAsked::of(context, &arguments.reports, refuses)?;
        let look = look(context, arguments);
        let mut made = Made { context, suite, watched: Reporters::default(), recorded: None };
        if asked.at_stdout.is_none() {
            let is_still = arguments.quiet || arguments.no_progress;
            made.watched.add("terminal", Box::new(terminal(context, look, suite, is_still)));
        }
        asked.reports.iter().for_each(|asked| made.add(asked, look));
        if let Some(form) = asked.reports.iter().find_map(|asked| asked.format.summary()) {
            made.add_summary(form);
        }
        let notes = Some(Notes::new(LastRun::of(context, suite)));
        let redactor = || context.settings.redactor.clone();
        let recorded = made.recorded.map(|(record, reporters)| Aside::new(redactor(), record, reporters));
        Ok(Self { watched: made.watched, recorded, notes })
    }

    /// Only what goes wrong, on standard error: for commands whose own output is something else.
    pub(super) fn of_failures(context: &Context<'_>, suite: &Suite) -> Self {
        let look = Look {
            color: context.settings.color_on_stderr,
            verbosity: Verbosity::Quiet,
            width: context.settings.width().unwrap_or(WIDTH),
            unicode: context.settings.unicode,
        };
        let terminal = Terminal::new(io::stderr(), context.settings.redactor.clone(), look);
        let mut watched = Reporters::default();
        watched.add("terminal", Box::new(with_sources(terminal, suite)));
        Self { watched, recorded: None, notes: None }
    }

    /// Tells everybody.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        self.watched.event(event);
        if let Some(recorded) = &self.recorded {
            recorded.event(event);
        }
        if let Some(notes) = &mut self.notes {
            notes.event(event);
        }
    }

    /// Lets everybody finish, and says whose report could not be written.
    pub(super) fn finish(self, context: &Context<'_>) -> Exit {
        let mut failures = self.watched.finish();
        failures.extend(self.recorded.into_iter().flat_map(Aside::finish));
        if let Some(notes) = self.notes {
            notes.keep(context);
        }
        let mut exit = Exit::Ok;
        for problem in failures.iter().filter_map(|(name, error)| write_failure(name, error)) {
            context.output.show(&[problem], &Sources::default());
            exit = Exit::Io;
        }
        exit
    }
}

/// Whether a path lies where a report would replace what somebody wrote.
fn is_of_the_suite(suite: &Suite, path: &str) -> bool {
    let Ok(folder) = files::folder_of(Path::new(path)).canonicalize() else { return false };
    ["requests", "certificates", "snapshots"]
        .iter()
        .any(|own| folder.starts_with(suite.root.path().join(own)))
}

fn look(context: &Context<'_>, arguments: &Run) -> Look {
    let verbosity = match (arguments.quiet, arguments.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    };
    let width = context.settings.width().unwrap_or(WIDTH);
    Look { color: context.settings.color, unicode: context.settings.unicode, width, verbosity }
}

fn terminal(context: &Context<'_>, look: Look, suite: &Suite, is_still: bool) -> Terminal<io::Stdout> {
    let terminal = Terminal::new(io::stdout(), context.settings.redactor.clone(), look);
    let terminal = with_sources(terminal, suite);
    if context.settings.watched && !is_still {
        return terminal.with_progress();
    }
    terminal
}

/// The reporters as they are made.
struct Made<'a> {
    context: &'a Context<'a>,
    suite: &'a Suite,
    watched: Reporters,
    recorded: Option<(Record, Reporters)>,
}

impl Made<'_> {
    fn add(&mut self, asked: &Asked<'_>, look: Look) {
        let (name, suite) = (asked.format.as_str(), self.suite);
        let redactor = || self.context.settings.redactor.clone();
        match (asked.format.making(), asked.path.map(Path::new)) {
            (Making::Terminal, None) => {
                self.watched.add(name, Box::new(terminal(self.context, look, suite, false)));
            }
            (Making::Terminal, Some(path)) => {
                let made = |buffer| with_sources(Terminal::new(buffer, redactor(), Look::default()), suite);
                self.watched.add(name, Box::new(File::new(path, made)));
            }
            (Making::Lines(_), None) => self.add_recorded(name, |record| Json::new(io::stdout(), record)),
            (Making::Lines(_), Some(path)) => {
                self.add_recorded(name, |record| File::new(path, |buffer| Json::new(buffer, record)));
            }
            (Making::Whole(form), None) => {
                self.add_recorded(name, |record| Collected::new(io::stdout(), record, form));
            }
            (Making::Whole(form), Some(path)) => {
                self.add_recorded(name, |record| CollectedFile::new(path, record, form));
            }
        }
    }

    /// What is added to the job's summary, where the CI system has one.
    fn add_summary(&mut self, form: Form) {
        if let Some(path) = self.context.settings.process.job_summary() {
            self.add_recorded("github", |record| {
                File::added(path, |buffer| Collected::new(buffer, record, form))
            });
        }
    }

    /// All of them share one recording of the run.
    fn add_recorded<R: Reporter + Send + 'static>(&mut self, name: &str, make: impl FnOnce(Record) -> R) {
        let (record, reporters) = self.recorded.get_or_insert_with(|| {
            let settings = self.context.settings;
            let folder = repository::folder(&settings.process, self.suite.root.path());
            (Record::new(settings.redactor.clone(), &folder), Reporters::default())
        });
        reporters.add(name, Box::new(make(record.clone())));
    }
}

fn with_sources<W: Write>(mut terminal: Terminal<W>, suite: &Suite) -> Terminal<W> {
    terminal.show_sources(suite.sources.clone());
    terminal
}
