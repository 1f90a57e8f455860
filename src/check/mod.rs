//! The stage that judges an answer. It cannot fail: whatever is wrong with an answer is an
//! [`Outcome`].

mod verdict;

pub use verdict::{Captured, Outcome, Verdict};
