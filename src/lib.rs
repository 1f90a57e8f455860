//! countersign runs declarative request suites against signed APIs.
//!
//! A Rust program opens a suite and runs it:
//!
//! ```
//! # fn main() -> Result<(), countersign::Error> {
//! use countersign::Suite;
//!
//! let outcome = Suite::open("requests")?.environment("embedded").run()?;
//! outcome.assert_passed();
//! let greeting = outcome.request("greeting").and_then(|greeting| greeting.answer());
//! assert_eq!(greeting.map(|answer| answer.status()), Some(200));
//! # Ok(())
//! # }
//! ```
//!
//! [`harness`] makes every request of a suite a test of its own. Both are made of the modules below.
//!
//! Data walks one way, each arrow a function from one type to the next:
//!
//! ```text
//! load → plan → render → sign → send → check → report
//! ```
//!
//! The modules below stand in import order: a module uses only what is declared above it
//! (a test holds that). *Vocabulary* is plain data that everyone may speak, *crafts* do one
//! thing each and know nothing of request files, the *walk* knows nothing of the command line.

// vocabulary
pub mod limits;
pub mod clock;
pub mod secret;
pub mod files;
pub mod message;
pub mod cookies;
pub mod keys;
pub mod diag;
pub mod json;
pub mod pattern;
pub mod format;

// crafts
pub mod template;
pub mod select;
pub mod sign;
pub mod snapshot;
pub mod certs;
pub mod recorded;
pub mod contract;

// the walk
pub mod spec;
pub mod load;
pub mod plan;
pub mod render;
pub mod send;
pub mod check;
pub mod report;
pub mod run;

// beside the walk
pub mod sandbox;

// all of it together
pub mod launch;
pub mod suite;
pub mod harness;

pub use suite::{Error, Outcome, RequestOutcome, Suite};
