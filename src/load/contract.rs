//! `contract` → [`ContractUse`], and the OpenAPI documents that are named so: each is read once,
//! whatever names it, and what is wrong in it is shown there.

use std::sync::Arc;

use indexmap::IndexMap;

use super::locate::Owner;
use super::reader::{Reader, Shape, meant_boolean};
use super::suite::Suite;
use super::yaml::{self, Node, Value};
use crate::contract::{Contract, Mistake};
use crate::diag::pointer::join;
use crate::diag::{Code, Diagnostic, Span, literal};
use crate::limits;
use crate::spec::{ContractOf, ContractUse, Request};

const CONTRACT: Shape = Shape { what: "`contract`", keys: &["file", "requests"] };

/// Most mistakes shown of one document.
const MISTAKES: usize = 20;

/// Reads `contract`.
pub(super) fn contract(reader: &mut Reader, node: &Node) -> ContractUse {
    match &node.value {
        Value::Bool(false) => ContractUse::Off,
        Value::Text(text) if meant_boolean(text).is_none() => {
            let file = reader.fixed(node, "`contract`");
            file.map_or(ContractUse::Unsaid, |file| ContractUse::On { file: Some(file), requests: None })
        }
        Value::Map(_) => {
            let Some(fields) = reader.fields(node, &CONTRACT) else { return ContractUse::Unsaid };
            ContractUse::On {
                file: fields.get("file").and_then(|node| reader.fixed(node, "`file`")),
                requests: fields.get("requests").and_then(|node| reader.boolean(node, "`requests`")),
            }
        }
        _ => {
            let form = "the path of an OpenAPI document, `{file, requests}`, or `false`";
            let help = node.as_text().and_then(meant_boolean).unwrap_or_default();
            reader.wrong(node, "`contract`", form, &help);
            ContractUse::Unsaid
        }
    }
}

impl Suite {
    /// The contract of a request in an environment: the request's word, before that of the
    /// environment, before that of the suite.
    pub fn contract(&self, request: &Request, environment: &str) -> ContractOf {
        let of_suite = self.file.contract.over(ContractOf::default());
        let environment = self.environments.get(environment).map(|environment| &environment.contract);
        let above = environment.map_or(of_suite.clone(), |environment| environment.over(of_suite));
        request.contract.over(above)
    }
}

/// Reads every document that the suite names.
pub(super) fn read(suite: &mut Suite) -> Vec<Diagnostic> {
    let mut problems = nameless(suite);
    for (file, place) in mentions(suite) {
        match document(suite, &file, place) {
            Ok(contract) => {
                suite.contracts.insert(file, Arc::new(contract));
            }
            Err(found) => problems.extend(found),
        }
    }
    problems
}

/// Whose `contract` is read, and what it says.
fn uses(suite: &Suite) -> impl Iterator<Item = (Owner, &ContractUse)> {
    let requests = suite.requests.values();
    let environments = suite.environments.values();
    std::iter::once((Owner::SuiteFile, &suite.file.contract))
        .chain(environments.map(|own| (Owner::Environment(own.name.clone()), &own.contract)))
        .chain(requests.map(|own| (Owner::Request(own.name.clone()), &own.contract)))
}

/// Each document, and where it is first named.
fn mentions(suite: &Suite) -> IndexMap<String, Option<Span>> {
    let mut mentions = IndexMap::new();
    for (owner, own) in uses(suite) {
        if let Some(file) = own.file() {
            let find = |pointer| suite.locations.find(&owner, pointer);
            let place = find("/contract/file").or_else(|| find("/contract"));
            mentions.entry(file.to_owned()).or_insert(place.map(|place| place.value));
        }
    }
    mentions
}

