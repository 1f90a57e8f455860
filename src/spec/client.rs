//! `client_authentication` and `dpop`, of a request or an environment: how a client says who it is
//! when it asks for a token, and with which key it proves that the token is its own.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use super::templates::texts;
use crate::diag::pointer::join;
use crate::sign::{Algorithm, ClientMethod};

/// The client id that is meant where none is given.
pub const CLIENT_ID: &str = "{{ client_id }}";

/// What a request says of something that its environment can say too.
#[derive(Debug, Clone, Default)]
pub enum Wanted<T> {
    /// Nothing.
    #[default]
    Unsaid,
    /// `false`
    Off,
    /// `true`: as the environment says.
    AsEnvironment,
    /// This.
    Own(T),
}

/// `/client_authentication/METHOD`. Every text is a template.
#[derive(Debug, Clone)]
pub struct ClientAuthentication {
    /// The key that the settings stand under.
    pub method: ClientMethod,
    /// `…/client_id`; [`CLIENT_ID`] unless given.
    pub client_id: Option<String>,
    /// `…/secret`
    pub secret: Option<String>,
    /// `…/key`: the path of a private key; the environment's signing key unless given.
    pub key: Option<String>,
    /// `…/algorithm`; the one that belongs to the key unless given.
    pub algorithm: Option<Algorithm>,
    /// `…/audience`; the URL of the request unless given.
    pub audience: Option<String>,
    /// `…/key_id`
    pub key_id: Option<String>,
    /// `…/lifetime`
    pub lifetime: Option<Duration>,
    /// `…/header/NAME`
    pub header: IndexMap<String, Value>,
    /// `…/claims/NAME`
    pub claims: IndexMap<String, Value>,
}

/// `/dpop`
#[derive(Debug, Clone)]
pub struct Dpop {
    /// `/dpop/key`: the path of a private key; a template. The environment's signing key unless
    /// given.
    pub key: Option<String>,
    /// `/dpop/algorithm`; the one that belongs to the key unless given.
    pub algorithm: Option<Algorithm>,
}

/// Whether what stands at a pointer is the client id of a client authentication that does not give
/// one: its template stands in no file.
pub fn is_left_out(pointer: &str) -> bool {
    pointer.strip_prefix("/client_authentication/").is_some_and(|method| !method.contains('/'))
}

impl<T> Wanted<T> {
    /// What the request writes out itself.
    pub fn own(&self) -> Option<&T> {
        match self {
            Self::Own(own) => Some(own),
            Self::Unsaid | Self::Off | Self::AsEnvironment => None,
        }
    }

    /// Whether it leaves it to the environment.
    pub const fn is_as_environment(&self) -> bool {
        matches!(self, Self::AsEnvironment)
    }
}

impl ClientAuthentication {
    /// Where it stands in the file of a request or an environment.
    pub fn pointer(&self) -> String {
        join("/client_authentication", self.method.name())
    }

    /// Every text that may be a template, with its pointer. A client id that is left out is one
    /// too: its name has to be there.
    pub fn templates(&self) -> Vec<(String, &str)> {
        let at = self.pointer();
        let mut found = vec![match self.client_id.as_deref() {
            Some(source) => (join(&at, "client_id"), source),
            None => (at.clone(), CLIENT_ID),
        }];
        let texts_of = [
            ("secret", &self.secret),
            ("key", &self.key),
            ("audience", &self.audience),
            ("key_id", &self.key_id),
        ];
        let given = texts_of.into_iter().filter_map(|(name, text)| Some((join(&at, name), text.as_deref()?)));
        found.extend(given);
        for (name, values) in [("header", &self.header), ("claims", &self.claims)] {
            for (key, value) in values {
                texts(join(&join(&at, name), key), value, &mut found);
            }
        }
        found
    }
}

impl Dpop {
    /// Every text that may be a template, with its pointer.
    pub fn templates(&self) -> Vec<(String, &str)> {
        self.key.iter().map(|key| ("/dpop/key".to_owned(), key.as_str())).collect()
    }
}
