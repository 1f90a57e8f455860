//! What a `cavage` profile can say: everything in which real APIs differ, each with the default
//! that most of them share, so that a usual profile is ten lines.
//!
//! `components` is the one key without a default: what an API wants signed is never guessed.

use serde::{Deserialize, Serialize};

use super::component::Component;
use super::date::DateFormat;
use super::layout::Layout;
use crate::sign::algorithm::Algorithm;
use crate::sign::digest::Hash;
use crate::sign::profile_error::Complaint;

/// The settings of a profile that signs as draft-cavage-http-signatures-12 says, or nearly so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "CavageSettings")]
pub struct Settings {
    /// How the signing string is signed.
    #[serde(default)]
    pub algorithm: Algorithm,
    /// What the message calls the algorithm, where that is not its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What is signed, in order: header names, `(request-target)`, `(created)`, `(expires)`; each
    /// may end in ` if sent` (the request has the header) or ` if body` (the request has a body).
    #[schemars(length(min = 1))]
    pub components: Vec<Component>,
    /// What `(request-target)` holds after the method.
    #[serde(default)]
    pub target: Target,
    /// How header names are written in the signing string and in the list of what is signed.
    #[serde(default)]
    pub names: Names,
    /// Whether the signing string ends in a newline. The draft's does not.
    #[serde(default)]
    pub trailing_newline: bool,
    /// The header that says when the request was made.
    #[serde(default)]
    pub date: DateField,
    /// The header that holds the digest of the body.
    #[serde(default)]
    pub digest: DigestField,
    /// The headers that carry the signature.
    #[serde(default = "in_signature_header")]
    pub carried_in: Vec<Carrier>,
    /// How the value is written, with `{key_id}`, `{algorithm}`, `{headers}`, `{signature}`,
    /// `{created}`, `{expires}`; the draft's way when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Layout>,
    /// Whether `"` and `\` between quotes get a backslash, as HTTP has it in quoted strings. Banks
    /// that compare a distinguished name as text want none; a `"` can't be sent there then.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    pub escape: bool,
    /// After how many seconds the signature expires; for `(expires)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub expires_after: Option<u32>,
}

/// What `(request-target)` holds after the method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Path and query, byte for byte as sent.
    #[default]
    PathAndQuery,
    /// The path alone.
    Path,
}

/// How header names are written where they are signed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// In lower case, as the draft says.
    #[default]
    Lower,
    /// As the profile writes them.
    AsWritten,
}

/// When a header is added to a request that does not have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Added {
    /// To every request.
    #[default]
    Always,
    /// To a request with a body.
    WithBody,
    /// Never.
    Never,
}

/// The header that says when the request was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DateField {
    /// Its name.
    pub header: String,
    /// `http`, `rfc3339`, `unix`, `unix_ms`, or a pattern such as `%Y%m%dT%H%M%SZ`; in UTC.
    pub format: DateFormat,
    /// Which requests get it.
    pub when: Added,
}

/// The header that holds the digest of the body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DigestField {
    /// Its name.
    pub header: String,
    /// Its hash.
    pub algorithm: Hash,
    /// What stands before the base64; `SHA-256=` or `SHA-512=` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// What stands there in place of the digest where there is no body; the digest of nothing
    /// when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub empty: Option<String>,
    /// Which requests get it.
    pub when: Added,
}

/// A header that carries the signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Carrier {
    /// Its name.
    pub header: String,
    /// What stands before the parameters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// Which requests it carries the signature of.
    #[serde(default)]
    pub when: Carries,
    /// What joins the signature to a value that the header already has; without it, such a header
    /// is a mistake.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub join: Option<String>,
}

/// Which requests: those that carry a token are the ones with an `Authorization` header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Carries {
    /// All.
    #[default]
    Always,
    /// Those with a token.
    WithToken,
    /// Those without.
    WithoutToken,
}

