//! `retry`, of a request, an environment or the suite: when a request is sent again, and after how
//! long.

use std::time::Duration;

use super::StatusPattern;

/// `/retry`
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// `/retry/attempts`: how often it is sent at most, the first time included; 1 for `retry: false`.
    pub attempts: u32,
    /// `/retry/delay`: before the second attempt.
    pub delay: Duration,
    /// `/retry/backoff`: by what each further delay is longer than the one before; at least 1.
    pub backoff: f64,
    /// `/retry/max_delay`: the longest delay, also where the server asks for a longer one.
    pub max_delay: Duration,
    /// `/retry/on/0`: what is tried again; [`RetryOn::USUAL`] unless given.
    pub on: Option<Vec<RetryOn>>,
}

/// What a request is sent again after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryOn {
    /// `connect`: no connection came about, or it broke.
    Connect,
    /// `timeout`: no connection, or no complete answer, in time.
    Timeout,
    /// `429`, `5xx`: an answer with this status.
    Status(StatusPattern),
}

impl RetryOn {
    /// What is tried again where `on` is not given.
    pub const USUAL: &[Self] = &[
        Self::Connect,
        Self::Timeout,
        Self::Status(StatusPattern::Code(429)),
        Self::Status(StatusPattern::Class(5)),
    ];
}

impl Retry {
    /// `retry: false`
    pub const OFF: Self = Self { attempts: 1, ..Self::USUAL };

    /// What holds for every key that is not given.
    pub const USUAL: Self = Self {
        attempts: 3,
        delay: Duration::from_secs(1),
        backoff: 2.0,
        max_delay: Duration::from_secs(30),
        on: None,
    };

    /// What is tried again.
    pub fn on(&self) -> &[RetryOn] {
        self.on.as_deref().unwrap_or(RetryOn::USUAL)
    }
}
