//! `requests/suite.yaml`.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use crate::sign::Profile;
use crate::snapshot::Settings;
use crate::spec::{Connecting, ContractUse, Retry, RunProfile};

/// What holds for the whole suite; every key is optional.
#[derive(Debug, Clone, Default)]
pub struct SuiteFile {
    /// `/environment`: used when neither the command line nor the request names one.
    pub environment: Option<String>,
    /// `/variables/NAME`
    pub variables: IndexMap<String, Value>,
    /// `/defaults`
    pub defaults: Defaults,
    /// `/concurrency/TAG`: how many requests with that tag may be on their way at once.
    pub concurrency: IndexMap<String, usize>,
    /// `/contract`: what every answer is held against.
    pub contract: ContractUse,
    /// `/profiles/NAME`: options of a run that have a name.
    pub profiles: IndexMap<String, RunProfile>,
    /// `/signing_profiles/NAME`: the suite's own.
    pub signing_profiles: IndexMap<String, Profile>,
}

/// `/defaults`: what every request has unless it, or its environment, says otherwise.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// `/defaults/headers/NAME`
    pub headers: Vec<(String, Vec<String>)>,
    /// `/defaults/timeout`
    pub timeout: Option<Duration>,
    /// `/defaults/redirects`
    pub redirects: Option<u32>,
    /// `/defaults/retry`
    pub retry: Option<Retry>,
    /// `/defaults/connect_timeout`, `/defaults/http_version` and `/defaults/proxy`
    pub connecting: Connecting,
    /// `/defaults/snapshot`: the settings, or `false` for none.
    pub snapshot: Option<Option<Settings>>,
}
