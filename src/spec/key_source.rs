//! A signing key that is not a file: a program that is asked for each signature.

use std::time::Duration;

use crate::sign::{ProgramInput, ProgramOutput};

/// `/signing/key` as a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignCommand {
    /// `/signing/key/command/0`: the program and its arguments; templates.
    pub words: Vec<String>,
    /// How long one signature may take.
    pub timeout: Option<Duration>,
    /// What the program is given.
    pub input: ProgramInput,
    /// What the program answers with.
    pub output: ProgramOutput,
}
