//! What a message says of who the client is, and which token its proof is for: templates filled,
//! and everything refused that would make the message say it twice.
//!
//! Neither goes to another host unless the request itself writes that host out: what a template
//! inserts must not lead a client's secret away.

use serde_json::{Map, Value};

use super::fill::{At, Fill};
use super::target::Target;
use super::{Party, headers};
use crate::diag::pointer::join;
use crate::diag::{Code, Diagnostic};
use crate::limits;
use crate::load::{Chosen, Owner};
use crate::message::Headers;
use crate::sign::{ClientFilled, ClientMethod, DPOP, Proof};
use crate::spec::{Body, CLIENT_ID, ClientAuthentication, Request};

/// A message on its way: what is known of it when its client is looked at.
pub(super) struct Draft<'a> {
    pub(super) request: &'a Request,
    pub(super) party: &'a Party,
    pub(super) target: &'a Target,
    pub(super) headers: &'a Headers,
}

/// What the request says of its client.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// Who it is, where the request says so.
    pub authentication: Option<ClientFilled>,
    /// The proof of its key, where the request has one.
    pub proof: Option<Proof>,
}

/// Fills what the request says of its client.
pub(super) fn client(fill: &mut Fill<'_>, draft: &Draft<'_>) -> Client {
    let environment = &draft.party.environment;
    let chosen = fill.suite.client_authentication(draft.request, environment);
    let authentication = chosen.and_then(|chosen| draft.authentication(fill, &chosen));
    let proof = fill.suite.dpop(draft.request, environment).and_then(|_| draft.proof(fill));
    Client { authentication, proof }
}

impl Draft<'_> {
    fn owner(&self) -> Owner {
        Owner::Request(self.request.name.clone())
    }

    fn authentication(
        &self,
        fill: &mut Fill<'_>,
        chosen: &Chosen<'_, ClientAuthentication>,
    ) -> Option<ClientFilled> {
        self.refuse_what_is_said_twice(fill, chosen.settings.method);
        self.refuse_another_host(fill, chosen.settings.method);
        let at = At::new(&chosen.owner, chosen.pointer.clone());
        let settings = chosen.settings;
        let mut text = |name: &str, source: &Option<String>| {
            let source = source.as_deref()?;
            fill.text(&At::new(&chosen.owner, join(&chosen.pointer, name)), source)
        };
        let given = text("client_id", &settings.client_id);
        let secret = text("secret", &settings.secret);
        let (audience, key_id) = (text("audience", &settings.audience), text("key_id", &settings.key_id));
        let client_id = if settings.client_id.is_some() { given } else { left_out(fill, &at) };
        let header = members(fill, &at, "header", &settings.header);
        let claims = members(fill, &at, "claims", &settings.claims);
        for (name, value) in [("client id", &client_id), ("client secret", &secret)] {
            if value.as_ref().is_some_and(String::is_empty) {
                let problem = Diagnostic::error(Code::Unusable, format!("the {name} is empty"));
                fill.problem(&at, None, problem, "");
            }
        }
        Some(ClientFilled {
            client_id: client_id?,
            secret: secret.or(Some(String::new())).filter(|_| settings.method.has_secret()),
            audience,
            key_id,
            id: new_id(fill)?,
            lifetime: settings.lifetime.unwrap_or(limits::ASSERTION_LIFETIME),
            header: header?,
            claims: claims?,
        })
    }

    /// A request that has a header or field of the form already would be sent with two.
    fn refuse_what_is_said_twice(&self, fill: &mut Fill<'_>, method: ClientMethod) {
        if method == ClientMethod::Basic && self.headers.contains("authorization") {
            let message = "`Authorization` would hold the client's secret, and it is there already";
            let problem = Diagnostic::error(Code::Unusable, message)
                .help("send the secret in the form: `client_authentication: {body: …}`");
            fill.problem(&At::new(&self.owner(), "/client_authentication"), None, problem, "");
        }
        if !method.needs_form() {
            return;
        }
        let Some(Body::Form(pairs)) = &self.request.body else {
            let message = format!("`{}` goes into a form, and the request has none", method.name());
            let problem = Diagnostic::error(Code::Unusable, message)
                .help("write `body: {form: {grant_type: client_credentials}}`");
            return fill.problem(&At::new(&self.owner(), "/client_authentication"), None, problem, "");
        };
        for (name, _) in pairs.iter().filter(|(name, _)| method.fields().contains(&name.as_str())) {
            let message = format!("`{name}` is in the form, and `{}` adds it too", method.name());
            let problem = Diagnostic::error(Code::Unusable, message).help("remove one of them");
            fill.problem(&At::new(&self.owner(), join("/body/form", name)), None, problem, "");
        }
    }

    fn refuse_another_host(&self, fill: &mut Fill<'_>, method: ClientMethod) {
        if self.target.own_origin {
            return;
        }
        let to = self.target.url.origin().ascii_serialization();
        let (message, help) = if method == ClientMethod::Tls {
            let message = format!(
                "the client's certificate does not go to `{to}`, which is not the environment's host"
            );
            (message, "make an environment of that host")
        } else if is_written_out(&self.request.endpoint) {
            return;
        } else {
            let message = format!("a template leads to `{to}`: nobody there is told who the client is");
            (message, "write the host out in `endpoint`: `https://NAME/…`")
        };
        let problem = Diagnostic::error(Code::Unusable, message).help(help);
        fill.problem(&At::new(&self.owner(), "/endpoint"), None, problem, "");
    }

    fn proof(&self, fill: &mut Fill<'_>) -> Option<Proof> {
        if !self.target.own_origin && !is_written_out(&self.request.endpoint) {
            return None;
        }
        if self.headers.contains(DPOP) {
            let message = "the proof goes into `DPoP`, and the request sets that header itself";
            let problem = Diagnostic::error(Code::Unusable, message)
                .help("remove it, or say `dpop: false` to send the request as it is");
            let written = self.request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(DPOP));
            let pointer = written.map_or_else(|| "/dpop".to_owned(), |(name, _)| join("/headers", name));
            fill.problem(&At::new(&self.owner(), pointer), None, problem, "");
        }
        Some(Proof { id: new_id(fill)?, token: self.token(), nonce: None })
    }

    /// The token that is sent, wherever that is.
    fn token(&self) -> Option<String> {
        let own = self.request.token.as_ref().filter(|_| self.target.own_origin);
        let field = own.map_or("authorization", |token| token.header.as_str());
        let value = self.headers.get(field)?;
        match value.split_once(' ') {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("basic") => None,
            Some((_, token)) => Some(token.to_owned()),
            None => own.map(|_| value.to_owned()),
        }
    }
}

