//! The bank itself: a request and the client it came from, in; an answer or a refusal, out.
//!
//! Nothing here knows of sockets. The checks stand in one order, the published one, and the first
//! that fails decides: a test of one mistake sees that mistake's answer, not another's.

use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::clock::{Clock, Ids};
use crate::sign::{Moment, Profile};

use super::answer::{Problem, Refusal};
use super::clients::{Client, Register};
use super::log::{Check, shown};
use super::replay::Replay;
use super::request::{Head, Received};
use super::routes::{Endpoint, Guard, Route};
use super::seal::{self, Seal};
use super::tokens::Tokens;
use super::verify::{self, Signed};
use super::{oauth, profiles, routes, showcase};

/// What the bank knows.
pub(super) struct Bank {
    pub(super) register: std::sync::Arc<Register>,
    pub(super) clock: Clock,
    pub(super) ids: Ids,
    pub(super) skew: TimeDelta,
    /// The keys that the bank signs with, as a list of JWK (RFC 7517).
    pub(super) keys: Value,
    pub(super) books: Mutex<Books>,
    /// What it verifies on every path, in place of its own endpoints; empty for the bank itself.
    pub(super) profiles: Vec<Profile>,
    /// What signs the answers of the JWS flavour.
    pub(super) seal: Seal,
}

/// What the bank writes down.
pub(super) struct Books {
    tokens: Tokens,
    replay: Replay,
}

impl Books {
    pub(super) fn new(skew: TimeDelta) -> Self {
        Self { tokens: Tokens::default(), replay: Replay::new(skew) }
    }
}

/// A request, with what is known about it before the first check.
struct Asked<'a> {
    route: &'a Route,
    client: &'a Client,
    request: &'a Received,
    now: DateTime<Utc>,
}

/// What became of a request.
pub(super) struct Judgement {
    pub(super) outcome: Result<Value, Refusal>,
    /// The signing string, where it came so far.
    pub(super) signing_string: Option<String>,
}

impl From<Refusal> for Judgement {
    fn from(refusal: Refusal) -> Self {
        Self { signing_string: refusal.signing_string.clone(), outcome: Err(refusal) }
    }
}

