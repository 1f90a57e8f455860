//! Where each header field and each signed component of a message came from, for `explain`.
//!
//! It is told from the finished message and the files: rendering keeps no trace of its own, so
//! that what is shown can't differ from what is sent.

use countersign::diag::pointer;
use countersign::load::Owner;
use countersign::message::Message;
use countersign::run::Prepared;
use countersign::sign::{Profile, Signature, SignedMessage, has_token};

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

    /// Each component of the signature at this index, in order, with where it came from.
    pub(super) fn components(&self, index: usize) -> Vec<(String, String)> {
        let components = &self.signed.signatures()[index].components;
        components.iter().map(|(name, _)| (name.clone(), self.component(name, index))).collect()
    }

    fn message(&self) -> &Message {
        self.signed.message()
    }

    fn component(&self, written: &str, index: usize) -> String {
        match bare(written) {
            "(created)" | "(expires)" | "@signature-params" => "the moment of signing".to_owned(),
            "(request-target)" | "@method" | "@target-uri" | "@request-target" | "@path" | "@query"
            | "@query-param" | "@authority" | "@scheme" => self.target(),
            name if self.message().headers.contains(name) => {
                self.of_signatures(name, index).unwrap_or_else(|| self.header(name))
            }
            name if name.eq_ignore_ascii_case("host") => self.target(),
            "body" => self.body(),
            name if name.eq_ignore_ascii_case("content-length") => "the body".to_owned(),
            _ => made_by(self.prepared.signers(self.step)[index].profile()),
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
        if let Some(told) = self.of_signatures(name, self.signed.signatures().len()) {
            let with_token = request.token.as_ref().filter(|token| self.own_origin && carries(&token.header));
            let token = with_token.map(|token| format!("the token of `{}`, and ", token.from));
            return format!("{}{told}", token.unwrap_or_default());
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
        if name.eq_ignore_ascii_case("cookie") {
            let given = "what the requests that it needs were given";
            let own = self.place(&own, &["cookies"]);
            return own.map_or_else(|| given.to_owned(), |own| format!("{own}, beside {given}"));
        }
        self.of_profile(name)
    }

    /// The signatures among the first so many that a header field carries, if it does.
    fn of_signatures(&self, name: &str, count: usize) -> Option<String> {
        let signatures = self.signed.signatures();
        let carries = |carried_in: &[String]| carried_in.iter().any(|known| known.eq_ignore_ascii_case(name));
        let carried: Vec<_> = signatures[..count].iter().filter(|made| carries(&made.carried_in)).collect();
        match carried.as_slice() {
            [] => None,
            [one] if signatures.len() > 1 && !one.profile.is_empty() => {
                Some(format!("the signature of `{}`", one.profile))
            }
            [_] => Some("the signature".to_owned()),
            several => Some(format!("{} signatures", several.len())),
        }
    }

    /// What the signing profiles add: their own headers are templates, the rest is made by the
    /// scheme, for the first signature that covers it.
    fn of_profile(&self, name: &str) -> String {
        let signers = self.prepared.signers(self.step);
        let with_token = has_token(self.message());
        let of = |profile: &Profile| {
            let mut own = profile.headers(with_token);
            own.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, template)| template.to_owned())
        };
        let mut templates = signers.iter().map(|signer| signer.profile());
        if let Some((profile, template)) = templates.find_map(|profile| Some((profile, of(profile)?))) {
            return format!("{}: `{template}`", known(profile));
        }
        let covers = |made: &Signature| {
            made.components.iter().any(|(component, _)| bare(component).eq_ignore_ascii_case(name))
        };
        let maker = self.signed.signatures().iter().position(covers);
        match (signers, maker.and_then(|index| signers.get(index))) {
            ([], _) => "the request".to_owned(),
            (_, Some(signer)) | ([signer], None) => made_by(signer.profile()),
            (_, None) => "the profiles, made when signing".to_owned(),
        }
    }

    /// Where the key id of the signature at this index was said.
    pub(super) fn key_id(&self, index: usize) -> Option<String> {
        let signer = self.prepared.signers(self.step).get(index)?;
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

/// The name of a component: structured names carry quotes and parameters, as
/// `"@query-param";name="a"` and `"digest";sf` do.
fn bare(written: &str) -> &str {
    match written.strip_prefix('"').and_then(|rest| rest.split_once('"')) {
        Some((name, _)) => name,
        None => written,
    }
}

/// A profile by its name, if it has one.
fn known(profile: &Profile) -> String {
    if profile.name().is_empty() {
        "the profile".to_owned()
    } else {
        format!("the profile `{}`", profile.name())
    }
}

fn made_by(profile: &Profile) -> String {
    format!("{}, made when signing", known(profile))
}
