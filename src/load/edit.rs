//! Rules for a snapshot, written into the file of a request, and nothing else in it changed.
//!
//! `yaml-edit` knows where an entry goes and how its neighbours are laid out. It is not believed: what
//! it made must be the old text with one part inserted, must be read by our own reader, and must
//! say exactly what was meant; otherwise the file stays as it is.

mod layout;

use std::str::FromStr;

use serde_json::{Value as Json, json};
use yaml_edit::{AsYaml, Document, Mapping, YamlFile, YamlNode};

use super::locate::Owner;
use super::reader::Reader;
use super::request::request;
use super::suite::Suite;
use super::yaml;
use crate::diag::{Code, Diagnostic, Sources, Span};
use crate::files::{self, Existing, FileError, Mode};
use crate::limits::YAML_FILE;
use crate::snapshot::suggest::{Advice, Written, filter_entry, redact_entry};
use layout::{indented, is_insertion, step};

/// A file that is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// Relative to the suite root.
    pub file: String,
    before: String,
    after: String,
}

/// Why rules were not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unedited {
    /// A sentence without its full stop.
    pub why: String,
    /// Where it can be seen.
    pub place: Option<Span>,
}

/// Adds rules to the `snapshot` of a request: its file as it would be then.
pub fn with_rules(suite: &Suite, name: &str, rules: &[Advice]) -> Result<Edited, Unedited> {
    let owner = Owner::Request(name.to_owned());
    let place = suite.locations.find(&owner, "").ok_or_else(|| Unedited::at(None, "it has no file"))?;
    let known = suite.sources.text(place.value.source);
    let file = suite.sources.path(place.value.source).to_string_lossy().into_owned();
    let read = suite.root.read_text_unlinked(&file, YAML_FILE);
    let before = read.map_err(|error| Unedited::at(None, &error.to_string()))?;
    let (mark, text) = match before.strip_prefix('\u{feff}') {
        Some(text) => ("\u{feff}", text),
        None => ("", before.as_str()),
    };
    if !is_same(known, text) {
        return Err(Unedited::at(None, "its file was changed since it was read"));
    }
    let documents =
        Read::of(&file, text).ok_or_else(|| Unedited::at(None, "its file can't be read again"))?;
    let index = documents.nodes.iter().position(|node| node.span.start == place.value.start);
    let index = index.ok_or_else(|| Unedited::at(None, "its document is not found again"))?;
    let snapshot = suite.locations.find(&owner, "/snapshot").map(|place| place.value);
    let refuse = |why: &str| Unedited::at(snapshot.or(Some(place.value)), why);
    let after = insert(text, (index, step(text, &documents.nodes[index])), rules).map_err(&refuse)?;
    prove(
        (suite, name),
        (&documents, index),
        &Read::of(&file, &after).ok_or_else(|| refuse(NOT_SURE))?,
        rules,
    )
    .ok_or_else(|| refuse(NOT_SURE))?;
    Ok(Edited { after: format!("{mark}{after}"), file, before })
}

/// Where the layout is one that an edit may get wrong.
const NOT_SURE: &str = "its layout leaves no place where the rules could go with nothing else being changed";

impl Unedited {
    fn at(place: Option<Span>, why: &str) -> Self {
        Self { why: why.to_owned(), place }
    }

    /// As a problem of the request.
    pub fn problem(&self, name: &str) -> Diagnostic {
        let message = format!("the rules are not written into the file of `{name}`: {}", self.why);
        Diagnostic::error(Code::RulesNotWritten, message)
            .at(self.place, "")
            .help("paste them yourself: they are printed above")
    }
}

impl Edited {
    /// What the file says then.
    pub fn text(&self) -> &str {
        &self.after
    }

    /// Replaces the file, whole or not at all and with its permissions, unless somebody changed it
    /// meanwhile.
    pub fn write(&self, suite: &Suite) -> Result<(), Unedited> {
        let fail = |error: FileError| Unedited::at(None, &error.to_string());
        let now = suite.root.read_text_unlinked(&self.file, YAML_FILE).map_err(fail)?;
        if now != self.before {
            return Err(Unedited::at(None, "its file was changed meanwhile"));
        }
        let mode = files::read_private(&suite.root.join(&self.file), YAML_FILE).map_err(fail)?.mode;
        if mode.is_some_and(|mode| mode & 0o222 == 0) {
            return Err(Unedited::at(None, "its file may only be read"));
        }
        let mode = mode.map_or(Mode::Shared, Mode::As);
        suite.root.write_inside(&self.file, self.after.as_bytes(), mode, Existing::Replace).map_err(fail)
    }
}

/// Whether a text is the one that was read, of which secrets may have been blanked out.
fn is_same(known: &str, text: &str) -> bool {
    let same = |(known, byte): (u8, u8)| known == byte || known == b'*';
    known.len() == text.len() && known.bytes().zip(text.bytes()).all(same)
}

/// The documents of a file.
struct Read {
    sources: Sources,
    nodes: Vec<yaml::Node>,
}

impl Read {
    fn of(file: &str, text: &str) -> Option<Self> {
        let mut sources = Sources::default();
        let source = sources.add(file, text);
        let documents = yaml::read(source, text);
        documents.problems.is_empty().then_some(Self { sources, nodes: documents.nodes })
    }
}

/// The text with every rule in it, one after the other.
fn insert(text: &str, (document, step): (usize, usize), rules: &[Advice]) -> Result<String, &'static str> {
    let mut whole = text.to_owned();
    for rule in rules {
        let edited = indented(&whole, &inserted(&whole, (document, step), rule)?, step);
        if !is_insertion(&whole, &edited) {
            return Err(NOT_SURE);
        }
        whole = edited;
    }
    Ok(whole)
}

