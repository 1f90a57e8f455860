//! Where each header field and each signed component of a message came from, for `explain`.
//!
//! It is told from the finished message and the files: rendering keeps no trace of its own, so
//! that what is shown can't differ from what is sent.

use countersign::diag::pointer;
use countersign::load::Owner;
use countersign::message::Message;
use countersign::run::Prepared;
use countersign::sign::{SignedMessage, has_token};

/// One step's message, and what it was made of.
#[derive(Clone, Copy)]
pub(super) struct Origins<'a> {
    pub(super) prepared: &'a Prepared,
    pub(super) step: usize,
    pub(super) signed: &'a SignedMessage,
    /// Whether it goes to the environment's own host; elsewhere nothing of the environment goes along.
    pub(super) own_origin: bool,
}

impl Origins<'_> {
    /// Each header field that is sent, in order, with where it came from.
    pub(super) fn headers(&self) -> Vec<(String, String)> {
        let mut told: Vec<(String, String)> = Vec::new();
        for (name, _) in self.message().headers.iter() {
            if !told.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)) {
                told.push((name.to_owned(), self.header(name)));
            }
        }
        told
    }

    /// Each component that is signed, in order, with where it came from.
    pub(super) fn components(&self) -> Vec<(String, String)> {
        let signature = self.signed.signature();
        let components = signature.map(|signature| signature.components.as_slice()).unwrap_or_default();
        components.iter().map(|(name, _)| (name.clone(), self.component(name))).collect()
    }

    fn message(&self) -> &Message {
        self.signed.message()
    }

    /// Structured names carry quotes and parameters: `"@query-param";name="a"`, `"digest";sf`.
    fn component(&self, written: &str) -> String {
        let name = match written.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
            Some((name, _)) => name,
            None => written,
        };
        match name {
            "(created)" | "(expires)" | "@signature-params" => "the moment of signing".to_owned(),
            "(request-target)" | "@method" | "@target-uri" | "@request-target" | "@path" | "@query"
            | "@query-param" | "@authority" | "@scheme" => self.target(),
            name if self.message().headers.contains(name) => self.header(name),
            name if name.eq_ignore_ascii_case("host") => self.target(),
            "body" => self.body(),
            name if name.eq_ignore_ascii_case("content-length") => "the body".to_owned(),
            name => self.of_profile(name),
        }
    }

    /// The request line: what the request says, joined to the host.
    fn target(&self) -> String {
        let owner = Owner::Request(self.prepared.request(self.step).name.clone());
        self.place(&owner, &["endpoint"]).unwrap_or_else(|| "the request line".to_owned())
    }

    fn body(&self) -> String {
        let request = self.prepared.request(self.step);
        let kind = request.body.as_ref().map(countersign::spec::Body::kind);
        let place = kind.and_then(|kind| self.place(&Owner::Request(request.name.clone()), &["body", kind]));
        place.map_or_else(|| "the body".to_owned(), |place| format!("the body, {place}"))
    }

    fn header(&self, name: &str) -> String {
        let request = self.prepared.request(self.step);
        let party = self.prepared.party(self.step);
        let own = Owner::Request(request.name.clone());
        let written = |fields: &[(String, Vec<String>)]| {
            fields.iter().map(|(known, _)| known.clone()).find(|known| known.eq_ignore_ascii_case(name))
        };
        let carries = |header: &String| header.eq_ignore_ascii_case(name);
        let signature = self.signed.signature();
        if signature.is_some_and(|signature| signature.carried_in.iter().any(carries)) {
            let with_token = request.token.as_ref().filter(|token| self.own_origin && carries(&token.header));
            let token = with_token.map(|token| format!("the token of `{}`, and ", token.from));
            return format!("{}the signature", token.unwrap_or_default());
        }
        if let Some(client) = self.of_client(name) {
            return client;
        }
        if let Some(known) = written(&request.headers) {
            return self.place(&own, &["headers", &known]).unwrap_or_else(|| "the request".to_owned());
        }
        if let Some(token) = request.token.as_ref().filter(|token| carries(&token.header)) {
            return format!("what `{}` captured as `{}`", token.from, token.value);
        }
        if let Some(known) = written(&party.headers) {
            let environment = Owner::Environment(party.environment.clone());
            return self
                .place(&environment, &["headers", &known])
                .unwrap_or_else(|| "the environment".into());
        }
        if name.eq_ignore_ascii_case("content-type") && request.body.is_some() {
            return self.body();
        }
        self.of_profile(name)
    }

    /// What the signing profile adds: its own headers are templates, the rest is made by the scheme.
    fn of_profile(&self, name: &str) -> String {
        let Some(signer) = self.prepared.signer(self.step) else { return "the request".to_owned() };
        let profile = signer.profile();
        let with_token = has_token(self.message());
        let own = profile.headers(with_token).find(|(known, _)| known.eq_ignore_ascii_case(name));
        let known = if profile.name().is_empty() { String::new() } else { format!(" `{}`", profile.name()) };
        match own {
            Some((_, template)) => format!("the profile{known}: `{template}`"),
            None => format!("the profile{known}, made when signing"),
        }
    }

    /// Where the key id was said.
    pub(super) fn key_id(&self) -> Option<String> {
        let signer = self.prepared.signer(self.step)?;
        let party = self.prepared.party(self.step);
        let environment = Owner::Environment(party.environment.clone());
        let profile = signer.profile();
        let with_token = has_token(self.message());
        let own = party.signing.as_ref().and_then(|signing| signing.key_id.as_ref());
        match own.filter(|_| with_token || profile.key_id(true) == profile.key_id(false)) {
            Some(_) => self.place(&environment, &["signing", "key_id"]),
            None => profile.key_id(with_token).map(|template| format!("the profile: `{template}`")),
        }
    }

    /// `file:line:column` of a value.
    fn place(&self, owner: &Owner, path: &[&str]) -> Option<String> {
        self.place_of(owner, &pointer(path.iter().copied()))
    }

    /// `file:line:column` of the value that a pointer names.
    pub(super) fn place_of(&self, owner: &Owner, pointer: &str) -> Option<String> {
        let suite = &self.prepared.suite;
        let place = suite.locations.find(owner, pointer)?;
        let position = suite.sources.position(place.value);
        let file = suite.sources.path(place.value.source).display();
        Some(format!("{file}:{}:{}", position.line, position.column))
    }
}
