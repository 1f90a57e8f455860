//! Where an answer has led a request on to, and what may go along.
//!
//! A message of the next hop is rendered from the same request, not made from the message before
//! it: so it is signed anew, for the place that it goes to. What the request says is only ever
//! taken away. Once a chain has left an origin, nothing goes along any more, also where it comes
//! back: whoever leads back chooses the URL, and must not have it signed.

use url::Url;

use crate::spec::{Request, Wanted};

/// Fields that describe a body (Fetch, "request-body-header name"), and go with it.
const OF_A_BODY: [&str; 4] = ["content-encoding", "content-language", "content-location", "content-type"];
/// Fields that tell nobody anything about who is asking.
const HARMLESS: [&str; 3] = ["accept", "accept-language", "user-agent"];

/// Where an answer has led a request on to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The URL, without a fragment.
    pub url: Url,
    /// The method.
    pub method: String,
    /// What goes along.
    pub baggage: Baggage,
}

/// What goes along from one hop to the next; the later ones are less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Baggage {
    /// Everything.
    Everything,
    /// Not the body, and what is said about it: the method has become GET.
    NoBody,
    /// Nothing that says who is asking, and no body: it goes to another origin.
    Nothing,
}

impl Hop {
    /// What is left of the request.
    pub(super) fn left_of(&self, request: &Request) -> Request {
        let mut left = Request { method: self.method.clone(), query: Vec::new(), ..request.clone() };
        if self.baggage >= Baggage::NoBody {
            left.body = None;
            left.client_authentication = Wanted::Off;
            left.headers.retain(|(name, _)| !is_one_of(name, &OF_A_BODY));
        }
        if self.baggage == Baggage::Nothing {
            left.dpop = Wanted::Off;
            left.headers.retain(|(name, _)| is_one_of(name, &HARMLESS));
        }
        left
    }
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}
