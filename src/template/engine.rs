//! The engine: a source and variables in, text or a value out.

use minijinja::{AutoEscape, Environment, Error, Output, State, Template, UndefinedBehavior, Value as Inner};
use serde_json::Value;

use super::error;
use super::functions::{self, Functions};
use super::source::{self, Source};
use super::value::{Numbers, as_text, from_engine};
use super::variables::Variables;
use super::walk::{Use, What};
use super::{Mention, TemplateError, filters};
use crate::diag::{Code, did_you_mean};
use crate::files::Root;
use crate::limits::{TEMPLATE_FUEL, TEMPLATE_OUTPUT, TEMPLATE_RECURSION};

/// Fills templates. One for a run, or for a part of it that has ids of its own.
#[derive(Debug, Clone)]
pub struct Engine {
    text: Environment<'static>,
    value: Environment<'static>,
    url: Environment<'static>,
    root: Root,
}

/// What becomes of the value of a `{{ expression }}`.
type Insert = fn(&mut Output<'_>, &mut State<'_, '_>, &Inner) -> Result<(), Error>;

impl Engine {
    /// An engine with these functions.
    pub fn new(functions: &Functions) -> Self {
        Self {
            text: environment(functions, insert_text, AutoEscape::None),
            value: environment(functions, keep_value, AutoEscape::None),
            url: environment(functions, insert_url_part, AutoEscape::Custom("url".into())),
            root: functions.root.clone(),
        }
    }

    /// The folder that `file()` reads in.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// `source` as text.
    pub fn text(&self, source: &str, variables: &Variables) -> Result<String, TemplateError> {
        fill(&self.text, source, variables)
    }

    /// `source` as part of a URL: what it says itself stays as written, what it inserts is
    /// percent-encoded so that it is one part of the path or query, unless marked with `| safe`.
    pub fn url(&self, source: &str, variables: &Variables) -> Result<String, TemplateError> {
        fill(&self.url, source, variables)
    }

    /// `source` as a value: with the type of the expression where it is exactly one
    /// `{{ expression }}`, else text.
    pub fn value(&self, source: &str, variables: &Variables) -> Result<Value, TemplateError> {
        if !source::is_template(source) {
            return Ok(Value::String(source.to_owned()));
        }
        let parsed = Source::parse(source)?;
        if !parsed.single {
            return filled(&self.text, source, &parsed, variables).map(Value::String);
        }
        evaluated(&self.value, source, &parsed, variables)
    }
}

fn environment(functions: &Functions, insert: Insert, escape: AutoEscape) -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(move |_| escape.clone());
    engine.set_syntax(source::syntax());
    engine.set_fuel(Some(TEMPLATE_FUEL));
    engine.set_recursion_limit(TEMPLATE_RECURSION);
    engine.set_formatter(insert);
    functions::register(&mut engine, functions);
    filters::register(&mut engine);
    engine
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

fn fill(engine: &Environment<'_>, source: &str, variables: &Variables) -> Result<String, TemplateError> {
    if source::is_template(source) {
        filled(engine, source, &Source::parse(source)?, variables)
    } else {
        Ok(source.to_owned())
    }
}

fn filled(
    engine: &Environment<'_>,
    source: &str,
    parsed: &Source,
    variables: &Variables,
) -> Result<String, TemplateError> {
    let template = compiled(engine, source, parsed, variables)?;
    let text = template
        .render(variables.context(numbers(&parsed.uses)))
        .map_err(|error| error::runtime(&error, source, &parsed.uses, variables))?;
    if text.len() > TEMPLATE_OUTPUT { Err(error::limit(0..source.len())) } else { Ok(text) }
}

fn evaluated(
    engine: &Environment<'_>,
    source: &str,
    parsed: &Source,
    variables: &Variables,
) -> Result<Value, TemplateError> {
    let failed = |error: &Error| error::runtime(error, source, &parsed.uses, variables);
    let template = compiled(engine, source, parsed, variables)?;
    let done =
        template.render_captured(variables.context(numbers(&parsed.uses))).map_err(|error| failed(&error))?;
    let value = done.state().get_temp(KEPT).expect("a single expression is formatted once");
    from_engine(&value).map_err(|failure| failed(&failure.into()))
}

fn compiled<'e, 's>(
    engine: &'e Environment<'s>,
    source: &'s str,
    parsed: &Source,
    variables: &Variables,
) -> Result<Template<'e, 's>, TemplateError> {
    parsed.uses.iter().try_for_each(|used| known(used, source).and_then(|()| unmistaken(used, variables)))?;
    engine.template_from_str(source).map_err(|error| error::syntax(&error, source))
}

/// Digits are kept unless the template calculates.
fn numbers(uses: &[Use]) -> Numbers {
    let calculates = uses.iter().any(|used| match &used.what {
        What::Calculation | What::Test(_) => true,
        What::Filter(name) => filters::CALCULATING.contains(&name.as_str()),
        What::Name { .. } | What::Function(_) | What::FoldedList => false,
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
        What::Function(name) if variables.get(name).is_some() => {
            let message = format!("`{name}` is a variable here and hides the function `{name}()`");
            Err(TemplateError::new(Code::TemplateFailed, message, range)
                .help("give the variable another name"))
        }
        _ => Ok(()),
    }
}

/// Whether there is such a function, filter or test.
pub(super) fn known(used: &Use, source: &str) -> Result<(), TemplateError> {
    let (kind, name, known): (_, _, Vec<&str>) = match &used.what {
        What::Function(name) => ("function", name, functions::NAMES.to_vec()),
        What::Filter(name) => ("filter", name, [filters::OURS, filters::THEIRS].concat()),
        What::Test(name) => ("test", name, filters::TESTS.to_vec()),
        What::Name { .. } | What::Calculation => return Ok(()),
        What::FoldedList => return Err(error::limit(used.range.clone())),
    };
    if known.contains(&name.as_str()) {
        return Ok(());
    }
    // The name stands somewhere in the expression that uses it.
    let start =
        source[used.range.clone()].rfind(name.as_str()).map_or(used.range.start, |at| used.range.start + at);
    let range = start..start + name.len();
    if filters::TO_COME.contains(&name.as_str()) {
        let message = format!("the filter `{name}` is not supported yet");
        return Err(TemplateError::new(Code::NotSupportedYet, message, range));
    }
    let error = TemplateError::new(Code::TemplateSyntax, format!("there is no {kind} `{name}`"), range);
    Err(match did_you_mean(name, known.iter().copied()) {
        Some(meant) => error.label(format!("did you mean `{meant}`?")),
        None => error.help(format!("there are: `{}`", known.join("`, `"))),
    })
}
