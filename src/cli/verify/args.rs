//! What `countersign verify` is told.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Args;
use countersign::clock::{Clock, parse_http_date};
use countersign::sign::Scheme;

pub(crate) const EXAMPLES: &str = "Examples:
  countersign verify request.http --profile ing --key signing.crt      a request as text
  countersign verify curl.log --env sandbox --data body.json           what `curl --verbose` printed
  countersign verify export.har --entry 3 --answer --key jwks.json     an answer of a HAR file
  curl --trace - … | countersign verify - --key signing.crt            from standard input

Exit codes: 0 the signature verifies, 1 it does not, 2 the command line is wrong,
3 the message or suite can't be read, 4 a key can't be used.";

/// Check the signature of a recorded HTTP message, and say what differs.
#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// The message: raw HTTP, a HAR file, what `curl -v`, `--trace` or `--trace-ascii` wrote; `-` is standard input
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The signing profile, a shipped one or the suite's [default: guessed from the headers]
    #[arg(short, long, value_name = "NAME", conflicts_with = "scheme")]
    pub(crate) profile: Option<String>,
    /// The scheme alone: what is signed and how is taken from the message
    #[arg(long, value_name = "NAME", value_parser = clap::builder::PossibleValuesParser::new(Scheme::NAMES))]
    pub(crate) scheme: Option<String>,
    /// Take the profile and the keys from an environment of the suite
    #[arg(short, long, value_name = "NAME")]
    pub(crate) env: Option<String>,
    /// The key that should have signed: public key, certificate, JWK, JWKS or private key; further ones are tried to explain a failure
    #[arg(short, long = "key", value_name = "FILE")]
    pub(crate) keys: Vec<PathBuf>,
    /// The environment variable with the shared secret of an HMAC
    #[arg(long, value_name = "VARIABLE", conflicts_with = "keys")]
    pub(crate) secret_env: Option<String>,
    /// Check the answer, not the request
    #[arg(short, long)]
    pub(crate) answer: bool,
    /// The request that an answer belongs to, where it was recorded apart
    #[arg(long, value_name = "FILE")]
    pub(crate) request: Option<PathBuf>,
    /// Which exchange of the file, counted from 1
    #[arg(long, value_name = "N")]
    pub(crate) entry: Option<usize>,
    /// The body of the request, where the file leaves it out
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// Judge by this time: `now`, RFC 3339 or an HTTP date [default: the message's own]
    #[arg(long, value_name = "DATE", value_parser = moment)]
    pub(crate) at: Option<DateTime<Utc>>,
    /// Seconds that the message's time may be away from that
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub(crate) skew: u32,
    /// Print the result as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    if text == "now" {
        return Ok(Clock::System.now());
    }
    let rfc3339 = || DateTime::parse_from_rfc3339(text).ok().map(|moment| moment.to_utc());
    let what = "write `now`, or a date such as 2026-11-23T09:00:00Z or `Mon, 23 Nov 2026 09:00:00 GMT`";
    parse_http_date(text).or_else(rfc3339).ok_or_else(|| what.into())
}
