//! Certificates: make, inspect, check. Nothing here prints or writes; what is made comes back as
//! bytes, what is found as data with a sentence.

mod error;
mod subject;
mod provider;
mod shape;
mod signer;
mod pair;
mod issuer;
mod authority;
mod chain;
mod problem;
mod check;
mod fitness;
mod tracked;
mod exposure;
mod inspect;

pub use authority::{Authority, Issued, authority};
pub use chain::arrange;
pub use check::{Pair, Purpose, check, validity};
pub use error::CertsError;
pub use exposure::{Exposure, exposure};
pub use inspect::{CertificateFacts, KeyFacts, QualifiedFacts, Thing, inspect};
pub use issuer::Issuer;
pub use pair::{LONGEST_VALIDITY, Made, NewFile, Order, certificate_for, check_name, new, request};
pub use problem::{Level, Problem};
pub use provider::{OrganizationIdentifier, Provider};
pub use shape::{AlternativeName, Shape};
pub use subject::Subject;
pub use tracked::{Tracked, is_tracked};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod judgement_tests;
