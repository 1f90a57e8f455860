//! A variable that the command line gives, over whatever the files of the suite say.

use serde_json::Value;

/// A variable of the command line. Its value is data, never a template.
#[derive(Clone, PartialEq)]
pub struct Given {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Value,
    /// Who gives it.
    pub by: GivenBy,
}

/// How the command line gives a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenBy {
    /// With `--var`.
    Option,
    /// In a file that `--vars-file` names, at this place: `bank.yaml:3:1`.
    File(String),
}

impl std::fmt::Display for GivenBy {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Option => formatter.write_str("--var"),
            Self::File(place) => formatter.write_str(place),
        }
    }
}

/// Values may be secret.
impl std::fmt::Debug for Given {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} ({})", self.name, self.by)
    }
}
