//! What the command line and the process environment mean together. The only reader of the
//! process environment: everything below gets values.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;

use countersign::clock::{Clock, Ids};
use countersign::secret::Redactor;
use countersign::snapshot::Mode;

use super::args::{Determinism, General, Run, SnapshotMode, When};

/// What holds for every command.
#[allow(clippy::struct_excessive_bools, reason = "each answers its own question about the process")]
pub(crate) struct Settings {
    /// The folder that holds `requests/`.
    pub(crate) suite: PathBuf,
    /// Whether standard output takes colours.
    pub(crate) color: bool,
    /// Whether standard error takes colours.
    pub(crate) color_on_stderr: bool,
    /// Whether somebody watches standard error.
    pub(crate) watched: bool,
    /// Whether this is a CI job: nothing is written that a person should have looked at.
    pub(crate) ci: bool,
    /// Whether connections that trust anybody are refused: in CI, unless the command line allows
    /// them.
    pub(crate) refuses_insecure: bool,
    /// The process environment, for `env()` and `secret()`.
    pub(crate) environment: Arc<BTreeMap<String, String>>,
    /// Every secret of this process.
    pub(crate) redactor: Redactor,
}

impl Settings {
    /// Reads the process environment, once.
    pub(crate) fn new(general: &General, refuses_insecure: bool) -> Self {
        let environment: BTreeMap<String, String> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let color = |is_terminal| takes_color(general.color, is_terminal, &environment);
        let ci = is_set(&environment, "CI");
        Self {
            suite: general.suite.clone().unwrap_or_else(|| PathBuf::from(".")),
            color: color(std::io::stdout().is_terminal()),
            color_on_stderr: color(std::io::stderr().is_terminal()),
            watched: std::io::stderr().is_terminal() && !ci,
            ci,
            refuses_insecure: ci && refuses_insecure,
            environment: Arc::new(environment),
            redactor: Redactor::default(),
        }
    }

    /// What becomes of snapshots: the command line's word, else `INSTA_UPDATE`'s, else `new` at a
    /// desk and `no` in CI.
    pub(crate) fn snapshots(&self, run: &Run) -> Mode {
        let asked = if run.update { Some(SnapshotMode::Always) } else { run.snapshots };
        let asked = asked.or_else(|| self.insta_update());
        match asked.unwrap_or(SnapshotMode::Auto) {
            SnapshotMode::Auto if self.ci => Mode::No,
            SnapshotMode::Auto | SnapshotMode::New => Mode::New,
            SnapshotMode::Always => Mode::Always,
            SnapshotMode::Unseen => Mode::Unseen,
            SnapshotMode::No => Mode::No,
        }
    }

    /// In CI the variable is not heard: nothing is written there unless the command line says so.
    fn insta_update(&self) -> Option<SnapshotMode> {
        if self.ci {
            return None;
        }
        match self.environment.get("INSTA_UPDATE")?.as_str() {
            "new" => Some(SnapshotMode::New),
            "always" => Some(SnapshotMode::Always),
            "unseen" => Some(SnapshotMode::Unseen),
            "no" => Some(SnapshotMode::No),
            _ => None,
        }
    }

    /// Where `cargo insta test --unreferenced` wants to be told which snapshots are in use.
    pub(crate) fn snapshot_references(&self) -> Option<PathBuf> {
        self.environment.get("INSTA_SNAPSHOT_REFERENCES_FILE").map(PathBuf::from)
    }

    /// Columns of the terminal, where the environment tells.
    pub(crate) fn width(&self) -> Option<usize> {
        self.environment.get("COLUMNS")?.parse().ok()
    }
}

impl Determinism {
    /// The run's clock.
    pub(crate) fn clock(&self) -> Clock {
        self.now.map_or(Clock::System, Clock::Fixed)
    }

    /// The run's ids.
    pub(crate) fn ids(&self) -> Ids {
        self.seed.map_or(Ids::Random, Ids::seeded)
    }
}

fn is_set(environment: &BTreeMap<String, String>, name: &str) -> bool {
    environment.get(name).is_some_and(|value| !value.is_empty() && value != "0" && value != "false")
}

/// <https://no-color.org> and <https://bixense.com/clicolors/>
fn takes_color(when: When, is_terminal: bool, environment: &BTreeMap<String, String>) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if environment.get("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        When::Auto if is_set(environment, "CLICOLOR_FORCE") => true,
        When::Auto => is_terminal && environment.get("TERM").is_none_or(|term| term != "dumb"),
    }
}
