//! `/profiles/NAME` of `suite.yaml`: options of a run that have a name.

use std::time::Duration;

/// Options of a run that have a name; the command line's own go before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunProfile {
    /// `jobs`
    pub jobs: Option<usize>,
    /// `fail_fast`
    pub fail_fast: bool,
    /// `retries`
    pub retries: Option<usize>,
    /// `flaky`
    pub flaky: Option<Flaky>,
    /// `slow`
    pub slow: Option<Duration>,
    /// `deadline`
    pub deadline: Option<Duration>,
    /// `reports`, as `--report` takes them.
    pub reports: Vec<String>,
}

/// What a step is that passed only when it was tried again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Flaky {
    /// Passed, and told to be flaky.
    #[default]
    Pass,
    /// Failed.
    Fail,
}
