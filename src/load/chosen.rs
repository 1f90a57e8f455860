//! Which client authentication and which DPoP key a request has: its own, its environment's where
//! it says `true`, and for a token the key that the token was asked for with.

use super::{Owner, Suite};
use crate::spec::{ClientAuthentication, Dpop, Request, Wanted};

/// Settings, and where they stand.
#[derive(Debug, Clone)]
pub struct Chosen<'s, T> {
    /// Whose file says them.
    pub owner: Owner,
    /// Where in that file.
    pub pointer: String,
    /// The settings.
    pub settings: &'s T,
}

impl Suite {
    /// How a request says who the client is, in this environment. None also where it asks for what
    /// the environment does not say.
    pub fn client_authentication(
        &self,
        request: &Request,
        environment: &str,
    ) -> Option<Chosen<'_, ClientAuthentication>> {
        let request = self.requests.get(&request.name)?;
        let (owner, settings) = match &request.client_authentication {
            Wanted::Own(own) => (Owner::Request(request.name.clone()), own),
            Wanted::AsEnvironment => {
                let known = self.environments.get(environment)?;
                (Owner::Environment(known.name.clone()), known.client_authentication.as_ref()?)
            }
            Wanted::Unsaid | Wanted::Off => return None,
        };
        Some(Chosen { owner, pointer: settings.pointer(), settings })
    }

    /// The key that a request proves, in this environment. A request that says nothing of it proves
    /// the key that its token is bound to.
    pub fn dpop(&self, request: &Request, environment: &str) -> Option<Chosen<'_, Dpop>> {
        let mut request = self.requests.get(&request.name)?;
        // A token may be asked for with a token; requests that need each other are refused elsewhere.
        for _ in 0..self.requests.len() {
            let (owner, settings) = match &request.dpop {
                Wanted::Own(own) => (Owner::Request(request.name.clone()), own),
                Wanted::AsEnvironment => {
                    let known = self.environments.get(environment)?;
                    (Owner::Environment(known.name.clone()), known.dpop.as_ref()?)
                }
                Wanted::Off => return None,
                Wanted::Unsaid => {
                    request = self.requests.get(&request.token.as_ref()?.from)?;
                    continue;
                }
            };
            return Some(Chosen { owner, pointer: "/dpop".to_owned(), settings });
        }
        None
    }
}
