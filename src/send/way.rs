//! How a message gets to its server: what a request may ask of its connection. Messages that ask
//! for the same share connections.

use std::time::Duration;

use crate::limits;
use crate::spec::{HttpVersion, Proxy};

/// How connections are made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Way {
    /// How long connecting may take: name lookup, TCP, proxy and TLS together.
    pub connect_timeout: Duration,
    /// Which HTTP is spoken.
    pub http_version: HttpVersion,
    /// Through whom; `None`: straight.
    pub proxy: Option<Proxy>,
}

impl Default for Way {
    fn default() -> Self {
        Self { connect_timeout: limits::CONNECT_TIMEOUT, http_version: HttpVersion::Auto, proxy: None }
    }
}
