//! The crate under test: it reads what a bank answers.

use serde::Deserialize;

/// The bank's greeting.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub struct Greeting {
    /// What it says.
    pub message: String,
    /// What it is called in the bank's log.
    pub id: String,
}

impl Greeting {
    /// Reads the body of the bank's answer.
    pub fn read(body: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }
}
