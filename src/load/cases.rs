//! `cases`: rows written out, or those of a data file.
//!
//! A data file is data: its text is never a template, and CSV has nothing but text. It is read
//! with the suite, so that a row that can't be used is found before anything is sent.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::names::folded;
use super::reader::{Reader, Shape};
use super::values::variable_name;
use super::yaml::{Node, Value};
use crate::diag::{Code, Diagnostic, literal};
use crate::limits;
use crate::spec::{Case, Cases};

const CASES: Shape = Shape { what: "`cases`", keys: &["file"] };

/// The key of a row that names it.
pub(super) const NAME: &str = "case";

/// Reads `cases`; the rows of a file are read later.
pub(super) fn cases(reader: &mut Reader, node: &Node) -> Option<Cases> {
    let help = "write `- {amount: 10}` lines, or `{file: data.csv}`";
    match &node.value {
        Value::Map(_) => {
            let fields = reader.fields(node, &CASES)?;
            let file = fields.required("file", "file: data.csv", reader)?;
            let file = reader.fixed(file, "`file`")?;
            Some(Cases { file: Some(file), ..Cases::default() })
        }
        Value::List(items) if items.is_empty() => {
            reader.wrong(node, "`cases`", "a list of at least one row", help);
            None
        }
        Value::List(items) => {
            let rows = items.iter().enumerate().filter_map(|(index, item)| row(reader, item, index));
            let rows: Vec<Case> = rows.collect();
            for (second, first) in same_names(&rows) {
                let message = format!("two cases are called {}", literal(&rows[second].name));
                let place = |index: usize| items.get(index).map_or(node.span, |item| item.span);
                let problem = Diagnostic::error(Code::DuplicateName, message)
                    .at(place(second), "the second")
                    .at(place(first), "the first")
                    .help("give each a `case:` of its own; neither case nor how accents are composed tells them apart");
                reader.report(node, problem);
            }
            Some(Cases { file: None, rows: rows.into() })
        }
        _ => {
            reader.wrong(node, "`cases`", "a list of maps, or `{file: …}`", help);
            None
        }
    }
}

fn row(reader: &mut Reader, node: &Node, index: usize) -> Option<Case> {
    let entries = reader.map(node, "a case", "write `{name: value}`")?;
    let mut case = Case { name: (index + 1).to_string(), values: IndexMap::new() };
    for entry in entries {
        if entry.key.text == NAME {
            case.name = match &entry.value.value {
                Value::Number(number) => number.to_string(),
                _ => reader.fixed(&entry.value, "`case`")?,
            };
        } else if variable_name(reader, entry) {
            case.values.insert(entry.key.text.clone(), entry.value.to_json());
        }
    }
    Some(case)
}

/// Pairs of rows, the second first, whose snapshots some disk would take for one.
pub(super) fn same_names(rows: &[Case]) -> Vec<(usize, usize)> {
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut same = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if let Some(first) = known.insert(folded(&row.name), index) {
            same.push((index, first));
        }
    }
    same
}

/// What is wrong with a data file: a clause that follows its name, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct DataError {
    pub message: String,
    pub help: Option<String>,
}

impl DataError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), help: None }
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}

/// Whether a data file is YAML, which its reader turns into JSON.
pub(super) fn is_yaml(path: &str) -> bool {
    matches!(ending(path).as_deref(), Some("yaml" | "yml"))
}

fn ending(path: &str) -> Option<String> {
    path.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase())
}

/// The rows of a data file of the form that its name ends with.
pub(super) fn data(path: &str, bytes: &[u8]) -> Result<Vec<Case>, DataError> {
    match ending(path).as_deref() {
        Some("csv") => usable(csv(bytes)?),
        Some("json") => usable(json(bytes)?),
        _ => Err(DataError::new("is no data file").help("its name must end in `.csv`, `.json` or `.yaml`")),
    }
}

/// Rows that there may be.
fn usable(rows: Vec<Case>) -> Result<Vec<Case>, DataError> {
    if rows.is_empty() {
        return Err(
            DataError::new("has no rows").help("write at least one, or `skip: true` into the request")
        );
    }
    if rows.len() > limits::CASES {
        let message = format!("has {} rows; there may be {} at most", rows.len(), limits::CASES);
        return Err(DataError::new(message));
    }
    if let Some((second, first)) = same_names(&rows).first() {
        let message = format!(
            "has two rows called {}: rows {} and {}",
            literal(&rows[*second].name),
            first + 1,
            second + 1
        );
        return Err(
            DataError::new(message).help("give each a `case` of its own; case does not tell them apart")
        );
    }
    Ok(rows)
}

