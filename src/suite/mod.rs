//! Suites from Rust: open one, say what is to run, run it, look at what came.
//!
//! The command line says the same with words: a method here is the option of that name. Nothing is
//! printed and nothing ends the process; whatever is told as text is masked like a report.

mod answer;
mod error;
mod job;
mod outcome;
mod problem;
mod told;
#[cfg(test)]
mod panics;

pub use answer::Answer;
pub use error::{Error, Refused};
pub(crate) use job::{Job, Started};
pub use outcome::{Outcome, RequestOutcome};
pub use problem::Problem;
pub(crate) use told::Told;

use std::ffi::OsString;
use std::future::{Future, pending};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use tokio::runtime::Handle;

use crate::clock::{Clock, Ids};
use crate::launch::{self, Process};
use crate::load;
use crate::plan::Selection;
use crate::run::Surroundings;
use crate::secret::Redactor;
use crate::snapshot::Mode;
use crate::{limits, plan};

/// A suite, and how it is to be run.
///
/// ```no_run
/// # fn main() -> Result<(), countersign::Error> {
/// let suite = countersign::Suite::open("requests")?.environment("sandbox").tag("smoke");
/// suite.run()?.assert_passed();
/// # Ok(())
/// # }
/// ```
///
/// (It is not run here, because it needs a bank to talk to.)
#[derive(Debug, Clone)]
pub struct Suite {
    loaded: Arc<load::Suite>,
    process: Process,
    redactor: Redactor,
    environment: Option<String>,
    selection: Selection,
    given: Vec<crate::spec::Given>,
    jobs: usize,
    clock: Clock,
    ids: Ids,
    snapshots: Option<Mode>,
    allows_insecure: bool,
}

