//! The schemas of a document, each compiled once and when it is first needed: a document of a bank
//! has hundreds, and a run uses a few.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Registry, ValidationError, Validator};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::dialect::Dialect;
use super::walk::schema_roots;
use super::{Mistake, Version, Way};
use crate::json::path_of;
use crate::limits;

/// The document's identity as a URI, which references need. It is never asked for.
const DOCUMENT: &str = "contract:///document";
/// The same of the schemas that only refer into it.
const ENTRY: &str = "contract:///entry";
/// What a URI's fragment can't hold (RFC 3986, section 3.5).
const FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The schemas of one way of messages.
#[derive(Debug)]
pub(super) struct Schemas {
    version: Version,
    way: Way,
    registry: OnceLock<Result<Registry<'static>, String>>,
    compiled: BTreeMap<String, OnceLock<Result<Validator, String>>>,
}

/// What is wrong with a value.
#[derive(Debug)]
pub(super) struct Wrong {
    /// Where, as a JSONPath.
    pub(super) path: String,
    pub(super) message: String,
}

impl Schemas {
    /// The schemas at these pointers.
    pub(super) fn new(version: Version, way: Way, pointers: Vec<String>) -> Self {
        let compiled = pointers.into_iter().map(|pointer| (pointer, OnceLock::new())).collect();
        Self { version, way, registry: OnceLock::new(), compiled }
    }

    /// What is wrong with a value by the schema at a pointer of the document, or why that can't be
    /// told.
    pub(super) fn judge(&self, document: &Value, pointer: &str, value: &Value) -> Result<Vec<Wrong>, String> {
        let Some(slot) = self.compiled.get(pointer) else { return Ok(Vec::new()) };
        let validator =
            slot.get_or_init(|| self.compile(document, pointer)).as_ref().map_err(Clone::clone)?;
        let mut errors = validator.iter_errors(value);
        let mut wrong: Vec<Wrong> =
            errors.by_ref().take(limits::SCHEMA_ERRORS).map(|error| explained(&error, self.way)).collect();
        let more = errors.count();
        if let (true, Some(last)) = (more > 0, wrong.last_mut()) {
            last.message = format!("{}; {more} more differ from the schema", last.message);
        }
        Ok(wrong)
    }

    fn compile(&self, document: &Value, pointer: &str) -> Result<Validator, String> {
        let registry = self.registry.get_or_init(|| {
            let document = translated(Dialect { document, version: self.version, way: self.way });
            let registry = Registry::new().draft(Draft::Draft202012).add(DOCUMENT, document);
            registry.and_then(jsonschema::RegistryBuilder::prepare).map_err(|error| error.to_string())
        });
        let reference = format!("{DOCUMENT}#{}", utf8_percent_encode(pointer, FRAGMENT));
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_base_uri(ENTRY)
            .with_registry(registry.as_ref().map_err(Clone::clone)?)
            .should_validate_formats(true)
            .build(&json!({ "$ref": reference }))
            .map_err(|error| error.to_string())
    }
}

/// Everything in a document that is no schema and stands where one must.
pub(super) fn check(document: &Value, version: Version) -> Vec<Mistake> {
    let dialect = Dialect { document, version, way: Way::Answer };
    let mut mistakes = Vec::new();
    for root in schema_roots(document) {
        let Some(written) = document.pointer(&root) else { continue };
        let schema = dialect.translated(written.clone());
        let validator = jsonschema::draft202012::meta::validator();
        mistakes.extend(validator.iter_errors(&schema).take(limits::SCHEMA_ERRORS).map(|error| {
            Mistake::new(format!("{root}{}", error.instance_path().as_str()), no_schema(&error))
        }));
    }
    mistakes
}

fn no_schema(error: &ValidationError<'_>) -> String {
    if error.instance_path().as_str().ends_with("/type") {
        return "this is no type: there are string, number, integer, boolean, array and object".to_owned();
    }
    let shown: String = crate::diag::escape(&error.to_string()).chars().take(limits::PHRASE).collect();
    format!("this is no schema: {shown}")
}

/// The document with every schema translated.
fn translated(dialect: Dialect<'_>) -> Value {
    let mut document = dialect.document.clone();
    for root in schema_roots(dialect.document) {
        if let Some(schema) = document.pointer_mut(&root) {
            *schema = dialect.translated(schema.take());
        }
    }
    document
}

/// One mistake in our words. Of alternatives that all fail, the one that fails deepest was meant.
fn explained(error: &ValidationError<'_>, way: Way) -> Wrong {
    let depth = |error: &&ValidationError<'_>| error.instance_path().as_str().len();
    let deepest = match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.iter().flatten().max_by_key(depth).filter(|inner| depth(inner) > depth(&error))
        }
        _ => None,
    };
    if let Some(deepest) = deepest {
        return explained(deepest, way);
    }
    let message = match (error.kind(), way) {
        (ValidationErrorKind::FalseSchema, Way::Answer) => "an answer must not have it".to_owned(),
        (ValidationErrorKind::FalseSchema, Way::Request) => "a request must not have it".to_owned(),
        _ => error.to_string(),
    };
    Wrong { path: path_of(error.instance_path().as_str()), message }
}
