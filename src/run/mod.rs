//! The stage `run`.
