//! Every request of the suite as a test: `cargo test --test bank`

use std::process::ExitCode;

fn main() -> ExitCode {
    countersign::harness::main("requests")
}
