//! `redact` of `snapshot`: selectors, and what becomes of what each finds.

use super::expect::check_key;
use super::reader::{Fields, Reader, Shape, is_template};
use super::yaml::{Entry, Node, Value};
use crate::diag::{Code, Diagnostic, Span, literal};
use crate::pattern;
use crate::select::{Operator, Test};
use crate::snapshot::{Like, Redaction, Rule};

const REDACTION: Shape = Shape { what: "a redaction", keys: &["as", "matches", "sort", "round"] };

/// The forms of a redaction, for who mixed them.
const FORMS: &str = "write a text, `{as: TEXT, matches: FORMAT}`, `{sort: true}` or `{round: DECIMALS}`";

/// Most decimals that a number is rounded to.
const DECIMALS: u16 = 100;

/// Reads `redact`. `shaped` is where the same map asks for types in place of values.
pub(super) fn redactions(reader: &mut Reader, node: &Node, shaped: Option<Span>) -> Vec<Redaction> {
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
        } else if let Some(rule) = rule(reader, &entry.value) {
            check_use(reader, entry, &rule, shaped);
            redactions.push(Redaction { selector: key.text.clone(), rule, own: true });
        }
    }
    redactions
}

fn rule(reader: &mut Reader, node: &Node) -> Option<Rule> {
    if !matches!(node.value, Value::Map(_)) {
        return reader.text(node, "a replacement").map(Rule::Replace);
    }
    let fields = reader.fields(node, &REDACTION)?;
    let [replaced, sorted, rounded] =
        [fields.get("as").or(fields.get("matches")), fields.get("sort"), fields.get("round")];
    match (replaced, sorted, rounded) {
        (Some(_), None, None) => replacement(reader, &fields),
        (None, Some(Node { value: Value::Bool(true), .. }), None) => Some(Rule::Sort),
        (None, Some(sort), None) => {
            reader.wrong(sort, "`sort`", "`true`", "");
            None
        }
        (None, None, Some(round)) => decimals(reader, round).map(Rule::Round),
        (None, None, None) => {
            if matches!(&node.value, Value::Map(entries) if entries.is_empty()) {
                reader.unusable(node, "a redaction says nothing", "", FORMS);
            }
            None
        }
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
            reader.unusable(node, "a redaction does one thing", "this is several", FORMS);
            None
        }
    }
}

fn replacement(reader: &mut Reader, fields: &Fields) -> Option<Rule> {
    let example = "as: \"[uuid]\"";
    let text = fields.required("as", example, reader).and_then(|node| reader.text(node, "`as`"));
    let like = fields.required("matches", "matches: uuid", reader).and_then(|node| like(reader, node));
    Some(Rule::ReplaceLike { text: text?, like: like? })
}

/// Reads `matches`: the name of a format, or a regular expression between two `/`.
fn like(reader: &mut Reader, node: &Node) -> Option<Like> {
    let text = reader.text(node, "`matches`")?;
    if let Some(expression) = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
        return match pattern::parse(expression) {
            Ok(_) => Some(Like::Pattern(expression.to_owned())),
            Err(error) => {
                reader.unusable(node, error.to_string(), "", "");
                None
            }
        };
    }
    if is_template(&text) {
        reader.unusable(node, "`matches` can't be a template", "", "write a format or `/REGEX/`");
        return None;
    }
    match (Test { operator: Operator::Format, operand: text.clone().into() }).validate() {
        Ok(()) => Some(Like::Format(text)),
        Err(error) => {
            let problem = Diagnostic::error(Code::WrongValue, error.message).at(node.span, "");
            let problem = error.help.into_iter().fold(problem, Diagnostic::help);
            reader.report(
                node,
                problem.help("a regular expression stands between two `/`, as in `/^[0-9]+$/`"),
            );
            None
        }
    }
}

fn decimals(reader: &mut Reader, node: &Node) -> Option<u16> {
    let decimals = match &node.value {
        Value::Number(number) => number.as_str().parse().ok().filter(|decimals| *decimals <= DECIMALS),
        _ => None,
    };
    if decimals.is_none() {
        reader.wrong(node, "`round`", &format!("a number of decimals from 0 to {DECIMALS}"), "");
    }
    decimals
}

/// Refuses a rule that can't do anything where it stands.
fn check_use(reader: &mut Reader, entry: &Entry, rule: &Rule, shaped: Option<Span>) {
    let verb = match rule {
        Rule::Sort => "sorted",
        Rule::Round(_) => "rounded",
        Rule::Replace(_) | Rule::ReplaceLike { .. } => return,
    };
    if entry.key.text.starts_with("header.") {
        let message = format!("a header can't be {verb}");
        reader.unusable(&entry.value, message, "", "give a text to replace it, or `{as, matches}`");
    } else if let Some(shape) = shaped {
        let message = format!("a shape can't be {verb}");
        let diagnostic = Diagnostic::error(Code::WrongValue, message)
            .at(entry.value.span, "types have neither an order nor decimals")
            .at(shape, "asked for here")
            .help("leave out one of the two");
        reader.report(&entry.value, diagnostic);
    }
}
