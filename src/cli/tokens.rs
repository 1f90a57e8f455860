//! Who a request says the client is, and what it proves, for `explain`: the assertion and the proof
//! taken apart again, each value with where it came from.

use countersign::diag::pointer::join;
use countersign::load::{Chosen, Owner};
use countersign::run::Prepared;
use countersign::sign::{ClientMethod, DPOP, Jwt, JwtKind};
use countersign::spec::{ClientAuthentication, Dpop, Signing};
use serde_json::{Map, Value, json};

use super::origins::Origins;

/// A value of a token: what it is called, what it is, where it came from.
type Row = (String, Value, String);

/// Values longer than this get no column of their own.
const WIDEST: usize = 45;

impl Origins<'_> {
    /// What says who the client is, and with which key it proves that its token is its own.
    pub(super) fn client(&self) -> Vec<(String, String)> {
        let mut rows = Vec::new();
        if let Some(chosen) = self.authentication() {
            rows.push((chosen.settings.method.name().to_owned(), self.at(&chosen.owner, &chosen.pointer)));
        }
        if let (Some(chosen), Some(prover)) = (self.proven(), &self.prepared.client(self.step).prover) {
            rows.push(("dpop".to_owned(), self.at(&chosen.owner, &chosen.pointer)));
            rows.push(("thumbprint".to_owned(), prover.thumbprint().to_owned()));
        }
        rows
    }

    /// The values of a token, its header first.
    pub(super) fn token(&self, token: &Jwt) -> Vec<Row> {
        let parts = [("header.", &token.header), ("", &token.claims)];
        let rows = parts.into_iter().flat_map(|(prefix, part)| {
            let members = part.as_object().into_iter().flatten();
            members.map(move |(name, value)| {
                (format!("{prefix}{name}"), value.clone(), self.of_member(token.kind, prefix, name))
            })
        });
        rows.collect()
    }

    /// The same in three columns. What is a map, as a public key is, has a line for each member.
    pub(super) fn token_lines(&self, token: &Jwt) -> Vec<String> {
        let rows = self.token(token).into_iter().flat_map(|(name, value, from)| match value {
            Value::Object(members) => {
                let row = |(member, value): (String, Value)| {
                    (format!("{name}.{member}"), shown(&value), from.clone())
                };
                members.into_iter().map(row).collect()
            }
            value => vec![(name, shown(&value), from)],
        });
        let rows: Vec<_> = rows.collect();
        let width = |text: fn(&(String, String, String)) -> &str| {
            let widths = rows.iter().map(|row| text(row).chars().count());
            widths.filter(|width| *width <= WIDEST).max().unwrap_or_default()
        };
        let (names, values) = (width(|row| &row.0), width(|row| &row.1));
        rows.iter().map(|(name, value, from)| format!("{name:names$}  {value:values$}  {from}")).collect()
    }

    /// The tokens as `--json` gives them.
    pub(super) fn tokens_json(&self) -> Vec<Value> {
        let tokens = self.signed.tokens().iter().map(|token| {
            let from: Map<String, Value> =
                self.token(token).into_iter().map(|(name, _, from)| (name, from.into())).collect();
            json!({
                "kind": token.kind.name(),
                "header": token.header,
                "claims": token.claims,
                "value": token.value,
                "from": from,
            })
        });
        tokens.collect()
    }

    /// Where a header comes from that says who the client is, or proves what it has.
    pub(super) fn of_client(&self, header: &str) -> Option<String> {
        let is_proof = |token: &Jwt| token.kind == JwtKind::DpopProof;
        if header.eq_ignore_ascii_case(DPOP) && self.signed.tokens().iter().any(is_proof) {
            return Some("the DPoP proof".to_owned());
        }
        let basic = self.authentication().filter(|chosen| chosen.settings.method == ClientMethod::Basic)?;
        header
            .eq_ignore_ascii_case("authorization")
            .then(|| format!("the client's id and secret, {}", self.at(&basic.owner, &basic.pointer)))
    }

    fn prepared(&self) -> (&Prepared, &str) {
        (self.prepared, &self.prepared.party(self.step).environment)
    }

    fn authentication(&self) -> Option<Chosen<'_, ClientAuthentication>> {
        let (prepared, environment) = self.prepared();
        prepared.suite.client_authentication(prepared.request(self.step), environment)
    }

    fn proven(&self) -> Option<Chosen<'_, Dpop>> {
        let (prepared, environment) = self.prepared();
        prepared.suite.dpop(prepared.request(self.step), environment)
    }

    fn at(&self, owner: &Owner, pointer: &str) -> String {
        self.place_of(owner, pointer).unwrap_or_default()
    }

    fn of_member(&self, kind: JwtKind, prefix: &str, name: &str) -> String {
        match kind {
            JwtKind::ClientAssertion => {
                self.authentication().map(|chosen| self.of_assertion(&chosen, prefix, name))
            }
            JwtKind::DpopProof => self.proven().map(|chosen| self.of_proof(&chosen, name)),
        }
        .unwrap_or_default()
    }

    fn of_assertion(&self, chosen: &Chosen<'_, ClientAuthentication>, prefix: &str, name: &str) -> String {
        let said = |path: &[&str]| {
            let pointer = path.iter().fold(chosen.pointer.clone(), |pointer, key| join(&pointer, key));
            self.place_of(&chosen.owner, &pointer)
        };
        let part = if prefix.is_empty() { "claims" } else { "header" };
        let said_outright = said(&[part, name]);
        let said_by_key = match name {
            "alg" => said(&["algorithm"]),
            "kid" => said(&["key_id"]),
            "iss" | "sub" => said(&["client_id"]),
            "aud" => said(&["audience"]),
            "exp" => said(&["lifetime"]).map(|place| format!("{place}, after `iat`")),
            _ => None,
        };
        let by_default = || match name {
            "alg" if chosen.settings.method.has_secret() => "as nothing else is said".to_owned(),
            "alg" => format!("by the key {}", self.key(chosen.settings.key.as_ref())),
            "iss" | "sub" => "the variable `client_id`".to_owned(),
            "aud" => "the URL of the request".to_owned(),
            "jti" => "new for each message".to_owned(),
            "iat" => "the moment it is made".to_owned(),
            "exp" => "a minute after `iat`".to_owned(),
            _ => "always".to_owned(),
        };
        said_outright.or(said_by_key).unwrap_or_else(by_default)
    }

    fn of_proof(&self, chosen: &Chosen<'_, Dpop>, name: &str) -> String {
        let key = || self.key(chosen.settings.key.as_ref());
        match name {
            "alg" => self
                .place_of(&chosen.owner, "/dpop/algorithm")
                .unwrap_or_else(|| format!("by the key {}", key())),
            "jwk" => format!("the public half of {}", key()),
            "jti" => "new for each message".to_owned(),
            "htm" => self.of_request("/method"),
            "htu" => format!("{}, without its query", self.of_request("/endpoint")),
            "iat" => "the moment it is made".to_owned(),
            "ath" => "the SHA-256 of the token".to_owned(),
            "nonce" => "the server gave it".to_owned(),
            _ => "always".to_owned(),
        }
    }

    fn of_request(&self, pointer: &str) -> String {
        self.at(&Owner::Request(self.prepared.request(self.step).name.clone()), pointer)
    }

    /// The file of a key as it is named: by its settings, else under `signing`.
    fn key(&self, named: Option<&String>) -> String {
        let signing = self.prepared.party(self.step).signing.as_ref();
        let file = named.or_else(|| signing.and_then(Signing::key_file));
        file.map_or_else(String::new, |file| format!("`{file}`"))
    }
}

/// A text as it is, anything else as JSON.
fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
