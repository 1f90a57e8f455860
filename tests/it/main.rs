//! One binary for all integration tests, so that it links once.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stderr,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "a test may panic, and reads files that it wrote itself"
)]

mod banks;
mod bodies;
mod catalogue;
mod chains;
mod commands;
mod cookies;
mod certificates;
mod ci_files;
mod classic_schemes;
mod client_authentication;
mod contract;
mod converted;
mod connections;
mod credentials;
mod defaults;
mod diagnostics;
mod docs;
mod expectations;
mod examples;
mod explain;
mod insta_tool;
mod interop;
mod flow;
mod identities;
mod jws;
mod layering;
mod key_forms;
mod leaks;
mod library;
mod places;
mod profiles;
mod profiles_page;
mod prune;
mod readme;
mod redirects;
mod report_page;
mod reports;
mod retry;
mod review;
mod rfc9421;
mod selection;
mod sandbox;
mod secrets;
mod several_signatures;
mod shards;
mod signatures;
mod snapshot_forms;
mod snapshot_store;
mod suggest;
mod support;
mod tamper;
mod tls_options;
mod until;
mod variables;
mod verify;
mod verify_published;
mod walk;
