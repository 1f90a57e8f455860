//! `expect` and `capture`: statuses, matchers, selectors.

use indexmap::IndexMap;

use super::answer_signature::answer_signature;
use super::decoded;
use super::duration::duration;
use super::headers::check_answer_name;
use super::reader::{Fields, Reader, Shape, meant_boolean};
use super::yaml::{Entry, Key, Node, Value};
use crate::diag::{Code, Diagnostic, did_you_mean, literal};
use crate::select::{Matcher, Operator, Selector, Test};
use crate::spec::{Capture, Expect, StatusPattern};

const EXPECT: Shape =
    Shape { what: "`expect`", keys: &["status", "headers", "body", "schema", "signature", "within"] };
const CAPTURE: Shape = Shape { what: "a capture", keys: &["select", "secret", "default"] };

/// Reads `expect`.
pub(super) fn expect(reader: &mut Reader, node: &Node) -> Expect {
    let Some(fields) = reader.fields(node, &EXPECT) else { return Expect::default() };
    let mut expect = matched(reader, &fields);
    expect.schema = fields.get("schema").and_then(|node| schema(reader, node));
    expect.signature = fields.get("signature").and_then(|node| answer_signature(reader, node));
    expect.within = fields.get("within").and_then(|node| duration(reader, node, "`within`"));
    expect
}

/// The part of an expectation that `until` has too.
pub(super) fn matched(reader: &mut Reader, fields: &Fields<'_>) -> Expect {
    let mut expect = Expect::default();
    if let Some(node) = fields.get("status") {
        expect.status = statuses(reader, node);
    }
    if let Some(node) = fields.get("headers") {
        for entry in reader.map(node, "`headers`", "").unwrap_or_default() {
            if let (true, Some(matcher)) = (check_answer_name(reader, &entry.key), matcher(reader, entry)) {
                expect.headers.push((entry.key.text.clone(), matcher));
            }
        }
    }
    if let Some(node) = fields.get("body") {
        let help = "write `$: VALUE` for the whole body, `$.path: VALUE` for a part";
        for entry in reader.map(node, "`body`", help).unwrap_or_default() {
            if let (true, Some(matcher)) = (check_key(reader, &entry.key), matcher(reader, entry)) {
                expect.body.push((entry.key.text.clone(), matcher));
            }
        }
    }
    expect
}

/// The path of a schema: it is read before any template could be filled.
fn schema(reader: &mut Reader, node: &Node) -> Option<String> {
    if matches!(node.value, Value::Map(_)) {
        let help =
            "write the schema into a file of the suite, and name that: `schema: schemas/greeting.json`";
        reader.wrong(node, "`schema`", "the path of a JSON Schema", help);
        return None;
    }
    reader.fixed(node, "`schema`")
}

fn statuses(reader: &mut Reader, node: &Node) -> Vec<StatusPattern> {
    match &node.value {
        Value::List(items) if !items.is_empty() => {
            items.iter().filter_map(|item| status(reader, item)).collect()
        }
        _ => status(reader, node).into_iter().collect(),
    }
}

fn status(reader: &mut Reader, node: &Node) -> Option<StatusPattern> {
    if let Some(pattern) = status_pattern(&node.value) {
        return Some(pattern);
    }
    let written = written(&node.value);
    let digits: String = written.chars().take_while(char::is_ascii_digit).collect();
    let help = match digits.len() {
        3 if matches!(node.value, Value::Text(_)) => format!("write `{digits}`"),
        1 if written.len() == 3 => format!("write `\"{digits}xx\"`"),
        _ => String::new(),
    };
    reader.wrong(node, "`status`", "a number like `200`, a list of them, or a class like `\"2xx\"`", &help);
    None
}

/// The status, or class of them, that a value is.
pub(super) fn status_pattern(value: &Value) -> Option<StatusPattern> {
    let written = written(value);
    let code = written.parse::<u16>().ok().filter(|code| (100..600).contains(code) && written.len() == 3);
    let class = written.strip_suffix("xx").and_then(|class| class.parse::<u8>().ok());
    match (code, class, value) {
        (Some(code), _, Value::Number(_)) => Some(StatusPattern::Code(code)),
        (_, Some(class @ 1..=5), _) if written.len() == 3 => Some(StatusPattern::Class(class)),
        _ => None,
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
        _ => String::new(),
    }
}

