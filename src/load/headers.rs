//! Header fields of requests: `headers`, and the names of single ones.

use super::reader::{Reader, is_template};
use super::yaml::{Key, Node, Value};
use crate::diag::{Code, Diagnostic, Span, literal};

/// Fields that are made from the message itself; by hand they could contradict it, which is how
/// requests are smuggled.
const COMPUTED: &[(&str, &str)] = &[
    ("host", "it is taken from the URL"),
    ("content-length", "it is computed from the body"),
    ("transfer-encoding", "it is decided when the body is sent"),
    ("connection", "it is decided by the connection"),
];

/// Reads a map of header fields; a list value repeats the field.
pub(super) fn headers(reader: &mut Reader, node: &Node, subject: &str) -> Vec<(String, Vec<String>)> {
    let mut fields: Vec<(String, Vec<String>)> = Vec::new();
    let mut spans: Vec<Span> = Vec::new();
    for entry in reader.map(node, subject, "").unwrap_or_default() {
        let name = &entry.key.text;
        if !check_name(reader, name, entry.key.span) {
            continue;
        }
        if let Some(first) = fields.iter().position(|(known, _)| known.eq_ignore_ascii_case(name)) {
            reader.problems.push(
                Diagnostic::error(Code::DuplicateKey, format!("the header {} is given twice", literal(name)))
                    .at(entry.key.span, "names of headers are equal in any case")
                    .at(spans[first], "the first")
                    .help("write one, with a list of values if the header is to be repeated"),
            );
            continue;
        }
        let subject = format!("the header {}", literal(name));
        fields.push((name.clone(), values(reader, &entry.value, &subject)));
        spans.push(entry.key.span);
    }
    fields
}

fn values(reader: &mut Reader, node: &Node, subject: &str) -> Vec<String> {
    match &node.value {
        Value::List(items) if items.is_empty() => {
            reader.wrong(node, subject, "text or a list of texts", "");
            Vec::new()
        }
        Value::List(items) => items.iter().filter_map(|item| value(reader, item, subject)).collect(),
        _ => value(reader, node, subject).into_iter().collect(),
    }
}

fn value(reader: &mut Reader, node: &Node, subject: &str) -> Option<String> {
    let text = match &node.value {
        Value::Text(text) => text.clone(),
        // As they are written: nothing is lost by not asking for quotes.
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        _ => {
            let help = if matches!(node.value, Value::Null) { "write `\"\"` for an empty value" } else { "" };
            reader.wrong(node, subject, "text", help);
            return None;
        }
    };
    let bad = text.chars().find(|character| character.is_control() && *character != '\t');
    if let Some(bad) = bad.filter(|_| !is_template(&text)) {
        let what = if bad == '\n' { "a line break".to_owned() } else { literal(&bad.to_string()) };
        let message = format!("{subject} has {what} in its value");
        reader.unusable(node, message, "", "a header is one line; `>-` folds several lines into one");
        return None;
    }
    Some(text)
}

/// Whether a name can be that of a header field which is set by hand; says so if not.
pub(super) fn check_name(reader: &mut Reader, name: &str, span: Span) -> bool {
    let computed = COMPUTED.iter().find(|(computed, _)| computed.eq_ignore_ascii_case(name));
    let problem = if let Some((_, how)) = computed {
        Diagnostic::error(Code::WrongValue, format!("the header {} can't be set by hand", literal(name)))
            .at(span, *how)
            .help("delete the line")
    } else if is_token(name) {
        return true;
    } else {
        Diagnostic::error(Code::WrongValue, format!("{} is not a header name", literal(name)))
            .at(span, why_no_token(name))
            .help("a name is made of letters, digits and `-`")
    };
    reader.problems.push(problem);
    false
}

/// [`check_name`] for the keys of `expect.headers`, where any field may be asked for.
pub(super) fn check_answer_name(reader: &mut Reader, key: &Key) -> bool {
    let fine = is_token(&key.text);
    if !fine {
        reader.problems.push(
            Diagnostic::error(Code::WrongValue, format!("{} is not a header name", literal(&key.text)))
                .at(key.span, why_no_token(&key.text)),
        );
    }
    fine
}

/// Whether a text is a token (RFC 9110, section 5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token_character)
}

fn is_token_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

/// What keeps a text from being a token.
pub(super) fn why_no_token(text: &str) -> String {
    match text.chars().find(|character| !is_token_character(*character)) {
        None => "it is empty".to_owned(),
        Some(' ') => "it contains a blank".to_owned(),
        Some(character) => format!("it contains {}", literal(&character.to_string())),
    }
}
