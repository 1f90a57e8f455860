//! `snapshot`: of a request, and as a default of the suite.

use super::expect::check_key;
use super::reader::{Reader, Shape, is_template, meant_boolean};
use super::yaml::{Node, Value};
use crate::diag::{Code, Diagnostic, literal};
use crate::select::{Operator, Test};
use crate::snapshot::{HeaderChoice, Settings};

const SNAPSHOT: Shape = Shape {
    what: "`snapshot`",
    keys: &["headers", "redact", "filters"],
    later: &["per_environment", "shape"],
};

/// What a `snapshot` key says.
#[derive(Debug, Clone, Default)]
pub(super) enum Wish {
    /// Nothing: as the suite's default.
    #[default]
    Unsaid,
    /// `true`
    On,
    /// `false`
    Off,
    /// A map; what it does not say is as the suite's default.
    With { headers: Option<HeaderChoice>, redact: Vec<(String, String)>, filters: Vec<(String, String)> },
}

impl Wish {
    /// The settings of a request. Redactions and filters of the suite come first; one of the
    /// request's for the same selector replaces the suite's.
    pub fn over(self, default: Option<&Option<Settings>>) -> Option<Settings> {
        let inherited = || default.cloned().flatten().unwrap_or_default();
        match self {
            Self::Unsaid => default.cloned().unwrap_or_else(|| Some(Settings::default())),
            Self::On => Some(inherited()),
            Self::Off => None,
            Self::With { headers, redact, filters } => {
                let mut settings = inherited();
                settings.headers = headers.unwrap_or(settings.headers);
                for (selector, replacement) in redact {
                    match settings.redact.iter_mut().find(|(known, _)| *known == selector) {
                        Some(known) => known.1 = replacement,
                        None => settings.redact.push((selector, replacement)),
                    }
                }
                settings.filters.extend(filters);
                Some(settings)
            }
        }
    }
}

/// Reads `snapshot`.
pub(super) fn snapshot(reader: &mut Reader, node: &Node) -> Wish {
    match &node.value {
        Value::Bool(true) => Wish::On,
        Value::Bool(false) => Wish::Off,
        Value::Map(_) => settings(reader, node).unwrap_or_default(),
        _ => {
            let help = node.as_text().and_then(meant_boolean).unwrap_or_default();
            reader.wrong(node, "`snapshot`", "`true`, `false` or a map", &help);
            Wish::Unsaid
        }
    }
}

fn settings(reader: &mut Reader, node: &Node) -> Option<Wish> {
    let fields = reader.fields(node, &SNAPSHOT)?;
    let headers = fields.get("headers").and_then(|node| choice(reader, node));
    let redact = fields.get("redact").map(|node| redactions(reader, node));
    let filters = fields.get("filters").map(|node| filters(reader, node));
    Some(Wish::With { headers, redact: redact.unwrap_or_default(), filters: filters.unwrap_or_default() })
}

fn choice(reader: &mut Reader, node: &Node) -> Option<HeaderChoice> {
    match &node.value {
        Value::Text(text) if text == "all" => Some(HeaderChoice::All),
        Value::List(_) => Some(HeaderChoice::Named(reader.texts(node, "`headers`"))),
        _ => {
            let help = match node.as_text() {
                Some(name) => format!("write `[{name}]`"),
                None => String::new(),
            };
            reader.wrong(node, "`headers`", "a list of names, or `all`", &help);
            None
        }
    }
}

fn redactions(reader: &mut Reader, node: &Node) -> Vec<(String, String)> {
    let mut redactions = Vec::new();
    for entry in reader.map(node, "`redact`", "write `$.id: \"[uuid]\"`").unwrap_or_default() {
        let key = &entry.key;
        if !check_key(reader, key) {
            continue;
        }
        if !key.text.starts_with('$') && !key.text.starts_with("header.") {
            let message = format!("{} can't be redacted", literal(&key.text));
            let diagnostic = Diagnostic::error(Code::WrongValue, message).at(key.span, "");
            reader.problems.push(diagnostic.help("redact `$…` of the body or `header.NAME`"));
        } else if matches!(entry.value.value, Value::Map(_)) {
            reader.not_yet(entry.value.span, "a redaction by a map");
        } else if let Some(text) = reader.text(&entry.value, "a replacement") {
            redactions.push((key.text.clone(), text));
        }
    }
    redactions
}

fn filters(reader: &mut Reader, node: &Node) -> Vec<(String, String)> {
    let form = "a pair: `[regular expression, replacement]`";
    let items = reader.list(node, "`filters`", "write `- ['\\d+', '[number]']`").unwrap_or_default();
    let mut filters = Vec::new();
    for item in items {
        let Value::List(pair) = &item.value else {
            reader.wrong(item, "a filter", form, "");
            continue;
        };
        let [pattern, replacement] = pair.as_slice() else {
            reader.wrong(item, "a filter", form, "");
            continue;
        };
        let (Some(expression), Some(replaced)) =
            (reader.text(pattern, "a regular expression"), reader.text(replacement, "a replacement"))
        else {
            continue;
        };
        let test = Test { operator: Operator::Matches, operand: expression.clone().into() };
        match test.validate() {
            Err(error) if !is_template(&expression) => reader.unusable(pattern, error.message, "", ""),
            _ => filters.push((expression, replaced)),
        }
    }
    filters
}
