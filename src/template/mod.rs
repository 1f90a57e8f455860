//! Templates: strict, bounded, and in our own words when they fail.
//!
//! The engine is minijinja. It prints the values of variables in its errors, so none of its
//! messages leaves this module: every error is made anew from the place in the source and from
//! names (see `error`). Values are data: what a template inserts is never read as a template.

mod arguments;
mod called;
mod engine;
mod error;
mod filters;
mod functions;
mod guard;
mod jsonpath;
mod secret;
mod source;
mod time;
mod unknown;
mod value;
mod variables;
mod walk;
#[cfg(test)]
mod attacks;
#[cfg(test)]
mod secret_tests;
#[cfg(test)]
mod tests;

use std::ops::Range;

pub use engine::Engine;
pub use error::TemplateError;
pub use filters::url_part;
pub use functions::Functions;
pub use secret::Programs;
pub use variables::{Node, Variables};

use source::Source;
use walk::What;

/// A name that a template takes from its surroundings: `token.access_token`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention {
    /// The first name: `token`.
    pub name: String,
    /// What follows it, as far as it is constant: `["access_token"]`.
    pub path: Vec<String>,
    /// Bytes in the source, from the name to the end of the path.
    pub range: Range<usize>,
    /// Whether it may be undefined: it has a `default`, or the template asks whether it `is defined`.
    pub optional: bool,
}

/// Whether `source` is a template that can be filled: its syntax, functions, filters and tests.
/// Text without any `{{`, `{%` or `{#` always is.
pub fn check(source: &str) -> Result<(), TemplateError> {
    if !source::is_template(source) {
        return Ok(());
    }
    Source::parse(source)?.uses.iter().try_for_each(|used| engine::known(used, source))
}

/// The names that `source` takes from its surroundings, in the order they stand there. Functions,
/// and names that the template sets itself, are not among them.
pub fn mentions(source: &str) -> Result<Vec<Mention>, TemplateError> {
    if !source::is_template(source) {
        return Ok(Vec::new());
    }
    let mention = |used: walk::Use| match used.what {
        What::Name { name, path, optional } => Some(Mention { name, path, range: used.range, optional }),
        _ => None,
    };
    Ok(Source::parse(source)?.uses.into_iter().filter_map(mention).collect())
}
