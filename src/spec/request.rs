//! One request file.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value;

use crate::select::Matcher;
use crate::sign::Tamper;
use crate::snapshot::Settings;
use crate::spec::{
    Case, Cases, ClientAuthentication, Connecting, ContractUse, Dpop, ProfileChoice, Retry, Signing, Until,
    Wanted,
};

/// A request as its file says it.
#[derive(Debug, Clone)]
pub struct Request {
    /// The path below `requests/` without its extension, with `/` on every system. In a file of
    /// several documents, the path and the name joined by `/`.
    pub id: String,
    /// What other requests and the command line call it; the id unless given. Unique.
    pub name: String,
    /// Shown in reports.
    pub description: Option<String>,
    /// For `--tag`.
    pub tags: Vec<String>,
    /// The environment when the command line names none.
    pub environment: Option<String>,
    /// As which of the environment's identities it acts.
    pub identity: Option<String>,
    /// The requests to run first, as written; those that templates mention are found by `plan`.
    pub needs: Vec<Need>,
    /// `/always`: whether it runs after what it needs even where that did not pass.
    pub always: bool,
    /// `/skip`: why it does not run.
    pub skip: Option<Skip>,
    /// `/cases`: the rows that it runs once for.
    pub cases: Option<Cases>,
    /// The request whose token is sent.
    pub token: Option<TokenUse>,
    /// `/variables/NAME`
    pub variables: IndexMap<String, Value>,
    /// `/method`
    pub method: String,
    /// `/endpoint`: path with optional query, or an absolute URL.
    pub endpoint: String,
    /// `/query/NAME` or, of a list, `/query/NAME/0`: appended to the endpoint.
    pub query: Vec<(String, Value)>,
    /// `/headers/NAME` or, of a list, `/headers/NAME/0`. Each value is text, as written.
    pub headers: Vec<(String, Vec<String>)>,
    /// `/cookies`: which cookies are sent.
    pub cookies: Cookies,
    /// The body, if any.
    pub body: Option<Body>,
    /// How it is signed.
    pub sign: Sign,
    /// `/tamper` or `/tamper/0`: how it is broken after it is signed.
    pub tamper: Vec<Tamper>,
    /// `/client_authentication`: how it says who the client is.
    pub client_authentication: Wanted<ClientAuthentication>,
    /// `/dpop`: the key that it proves.
    pub dpop: Wanted<Dpop>,
    /// `/contract`: what its answer is held against.
    pub contract: ContractUse,
    /// Of the whole exchange.
    pub timeout: Option<Duration>,
    /// `/retry`: when it is sent again.
    pub retry: Option<Retry>,
    /// `/redirects`: how many are followed, one after the other; none unless given.
    pub redirects: Option<u32>,
    /// `/until`: what its answer is waited to be.
    pub until: Option<Until>,
    /// How its connection is made.
    pub connecting: Connecting,
    /// What the answer must be.
    pub expect: Expect,
    /// `/capture/NAME`
    pub capture: IndexMap<String, Capture>,
    /// How the answer is compared with its snapshot; `None`: not at all.
    pub snapshot: Option<Settings>,
}

/// `/cookies`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Cookies {
    /// Those that the requests which it needs were given.
    #[default]
    AsReceived,
    /// `/cookies/NAME`: these too; values are templates.
    With(Vec<(String, String)>),
    /// None.
    Off,
}

/// `/needs/0`: a request to run first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// `/needs/0` or `/needs/0/request`: its name.
    pub request: String,
    /// `/needs/0/with/NAME`: variables that are set for it. They see the names of who needs it.
    pub with: IndexMap<String, Value>,
    /// `/needs/0/as`: what its captures are found under; its name unless given.
    pub called: Option<String>,
}

impl Need {
    /// What its captures are found under.
    pub fn name(&self) -> &str {
        self.called.as_ref().unwrap_or(&self.request)
    }
}

/// `/skip`
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// It never runs; the reason, which may be empty.
    Always(String),
    /// A template: it does not run where that gives a text, which is the reason, or `true`.
    Where(String),
}

/// `/token`: whose capture is sent, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenUse {
    /// `/token` or `/token/from`: the request that fetches it, or what `needs` calls one.
    pub from: String,
    /// `/token/with/NAME`: variables that are set for it.
    pub with: IndexMap<String, Value>,
    /// `/token/refresh`: whether it is fetched again when an answer says that it expired.
    pub refresh_on_401: bool,
    /// The capture that holds it: `access_token`.
    pub value: String,
    /// The word before it: `Bearer`. Empty for none.
    pub scheme: String,
    /// The header field that carries it: `Authorization`.
    pub header: String,
}

/// `/body/KIND`
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// `application/json`; strings in it are templates.
    Json(Value),
    /// `application/x-www-form-urlencoded`, in the order written; a list value repeats the key.
    Form(Vec<(String, Value)>),
    /// `text/plain`
    Text(String),
    /// The bytes of a file inside the suite, as they are.
    File(String),
    /// `application/xml`; what templates insert is escaped.
    Xml(String),
    /// Bytes, written in base64.
    Base64(String),
    /// `application/json` with `query`, `operationName` and `variables` (GraphQL over HTTP).
    GraphQl(GraphQl),
    /// `multipart/form-data` (RFC 7578)
    Multipart(Vec<Part>),
}

