//! What the process environment says about a run. [`Process::read`] is the only place that asks
//! the process for it: everything else gets values.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::snapshot::Mode;

/// The variables of a process environment.
#[derive(Clone, Default)]
pub struct Process(Arc<BTreeMap<String, String>>);

impl Process {
    /// Reads the environment of this process.
    pub fn read() -> Self {
        std::env::vars_os().collect()
    }

    /// Every variable that is text, for `env()` and `secret()`.
    pub fn variables(&self) -> &Arc<BTreeMap<String, String>> {
        &self.0
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Whether a variable says yes: it is there, and neither empty, `0` nor `false`.
    pub fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_empty() && value != "0" && value != "false")
    }

    /// Whether this is a CI job: nothing is written that a person should have looked at.
    pub fn is_ci(&self) -> bool {
        self.is_set("CI")
    }

    /// What becomes of snapshots when nobody says it in another way: what `INSTA_UPDATE` says, else
    /// they wait for review. In CI the variable is not heard, and nothing is written.
    pub fn snapshots(&self) -> Mode {
        if self.is_ci() {
            return Mode::No;
        }
        match self.get("INSTA_UPDATE") {
            Some("always") => Mode::Always,
            Some("unseen") => Mode::Unseen,
            Some("no") => Mode::No,
            _ => Mode::New,
        }
    }

    /// The file with the summary of a job of GitHub Actions.
    pub fn job_summary(&self) -> Option<&Path> {
        self.get("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()).map(Path::new)
    }

    /// Where `cargo insta test --unreferenced` wants to be told which snapshots are in use.
    pub fn snapshot_references(&self) -> Option<PathBuf> {
        self.get("INSTA_SNAPSHOT_REFERENCES_FILE").map(PathBuf::from)
    }
}

/// Variables that are not text are left out.
impl<N: Into<OsString>, V: Into<OsString>> FromIterator<(N, V)> for Process {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let text =
            |(name, value): (N, V)| Some((name.into().into_string().ok()?, value.into().into_string().ok()?));
        Self(Arc::new(variables.into_iter().filter_map(text).collect()))
    }
}

/// Names only: values are somebody's secrets.
impl std::fmt::Debug for Process {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_set().entries(self.0.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(variables: &[(&str, &str)]) -> Process {
        variables.iter().copied().collect()
    }

    #[test]
    fn a_snapshot_is_never_written_in_ci_and_otherwise_as_insta_would() {
        let table: [(&[(&str, &str)], Mode); 6] = [
            (&[], Mode::New),
            (&[("INSTA_UPDATE", "always")], Mode::Always),
            (&[("INSTA_UPDATE", "unseen")], Mode::Unseen),
            (&[("INSTA_UPDATE", "auto"), ("CI", "false")], Mode::New),
            (&[("CI", "true")], Mode::No),
            (&[("CI", "1"), ("INSTA_UPDATE", "always")], Mode::No),
        ];
        for (variables, mode) in table {
            assert_eq!(process(variables).snapshots(), mode, "{variables:?}");
        }
    }

    #[test]
    fn the_values_of_variables_are_not_printed() {
        let shown = format!("{:?}", process(&[("API_KEY", "s3cr3t-T0ken")]));
        assert_eq!(shown, r#"{"API_KEY"}"#);
    }
}
