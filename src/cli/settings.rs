//! What the command line and the process environment mean together: everything below gets values.

use std::io::IsTerminal;
use std::path::PathBuf;

use countersign::clock::{Clock, Ids};
use countersign::launch::Process;
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
    /// Whether the terminal shows more than ASCII.
    pub(crate) unicode: bool,
    /// Whether somebody watches standard error.
    pub(crate) watched: bool,
    /// Whether this is a CI job: nothing is written that a person should have looked at.
    pub(crate) ci: bool,
    /// Whether connections that trust anybody are refused: in CI, unless the command line allows
    /// them.
    pub(crate) refuses_insecure: bool,
    /// The process environment.
    pub(crate) process: Process,
    /// Every secret of this process.
    pub(crate) redactor: Redactor,
}

impl Settings {
    /// Reads the process environment, once.
    pub(crate) fn new(general: &General, refuses_insecure: bool) -> Self {
        let process = Process::read();
        let color = |is_terminal| takes_color(general.color, is_terminal, &process);
        let ci = process.is_ci();
        Self {
            suite: general.suite.clone().unwrap_or_else(|| PathBuf::from(".")),
            color: color(std::io::stdout().is_terminal()),
            color_on_stderr: color(std::io::stderr().is_terminal()),
            unicode: has_unicode(&process),
            watched: std::io::stderr().is_terminal() && !ci,
            ci,
            refuses_insecure: ci && refuses_insecure,
            process,
            redactor: Redactor::default(),
        }
    }

    /// What becomes of snapshots: the command line's word, else what the process environment says.
    pub(crate) fn snapshots(&self, run: &Run) -> Mode {
        let asked = if run.update { Some(SnapshotMode::Always) } else { run.snapshots };
        match asked {
            None => self.process.snapshots(),
            Some(SnapshotMode::Auto) if self.ci => Mode::No,
            Some(SnapshotMode::Auto | SnapshotMode::New) => Mode::New,
            Some(SnapshotMode::Always) => Mode::Always,
            Some(SnapshotMode::Unseen) => Mode::Unseen,
            Some(SnapshotMode::No) => Mode::No,
        }
    }

    /// Columns of the terminal, where the environment tells.
    pub(crate) fn width(&self) -> Option<usize> {
        self.process.get("COLUMNS")?.parse().ok()
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

/// <https://no-color.org> and <https://bixense.com/clicolors/>
fn takes_color(when: When, is_terminal: bool, process: &Process) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if process.get("NO_COLOR").is_some_and(|value| !value.is_empty()) => false,
        When::Auto if process.is_set("CLICOLOR_FORCE") => true,
        When::Auto => is_terminal && process.get("TERM").is_none_or(|term| term != "dumb"),
    }
}

/// The character set of the locale; UTF-8 where nobody names a locale.
fn has_unicode(process: &Process) -> bool {
    let named = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| process.get(name).filter(|value| !value.is_empty()));
    named.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_locale_of_another_character_set_is_shown_ascii() {
        let table: [(&[(&str, &str)], bool); 7] = [
            (&[], true),
            (&[("LANG", "")], true),
            (&[("LANG", "de_DE.UTF-8")], true),
            (&[("LANG", "C.utf8")], true),
            (&[("LANG", "C")], false),
            (&[("LANG", "en_US.UTF-8"), ("LC_ALL", "de_DE.ISO-8859-1")], false),
            (&[("LANG", "C"), ("LC_CTYPE", "C.UTF-8")], true),
        ];
        for (variables, unicode) in table {
            assert_eq!(has_unicode(&variables.iter().copied().collect()), unicode, "{variables:?}");
        }
    }
}
