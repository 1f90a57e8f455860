//! The stage that puts a signed message on the wire and reads the answer, or says why there is none.
//!
//! reqwest does HTTP; TLS, decoding and the reading of bodies are ours, because its own refuse
//! X.509 v1 client certificates, follow what was not asked for, or have no bound.

mod exchange;
mod provider;
mod route;
mod watch;
mod identity;
mod tls;
mod decode;
mod wire;
mod body;
mod cause;
mod words;
mod explain;
mod probe;
mod transport;
#[cfg(test)]
mod tests;

pub use exchange::{Exchange, ExchangeError, Fate, Phases};
pub use identity::ClientCertificate;
pub use transport::{Transport, TransportError, TransportSettings};