fn inserted(text: &str, (document, step): (usize, usize), rule: &Advice) -> Result<String, &'static str> {
    let file = YamlFile::from_str(text).map_err(|_| NOT_SURE)?;
    let root = file.documents().nth(document).and_then(|document| document.as_mapping()).ok_or(NOT_SURE)?;
    let list = match rule {
        Advice::Redact { .. } => "redact",
        Advice::Filter { .. } => "filters",
    };
    let snapshot = value(&root, "snapshot")?;
    // `snapshot: true` says the same as a map that says nothing.
    let Some(snapshot) = snapshot.as_ref().and_then(YamlNode::as_mapping) else {
        let entry = lines(rule, written_in(&[&root]), 2 * step);
        add(&root, &format!("snapshot:\n{}{list}:\n{entry}", " ".repeat(step)))?;
        return Ok(file.to_string());
    };
    let known = value(snapshot, list)?;
    let known = known.as_ref().map(|node| (node.as_mapping(), node.as_sequence()));
    match known {
        None => add(snapshot, &format!("{list}:\n{}", lines(rule, written_in(&[&root, snapshot]), step)))?,
        Some((Some(known), _)) => add(known, &lines(rule, written_in(&[&root, snapshot, known]), 0))?,
        Some((None, Some(known))) => known.push(item(&lines(rule, Written::Block, 0))?),
        Some((None, None)) => return Err(NOT_SURE),
    }
    Ok(file.to_string())
}

fn value(map: &Mapping, key: &str) -> Result<Option<YamlNode>, &'static str> {
    match map.get(key) {
        Some(node) if node.is_alias() => Err(ALIAS),
        node => Ok(node),
    }
}

/// How an entry of the last of these maps is written, which lie in each other.
fn written_in(maps: &[&Mapping]) -> Written {
    if maps.iter().any(|map| map.is_flow_style()) { Written::Flow } else { Written::Block }
}

const ALIAS: &str = "its `snapshot` is an alias, and what it stands for may be used elsewhere";

/// A rule as an entry or item, with this indentation.
fn lines(rule: &Advice, written: Written, indentation: usize) -> String {
    let blanks = " ".repeat(indentation);
    match rule {
        Advice::Redact { selector, rule } => {
            let (key, value) = redact_entry(selector, rule, written);
            format!("{blanks}{key}: {value}\n")
        }
        Advice::Filter { pattern, replacement } => {
            format!("{blanks}- {}\n", filter_entry(pattern, replacement))
        }
    }
}

/// Adds the only entry of a text to a map.
fn add(map: &Mapping, entry: &str) -> Result<(), &'static str> {
    let document = Document::from_str(entry).map_err(|_| NOT_SURE)?;
    let entry = document.as_mapping().and_then(|map| map.entries().next()).ok_or(NOT_SURE)?;
    let (key, value) = (entry.key_node().ok_or(NOT_SURE)?, entry.value_node().ok_or(NOT_SURE)?);
    map.set(key, value);
    Ok(())
}

fn item(text: &str) -> Result<impl AsYaml, &'static str> {
    let document = Document::from_str(text).map_err(|_| NOT_SURE)?;
    document.as_sequence().and_then(|list| list.get(0)).ok_or(NOT_SURE)
}

/// Whether the file says what it said, and the request's rules beside it.
fn prove(
    (suite, name): (&Suite, &str),
    (before, index): (&Read, usize),
    after: &Read,
    rules: &[Advice],
) -> Option<()> {
    let said = |read: &Read| read.nodes.iter().map(yaml::Node::to_json).collect::<Vec<_>>();
    let mut wanted = said(before);
    wanted[index] = with(wanted[index].clone(), rules)?;
    let told = said(after);
    // As text: the order of keys and the spelling of numbers count.
    let as_text = |documents: &[Json]| documents.iter().map(Json::to_string).collect::<Vec<_>>();
    if as_text(&wanted) != as_text(&told) {
        return None;
    }
    let mut reader = Reader::new(&after.sources);
    let known = &suite.requests[name];
    let written = request(&mut reader, &after.nodes[index], &known.id)?;
    let mut settings = known.snapshot.clone()?;
    for rule in rules {
        rule.add_to(&mut settings);
    }
    let meant = written.snapshot.over(suite.file.defaults.snapshot.as_ref());
    (reader.problems.is_empty() && meant == Some(settings)).then_some(())
}

/// A document with the rules in it.
fn with(mut document: Json, rules: &[Advice]) -> Option<Json> {
    for rule in rules {
        let snapshot = document.as_object_mut()?.entry("snapshot").or_insert(Json::Bool(true));
        if *snapshot == Json::Bool(true) {
            *snapshot = json!({});
        }
        let snapshot = snapshot.as_object_mut()?;
        match rule {
            Advice::Redact { selector, .. } => {
                let (key, value) = (selector.clone(), value_of(rule)?);
                snapshot.entry("redact").or_insert(json!({})).as_object_mut()?.insert(key, value);
            }
            Advice::Filter { .. } => {
                snapshot.entry("filters").or_insert(json!([])).as_array_mut()?.push(value_of(rule)?);
            }
        }
    }
    Some(document)
}

/// What our own reader makes of a rule.
fn value_of(rule: &Advice) -> Option<Json> {
    let mut read = Read::of("", &lines(rule, Written::Flow, 0))?;
    match read.nodes.pop()?.to_json() {
        Json::Array(items) => items.into_iter().next(),
        Json::Object(entries) => entries.into_iter().next().map(|(_, value)| value),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => None,
    }
}

#[cfg(test)]
mod tests;
