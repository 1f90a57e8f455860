//! The engine: a source and variables in, text or a value out.

use std::collections::BTreeMap;

use minijinja::machinery::{eval, make_string_output};
use minijinja::{AutoEscape, Environment, Error, Output, State, UndefinedBehavior, Value as Inner};
use serde_json::Value;

use super::error::{self, Failure};
use super::functions::{self, Functions};
use super::source::{self, Source};
use super::value::{Numbers, as_text, from_engine};
use super::variables::Variables;
use super::walk::{Use, What};
use super::{Mention, TemplateError, arguments, filters, guard, secret, unknown};
use crate::diag::{Code, did_you_mean};
use crate::files::Root;
use crate::limits::{TEMPLATE_FUEL, TEMPLATE_OUTPUT, TEMPLATE_RECURSION};

/// Fills templates. One for a run, or for a part of it that has ids of its own.
#[derive(Debug, Clone)]
pub struct Engine {
    text: Filler,
    value: Filler,
    url: Filler,
    xml: Filler,
    functions: Functions,
}

/// An engine for one way of inserting values.
#[derive(Debug, Clone)]
struct Filler {
    environment: Environment<'static>,
    escape: AutoEscape,
}

/// What becomes of the value of a `{{ expression }}`.
type Insert = fn(&mut Output<'_>, &mut State<'_, '_>, &Inner) -> Result<(), Error>;

impl Engine {
    /// An engine with these functions.
    pub fn new(functions: &Functions) -> Self {
        Self {
            text: Filler::new(functions, insert_text, AutoEscape::None),
            value: Filler::new(functions, keep_value, AutoEscape::None),
            url: Filler::new(functions, insert_url_part, AutoEscape::Custom("url".into())),
            xml: Filler::new(functions, insert_xml, AutoEscape::None),
            functions: functions.clone(),
        }
    }

    /// The folder that `file()` reads in.
    pub fn root(&self) -> &Root {
        &self.functions.root
    }

    /// An id of the run, as `uuid()` gives it.
    pub fn uuid(&self) -> String {
        self.functions.ids.uuid().to_string()
    }

    /// Every `env()` and `secret()` that `source` surely calls and that can't be had: known before
    /// it is filled.
    pub fn unset(&self, source: &str) -> Vec<TemplateError> {
        let Some(parsed) = Some(source).filter(|source| source::is_template(source)).map(Source::parse)
        else {
            return Vec::new();
        };
        let uses = parsed.map(|parsed| parsed.uses).unwrap_or_default();
        let unset = uses.into_iter().filter_map(|used| {
            let failure = match &used.what {
                What::Variable(name) => self.functions.unset(name, Code::Undefined),
                What::Secret(origin) => self.functions.obtain(origin).err(),
                _ => None,
            };
            Some(error::of_failure(failure?, used.range, source))
        });
        unset.collect()
    }

    /// `source` as text.
    pub fn text(&self, source: &str, variables: &Variables) -> Result<String, TemplateError> {
        self.text.fill(source, variables)
    }

    /// `source` as part of a URL: what it says itself stays as written, what it inserts is
    /// percent-encoded so that it is one part of the path or query, unless marked with `| safe`.
    pub fn url(&self, source: &str, variables: &Variables) -> Result<String, TemplateError> {
        self.url.fill(source, variables)
    }

    /// `source` as XML: what it says itself stays as written, what it inserts is escaped so that it
    /// is text, unless marked with `| safe`.
    pub fn xml(&self, source: &str, variables: &Variables) -> Result<String, TemplateError> {
        self.xml.fill(source, variables)
    }

    /// `source` as a value: with the type of the expression where it is exactly one
    /// `{{ expression }}`, else text.
    pub fn value(&self, source: &str, variables: &Variables) -> Result<Value, TemplateError> {
        if !source::is_template(source) {
            return Ok(Value::String(source.to_owned()));
        }
        let source = Source::parse(source)?;
        if source.single {
            self.value.value(&source, variables)
        } else {
            self.text.text(&source, variables).map(Value::String)
        }
    }
}

impl Filler {
    fn new(functions: &Functions, insert: Insert, escape: AutoEscape) -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_fuel(Some(TEMPLATE_FUEL));
        environment.set_recursion_limit(TEMPLATE_RECURSION);
        environment.set_formatter(insert);
        functions::register(&mut environment, functions);
        filters::register(&mut environment, &functions.redactor);
        guard::register(&mut environment);
        Self { environment, escape }
    }

    fn fill(&self, source: &str, variables: &Variables) -> Result<String, TemplateError> {
        if source::is_template(source) {
            self.text(&Source::parse(source)?, variables)
        } else {
            Ok(source.to_owned())
        }
    }

    fn text(&self, source: &Source<'_>, variables: &Variables) -> Result<String, TemplateError> {
        let text = self.run(source, variables, |_, text| Ok(text))?;
        if text.len() > TEMPLATE_OUTPUT { Err(error::limit(0..source.text.len())) } else { Ok(text) }
    }

    fn value(&self, source: &Source<'_>, variables: &Variables) -> Result<Value, TemplateError> {
        self.run(source, variables, |state, _| {
            let value = state.get_temp(KEPT).expect("a single expression is formatted once");
            Ok(from_engine(&value)?)
        })
    }

    fn run<T>(
        &self,
        source: &Source<'_>,
        variables: &Variables,
        take: impl FnOnce(&State<'_, '_>, String) -> Result<T, Error>,
    ) -> Result<T, TemplateError> {
        for used in &source.uses {
            known(used, source.text)?;
            unmistaken(used, variables)?;
        }
        if let Some(error) = unknown::looked_at(&source.uses, variables, source.text) {
            return Err(error);
        }
        let (instructions, blocks) = (source.compile(), BTreeMap::new());
        let mut text = String::new();
        let mut output = make_string_output(&mut text);
        let context = variables.context(numbers(&source.uses));
        let done = eval(&self.environment, &instructions, context, &blocks, &mut output, self.escape.clone());
        drop(output);
        done.and_then(|(_, state)| take(&state, text)).map_err(|error| {
            unknown::any(&source.uses, variables, source.text)
                .unwrap_or_else(|| error::runtime(&error, source.text, &source.uses, variables))
        })
    }
}

