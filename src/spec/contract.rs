//! `contract`, of the suite, an environment or a request.

/// What one file says of the contract that answers are held against.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ContractUse {
    /// Nothing: as the file above it says.
    #[default]
    Unsaid,
    /// `false`
    Off,
    /// `/contract`; what it leaves out is as the file above it says.
    On {
        /// `/contract` or `/contract/file`: the OpenAPI document, relative to the suite root.
        file: Option<String>,
        /// `/contract/requests`: whether requests are held against it too.
        requests: Option<bool>,
    },
}

/// The contract of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContractOf {
    /// The OpenAPI document.
    pub file: Option<String>,
    /// Whether requests are held against it too.
    pub requests: bool,
}

impl ContractUse {
    /// The document that it names itself.
    pub fn file(&self) -> Option<&str> {
        match self {
            Self::On { file, .. } => file.as_deref(),
            Self::Unsaid | Self::Off => None,
        }
    }

    /// What holds where `above` held without this.
    #[must_use]
    pub fn over(&self, above: ContractOf) -> ContractOf {
        match self {
            Self::Unsaid => above,
            Self::Off => ContractOf::default(),
            Self::On { file, requests } => {
                ContractOf { file: file.clone().or(above.file), requests: requests.unwrap_or(above.requests) }
            }
        }
    }
}
