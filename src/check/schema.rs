//! `expect.schema`: a JSON Schema that the body must satisfy.
//!
//! A schema may refer to others in the suite, and to nothing else: a check that needs the network
//! would pass today and fail tomorrow.

use std::error::Error as _;
use std::fmt::Write as _;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Retrieve, Uri, ValidationError, Validator};
use serde_json::Value;

use super::Outcome;
use super::expect::unreadable;
use crate::diag::{Code, pointer};
use crate::files::Root;
use crate::json::{excerpt, path_of};
use crate::limits;
use crate::secret::Redactor;
use crate::select::{Subject, Unreadable};

/// Before the path of a schema in the suite, where its identity as a URI is needed.
const IN_SUITE: &str = "suite:///";

/// A schema that was read and found good.
#[derive(Debug)]
pub struct Schema {
    file: String,
    validator: Validator,
}

/// Why a schema can't be used: the rest of a sentence that begins with the file's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SchemaError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Schema {
    /// Reads a schema of the suite, JSON or YAML, and every schema that it refers to.
    pub fn read(root: &Root, file: &str) -> Result<Self, SchemaError> {
        let written = document(root, file)?;
        let validator = jsonschema::options()
            .with_base_uri(format!("{IN_SUITE}{file}"))
            .with_retriever(InSuite(root.clone()))
            .should_validate_formats(true)
            .build(&written)
            .map_err(|error| unusable(&error))?;
        Ok(Self { file: file.to_owned(), validator })
    }

    /// Everything in the body that is not as the schema says, or that it all is.
    pub fn judge(&self, subject: &Subject<'_>, redactor: &Redactor) -> Vec<Outcome> {
        let body = match subject.json() {
            Ok(body) => body,
            Err(error) => {
                let unread = Unreadable::NotJson(error.clone());
                let (code, got) = unreadable(&unread, Code::ExpectSchema, redactor);
                return vec![self.outcome(code, false, "$", got)];
            }
        };
        let mut errors = self.validator.iter_errors(body);
        let mut outcomes: Vec<Outcome> = errors
            .by_ref()
            .take(limits::SCHEMA_ERRORS)
            .map(|error| {
                let got = format!("wrong: {}", excerpt(error.to_string().as_bytes(), redactor));
                self.outcome(Code::ExpectSchema, false, &path_of(error.instance_path().as_str()), got)
            })
            .collect();
        let more = errors.count();
        if let (true, Some(last)) = (more > 0, outcomes.last_mut()) {
            let _ = write!(last.got, "; {more} more differ from the schema");
        }
        if outcomes.is_empty() {
            outcomes.push(self.outcome(Code::ExpectSchema, true, "$", "as it says".into()));
        }
        outcomes
    }

    fn outcome(&self, code: Code, held: bool, selector: &str, got: String) -> Outcome {
        Outcome {
            pointer: pointer(["expect", "schema"]),
            code,
            held,
            selector: selector.to_owned(),
            wanted: format!("what `{}` says", self.file),
            got,
        }
    }
}

/// Says in our words why a schema is none.
fn unusable(error: &ValidationError<'_>) -> SchemaError {
    let message = if let ValidationErrorKind::Referencing(reference) = error.kind() {
        match reference.source() {
            Some(cause) => format!("refers to another schema: {cause}"),
            None => format!("refers to what is not there: {reference}"),
        }
    } else {
        // What is judged here is the schema, by the schema of schemas.
        let place = path_of(error.instance_path().as_str());
        format!("is not a JSON Schema: at `{place}`, {error}")
    };
    SchemaError { message, help: None }
}

/// Schemas that others refer to.
struct InSuite(Root);

impl Retrieve for InSuite {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let whole = uri.as_str();
        let Some(file) = whole.strip_prefix(IN_SUITE) else {
            return Err(format!("`{whole}` is not in the suite, and nothing is fetched").into());
        };
        document(&self.0, file).map_err(|error| format!("`{file}` {error}").into())
    }
}

fn document(root: &Root, file: &str) -> Result<Value, SchemaError> {
    let unusable =
        |message: String, help: Option<&str>| SchemaError { message, help: help.map(str::to_owned) };
    let bytes = root.read_inside(file, limits::SCHEMA_FILE).map_err(|error| {
        let help = "paths are relative to the folder that holds `requests/`";
        unusable(error.fault.to_string(), Some(help))
    })?;
    let extension = file.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    if matches!(extension.as_deref(), Some("yaml" | "yml")) {
        let read: Result<Value, _> = serde_yaml::from_slice(&bytes);
        return read.map_err(|error| {
            let place = error.location().map_or_else(String::new, |at| format!(" at line {}", at.line()));
            unusable(format!("is not YAML{place}"), None)
        });
    }
    crate::json::parse(&bytes).map_err(|error| unusable(format!("is not JSON: {error}"), None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{Existing, Mode};
    use crate::message::Answer;

    fn judged(schema: &str, body: &'static str) -> Vec<(String, bool, String)> {
        let folder = tempfile::tempdir().unwrap();
        let id = "type: integer\nminimum: 9007199254740993\n";
        for (name, text) in [("schema.json", schema), ("id.yaml", id)] {
            let path = folder.path().join(name);
            crate::files::write(&path, text.as_bytes(), Mode::Shared, Existing::Keep).unwrap();
        }
        let root = Root::open(folder.path()).unwrap();
        let schema = Schema::read(&root, "schema.json").unwrap();
        let answer = Answer {
            status: 200,
            version: "HTTP/1.1".into(),
            headers: crate::message::Headers::new(),
            body: body.into(),
        };
        let outcomes = schema.judge(&Subject::new(&answer), &Redactor::default());
        outcomes.into_iter().map(|outcome| (outcome.selector, outcome.held, outcome.got)).collect()
    }

    #[test]
    fn a_body_is_judged_with_every_digit_and_each_mistake_at_its_place() {
        let schema =
            r#"{"properties": {"items": {"items": {"$ref": "id.yaml"}}, "a b": {"type": "string"}}}"#;
        let good = judged(schema, r#"{"items": [9007199254740993]}"#);
        assert_eq!(good, [("$".into(), true, "as it says".into())]);
        let wrong = judged(schema, r#"{"items": [9007199254740992, "x"], "a b": 1}"#);
        let places: Vec<_> = wrong.iter().map(|(place, held, _)| (place.as_str(), *held)).collect();
        assert!(places.contains(&("$.items[0]", false)), "{wrong:?}");
        assert!(places.contains(&("$.items[1]", false)), "{wrong:?}");
        assert!(places.contains(&("$['a b']", false)), "{wrong:?}");
    }
}
