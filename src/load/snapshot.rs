//! `snapshot`: of a request, and as a default of the suite.

use super::reader::{Reader, Shape, is_template, meant_boolean};
use super::redact::redactions;
use super::yaml::{Node, Value};
use crate::select::{Operator, Test};
use crate::snapshot::{Compared, Filter, HeaderChoice, Redaction, Settings};

const SNAPSHOT: Shape = Shape {
    what: "`snapshot`",
    keys: &["headers", "redact", "filters", "shape", "exact", "unordered", "per_environment"],
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
    With(Box<Said>),
}

/// What a map says.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    headers: Option<HeaderChoice>,
    redact: Vec<Redaction>,
    filters: Vec<Filter>,
    shape: Option<bool>,
    exact: Option<bool>,
    unordered: Option<bool>,
    per_environment: Option<bool>,
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
            Self::With(said) => Some(said.over(inherited())),
        }
    }

    /// The settings of the suite, for its requests to inherit.
    pub fn of_suite(self) -> Option<Settings> {
        let mut settings = self.over(None)?;
        settings.redact.iter_mut().for_each(|redaction| redaction.own = false);
        settings.filters.iter_mut().for_each(|filter| filter.own = false);
        Some(settings)
    }
}

impl Said {
    fn over(self, mut settings: Settings) -> Settings {
        settings.headers = self.headers.unwrap_or(settings.headers);
        settings.shape = self.shape.unwrap_or(settings.shape);
        settings.compared = match (self.exact, self.unordered, settings.compared) {
            (Some(true), _, _) => Compared::Exactly,
            (_, Some(true), _) => Compared::Unordered,
            (Some(false), _, Compared::Exactly) | (_, Some(false), Compared::Unordered) => Compared::InOrder,
            (_, _, inherited) => inherited,
        };
        settings.per_environment = self.per_environment.unwrap_or(settings.per_environment);
        for redaction in self.redact {
            match settings.redact.iter_mut().find(|known| known.selector == redaction.selector) {
                Some(known) => *known = redaction,
                None => settings.redact.push(redaction),
            }
        }
        settings.filters.extend(self.filters);
        settings
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
    let flag = |reader: &mut Reader, key: &str| {
        fields.get(key).and_then(|node| reader.boolean(node, &format!("`{key}`")))
    };
    let shape = flag(reader, "shape");
    let shaped = fields.entry("shape").filter(|_| shape == Some(true)).map(|entry| entry.key.span);
    let said = Said {
        headers: fields.get("headers").and_then(|node| choice(reader, node)),
        redact: fields.get("redact").map(|node| redactions(reader, node, shaped)).unwrap_or_default(),
        filters: fields.get("filters").map(|node| filters(reader, node)).unwrap_or_default(),
        shape,
        exact: flag(reader, "exact"),
        unordered: flag(reader, "unordered"),
        per_environment: flag(reader, "per_environment"),
    };
    if let (Some(true), Some(true), Some(exact)) = (said.exact, said.unordered, fields.entry("exact")) {
        let message = "`exact` and `unordered` contradict each other";
        let help = "leave out one of the two; `{sort: true}` under `redact` puts one list in order";
        reader.unusable(&exact.value, message, "", help);
    }
    Some(Wish::With(Box::new(said)))
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

fn filters(reader: &mut Reader, node: &Node) -> Vec<Filter> {
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
            _ => filters.push(Filter { pattern: expression, replacement: replaced, own: true }),
        }
    }
    filters
}
