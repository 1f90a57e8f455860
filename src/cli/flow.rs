//! How a run goes about its plan, as the command line says it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use countersign::limits;
use countersign::plan::Shard;
use countersign::run::Conduct;
use countersign::spec::{Flaky, RunProfile};

use super::args::{at_least_one, seed};

/// How a run goes about its plan.
#[derive(Debug, Args)]
pub(crate) struct Flow {
    /// Take options from this profile of `suite.yaml`; those of the command line go before
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
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
    /// Run everything so often, each time anew
    #[arg(long, value_name = "N", value_parser = times)]
    pub(crate) repeat: Option<usize>,
    /// Run only what did not pass the last time it ran on this machine
    #[arg(long, value_name = "WHAT")]
    pub(crate) rerun: Option<Rerun>,
    /// Run one of several shards, such as `1/4`; `auto` asks the variables of GitLab CI, Circle CI and
    /// Buildkite, `auto/8` also those of a Kubernetes Indexed Job of 8
    #[arg(long, value_name = "SHARD", value_parser = shard)]
    pub(crate) shard: Option<ShardChoice>,
    /// Balance shards by how long requests took, as this JSON report of an earlier run tells
    #[arg(long, value_name = "FILE", requires = "shard")]
    pub(crate) durations: Option<PathBuf>,
    /// Tell requests to be slow that take longer, such as `2s`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) slow: Option<Duration>,
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

/// What runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rerun {
    /// What did not pass, and what was skipped for it
    Failed,
}

/// Which shard runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShardChoice {
    /// This one.
    Is(Shard),
    /// The one that the process environment tells, of so many if it does not tell that.
    Auto(Option<usize>),
}

fn shard(text: &str) -> Result<ShardChoice, String> {
    match text.strip_prefix("auto") {
        Some("") => Ok(ShardChoice::Auto(None)),
        Some(rest) => {
            let total =
                rest.strip_prefix('/').and_then(|total| total.parse().ok()).filter(|total| *total > 0);
            total
                .map(|total| ShardChoice::Auto(Some(total)))
                .ok_or_else(|| "write `auto` or `auto/8`".to_owned())
        }
        None => text.parse().map(ShardChoice::Is),
    }
}

fn times(text: &str) -> Result<usize, String> {
    let found = text.parse().ok().filter(|times| (1..=limits::REPEATS).contains(times));
    found.ok_or_else(|| format!("a number from 1 to {}", limits::REPEATS))
}

fn duration(text: &str) -> Result<Duration, String> {
    let found = countersign::load::duration(text).filter(|duration| !duration.is_zero());
    found.ok_or_else(|| "write a duration like `90s` or `10m`".to_owned())
}

impl Flow {
    /// Takes over what a profile says and the command line does not.
    pub(crate) fn complete(&mut self, profile: &RunProfile) {
        self.jobs = self.jobs.or(profile.jobs);
        self.fail_fast |= profile.fail_fast;
        self.retries = self.retries.or(profile.retries);
        self.slow = self.slow.or(profile.slow);
        self.deadline = self.deadline.or(profile.deadline);
        self.flaky = self.flaky.or(profile.flaky.map(|flaky| match flaky {
            Flaky::Pass => FlakyVerdict::Pass,
            Flaky::Fail => FlakyVerdict::Fail,
        }));
    }

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
            slow: self.slow,
            deadline: self.deadline,
        }
    }
}