/// Refuses settings of a contract that no file names.
fn nameless(suite: &Suite) -> Vec<Diagnostic> {
    let is_named = |owner: &Owner| {
        let above = suite.file.contract.file().is_some();
        let beside = suite.environments.values().any(|environment| environment.contract.file().is_some());
        match owner {
            Owner::SuiteFile => false,
            Owner::Environment(_) => above,
            Owner::Request(_) => above || beside,
        }
    };
    let settings = uses(suite)
        .filter(|(owner, own)| matches!(own, ContractUse::On { file: None, .. }) && !is_named(owner));
    let refuse = |(owner, _)| {
        let problem = Diagnostic::error(Code::MissingKey, "`contract` names no document")
            .help("write `contract: {file: openapi.yaml, requests: true}`");
        match suite.locations.find(&owner, "/contract") {
            Some(place) => problem.at(place.key.unwrap_or(place.value), "no `file` here, nor above it"),
            None => problem,
        }
    };
    settings.map(refuse).collect()
}

fn document(suite: &mut Suite, file: &str, mention: Option<Span>) -> Result<Contract, Vec<Diagnostic>> {
    let bytes = suite.root.read_inside(file, limits::CONTRACT_FILE).map_err(|error| {
        let problem = Diagnostic::error(Code::ContractDocument, format!("{} {}", literal(file), error.fault))
            .help("paths are relative to the folder that holds `requests/`");
        vec![problem.at(mention, "named here")]
    })?;
    let source = yaml::decode(file.into(), bytes, &mut suite.sources).map_err(|problem| vec![problem])?;
    let text = suite.sources.text(source);
    let documents = yaml::read_within(source, text, limits::CONTRACT_NODES);
    if !documents.problems.is_empty() {
        return Err(some(documents.problems));
    }
    let [node] = documents.nodes.as_slice() else {
        let problem = Diagnostic::error(Code::ContractDocument, "this file is no OpenAPI document")
            .at(Span::new(source, 0, 0), "one YAML or JSON document was expected");
        return Err(vec![problem]);
    };
    let lines = Lines::of(text);
    let line = |pointer: &str| Some(lines.line(place(node, pointer)?.start));
    let read = Contract::read(file, node.to_json(), &line);
    read.map_err(|mistakes| some(mistakes.iter().map(|mistake| told(mistake, node)).collect()))
}

fn told(mistake: &Mistake, node: &Node) -> Diagnostic {
    let problem = Diagnostic::error(Code::ContractDocument, mistake.message.clone())
        .at(nearest(node, &mistake.pointer), "");
    mistake.help.iter().fold(problem, |problem, help| problem.help(help.clone()))
}

/// The first of them.
fn some(mut problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let more = problems.len().saturating_sub(MISTAKES);
    if more > 0 {
        problems.truncate(MISTAKES);
        if let Some(last) = problems.last_mut() {
            last.help.push(format!("there are {more} more mistakes in this document"));
        }
    }
    problems
}

/// The place of the value at a pointer: of a map or list, of the key before it.
fn place(node: &Node, pointer: &str) -> Option<Span> {
    let (span, is_exact) = along(node, pointer);
    is_exact.then_some(span)
}

/// The place of the value, or of the nearest one around it.
fn nearest(node: &Node, pointer: &str) -> Span {
    along(node, pointer).0
}

/// Follows a pointer as far as it leads, and tells whether that was to its end.
fn along(node: &Node, pointer: &str) -> (Span, bool) {
    let (mut node, mut span) = (node, node.span);
    for segment in pointer.split('/').skip(1) {
        let step = match &node.value {
            Value::Map(entries) => {
                let found = entries.iter().find(|entry| is_segment(&entry.key.text, segment));
                found.map(|entry| (&entry.value, entry.key.span))
            }
            Value::List(items) => {
                let found = segment.parse().ok().and_then(|index: usize| items.get(index));
                found.map(|value| (value, value.span))
            }
            _ => None,
        };
        let Some((value, place)) = step else { return (span, false) };
        let is_scalar = !matches!(value.value, Value::Map(_) | Value::List(_));
        (node, span) = (value, if is_scalar { value.span } else { place });
    }
    (span, true)
}

fn is_segment(key: &str, segment: &str) -> bool {
    key == segment || join("", key)[1..] == *segment
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at).collect())
    }

    /// The line of a byte, counted from 1.
    fn line(&self, at: u32) -> usize {
        self.0.partition_point(|newline| *newline < at as usize) + 1
    }
}
