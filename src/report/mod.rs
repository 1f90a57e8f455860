//! The stage that tells. Reporters only listen: the run hands them one [`Event`] after another.

mod event;

pub use event::{Event, Place, Problem, SnapshotResult, Status, StepLabel, StepResult, Summary};
