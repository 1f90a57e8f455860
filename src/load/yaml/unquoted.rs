//! `{{ x }}` without quotes: the most frequent mistake in a file of templates.
//!
//! YAML reads `{{` as a map whose first key is a map. Nothing in the format has such a key, so
//! the user always meant a template.

use granit_parser::StructureStyle;

use super::compose::Composer;
use crate::diag::{Code, Diagnostic, Span};

/// Says that the template at `start` needs quotes, and how it is written with them.
pub(super) fn explain(composer: &Composer<'_>, start: usize) -> Diagnostic {
    let in_flow = composer.open.iter().any(|open| open.style == StructureStyle::Flow && open.start < start);
    let value = extent(composer.text, start, in_flow);
    let span = Span::new(composer.source, start, start + value.len());
    let opening = if value.starts_with("{%") { "{%" } else { "{{" };
    Diagnostic::error(Code::UnquotedTemplate, "a value that begins with a template must be quoted")
        .at(span, format!("YAML reads `{opening}` as the beginning of a map"))
        .help(format!("write `{}`", quoted(value)))
}

/// How far the value reaches: inside brackets to the end of the template, else to the end of the
/// line or the comment.
fn extent(text: &str, start: usize, in_flow: bool) -> &str {
    let line = text[start..].lines().next().unwrap_or_default();
    let closing = if line.starts_with("{%") { "%}" } else { "}}" };
    let template = line.find(closing).map_or(line, |at| &line[..at + closing.len()]);
    if in_flow {
        return template;
    }
    let rest = &line[template.len()..];
    let comment = rest.find(" #").unwrap_or(rest.len());
    line[..template.len() + comment].trim_end()
}

fn quoted(value: &str) -> String {
    match (value.contains('"') || value.contains('\\'), value.contains('\'')) {
        (false, _) => format!("\"{value}\""),
        (true, false) => format!("'{value}'"),
        (true, true) => format!("'{}'", value.replace('\'', "''")),
    }
}
