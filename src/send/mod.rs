//! The stage that puts a signed message on the wire and reads the answer, or says why there is none.

mod exchange;

pub use exchange::{Exchange, ExchangeError, Fate, Phases};
