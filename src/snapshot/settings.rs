//! `snapshot:` of a request: what is kept of an answer, and in which form.

/// `snapshot:` of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which header fields are kept.
    pub headers: HeaderChoice,
    /// What is masked or put in order by its place.
    pub redact: Vec<Redaction>,
    /// What is replaced in the text, in order.
    pub filters: Vec<Filter>,
    /// Whether JSON is shown by the types of its values.
    pub shape: bool,
    /// What matters when JSON is compared.
    pub compared: Compared,
    /// Whether each environment, and each identity, has a snapshot of its own.
    pub per_environment: bool,
}

/// What matters when JSON is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compared {
    /// Everything, also the order of keys and the spelling of numbers.
    Exactly,
    /// What it means: values, and the order of lists.
    #[default]
    InOrder,
    /// Values only.
    Unordered,
}

/// Which header fields a snapshot keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderChoice {
    /// These, in this order.
    Named(Vec<String>),
    /// All but those that change with every answer.
    All,
}

/// An entry of `redact`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redaction {
    /// `$…` of the body or `header.NAME`.
    pub selector: String,
    /// What becomes of what it finds.
    pub rule: Rule,
    /// Whether the request itself says so: a rule of the whole suite need not match everywhere.
    pub own: bool,
}

/// What becomes of what a redaction finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    /// This text stands in its place.
    Replace(String),
    /// This text stands in its place where it looks right; otherwise it stays.
    ReplaceLike {
        /// The text.
        text: String,
        /// What looks right.
        like: Like,
    },
    /// The elements of a list are put in order.
    Sort,
    /// A number is rounded to so many decimals.
    Round(u16),
}

/// What a value that is replaced must look like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Like {
    /// It has a format with this name.
    Format(String),
    /// This regular expression matches somewhere in it.
    Pattern(String),
}

/// An entry of `filters`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The regular expression.
    pub pattern: String,
    /// What stands in the place of each match; `$1` is a group.
    pub replacement: String,
    /// Whether the request itself says so.
    pub own: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            headers: HeaderChoice::Named(vec!["content-type".into()]),
            redact: Vec::new(),
            filters: Vec::new(),
            shape: false,
            compared: Compared::InOrder,
            per_environment: false,
        }
    }
}