/// `/body/graphql`
#[derive(Debug, Clone, PartialEq)]
pub struct GraphQl {
    /// The document.
    pub query: String,
    /// Its variables; strings in them are templates.
    pub variables: Option<Value>,
    /// Which of its operations is meant.
    pub operation: Option<String>,
}

/// `/body/multipart/NAME`: one part of a form.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The name of the field.
    pub name: String,
    /// What it holds.
    pub content: PartContent,
    /// What the file is called; a file's own name unless given.
    pub filename: Option<String>,
    /// Its media type, where it is not the content's own.
    pub content_type: Option<String>,
    /// Whether it is written as `name: text`.
    pub short: bool,
}

/// What a part of a form holds.
#[derive(Debug, Clone, PartialEq)]
pub enum PartContent {
    /// A text.
    Text(String),
    /// `application/json`
    Json(Value),
    /// The bytes of a file inside the suite.
    File(String),
}

impl Body {
    /// The key of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Form(_) => "form",
            Self::Text(_) => "text",
            Self::File(_) => "file",
            Self::Xml(_) => "xml",
            Self::Base64(_) => "base64",
            Self::GraphQl(_) => "graphql",
            Self::Multipart(_) => "multipart",
        }
    }
}

impl PartContent {
    /// The key of its kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Json(_) => "json",
            Self::File(_) => "file",
        }
    }
}

impl Part {
    /// Where its content stands below `/body`.
    pub fn pointer(&self) -> String {
        let own = crate::diag::pointer::join("/body/multipart", &self.name);
        if self.short { own } else { format!("{own}/{}", self.content.kind()) }
    }
}

/// `/sign`
#[derive(Debug, Clone, Default)]
pub enum Sign {
    /// As the environment says; not at all when it says nothing.
    #[default]
    AsEnvironment,
    /// `/sign` or `/sign/0`: with these profiles and the environment's key, one after the other;
    /// at least one.
    Profiles(Vec<ProfileChoice>),
    /// Not at all.
    Off,
}

/// `/expect`
#[derive(Debug, Clone, Default)]
pub struct Expect {
    /// `/expect/status` or `/expect/status/0`: one of these; empty when not given.
    pub status: Vec<StatusPattern>,
    /// `/expect/headers/NAME`
    pub headers: Vec<(String, Matcher)>,
    /// `/expect/body/SELECTOR`
    pub body: Vec<(String, Matcher)>,
    /// `/expect/schema`: the file of a JSON Schema that the body must satisfy.
    pub schema: Option<String>,
    /// `/expect/signature`: how the answer must be signed.
    pub signature: Option<AnswerSignature>,
    /// `/expect/within`: the longest that the exchange may take.
    pub within: Option<Duration>,
}

/// `/expect/signature`
#[derive(Debug, Clone)]
pub struct AnswerSignature {
    /// `/expect/signature/profile`
    pub profile: ProfileChoice,
    /// `/expect/signature/key`: the path of the server's public key or certificate; a template.
    pub key: Option<String>,
    /// `/expect/signature/secret`: the shared secret of an HMAC; a template.
    pub secret: Option<String>,
}

/// A status, or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPattern {
    /// Exactly this one.
    Code(u16),
    /// `2xx`: the class with this first digit.
    Class(u8),
}

/// `/capture/NAME`: what is kept of the answer under a name.
#[derive(Debug, Clone, PartialEq)]
pub struct Capture {
    /// `/capture/NAME` or `/capture/NAME/select`
    pub select: String,
    /// Whether it is masked everywhere.
    pub secret: bool,
    /// Used when the selector finds nothing.
    pub default: Option<Value>,
}

impl Request {
    /// The identity whose token is sent instead of its own.
    pub fn token_of(&self) -> Option<&str> {
        self.tamper.iter().find_map(|tamper| match tamper {
            Tamper::TokenOf(identity) => Some(identity.as_str()),
            _ => None,
        })
    }
}

impl Request {
    /// Whether it never runs, whatever its templates say.
    pub fn is_always_skipped(&self) -> bool {
        matches!(self.skip, Some(Skip::Always(_)))
    }

    /// The rows that it runs once for; none when it runs once as it is.
    pub fn rows(&self) -> &[Case] {
        self.cases.as_ref().map_or(&[], |cases| &cases.rows)
    }

    /// The place of each row, and `None` alone where there are none.
    pub fn row_places(&self) -> impl Iterator<Item = Option<usize>> + use<> {
        let rows = self.rows().len();
        (0..rows).map(Some).chain((rows == 0).then_some(None))
    }

    /// The row at this place.
    pub fn row(&self, case: Option<usize>) -> Option<&Case> {
        self.rows().get(case?)
    }
}

impl Sign {
    /// The profiles that sign, where the environment says `shared`; none when nothing does.
    pub fn profiles<'a>(&'a self, shared: Option<&'a Signing>) -> &'a [ProfileChoice] {
        match (self, shared) {
            (Self::Off, _) | (Self::AsEnvironment, None) => &[],
            (Self::Profiles(own), _) => own,
            (Self::AsEnvironment, Some(signing)) => &signing.profiles,
        }
    }
}

impl StatusPattern {
    /// Whether `status` is meant.
    pub fn matches(self, status: u16) -> bool {
        match self {
            Self::Code(code) => code == status,
            Self::Class(class) => status / 100 == u16::from(class),
        }
    }
}

impl std::fmt::Display for StatusPattern {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "{code}"),
            Self::Class(class) => write!(formatter, "{class}xx"),
        }
    }
}
