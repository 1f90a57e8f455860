//! One binary for all integration tests, so that it links once.

mod diagnostics;
mod docs;
mod insta_tool;
mod interop;
mod layering;
mod leaks;
mod readme;
mod signatures;
mod support;
mod walk;
