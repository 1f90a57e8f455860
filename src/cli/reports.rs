//! Who is told about a run: the terminal, and whatever `--report` names.

use std::cell::OnceCell;
use std::io::{self, Write};
use std::path::Path;

use countersign::diag::Sources;
use countersign::load::Suite;
use countersign::report::{
    Collected, Event, File, Form, Format, Json, Look, Making, Record, Reporter, Terminal, Verbosity,
    write_failure,
};

use super::args::Run;
use super::asked::{AllAsked, Asked};
use super::context::Context;
use super::exit::Exit;
use super::last_run::{LastRun, Notes};
use super::repository;

/// Columns where the environment does not tell.
const WIDTH: usize = 100;

/// Every reporter of a run. One that can't write any more is told nothing further.
pub(super) struct Reports {
    reporters: Vec<(String, Box<dyn Reporter>)>,
    failures: Vec<(String, io::Error)>,
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
        let made = Made::new(context, suite);
        let look = look(context, arguments);
        let reporter = |asked: &Asked<'_>| {
            let reporter = match asked.path {
                Some(path) => made.to_file(asked.format, path),
                None => made.to_stdout(asked.format, look),
            };
            (asked.format.as_str().to_owned(), reporter)
        };
        let mut reporters: Vec<(String, Box<dyn Reporter>)> = asked.reports.iter().map(reporter).collect();
        let summary = asked.reports.iter().find_map(|asked| asked.format.summary());
        reporters.extend(summary.and_then(|form| made.to_summary(form)));
        if asked.at_stdout.is_none() {
            let is_still = arguments.quiet || arguments.no_progress;
            reporters.insert(0, ("terminal".to_owned(), terminal(context, look, suite, is_still)));
        }
        let is_once = arguments.flow.repeat.unwrap_or(1) == 1;
        let notes = is_once.then(|| Notes::new(LastRun::of(context, suite)));
        Ok(Self { reporters, failures: Vec::new(), notes })
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
        let terminal = with_sources(terminal, suite);
        Self {
            reporters: vec![("terminal".to_owned(), Box::new(terminal))],
            failures: Vec::new(),
            notes: None,
        }
    }

    /// Tells everybody.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        self.each(|reporter| reporter.event(event));
        if let Some(notes) = &mut self.notes {
            notes.event(event);
        }
    }

    /// Lets everybody finish, and says whose report could not be written.
    pub(super) fn finish(mut self, context: &Context<'_>) -> Exit {
        self.each(|reporter| reporter.finish());
        if let Some(notes) = self.notes.take() {
            notes.keep(context);
        }
        let mut exit = Exit::Ok;
        for problem in self.failures.iter().filter_map(|(name, error)| write_failure(name, error)) {
            context.output.show(&[problem], &Sources::default());
            exit = Exit::Io;
        }
        exit
    }

    fn each(&mut self, mut tell: impl FnMut(&mut dyn Reporter) -> io::Result<()>) {
        let failures = &mut self.failures;
        self.reporters.retain_mut(|(name, reporter)| match tell(reporter.as_mut()) {
            Ok(()) => true,
            Err(error) => {
                failures.push((name.clone(), error));
                false
            }
        });
    }
}

/// Whether a path lies where a report would replace what somebody wrote.
fn is_of_the_suite(suite: &Suite, path: &str) -> bool {
    let path = Path::new(path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let Ok(folder) = folder.canonicalize() else { return false };
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

fn terminal(context: &Context<'_>, look: Look, suite: &Suite, is_still: bool) -> Box<dyn Reporter> {
    let terminal = Terminal::new(io::stdout(), context.settings.redactor.clone(), look);
    let mut terminal = with_sources(terminal, suite);
    if context.settings.watched && !is_still {
        terminal = terminal.with_progress(Box::new(io::stderr()));
    }
    Box::new(terminal)
}

/// Makes reporters, which share one recording of the run.
struct Made<'a> {
    context: &'a Context<'a>,
    suite: &'a Suite,
    record: OnceCell<Record>,
}

impl<'a> Made<'a> {
    fn new(context: &'a Context<'a>, suite: &'a Suite) -> Self {
        Self { context, suite, record: OnceCell::new() }
    }

    fn record(&self) -> Record {
        let settings = self.context.settings;
        let folder = || repository::folder(&settings.process, self.suite.root.path());
        self.record.get_or_init(|| Record::new(settings.redactor.clone(), &folder())).clone()
    }

    fn to_stdout(&self, format: Format, look: Look) -> Box<dyn Reporter> {
        match format.making() {
            Making::Terminal => terminal(self.context, look, self.suite, false),
            Making::Lines(_) => Box::new(Json::new(io::stdout(), self.record())),
            Making::Whole(form) => Box::new(Collected::new(io::stdout(), self.record(), form)),
        }
    }

    fn to_file(&self, format: Format, path: &str) -> Box<dyn Reporter> {
        let redactor = self.context.settings.redactor.clone();
        let path = Path::new(path);
        match format.making() {
            Making::Lines(_) => Box::new(File::new(path, |buffer| Json::new(buffer, self.record()))),
            Making::Whole(form) => {
                Box::new(File::new(path, |buffer| Collected::new(buffer, self.record(), form)))
            }
            Making::Terminal => Box::new(File::new(path, |buffer| {
                with_sources(Terminal::new(buffer, redactor, Look::default()), self.suite)
            })),
        }
    }

    /// What is added to the job's summary, where the CI system has one.
    fn to_summary(&self, form: Form) -> Option<(String, Box<dyn Reporter>)> {
        let path = self.context.settings.process.job_summary()?;
        let collect = |buffer| Collected::new(buffer, self.record(), form);
        Some(("github".to_owned(), Box::new(File::added(path, collect))))
    }
}

fn with_sources<W: Write>(mut terminal: Terminal<W>, suite: &Suite) -> Terminal<W> {
    terminal.show_sources(suite.sources.clone());
    terminal
}
