//! What the files of a suite say, as plain data without positions.
//!
//! Strings are as written: templates are filled by `render`. Positions live beside the data, in
//! `load::Locations`, keyed by the same pointers that the comments here show.

mod key_source;
mod tls_options;
mod cases;
mod connecting;
mod client;
mod contract;
mod environment;
mod given;
mod identity;
mod request;
mod retry;
mod run_profile;
mod snapshot_name;
mod suite_file;
mod until;
pub(crate) mod templates;

pub use cases::{Case, Cases};
pub use client::{CLIENT_ID, ClientAuthentication, Dpop, Wanted, is_left_out};
pub use connecting::{Connecting, HttpVersion, NoProxyUrl, Proxy, ProxyChoice, ProxyScheme};
pub use contract::{ContractOf, ContractUse};
pub use environment::{Environment, Host, ProfileChoice, Signing, Tls};
pub use given::{Given, GivenBy};
pub use identity::{DEFAULT_IDENTITY, acting, parted};
pub use key_source::SignCommand;
pub use request::{
    AnswerSignature, Body, Capture, Cookies, Expect, GraphQl, Need, Part, PartContent, Request, Sign, Skip,
    StatusPattern, TokenUse,
};
pub use retry::{Retry, RetryOn};
pub use run_profile::{Flaky, RunProfile};
pub use suite_file::{Defaults, SuiteFile};
pub use templates::{mentions, mentions_of_environment, mentions_of_variables, templates};
pub use tls_options::{Resolve, TlsOptions, TlsVersion, is_host_name};
pub use until::Until;
