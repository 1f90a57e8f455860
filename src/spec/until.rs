//! `until`: a request that is sent again and again until its answer is what is waited for.

use std::time::Duration;

use super::Expect;

/// `/until`
#[derive(Debug, Clone)]
pub struct Until {
    /// `/until/every`: from one answer to the next request.
    pub every: Duration,
    /// `/until/within`: how long it is asked.
    pub within: Duration,
    /// `/until/status`, `/until/headers/NAME`, `/until/body/SELECTOR`: what is waited for.
    pub expect: Expect,
}

impl Until {
    /// How long there is between two requests unless `every` is given.
    pub const EVERY: Duration = Duration::from_secs(1);
    /// How long it is asked unless `within` is given.
    pub const WITHIN: Duration = Duration::from_secs(30);
}
