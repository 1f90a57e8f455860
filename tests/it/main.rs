//! One binary for all integration tests, so that it links once.

mod insta_tool;
mod layering;
mod signatures;
mod support;
mod walk;