fn csv(bytes: &[u8]) -> Result<Vec<Case>, DataError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let header = reader.headers().map_err(|error| of_csv(&error))?.clone();
    for (index, name) in header.iter().enumerate() {
        known_name(name).map_err(|message| DataError::new(format!("has in its first line {message}")))?;
        if header.iter().take(index).any(|before| before == name) {
            return Err(DataError::new(format!("has two columns {}", literal(name))));
        }
    }
    if header.len() == 1 && header.get(0).is_some_and(|only| only.contains([';', '\t'])) {
        return Err(DataError::new("has one column only").help("separate the columns with commas"));
    }
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| of_csv(&error))?;
        let values = header.iter().zip(record.iter());
        rows.push(case(rows.len(), values.map(|(name, value)| (name.to_owned(), value.into()))));
    }
    Ok(rows)
}

fn of_csv(error: &csv::Error) -> DataError {
    let at = error.position().map(|position| format!(" in line {}", position.line())).unwrap_or_default();
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let values = if *len == 1 { "value" } else { "values" };
            DataError::new(format!("has {len} {values}{at}, but its first line names {expected_len}"))
                .help("put values that hold a comma into double quotes")
        }
        csv::ErrorKind::Utf8 { .. } => DataError::new(format!("is not UTF-8 text{at}")),
        _ => DataError::new(format!("can't be read as CSV{at}")),
    }
}

fn json(bytes: &[u8]) -> Result<Vec<Case>, DataError> {
    let value = crate::json::parse(bytes).map_err(|error| DataError::new(format!("is not JSON: {error}")))?;
    of_list(value)
}

/// [`data`] of what a YAML file says.
pub(super) fn of_json(value: Json) -> Result<Vec<Case>, DataError> {
    usable(of_list(value)?)
}

fn of_list(value: Json) -> Result<Vec<Case>, DataError> {
    let form = || DataError::new("is not a list of maps").help("write `[{\"amount\": 10}, …]`");
    let Json::Array(items) = value else { return Err(form()) };
    let mut rows = Vec::new();
    for item in items {
        let Json::Object(members) = item else { return Err(form()) };
        if let Some(message) = members.keys().find_map(|name| known_name(name).err()) {
            return Err(DataError::new(format!("has in row {} {message}", rows.len() + 1)));
        }
        if members.get(NAME).is_some_and(|name| !matches!(name, Json::String(_) | Json::Number(_))) {
            return Err(DataError::new(format!("has in row {} a `case` that is no name", rows.len() + 1)));
        }
        rows.push(case(rows.len(), members));
    }
    Ok(rows)
}

fn case(index: usize, values: impl IntoIterator<Item = (String, Json)>) -> Case {
    let mut values: IndexMap<String, Json> = values.into_iter().collect();
    let name = match values.shift_remove(NAME) {
        Some(Json::String(name)) if !name.trim().is_empty() => name,
        Some(Json::Number(number)) => number.to_string(),
        _ => (index + 1).to_string(),
    };
    Case { name, values }
}

fn known_name(name: &str) -> Result<(), String> {
    if super::values::is_variable_name(name) {
        return Ok(());
    }
    Err(format!("{}, which can't be the name of a variable", literal(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(path: &str, text: &str) -> Result<Vec<String>, String> {
        let rows = data(path, text.as_bytes()).map_err(|error| error.message)?;
        Ok(rows
            .into_iter()
            .map(|row| format!("{} {}", row.name, serde_json::to_string(&row.values).unwrap()))
            .collect())
    }

    #[test]
    fn every_form_of_data_file_gives_the_same_rows() {
        let rows = ["small {\"amount\":\"1.10\"}", "2 {\"amount\":\"20\"}"].map(str::to_owned).to_vec();
        assert_eq!(names("a.csv", "\u{feff}case,amount\nsmall,1.10\n,20\n").unwrap(), rows);
        assert_eq!(
            names("a.json", r#"[{"case": "small", "amount": "1.10"}, {"amount": "20"}]"#).unwrap(),
            rows
        );
    }

    #[test]
    fn a_row_that_cannot_be_used_is_told_with_its_line() {
        for (path, text, expected) in [
            ("a.csv", "a,b\n1,2\n3\n", "has 1 value in line 3, but its first line names 2"),
            ("a.csv", "a,a\n1,2\n", "has two columns `a`"),
            ("a.csv", "a b\n1\n", "has in its first line `a b`, which can't be the name of a variable"),
            ("a.csv", "a\n", "has no rows"),
            ("a.csv", "case\nx\ny\nX\n", "has two rows called `X`: rows 1 and 3"),
            ("a.json", "{}", "is not a list of maps"),
            ("a.txt", "", "is no data file"),
        ] {
            assert_eq!(names(path, text).unwrap_err(), expected);
        }
    }
}
