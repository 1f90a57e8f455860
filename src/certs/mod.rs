//! Certificates: make, inspect, check. Nothing here prints or writes; what is made comes back as
//! bytes, what is found as data with a sentence.

mod error;
mod subject;
mod signer;
mod pair;
mod authority;
mod chain;
//mod check;
//mod inspect;

pub use authority::{Authority, Issued, authority};
pub use chain::arrange;
//pub use check::{Exposure, Level, Pair, Problem, Purpose, check, exposure};
pub use error::CertsError;
//pub use inspect::{CertificateFacts, Thing, inspect};
pub use pair::{LONGEST_VALIDITY, Made, NewFile, Order, certificate_for, new, request_for};
pub use subject::Subject;

#[cfg(test)]
mod tests;
