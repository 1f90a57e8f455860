//! How a run goes about its plan, as the command line says it.

use std::time::Duration;

use clap::{Args, ValueEnum};
use countersign::run::{Conduct, Flaky};

use super::args::{at_least_one, seed};

/// How a run goes about its plan.
#[derive(Debug, Args)]
pub(crate) struct Flow {
    /// Requests in flight at once [default: 8]
    #[arg(short, long, value_name = "N", value_parser = at_least_one)]
    pub(crate) jobs: Option<usize>,
    /// Start nothing more once a request did not pass, but those that run `always`
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// Try a request again, so often at most, when it did not pass; one that must not be sent twice
    /// only where it writes out `retry`
    #[arg(long, value_name = "N")]
    pub(crate) retries: Option<usize>,
    /// What a request is that passed only when it was tried again [default: pass]
    #[arg(long, value_name = "VERDICT")]
    pub(crate) flaky: Option<FlakyVerdict>,
    /// Start requests that need nothing of each other in the order that this number draws
    #[arg(long, value_name = "NUMBER", value_parser = seed)]
    pub(crate) shuffle: Option<u64>,
    /// Longest that the whole run may take, such as `90s` or `10m`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) deadline: Option<Duration>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FlakyVerdict {
    /// It passed, and is told to be flaky
    Pass,
    /// It failed
    Fail,
}

fn duration(text: &str) -> Result<Duration, String> {
    let found = countersign::load::duration(text).filter(|duration| !duration.is_zero());
    found.ok_or_else(|| "write a duration like `90s` or `10m`".to_owned())
}

impl Flow {
    /// What it means.
    pub(crate) fn conduct(&self) -> Conduct {
        let default = Conduct::default();
        let flaky = self.flaky.map(|verdict| match verdict {
            FlakyVerdict::Pass => Flaky::Pass,
            FlakyVerdict::Fail => Flaky::Fail,
        });
        Conduct {
            jobs: self.jobs.unwrap_or(default.jobs),
            fail_fast: self.fail_fast,
            retries: self.retries.unwrap_or_default(),
            flaky: flaky.unwrap_or_default(),
            shuffle: self.shuffle,
            deadline: self.deadline,
        }
    }
}
