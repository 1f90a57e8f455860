//! The stage that puts a signed message on the wire and reads the answer, or says why there is none.
//!
//! reqwest does HTTP and keeps connections, and hyper where the way is not straight; TLS, decoding and
//! the reading of bodies are ours: client certificates of X.509 v1, one identity through any proxy, a
//! bound on everything.

mod way;
mod exchange;
mod provider;
mod route;
mod watch;
mod identity;
mod tls;
mod decode;
mod lookup;
mod connect;
mod tunnel;
mod requests;
mod wire;
mod body;
mod cause;
mod words;
mod explain;
mod explain_way;
mod probe;
mod transport;
#[cfg(test)]
mod tests;

pub use exchange::{Exchange, ExchangeError, Fate, Phases};
pub use identity::ClientCertificate;
pub use transport::{Transport, TransportError, TransportSettings};
pub use way::Way;
