//! The paths that the bank has, as data.
//!
//! A new endpoint is a line in [`ROUTES`] and an arm of [`Endpoint`]; how it is protected is its
//! [`Guard`]. Paths are compared byte by byte: nothing is decoded or normalised, so that there is
//! no second way to write a path.

use super::answer::{Problem, Refusal};
use super::log::{Check, shown};
use super::request::Head;

/// What a route does once its guard let the request through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// Gives out application tokens.
    Token,
    /// Says hello.
    Greeting,
}

/// What a request must bring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// A signature in `Authorization`, or the client's id in the form and none: the call for the
    /// first token.
    Signature,
    /// A token with this scope in `Authorization`, and a signature in `Signature`.
    TokenAndSignature(&'static str),
    /// A token with this scope in `Authorization`, and a JWS; the answer is signed with one too.
    TokenAndJws(&'static str),
    /// A token with this scope in `Authorization`, and nothing else.
    Token(&'static str),
}

impl Guard {
    /// The scope that the token must have.
    pub(super) fn scope(self) -> Option<&'static str> {
        match self {
            Self::Signature => None,
            Self::TokenAndSignature(scope) | Self::TokenAndJws(scope) | Self::Token(scope) => Some(scope),
        }
    }
}

/// One path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    path: &'static str,
    method: &'static str,
    pub(super) endpoint: Endpoint,
    pub(super) guard: Guard,
}

/// The scope that reading the greeting needs.
pub(super) const GREETINGS: &str = "greetings:view";
/// A scope that the bank grants and that no endpoint here needs.
pub(super) const PAYMENT_REQUESTS: &str = "payment-requests:view";

const ROUTES: &[Route] = &[
    Route { path: "/oauth2/token", method: "POST", endpoint: Endpoint::Token, guard: Guard::Signature },
    Route {
        path: "/greetings/single",
        method: "GET",
        endpoint: Endpoint::Greeting,
        guard: Guard::TokenAndSignature(GREETINGS),
    },
    Route {
        path: "/signed/greetings",
        method: "GET",
        endpoint: Endpoint::Greeting,
        guard: Guard::TokenAndJws(GREETINGS),
    },
    Route {
        path: "/mtls-only/greetings",
        method: "GET",
        endpoint: Endpoint::Greeting,
        guard: Guard::Token(GREETINGS),
    },
];

/// The route of a request: check 1.
pub(super) fn find(head: &Head) -> Result<&'static Route, Refusal> {
    let not_found = |reason: String| Refusal::new(Check::Route, Problem::NotFound, reason);
    if head.absolute {
        return Err(not_found("the request target must be a path, not a whole URL".into()));
    }
    let route = ROUTES.iter().find(|route| route.path == head.path()).ok_or_else(|| {
        let paths: Vec<_> = ROUTES.iter().map(|route| format!("`{}`", route.path)).collect();
        not_found(format!("there is no `{}` here, only {}", shown(head.path()), paths.join(", ")))
    })?;
    if route.method == head.method {
        Ok(route)
    } else {
        let reason = format!("`{}` takes {}, not {}", route.path, route.method, shown(&head.method));
        Err(Refusal::new(Check::Route, Problem::MethodNotAllowed(route.method), reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(method: &str, target: &str) -> Option<Problem> {
        let head = Head { method: method.into(), target: target.into(), ..Head::default() };
        find(&head).err().map(|refusal| refusal.problem)
    }

    #[test]
    fn only_the_exact_paths_are_served() {
        assert_eq!(refusal("POST", "/oauth2/token?x=1"), None);
        assert_eq!(refusal("GET", "/greetings/single"), None);
        for target in [
            "/",
            "*",
            "/oauth2/token/",
            "//oauth2/token",
            "/OAUTH2/token",
            "/oauth2/%74oken",
            "/../../etc/passwd",
            "/%2e%2e%2fetc/passwd",
            "/oauth2/token%00",
            "/greetings/../oauth2/token",
        ] {
            assert_eq!(refusal("POST", target), Some(Problem::NotFound), "{target}");
        }
    }

    #[test]
    fn a_known_path_with_another_method_says_which_it_takes() {
        assert_eq!(refusal("GET", "/oauth2/token"), Some(Problem::MethodNotAllowed("POST")));
        assert_eq!(refusal("get", "/greetings/single"), Some(Problem::MethodNotAllowed("GET")));
        assert_eq!(refusal("HEAD", "/greetings/single"), Some(Problem::MethodNotAllowed("GET")));
    }
}
