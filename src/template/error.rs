//! What a template did wrong, in our words.
//!
//! The engine's own messages contain the values of variables (`unable to calculate s3cret - 1`),
//! so none is passed on: a message is made from the place in the source, from names, and from
//! those few parts of the engine's message that can only be names of types.

use std::fmt;
use std::ops::Range;

use minijinja::{Error, ErrorKind};

use super::variables::Variables;
use super::walk::{Use, What};
use super::{Mention, functions};
use crate::diag::{Code, did_you_mean};
use crate::limits::TEMPLATE_FUEL;

/// Why a template can't be filled, and where in its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    /// The stable code.
    pub code: Code,
    /// What is wrong: a lower-case fragment without any value of a variable.
    pub message: String,
    /// The bytes of the source that it is about.
    pub range: Range<usize>,
    /// What is to be seen there: ``did you mean `amount`?``
    pub label: Option<String>,
    /// What to do.
    pub help: Option<String>,
}

impl TemplateError {
    /// An error at `range` of the source.
    pub fn new(code: Code, message: impl Into<String>, range: Range<usize>) -> Self {
        Self { code, message: message.into(), range, label: None, help: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds what is to be seen at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// A name that is not defined, with the one that was probably meant and all that there are.
    pub fn undefined<'n>(mention: &Mention, defined: impl IntoIterator<Item = &'n str>) -> Self {
        let defined: Vec<&str> = defined.into_iter().collect();
        let name = &mention.name;
        let range = mention.range.start..mention.range.start + name.len();
        let error = Self::new(Code::Undefined, format!("`{name}` is not defined"), range);
        let error = match did_you_mean(name, defined.iter().copied()) {
            Some(meant) => error.label(format!("did you mean `{meant}`?")),
            None if functions::NAMES.contains(&name.as_str()) => {
                error.label(format!("`{name}` is a function: write `{name}()`"))
            }
            None => error,
        };
        error.help(match defined.as_slice() {
            [] => "nothing is defined here; variables come from `variables:` and `--var`".to_owned(),
            names => format!("defined here: {}", list(names)),
        })
    }

    /// A part that a defined name does not have. `shown` are the names that it has, where these
    /// are not themselves data.
    pub fn no_such_part<'n>(
        mention: &Mention,
        missing: usize,
        shown: impl IntoIterator<Item = &'n String>,
    ) -> Self {
        let shown: Vec<&str> = shown.into_iter().map(String::as_str).collect();
        let owner = owner(mention, missing);
        let part = &mention.path[missing];
        let error = Self::new(Code::Undefined, format!("`{owner}` has no `{part}`"), mention.range.clone());
        let error = match did_you_mean(part, shown.iter().copied()) {
            Some(meant) => error.label(format!("did you mean `{meant}`?")),
            None => error,
        };
        if shown.is_empty() { error } else { error.help(format!("`{owner}` has: {}", list(&shown))) }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for TemplateError {}

/// A failure of one of our functions or filters on its way through the engine. `THIS` in the
/// message stands for the expression, as written.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub code: Code,
    pub message: String,
    pub help: Option<String>,
}

pub(super) const THIS: &str = "\u{1}";

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { code: Code::TemplateFailed, message: message.into(), help: None }
    }

    pub(super) fn code(mut self, code: Code) -> Self {
        self.code = code;
        self
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::new(ErrorKind::InvalidOperation, "").with_source(failure)
    }
}

/// What the parser refused.
pub(super) fn syntax(error: &Error, source: &str) -> TemplateError {
    let detail = error.detail().unwrap_or_default();
    let range = clamp(error.range(), source);
    let fail = |message: String, range| TemplateError::new(Code::TemplateSyntax, message, range);
    if let Some((word, place)) = super::source::open_statement(source)
        && detail.contains("end of input")
    {
        return fail(format!("this `{word}` has no `{{% end{word} %}}`"), place);
    }
    let unclosed = |mark: &str| {
        let start = source.rfind(mark).unwrap_or(range.start);
        fail(format!("this `{mark}` is never closed"), start..start + mark.len())
    };
    if let Some(statement) = detail.strip_prefix("unknown statement ") {
        let error = fail(format!("there is no statement `{statement}`"), range);
        return match statement {
            "include" | "import" | "from" | "extends" | "block" => {
                error.help("a template can't use other templates; `file(path)` inserts a file of the suite")
            }
            _ => error,
        };
    }
    let words = detail.replace("end of variable block", "`}}`").replace("end of block", "`%}`");
    match words.strip_prefix("unexpected ").and_then(|rest| rest.split_once(", expected ")) {
        Some(("end of input", "`}}`")) => unclosed("{{"),
        Some(("end of input", "`%}`")) => unclosed("{%"),
        Some(("end of input", expected)) => {
            fail(format!("the template ends where {expected} should be"), range)
        }
        Some((found, expected)) => fail(format!("found {found} where {expected} should be"), range),
        None if words.contains("end of comment") => unclosed("{#"),
        None if words.contains("end of raw block") => unclosed("{%"),
        None if words.contains("recursion limits") => {
            TemplateError::new(Code::TemplateLimit, "this template is nested too deeply", range)
        }
        None => fail(format!("malformed template: {words}"), range),
    }
}

