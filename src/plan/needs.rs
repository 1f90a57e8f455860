//! What a request needs: what it says (`needs`, `token`) and what its templates mention.

use super::mentions::{Placed, mentions};
use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::load::{Owner, Suite};
use crate::spec::{Request, acting};

/// What a need comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// `token:` names it.
    Token,
    /// Its token is sent in place of the request's own, on purpose.
    TokenOf,
    /// `needs:` lists it.
    Listed,
    /// A template mentions it.
    Mentioned,
}

impl Why {
    /// In a word, for graphs and lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::TokenOf => "token_of",
            Self::Listed => "needs",
            Self::Mentioned => "template",
        }
    }
}

/// What a scope calls what `request` leaves behind as another identity. No request has such a name.
pub fn lent(request: &str) -> String {
    format!("{request}\0lent")
}

/// A need as the file shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Need {
    /// The name of the needed request.
    pub(super) request: String,
    /// The environment in which it runs.
    pub(super) environment: String,
    /// What it comes from.
    pub(super) why: Why,
    /// Whether a template mentions it, whatever else it comes from.
    pub(super) mentioned: bool,
    /// Where it stands, for diagnostics.
    pub(super) owner: Owner,
    pub(super) pointer: String,
}

impl Need {
    fn is_same(&self, other: &Self) -> bool {
        self.request == other.request && (self.why == Why::TokenOf) == (other.why == Why::TokenOf)
    }
}

/// Everything that `request` needs, each request once, the strongest reason first.
pub(super) fn needs(
    request: &Request,
    environment: &str,
    suite: &Suite,
    is_variable: impl Fn(&str) -> bool,
) -> Vec<Need> {
    let own = Owner::Request(request.name.clone());
    let own_environment = || environment.to_owned();
    let mut found: Vec<Need> = Vec::new();
    let mut add = |need: Need| match found.iter_mut().find(|known| known.is_same(&need)) {
        Some(known) => known.mentioned |= need.mentioned,
        None => found.push(need),
    };
    if let Some(token) = &request.token {
        let pointer = token_pointer(&own, suite);
        add(Need {
            request: token.from.clone(),
            environment: request.token_of().map_or_else(own_environment, |other| acting(environment, other)),
            why: if request.token_of().is_some() { Why::TokenOf } else { Why::Token },
            mentioned: false,
            owner: own.clone(),
            pointer,
        });
    }
    for (index, need) in request.needs.iter().enumerate() {
        let pointer = format!("/needs/{index}");
        add(Need {
            request: need.request.clone(),
            environment: own_environment(),
            why: Why::Listed,
            mentioned: false,
            owner: own.clone(),
            pointer,
        });
    }
    for Placed { owner, pointer, mention } in mentions(suite, request, environment) {
        let named = if mention.name == "requests" { mention.path.first() } else { Some(&mention.name) };
        let named = named.filter(|name| suite.requests.contains_key(*name));
        if let Some(name) = named.filter(|name| mention.name == "requests" || !is_variable(name)) {
            let environment = own_environment();
            add(Need {
                request: name.clone(),
                environment,
                why: Why::Mentioned,
                mentioned: true,
                owner,
                pointer,
            });
        }
    }
    found
}

fn token_pointer(owner: &Owner, suite: &Suite) -> String {
    let detailed = suite.locations.find(owner, "/token/from").is_some();
    if detailed { "/token/from" } else { "/token" }.to_owned()
}

/// What is wrong with a need: its request does not exist.
pub(super) fn unknown(request: &Request, need: &Need, suite: &Suite) -> Diagnostic {
    let written = &need.request;
    let mut problem = Diagnostic::error(Code::UnknownRequest, format!("there is no request `{written}`"));
    if let Some(place) = suite.locations.find(&need.owner, &need.pointer) {
        problem = problem.at(place.value, format!("`{}` needs it", request.name));
    }
    match did_you_mean(written, suite.requests.keys().map(String::as_str)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("`countersign list` shows the requests of the suite"),
    }
}