/// Reads a matcher: a literal, or a map of operators.
fn matcher(reader: &mut Reader, entry: &Entry) -> Option<Matcher> {
    let node = &entry.value;
    let entries = match &node.value {
        Value::Broken => return None,
        Value::Null if node.span.start == node.span.end => {
            let subject = literal(&entry.key.text);
            let diagnostic =
                Diagnostic::error(Code::WrongValue, format!("{subject} is compared with nothing"))
                    .at(entry.key.span, "no value behind it")
                    .help("write `null` if null is expected, `{exists: true}` if anything is");
            reader.report(node, diagnostic);
            return None;
        }
        Value::Map(entries) => entries,
        _ => return Some(Matcher(vec![Test { operator: Operator::Equals, operand: node.to_json() }])),
    };
    if entries.is_empty() {
        reader.unusable(
            node,
            "an empty map tests nothing",
            "",
            "write `{equals: {}}` if an empty map is expected",
        );
        return None;
    }
    let is_operator = |entry: &&Entry| Operator::parse(&entry.key.text).is_some();
    if entries.iter().any(|entry| is_operator(&entry)) {
        return operators(reader, entries);
    }
    let near =
        entries.iter().find_map(|entry| Some((entry, did_you_mean(&entry.key.text, Operator::names())?)));
    if let Some((entry, meant)) = near {
        reader.problems.push(
            Diagnostic::error(Code::UnknownKey, format!("there is no operator {}", literal(&entry.key.text)))
                .at(entry.key.span, format!("did you mean `{meant}`?"))
                .help("if the map itself is expected, write it below `equals:`"),
        );
        return None;
    }
    Some(Matcher(vec![Test { operator: Operator::Equals, operand: node.to_json() }]))
}

fn operators(reader: &mut Reader, entries: &[Entry]) -> Option<Matcher> {
    let mut tests = Vec::new();
    let before = reader.problems.len();
    for entry in entries {
        let name = entry.key.text.as_str();
        if let Some(operator) = Operator::parse(name) {
            let test = Test { operator, operand: entry.value.to_json() };
            if operator.is_nested() {
                // Its own mistakes are told at their own place.
                let _ = matcher(reader, entry);
            } else if let Err(error) = test.validate() {
                let written = entry.value.as_text().filter(|_| operator == Operator::Exists);
                let help = error.help.or_else(|| written.and_then(meant_boolean));
                reader.unusable(&entry.value, error.message, "", &help.unwrap_or_default());
            }
            tests.push(test);
        } else {
            not_an_operator(reader, &entry.key, entries);
        }
    }
    (reader.problems.len() == before).then_some(Matcher(tests))
}

fn not_an_operator(reader: &mut Reader, key: &Key, entries: &[Entry]) {
    let name = literal(&key.text);
    let names = Operator::names();
    let operator = entries.iter().map(|entry| &entry.key).find(|key| Operator::parse(&key.text).is_some());
    let mut diagnostic = Diagnostic::error(Code::UnknownKey, format!("{name} is not an operator"));
    diagnostic = match did_you_mean(&key.text, names) {
        Some(meant) => diagnostic.at(key.span, format!("did you mean `{meant}`?")),
        None => diagnostic.at(key.span, "not an operator"),
    };
    if let Some(operator) = operator {
        diagnostic = diagnostic.at(operator.span, "this is one, so the map is read as operators");
    }
    reader.problems.push(diagnostic.help("if the map itself is expected, write it below `equals:`"));
}

/// Checks a selector that is a key.
pub(super) fn check_key(reader: &mut Reader, key: &Key) -> bool {
    let Err(error) = Selector::parse(&key.text) else { return true };
    let span = decoded::inside(key.span, key.style, error.range, reader.sources);
    let diagnostic = Diagnostic::error(Code::Selector, error.message).at(span, "");
    reader.problems.push(error.help.into_iter().fold(diagnostic, Diagnostic::help));
    false
}

/// Checks a selector that is a value.
fn check_value(reader: &mut Reader, node: &Node, source: &str) {
    if let Err(error) = Selector::parse(source) {
        let span = decoded::inside(node.span, node.style, error.range, reader.sources);
        let diagnostic = Diagnostic::error(Code::Selector, error.message).at(span, "");
        reader.report(node, error.help.into_iter().fold(diagnostic, Diagnostic::help));
    }
}

/// Reads `capture`: name → selector, or a map with it.
pub(super) fn captures(reader: &mut Reader, node: &Node) -> IndexMap<String, Capture> {
    let mut captures = IndexMap::new();
    for entry in reader.map(node, "`capture`", "write `name: $.path`").unwrap_or_default() {
        let name = &entry.key.text;
        if name == "response" || name.trim().is_empty() {
            let message = format!("a capture can't be named {}", literal(name));
            let label =
                if name == "response" { "templates find the whole answer under this name" } else { "" };
            reader.problems.push(Diagnostic::error(Code::WrongValue, message).at(entry.key.span, label));
            continue;
        }
        if let Some(capture) = capture(reader, &entry.value) {
            captures.insert(name.clone(), capture);
        }
    }
    captures
}

fn capture(reader: &mut Reader, node: &Node) -> Option<Capture> {
    let mut capture = Capture { select: String::new(), secret: false, default: None };
    let selector = match &node.value {
        Value::Map(_) => {
            let fields = reader.fields(node, &CAPTURE)?;
            if let Some(node) = fields.get("secret") {
                capture.secret = reader.boolean(node, "`secret`")?;
            }
            capture.default = fields.get("default").map(Node::to_json);
            fields.required("select", "select: $.path", reader)?
        }
        Value::Text(_) => node,
        _ => {
            reader.wrong(node, "a capture", "a selector such as `$.access_token`, or `{select: …}`", "");
            return None;
        }
    };
    capture.select = reader.text(selector, "`select`")?;
    check_value(reader, selector, &capture.select);
    Some(capture)
}
