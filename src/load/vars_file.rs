//! A file of `--vars-file`: one map, name → value, in YAML or JSON. Its values are data and may be
//! of any type; no text in it is a template.

use std::path::Path;

use super::reader::Reader;
use super::yaml::{self, Node};
use super::{Problems, empty, only, secrets, values};
use crate::diag::{Code, Diagnostic, Sources, escape};
use crate::files;
use crate::limits::YAML_FILE;
use crate::spec::{Given, GivenBy};

/// Reads the variables of a file, in its order. Its path is shown as it is named.
pub fn vars_file(path: &Path) -> Result<Vec<Given>, Problems> {
    let mut sources = Sources::default();
    let given = read(path, &mut sources);
    given.map_err(|diagnostics| Problems { diagnostics, sources })
}

fn read(path: &Path, sources: &mut Sources) -> Result<Vec<Given>, Vec<Diagnostic>> {
    let bytes = files::read(path, YAML_FILE).map_err(|error| {
        let message = format!("`{}` {}", escape(&path.to_string_lossy()), error.fault);
        let help = "the path of `--vars-file` is relative to the working directory";
        vec![Diagnostic::error(Code::Unreadable, message).help(help)]
    })?;
    let source = yaml::decode(path.to_owned(), bytes, sources).map_err(|problem| vec![problem])?;
    let documents = yaml::read(source, sources.text(source));
    let mut reader = Reader::new(sources);
    let node = only(&mut reader, &documents);
    if node.is_none() && documents.problems.is_empty() {
        reader.problems.push(empty(source, sources.text(source), "variables such as `amount: 12.50`"));
    }
    let given = node.map(|node| variables(&mut reader, node)).unwrap_or_default();
    let read = reader.done();
    let mut problems = documents.problems;
    problems.extend(read.problems);
    read.secrets.into_iter().for_each(|secret| sources.blank_out(secret));
    if problems.is_empty() { Ok(given) } else { Err(problems) }
}

fn variables(reader: &mut Reader, node: &Node) -> Vec<Given> {
    secrets::note(reader, node);
    let read = values::variables(reader, node, "a file of variables");
    let entries = match &node.value {
        yaml::Value::Map(entries) => entries.as_slice(),
        _ => &[],
    };
    let mut given = Vec::new();
    for (name, value) in read {
        let Some(entry) = entries.iter().find(|entry| entry.key.text == name) else { continue };
        let position = reader.sources.position(entry.key.span);
        let file = reader.sources.path(entry.key.span.source).display();
        let by = GivenBy::File(format!("{file}:{}:{}", position.line, position.column));
        given.push(Given { name, value, by });
    }
    given
}
