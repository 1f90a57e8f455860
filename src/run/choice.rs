//! Which of the signing profiles of a plan sign a step.

use crate::spec::{ProfileChoice, Request, Sign};

/// What signs a step: steps that choose the same share a signer, and its key is parsed once.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Chosen {
    /// A profile by name.
    Named(String),
    /// The one that the environment writes out, at this place of its list.
    OfEnvironment(usize),
    /// The one that this request writes out, at this place of its list.
    OfRequest(String, usize),
}

impl Chosen {
    pub(super) fn by(request: &Request, choice: &ProfileChoice, place: usize) -> Self {
        match (choice, &request.sign) {
            (ProfileChoice::Named(name), _) => Self::Named(name.clone()),
            (ProfileChoice::Inline(_), Sign::AsEnvironment) => Self::OfEnvironment(place),
            (ProfileChoice::Inline(_), _) => Self::OfRequest(request.name.clone(), place),
        }
    }
}