impl Suite {
    /// Reads a suite: every file of it, or everything that is wrong with them. `path` is the folder
    /// that holds `requests/`, or `requests` itself.
    ///
    /// The environment of this process is read here, and nowhere else: for `env()` and `secret()`
    /// in templates, and for `CI` and `INSTA_UPDATE` as the command line understands them. See
    /// [`Suite::process_environment`] for another one.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let redactor = Redactor::default();
        let loaded = launch::open(&root_of(path.as_ref()));
        let loaded =
            loaded.map_err(|problems| Error::refused(&problems.diagnostics, &problems.sources, &redactor))?;
        Ok(Self {
            loaded: Arc::new(loaded),
            process: Process::read(),
            redactor,
            environment: None,
            selection: Selection::default(),
            given: Vec::new(),
            jobs: limits::JOBS,
            clock: Clock::System,
            ids: Ids::Random,
            snapshots: None,
            allows_insecure: false,
        })
    }

    /// The environment, in place of the suite's default (`--env`).
    #[must_use]
    pub fn environment(mut self, name: impl Into<String>) -> Self {
        self.environment = Some(name.into());
        self
    }

    /// Only requests that a name, file, folder or glob means, and what they need. Called again, it
    /// adds more.
    #[must_use]
    pub fn select(mut self, pattern: impl Into<String>) -> Self {
        self.selection.patterns.push(pattern.into());
        self
    }

    /// Only requests with this tag, and what they need (`--tag`). Called again, it adds more.
    #[must_use]
    pub fn tag(mut self, tag: impl Into<String>) -> Self {
        self.selection.tags.push(tag.into());
        self
    }

    /// No requests with this tag, unless others need them (`--skip-tag`).
    #[must_use]
    pub fn skip_tag(mut self, tag: impl Into<String>) -> Self {
        self.selection.skip_tags.push(tag.into());
        self
    }

    /// Sets a variable, over whatever the files say (`--var`).
    #[must_use]
    pub fn var(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), serde_json::Value::String(value.into()));
        self.given.push(crate::spec::Given { name, value, by: crate::spec::GivenBy::Option });
        self
    }

    /// How many requests are in flight at once (`--jobs`); at least one.
    #[must_use]
    pub fn jobs(mut self, number: usize) -> Self {
        self.jobs = number.max(1);
        self
    }

    /// Draws every UUID from this seed (`--seed`).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.ids = Ids::seeded(seed);
        self
    }

    /// Pretends that it is this moment (`--now`): `.now("2026-11-23T09:00:00Z".parse()?)`
    #[must_use]
    pub fn now(mut self, moment: DateTime<Utc>) -> Self {
        self.clock = Clock::Fixed(moment);
        self
    }

    /// What becomes of snapshots that are new or differ (`--snapshots`). Without it: what
    /// `INSTA_UPDATE` says, else they are written beside the stored ones for review; in CI nothing is
    /// written.
    #[must_use]
    pub fn snapshots(mut self, mode: Mode) -> Self {
        self.snapshots = Some(mode);
        self
    }

    /// Another process environment than that of this process, such as none at all:
    /// `.process_environment::<&str, &str>([])`. `.env` in the suite's folder adds to it.
    #[must_use]
    pub fn process_environment<N: Into<OsString>, V: Into<OsString>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.process = variables.into_iter().collect();
        self
    }

    /// Lets an environment trust any server in a CI job, too (`--allow-insecure`).
    #[must_use]
    pub fn allow_insecure(mut self) -> Self {
        self.allows_insecure = true;
        self
    }

    /// Runs what was selected, on this thread, until everything ended. That a request failed is no
    /// error: [`Outcome::passed`] and [`Outcome::assert_passed`] tell.
    ///
    /// Inside an async runtime it is [`Error::InsideRuntime`], because the runtime would stand
    /// still: await [`Suite::run_async`] there.
    pub fn run(&self) -> Result<Outcome, Error> {
        if Handle::try_current().is_ok() {
            return Err(Error::InsideRuntime);
        }
        outcome(self.job(), pending())
    }

    /// [`Suite::run`] for async code, whatever its runtime: the run has a thread of its own, and is
    /// interrupted when the future is dropped.
    pub fn run_async(&self) -> impl Future<Output = Result<Outcome, Error>> + Send + use<> {
        let suite = self.clone();
        job::on_a_thread(move |dropped| outcome(suite.job(), dropped))
    }

    /// The requests that are selected and all that they need, in order.
    pub(crate) fn job(&self) -> Result<Job, Error> {
        let refuse = |problems: &[_]| Error::refused(problems, &self.loaded.sources, &self.redactor);
        let surroundings = self.surroundings()?;
        let given = surroundings.given_names();
        let planned = launch::plan(&self.loaded, &self.selection, self.environment.as_deref(), &given);
        let plan = planned.map_err(|problems| refuse(&problems))?;
        let mut warnings = self.loaded.warnings.clone();
        warnings.extend(plan::unused(&self.loaded, &plan, &surroundings.given));
        Ok(Job { suite: Arc::clone(&self.loaded), plan, surroundings, warnings })
    }

    fn surroundings(&self) -> Result<Surroundings, Error> {
        let environment = launch::with_dotenv(self.loaded.root.path(), self.process.variables());
        let environment = environment
            .map_err(|problem| Error::refused(&[problem], &self.loaded.sources, &self.redactor))?;
        Ok(Surroundings {
            clock: self.clock,
            ids: self.ids.clone(),
            environment,
            proxies: crate::run::Proxies::of(self.process.variables()),
            redactor: self.redactor.clone(),
            programs: crate::template::Programs::default(),
            given: self.given.clone(),
            conduct: crate::run::Conduct { jobs: self.jobs, ..Default::default() },
            snapshots: self.snapshots.unwrap_or_else(|| self.process.snapshots()),
            refuses_insecure: self.process.is_ci() && !self.allows_insecure,
            snapshot_references: self.process.snapshot_references(),
        })
    }
}

/// Runs until everything ended or `stop` is ready.
fn outcome(job: Result<Job, Error>, stop: impl Future<Output = ()>) -> Result<Outcome, Error> {
    let started = job?.start()?;
    let mut told = started.listener();
    let warnings = started.warnings.clone();
    let summary = started.run(stop, &mut |event| told.event(&event))?;
    Ok(told.outcome(summary, warnings))
}

/// The folder that holds `requests/`: a folder called `requests` is that one itself, unless it
/// holds a whole suite.
fn root_of(path: &Path) -> PathBuf {
    let named = path.file_name().map_or_else(
        || path.canonicalize().is_ok_and(|path| path.ends_with("requests")),
        |name| name == "requests",
    );
    if named && !path.join("requests/environments").is_dir() { path.join("..") } else { path.to_owned() }
}