impl Settings {
    /// What the message calls the algorithm.
    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or(self.algorithm.name())
    }

    /// How the value is written.
    pub fn layout(&self) -> Layout {
        let signs = |name| self.components.iter().any(|component| component.name() == name);
        self.parameters
            .clone()
            .unwrap_or_else(|| Layout::of_the_draft(signs("(created)"), signs("(expires)")))
    }

    /// The algorithm that the key must fit.
    pub(in crate::sign) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Finds what types can't rule out.
    pub(in crate::sign) fn check(&self) -> Result<(), Complaint> {
        if self.components.is_empty() {
            return Err(("/components".into(), "nothing is signed: name at least one header".into()));
        }
        for (at, component) in self.components.iter().enumerate() {
            let place = format!("/components/{at}");
            if self.components[..at].iter().any(|other| other.is(component.name())) {
                return Err((place, format!("`{}` is signed twice", component.name())));
            }
            self.check_time(component).map_err(|message| (place, message))?;
        }
        if self.carried_in.is_empty() {
            return Err((
                "/carried_in".into(),
                "the signature must be carried in at least one header".into(),
            ));
        }
        self.check_headers()
    }

    fn check_time(&self, component: &Component) -> Result<(), String> {
        let name = component.name();
        let (parameter, missing) = match name {
            "(created)" => ("created", false),
            "(expires)" => ("expires", self.expires_after.is_none()),
            _ => return Ok(()),
        };
        if forbids_times(self.label()) {
            return Err(format!(
                "`{name}` must not be signed where the algorithm is called `{}` (draft-cavage-12, section 2.3): \
                 sign `date`, or set `label: hs2019`",
                self.label()
            ));
        }
        if missing {
            return Err(format!("`{name}` needs `expires_after`: the seconds until the signature expires"));
        }
        if !self.layout().places(parameter) {
            return Err(format!("`{name}` is signed, so `parameters` must hold `{{{parameter}}}`"));
        }
        Ok(())
    }

    fn check_headers(&self) -> Result<(), Complaint> {
        let carriers = self.carried_in.iter().enumerate();
        let carriers = carriers.map(|(at, carrier)| (format!("/carried_in/{at}/header"), &carrier.header));
        let empty = self.digest.empty.as_deref();
        if empty.is_some_and(|text| text.is_empty() || text.bytes().any(|byte| !byte.is_ascii_graphic())) {
            return Err(("/digest/empty".into(), "must be a word that a header can hold".into()));
        }
        [("/date/header".to_owned(), &self.date.header), ("/digest/header".to_owned(), &self.digest.header)]
            .into_iter()
            .chain(carriers)
            .try_for_each(|(place, name)| {
                if super::is_field_name(name) {
                    Ok(())
                } else {
                    Err((place, format!("`{name}` is not a header name")))
                }
            })
    }
}

/// Whether `(created)` and `(expires)` are errors with an algorithm of this name (draft-cavage-12,
/// section 2.3).
pub(super) fn forbids_times(label: &str) -> bool {
    let label = label.to_ascii_lowercase();
    ["rsa", "hmac", "ecdsa"].iter().any(|prefix| label.starts_with(prefix))
}

impl Added {
    /// Whether a request with or without a body gets it.
    pub fn applies(self, has_body: bool) -> bool {
        match self {
            Self::Always => true,
            Self::WithBody => has_body,
            Self::Never => false,
        }
    }
}

impl Carries {
    /// Whether a request with or without a token is meant.
    pub fn applies(self, with_token: bool) -> bool {
        match self {
            Self::Always => true,
            Self::WithToken => with_token,
            Self::WithoutToken => !with_token,
        }
    }
}

impl Default for DateField {
    fn default() -> Self {
        Self { header: "Date".into(), format: DateFormat::Http, when: Added::Always }
    }
}

impl Default for DigestField {
    fn default() -> Self {
        Self {
            header: "Digest".into(),
            algorithm: Hash::Sha256,
            prefix: None,
            empty: None,
            when: Added::Always,
        }
    }
}

fn yes() -> bool {
    true
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
fn is_yes(answer: &bool) -> bool {
    *answer
}

fn in_signature_header() -> Vec<Carrier> {
    vec![Carrier { header: "Signature".into(), prefix: String::new(), when: Carries::Always, join: None }]
}
