//! What a template mentions and nobody knows yet: the answer of a request that was not sent.
//!
//! It can be inserted, as its own name, and has parts whatever they are called. Anything that
//! would have to look at it is refused: `[id]` in upper case is nobody's id.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use minijinja::Value as Inner;
use minijinja::machinery::ast;
use minijinja::value::{Object, ObjectRepr};

use super::variables::Variables;
use super::walk::{Use, What};
use super::{Mention, TemplateError, error};
use crate::diag::Code;

/// A value that is not known, only what it is called.
#[derive(Debug, Clone)]
pub(super) struct Unknown {
    pub(super) name: String,
    /// How the name is written where the value belongs.
    pub(super) written: fn(&str) -> String,
}

impl Unknown {
    /// A part of it, which is as little known.
    pub(super) fn part(&self, part: &str) -> Self {
        Self { name: format!("{}.{part}", self.name), written: self.written }
    }
}

impl fmt::Display for Unknown {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&(self.written)(&self.name))
    }
}

impl Object for Unknown {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Inner) -> Option<Inner> {
        Some(Inner::from_object(self.part(&key.to_string())))
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_ref(), formatter)
    }
}

/// Filters and tests that leave a value as it is, or ask only whether it is there.
const HARMLESS: &[&str] = &["d", "default", "safe", "string", "urlencode", "defined", "undefined"];

/// Where an expression has to look at what it is made of, if it does. `inside` is what it uses.
pub(super) fn work(expression: &ast::Expr<'_>, inside: &[Use]) -> Option<Range<usize>> {
    let start = inside.iter().map(|used| used.range.start).min()?;
    let end = inside.iter().map(|used| used.range.end).max()?;
    is_work(expression).then_some(start..end)
}

fn is_work(expression: &ast::Expr<'_>) -> bool {
    use ast::BinOpKind::{Concat, ScAnd, ScOr};
    match expression {
        ast::Expr::Filter(filter) => !HARMLESS.contains(&filter.name),
        ast::Expr::Test(test) => !HARMLESS.contains(&test.name),
        ast::Expr::BinOp(operation) => !matches!(operation.op, Concat | ScAnd | ScOr),
        ast::Expr::UnaryOp(_) | ast::Expr::Compare(_) | ast::Expr::Call(_) | ast::Expr::Slice(_) => true,
        _ => false,
    }
}

/// The first mention of something unknown that the template would have to look at.
pub(super) fn looked_at(uses: &[Use], variables: &Variables, source: &str) -> Option<TemplateError> {
    let work: Vec<&Range<usize>> =
        uses.iter().filter(|used| used.what == What::Work).map(|used| &used.range).collect();
    let is_inside =
        |inner: &Range<usize>| work.iter().any(|outer| outer.start <= inner.start && inner.end <= outer.end);
    mentioned(uses, variables, source, is_inside)
}

/// The first mention of something unknown, whatever the template does with it.
pub(super) fn any(uses: &[Use], variables: &Variables, source: &str) -> Option<TemplateError> {
    mentioned(uses, variables, source, |_| true)
}

fn mentioned(
    uses: &[Use],
    variables: &Variables,
    source: &str,
    at: impl Fn(&Range<usize>) -> bool,
) -> Option<TemplateError> {
    uses.iter().filter(|used| at(&used.range)).find_map(|used| {
        let What::Name { name, path, .. } = &used.what else { return None };
        let (name, path, range) = (name.clone(), path.clone(), used.range.clone());
        let mention = Mention { name, path, range: range.clone(), optional: false };
        variables.is_unknown(&mention).then(|| {
            let this = error::excerpt(&source[range.clone()]);
            let message = format!("`{this}` is not known before it is sent, and this template works with it");
            TemplateError::new(Code::TemplateFailed, message, range)
                .help("to run what it needs first, use `--send`")
        })
    })
}