/// What went wrong while a template was filled.
pub(super) fn runtime(error: &Error, source: &str, uses: &[Use], variables: &Variables) -> TemplateError {
    let range = clamp(error.range(), source);
    let this = excerpt(&source[range.clone()]);
    if let Some(failure) = failure(error) {
        return of_failure(failure, range, source);
    }
    let failed = |message: String| TemplateError::new(Code::TemplateFailed, message, range.clone());
    match error.kind() {
        ErrorKind::UndefinedError => undefined(&range, &this, uses, variables),
        ErrorKind::OutOfFuel => limit(range),
        ErrorKind::UnknownMethod => failed(format!("there is no method `{this}`"))
            .help("values have filters, written `value | filter`"),
        ErrorKind::MissingArgument => failed(format!("`{this}` lacks an argument")),
        ErrorKind::TooManyArguments => failed(format!("`{this}` has an argument too many")),
        _ => match operands(error.detail().unwrap_or_default()) {
            Some((operator, left, right)) => {
                failed(format!("`{this}`: `{operator}` does not work on {left} and {right}"))
            }
            None if error.detail().is_some_and(|detail| detail.contains("too large")) => limit(range),
            None => failed(format!("`{this}` can't be worked out: its values don't fit")),
        },
    }
}

/// A failure of what stands at `range` of the source.
pub(super) fn of_failure(failure: Failure, range: Range<usize>, source: &str) -> TemplateError {
    let this = excerpt(&source[range.clone()]);
    let help = failure.help.map(|help| help.replace(THIS, &this));
    TemplateError { help, ..TemplateError::new(failure.code, failure.message.replace(THIS, &this), range) }
}

pub(super) fn limit(range: Range<usize>) -> TemplateError {
    TemplateError::new(
        Code::TemplateLimit,
        "this template takes too many steps, or its value grows too much",
        range,
    )
    .help(format!("it may take {TEMPLATE_FUEL} steps; making 64 bytes counts as one"))
}

/// The first mention in `range` that leads nowhere.
fn undefined(range: &Range<usize>, this: &str, uses: &[Use], variables: &Variables) -> TemplateError {
    let inside = |used: &&Use| used.range.start >= range.start && used.range.end <= range.end;
    let found = uses.iter().filter(inside).chain(uses).find_map(|used| {
        let What::Name { name, path, optional: false } = &used.what else { return None };
        let mention =
            Mention { name: name.clone(), path: path.clone(), range: used.range.clone(), optional: false };
        variables.explain(&mention)
    });
    found.unwrap_or_else(|| {
        TemplateError::new(Code::Undefined, format!("`{this}` is not defined"), range.clone())
    })
}

/// `+`, `text`, `a number` of the engine's message about an operator, which names only types.
fn operands(detail: &str) -> Option<(&str, &'static str, &'static str)> {
    let (operator, types) =
        detail.strip_prefix("tried to use ")?.split_once(" operator on unsupported types ")?;
    let (left, right) = types.split_once(" and ")?;
    Some((operator, kind(left), kind(right)))
}

fn kind(name: &str) -> &'static str {
    match name {
        "string" => "text",
        "number" => "a number",
        "bool" => "true or false",
        "sequence" | "iterator" => "a list",
        "map" => "a map",
        "none" => "null",
        _ => "a value of another kind",
    }
}

fn failure(error: &Error) -> Option<Failure> {
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return Some(failure.clone());
        }
        source = cause.source();
    }
    None
}

/// The engine's range, or the whole source where it has none.
fn clamp(range: Option<Range<usize>>, source: &str) -> Range<usize> {
    range.filter(|range| source.get(range.clone()).is_some()).unwrap_or(0..source.len())
}

/// An expression as written, on one line and not too long.
pub(super) fn excerpt(expression: &str) -> String {
    let trimmed = expression.trim_start_matches("{{").trim_end_matches("}}");
    let line: Vec<&str> = trimmed.split_whitespace().collect();
    let line = line.join(" ");
    if line.chars().count() <= 60 { line } else { line.chars().take(57).collect::<String>() + "…" }
}

fn owner(mention: &Mention, missing: usize) -> String {
    mention.path[..missing].iter().fold(mention.name.clone(), |owner, part| {
        let is_name = part.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
        if is_name { format!("{owner}.{part}") } else { format!("{owner}[\"{part}\"]") }
    })
}

fn list(names: &[&str]) -> String {
    const SHOWN: usize = 20;
    let mut names = names.to_vec();
    names.sort_unstable();
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