fn insert_text(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Inner) -> Result<(), Error> {
    defined(value)?;
    Ok(out.write_str(&as_text(value)?)?)
}

fn insert_url_part(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Inner) -> Result<(), Error> {
    defined(value)?;
    let text = as_text(value)?;
    Ok(if value.is_safe() { out.write_str(&text) } else { out.write_str(&filters::url_part(&text)) }?)
}

fn insert_xml(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Inner) -> Result<(), Error> {
    defined(value)?;
    let text = as_text(value)?;
    Ok(if value.is_safe() { out.write_str(&text) } else { out.write_str(&xml_text(&text)) }?)
}

/// Text in an element or in a quoted attribute (XML 1.0, section 2.4).
fn xml_text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Under this name the value of a single expression leaves the engine.
const KEPT: &str = "value";

fn keep_value(_: &mut Output<'_>, state: &mut State<'_, '_>, value: &Inner) -> Result<(), Error> {
    defined(value)?;
    state.set_temp(KEPT, value.clone());
    Ok(())
}

/// The engine leaves it to the formatter to refuse what is undefined.
fn defined(value: &Inner) -> Result<(), Error> {
    if value.is_undefined() { Err(minijinja::ErrorKind::UndefinedError.into()) } else { Ok(()) }
}

/// Digits are kept unless the template calculates.
fn numbers(uses: &[Use]) -> Numbers {
    let calculates = uses.iter().any(|used| match &used.what {
        What::Calculation | What::Test(_) => true,
        What::Filter(name) => filters::CALCULATING.contains(&name.as_str()),
        What::Name { .. }
        | What::Function { .. }
        | What::FoldedList
        | What::Spread
        | What::Work
        | What::Variable(_)
        | What::Secret(_) => false,
    });
    if calculates { Numbers::Calculable } else { Numbers::Exact }
}

/// A function is not a variable, nor the other way round: the engine has one table for both.
fn unmistaken(used: &Use, variables: &Variables) -> Result<(), TemplateError> {
    let range = used.range.clone();
    match &used.what {
        What::Name { name, path, optional: false } if functions::NAMES.contains(&name.as_str()) => {
            let mention = Mention { name: name.clone(), path: path.clone(), range, optional: false };
            variables.get(name).map(drop).ok_or_else(|| TemplateError::undefined(&mention, variables.names()))
        }
        What::Function { name, .. } if variables.get(name).is_some() => {
            let message = format!("`{name}` is a variable here and hides the function `{name}()`");
            Err(TemplateError::new(Code::TemplateFailed, message, range)
                .help("give the variable another name"))
        }
        _ => Ok(()),
    }
}

/// Whether there is such a function, filter or test, and a function takes such arguments.
pub(super) fn known(used: &Use, source: &str) -> Result<(), TemplateError> {
    let (kind, name, known): (_, _, Vec<&str>) = match &used.what {
        What::Function { name, places, named } => {
            called(name, *places, named)
                .map_err(|failure| error::of_failure(failure, used.range.clone(), source))?;
            ("function", name, functions::NAMES.to_vec())
        }
        What::Filter(name) => ("filter", name, [filters::OURS, filters::THEIRS].concat()),
        What::Test(name) => ("test", name, filters::TESTS.to_vec()),
        What::Name { .. } | What::Calculation | What::Work | What::Variable(_) | What::Secret(_) => {
            return Ok(());
        }
        What::FoldedList => return Err(error::limit(used.range.clone())),
        What::Spread => {
            let message = "a list or map can't be spread over arguments";
            return Err(TemplateError::new(Code::TemplateSyntax, message, used.range.clone()));
        }
    };
    if known.contains(&name.as_str()) {
        return Ok(());
    }
    // The name stands somewhere in the expression that uses it.
    let start =
        source[used.range.clone()].rfind(name.as_str()).map_or(used.range.start, |at| used.range.start + at);
    let range = start..start + name.len();
    let error = TemplateError::new(Code::TemplateSyntax, format!("there is no {kind} `{name}`"), range);
    Err(match did_you_mean(name, known.iter().copied()) {
        Some(meant) => error.label(format!("did you mean `{meant}`?")),
        None => error.help(format!("there are: `{}`", known.join("`, `"))),
    })
}

/// Whether one of our own functions takes so many arguments by place, and these by name.
fn called(function: &str, places: usize, named: &[String]) -> Result<(), Failure> {
    let Some(parameters) = functions::parameters(function) else { return Ok(()) };
    arguments::fits(parameters, places, named.iter().map(String::as_str))?;
    let given = parameters
        .iter()
        .enumerate()
        .filter(|(place, name)| *place < places || named.iter().any(|named| named == *name));
    if function == "secret" { secret::one_source(given.map(|(_, name)| *name)) } else { Ok(()) }
}