/// Whether the file says where the request goes, up to the path, without any template.
fn is_written_out(endpoint: &str) -> bool {
    let (scheme, rest) = endpoint.split_once("://").unwrap_or_default();
    let is_scheme = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    let authority = rest.split(['/', '?']).next().filter(|_| is_scheme);
    authority.is_some_and(|authority| !authority.is_empty() && !authority.contains('{'))
}

/// The client id where the settings give none.
fn left_out(fill: &mut Fill<'_>, at: &At) -> Option<String> {
    let filled = headers::filled(fill, CLIENT_ID);
    fill.foreign(at, "the client id", filled)
}

/// A new id for an assertion or a proof: as a template would get it, so that `--seed` fixes it.
fn new_id(fill: &mut Fill<'_>) -> Option<String> {
    headers::filled(fill, "{{ uuid() }}").ok()
}

fn members(
    fill: &mut Fill<'_>,
    at: &At,
    key: &str,
    written: &indexmap::IndexMap<String, Value>,
) -> Option<Map<String, Value>> {
    let members = written.iter().map(|(name, value)| {
        let at = At::new(&at.owner, join(&join(&at.pointer, key), name));
        Some((name.clone(), fill.tree(&at, value)?))
    });
    members.collect()
}

#[cfg(test)]
mod tests {
    use super::is_written_out;

    #[test]
    fn a_host_that_a_template_inserts_is_not_written_out() {
        for written in
            ["https://auth.example/token", "https://auth.example?x={{ y }}", "http://localhost:1/{{ path }}"]
        {
            assert!(is_written_out(written), "{written}");
        }
        for inserted in [
            "{{ url | safe }}",
            "https://{{ host | safe }}/token",
            "https://a.{{ b }}",
            "/token",
            "https:///x",
            "{{ 'https://auth.example' | safe }}/token",
        ] {
            assert!(!is_written_out(inserted), "{inserted}");
        }
    }
}