impl Bank {
    /// Check 1. A verifier of profiles has every path.
    pub(super) fn route(&self, head: &Head) -> Result<Option<&'static Route>, Refusal> {
        if self.profiles.is_empty() { routes::find(head).map(Some) } else { Ok(None) }
    }

    /// Whether an answer is signed.
    pub(super) fn signs_answers_to(&self, head: &Head) -> bool {
        let guard = self.route(head).ok().flatten().map(|route| route.guard);
        matches!(guard, Some(Guard::TokenAndJws(_)))
    }

    /// Checks 2 to 11, then the answer; without a route, what the profiles say.
    pub(super) fn judge(&self, route: Option<&Route>, client: &Client, request: &Received) -> Judgement {
        let now = self.clock.now();
        let mut judgement = if let Some(route) = route {
            self.judged(&Asked { route, client, request, now })
        } else {
            let moment = Moment { now, skew: self.skew };
            profiles::judge(&self.profiles, request, (client, &self.register), moment)
        };
        let mask = |text: &mut String| *text = request.head.masked(text);
        judgement.signing_string.as_mut().map(mask);
        match &mut judgement.outcome {
            Ok(answer) if route.is_none() => mask_all(answer, &mask),
            Ok(_) => {}
            Err(refusal) => {
                mask(&mut refusal.reason);
                refusal.signing_string.as_mut().map(mask);
                refusal.verifies.as_mut().map(mask);
            }
        }
        judgement
    }

    fn judged(&self, asked: &Asked<'_>) -> Judgement {
        let head = &asked.request.head;
        let unsigned = match asked.route.guard {
            Guard::TokenAndJws(_) => return self.judged_by_jws(asked),
            Guard::Token(_) => Some(verify::bearer(head)),
            Guard::Signature if oauth::is_unsigned(asked.request) => Some(Err("no token is needed".into())),
            _ => None,
        };
        if let Some(token) = unsigned {
            return Judgement { outcome: self.serve(asked, token), signing_string: None };
        }
        let (token, signed) = match self.signed(asked) {
            Ok(signed) => signed,
            Err(refusal) => return refusal.into(),
        };
        let signing_string = Some(signed.string);
        let outcome = self
            .serve(asked, token)
            .map_err(|refusal| Refusal { signing_string: signing_string.clone(), ..refusal });
        Judgement { outcome, signing_string }
    }

    /// Checks 8 and 9 of the JWS flavour.
    fn judged_by_jws(&self, asked: &Asked<'_>) -> Judgement {
        let Asked { client, request, now, .. } = *asked;
        let moment = Moment { now, skew: self.skew };
        let signing_string = match seal::check(request, (client, &self.register), moment) {
            Ok(string) => Some(string),
            Err(refusal) => return refusal.into(),
        };
        let served = self.serve(asked, verify::bearer(&request.head));
        let outcome = served.map_err(|refusal| Refusal { signing_string: signing_string.clone(), ..refusal });
        Judgement { outcome, signing_string }
    }

    /// The keys that a token answer tells of: beside the bank's usual one that of the JWS flavour, to
    /// whom asks in its way.
    fn keys(&self, request: &Received) -> Value {
        let mut keys = self.keys.clone();
        if let (true, Some(list)) = (oauth::is_unsigned(request), keys.as_array_mut()) {
            list.push(self.seal.jwk());
        }
        keys
    }

    /// Checks 2 to 8; what is there of a token comes back for check 9.
    fn signed<'a>(&self, asked: &Asked<'a>) -> Result<(verify::Token<'a>, Signed), Refusal> {
        let Asked { route, client, request, now } = *asked;
        let credentials = verify::carried(route.guard, &request.head)?;
        let parameters = verify::parameters(credentials.signature, client)?;
        let signed = verify::components(parameters, request)?;
        let rest = || {
            verify::date(&request.head, now, self.skew)?;
            verify::digest(request)?;
            verify::key_id(&signed, route.guard, request, (client, &self.register), now)?;
            verify::signature(&signed, request, client, &self.register)
        };
        match rest() {
            Ok(()) => Ok((credentials.token, signed)),
            Err(refusal) => Err(Refusal { signing_string: Some(signed.string), ..refusal }),
        }
    }

    /// Checks 9 to 11, and what the endpoint does.
    fn serve(&self, asked: &Asked<'_>, token: verify::Token<'_>) -> Result<Value, Refusal> {
        let Asked { route, client, request, now } = *asked;
        if let Some(scope) = route.guard.scope() {
            token
                .and_then(|token| self.books().tokens.check(token, &client.client_id, scope, now))
                .map_err(|reason| Refusal::new(Check::Token, Problem::AccessToken, reason))?;
        }
        match route.endpoint {
            Endpoint::Token => {
                let scopes = oauth::read_form(request, client)?;
                self.claim(asked)?;
                let token = self.books().tokens.issue(&client.client_id, scopes.clone(), now);
                Ok(oauth::granted(&token, &scopes, client, &self.keys(request)))
            }
            Endpoint::Greeting => {
                self.claim(asked)?;
                Ok(showcase::greeting(self.ids.uuid(), now))
            }
        }
    }

    /// Check 11.
    fn claim(&self, asked: &Asked<'_>) -> Result<(), Refusal> {
        match asked.request.head.request_id() {
            Some(id) if !self.books().replay.claim(&asked.client.client_id, id, asked.now) => {
                let reason = format!("the request id `{}` was used before", shown(id));
                Err(Refusal::new(Check::Replay, Problem::Unverified, reason))
            }
            _ => Ok(()),
        }
    }

    /// A panic in another connection leaves nothing half written: each entry is one call.
    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Masks every text of an answer that repeats parts of the request.
fn mask_all(value: &mut Value, mask: &impl Fn(&mut String)) {
    match value {
        Value::String(text) => mask(text),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_all(item, mask)),
        Value::Object(fields) => fields.values_mut().for_each(|field| mask_all(field, mask)),
        _ => {}
    }
}
